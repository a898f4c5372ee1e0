"""Every setting on the pages goes through the checker of its own server, and the wrong ones show what they do."""

import pytest
from loopback import BOGUS, EXPIRED, GOOD, ask, bind, unbound

from attestations.records import ZoneName
from attestations.runbooks.settings import SERVE_STALE, domain_insecure, wrong_settings
from attestations.tool import run_tool

RESOLVERS = {"unbound": unbound, "bind": bind}
WRONG = wrong_settings(BOGUS)
ZONE = ZoneName.parse("example.")


def accepts(server, text, folder):
    """Return whether a server's own checker lets a setting pass."""
    file = folder / "checked.conf"
    checker = {"unbound": "unbound-checkconf", "bind": "named-checkconf"}[server]
    file.write_text(text if server == "unbound" else f"options {{\n{text}\n}};\n", encoding="utf-8")
    return run_tool(checker, (str(file),), folder, 30.0).exit_code == 0


@pytest.mark.needs("unbound-checkconf", "named-checkconf")
@pytest.mark.parametrize(
    ("server", "text"), [(row[0], row[2]) for row in SERVE_STALE] + [("unbound", domain_insecure(ZONE))]
)
def test_a_setting_that_is_recommended_is_accepted(server, text, tmp_path):
    assert accepts(server, text, tmp_path)


@pytest.mark.needs("unbound-checkconf", "named-checkconf")
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.setting.split()[-2])
def test_of_a_wrong_setting_the_page_says_whether_its_checker_warns(wrong, tmp_path):
    assert accepts(wrong.server, wrong.setting, tmp_path) is wrong.accepted


def seen_with(setting, stack, place, world, name):
    (wrong,) = [one for one in WRONG if setting in one.setting and one.accepted]
    resolver = RESOLVERS[wrong.server](stack, place("r"), world, wrong.setting)
    answer = ask(resolver.port, name)
    return answer.rcode, answer.validated


EFFECTS = [
    ("local-zone", f"www.{BOGUS}", ("NXDOMAIN", False)),
    ("local-zone", f"www.{GOOD}", ("NOERROR", True)),
    ("val-permissive-mode", f"www.{BOGUS}", ("NOERROR", False)),
    ("val-permissive-mode", f"www.{EXPIRED}", ("NOERROR", False)),
    ("dnssec-validation no", f"www.{BOGUS}", ("NOERROR", False)),
    ("dnssec-validation no", f"www.{GOOD}", ("NOERROR", False)),
    ("validate-except", f"www.{BOGUS}", ("NOERROR", False)),
    ("validate-except", f"www.{GOOD}", ("NOERROR", True)),
    ("dnssec-accept-expired", f"www.{BOGUS}", ("SERVFAIL", False)),
    ("dnssec-accept-expired", f"www.{EXPIRED}", ("NOERROR", True)),
]


@pytest.mark.needs("knotd", "knotc", "setpriv", "unbound", "unbound-control", "named", "rndc")
@pytest.mark.parametrize(("setting", "name", "seen"), EFFECTS)
def test_a_wrong_setting_does_what_the_page_says(setting, name, seen, stack, place, world):
    assert seen_with(setting, stack, place, world, name) == seen


@pytest.mark.needs("knotd", "knotc", "setpriv", "unbound", "unbound-control", "named", "rndc")
@pytest.mark.parametrize("server", RESOLVERS)
def test_without_any_setting_bogus_and_expired_zones_are_refused_and_the_good_one_validates(
    server, stack, place, world
):
    resolver = RESOLVERS[server](stack, place("r"), world)
    answers = [ask(resolver.port, f"www.{zone}") for zone in (BOGUS, EXPIRED, GOOD)]
    assert [(one.rcode, one.validated) for one in answers] == [("SERVFAIL", False)] * 2 + [("NOERROR", True)]
