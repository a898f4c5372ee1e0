"""The runbook `way-back`, walked at real servers with keys in files."""

import re
import sys

import pytest
from loopback import GOOD, PATIENCE, knotd, named, nsd, serial_at, serves, started, transfers, world

from attestations.operations import bind as rndc
from attestations.operations import knot
from attestations.operations import nsd as nsd_control
from attestations.runbooks.returning import runbook
from attestations.servers.ports import free_ports
from attestations.servers.waiting import wait_until
from attestations.tool import run_tool

pytestmark = pytest.mark.needs(
    "knotd", "knotc", "keymgr", "kzonesign", "setpriv", "nsd", "nsd-control", "named", "rndc"
)
SIGNER, BREAK_GLASS, FORCED = 4, 5, 6
BACK = runbook(GOOD)
UNSIGNED = f"""\
{GOOD} 3600 SOA ns1.{GOOD} hostmaster.{GOOD} 1 7200 3600 1209600 3600
{GOOD} 3600 NS ns1.{GOOD}
ns1.{GOOD} 3600 A 192.0.2.1
""" + "".join(f"d{number}.{GOOD} 3600 NS ns1.{GOOD}\n" for number in range(20))
SERVER = """\
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {folder}/control
log:
  - target: stderr
    any: info
acl:
  - id: all
    address: 127.0.0.1
    action: transfer
"""


def configuration(folder, more=""):
    """Return what the page says about BREAK-GLASS.conf, with keys in files instead of an HSM."""
    (text,) = [
        one.paste.text for one in BACK.steps[BREAK_GLASS - 1].actions if one.paste and "BREAK" in one.paste.where
    ]
    text = re.sub(r"backend: pkcs11\n    config: .*", f"backend: pem\n    config: {folder}/keys", text)
    text = text.replace("/COPY-OF-THE-KEY-DATABASE", f"{folder}/db").replace("/DIR-OF-ARCHIVE", str(folder))
    return f"{text}\n{more}"


def run(folder, *words):
    ran = run_tool(words[0], words[1:], folder, PATIENCE)
    assert ran.exit_code == 0, (words, ran.lines)
    return ran.lines


def judged(folder, command):
    """Return how a call of `attest` ends that a runbook prints."""
    assert command[0] == "attest"
    return run_tool("env", (sys.executable, "-m", "attestations", *command[1:]), folder, PATIENCE).exit_code


def signatures(path):
    return {line for line in path.read_text(encoding="ascii").splitlines() if re.search(r"\tRRSIG\t", line)}


def new_key(folder, file, *more):
    return run(folder, "keymgr", "-c", file, GOOD, "generate", *more)[-1]


@pytest.fixture
def signer(place):
    """A folder with a zone, a KSK and a ZSK; returns it and the ZSK's id."""
    folder = place("s")
    (folder / "db").mkdir()
    (folder / "ARCHIVE").write_text(UNSIGNED, encoding="ascii")
    (folder / "BREAK-GLASS.conf").write_text(configuration(folder), encoding="utf-8")
    ksk = new_key(folder, "BREAK-GLASS.conf", "ksk=yes", "zsk=no")
    zsk = new_key(folder, "BREAK-GLASS.conf", "ksk=no", "zsk=yes")
    ds = run(folder, "keymgr", "-c", "BREAK-GLASS.conf", GOOD, "ds", ksk)
    (folder / "DS-FILE").write_text("".join(f"{line}\n" for line in ds), encoding="ascii")
    return folder, zsk


def filled(folder, words, **names):
    """Return a command with the capitals of the page filled in."""
    names = {
        "/DIR/ARCHIVE": f"{folder}/out/ARCHIVE",
        "/DIR/ZONE-FILE": f"{folder}/out/ARCHIVE",
        "/DIR": f"{folder}/out",
    } | names
    return tuple(re.sub("|".join(names), lambda found: names[found[0]], word) for word in words)


# Step 5: the archived version with one new signature.


