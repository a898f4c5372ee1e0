"""The archive of a case file: one byte form, and every flipped byte is found."""

import subprocess
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from gatekeeper.case_file import names, read_case_file
from gatekeeper.case_file.archive import pack, unpack

NAMES = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True)


def refusal(archive, folder):
    path = folder / "case.zip"
    path.write_bytes(archive)
    with pytest.raises(InputError) as caught:
        read_case_file(path)
    return caught.value


@settings(max_examples=50)
@given(files=st.dictionaries(NAMES, st.binary(max_size=64), max_size=8))
def test_the_same_files_give_the_same_bytes_in_any_order_and_come_back(files):
    backwards = dict(sorted(files.items(), reverse=True))
    assert pack(backwards) == pack(files)
    assert unpack(pack(files), "case.zip") == files


def test_writing_a_case_file_again_gives_the_same_bytes(issued, archive, write_case):
    assert write_case(issued) == archive


def test_the_manifest_lists_every_other_file(archive):
    files = unpack(archive, "case.zip")
    listed = [line.split("  ")[1] for line in files[names.MANIFEST].decode().splitlines()]
    assert listed == sorted(set(files) - {names.MANIFEST})


@pytest.mark.needs("sha256sum")
def test_the_manifest_is_what_sha256sum_reads(archive, tmp_path):
    for name, raw in unpack(archive, "case.zip").items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    check = ["sha256sum", "--strict", "--check", names.MANIFEST]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / names.DECISION).write_bytes(b"{}")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_one_flipped_bit_anywhere_is_found(archive, tmp_path):
    directory = archive.index(b"PK\x01\x02")
    positions = {*range(0, directory, 499), *range(directory, len(archive), 7), *range(120), len(archive) - 1}
    for position in sorted(positions):
        altered = bytearray(archive)
        altered[position] ^= 1 << position % 8
        assert refusal(bytes(altered), tmp_path).code in {"PATH", "CASE-FILE", "LIMIT"}, position


@pytest.mark.parametrize("length", [0, 1, 21, 22, -1, -22])
def test_a_cut_archive_is_found(archive, tmp_path, length):
    assert refusal(archive[:length], tmp_path).code == "PATH"


@pytest.mark.parametrize(
    "change",
    [
        lambda archive: archive + b"\0",
        lambda archive: b"#!/bin/sh\n" + archive,
        lambda archive: archive[:-2] + b"\x05\x00hello",
    ],
    ids=["after", "before", "comment"],
)
def test_bytes_around_the_archive_are_found(archive, tmp_path, change):
    assert refusal(change(archive), tmp_path).code in {"PATH", "CASE-FILE"}


def test_the_same_files_packed_by_another_tool_are_refused(archive, tmp_path):
    with zipfile.ZipFile(tmp_path / "again.zip", "w", zipfile.ZIP_STORED) as again:
        for name, raw in unpack(archive, "case.zip").items():
            again.writestr(zipfile.ZipInfo(name, date_time=(2026, 4, 10, 12, 0, 0)), raw)
    assert refusal((tmp_path / "again.zip").read_bytes(), tmp_path).code == "CASE-FILE"


def test_the_archive_as_it_was_written_is_read(archive, tmp_path):
    path = tmp_path / "case.zip"
    path.write_bytes(archive)
    assert read_case_file(path).decision.decision == "approve"
