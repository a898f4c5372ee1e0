"""The runbooks `stop-publication` and `end-measures`, walked at real servers."""

import pytest
from loopback import (
    GOOD,
    PATIENCE,
    configure_named,
    configure_nsd,
    knotd,
    named,
    nsd,
    serial_at,
    serves,
    signed,
    transfers,
    world,
)

from attestations.operations import knot
from attestations.operations import nsd as nsd_control
from attestations.runbooks.ending import runbook as ending
from attestations.runbooks.halting import runbook as halting
from attestations.servers.ports import free_ports
from attestations.servers.waiting import wait_until

pytestmark = pytest.mark.needs("knotd", "knotc", "setpriv", "nsd", "nsd-control", "named", "rndc")
PRIMARY, SECONDARIES, SIGNER = 2, 3, 4
SIGNER_AGAIN, SECONDARIES_AGAIN = 2, 4
STOP, END = halting(GOOD), ending(GOOD)


@pytest.fixture
def own(stack, place):
    """A world that tests may change."""
    return world(stack, place("w"))


def secondary_of(own, stack, place, port):
    zones = f"  - domain: {GOOD}\n    master: other\n    acl: all\n    file: zone\n    storage: {{folder}}\n"
    folder = place("k")
    daemon = knotd(stack, folder, port, zones.format(folder=folder), own.port)
    assert serves(port, GOOD, 1)
    return daemon


# The hidden primary.


def test_a_hidden_knot_gives_no_transfer_after_step_two_and_gives_it_again_in_the_end(own):
    assert transfers(own.port, GOOD)
    (shown,) = own.daemon.follow(STOP, PRIMARY, "knot")
    assert "XFR-freeze: yes" in shown
    assert not transfers(own.port, GOOD)
    assert serial_at(own.port, GOOD) == 1
    (shown,) = own.daemon.follow(END, SIGNER_AGAIN, "knot")
    assert "freeze" not in shown
    assert transfers(own.port, GOOD)


def test_a_restart_of_knot_forgets_the_freeze_as_the_page_warns(own):
    own.daemon.follow(STOP, PRIMARY, "knot")
    own.daemon.restart()
    assert serves(own.port, GOOD, 1)
    assert transfers(own.port, GOOD)


def test_without_its_acl_a_knot_gives_no_transfer_over_a_restart_either(own):
    file = own.daemon.folder / "server.conf"
    file.write_text(file.read_text(encoding="utf-8").replace("    acl: all\n", ""), encoding="utf-8")
    own.daemon.run(knot.reload())
    assert wait_until(lambda: not transfers(own.port, GOOD) or None, PATIENCE)
    own.daemon.restart()
    assert serves(own.port, GOOD, 1)
    assert not transfers(own.port, GOOD)


def test_the_signer_of_knot_is_kept_for_the_report_and_then_frozen(own):
    kept = own.daemon.folder / "kept"
    backup, freeze = [one for one in STOP.steps[SIGNER - 1].actions if one.server == "knot"]
    own.daemon.run(tuple(word.replace("/EVIDENCE/KNOT", str(kept)) for word in backup.commands[0]))
    assert sorted(path.name for path in kept.rglob("*.zone"))
    (shown,) = [own.daemon.run(words) for words in freeze.commands][-1]
    assert "freeze: yes" in shown


@pytest.mark.parametrize("command", [knot.zone_freeze(GOOD), knot.zone_xfr_freeze(GOOD)], ids=lambda words: words[-2])
def test_of_the_freezes_of_knot_only_one_stops_transfers(own, command):
    own.daemon.run(command)
    assert transfers(own.port, GOOD) is ("zone-freeze" in command)