def test_break_glass_signs_nothing_but_the_soa_anew_and_the_result_validates(signer):
    folder, zsk = signer
    (folder / "signed").mkdir()
    (folder / "out").mkdir()
    run(folder, *knot.kzonesign(GOOD, folder / "signed", ("-c", "BREAK-GLASS.conf")))
    archived = folder / "signed" / "ARCHIVE"
    text = archived.read_text(encoding="ascii")
    serial = int(re.search(r"SOA\t\S+ \S+ (\d+) ", text)[1])
    (folder / "ARCHIVE").write_text(text.replace(f" {serial} 7200", f" {serial + 1000} 7200"), encoding="ascii")

    commands = [filled(folder, words, **{"OLD-ZSK-ID": zsk}) for one in BACK.steps[4].actions for words in one.commands]
    set_times, sign, judge, *_ = commands
    run(folder, set_times[0], *set_times[1:])
    run(folder, *sign)
    before, after = signatures(archived), signatures(folder / "out" / "ARCHIVE")
    assert len(before) > 20
    assert [line.split("\t")[3].split()[0] for line in after - before] == ["SOA"]
    assert len(before - after) == 1
    assert judged(folder, judge) == 0


def test_an_archive_with_a_raised_serial_and_no_new_signature_is_refused(signer):
    folder, _ = signer
    (folder / "out").mkdir()
    run(folder, *knot.kzonesign(GOOD, folder / "out", ("-c", "BREAK-GLASS.conf")))
    archived = folder / "out" / "ARCHIVE"
    judge = filled(folder, BACK.steps[BREAK_GLASS - 1].actions[2].commands[0])
    assert judged(folder, judge) == 0
    text = archived.read_text(encoding="ascii")
    archived.write_text(re.sub(r"(SOA\t\S+ \S+ )(\d+)", r"\g<1>1\2", text, count=1), encoding="ascii")
    assert judged(folder, judge) == 10


@pytest.mark.needs("nsd-checkconf", "knotc")
def test_the_configurations_of_break_glass_are_accepted_by_their_servers(place):
    folder = place("c")
    pastes = [one.paste for one in BACK.steps[BREAK_GLASS - 1].actions if one.paste]
    signer = next(one.text for one in pastes if "BREAK-GLASS.conf" in one.where)
    primary = next(one.text for one in pastes if one.where.startswith("nsd.conf of the break-glass"))
    (folder / "knot.conf").write_text(signer, encoding="utf-8")
    filled_in = primary.replace("SECONDARY-ADDRESS KEY-NAME", "192.0.2.1 NOKEY")
    (folder / "nsd.conf").write_text(filled_in, encoding="utf-8")
    run(folder, "knotc", "-c", str(folder / "knot.conf"), "conf-check")
    run(folder, "nsd-checkconf", str(folder / "nsd.conf"))


# Step 4: the old key at the signer.


def test_the_old_key_signs_again_before_anything_is_published(signer, stack):
    folder, old = signer
    port = free_ports("signer")["signer"]
    acl = "    acl: all\n    zonefile-sync: -1\n    zonefile-load: difference-no-serial\n    journal-content: all\n"
    text = SERVER.format(folder=folder, port=port) + configuration(folder, acl)
    (folder / "server.conf").write_text(text, encoding="utf-8")
    daemon = started(stack, "knotd", folder, ("knotd", "-c", "server.conf"), port, ("-c", str(folder / "server.conf")))
    assert wait_until(lambda: serial_at(port, GOOD), PATIENCE)
    new = new_key(folder, "server.conf", "ksk=no", "zsk=yes")
    daemon.run(knot.keymgr_set(GOOD, old, {"retire": "+0", "remove": "+30d"}))
    daemon.run(knot.zone_keys_load(GOOD))
    daemon.run(knot.zone_xfr_freeze(GOOD))
    daemon.run(knot.zone_freeze(GOOD))
    bad = serial_at(port, GOOD)

    (folder / "out").mkdir()
    names = {"OLD-ZSK-ID": old, "NEW-ZSK-ID": new}
    prepare, judge, release = BACK.steps[SIGNER - 1].actions
    for words in prepare.commands:
        daemon.run(filled(folder, words, **names))
    signed = (folder / "out" / "ARCHIVE").read_text(encoding="ascii")
    tags = {tag: key_id for key_id in (old, new) for tag in [tag_of(folder, key_id)]}
    used = set(re.findall(r"RRSIG\t(?!DNSKEY)\S+ \d+ \d+ \d+ \d+ \d+ (\d+) ", signed))
    assert {tags[tag] for tag in used} == {old}
    assert int(re.search(r"SOA\t\S+ \S+ (\d+) ", signed)[1]) > bad
    assert judged(folder, filled(folder, judge.commands[0])) == 0
    assert not transfers(port, GOOD)
    shown = [daemon.run(words) for words in release.commands][-1]
    assert "freeze" not in shown[0]
    assert transfers(port, GOOD)


