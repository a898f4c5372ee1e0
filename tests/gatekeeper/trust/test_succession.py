"""One version of a trust root follows another only as its owners said: TUF's rules for root metadata (5.3)."""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from world.documents import dump, pem, trust
from world.gate import signed
from world.keys import signer
from world.versions import OWNERS, version

from attestations.errors import InputError
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant
from gatekeeper.anchors import Anchors, GateSpec, chain_folder, check_anchored_chain
from gatekeeper.documents import parse_source
from gatekeeper.trust.owners import Owners
from gatekeeper.trust.succession import (
    MAX_VERSIONS,
    append,
    check_chain,
    check_not_expired,
    check_successor,
    lacking,
    load_version,
    read_chain,
)

OLD = version(12, "owner-a", "owner-b")


def refused(code, new, old=OLD):
    with pytest.raises(InputError) as caught:
        check_successor(old, new)
    assert caught.value.code == code
    assert caught.value.where.file == new.source.document.name
    return caught.value


def test_the_next_version_signed_by_enough_owners_follows():
    check_successor(OLD, version(13, "owner-b", "owner-c"))


@pytest.mark.parametrize("number", [11, 12, 14])
def test_rollback_repetition_and_fast_forward_are_refused(number):
    error = refused("TRUST-VERSION", version(number, "owner-a", "owner-b"))
    assert f"version {number}" in error.found
    assert "version 13" in error.wanted


@pytest.mark.parametrize("signers", [("owner-a",), ("owner-a", "owner-a"), ("owner-a", "stranger"), ()])
def test_fewer_distinct_owners_than_the_threshold_are_refused(signers):
    refused("SIG-THRESHOLD", version(13, *signers))


def test_new_owners_alone_cannot_take_over():
    thieves = ("thief-a", "thief-b")
    error = refused("SIG-THRESHOLD", version(13, *thieves, owners=thieves))
    assert "version 12" in error.found


def test_new_owners_must_have_signed_too_so_that_they_are_known_to_hold_their_keys():
    owners = ("owner-a", "owner-d")
    error = refused("SIG-THRESHOLD", version(13, "owner-a", "owner-b", owners=owners))
    assert "version 13" in error.found
    check_successor(OLD, version(13, "owner-a", "owner-b", "owner-d", owners=owners))


def test_owners_hand_over_whole_when_both_sides_sign():
    owners = ("owner-d", "owner-e")
    check_successor(OLD, version(13, "owner-a", "owner-b", *owners, owners=owners))


def test_another_trust_root_or_another_kind_does_not_follow():
    refused("POL-TRUST", version(13, "owner-a", "owner-b", name="another"))
    error = refused("POL-TRUST", version(13, "owner-a", "owner-b", development=True))
    assert (error.found, error.wanted) == (
        "the development trust root 'registry'",
        "a successor of the production trust root 'registry'",
    )


def test_a_version_without_owners_has_no_successor():
    document = trust()
    old = load_version(parse_source(dump(document), "12.trust"))
    with pytest.raises(InputError) as caught:
        check_successor(old, version(13, "owner-a", "owner-b"))
    assert (caught.value.code, "names no owners" in caught.value.found) == ("POL-TRUST", True)


def test_one_owner_key_twice_and_a_threshold_out_of_reach_are_refused():
    with pytest.raises(InputError, match="POL-TRUST: found one owner key listed twice"):
        lacking(*(version(13, "owner-a", owners=("owner-a", "owner-a")),) * 2)
    with pytest.raises(InputError, match="threshold 3 and 2 keys"):
        lacking(*(version(13, "owner-a", owners=("owner-a", "owner-b"), threshold=3),) * 2)


def test_one_owner_signs_alone_where_no_threshold_is_named():
    assert Owners(keys=(pem("owner-a"),)).threshold == 1


def test_lacking_counts_down_to_none():
    counts = [lacking(one, one) for one in (version(13, *signers) for signers in ((), OWNERS[:1], OWNERS[:2], OWNERS))]
    assert counts == [2, 1, 0, 0]


