"""What the probe says in each situation that HSMs can be in, with software stand-ins and with real SoftHSM tokens.

SoftHSM reads its settings once per process, so each situation runs in a process of its own: this file is the program.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from attestations.dnskey import ECDSAP256SHA256
from attestations.hsm.documents import Unit
from attestations.hsm.pkcs11 import open_tokens
from attestations.hsm.probe import Question, probe
from attestations.hsm.published import PublishedKey
from attestations.hsm.selection import Selected
from attestations.hsm.software import SoftwareTokens, public_path
from attestations.hsm.token import Selector
from attestations.hsm.verdict import rows, verdict_of
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.softhsm import PIN_FILE, softhsm_module, softhsm_units
from attestations.laboratory.software_hsm import SoftwareHsm, software_hsm
from attestations.laboratory.units import public_key_in
from attestations.rollover.keys import KeyName

ZSK = KeyName(key_id="a1", label="zsk")
OTHER = KeyName(key_id="0f", label="other")
CORRECT, DEFECTIVE = RolloverAgent(), RolloverAgent(one_key_pair_per_hsm=True)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """How the HSMs are brought into it, and what the probe must say."""

    agent: RolloverAgent
    answers: tuple[str, ...]
    verdict: str
    then: str = ""
    by: str = "id"
    hsms: int = 3
    absent: int = 0


SITUATIONS = {
    "one key pair in every HSM": Situation(
        agent=CORRECT, answers=("same key", "same key", "same key"), verdict="VALID"
    ),
    "one key pair for each HSM": Situation(
        agent=DEFECTIVE, answers=("same key", "other key", "other key"), verdict="INVALID"
    ),
    "the defect is invisible in one HSM": Situation(agent=DEFECTIVE, answers=("same key",), verdict="VALID", hsms=1),
    "the public object of the first is copied over different private keys": Situation(
        agent=DEFECTIVE,
        then="show the public key of the first",
        answers=("same key", "other key", "other key"),
        verdict="INVALID",
    ),
    "two private keys have one id in the last HSM": Situation(
        agent=CORRECT, then="add a second key", answers=("same key", "same key", "several keys"), verdict="INVALID"
    ),
    "the last HSM is empty": Situation(
        agent=CORRECT, then="empty the last", answers=("same key", "same key", "no key"), verdict="INVALID"
    ),
    "the last HSM shows no public object": Situation(
        agent=CORRECT, then="hide the public key", answers=("same key", "same key", "same key"), verdict="VALID"
    ),
    "the last HSM shows another public object": Situation(
        agent=CORRECT,
        then="show another public key",
        answers=("same key", "same key", "other public key"),
        verdict="INVALID",
    ),
    "an HSM of the environment is absent": Situation(
        agent=CORRECT, absent=1, answers=("same key", "same key", "same key", "not asked"), verdict="INCONCLUSIVE"
    ),
    "an HSM is absent and others differ": Situation(
        agent=DEFECTIVE, absent=1, answers=("same key", "other key", "other key", "not asked"), verdict="INVALID"
    ),
    "correct, looked up by label": Situation(
        agent=CORRECT, by="label", answers=("same key", "same key", "same key"), verdict="VALID"
    ),
    "defective, looked up by label": Situation(
        agent=DEFECTIVE, by="label", answers=("same key", "other key", "other key"), verdict="INVALID"
    ),
    "correct, looked up by public key": Situation(
        agent=CORRECT, by="public-key", answers=("same key", "same key", "same key"), verdict="VALID"
    ),
    "defective, looked up by public key": Situation(
        agent=DEFECTIVE, by="public-key", answers=("same key", "no key", "no key"), verdict="INVALID"
    ),
    "public object copied, looked up by public key": Situation(
        agent=DEFECTIVE,
        then="show the public key of the first",
        by="public-key",
        answers=("same key", "other key", "other key"),
        verdict="INVALID",
    ),
}


def make_hsms(kind: str, folder: Path, count: int) -> tuple:
    names = ("A1", "B7", "C2")[:count]
    if kind == "softhsm":
        return softhsm_units(folder, names)
    return tuple(software_hsm(folder / name, name, slot) for slot, name in enumerate(names))


def replace_public(hsm, source, name: KeyName) -> None:
    """Let `hsm` show, under the ZSK's id, the public key that `source` calls `name`; none where `source` is None."""
    if isinstance(hsm, SoftwareHsm):
        shown = public_path(source.folder, name.key_id).read_bytes() if source else None
        public_path(hsm.folder, ZSK.key_id).unlink()
        if shown:
            public_path(hsm.folder, ZSK.key_id).write_bytes(shown)
        return
    from pkcs11 import Attribute, ObjectClass

    point = source._only(ObjectClass.PUBLIC_KEY, name)[Attribute.EC_POINT] if source else None
    hsm._only(ObjectClass.PUBLIC_KEY, ZSK).destroy()
    if point:
        hsm._create_public(ZSK, point)