@pytest.mark.parametrize("updates", ["none", "127.0.0.1"])
def test_a_hidden_bind_gives_no_transfer_after_step_two_and_a_freeze_alone_is_not_enough(own, stack, place, updates):
    folder = place("b")
    (folder / "zone").write_bytes(signed(own.keys[GOOD], GOOD, 1).text)
    head = f'zone "{GOOD}" {{ type primary; file "{folder}/zone"; allow-update {{ {updates}; }};'
    primary = named(stack, folder, "recursion no;", f"{head} allow-transfer {{ 127.0.0.1; }}; }};")
    assert transfers(primary.port, GOOD)
    if updates != "none":
        assert "frozen: yes" in primary.follow(STOP, SIGNER, "bind")
        assert transfers(primary.port, GOOD)
    (paste,) = [one.paste.text for one in STOP.steps[PRIMARY - 1].actions if one.server == "bind"]
    configure_named(folder, primary.port, int(primary.control[3]), "recursion no;", f"{head} {paste} }};")
    primary.follow(STOP, PRIMARY, "bind")
    assert wait_until(lambda: not transfers(primary.port, GOOD) or None, PATIENCE)
    assert serial_at(primary.port, GOOD) == 1

    lines = f"{head} allow-transfer {{ 127.0.0.1; }}; }};"
    configure_named(folder, primary.port, int(primary.control[3]), "recursion no;", lines)
    assert "frozen: yes" not in primary.follow(END, SIGNER_AGAIN, "bind")
    assert wait_until(lambda: transfers(primary.port, GOOD) or None, PATIENCE)


# First-tier secondaries.

LINES = "request-xfr: 127.0.0.1@{port} NOKEY\nallow-notify: 127.0.0.1 NOKEY\nprovide-xfr: 127.0.0.1 NOKEY"


@pytest.fixture
def cut_nsd(own, stack, place):
    """An NSD secondary, and how to give it these lines in its zone."""
    folder = place("n")
    daemon = nsd(stack, folder, GOOD, LINES.format(port=own.port))
    assert serves(daemon.port, GOOD, 1)
    return daemon, lambda lines: configure_nsd(folder, daemon.port, GOOD, lines)


def test_a_secondary_with_nsd_holds_the_last_good_version_over_a_restart(own, cut_nsd):
    daemon, configure = cut_nsd
    daemon.run(nsd_control.write(GOOD))
    assert wait_until(lambda: (daemon.folder / "zone").exists() or None, PATIENCE)
    configure("")
    shown = daemon.follow(STOP, SECONDARIES, "nsd")
    assert any("state: master" in line for line in shown)
    assert not transfers(daemon.port, GOOD)
    own.serve(GOOD, 2)
    daemon.restart()
    assert serves(daemon.port, GOOD, 1)
    assert not transfers(daemon.port, GOOD)

    configure(LINES.format(port=own.port))
    daemon.follow(END, SECONDARIES_AGAIN, "nsd")
    assert serves(daemon.port, GOOD, 2)
    assert transfers(daemon.port, GOOD)


SHORT_LIVED = (
    f"{GOOD} 60 SOA ns1.{GOOD} hostmaster.{GOOD} 1 1 1 6 60\n{GOOD} 60 NS ns1.{GOOD}\nns1.{GOOD} 60 A 192.0.2.1\n"
)


def test_a_secondary_with_nsd_that_was_cut_off_does_not_expire_and_one_that_was_not_does(stack, place):
    folder, port = place("p"), free_ports("primary")["primary"]
    (folder / "zone").write_text(SHORT_LIVED, encoding="ascii")
    primary = knotd(stack, folder, port, f"  - domain: {GOOD}\n    storage: {folder}\n    file: zone\n    acl: all\n")
    places = {name: place(name) for name in ("cut", "left")}
    servers = {name: nsd(stack, folder, GOOD, LINES.format(port=port)) for name, folder in places.items()}
    assert all(serves(server.port, GOOD, 1) for server in servers.values())
    configure_nsd(places["cut"], servers["cut"].port, GOOD, "")
    servers["cut"].follow(STOP, SECONDARIES, "nsd")
    primary.process.stop()
    assert wait_until(lambda: serial_at(servers["left"].port, GOOD) is None or None, PATIENCE)
    assert serial_at(servers["cut"].port, GOOD) == 1


