"""Zones in files: used as they are if they are flat, rewritten if not, and refused before they cost much."""

import gzip
import hashlib
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from attestations.errors import InputError
from attestations.zone.reading import compressed, place_of, rewritten, zone_from_bytes, zone_from_file
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.including import MAX_INCLUDE_DEPTH, MAX_INCLUDED

SOA = b"test. 60 IN SOA ns.test. hostmaster.test. 7 1 1 1 60\n"
FLAT = (
    b"; zone IN SOA x y 8 1 1 1 1\n;test. 60 IN SOA ns host 9 1 1 1 1\n"
    + SOA
    + b"b.test. 60 IN NS ns.test.\na.test.\t60   IN NS\tns.test.\n; a comment\n\n"
)
GENERAL = FLAT.replace(b"test. 60 IN SOA", b"@ 60 SOA")
SORTED = SOA + b"a.test. 60 IN NS ns.test.\nb.test. 60 IN NS ns.test.\n"


@pytest.fixture
def read(tmp_path):
    """Return the zone in a file with these bytes."""

    def zone(content, **options):
        (tmp_path / "zone").write_bytes(content)
        return zone_from_file(tmp_path / "zone", "test.", **options)

    return zone


def whole(zone):
    return zone.read(0, zone.size + 1)


def test_a_flat_file_is_used_as_it_is(read, tmp_path):
    with read(FLAT) as zone:
        assert whole(zone) == FLAT
        assert (zone.is_sorted, zone.original) == (False, zone.descriptor)
        assert os.path.samestat(os.fstat(zone.descriptor), (tmp_path / "zone").stat())
        assert (zone.name, zone.wire, zone.serial) == ("test.", b"\4test\0", 7)
        assert (zone.label, zone.source.kind) == (str(tmp_path / "zone"), "file")


def test_a_dollar_within_a_line_is_no_directive(read):
    content = FLAT + b'a.test. 60 IN TXT "$TTL $"\n' * 200_000 + b"$.test. 60 IN NS ns.test.\n"[:-1]
    with read(content.replace(b"\n$", b"\na$")) as zone:
        assert not zone.is_sorted


@pytest.mark.parametrize(
    "content",
    [
        GENERAL,
        FLAT.replace(b"IN SOA", b"in soa"),
        FLAT.replace(b"\n", b"\r\n"),
        b"$ORIGIN other.\n" + FLAT,
        FLAT + b"$ORIGIN other.\n",
        FLAT + b" 60 IN NS ns.test.\n",
        FLAT.replace(b"60 IN SOA", b"IN 60 SOA"),
        FLAT.replace(b"7 1 1 1 60", b"( 7 1\n1 1\n60 )"),
    ],
)
def test_any_other_file_is_rewritten_and_keeps_its_digest(read, content):
    with read(content) as zone:
        assert whole(zone) == SORTED
        assert zone.is_sorted
        assert zone.sha256 == hashlib.sha256(content).hexdigest()
        assert os.pread(zone.original, len(content) + 1, 0) == content


def test_a_flat_file_can_be_rewritten_later(read):
    with read(FLAT) as zone, rewritten(zone) as again:
        assert whole(again) == SORTED
        assert again.is_sorted
        assert (again.sha256, again.serial, again.label) == (zone.sha256, zone.serial, zone.label)
        assert os.pread(again.original, 1000, 0) == FLAT
        with rewritten(again) as once_more:
            assert whole(once_more) == SORTED
        assert whole(again) == SORTED


def test_what_looks_flat_only_at_first_is_found_out_when_it_is_rewritten(read):
    with (
        read(FLAT + FLAT[:-1] * 1000 + b"x 60 IN NOTYPE y\n") as zone,
        pytest.raises(InputError, match=r":6008: .*NOTYPE"),
    ):
        rewritten(zone)


