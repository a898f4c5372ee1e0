"""Master files as people and signers write them: one flat form, or an error that names the line (threat family C4)."""

import subprocess
import time

import dns.name
import dns.rdataclass
import dns.tokenizer
import dns.transaction
import dns.zonefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone.reading import files, rewritten, zone_from_bytes, zone_from_file
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.flat import fields_of, lines
from attestations.zone.reading.names import RelativeNameError
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.reading.unfolding import MAX_LINE

SOA = b"@ 60 IN SOA ns hostmaster 7 1 1 1 60\n"
FLAT_SOA = "test. 60 IN SOA ns.test. hostmaster.test. 7 1 1 1 60"

FORMS = {
    "relative names": (b"a 60 IN MX 10 mail\n", "a.test. 60 IN MX 10 mail.test."),
    "the origin": (b"@ 60 IN NS @\n", "test. 60 IN NS test."),
    "absolute names": (b"a.test. 60 IN NS ns.example.\n", "a.test. 60 IN NS ns.example."),
    "upper-case owners": (b"A.Test. 60 IN NS NS.Example.\n", "a.test. 60 IN NS NS.Example."),
    "lower-case mnemonics": (b"a 60 in ns b\n", "a.test. 60 IN NS b.test."),
    "class before TTL": (b"a IN 60 NS b\n", "a.test. 60 IN NS b.test."),
    "no class": (b"a 60 NS b\n", "a.test. 60 IN NS b.test."),
    "the TTL of the record before": (b"a 5 IN NS b\nc IN NS d\n", "c.test. 5 IN NS d.test."),
    "the default TTL": (b"$TTL 9\na 5 IN NS b\nc IN NS d\n", "c.test. 9 IN NS d.test."),
    "TTLs with units": (b"a 1h30m IN NS b\n", "a.test. 5400 IN NS b.test."),
    "a TTL of nothing": (b"a 0 IN NS b\n", "a.test. 0 IN NS b.test."),
    "the owner of the record before": (b"a 60 IN NS b\n\tIN NS c\n", "a.test. 60 IN NS c.test."),
    "the owner before $ORIGIN": (b"a 60 IN NS b\n$ORIGIN x\n IN NS c\n", "a.test. 60 IN NS c.x.test."),
    "another origin": (b"$ORIGIN x\na 60 IN NS b\n$ORIGIN y\na NS b\n", "a.y.x.test. 60 IN NS b.y.x.test."),
    "the same relative owner below another origin": (
        b"a 60 IN NS b\n$ORIGIN x\na 60 IN NS b\n",
        "a.x.test. 60 IN NS b.x.test.",
    ),
    "parentheses": (b"a 60 IN MX (\n 10\n\tb\n)\n", "a.test. 60 IN MX 10 b.test."),
    "parentheses that touch": (b"a 60 IN MX(10)b\n", "a.test. 60 IN MX 10 b.test."),
    "parentheses in parentheses": (b"a 60 IN MX ( (\n 10 )\n b )\n", "a.test. 60 IN MX 10 b.test."),
    "comments with parentheses and quotes": (
        b'a 60 IN MX ( 10 ; ten (2 hours) "\n b ) ; end)\n',
        "a.test. 60 IN MX 10 b.test.",
    ),
    "comments beyond ASCII": ("; geändert\na 60 IN NS b ; ö\n".encode(), "a.test. 60 IN NS b.test."),
    "quoted strings": (b'a 60 IN TXT "x;y" "(" z ; c\n', 'a.test. 60 IN TXT "x\\059y" "\\040" z'),
    "quoted strings that touch": (b'a 60 IN TXT "x""y"z\n', 'a.test. 60 IN TXT "x" "y" z'),
    "an empty string": (b'a 60 IN TXT ""\n', 'a.test. 60 IN TXT ""'),
    "escapes in strings": (rb'a 60 IN TXT "a\"b\\\065" c\;d' + b"\n", r'a.test. 60 IN TXT "a\034b\092\065" c\059d'),
    "octets beyond ASCII in quotes": ('a 60 IN TXT "ä"\n'.encode(), r'a.test. 60 IN TXT "\195\164"'),
    "escapes in names": (rb"a\.b\032\(c 60 IN NS d\.e" + b"\n", r"a\.b\032\(c.test. 60 IN NS d\046e.test."),
    "unknown types": (rb"a 60 IN TYPE65280 \# 2 (ab" + b"\n cd)\n", r"a.test. 60 IN TYPE65280 \# 2 ab cd"),
    "known types by number": (b"a 60 IN TYPE2 b\n", "a.test. 60 IN NS b.test."),
    "known types in generic form": (rb"a 60 CLASS1 A \# 4 c0000201" + b"\n", r"a.test. 60 IN A \# 4 c0000201"),
    "times as seconds": (
        b"a 60 IN RRSIG A 13 2 60 1800000000 1700000000 1 @ AA==\n",
        "a.test. 60 IN RRSIG A 13 2 60 1800000000 1700000000 1 test. AA==",
    ),
    "service parameters": (
        b'a 60 IN HTTPS 1 . alpn="h2,h3" port=53\n',
        'a.test. 60 IN HTTPS 1 . alpn="h2,h3" port=53',
    ),
    "addresses that are no names": (
        b"a 60 IN IPSECKEY 10 1 2 192.0.2.1 AA==\n",
        "a.test. 60 IN IPSECKEY 10 1 2 192.0.2.1 AA==",
    ),
    "names where others have addresses": (
        b"a 60 IN IPSECKEY 10 3 2 gw AA==\n",
        "a.test. 60 IN IPSECKEY 10 3 2 gw.test. AA==",
    ),
    "relays": (b"a 60 IN AMTRELAY 10 0 3 gw\n", "a.test. 60 IN AMTRELAY 10 0 3 gw.test."),
    "names that look like addresses": (
        b"a 60 IN IPSECKEY 10 03 2 192.0.2.1 AA==\n",
        "a.test. 60 IN IPSECKEY 10 03 2 192.0.2.1.test. AA==",
    ),
    "rendezvous servers": (
        b"a 60 IN HIP 2 2001 AA== one two.\n",
        "a.test. 60 IN HIP 2 2001 AA== one.test. two.",
    ),
    "a parameter without a value": (b'a 60 IN SVCB 1 b key9=""\n', 'a.test. 60 IN SVCB 1 b.test. key9=""'),
    "no addresses": (b"a 60 IN APL\n", r"a.test. 60 IN APL \# 0"),
    "owners with a backslash at the end": (rb"a\\ 60 IN NS b" + b"\n", r"a\092.test. 60 IN NS b.test."),
    "lines that end as on other systems": (b"a 60 IN NS b\r\n\r\nc 60 IN NS d\r\n", "c.test. 60 IN NS d.test."),
    "no end of the last line": (b"a 60 IN NS b", "a.test. 60 IN NS b.test."),
    "names outside of the zone": (b"a.other. 60 IN NS b\n", "a.other. 60 IN NS b.test."),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_standard_is_read(flat_text, form):
    text, line = FORMS[form]
    found = flat_text(SOA + text).splitlines()
    assert line in found
    assert FLAT_SOA in found


# BIND leaves out what is outside of the zone, and wants an address for a name server that is the zone itself.
FOR_BIND = sorted(FORMS.keys() - {"names outside of the zone", "the origin"})


@pytest.mark.needs("named-compilezone")
@pytest.mark.parametrize("form", FOR_BIND)
def test_bind_reads_the_same_records(records_in, tmp_path, form):
    text = SOA + b"@ 60 IN NS ns.example.\n" + FORMS[form][0]
    (tmp_path / "zone").write_bytes(text)
    lenient = ["-q", "-i", "none", "-k", "ignore", "-n", "ignore", "-m", "ignore"]
    command = ["named-compilezone", *lenient, "-s", "full", "-o", "flat", "test", "zone"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with (
        zone_from_bytes(text, "some.zone", "test.") as ours,
        zone_from_file(tmp_path / "flat", "test.") as theirs,
    ):
        assert records_in(ours) == records_in(theirs)


def test_the_root_zone_is_read_too():
    with zone_from_bytes(b"@ 60 IN SOA a b 1 1 1 1 1\ncom 60 IN NS x.com\n", "root", ".") as zone:
        assert zone.read(0, 99) == b". 60 IN SOA a. b. 1 1 1 1 1\ncom. 60 IN NS x.com.\n"


REFUSED = {
    "include": b"$INCLUDE other\n",
    "include-dev-zero": b"$INCLUDE /dev/zero\n",
    "generate-2-31": b"$GENERATE 1-2147483648 a$ A 192.0.2.1\n",
    "unknown-directive": b"$TT 60\n",
    "unterminated-paren": b"a 60 IN TXT (\n",
    "closing-paren": b"a 60 IN TXT )\n",
    "nested-parens": b"a 60 IN TXT " + b"(" * 100_000 + b"\n",
    "unterminated-quote": b'a 60 IN TXT "\n',
    "quote-over-lines": b'a 60 IN TXT "x\ny"\n',
    "labels-128": b"a." * 128 + b" 60 IN A 192.0.2.1\n",
    "long-label": b"a" * 64 + b" 60 IN A 192.0.2.1\n",
    "label-of-escapes": b"\\065" * 30_000 + b" 60 IN A 192.0.2.1\n",
    "target-of-escapes": b"a 60 IN NS x" + b"\\065" * 30_000 + b"\n",
    "empty-label": b"a..b 60 IN A 192.0.2.1\n",
    "quoted-owner": b'"a" 60 IN A 192.0.2.1\n',
    "quoted-name": b'a 60 IN NS "b"\n',
    "binary": b"\0\1\2",
    "not-utf-8": b"a 60 IN TXT \xff\n",
    "name-beyond-ascii": "\N{LATIN SMALL LETTER E WITH ACUTE} 60 IN A 192.0.2.1\n".encode(),
    "another-class": b"a 60 CH TXT x\n",
    "another-class-by-number": b"a 60 CLASS3 TXT x\n",
    "bad-escape": b"a\\999 60 IN A 192.0.2.1\n",
    "half-an-escape": b"a\\1x 60 IN A 192.0.2.1\n",
    "half-an-escape-in-quotes": b'a 60 IN TXT "\\1x"\n',
    "backslash-at-the-end": b"a 60 IN TXT x\\\n",
    "carriage-return": b"a 60 IN\rA 192.0.2.1\n",
    "form-feed": b"a 60 IN\fA 192.0.2.1\n",
    "unknown-type": b"a 60 IN NOTYPE x\n",
    "too-large-ttl": b"a 4294967296 IN A 192.0.2.1\n",
    "bad-unit": b"a 1y IN A 192.0.2.1\n",
    "nothing-behind-the-owner": b"a\n",
    "nothing-behind-the-ttl": b"a 60\n",
    "nothing-behind-the-type": b"a 60 IN TXT\n",
    "too-few-fields": b"a 60 IN MX 10\n",
    "no-gateway": b"a 60 IN IPSECKEY 10 3 2\n",
    "no-type-of-records": b"a 60 IN TYPE255 \\# 0\n",
    "option": b"a 60 IN TYPE41 \\# 0\n",
    "long-record": b"a 60 IN TXT (" + b" x\n" * MAX_LINE + b")\n",
    "long-line": b"a 60 IN TXT " + b" x" * MAX_LINE + b"\n",
}


@pytest.mark.parametrize("variant", REFUSED)
def test_bombs_and_broken_files_are_refused_quickly_with_their_line(flat_text, variant):
    started = time.perf_counter()
    with pytest.raises(InputError, match="DNS-ZONEFILE") as caught:
        flat_text(SOA + b"b 60 IN NS (\n c )\n" + REFUSED[variant])
    assert time.perf_counter() - started < 5
    assert (caught.value.where.file, caught.value.where.line) == ("some.zone", 4)


WITHOUT_A_BEGINNING = {
    "no-ttl": b"a IN A 192.0.2.1\n",
    "no-owner": b" 60 IN A 192.0.2.1\n",
    "byte-order-mark": b"\xef\xbb\xbf" + SOA,
    "utf-16": SOA.decode().encode("utf-16"),
}


@pytest.mark.parametrize("variant", WITHOUT_A_BEGINNING)
def test_nothing_is_inherited_from_nowhere(flat_text, variant):
    with pytest.raises(InputError, match="DNS-ZONEFILE") as caught:
        flat_text(WITHOUT_A_BEGINNING[variant])
    assert caught.value.where.line == 1


@pytest.mark.parametrize("length", [MAX_LINE, MAX_LINE + 1])
def test_a_record_may_be_as_long_as_the_bound_and_no_longer(flat_text, length):
    record = b"a 60 IN TXT x"
    text = SOA + record + b"x" * (length - len(record)) + b"\n"
    if length > MAX_LINE:
        with pytest.raises(InputError, match="131072 octets"):
            flat_text(text)
    else:
        assert "a.test. 60 IN TXT xx" in flat_text(text)


BEFORE = (
    b"$TTL 60\n",
    b'@ SOA a b (7 ; (\r\n1 1 1 ; "\n 1 )\n',
    b'a TXT "( \\" ; "\n',
    b"\n\n; (\n",
    b"b NS (\n\tc ) ; )\n",
    b"b MX ((\n1\n) c\n)\n",
)


@pytest.mark.parametrize("count", range(len(BEFORE) + 1))
def test_the_line_of_a_fault_is_where_its_record_begins(flat_text, count):
    before = b"".join(BEFORE[:count])
    with pytest.raises(InputError, match="NOTYPE") as caught:
        flat_text(before + b"e NOTYPE (\n)\n" + b"".join(BEFORE[count:]))
    assert caught.value.where.line == before.count(b"\n") + 1


@pytest.mark.parametrize("left", [0, 1, 17, 4096])
def test_a_fault_far_into_a_large_file_has_its_line_too(flat_text, left):
    good = b"a 60 IN MX ( 10 ; ten (\n  b )\n"
    count = 200_000
    text = SOA + good * (count - left) + b"c 60 IN NOTYPE x\n" + good * left
    with pytest.raises(InputError) as caught:
        flat_text(text)
    assert caught.value.where.line == 2 + 2 * (count - left)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_zone_or_an_input_error(noise):
    assert serial_or_code(SOA + noise) in (7, "DNS-ZONEFILE")


TOKENS = ["a", "@", "60", "IN", "A", "(", ")", '"', ";", "\\", "$TTL", "$ORIGIN", "\n", "RRSIG", "NSEC3", "1", "0", "-"]
TOKENS += ["TYPE65280", "\\#", "DNSKEY", "257", "3", "13", "AA==", ".", "SOA", "b="]
TYPE_TOKENS = sorted(mnemonic.decode() for mnemonic in TYPES)


@given(st.lists(st.sampled_from(TOKENS), max_size=30), st.sampled_from(["", " "]))
def test_any_tokens_give_a_zone_or_an_input_error(tokens, between):
    assert serial_or_code(SOA + between.join(tokens).encode()) in (7, "DNS-ZONEFILE")


@settings(max_examples=300)
@given(st.sampled_from(TYPE_TOKENS), st.lists(st.sampled_from(["a", "3", "03", "AA==", '"x"', "c=", "b.", "@", "10"])))
def test_whatever_the_type_the_written_line_is_flat(rtype, fields):
    assert serial_or_code(SOA + f"a 60 {rtype} {' '.join(fields)}\n".encode()) in (7, "DNS-ZONEFILE")


def serial_or_code(text):
    """Return the serial, or the code of the error."""
    try:
        with zone_from_bytes(text, "some.zone", "test.", Bounds(max_records=1000)) as given, rewritten(given) as zone:
            insist_on_flat_lines(zone)
            return zone.serial
    except InputError as error:
        return error.code


def insist_on_flat_lines(zone):
    """RDATA may be anything, but our own file is flat: nobody should ask for it to be rewritten."""
    for line in lines(zone, 0, zone.size):
        try:
            rdata_wire(type_number(line.rtype), fields_of(line.rest))
        except RelativeNameError:
            raise
        except ValueError:
            continue


# The oracle: dnspython reads the same file.

LABEL = st.sampled_from(["a", "b", "xn--c", "1", "*", "_x", "A-b", r"d\.e", r"f\032g", r"h\;i", r"j\(k"])
NAME = st.one_of(
    st.lists(LABEL, min_size=1, max_size=3).map(".".join),
    st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "test."])),
    st.sampled_from(["@", "test.", "ns.example."]),
)
NUMBER = st.integers(0, 65535).map(str)
STRING = st.sampled_from(['""', '"x y"', '"a;b"', '"(("', r'"q\"r"', "plain", r"e\;f", '"\N{BULLET}"', r'"\000\255"'])
RDATA = st.one_of(
    st.tuples(st.just("NS"), NAME),
    st.tuples(st.just("cname"), NAME),
    st.tuples(st.just("MX"), NUMBER, NAME),
    st.tuples(st.just("SRV"), NUMBER, NUMBER, NUMBER, NAME),
    st.tuples(st.just("RP"), NAME, NAME),
    st.tuples(st.just("A"), st.just("192.0.2.1")),
    st.tuples(st.just("AAAA"), st.just("2001:db8::1")),
    st.tuples(st.just("DS"), NUMBER, st.just("13"), st.just("2"), st.just("AB" * 16), st.just("cd" * 16)),
    st.tuples(st.just("NSEC"), NAME, st.just("A"), st.just("TYPE65280")),
    st.tuples(st.just("TYPE65280"), st.just(r"\#"), st.just("3"), st.just("ab"), st.just("cdef")),
    NAME.map(lambda signer: ("RRSIG", "A", "13", "2", "60", "20300101000000", "1700000000", "1", signer, "AA", "EC")),
    st.lists(STRING, min_size=1, max_size=4).map(lambda strings: ("TXT", *strings)),
)
HEAD = st.sampled_from(["", "IN ", "77 ", "77 IN ", "IN 77 ", "1h5m ", "in 0 "])
GAP = st.sampled_from([" ", "\t", "  \t "])
FOLD = st.sampled_from([" ", "\t", "\n", "\n\t; (comment\n ", ' ; "comment\n'])


