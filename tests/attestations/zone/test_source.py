"""Reading zones: strict, bounded, and one and the same zone whichever way it is written (threat family C4)."""

import time
from dataclasses import replace

import dns.name
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone.practice.signing import practice_zone
from attestations.zone.source import Bounds, zone_from_bytes, zone_from_file

ZONE = dns.name.from_text("test.")
SOA = b"@ 60 IN SOA ns hostmaster 7 1 1 1 60\n"


def read(text, **bounds):
    return zone_from_bytes(text, "some.zone", ZONE, Bounds(**bounds))


def test_relative_names_directives_comments_and_continuation_lines_are_read():
    text = (
        b"$TTL 60\n$ORIGIN test.\n"
        + SOA
        + b'a NS ns ; a comment (\n  IN TXT (\n "x;y"\n z ) ; end\n$ORIGIN b\nc A 192.0.2.1\n'
    )
    owners = [(rrset.owner.to_text(), rrset.rtype.name) for rrset in read(text).rrsets]
    assert owners == [("test.", "SOA"), ("a.test.", "NS"), ("a.test.", "TXT"), ("c.b.test.", "A")]


def test_the_digest_is_that_of_the_file(tmp_path):
    import hashlib

    (tmp_path / "z").write_bytes(SOA)
    zone = zone_from_file(tmp_path / "z", ZONE)
    assert zone.sha256 == hashlib.sha256(SOA).hexdigest()
    assert zone.serial == 7


def test_records_outside_the_zone_are_set_apart():
    zone = read(SOA + b"x.other. 60 IN A 192.0.2.1\n")
    assert [name.to_text() for name in zone.outside] == ["x.other."]
    assert len(zone.rrsets) == 1


def test_duplicates_are_one_record_and_different_ttls_are_kept():
    zone = read(SOA + b"a 60 IN A 192.0.2.1\na 60 IN A 192.0.2.1\na 90 IN A 192.0.2.2\n")
    assert len(zone.rrsets[1].rdatas) == 2
    assert zone.rrsets[1].ttls == {60, 90}


def read_or_code(text):
    """Return the serial, or the code of the error."""
    try:
        return read(text).serial
    except InputError as error:
        return error.code


REFUSED = {
    "include-absolute": b"$INCLUDE /etc/passwd\n",
    "include-parent": b"$INCLUDE ../secret\n",
    "include-dev-zero": b"$INCLUDE /dev/zero\n",
    "generate-2-31": b"$GENERATE 1-2147483648 a$ A 192.0.2.1\n",
    "unterminated-paren": b"a 60 IN TXT (\n",
    "nested-parens": b"a 60 IN TXT " + b"(" * 100_000 + b"\n",
    "unterminated-quote": b'a 60 IN TXT "\n',
    "labels-128": b"a." * 128 + b" 60 IN A 192.0.2.1\n",
    "long-label": b"a" * 64 + b" 60 IN A 192.0.2.1\n",
    "txt-64k": b"a 60 IN TXT " + b" ".join([b'"' + b"a" * 255 + b'"'] * 260) + b"\n",
    "binary": b"\0\1\2",
    "not-utf-8": b"a 60 IN TXT \xff\n",
    "name-beyond-ascii": "\N{LATIN SMALL LETTER E WITH ACUTE} 60 IN A 192.0.2.1\n".encode(),
    "another-class": b"a 60 CH TXT x\n",
    "no-ttl": b"",
    "bad-escape": b"a\\999 60 IN A 192.0.2.1\n",
    "half-an-rrsig": b"a 60 IN RRSIG A 13 2\n",
}


@pytest.mark.parametrize("variant", REFUSED)
def test_bombs_and_broken_files_are_refused_quickly(variant):
    text = b"a IN A 192.0.2.1\n" if variant == "no-ttl" else SOA + REFUSED[variant]
    started = time.perf_counter()
    with pytest.raises(InputError, match="DNS-ZONEFILE"):
        read(text)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("line", [1, 2, 3])
def test_the_error_names_the_line(line):
    lines = [SOA, b"a 60 IN A 192.0.2.1\n", b"b 60 IN A 192.0.2.1\n"]
    lines[line - 1] = b"c 60 IN A nonsense\n"
    with pytest.raises(InputError) as caught:
        read(b"".join(lines))
    assert caught.value.where.line == line


def test_as_many_records_as_allowed_are_read_and_one_more_is_refused():
    text = SOA + b"".join(b"a%d 60 IN A 192.0.2.1\n" % number for number in range(9))
    assert len(read(text, max_records=10).rrsets) == 10
    with pytest.raises(InputError, match="more than 9 records"):
        read(text, max_records=9)


def test_as_many_bytes_as_allowed_are_read_and_one_more_is_refused(tmp_path):
    (tmp_path / "z").write_bytes(SOA)
    assert zone_from_file(tmp_path / "z", ZONE, Bounds(max_bytes=len(SOA))).serial == 7
    with pytest.raises(InputError, match="LIMIT"):
        zone_from_file(tmp_path / "z", ZONE, Bounds(max_bytes=len(SOA) - 1))


@pytest.mark.parametrize("soa", [b"a 60 IN A 192.0.2.1\n", SOA + SOA.replace(b" 7 ", b" 8 "), b"a" + SOA[1:]])
def test_a_zone_has_exactly_one_soa_at_its_apex(soa):
    with pytest.raises(InputError, match="SOA"):
        read(soa)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_zone_or_an_input_error(noise):
    assert read_or_code(SOA + noise) in (7, "DNS-ZONEFILE")


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "@",
                "60",
                "IN",
                "A",
                "(",
                ")",
                '"',
                ";",
                "\\",
                "$TTL",
                "$ORIGIN",
                "\n",
                "RRSIG",
                "NSEC3",
                "1",
                "0",
                "-",
                "TYPE65280",
                "\\#",
                "DNSKEY",
                "257",
                "3",
                "13",
                "AA==",
            ]
        ),
        max_size=30,
    )
)
def test_any_tokens_give_a_zone_or_an_input_error(tokens):
    assert read_or_code(SOA + " ".join(tokens).encode()) in (7, "DNS-ZONEFILE")


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(examine, ksk, zsk, now, shuffler):
    practice = practice_zone([ksk, zsk], now, delegations=3)
    lines = practice.text.splitlines(keepends=True)
    shuffler.shuffle(lines)
    assert examine(replace(practice, text=b"".join(lines))).counts == examine(practice).counts