def test_an_expired_version_is_not_taken_in_and_one_second_before_it_is():
    one = version(13, "owner-a", "owner-b", expires="2026-05-01T00:00:00Z")
    check_not_expired(one, Instant.parse("2026-04-30T23:59:59Z"))
    with pytest.raises(InputError) as caught:
        check_not_expired(one, Instant.parse("2026-05-01T00:00:00Z"))
    assert caught.value.code == "POL-TRUST"


def test_a_chain_is_read_back_as_it_was_appended(tmp_path):
    chain = (OLD, version(13, "owner-b", "owner-c"), version(14, *OWNERS))
    for one in chain:
        assert append(tmp_path, one) == tmp_path / f"{one.record.metadata.version}.trust"
    again = read_chain(tmp_path)
    assert [one.digest for one in again] == [one.digest for one in chain]
    check_chain(again)


def test_a_chain_with_a_version_that_may_not_follow_is_refused(tmp_path):
    for chain in ((OLD, version(13, "owner-a")), (OLD, version(13, *OWNERS), version(14, "owner-a"))):
        with pytest.raises(InputError) as caught:
            check_chain(chain)
        assert caught.value.code == "SIG-THRESHOLD"


def test_a_chain_has_an_end(tmp_path):
    """The file one too many refuses the whole chain before any of it is read; one fewer is read, and is no version."""
    for number in range(1, MAX_VERSIONS + 2):
        (tmp_path / f"{number}.trust").touch()
    with pytest.raises(InputError) as caught:
        read_chain(tmp_path)
    assert (caught.value.code, "at most 1024" in caught.value.wanted) == ("TRUST-VERSION", True)
    (tmp_path / f"{MAX_VERSIONS + 1}.trust").unlink()
    with pytest.raises(InputError) as caught:
        read_chain(tmp_path)
    assert caught.value.code != "TRUST-VERSION"


def test_nothing_is_overwritten_in_a_chain(tmp_path):
    append(tmp_path, OLD)
    with pytest.raises(InputError) as caught:
        append(tmp_path, version(12, *OWNERS))
    assert caught.value.code == "TRUST-VERSION"
    assert read_chain(tmp_path)[0].source.raw == OLD.source.raw


def test_a_version_left_out_or_under_anothers_number_is_noticed(tmp_path):
    append(tmp_path, OLD)
    append(tmp_path, version(14, *OWNERS))
    with pytest.raises(InputError) as caught:
        read_chain(tmp_path)
    assert caught.value.code == "TRUST-VERSION"
    (tmp_path / "14.trust").rename(tmp_path / "13.trust")
    with pytest.raises(InputError, match=r"TRUST-VERSION: found version 14 in 13\.trust") as caught:
        read_chain(tmp_path)
    assert caught.value.where.line == version(14).source.document.where(("metadata",)).line


def test_a_chain_counts_only_if_its_first_version_is_vouched_for():
    chain = (OLD, version(13, "owner-b", "owner-c"))
    check_anchored_chain(Anchors(spec=GateSpec(trust_roots=(OLD.digest,)), chain=chain))
    keys = tuple(signer(name).public.pem for name in OWNERS)
    check_anchored_chain(Anchors(spec=GateSpec(trust_owners=Owners(keys=keys, threshold=2)), chain=chain))
    for spec, versions in ((GateSpec(trust_roots=(chain[1].digest,)), chain), (GateSpec(), chain), (GateSpec(), ())):
        with pytest.raises(InputError) as caught:
            check_anchored_chain(Anchors(spec=spec, chain=versions))
        assert caught.value.code == "POL-TRUST"


def test_without_a_folder_there_is_no_chain(tmp_path):
    assert read_chain(tmp_path / "nothing") == ()
    with pytest.raises(InputError, match="trust_chain"):
        chain_folder(tmp_path / "gate.yaml", GateSpec())


