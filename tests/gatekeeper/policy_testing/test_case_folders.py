"""Case folders: overlays, the time, and people whose sign-offs are taken for given."""

import shutil

import pytest

from attestations.errors import InputError
from gatekeeper.policy_testing import read_case_folder
from gatekeeper.policy_testing.judging import ending_of


@pytest.fixture
def folder(policies, tmp_path):
    """An empty folder above the case in which a rollback is in order."""
    shutil.copytree(policies / "cases" / "rollback" / "in-order", tmp_path / "in-order")
    made = tmp_path / "case"
    made.mkdir()
    (made / "base").write_text("../in-order\n")
    return made


def refused(folder):
    with pytest.raises(InputError) as caught:
        read_case_folder(folder)
    assert caught.value.fix
    return caught.value.code, caught.value.found


def test_a_folder_with_a_base_and_nothing_else_is_the_base(folder, policy_of):
    assert str(ending_of(read_case_folder(folder), policy_of("rollback"))) == "approve"


def test_a_file_counts_in_place_of_the_one_of_the_base(folder, policy_of):
    (folder / "sign-offs.yaml").write_text("people: [{name: alice, verdict: reject}]\n")
    assert str(ending_of(read_case_folder(folder), policy_of("rollback"))) == "deny by one-person"


def test_evidence_of_the_base_can_be_left_out(folder, policy_of):
    (folder / "without").write_text("evidence/hsm.json\nevidence/rollback.json\n")
    ending = ending_of(read_case_folder(folder), policy_of("rollback"))
    assert str(ending) == "inconclusive by one-key-in-every-hsm, way-back"


def test_sign_offs_can_be_left_out(folder, policy_of):
    (folder / "without").write_text("sign-offs.yaml\n")
    assert str(ending_of(read_case_folder(folder), policy_of("rollback"))) == "inconclusive by one-person"


def test_leaving_out_what_the_base_does_not_have_is_a_slip(folder):
    (folder / "without").write_text("evidence/typo.json\n")
    assert refused(folder) == ("POLICY-CASE", "without evidence/typo.json, which the base does not have")


def test_a_case_needs_its_documents_and_its_time(folder):
    for name in ("request.yaml", "environment.yaml", "trust.yaml", "now"):
        (folder / "without").write_text(f"{name}\n")
        assert refused(folder) == ("POLICY-CASE", f"no {name}")


@pytest.mark.parametrize(("text", "found"), [("2026-04-10\n", "'2026-04-10' is not"), ("\n", "an empty file")])
def test_the_time_is_one_line_in_utc(folder, text, found):
    (folder / "now").write_text(text)
    code, said = refused(folder)
    assert code == "POLICY-CASE"
    assert said.startswith(found)


def test_a_folder_that_is_not_there_is_named(folder):
    shutil.rmtree(folder.parent / "in-order")
    assert refused(folder) == ("POLICY-CASE", "no such folder")


def test_bases_do_not_go_round(folder):
    (folder.parent / "in-order" / "base").write_text("../case\n")
    code, found = refused(folder)
    assert (code, found) == ("POLICY-CASE", "more bases above one another than a reader can follow")


def test_a_person_whom_the_trust_root_does_not_know_cannot_sign_off(folder):
    (folder / "sign-offs.yaml").write_text("people: [{name: mallory}]\n")
    code, found = refused(folder)
    assert (code, found) == ("POL-TRUST", "a sign-off by 'mallory', whom the trust root of the case does not know")


def test_a_slip_in_sign_offs_is_told_with_its_place(folder):
    (folder / "sign-offs.yaml").write_text("people: [{name: alice, verdict: maybe}]\n")
    with pytest.raises(InputError) as caught:
        read_case_folder(folder)
    assert caught.value.code == "SCHEMA"
    assert caught.value.where.line == 1


def test_no_sign_off_is_signed_so_none_is_evidence_anywhere_else(case_of):
    case = case_of("rollback/in-order")
    assert [saying.person.record.name for saying in case.sayings] == ["alice"]
    assert "sign-off" not in {attestation.predicate_type.split("/")[-2] for attestation in case.case.attestations}