@st.composite
def records(draw):
    """Return one record of a master file in some legal form."""
    rtype, *fields = draw(RDATA)
    owner = draw(NAME) if draw(st.booleans()) else ""
    if draw(st.booleans()):
        at = draw(st.integers(0, len(fields)))
        inside = "".join(draw(FOLD) + field for field in fields[at:]) + draw(FOLD)
        rest = "".join(draw(GAP) + field for field in fields[:at]) + draw(GAP) + "(" + inside + ")"
    else:
        rest = "".join(draw(GAP) + field for field in fields)
    return owner + draw(GAP) + draw(HEAD) + rtype + rest + draw(st.sampled_from(["", " ", " ; end )"]))


DIRECTIVE = st.sampled_from(["$ORIGIN sub", "$ORIGIN test.", "$TTL 1d", "", "; only a comment (", "$TTL 9 ; nine"])
ENDS = st.sampled_from(["\n", "\r\n"])


@settings(max_examples=150)
@given(st.lists(st.one_of(records(), records(), DIRECTIVE), max_size=12), ENDS)
def test_dnspython_reads_the_same_records(records_in, parts, end):
    text = "\n".join(["$TTL 3600", "@ SOA ns host 7 1 1 1 60", *parts]).replace("\n", end)
    with zone_from_bytes(text.encode(), "some.zone", "test.") as zone:
        assert records_in(zone) == read_by_dnspython(text.replace("\r", ""))


