"""The runbook `resolver`, walked at a real Unbound and a real named while a real zone is bogus."""

import dns.flags
import pytest
from loopback import BOGUS, GOOD, PARENT, PATIENCE, ask, bind, unbound

from attestations.operations import bind as rndc
from attestations.operations import unbound as unbound_control
from attestations.runbooks.resolving import runbook
from attestations.runbooks.settings import domain_insecure
from attestations.servers.waiting import wait_until
from attestations.times import Duration

pytestmark = pytest.mark.needs("knotd", "knotc", "setpriv", "unbound", "unbound-control", "named", "rndc")
RESOLVERS = {"unbound": unbound, "bind": bind}
LISTS = {"unbound": unbound_control.list_insecure(), "bind": rndc.nta_dump()}
EXCEPT, END = 3, 6


def is_bogus(resolver, zone=BOGUS):
    return ask(resolver.port, f"long.{zone}").rcode == "SERVFAIL"


def is_excepted(resolver, zone=BOGUS):
    seen = ask(resolver.port, f"long.{zone}")
    return (seen.rcode, seen.validated) == ("NOERROR", False)


def is_validated(resolver, zone=GOOD):
    seen = ask(resolver.port, f"long.{zone}")
    return (seen.rcode, seen.validated) == ("NOERROR", True)


@pytest.fixture(params=RESOLVERS)
def resolver(request, stack, place, world):
    """A resolver that knows already that the zone is bogus."""
    resolver = RESOLVERS[request.param](stack, place(request.param), world)
    assert is_bogus(resolver)
    assert is_validated(resolver)
    return request.param, resolver


def test_step_one_tells_a_failing_validation_from_servers_that_are_silent(resolver):
    _, daemon = resolver
    assert ask(daemon.port, f"www.{BOGUS}").rcode == "SERVFAIL"
    assert ask(daemon.port, f"www.{BOGUS}", flags=dns.flags.CD).rcode == "NOERROR"
    assert ask(daemon.port, BOGUS, "DNSKEY").validated


def test_the_exception_holds_for_the_zone_alone_until_its_end(resolver):
    server, daemon = resolver
    shown = daemon.follow(runbook(BOGUS), EXCEPT, server)
    assert any(BOGUS.rstrip(".") in line for line in shown)
    assert is_excepted(daemon)
    assert is_validated(daemon)

    shown = daemon.follow(runbook(BOGUS), END, server)
    assert not any(BOGUS.rstrip(".") in line for line in shown)
    assert is_bogus(daemon)
    assert is_validated(daemon)


@pytest.mark.parametrize(("resolver", "survives"), [("unbound", False), ("bind", True)], indirect=["resolver"])
def test_an_exception_in_bind_survives_a_restart_and_one_in_unbound_does_not(resolver, survives):
    server, daemon = resolver
    daemon.follow(runbook(BOGUS), EXCEPT, server)
    daemon.restart()
    assert bool(daemon.run(LISTS[server])) is survives
    assert is_excepted(daemon) is survives
    assert is_bogus(daemon) is not survives


@pytest.mark.parametrize("resolver", ["unbound"], indirect=True)
def test_a_reload_of_unbound_forgets_the_exception(resolver):
    server, daemon = resolver
    daemon.follow(runbook(BOGUS), EXCEPT, server)
    daemon.run(("unbound-control", "reload"))
    assert wait_until(lambda: daemon.obeys() or None, PATIENCE)
    assert not daemon.run(LISTS[server])
    assert is_bogus(daemon)


@pytest.mark.parametrize("resolver", ["unbound"], indirect=True)
def test_insecure_add_alone_leaves_what_unbound_has_found_to_be_bogus(resolver):
    _, daemon = resolver
    daemon.run(unbound_control.insecure_add(BOGUS))
    assert is_bogus(daemon)
    daemon.run(unbound_control.flush_zone(BOGUS))
    assert is_excepted(daemon)


@pytest.mark.parametrize(("anchor", "excepted"), [(PARENT, True), (BOGUS, False)])
def test_domain_insecure_helps_under_an_anchor_at_the_parent_and_not_under_one_at_the_zone(
    stack, place, world, anchor, excepted
):
    daemon = unbound(stack, place("u"), world, domain_insecure(BOGUS), anchor)
    assert is_excepted(daemon) is excepted
    assert is_bogus(daemon) is not excepted


@pytest.mark.parametrize(("zone", "excepted"), [(BOGUS, True), (PARENT, False)])
def test_in_bind_an_anchor_at_the_zone_gives_way_to_an_exception_there_and_not_to_one_above(
    stack, place, world, zone, excepted
):
    daemon = bind(stack, place("b"), world, anchor=BOGUS)
    assert is_bogus(daemon)
    daemon.follow(runbook(zone), EXCEPT, "bind")
    assert is_excepted(daemon) is excepted
    assert is_bogus(daemon) is not excepted


def test_without_a_flush_answers_taken_without_validation_outlive_the_exception_in_unbound(stack, place, world):
    daemon = unbound(stack, place("u"), world)
    daemon.run(unbound_control.insecure_add(BOGUS))
    assert is_excepted(daemon)
    daemon.run(unbound_control.insecure_remove(BOGUS))
    assert is_excepted(daemon)
    daemon.run(unbound_control.flush_zone(BOGUS))
    assert is_bogus(daemon)


def test_bind_validates_what_it_took_without_validation_as_soon_as_the_exception_ends(stack, place, world):
    daemon = bind(stack, place("b"), world)
    daemon.run(rndc.nta(BOGUS, Duration.parse("1h")))
    assert is_excepted(daemon)
    daemon.run(rndc.nta_remove(BOGUS))
    assert is_bogus(daemon)