def test_a_secondary_with_nsd_that_was_not_written_first_is_dark_after_a_restart(cut_nsd):
    daemon, configure = cut_nsd
    assert not (daemon.folder / "zone").exists()
    configure("")
    daemon.run(nsd_control.reconfig(()))
    assert wait_until(
        lambda: any("state: master" in line for line in daemon.run(nsd_control.zonestatus(GOOD))) or None, PATIENCE
    )
    assert serial_at(daemon.port, GOOD) == 1
    daemon.restart()
    assert serial_at(daemon.port, GOOD) is None


def test_a_frozen_secondary_with_knot_takes_no_notice_of_a_new_version_until_it_is_thawed(stack, place):
    port = free_ports("secondary")["secondary"]
    own = world(stack, place("w"), told=port)
    secondary = secondary_of(own, stack, place, port)
    own.serve(GOOD, 2)
    assert serves(port, GOOD, 2)
    (shown,) = secondary.follow(STOP, SECONDARIES, "knot")
    assert "freeze: yes | XFR-freeze: yes" in shown
    assert not transfers(port, GOOD)
    told = secondary.process.log.count(b"notify, incoming")
    own.serve(GOOD, 3)
    assert wait_until(lambda: secondary.process.log.count(b"notify, incoming") > told or None, PATIENCE)
    assert serial_at(port, GOOD) == 2
    secondary.follow(END, SECONDARIES_AGAIN, "knot")
    assert serves(port, GOOD, 3)
    assert transfers(port, GOOD)


@pytest.mark.parametrize("command", [knot.zone_refresh(GOOD), knot.zone_retransfer(GOOD)], ids=lambda words: words[-2])
def test_a_frozen_secondary_with_knot_obeys_a_refresh_by_hand_as_the_page_warns(own, stack, place, command):
    port = free_ports("secondary")["secondary"]
    secondary = secondary_of(own, stack, place, port)
    secondary.follow(STOP, SECONDARIES, "knot")
    own.serve(GOOD, 2)
    secondary.run(command)
    assert serial_at(port, GOOD) == 2


def test_a_secondary_with_knot_that_names_no_primary_any_more_holds_what_it_has(stack, place):
    port = free_ports("secondary")["secondary"]
    own = world(stack, place("w"), told=port)
    secondary = secondary_of(own, stack, place, port)
    file = secondary.folder / "server.conf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("    master: other\n    acl: all\n", ""), encoding="utf-8")
    secondary.run(knot.reload())
    assert wait_until(lambda: not transfers(port, GOOD) or None, PATIENCE)
    own.serve(GOOD, 2)
    secondary.restart()
    assert serves(port, GOOD, 1)
    assert not transfers(port, GOOD)


def test_a_secondary_with_bind_gives_no_transfer_after_step_three(own, stack, place):
    folder = place("b")
    head = f'zone "{GOOD}" {{ type secondary; file "{folder}/zone"; primaries {{ 127.0.0.1 port {own.port}; }};'
    daemon = named(stack, folder, "recursion no;", f"{head} allow-transfer {{ 127.0.0.1; }}; }};")
    assert serves(daemon.port, GOOD, 1)
    assert transfers(daemon.port, GOOD)
    (paste,) = [one.paste.text for one in STOP.steps[SECONDARIES - 1].actions if one.server == "bind"]
    configure_named(folder, daemon.port, int(daemon.control[3]), "recursion no;", f"{head} {paste} }};")
    shown = daemon.follow(STOP, SECONDARIES, "bind")
    assert "serial: 1" in shown
    assert wait_until(lambda: not transfers(daemon.port, GOOD) or None, PATIENCE)
    assert serial_at(daemon.port, GOOD) == 1
