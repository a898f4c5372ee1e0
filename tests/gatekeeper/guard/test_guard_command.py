"""`gatekeeper guard` without servers: what it refuses, and that it fails closed."""

from datetime import UTC, datetime, timedelta

import pytest
from world.host import Host, approve

from attestations.printed import Fault
from attestations.records import ZoneName
from attestations.times import Instant
from gatekeeper.guard import latch
from gatekeeper.guard.holding import Seen
from gatekeeper.guard.latch import Halt, file_of
from gatekeeper.guard.report import GuardResumption, guard_report, text_of, text_of_resumption, zone_state

ZONE = ZoneName("example.")
HALT = Halt(id="1f", zone=ZONE, reason="wrong key", halted_on=Instant.parse("2026-05-05T19:30:00Z"))


def in_time(seconds):
    return str(Instant.of(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)))


def seen(*states):
    return [Seen(server=f"ns{number}", state=state) for number, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ((), 12),
        (("holds",), 12),
        (("holds", "holds"), 12),
        (("holds", "unclear"), 11),
        (("unproven", "holds"), 11),
        (("given", "holds"), 10),
        (("unclear", "given"), 10),
    ],
)
def test_the_exit_code_promises_that_a_halt_holds_only_where_every_server_was_seen_to_hold_it(states, code):
    assert guard_report([zone_state(ZONE, HALT, seen(*states))]).exit_code == code


def test_the_worst_zone_decides_on_the_exit_code():
    free, held = zone_state(ZoneName("b."), None), zone_state(ZONE, HALT, seen("holds"))
    assert guard_report([free]).exit_code == 0
    assert guard_report([free, held]).exit_code == 12
    assert guard_report([held, zone_state(ZoneName("c."), HALT, seen("unclear"))]).exit_code == 11


def test_people_are_told_why_and_what_each_server_does():
    text = text_of([zone_state(ZONE, HALT, [Seen(server="ns1", state="given", told="no such socket")])])
    assert "HALTED since 2026-05-05T19:30:00Z, id 1f: wrong key" in text
    assert "ns1" in text
    assert "gives the zone away" in text
    assert "could not be told: no such socket" in text


FORGED = "wrong key\n✓ example.  no halt stands\x1b[2J"


def test_nothing_that_was_said_of_a_halt_or_a_server_begins_a_line_of_its_own():
    halt = Halt(id="1f", zone=ZONE, reason=FORGED, halted_on=HALT.halted_on)
    lines = text_of([zone_state(ZONE, halt, [Seen(server="ns1", state="given", told=FORGED)])]).split("\n")
    assert [line.count("wrong key␊✓ example.  no halt stands␛[2J") for line in lines] == [1, 0, 1]


def test_no_refusal_to_end_a_halt_begins_a_line_of_its_own():
    refusal = Fault(code="HALT", file=None, line=None, column=None, found=FORGED, wanted="w", next="n")
    made = GuardResumption(exit_code=12, resumed=False, refusal=refusal, zone=zone_state(ZONE, None))
    lines = text_of_resumption(made).split("\n")
    assert [line.split()[0] for line in lines] == ["✗", "found", "wanted", "next", "✓"]


def test_a_zone_without_a_halt_may_go_on(guard):
    status = guard("status")
    assert (status.code, status.halt()) == (0, None)
    assert guard("assert").code == 0


def test_of_a_zone_that_the_guard_does_not_know_nobody_says_that_no_halt_stands(guard):
    assert guard("status", "--zone", "exmaple.").code == 2
    assert guard("status", "--zone", ZONE).code == 0


def test_without_the_folder_of_the_halts_no_zone_may_go_on(guard):
    guard.latch.rmdir()
    status = guard("status")
    assert (status.code, status.halt()["id"]) == (12, "unreadable")
    assert guard("assert").code == 1


def test_a_halt_is_latched_even_where_no_server_can_be_told(guard):
    halted = guard.halt()
    assert (halted.code, halted.states()) == (11, {"nobody": "unclear"})
    assert guard("status").code == 12


@pytest.mark.parametrize("reason", ["", "x" * 5000, "zwei Drittel \N{BULLET} \x1b[2J\nnew line", "\udcff", "\u202e"])
def test_no_wording_of_the_reason_keeps_a_halt_from_standing(guard, reason):
    halted = guard.halt(reason)
    assert guard("status").halt() == halted.halt()
    assert halted.halt()["id"] != "unreadable"