def tag_of(folder, key_id):
    (line,) = [line for line in run(folder, "keymgr", "-c", "server.conf", GOOD, "list") if line.startswith(key_id)]
    return line.split()[1]


@pytest.mark.parametrize("server", ["nsd", "knot", "bind"])
def test_secondaries_take_the_version_of_the_break_glass_primary(server, stack, place):
    left, primary = world(stack, place("w")), world(stack, place("p"))
    daemon = SECONDARIES[server](stack, place("x"), left.port)
    assert serves(daemon.port, GOOD, 1)
    primary.serve(GOOD, 1001)
    file = daemon.folder / ("named.conf" if server == "bind" else "server.conf")
    file.write_text(file.read_text(encoding="utf-8").replace(str(left.port), str(primary.port)), encoding="utf-8")
    actions = [
        one
        for one in BACK.steps[BREAK_GLASS - 1].actions
        if one.server == server and "every secondary" in one.paste.where
    ]
    for words in (words for action in actions for words in action.commands):
        daemon.run(words)
    assert serves(daemon.port, GOOD, 1001)


# Step 6: a lower serial number by force.


@pytest.fixture
def lowered(stack, place):
    """A world whose secondaries, made by `make`, hold a higher serial number than it gives now."""
    own = world(stack, place("w"))
    own.serve(GOOD, 5)

    def make(server):
        daemon = SECONDARIES[server](stack, place("x"), own.port)
        assert serves(daemon.port, GOOD, 5)
        own.serve(GOOD, 3)
        return daemon

    return make


def nsd_secondary(stack, folder, primary):
    return nsd(stack, folder, GOOD, f"request-xfr: 127.0.0.1@{primary} NOKEY\nallow-notify: 127.0.0.1 NOKEY")


def knot_secondary(stack, folder, primary):
    zone = f"  - domain: {GOOD}\n    master: other\n    acl: all\n    storage: {folder}\n    file: zone\n"
    return knotd(stack, folder, free_ports("knot")["knot"], zone, primary)


def bind_secondary(stack, folder, primary):
    zone = f'zone "{GOOD}" {{ type secondary; file "{folder}/zone"; primaries {{ 127.0.0.1 port {primary}; }}; }};'
    return named(stack, folder, "recursion no;", zone)


SECONDARIES = {"nsd": nsd_secondary, "knot": knot_secondary, "bind": bind_secondary}
BY_ITSELF = {"nsd": nsd_control.transfer(GOOD), "bind": rndc.refresh(GOOD)}


@pytest.mark.parametrize("server", SECONDARIES)
def test_a_lower_serial_number_comes_by_force(server, lowered):
    daemon = lowered(server)
    daemon.follow(BACK, FORCED, server)
    assert serves(daemon.port, GOOD, 3)


@pytest.mark.parametrize("server", BY_ITSELF)
def test_a_lower_serial_number_does_not_come_by_itself(server, lowered):
    daemon = lowered(server)
    daemon.run(BY_ITSELF[server])
    assert serial_at(daemon.port, GOOD) == 5


def test_knot_says_that_no_primary_has_a_newer_version(lowered):
    daemon = lowered("knot")
    ran = run_tool("knotc", (*daemon.control, *knot.zone_refresh(GOOD)[1:]), daemon.folder, PATIENCE)
    assert (ran.exit_code, serial_at(daemon.port, GOOD)) == (1, 5)