@pytest.mark.parametrize("prefix", [b"", b"$TTL 60\n\n; (\n$ORIGIN test.\n"])
def test_a_record_is_found_again_in_the_file_that_was_given(read, prefix):
    content = prefix + FLAT + b"x.test. 60 IN A nonsense\n" + FLAT
    with read(content) as zone:
        offset = whole(zone).index(b"x.test. ")
        assert place_of(zone, offset).line == content[: content.index(b"x.test.")].count(b"\n") + 1
    with read(b"$TTL 60\n" + SOA + b"x A (\nnonsense )\ny" + b" A 192.0.2.1\n" * 200_000) as zone:
        assert place_of(zone, whole(zone).index(b"x.test. ")).line == 3
        assert place_of(zone, whole(zone).index(b"y.test. ")).line == 5


def test_bytes_and_files_are_the_same(read):
    with read(GENERAL) as one, zone_from_bytes(GENERAL, "z", "TEST.") as two:
        assert whole(one) == whole(two)
        assert (one.sha256, one.name) == (two.sha256, two.name)


SOAS = {
    "none": b"a.test. 60 IN A 192.0.2.1\n",
    "of another owner": SOA.replace(b"test. ", b"a.test. ", 1),
    "two": SOA + SOA.replace(b" 7 ", b" 8 "),
    "two forms": SOA + b"@ 60 IN SOA x y 7 1 1 1 60\n",
    "malformed": SOA.replace(b" 7 ", b" x "),
}


@pytest.mark.parametrize("variant", SOAS)
@pytest.mark.parametrize("prefix", [b"", b"$TTL 60\n"])
def test_a_zone_has_exactly_one_soa_record_at_its_apex(read, prefix, variant):
    with pytest.raises(InputError, match=r"DNS-ZONEFILE.*SOA"):
        read(prefix + SOAS[variant])


def test_a_second_soa_record_far_away_is_found_when_the_file_is_sorted(read):
    far = SOA + b"a.test. 60 IN A 192.0.2.1\n" * 180_000 + SOA.replace(b" 7 ", b" 8 ")[:-1]
    with read(far) as zone, pytest.raises(InputError, match="SOA"):
        rewritten(zone)


def test_a_soa_record_at_the_end_is_found_too(read):
    with read(b"a.test. 60 IN A 192.0.2.1\n" * 400_000 + SOA[:-1]) as zone:
        assert zone.serial == 7


def test_a_file_that_changes_while_it_is_read_is_refused(read, tmp_path):
    with read(FLAT) as zone:
        with (tmp_path / "zone").open("ab") as file:
            file.write(b"c.test. 60 IN NS ns.test.\n")
        with pytest.raises(InputError, match="changed"):
            rewritten(zone)


@pytest.mark.parametrize("prefix", [b"", b"$TTL 60\n"])
def test_the_same_soa_record_twice_is_one(read, prefix):
    with read(prefix + SOA + FLAT + SOA.replace(b"test.", b"Test.")) as zone:
        assert zone.serial == 7


@pytest.mark.parametrize("prefix", [b"", b"$TTL 60\n"])
def test_as_many_records_as_allowed_are_read_and_one_more_is_refused(read, prefix):
    text = prefix + SOA + b"".join(b"a%d.test. 60 IN A 192.0.2.1\n" % number for number in range(9))
    read(text, bounds=Bounds(max_records=10)).close()
    with pytest.raises(InputError, match="more than 9 records"):
        read(text * 5, bounds=Bounds(max_records=9)).close()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("prefix", [b"", b"$TTL 60\n"])
def test_as_many_bytes_as_allowed_are_read_and_one_more_is_refused(read, prefix, pack):
    read(pack(prefix + SOA), bounds=Bounds(max_bytes=200)).close()
    size = len(prefix + SOA) if pack is bytes else max(len(prefix + SOA), len(pack(prefix + SOA)))
    read(pack(prefix + SOA), bounds=Bounds(max_bytes=size)).close()
    with pytest.raises(InputError, match="LIMIT"):
        read(pack(prefix + SOA), bounds=Bounds(max_bytes=len(prefix + SOA) - 1))


