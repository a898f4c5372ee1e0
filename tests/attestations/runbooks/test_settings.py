"""Every setting on the pages goes through the checker of its own server, and the wrong ones show what they do."""

import pytest
from loopback import BOGUS, EXPIRED, GOOD, ask, bind, unbound

from attestations.records import ZoneName
from attestations.runbooks.settings import SERVE_STALE, domain_insecure, wrong_settings
from attestations.tool import run_tool

RESOLVERS = {"unbound": unbound, "bind": bind}
WRONG = wrong_settings(BOGUS)
ZONE = ZoneName.parse("example.")


def is_statement(setting):
    """Return whether a setting of BIND stands outside of its options."""
    return setting.startswith("trust-anchors")


def accepts(server, text, folder):
    """Return whether a server's own checker lets a setting pass."""
    file = folder / "checked.conf"
    checker = {"unbound": "unbound-checkconf", "bind": "named-checkconf"}[server]
    in_options = server == "bind" and not is_statement(text)
    file.write_text(f"options {{\n{text}\n}};\n" if in_options else text, encoding="utf-8")
    return run_tool(checker, (str(file),), folder, 30.0).exit_code == 0


@pytest.mark.needs("unbound-checkconf", "named-checkconf")
@pytest.mark.parametrize(
    ("server", "text"), [(row[0], row[2]) for row in SERVE_STALE] + [("unbound", domain_insecure(ZONE))]
)
def test_a_setting_that_is_recommended_is_accepted(server, text, tmp_path):
    assert accepts(server, text, tmp_path)


@pytest.mark.needs("unbound-checkconf", "named-checkconf")
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.setting)
def test_of_a_wrong_setting_the_page_says_whether_its_checker_warns(wrong, tmp_path):
    assert accepts(wrong.server, wrong.setting, tmp_path) is wrong.accepted


EFFECTS = [
    ("local-zone", BOGUS, BOGUS, ("NXDOMAIN", False)),
    ("local-zone", BOGUS, GOOD, ("NOERROR", True)),
    ("val-permissive-mode", BOGUS, BOGUS, ("NOERROR", False)),
    ("val-permissive-mode", BOGUS, EXPIRED, ("NOERROR", False)),
    ("dnssec-validation no", BOGUS, BOGUS, ("NOERROR", False)),
    ("dnssec-validation no", BOGUS, GOOD, ("NOERROR", False)),
    ("validate-except", BOGUS, BOGUS, ("NOERROR", False)),
    ("validate-except", BOGUS, GOOD, ("NOERROR", True)),
    ("trust-anchors", BOGUS, BOGUS, ("SERVFAIL", False)),
    ("trust-anchors", GOOD, GOOD, ("SERVFAIL", False)),
    ("dnssec-accept-expired", BOGUS, BOGUS, ("SERVFAIL", False)),
    ("dnssec-accept-expired", BOGUS, EXPIRED, ("NOERROR", True)),
]


@pytest.mark.needs("knotd", "knotc", "setpriv", "unbound", "unbound-control", "named", "rndc")
@pytest.mark.parametrize(("setting", "meant", "asked", "seen"), EFFECTS)
def test_a_wrong_setting_does_what_the_page_says(setting, meant, asked, seen, stack, place, world):
    (wrong,) = [one for one in wrong_settings(meant) if setting in one.setting and one.accepted]
    as_statement = {"statements": wrong.setting} if is_statement(wrong.setting) else {}
    more = "" if as_statement else wrong.setting
    resolver = RESOLVERS[wrong.server](stack, place("r"), world, more, **as_statement)
    answer = ask(resolver.port, f"www.{asked}")
    assert (answer.rcode, answer.validated) == seen


@pytest.mark.needs("knotd", "knotc", "setpriv", "unbound", "unbound-control", "named", "rndc")
@pytest.mark.parametrize("server", RESOLVERS)
def test_without_any_setting_bogus_and_expired_zones_are_refused_and_the_good_one_validates(
    server, stack, place, world
):
    resolver = RESOLVERS[server](stack, place("r"), world)
    answers = [ask(resolver.port, f"www.{zone}") for zone in (BOGUS, EXPIRED, GOOD)]
    assert [(one.rcode, one.validated) for one in answers] == [("SERVFAIL", False)] * 2 + [("NOERROR", True)]
