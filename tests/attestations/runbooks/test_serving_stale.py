"""What stale answers do against silent servers, and what they do not do against wrong signatures."""

import pytest
from loopback import GOOD, TTL, ask, bind, comes_to, unbound, world, wrong_signer

from attestations.runbooks.settings import SERVE_STALE

pytestmark = pytest.mark.needs("knotd", "knotc", "setpriv", "unbound", "unbound-control", "named", "rndc")
RESOLVERS = {"unbound": unbound, "bind": bind}
SETTINGS = {server: text for server, _, text, _ in SERVE_STALE}
WITHOUT_WAITING = {
    "unbound": SETTINGS["unbound"].replace("  serve-expired-client-timeout: 1800", ""),
    "bind": f"{SETTINGS['bind']} stale-answer-client-timeout 0;",
}
NAME = f"www.{GOOD}"


def is_stale(seen):
    """An old answer has a TTL of its own, longer than the record ever had."""
    return seen.rcode == "NOERROR" and seen.ttl > TTL


def is_refused(seen):
    return seen.rcode == "SERVFAIL"


@pytest.fixture
def start(stack, place):
    """Starts a resolver with these settings, which knows the good zone; returns it and its own world."""

    def start(server, settings):
        own = world(stack, place("w"))
        resolver = RESOLVERS[server](stack, place("r"), own, settings)
        assert ask(resolver.port, NAME).validated
        return resolver, own

    return start


@pytest.mark.parametrize("server", RESOLVERS)
def test_old_answers_bridge_servers_that_are_silent(start, server):
    resolver, own = start(server, SETTINGS[server])
    own.daemon.process.stop()
    assert comes_to(resolver.port, NAME, is_stale)


def test_in_bind_the_option_to_answer_alone_keeps_nothing_to_answer_with(start):
    resolver, own = start("bind", "stale-answer-enable yes;")
    own.daemon.process.stop()
    assert comes_to(resolver.port, NAME, lambda seen: is_refused(seen) or is_stale(seen)).rcode == "SERVFAIL"


@pytest.mark.parametrize("server", RESOLVERS)
@pytest.mark.parametrize("settings", [SETTINGS, WITHOUT_WAITING], ids=["shipped", "without-waiting"])
def test_old_answers_do_not_save_a_zone_whose_signatures_are_wrong(start, server, settings):
    resolver, own = start(server, settings[server])
    own.serve(GOOD, 2, wrong_signer())
    assert comes_to(resolver.port, NAME, is_refused)
    assert [ask(resolver.port, NAME).rcode for _ in range(5)] == ["SERVFAIL"] * 5