# What is not a file.


def test_a_pipe_does_not_hold_anybody_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="PATH"):
        zone_from_file(tmp_path / "pipe", "test.")


@pytest.mark.parametrize(("name", "code"), [("missing", "FILE"), (".", "PATH"), ("x" * 300, "PATH"), ("a\0b", "PATH")])
def test_what_is_no_file_is_named(tmp_path, name, code):
    with pytest.raises(InputError, match=code):
        zone_from_file(tmp_path / name, "test.")


def test_a_link_to_a_zone_file_is_followed(read, tmp_path):
    read(FLAT).close()
    (tmp_path / "link").symlink_to("zone")
    zone_from_file(tmp_path / "link", "test.").close()


def test_refusals_leave_no_file_open(read):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for content in (b"", b"$X\n", SOAS["two"], b"\x1f\x8bxx", SOA + b'x 60 IN TXT "\n'):
        with pytest.raises(InputError):
            read(content)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


SMALL_DISK = """
import resource, sys
from pathlib import Path
from attestations.errors import InputError
from attestations.zone.reading import zone_from_file
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    zone_from_file(Path(sys.argv[1]), "test.")
except InputError as error:
    print(error.code, error.fix)
"""


@pytest.mark.parametrize("pack", [bytes, lambda text: gzip.compress(text, 0)])
def test_a_large_promise_on_a_small_disk_is_bad_input(tmp_path, pack):
    text = b"$TTL 60\n" + SOA + b"".join(b"a%05d NS ns\n" % number for number in range(20_000))
    (tmp_path / "zone").write_bytes(pack(text))
    run = [sys.executable, "-c", SMALL_DISK, str(tmp_path / "zone")]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert said.startswith("LIMIT ")
    assert "TMPDIR" in said


# gzip.

PACKED = {
    "gzip": gzip.compress(FLAT),
    "several members": gzip.compress(FLAT[:100]) + gzip.compress(b"") + gzip.compress(FLAT[100:]),
    "one octet a member": b"".join(gzip.compress(FLAT[at : at + 1]) for at in range(len(FLAT))),
    "padding": gzip.compress(FLAT) + bytes(100_000),
    "not compressed inside": gzip.compress(FLAT, 0),
}


@pytest.mark.parametrize("form", PACKED)
def test_gzip_is_known_by_its_content(read, form):
    with read(PACKED[form]) as zone:
        assert whole(zone) == FLAT
        assert zone.sha256 == hashlib.sha256(FLAT).hexdigest()


def test_what_is_packed_may_be_of_any_form(read):
    with read(gzip.compress(GENERAL)) as zone:
        assert whole(zone) == SORTED


DAMAGED = {
    "cut": gzip.compress(FLAT)[:-1],
    "cut early": gzip.compress(FLAT)[:20],
    "only the beginning": b"\x1f\x8b",
    "wrong checksum": gzip.compress(FLAT)[:-8] + bytes(8),
    "a second member cut": gzip.compress(FLAT) + gzip.compress(FLAT)[:-4],
    "something behind": gzip.compress(FLAT) + b"test. 60 IN A 192.0.2.1\n",
    "packed twice": gzip.compress(gzip.compress(FLAT)),
    "another format": b"\x1f\x8b" + zlib.compress(FLAT),
}


@pytest.mark.parametrize("variant", DAMAGED)
def test_damaged_gzip_is_refused(read, variant):
    with pytest.raises(InputError, match="DNS-ZONEFILE"):
        read(DAMAGED[variant])


@pytest.mark.parametrize("is_bomb", [False, True])
def test_what_grows_beyond_measure_is_a_bomb(read, monkeypatch, is_bomb):
    content = gzip.compress(
        SOA + b";" + hashlib.shake_256().hexdigest(20_000).encode() + b"\n" + (b";" + b"x" * 70 + b"\n") * 30_000
    )
    ratio = (len(gzip.decompress(content)) - 1) // len(content) + 1
    monkeypatch.setattr(compressed, "MAX_RATIO", ratio - is_bomb)
    if is_bomb:
        with pytest.raises(InputError, match="times its size"):
            read(content)
    else:
        read(content).close()