@settings(max_examples=50)
@given(st.lists(st.one_of(records(), DIRECTIVE), max_size=12))
def test_what_was_written_flat_reads_as_itself(text_in, parts):
    text = "\n".join(["$TTL 3600", "@ SOA ns host 7 1 1 1 60", *parts])
    with zone_from_bytes(text.encode(), "some.zone", "test.") as zone:
        flat = text_in(zone)
    with zone_from_bytes(flat.encode(), "some.zone", "test.") as again, rewritten(again) as in_order:
        assert text_in(in_order) == flat


@settings(max_examples=50)
@given(st.lists(st.one_of(records(), DIRECTIVE), max_size=8), ENDS, st.integers(1, 99))
def test_it_does_not_matter_where_blocks_of_the_file_end(text_in, parts, end, size):
    text = "\n".join(["$TTL 3600", "@ SOA ns host ( 7", " 1 1 ; (", "1 60 )", *parts]).replace("\n", end).encode()
    with zone_from_bytes(text, "some.zone", "test.") as zone, pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK", size)
        with zone_from_bytes(text, "some.zone", "test.") as in_small_blocks:
            assert text_in(in_small_blocks) == text_in(zone)
        with pytest.raises(InputError) as caught:
            zone_from_bytes(text + b"\ne 60 NOTYPE", "some.zone", "test.")
        assert caught.value.where.line == text.count(b"\n") + 2


def read_by_dnspython(text):
    found = set()

    class Collector(dns.transaction.Transaction):
        """Takes records one by one: dns.zone would give all of an RRset one TTL."""

        def add(self, owner, ttl, rdata):
            found.add((owner.canonicalize().to_text(), ttl, int(rdata.rdtype), rdata.to_digestable()))

        def check_put_rdataset(self, check):
            pass

        def _set_origin(self, origin):
            pass

    manager = dns.zonefile.RRSetsReaderManager(origin=dns.name.root)
    collector = Collector(manager, replacement=True, read_only=False)
    reader = dns.zonefile.Reader(dns.tokenizer.Tokenizer(text), dns.rdataclass.IN, collector)
    reader.current_origin = dns.name.from_text("test.")
    reader.read()
    return found
