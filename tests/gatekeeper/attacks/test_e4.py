"""E4 Archive and path traversal: what is no folder of plain files, through `gatekeeper replay` and `evaluate`."""

import io
import os
import stat
import tarfile
import zipfile

import pytest
from attacks.limited import run
from attacks.model import EVALUATE
from world.gate import Gate
from world.registry import World

from attestations.digest import sha256
from gatekeeper.case_file import names, write_case_file
from gatekeeper.case_file.archive import MAX_ARCHIVE, MAX_MEMBERS, pack, unpack
from gatekeeper.cli.reporting import report_of

COMMAND = (*EVALUATE, "--at", World().now, "--report", "json")
EVIL = b"#!/bin/sh\n"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    issued = Gate.make(tmp_path_factory.mktemp("gate")).issue(World().files())
    return write_case_file(issued, report_of(issued.judgement, issued.index))


def member(name, mode=0o100644, **attributes):
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.external_attr = mode << 16
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def with_members(archive, *members, compression=zipfile.ZIP_STORED):
    """The case file with more members; its manifest lists them, as an attacker's would."""
    files = unpack(archive, "case.zip")
    listed = {name: raw for name, raw in files.items() if name != names.MANIFEST}
    listed |= {info.filename: EVIL for info in members}
    files[names.MANIFEST] = "".join(f"{sha256(raw)}  {name}\n" for name, raw in sorted(listed.items())).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, raw in sorted(files.items()):
            made.writestr(member(name, compress_type=compression), raw)
        for info in members:
            made.writestr(info, EVIL)
    return buffer.getvalue()


def named(archive, before, after):
    """A name that `zipfile` would not write."""
    assert len(before) == len(after)
    return with_members(archive, member(before)).replace(before.encode(), after)


def as_tar(archive, kind=tarfile.REGTYPE, link=""):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        info = tarfile.TarInfo(names.REQUEST)
        info.type, info.linkname = kind, link
        made.addfile(info)
    return buffer.getvalue()


def lying(archive):
    """The directory says that one member has 4 GiB."""
    start = archive.rindex(b"PK\x01\x02")
    return archive[: start + 24] + b"\xfe\xff\xff\xff" + archive[start + 28 :]


def encrypted(archive):
    """The directory says that one member is."""
    start = archive.rindex(b"PK\x01\x02")
    return archive[: start + 8] + b"\1" + archive[start + 9 :]


def bomb(_):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made, made.open("request.yaml", "w") as file:
        for _ in range(256):
            file.write(bytes(1 << 20))
    return buffer.getvalue()


