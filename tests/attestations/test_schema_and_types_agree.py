"""Two validators, one verdict: msgspec by the types and jsonschema by the schemas made from them, on values gone wrong.

Known differences, kept out of the mutations:
- 1.0 is an integer for JSON Schema and none for the types (test_records shows that the types decide);
- a wrong key of a mapping whose keys are zone names is refused by the types only (no statement type has one).
"""

import copy
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from attestations.predicates import PREDICATES
from attestations.records import ZoneName
from attestations.schema import FORMS, explain, format_checker, schema_of
from attestations.strict.document import Document
from attestations.times import Duration, Instant

TEXTS = {
    "utc-time": ["2026-05-05T19:30:00Z", "2024-02-29T23:59:59.25Z"],
    "time-span": ["72h", "0s"],
    "zone-name": ["de.", ".", "xn--bcher-kva.example."],
}
PATTERNED = ["0123456789abcdef" * 4, "00ff", "QUJD", "SIG_WRONG_KEY", "abc"]
BAD_NUMBERS = [0, -1, 256, 65536, 2**32, 2**53 - 1, 2**53, -(2**53), 0.5, 1.5, -0.5]
BAD_LENGTHS = ["", "a" * 64, "A" * 64, "a" * 65, "x" * 256, "x" * 257, "x" * 4096, "x" * 4097, "ab" * 4096, "ab" * 4097]
BAD_TEXTS = [
    "x",
    "ab",
    "AB",
    "abc",
    "DE.",
    "de",
    "2026-05-05T19:30:00",
    "2026-02-30T00:00:00Z",
    "PASSED",
    "full",
    "QUJD",
    "==",
]
BAD = st.sampled_from([None, True, False, [], {}, [None], [{}], {"a": 0}, *BAD_NUMBERS, *BAD_LENGTHS, *BAD_TEXTS])


def examples(part, definitions):
    """Return a strategy for values that fit `part` of a schema."""
    if "$ref" in part:
        # deferred: a component of a bill of materials may lie inside another
        return st.deferred(lambda: examples(definitions[part["$ref"].rpartition("/")[2]], definitions))
    if "anyOf" in part:
        return st.one_of([examples(branch, definitions) for branch in part["anyOf"]])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    return BY_TYPE[part["type"]](part, definitions) if "type" in part else st.none() | st.just({"any": ["thing"]})


def texts(part, _):
    if "format" in part:
        return st.sampled_from(TEXTS[part["format"]])
    if "pattern" in part:
        return st.sampled_from([text for text in PATTERNED if re.search(part["pattern"], text)])
    return st.text("ab é.\n", min_size=part.get("minLength", 0), max_size=8)


def objects(part, definitions):
    members = {name: examples(member, definitions) for name, member in part.get("properties", {}).items()}
    required = {name: members.pop(name) for name in part.get("required", [])}
    if members or required:
        return st.fixed_dictionaries(required, optional=members)
    return st.dictionaries(
        st.sampled_from(["a", "b"]), examples(part.get("additionalProperties", {}), definitions), max_size=2
    )


BY_TYPE = {
    "string": texts,
    "object": objects,
    "array": lambda part, definitions: st.lists(
        examples(part["items"], definitions) if "items" in part else st.none(),
        min_size=part.get("minItems", 0),
        max_size=2,
    ),
    "integer": lambda part, _: st.integers(part.get("minimum"), part.get("maximum")),
    "number": lambda part, _: st.floats(part.get("minimum"), part.get("maximum"), allow_nan=False).filter(
        lambda number: not number.is_integer()
    ),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}


def paths(value, path=()):
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield (*path, step)
        yield from paths(member, (*path, step))


@st.composite
def gone_wrong(draw, values):
    """Draw a value that fits, and change none, one or two places of it: replace, remove, rename, add."""
    value = copy.deepcopy(draw(values))
    for _ in range(draw(st.integers(0, 2))):
        places = list(paths(value))
        if not places:
            break
        *above, step = draw(st.sampled_from(places))
        parent = value
        for part in above:
            parent = parent[part]
        change = draw(st.sampled_from(["replace", "replace", "remove", "rename", "add"]))
        if change == "replace" or isinstance(parent, list):
            parent[step] = draw(BAD)
        elif change == "remove":
            del parent[step]
        elif change == "rename":
            parent[f"{step}X"] = parent.pop(step)
        else:
            parent["addedMember"] = draw(BAD)
    return value


PARSERS = {Instant: Instant.parse, Duration: Duration.parse, ZoneName: ZoneName.parse}


def fits_type(value, kind):
    try:
        msgspec.convert(value, kind, dec_hook=lambda type_, text: PARSERS[type_](text))
    except msgspec.ValidationError:
        return False
    return True


KINDS = {kind.__name__: kind for kind in PREDICATES.values()}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_types_and_schema_give_the_same_verdict_and_every_refusal_is_explained(kind):
    made = schema_of(kind)
    verdicts = set()

    @settings(max_examples=30)
    @given(gone_wrong(examples(made, made["$defs"])))
    def agree(value):
        document = Document(name="file.json", raw=b"", value=value, find_marks=dict)
        errors = explain(document, kind)
        assert fits_type(value, kind) is (errors == ())
        assert {error.code for error in errors} <= {"SCHEMA", "NAME-ZONE"}
        verdicts.add(errors == ())

    agree()
    assert verdicts == {True, False}


@given(st.text(alphabet="aZ0-_.\n* é", max_size=12) | st.from_regex(FORMS["ZoneName"]["pattern"]))
def test_the_schema_and_the_type_know_the_same_zone_names(text):
    made = {"type": "string", **FORMS["ZoneName"]}
    assert Draft202012Validator(made).is_valid(text) is accepts(ZoneName.parse, text)


@given(st.text(alphabet="0123456789smhd \n", max_size=9) | st.from_regex(FORMS["Duration"]["pattern"]))
def test_the_schema_and_the_type_know_the_same_durations(text):
    made = {"type": "string", **FORMS["Duration"]}
    assert Draft202012Validator(made).is_valid(text) is accepts(Duration.parse, text)


@given(st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.from_regex(FORMS["Instant"]["pattern"]))
def test_the_schema_and_the_type_know_the_same_instants(text):
    made = {"type": "string", **FORMS["Instant"]}
    assert Draft202012Validator(made, format_checker=format_checker()).is_valid(text) is accepts(Instant.parse, text)


def accepts(parse, text):
    try:
        parse(text)
    except ValueError:
        return False
    return True
