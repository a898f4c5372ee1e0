"""An agent that lies: what it says done and is not is told by HSM and step, and the exercise is not completed."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from attestations.dnskey import ECDSAP256SHA256
from attestations.hsm.documents import Unit
from attestations.hsm.software import SoftwareTokens, private_path, public_path
from attestations.laboratory.agent import PracticeAgent, RolloverAgent
from attestations.laboratory.software_hsm import SoftwareHsm, software_hsm
from attestations.laboratory.units import Rack, RackSwitch, public_key_in
from attestations.rollover.agent import Claim, Order
from attestations.rollover.course import Bench
from attestations.rollover.evidence import exercise
from attestations.rollover.keys import FLAGS, KeyName
from attestations.rollover.publication import Publication
from attestations.rollover.scenarios import LOSS, Run, Scenario, possible, run_scenarios
from attestations.rollover.switch import SwitchError
from gatekeeper.hsm_observations import contradictions

SERIALS = ("A1", "B7", "C2")
ZSK: Scenario = "zsk-rollover"
DONE = Claim(done=True)
Lie = Callable[[Order, tuple[SoftwareHsm, ...]], Claim | None]


@dataclass(frozen=True)
class LyingAgent:
    """The practice agent, but for its lie; a lie of None is the truth."""

    hsms: tuple[SoftwareHsm, ...]
    lie: Lie

    def perform(self, order: Order) -> Claim:
        return self.lie(order, self.hsms) or PracticeAgent(hsms=self.hsms, maker=RolloverAgent()).perform(order)


def bench(folder: Path, lie: Lie, serials: tuple[str, ...] = SERIALS) -> Bench:
    hsms = tuple(software_hsm(folder / serial, serial, slot) for slot, serial in enumerate(serials))
    return Bench(
        zone="example.",
        units=tuple(Unit(serial=serial, site="fra") for serial in serials),
        tokens=SoftwareTokens(folder=folder),
        agent=LyingAgent(hsms, lie),
        algorithm=ECDSAP256SHA256,
        switch=RackSwitch(rack=Rack(hsms=hsms, sites=("fra",) * len(hsms))),
    )


def run(folder: Path, lie: Lie, scenario: Scenario = "zsk-rollover") -> Run:
    [done] = run_scenarios(bench(folder, lie), [scenario])
    return done


def faults(done: Run) -> list[tuple[str, str]]:
    """Return step and text of every fault."""
    return [(step.what, str(fault)) for step in done.steps for fault in step.faults]


def the_truth(_order: Order, _hsms: tuple[SoftwareHsm, ...]) -> None:
    return None


def does_nothing(_order: Order, _hsms: tuple[SoftwareHsm, ...]) -> Claim:
    return DONE


def on_one_only(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "generate":
        return None
    hsms[0].generate(order.name, replicable=True)
    return DONE


def one_for_each(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "generate":
        return None
    RolloverAgent(one_key_pair_per_hsm=True).make_key(order.name, hsms)
    return DONE


def one_for_each_under_one_public_key(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    claim = one_for_each(order, hsms)
    if claim:
        for hsm in hsms[1:]:
            shown = public_path(hsms[0].folder, order.name.key_id).read_bytes()
            public_path(hsm.folder, order.name.key_id).write_bytes(shown)
    return claim


def two_under_one_id(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "generate":
        return None
    RolloverAgent().complete_key(order.name, hsms)
    first = private_path(hsms[2].folder, order.name.key_id)
    second = first.with_name(f"{order.name.key_id}.2.pem")
    second.write_bytes(first.read_bytes())
    return DONE


def under_another_label(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "generate":
        return None
    RolloverAgent().complete_key(KeyName(key_id=order.name.key_id, label="mine"), hsms)
    return DONE


def of_another_algorithm(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "generate":
        return None
    key = ec.generate_private_key(ec.SECP384R1())
    for hsm in hsms:
        hsm.adopt(order.name, key)  # type: ignore[arg-type]  # that is the lie
    return DONE


def leaves_it(order: Order, _hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    return DONE if order.action == "remove" else None


def leaves_the_public_key(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "remove":
        return None
    for hsm in hsms:
        private_path(hsm.folder, order.name.key_id).unlink()
    return DONE


def forgets_an_hsm_at_the_end(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action != "remove":
        return None
    for hsm in hsms[:2]:
        hsm.destroy(order.name)
    return DONE


def destroys_too_early(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
    if order.action == "retire":
        hsms[1].destroy(order.name)
    return None


LIES: dict[str, tuple[Lie, str, str]] = {
    "did nothing": (
        does_nothing,
        "generate partner ksk",
        "no HSM shows a public key of ECDSAP256SHA256 with its CKA_ID",
    ),
    "keys in one HSM only": (on_one_only, "generate partner ksk", "B7: no key"),
    "one key pair for each HSM": (one_for_each, "generate partner ksk", "C2: other key"),
    "what one key pair for each HSM signs": (one_for_each, "activate successor zsk", "C2: 0 of 35 signatures verify"),
    "one public key over other private keys": (
        one_for_each_under_one_public_key,
        "generate partner ksk",
        "B7: other key",
    ),
    "two keys under one id": (two_under_one_id, "generate successor zsk", "C2: several keys"),
    "another label": (under_another_label, "generate partner ksk", "A1: 0 private keys under the label"),
    "another algorithm": (
        of_another_algorithm,
        "generate partner ksk",
        "no HSM shows a public key of ECDSAP256SHA256 with its CKA_ID",
    ),
    "left the old key": (leaves_it, "remove retiring zsk", "A1: still holds 1 private keys"),
    "left the public key": (leaves_the_public_key, "remove retiring zsk", "B7: still shows 1 public keys"),
    "forgot an HSM": (forgets_an_hsm_at_the_end, "remove retiring zsk", "C2: still holds 1 private keys"),
    "destroyed a key that is still needed": (destroys_too_early, "retire retiring zsk", "B7: no key"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_told_with_its_step_and_its_hsm(name: str, tmp_path: Path) -> None:
    lie, step, text = LIES[name]
    done = run(tmp_path, lie)
    assert (step, text) in faults(done)
    assert not exercise(done).completed


@pytest.mark.parametrize("scenario", ["zsk-rollover", "ksk-rollover", LOSS])
def test_the_truth_completes_and_leaves_nothing_behind(scenario: Scenario, tmp_path: Path) -> None:
    done = run(tmp_path, the_truth, scenario)
    assert faults(done) == []
    assert exercise(done).completed
    assert [file.name for file in tmp_path.glob("*/*")] == ["token.json"] * 3


@pytest.mark.parametrize("scenario", ["zsk-rollover", "ksk-rollover", LOSS])
def test_what_is_completed_here_is_completed_for_the_gate(scenario: Scenario, tmp_path: Path) -> None:
    seen = exercise(run(tmp_path, the_truth, scenario))
    assert list(contradictions(seen, "example.", frozenset(SERIALS))) == []


@pytest.mark.parametrize("name", ["one key pair for each HSM", "left the old key", "two keys under one id"])
def test_what_is_not_completed_here_is_not_completed_for_the_gate_whatever_it_is_called(
    name: str, tmp_path: Path
) -> None:
    seen = exercise(run(tmp_path, LIES[name][0]))
    assert list(contradictions(seen, "example.", frozenset(SERIALS))) != []


def test_a_run_in_one_hsm_is_complete_there_and_not_in_production(tmp_path: Path) -> None:
    [done] = run_scenarios(bench(tmp_path, one_for_each, ("A1",)), ["zsk-rollover"])
    seen = exercise(done)
    assert (seen.completed, seen.serials) == (True, ("A1",))
    assert list(contradictions(seen, "example.", frozenset({"A1"}))) == []
    assert list(contradictions(seen, "example.", frozenset(SERIALS))) != []


def test_one_hsm_cannot_be_lost(tmp_path: Path) -> None:
    assert possible(bench(tmp_path, the_truth, ("A1",))) == ("zsk-rollover", "ksk-rollover")
    assert possible(bench(tmp_path, the_truth)) == ("zsk-rollover", "ksk-rollover", LOSS)


def test_an_agent_that_says_no_is_believed_and_asked_no_more(tmp_path: Path) -> None:
    def refuses(order: Order, _hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        return Claim(done=False, said="exit 3: no quorum") if order.action == "publish" else None

    done = run(tmp_path, refuses)
    assert faults(done) == [("publish partner ksk", "the agent did not do it: exit 3: no quorum")]
    assert [step.what for step in done.steps] == ["generate partner ksk", "publish partner ksk", "clear up"]
    assert [file.name for file in tmp_path.glob("*/*")] == ["token.json"] * 3


def test_an_agent_that_is_out_of_order_is_not_called_again_and_what_it_left_is_named(tmp_path: Path) -> None:
    calls = []

    def hangs(order: Order, _hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        calls.append(order)
        return Claim(done=False, said="it hung", orderly=False) if order.action == "publish" else None

    done = run(tmp_path, hangs)
    assert [order.action for order in calls] == ["generate", "publish"]
    left = f"CKA_ID {calls[0].name.key_id} may be left: destroy it there"
    assert faults(done)[1:] == [("clear up", f"{serial}: {left}") for serial in SERIALS]


class Signer:
    """The agent's own signer, which publishes into a file; it may lack a `step`, and say nothing."""

    def __init__(self, file: Path, lacks: str = "") -> None:
        self.file, self.lacks = file, lacks
        self.records: dict[str, str] = {}

    def __call__(self, order: Order, hsms: tuple[SoftwareHsm, ...]) -> None:
        if order.action == self.lacks:
            return
        if order.action == "publish":
            key = base64.b64encode(public_key_in(hsms[0], order.name)).decode()
            self.records[order.name.key_id] = f"example. 3600 IN DNSKEY {FLAGS[order.role]} 3 13 {key}\n"
        if order.action == "remove":
            self.records.pop(order.name.key_id, None)
        self.file.write_text("".join(self.records.values()))


