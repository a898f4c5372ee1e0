"""The practice agent and the switch of a laboratory as commands, on stand-ins."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attestations.hsm.token import Selector
from attestations.laboratory.hsm_switch import command as switch
from attestations.laboratory.rollover_agent import command as agent
from attestations.laboratory.software_hsm import SoftwareHsm, software_hsm

SERIALS = ("A1", "B7", "C2")
KEY = ("zsk", "a1b2", "a label")
BY_ID = Selector(by="id", value=bytes.fromhex("a1b2"))
DEFECT = ("--defect", "one-key-pair-per-hsm")


@pytest.fixture
def hsms(tmp_path: Path) -> tuple[SoftwareHsm, ...]:
    return tuple(software_hsm(tmp_path / "tokens" / serial, serial, slot) for slot, serial in enumerate(SERIALS))


def order(folder: Path, *arguments: str, serials: tuple[str, ...] = SERIALS) -> Result:
    environment = {"ROLLOVER_STAND_INS": str(folder / "tokens"), "ROLLOVER_SERIALS": "\n".join(serials)}
    return CliRunner().invoke(agent, arguments, env=environment)


def shown(hsms: tuple[SoftwareHsm, ...]) -> list[tuple[bytes, ...]]:
    return [hsm.token.holds(BY_ID).public_keys for hsm in hsms]


def test_the_correct_agent_makes_one_key_pair_and_no_second_one(tmp_path: Path, hsms: tuple[SoftwareHsm, ...]) -> None:
    assert order(tmp_path, "generate", *KEY).exit_code == 0
    before = shown(hsms)
    assert len(set(before)) == 1
    assert order(tmp_path, "generate", *KEY).exit_code == 0
    assert shown(hsms) == before


def test_the_defective_agent_makes_one_for_each_under_one_id(tmp_path: Path, hsms: tuple[SoftwareHsm, ...]) -> None:
    assert order(tmp_path, *DEFECT, "generate", *KEY).exit_code == 0
    assert len(set(shown(hsms))) == 3


def test_remove_leaves_nothing(tmp_path: Path, hsms: tuple[SoftwareHsm, ...]) -> None:
    for step in ("generate", "publish", "activate", "retire", "remove"):
        assert order(tmp_path, step, *KEY).exit_code == 0
    assert shown(hsms) == [(), (), ()]


def test_an_hsm_that_is_not_there_is_not_done(tmp_path: Path, hsms: tuple[SoftwareHsm, ...]) -> None:
    result = order(tmp_path, "generate", *KEY, serials=(*SERIALS, "D4"))
    assert (result.exit_code, result.output) == (1, "cannot be reached: D4\n")
    assert len(set(shown(hsms))) == 1


def turn(folder: Path, way: str, serial: str) -> Result:
    return CliRunner().invoke(switch, [way, str(folder), serial])


def test_an_hsm_that_comes_back_gets_the_key_that_the_others_have(
    tmp_path: Path, hsms: tuple[SoftwareHsm, ...]
) -> None:
    assert turn(tmp_path, "away", "C2").exit_code == 0
    assert not hsms[2].is_connected
    assert order(tmp_path, "generate", *KEY).exit_code == 1
    assert turn(tmp_path, "back", "C2").exit_code == 0
    assert order(tmp_path, "generate", *KEY).exit_code == 0
    assert len(set(shown(hsms))) == 1


@pytest.mark.parametrize(("way", "serial"), [("away", "D4"), ("back", "C2")])
def test_what_cannot_be_switched_is_an_error(
    way: str, serial: str, tmp_path: Path, hsms: tuple[SoftwareHsm, ...]
) -> None:
    result = turn(tmp_path, way, serial)
    assert (result.exit_code, result.output) == (1, f"Error: no HSM with the serial '{serial}' that could go {way}\n")
    assert all(hsm.is_connected for hsm in hsms)
