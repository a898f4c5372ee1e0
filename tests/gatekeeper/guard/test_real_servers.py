"""The guard with real servers: a halt holds over restarts, is seen from outside, and ends with an approval only."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from world.host import approve

from attestations.records import ZoneName
from attestations.times import Instant
from gatekeeper.cli import guard_resume
from gatekeeper.guard import holding
from gatekeeper.guard import latch as module
from gatekeeper.guard.latch import Halt, latch

PROGRAMS = {"knot": ("knotd", "knotc"), "nsd": ("nsd", "nsd-control"), "bind": ("named", "rndc")}
EVERY = [pytest.param(name, marks=pytest.mark.needs(*programs, "setpriv")) for name, programs in PROGRAMS.items()]


def in_time(seconds):
    return str(Instant.of(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)))


def afterwards():
    """An approval issued right after the halt: the host allows for clocks that differ by so little."""
    return approve(issuedOn=in_time(5))


@pytest.mark.parametrize("software", EVERY)
def test_a_halted_zone_is_given_to_nobody_until_a_fixed_release_is_approved(server, guard, software):
    running = server(software)
    guard.configure(running.entry())
    assert running.outflow() == "given"
    halted = guard.halt()
    assert (halted.code, halted.states(), running.outflow()) == (12, {software: "holds"}, "refused")
    resumed = guard.resume(halted.halt()["id"], afterwards())
    assert (resumed.code, resumed.document["resumed"], running.outflow()) == (0, True, "given"), resumed.talk
    assert (guard("assert").code, running.outflow()) == (0, "given")


@pytest.mark.parametrize(("software", "forgets"), [*((one.values[0], one.values[0] == "knot") for one in EVERY)])
@pytest.mark.needs("knotd", "nsd", "named", "setpriv")
def test_a_restart_that_lets_the_zone_out_is_caught_by_the_next_assertion(server, guard, software, forgets):
    running = server(software)
    guard.configure(running.entry())
    guard.halt()
    running.restart()
    assert running.outflow() == ("given" if forgets else "refused")  # Knot 3.2.6 forgets its freeze
    held = guard("assert")
    assert (held.code, held.states(), running.outflow()) == (12, {software: "holds"}, "refused")
    again = guard("assert")
    assert (again.code, again.states(), running.outflow()) == (12, {software: "holds"}, "refused")


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_zone_freeze_of_knot_is_no_halt(server):
    running = server("knot")
    subprocess.run(["knotc", *running.control, "-b", "zone-freeze", "example."], check=True, capture_output=True)
    assert running.outflow() == "given"


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_an_approval_from_before_the_halt_does_not_end_it(server, guard):
    running = server("knot")
    guard.configure(running.entry())
    halted = guard.halt()
    before = approve(issuedOn=halted.halt()["haltedOn"])
    refused = guard.resume(halted.halt()["id"], before)
    assert (refused.code, refused.document["refusal"]["code"], running.outflow()) == (11, "TOKEN", "refused")
    assert guard("status").halt()["id"] == halted.halt()["id"]


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_server_that_gives_the_zone_although_it_was_told_not_to_is_told_by_the_exit_code(server, guard):
    running = server("knot")
    elsewhere = {**running.entry(), "control": ["-s", "/nowhere/knot.sock"]}
    guard.configure(elsewhere)
    halted = guard.halt()
    assert (halted.code, halted.states(), running.outflow()) == (10, {"knot": "given"}, "given")
    assert "knotc" in halted.document["zones"][0]["servers"][0]["told"]
    guard.configure(running.entry())
    assert (guard("assert").code, running.outflow()) == (12, "refused")


@pytest.mark.needs("nsd", "nsd-control", "setpriv")
def test_a_server_that_obeys_and_gives_the_zone_all_the_same_is_seen_to(server, guard, monkeypatch):
    monkeypatch.setattr(holding, "SETTLE_SECONDS", 1.0)
    running = server("nsd")
    (running.folder / "closed").write_text((running.folder / "open").read_text())
    guard.configure(running.entry())
    halted = guard.halt()
    assert (halted.code, halted.states()) == (10, {"nsd": "given"})
    assert halted.document["zones"][0]["servers"][0]["told"] is None


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_server_that_never_gave_the_zone_to_the_probe_proves_nothing(server, guard):
    running = server("knot")
    subprocess.run(["knotc", *running.control, "zone-xfr-freeze", "example."], check=True, capture_output=True)
    guard.configure(running.entry())
    assert (guard.halt().code, guard("assert").states()) == (11, {"knot": "unproven"})


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_where_a_halt_cannot_be_put_on_disk_the_servers_are_stopped_all_the_same(server, guard, tmp_path):
    running = server("knot")
    guard.configure(running.entry())
    (tmp_path / "file").touch()
    guard.latch = tmp_path / "file" / "halts"
    ended = guard.halt()
    assert (ended.code, ended.document["errors"][0]["code"], running.outflow()) == (1, "DURABLE", "refused")


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_server_that_is_down_is_not_known_to_hold_and_is_stopped_when_it_is_back(server, guard):
    running = server("knot")
    guard.configure(running.entry())
    running.process.stop()
    halted = guard.halt()
    assert (halted.code, halted.states()) == (11, {"knot": "unclear"})
    running.start()
    assert (guard("assert").code, running.outflow()) == (12, "refused")


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_server_that_cannot_be_told_to_go_on_leaves_the_halt_standing_everywhere(server, guard):
    running = server("knot")
    guard.configure(running.entry())
    halted = guard.halt()
    down = {"name": "down", "software": "knot", "address": "127.0.0.1", "port": 1, "control": ["-s", "/nowhere"]}
    guard.configure(running.entry(), down)
    refused = guard.resume(halted.halt()["id"], afterwards())
    assert (refused.code, refused.document["resumed"], running.outflow()) == (12, False, "refused")
    guard.configure(running.entry())
    assert (guard.resume(halted.halt()["id"], afterwards()).code, running.outflow()) == (0, "given")


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_guard_that_died_between_the_latch_and_the_servers_is_made_up_for(server, guard):
    running = server("knot")
    guard.configure(running.entry())
    latch(guard.latch, Halt(id="1f", zone=ZoneName("example."), reason="r", halted_on=Instant.parse(in_time(0))))
    assert (guard("assert").code, running.outflow()) == (12, "refused")
    # On the way back the servers come first: here it died after them.
    subprocess.run(["knotc", *running.control, "zone-xfr-thaw", "example."], check=True, capture_output=True)
    assert running.outflow() == "given"
    assert (guard("assert").code, running.outflow()) == (12, "refused")


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_halt_that_is_made_while_an_earlier_one_is_being_ended_is_not_ended_with_it(server, guard, monkeypatch):
    running = server("knot")
    guard.configure(running.entry())
    first, second = guard.halt().halt(), []

    def interrupted(zone):
        second.append(guard.halt("wrong again").halt())
        return holding.let_go(zone)

    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(guard_resume, "let_go", interrupted)
    refused = guard.resume(first["id"], afterwards())
    assert (refused.code, refused.document["refusal"]["code"], refused.halt()) == (12, "HALT", second[0])
    assert (guard("status").halt(), running.outflow()) == (second[0], "refused")


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_a_server_that_refuses_and_cannot_be_told_is_not_known_to_hold(server, guard):
    running = server("knot")
    guard.configure(running.entry())
    assert (guard.halt().code, guard("assert").states()) == (12, {"knot": "holds"})
    guard.configure({**running.entry(), "control": ["-s", "/nowhere"]})
    asserted = guard("assert")
    assert (asserted.code, asserted.states(), running.outflow()) == (11, {"knot": "unproven"}, "refused")