def add_second_key(hsm) -> None:
    if isinstance(hsm, SoftwareHsm):
        (hsm.folder / "a1.2.pem").write_bytes((hsm.folder / "a1.pem").read_bytes())
    else:
        hsm.generate(ZSK, replicable=False)


def change(hsms: tuple, then: str) -> None:
    match then:
        case "show the public key of the first":
            for hsm in hsms[1:]:
                replace_public(hsm, hsms[0], ZSK)
        case "add a second key":
            add_second_key(hsms[-1])
        case "empty the last":
            hsms[-1].destroy(ZSK)
        case "hide the public key":
            replace_public(hsms[-1], None, ZSK)
        case "show another public key":
            hsms[0].generate(OTHER, replicable=True)
            replace_public(hsms[-1], hsms[0], OTHER)


def bring_about(situation: Situation, kind: str, folder: Path) -> dict:
    hsms = make_hsms(kind, folder, situation.hsms)
    situation.agent.make_key(ZSK, hsms)
    published = PublishedKey(flags=256, protocol=3, algorithm=ECDSAP256SHA256, public_key=public_key_in(hsms[0], ZSK))
    change(hsms, situation.then)
    tokens = SoftwareTokens(folder=folder)
    if kind == "softhsm":
        for hsm in hsms:
            hsm.disconnect()  # a second login to one token in one process is refused
        tokens = open_tokens(softhsm_module(), (folder / PIN_FILE).read_text)
    values = {"id": bytes.fromhex(ZSK.key_id), "label": ZSK.label.encode(), "public-key": published.public_key}
    selected = Selected(key=published, selector=Selector(by=situation.by, value=values[situation.by]))
    units = [Unit(serial=hsm.serial, site="fra") for hsm in hsms]
    units += [Unit(serial=f"absent-{number}", site="ams") for number in range(situation.absent)]
    question = Question(zone="example.", nonce="5f2c", selected=(selected,), random=os.urandom)
    table = rows(probe(units, tokens, question))
    return {
        "answers": [row.answer.value for row in table],
        "verdict": verdict_of(table).name,
        "fingerprints": [row.fingerprint for row in table],
        "models": sorted({row.model for row in table if row.model}),
    }


def expected(situation: Situation) -> dict:
    return {"answers": list(situation.answers), "verdict": situation.verdict}


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_probe_sees_through_the_situation_in_software(name: str, tmp_path: Path) -> None:
    seen = bring_about(SITUATIONS[name], "software", tmp_path)
    assert {key: seen[key] for key in ("answers", "verdict")} == expected(SITUATIONS[name])
    assert seen["models"] == ["software stand-in"]


@pytest.mark.needs("softhsm2-util")
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_probe_sees_through_the_situation_in_real_tokens(name: str, tmp_path: Path) -> None:
    program = [sys.executable, __file__, name, str(tmp_path / "softhsm")]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {key: seen[key] for key in ("answers", "verdict")} == expected(SITUATIONS[name])
    assert seen["models"] == ["SoftHSM v2"]


def test_a_copied_public_object_makes_the_fingerprints_equal_so_only_the_challenge_tells(tmp_path: Path) -> None:
    name = "the public object of the first is copied over different private keys"
    seen = bring_about(SITUATIONS[name], "software", tmp_path)
    assert len(set(seen["fingerprints"])) == 1
    assert seen["answers"] == ["same key", "other key", "other key"]


if __name__ == "__main__":
    print(json.dumps(bring_about(SITUATIONS[sys.argv[1]], "softhsm", Path(sys.argv[2]))))  # noqa: T201