def test_a_second_halt_needs_an_approval_of_its_own(guard):
    first, second = guard.halt("first").halt(), guard.halt("second").halt()
    assert (first["id"] != second["id"], guard("status").halt()["reason"]) == (True, "second")
    assert guard.resume(first["id"], approve(issuedOn=in_time(5))).code == 2


def test_a_halt_does_not_wait_for_ever_for_another_command_and_the_others_give_up(guard, monkeypatch):
    monkeypatch.setattr(latch, "LOCK_SECONDS", 0.1)
    with latch.locked(guard.latch):
        halted = guard.halt()
        asserted, resumed = guard("assert"), guard.resume(halted.halt()["id"], approve(issuedOn=in_time(5)))
    assert (halted.code, guard("status").code) == (11, 12)
    assert {ended.document["errors"][0]["code"] for ended in (asserted, resumed)} == {"RACE"}
    assert (asserted.code, resumed.code) == (1, 1)


@pytest.mark.parametrize("name", ["halt", "assert"])
def test_without_its_configuration_the_guard_does_nothing_and_says_so(guard, name):
    guard.config.unlink()
    ended = guard(name, *(["--reason=r"] if name == "halt" else []))
    assert (ended.code, list(guard.latch.iterdir())) == (2, [])


@pytest.mark.parametrize(
    "servers",
    [
        [],
        [{"name": "ns1", "software": "powerdns", "address": "127.0.0.1"}],
        [{"name": "ns1", "software": "bind", "address": "127.0.0.1"}],
        [{"name": "ns1", "software": "knot", "address": "127.0.0.1"}] * 2,
        [{"name": "ns1", "software": "knot", "address": "127.0.0.1", "port": 0}],
    ],
    ids=["none", "unknown software", "no outflow", "twice", "port 0"],
)
def test_a_configuration_that_does_not_fit_is_refused(guard, servers):
    guard.configure(*servers)
    ended = guard("assert")
    assert (ended.code, ended.document["errors"][0]["code"]) == (2, "SCHEMA")


def test_a_zone_that_the_guard_does_not_know_is_refused(guard):
    ended = guard("halt", "--zone=other.", "--reason=r")
    assert (ended.code, list(guard.latch.iterdir())) == (2, [])


@pytest.mark.parametrize("halt_id", ["", "another", "unreadable"])
def test_a_halt_is_ended_only_by_its_id(guard, halt_id):
    guard.halt()
    assert guard.resume(halt_id, approve(issuedOn=in_time(5))).code == 2
    assert guard("status").code == 12


@pytest.mark.parametrize(
    ("approval", "installed"),
    [
        (lambda: approve(issuedOn=in_time(5), stage="full"), {}),
        (lambda: approve(issuedOn=in_time(5), environment={"name": "another", "digest": "0" * 64}), {}),
        (lambda: approve("stranger", issuedOn=in_time(5)), {}),
        (lambda: approve(issuedOn=in_time(5), notAfter=in_time(-5)), {}),
        (lambda: approve(issuedOn=in_time(5)), {"signer": "trust.yaml"}),
        (lambda: b"{}", {}),
    ],
    ids=["another stage", "another environment", "not by the gate", "expired", "another file", "no approval"],
)
def test_an_approval_that_verify_would_not_accept_ends_no_halt(guard, approval, installed):
    halted = guard.halt().halt()
    refused = guard.resume(halted["id"], approval(), installed=installed)
    assert (refused.code, refused.document["resumed"], refused.document["refusal"] is None) == (11, False, False)
    assert guard("status").halt() == halted


def test_an_approval_that_the_ledger_does_not_prove_ends_no_halt(guard, tmp_path):
    halted = guard.halt().halt()
    (tmp_path / "other.proof").write_text(Host(approval=approve()).proof or "nothing")
    refused = guard.resume(halted["id"], approve(issuedOn=in_time(5)), "--ledger-proof=other.proof")
    assert (refused.code, guard("status").code) == (11, 12)


def test_a_damaged_latch_can_be_ended_with_an_approval_that_is_newer(guard):
    guard.configure({"name": "nobody", "software": "knot", "address": "127.0.0.1", "port": 1})
    file_of(guard.latch, ZONE).write_bytes(b"{")
    refused = guard.resume("unreadable", approve())
    assert (refused.code, refused.document["refusal"]["code"]) == (11, "TOKEN")
    # Newer, but the server that is down cannot be told: the halt stands for that reason.
    told = guard.resume("unreadable", approve(issuedOn=in_time(5)))
    assert (told.code, told.document["refusal"]["code"]) == (12, "HALT")