@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        ("", []),
        ("publish", [("publish partner ksk", "the DNSKEY set lacks the partner ksk")]),
        ("remove", [("remove retiring zsk", "the DNSKEY set still has the retiring zsk")]),
    ],
)
def test_what_the_agents_signer_does_not_publish_or_withdraw_is_seen(
    lacks: str, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    file = tmp_path / "dnskeys"
    publication = Publication(source=str(file), zone="example.", seconds=0.5 if lacks else 60)
    [done] = run_scenarios(replace(bench(tmp_path / "tokens", Signer(file, lacks)), publication=publication), [ZSK])
    assert faults(done) == told


def test_what_an_agent_does_not_remove_is_named(tmp_path: Path) -> None:
    names = []

    def keeps(order: Order, _hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        if order.action == "generate":
            names.append(order.name.key_id)
        return Claim(done=False, said="exit 1: never") if order.action == "remove" else None

    told = faults(run(tmp_path, keeps))
    assert told[0] == ("remove retiring zsk", "the agent did not do it: exit 1: never")
    assert [text for step, text in told if step == "clear up"] == [
        f"{serial}: CKA_ID {name} may be left: destroy it there" for name in names for serial in SERIALS
    ]


def test_says_done_while_an_hsm_is_away(tmp_path: Path) -> None:
    def overlooks(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        PracticeAgent(hsms=hsms, maker=RolloverAgent()).perform(order)
        return DONE

    assert faults(run(tmp_path, overlooks, LOSS)) == [
        ("generate successor zsk", "C2: the agent says that it is done while C2 is away")
    ]


def test_a_second_key_for_the_hsm_that_came_back_is_seen(tmp_path: Path) -> None:
    def makes_another(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        lacks = [one for one in hsms if one.is_connected and not one.token.holds(order.name.selector).private_keys]
        if order.action == "generate" and lacks == [hsms[2]]:
            hsms[2].generate(order.name, replicable=True)
            return DONE
        return None

    told = faults(run(tmp_path, makes_another, LOSS))
    assert told[0] == ("generate successor zsk", "C2: other key")


def test_an_agent_may_wait_for_the_hsm_that_is_away(tmp_path: Path) -> None:
    def waits(order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        return None if all(hsm.is_connected for hsm in hsms) else Claim(done=False, said="C2 is away")

    done = run(tmp_path, waits, LOSS)
    assert faults(done) == []
    assert list(contradictions(exercise(done), "example.", frozenset(SERIALS))) == []


def test_a_hang_is_no_waiting(tmp_path: Path) -> None:
    def hangs(_order: Order, hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        return None if all(hsm.is_connected for hsm in hsms) else Claim(done=False, said="it hung", orderly=False)

    assert ("generate successor zsk", "the agent did not do it: it hung") in faults(run(tmp_path, hangs, LOSS))
    assert (tmp_path / "C2" / "token.json").exists(), "the HSM comes back whatever happens"


@dataclass(frozen=True)
class BrokenSwitch:
    """Fails one way."""

    fails: str

    def away(self, serial: str) -> None:
        if self.fails == "away":
            raise SwitchError(f"the command did not take {serial} away")

    def back(self, serial: str) -> None:
        if self.fails == "back":
            raise SwitchError(f"the command did not bring {serial} back")


@pytest.mark.parametrize(
    ("fails", "text"),
    [
        ("away", "C2: the command did not take C2 away"),
        ("back", "C2: the command did not bring C2 back"),
        ("nothing", "C2: still answers, although it is away"),
    ],
)
def test_a_switch_that_does_not_do_it_is_told(fails: str, text: str, tmp_path: Path) -> None:
    whole = bench(tmp_path, the_truth)
    [done] = run_scenarios(replace(whole, switch=BrokenSwitch(fails)), [LOSS])
    assert text in [told for _, told in faults(done)]
    assert not exercise(done).completed


def test_nothing_is_rolled_before_every_hsm_has_answered(tmp_path: Path) -> None:
    stranger = bench(tmp_path, the_truth)
    units = (*stranger.units, Unit(serial="D4", site="ams"))
    calls = []

    def counted(order: Order, _hsms: tuple[SoftwareHsm, ...]) -> Claim | None:
        calls.append(order)
        return None

    asked = Bench(
        zone="example.",
        units=units,
        tokens=stranger.tokens,
        agent=LyingAgent((), counted),
        algorithm=ECDSAP256SHA256,
    )
    done = run_scenarios(asked, possible(asked))
    assert [one.faults[0].unasked for one in done] == [True, True]
    assert [exercise(one).completed for one in done] == [False, False]
    assert calls == []
