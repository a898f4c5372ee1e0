"""Records from documents: the types decide, every fault has its place, and what is written reads back."""

from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from attestations.errors import InputError, Location
from attestations.records import Count, Hex, JsonRecord, Name, Record, Sha256, ZoneName, decode, plain, value_at
from attestations.strict import read_json, read_yaml
from attestations.times import Duration, Instant


class Rule(Record, frozen=True, kw_only=True):
    zone: ZoneName
    max_age: Duration
    since: Instant | None = None
    count: Count = 1
    waivable: bool = False
    mode: Literal["full", "apex"] = "full"
    share: Annotated[float, Meta(ge=0, le=1)] | None = None
    digests: tuple[Sha256, ...] = ()
    nonce: Hex | None = None


class Member(JsonRecord, frozen=True, kw_only=True):
    build_type: Name


def refusal(text: str, kind: type = Rule) -> InputError:
    with pytest.raises(InputError) as caught:
        decode(read_yaml(text.encode(), "rules.yaml"), kind)
    return caught.value


def rule(**members: str) -> str:
    return "\n".join(f"{name}: {text}" for name, text in {"zone": "de.", "max_age": "72h", **members}.items())


def test_a_document_that_fits_becomes_a_record():
    text = rule(since="2026-05-05T19:30:00Z", count="9007199254740991", waivable="true", share="1", nonce="'00ff'")
    found = decode(read_yaml(text.encode(), "rules.yaml"), Rule)
    assert found == Rule(
        zone=ZoneName("de."),
        max_age=Duration(hours=72),
        since=Instant.parse("2026-05-05T19:30:00Z"),
        count=2**53 - 1,
        waivable=True,
        share=1.0,
        nonce="00ff",
    )
    assert type(found.zone) is ZoneName
    assert type(found.max_age) is Duration
    assert type(found.since) is Instant


def test_a_record_is_frozen():
    with pytest.raises(AttributeError):
        decode(read_yaml(rule().encode(), "rules.yaml"), Rule).count = 2


@pytest.mark.parametrize(
    ("members", "line"),
    [
        *[({"count": text}, 3) for text in ("1_000", "1:30", "'3'", "~", "", "true", "-1", "1.5", "0x1F", "yes")],
        *[({"waivable": text}, 3) for text in ("yes", "on", "no", "True", "1", "'true'", "~")],
        *[({"since": text}, 3) for text in ("2026-05-05", "2026-05-05T19:30:00", "2026-02-30T00:00:00Z", "1", "~ x")],
        *[({"max_age": text}, 2) for text in ("72", "1h30m", "P3D", "~")],
        *[({"share": text}, 3) for text in (".inf", ".nan", "1.5", "-0.1", "'0.5'", "true")],
        *[({"mode": text}, 3) for text in ("Full", "FULL", "part", "1", "~")],
        *[({"digests": text}, 3) for text in ("[AB]", "a", "{}", "[~]", f"[{'A' * 64}]", f"[{'a' * 63}]")],
    ],
    ids=str,
)
def test_what_looks_like_a_value_and_is_none_is_refused_at_its_line(members, line):
    error = refusal(rule(**members))
    assert error.code == "SCHEMA"
    assert error.where is not None
    assert error.where.line == line
    assert error.wanted
    assert error.fix


def test_every_fault_is_reported_in_the_order_of_the_file():
    error = refusal("zone: DE\nmax_age: soon\ncount: many\nwaivible: true\n")
    places = [(fault.code, fault.where.line) for fault in (error, *error.also)]
    assert places == [("NAME-ZONE", 1), ("SCHEMA", 2), ("SCHEMA", 3), ("SCHEMA", 4)]


def test_an_unknown_member_is_refused_at_its_own_place_with_the_nearest_known_one():
    error = refusal(rule(waivible="true"))
    assert error.where == Location(file="rules.yaml", line=3, column=11)
    assert error.found == "the unknown property 'waivible' in the document"
    assert error.fix == "write `waivable` if that was meant; otherwise delete it"


def test_a_json_record_knows_its_members_in_camel_case_only():
    assert decode(read_json(b'{"buildType": "x"}', "f"), Member).build_type == "x"
    with pytest.raises(InputError, match="SCHEMA"):
        decode(read_json(b'{"build_type": "x"}', "f"), Member)


def test_a_part_of_a_document_is_decoded_where_it_stands():
    document = read_json(b'{"predicate": [{},\n {"buildType": 7}]}', "statement.json")
    assert value_at(document, ("predicate", 1)) == {"buildType": 7}
    with pytest.raises(InputError) as caught:
        decode(document, Member, ("predicate", 1))
    assert caught.value.where == Location(file="statement.json", line=2, column=16)


def test_a_whole_number_written_as_a_fraction_is_no_integer():
    """JSON Schema takes 1.0 for an integer; the types do not, and they decide."""
    error = refusal(rule(count="1.0"))
    assert error.code == "SCHEMA"
    assert "Expected `int`" in error.found


@pytest.mark.parametrize(
    "text", [".", "de.", "example.", "a.b.c.", "xn--bcher-kva.example.", "_dnskey.de.", "1.0.", "a" * 63 + "."]
)
def test_lower_case_a_labels_with_the_final_dot_are_a_zone_name(text):
    assert ZoneName.parse(text) == text


LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]) + "."


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "de",
            "DE.",
            "De.",
            ".de.",
            "a..",
            "..",
            "-a.",
            "a-.",
            "a b.",
            " de.",
            "de.\n",
            "*.de.",
            "a" * 64 + ".",
            f"a.{LONGEST}",
        ),
        *("d\u0435.", "bu\u0308cher.", "bücher.", "\u202ede.", "d\u200be.", "de\u3002", "\uff44e."),
        *(None, 1, True, b"de.", ["de."]),
    ],
    ids=ascii,
)
def test_any_other_spelling_of_a_zone_name_is_refused(text):
    with pytest.raises(ValueError, match="canonical"):
        ZoneName.parse(text)


def test_a_zone_name_may_be_as_long_as_dns_allows():
    assert ZoneName.parse(LONGEST) == LONGEST
    with pytest.raises(ValueError, match="canonical"):
        ZoneName.parse(LONGEST.replace("d.", "dd."))


def test_a_line_feed_after_the_last_digit_is_no_hexadecimal():
    assert refusal(rule(nonce='"00ff\\n"')).code == "SCHEMA"


@given(
    st.builds(
        Rule,
        zone=st.sampled_from([".", "de.", "example."]).map(ZoneName),
        max_age=st.integers(0, 999_999).map(lambda seconds: Duration(seconds=seconds)),
        since=st.none() | st.just(Instant.parse("2026-05-05T19:30:00.25Z")),
        count=st.integers(0, 2**53 - 1),
        waivable=st.booleans(),
        mode=st.sampled_from(["full", "apex"]),
        share=st.none() | st.floats(0, 1),
        digests=st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=2).map(tuple),
        nonce=st.none() | st.binary(min_size=1, max_size=8).map(bytes.hex),
    )
)
def test_what_is_written_reads_back(record):
    raw = msgspec.json.encode(plain(record))
    assert decode(read_json(raw, "file.json"), Rule) == record