def revoking(number, *signers, gone, owners=OWNERS, threshold=2):
    document = copy.deepcopy(trust())
    document["metadata"].update(version=number)
    document["spec"]["owners"] = {"keys": [pem(owner) for owner in owners], "threshold": threshold}
    revoked = [{"sha256": signer(name).public.fingerprint, "reason": "stolen"} for name in gone]
    document["spec"]["revoked"] = {"keys": revoked}
    return load_version(parse_source(signed(dump(document), *signers), f"{number}.trust"))


def test_the_key_of_an_owner_that_the_old_version_revoked_signs_no_new_one():
    old = revoking(12, "owner-b", "owner-c", gone=("owner-a",))
    refused("SIG-THRESHOLD", version(13, "owner-a", "owner-b"), old)
    check_successor(old, version(13, "owner-b", "owner-c"))


def test_the_key_of_an_owner_that_the_new_version_revokes_does_not_sign_for_it():
    error = refused("SIG-THRESHOLD", revoking(13, "owner-a", "owner-b", gone=("owner-a",)))
    assert "version 13" in error.found
    check_successor(OLD, revoking(13, "owner-b", "owner-c", gone=("owner-a",)))


def test_of_two_who_take_in_one_version_at_once_one_does_and_the_other_is_told(tmp_path):
    append(tmp_path, OLD)
    rivals = [version(13, *OWNERS, expires=f"2027-0{month}-01T00:00:00Z") for month in range(1, 9)]
    together = threading.Barrier(len(rivals))

    def take(one):
        together.wait()
        try:
            append(tmp_path, one)
        except InputError as error:
            return error.code
        return one.digest

    with ThreadPoolExecutor(len(rivals)) as pool:
        ended = list(pool.map(take, rivals))
    assert ended.count("TRUST-VERSION") == len(rivals) - 1
    assert read_chain(tmp_path)[1].digest in ended


def test_a_chain_whose_folder_is_not_there_cannot_grow(tmp_path):
    (tmp_path / "file").touch()
    for name in ("nothing", "file"):
        with pytest.raises(InputError, match="trust_chain") as caught:
            append(tmp_path / name, OLD)
        assert caught.value.code == "FILE"


@pytest.mark.parametrize("name", ["013.trust", "13 .trust", "١٣.trust", "+13.trust", "new.trust", "13.trust.trust"])
def test_a_version_under_a_name_that_is_no_number_is_not_passed_over(tmp_path, name):
    """A version that is there and not seen would leave the one before it in force."""
    append(tmp_path, OLD)
    (tmp_path / name).write_bytes(version(13, *OWNERS).source.raw)
    with pytest.raises(InputError, match=r"13\.trust|new\.trust|\\u0661") as caught:
        read_chain(tmp_path)
    assert caught.value.code == "TRUST-VERSION"
    (tmp_path / name).rename(tmp_path / "13.trust")
    assert len(read_chain(tmp_path)) == 2


def test_two_files_for_one_version_are_refused(tmp_path):
    append(tmp_path, OLD)
    (tmp_path / "012.trust").write_bytes(OLD.source.raw)
    with pytest.raises(InputError) as caught:
        read_chain(tmp_path)
    assert caught.value.code == "TRUST-VERSION"


def test_a_version_behind_a_link_or_larger_than_any_is_not_read(tmp_path):
    append(tmp_path, OLD)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(version(13, *OWNERS).source.raw)
    (tmp_path / "13.trust").symlink_to(elsewhere)
    for code in ("PATH", "LIMIT"):
        with pytest.raises(InputError) as caught:
            read_chain(tmp_path)
        assert caught.value.code == code
        (tmp_path / "13.trust").unlink()
        (tmp_path / "13.trust").write_bytes(b"#" * (EVIDENCE.max_bytes + 1))


def test_nothing_is_written_through_a_link_in_a_chain(tmp_path):
    append(tmp_path, OLD)
    (tmp_path / "13.trust").symlink_to(tmp_path / "nowhere")
    append(tmp_path, version(13, *OWNERS))
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "13.trust").is_symlink()