HOSTILE = {
    "dot-dot": (lambda a: with_members(a, member("../evil")), "PATH"),
    "dot-dot-inside": (lambda a: with_members(a, member("evidence/../../evil")), "PATH"),
    "dot": (lambda a: with_members(a, member("./evil")), "PATH"),
    "absolute": (lambda a: with_members(a, member("/tmp/evil")), "PATH"),  # noqa: S108
    "backslash": (lambda a: named(a, "..-evil", b"..\\evil"), "PATH"),
    "drive": (lambda a: with_members(a, member("C:evil")), "PATH"),
    "symlink": (lambda a: with_members(a, member("evidence/link", stat.S_IFLNK | 0o777)), "PATH"),
    "hardlink": (lambda a: as_tar(a, tarfile.LNKTYPE, "/etc/passwd"), "PATH"),
    "tar": (as_tar, "PATH"),
    "device": (lambda a: with_members(a, member("evidence/zero", stat.S_IFCHR | 0o666)), "PATH"),
    "fifo": (lambda a: with_members(a, member("evidence/pipe", stat.S_IFIFO | 0o666)), "PATH"),
    "folder": (lambda a: with_members(a, member("evidence/", stat.S_IFDIR | 0o755)), "PATH"),
    "duplicate-entry": (lambda a: named(a, "request_yaml", b"request.yaml"), "PATH"),
    "nul": (lambda a: named(a, "evil-../../evil", b"evil\0../../evil"), "PATH"),
    "line-feed": (lambda a: named(a, "evil-::error::", b"evil\n::error::"), "PATH"),
    "not-ascii": (lambda a: with_members(a, member("\N{CYRILLIC SMALL LETTER ER}olicy.yaml")), "PATH"),
    "name-4k": (lambda a: with_members(a, member("e" * 4096)), "PATH"),
    "case-fold-clash": (lambda a: with_members(a, member("Request.yaml")), "PATH"),
    "compressed": (lambda a: with_members(a, compression=zipfile.ZIP_DEFLATED), "PATH"),
    "encrypted": (encrypted, "PATH"),
    "lying-size": (lying, "LIMIT"),
    "zip-bomb": (bomb, "LIMIT"),
    "too-many": (lambda _: pack({f"evidence/{number}": b"" for number in range(MAX_MEMBERS + 1)}), "LIMIT"),
    "too-large": (lambda a: a + bytes(MAX_ARCHIVE), "LIMIT"),
    "nothing": (lambda _: b"", "PATH"),
    "extra-file": (lambda a: with_members(a, member("trust/files/extra.pem")), "CASE-FILE"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_written(archive, tmp_path, name):
    make, code = HOSTILE[name]
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "case.zip").write_bytes(make(archive))
    ended = run(folder, "replay", "case.zip", "--output", "json")
    assert (ended.exit, ended.codes) == (2, {code})
    assert ended.bounded, ended
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["case.zip"]


def test_the_honest_archive_is_replayed(archive, tmp_path):
    (tmp_path / "case.zip").write_bytes(archive)
    ended = run(tmp_path, "replay", "case.zip", "--output", "json")
    assert ended.exit == 0
    assert ended.bounded, ended


def test_as_many_members_as_there_may_be_are_read():
    files = {f"evidence/{number}": b"" for number in range(MAX_MEMBERS)}
    assert unpack(pack(files), "case.zip") == files


def linked(folder, target):
    """The HSM evidence is a link to `target`."""
    path = folder / "evidence/hsm.json"
    raw = path.read_bytes()
    path.unlink()
    path.symlink_to(target)
    return raw


def beside(folder):
    (folder / "elsewhere").write_bytes(linked(folder, "../elsewhere"))


def to_device(folder):
    linked(folder, "/dev/zero")


def to_itself(folder):
    linked(folder, "hsm.json")


def pipe(folder):
    (folder / "evidence/hsm.json").unlink()
    os.mkfifo(folder / "evidence/hsm.json")


def unreadable(folder):
    (folder / "evidence/hsm.json").unlink()
    (folder / "evidence/hsm.json").mkdir()


@pytest.mark.parametrize("change", [beside, to_device, to_itself, pipe], ids=lambda change: change.__name__)
def test_evidence_that_is_no_plain_file_does_not_count(tmp_path, change):
    World().write(tmp_path)
    change(tmp_path)
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes - {"APPR-COUNT", "APPR-REPLAY"}) == (11, {"PATH"})
    assert ended.bounded, ended


def test_a_folder_in_the_place_of_evidence_holds_none(tmp_path):
    World().write(tmp_path)
    unreadable(tmp_path)
    assert run(tmp_path, *COMMAND).exit == 11


def test_a_hard_link_is_a_plain_file(tmp_path):
    World().write(tmp_path)
    (tmp_path / "evidence/hsm.json").rename(tmp_path / "elsewhere")
    (tmp_path / "evidence/hsm.json").hardlink_to(tmp_path / "elsewhere")
    assert run(tmp_path, *COMMAND).exit == 0


def test_a_linked_folder_among_the_evidence_is_not_followed(tmp_path):
    World().write(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "evidence/hsm.json").rename(tmp_path / "elsewhere/hsm.json")
    (tmp_path / "evidence/more").symlink_to("../elsewhere")
    assert run(tmp_path, *COMMAND).exit == 11


@pytest.mark.parametrize("path", ["evidence", "evidence/deeper"])
def test_the_request_does_not_lead_through_a_link(tmp_path, path):
    """Whoever asks could otherwise have the gate read, and name, files anywhere on its disk."""
    world = World().with_document("request", lambda request: request["spec"].update(evidence=[path]))
    world.signed_off_by().write(tmp_path)
    (tmp_path / "evidence").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/deeper").mkdir()
    (tmp_path / "evidence").symlink_to("elsewhere")
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes) == (2, {"PATH"})


def test_the_folder_of_the_request_may_be_reached_through_a_link(tmp_path):
    World().write(tmp_path / "really")
    (tmp_path / "link").symlink_to("really")
    assert run(tmp_path / "link", *COMMAND).exit == 0
    files = [word.replace(".yaml", "") for word in COMMAND]
    there = [f"link/{word}.yaml" if word in {"request", "environment", "policy", "trust"} else word for word in files]
    assert run(tmp_path, *there).exit == 0


@pytest.mark.parametrize("document", ["request", "environment", "policy", "trust"])
def test_a_document_that_is_a_link_is_refused(tmp_path, document):
    World().write(tmp_path)
    path = tmp_path / f"{document}.yaml"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to("elsewhere")
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes) == (2, {"PATH"})