def test_a_bomb_is_noticed_before_it_is_unpacked(read):
    with pytest.raises(InputError, match="times its size"):
        read(gzip.compress(bytes(60_000_000), 9))


# $INCLUDE.


def test_included_files_are_a_part_of_the_zone(read, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a (b").write_bytes(b"$ORIGIN c\n@ 60 IN NS d\n$TTL 5\n")
    text = SOA + b'a.test. 60 IN NS x\n$INCLUDE "sub/a (b" b\ne IN NS f\n'
    with read(text, include=True) as zone:
        assert whole(zone).splitlines()[1:] == [
            b"a.test. 60 IN NS x.test.",
            b"c.b.test. 60 IN NS d.c.b.test.",
            b"e.test. 5 IN NS f.test.",
        ]
        assert zone.original == zone.descriptor
        assert zone.sha256 == hashlib.sha256(whole(zone)).hexdigest()


def test_a_zone_without_included_files_is_known_by_its_bytes_all_the_same(read):
    with read(GENERAL, include=True) as zone:
        assert zone.sha256 == hashlib.sha256(GENERAL).hexdigest()


def test_an_owner_is_not_inherited_from_or_by_an_included_file(read, tmp_path):
    (tmp_path / "more").write_bytes(b"a 60 IN NS b\n")
    with pytest.raises(InputError, match="without an owner"):
        read(SOA + b"$INCLUDE more\n 60 IN NS c\n", include=True)
    (tmp_path / "more").write_bytes(b" 60 IN NS b\n")
    with pytest.raises(InputError, match="without an owner"):
        read(SOA + b"$INCLUDE more\n", include=True)


def test_a_fault_in_an_included_file_is_named_there(read, tmp_path):
    (tmp_path / "more").write_bytes(b"\na 60 IN NOTYPE b\n")
    with pytest.raises(InputError, match=r"/more:2: "):
        read(SOA + b"$INCLUDE more\n", include=True)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../zone", "sub/../../zone", "link", "missing", "sub", "pipe", "loop", r"x\000"]
)
def test_nothing_else_is_ever_opened(tmp_path, path):
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "zone").write_bytes(b"secret\n")
    (folder / "link").symlink_to(tmp_path / "zone")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    (folder / "zone").write_bytes(SOA + b"$INCLUDE " + path.encode() + b"\n")
    with pytest.raises(InputError) as caught:
        zone_from_file(folder / "zone", "test.", include=True)
    assert "secret" not in str(caught.value)


def test_files_that_include_themselves_come_to_an_end(read):
    with pytest.raises(InputError, match=f"more than {MAX_INCLUDE_DEPTH} deep"):
        read(SOA + b"$INCLUDE zone\n", include=True)


@pytest.mark.parametrize("count", [MAX_INCLUDED, MAX_INCLUDED + 1])
def test_as_many_files_as_allowed_are_included_and_one_more_is_refused(read, tmp_path, count):
    (tmp_path / "empty").write_bytes(b"")
    text = SOA + b"$INCLUDE empty\n" * count
    if count > MAX_INCLUDED:
        with pytest.raises(InputError, match="included files"):
            read(text, include=True)
    else:
        read(text, include=True).close()


def test_included_bytes_count(read, tmp_path):
    (tmp_path / "more").write_bytes(b"; nothing\n" * 100)
    with pytest.raises(InputError, match="LIMIT"):
        read(SOA + b"$INCLUDE more\n" * 3, include=True, bounds=Bounds(max_bytes=2999))
    read(SOA + b"$INCLUDE more\n" * 3, include=True, bounds=Bounds(max_bytes=3000)).close()
