"""Schemas: closed, checked by a strict meta-schema, and clear about what is wrong."""

import http.server
import json
import re
import threading
import time
import warnings
from typing import Annotated, Generic, Literal, TypeVar

import jsonschema
import pytest
import referencing
from msgspec import Meta

from attestations import schema
from attestations.errors import InputError
from attestations.predicates import PREDICATES
from attestations.records import JsonRecord, Name, Record, Sha256, ZoneName
from attestations.schema import DIALECT, FORMS, explain, schema_of
from attestations.strict import read_json, read_yaml
from attestations.times import Duration, Instant

T = TypeVar("T")

STRICT_META_SCHEMA = {
    "$schema": DIALECT,
    "$id": "urn:test:strict-meta-schema",
    "$dynamicAnchor": "meta",
    "$ref": DIALECT,
    "properties": {"discriminator": {"type": "object"}},  # says which member tells the kinds of a union apart
    "unevaluatedProperties": False,
}


class Fixed(Record, frozen=True, kw_only=True, tag="fixed", tag_field="kind"):
    count: int
    age: Duration | None = None


class Open(Record, frozen=True, kw_only=True, tag="open", tag_field="kind"):
    names: Annotated[tuple[Name, ...], Meta(min_length=1)]


class Sheet(Record, Generic[T], frozen=True, kw_only=True):
    spec: T
    parts: tuple[Fixed | Open, ...] = ()
    main: Fixed | Open | None = None
    zone: ZoneName | None = None
    since: Instant | None = None
    mode: Literal["full", "apex"] | None = None
    digest: Sha256 | None = None
    waivable: bool = False
    limits: dict[Name, int] = {}
    either: int | str | None = None


class BuildDefinition(JsonRecord, frozen=True, kw_only=True):
    build_type: str


KINDS = {**{kind.__name__: kind for kind in PREDICATES.values()}, "Sheet": Sheet[Fixed]}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def made(request):
    return schema_of(request.param)


def parts_of(value):
    yield value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from parts_of(member)


def keyword_values(made, keyword):
    return [part[keyword] for part in parts_of(made) if isinstance(part, dict) and isinstance(part.get(keyword), str)]


def test_a_schema_is_json_with_dialect_and_a_name_that_nobody_fetches(made):
    assert json.loads(json.dumps(made)) == made
    assert made["$schema"] == DIALECT
    assert re.fullmatch(r"urn:signer-gatekeeper:schema:[a-z0-9]+(-[a-z0-9]+)*", made["$id"])


def test_every_keyword_of_a_schema_exists(made):
    jsonschema.Draft202012Validator.check_schema(made)
    strict = jsonschema.Draft202012Validator(STRICT_META_SCHEMA, registry=referencing.Registry())
    assert [error.message for error in strict.iter_errors(made)] == []


@pytest.mark.parametrize(
    "misspelt", [{"requried": ["a"]}, {"properties": {"a": {"maxLenght": 3}}}, {"items": {"patern": ""}}]
)
def test_the_strict_meta_schema_notices_keywords_that_do_not_exist(misspelt):
    jsonschema.Draft202012Validator.check_schema(misspelt)  # the trap
    strict = jsonschema.Draft202012Validator(STRICT_META_SCHEMA, registry=referencing.Registry())
    assert not strict.is_valid(misspelt)


def test_every_format_of_a_schema_is_one_of_ours(made):
    assert set(keyword_values(made, "format")) <= {form["format"] for form in FORMS.values()}


def test_every_reference_of_a_schema_resolves_within_it(made):
    resource = referencing.Resource.from_contents(made)
    resolver = referencing.Registry().with_resource(made["$id"], resource).resolver(base_uri=made["$id"])
    for reference in keyword_values(made, "$ref"):
        assert reference.startswith("#/$defs/")
        assert resolver.lookup(reference).contents


def test_definitions_have_the_simple_names_of_their_types(made):
    assert [name for name in made["$defs"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]*(_[A-Z][A-Za-z0-9]*_)?", name)] == []


def test_no_pattern_lets_a_line_feed_follow():
    patterns = {pattern for kind in KINDS.values() for pattern in keyword_values(schema_of(kind), "pattern")}
    assert {pattern for pattern in patterns if not pattern.endswith(r"(?!\n)$")} == set()


def test_every_record_of_ours_refuses_unknown_members():
    ours = [kind for uri, kind in PREDICATES.items() if uri.startswith("https://signer-gatekeeper.github.io/")]
    assert len(ours) == 11
    for kind in ours:
        definitions = schema_of(kind)["$defs"].values()
        assert [part["title"] for part in definitions if part["additionalProperties"] is not False] == []


def test_a_name_is_written_with_dashes():
    assert schema_of(Fixed)["$id"] == "urn:signer-gatekeeper:schema:fixed"
    assert schema_of(BuildDefinition)["$id"] == "urn:signer-gatekeeper:schema:build-definition"
    assert schema_of(Sheet[Fixed])["$id"] == "urn:signer-gatekeeper:schema:sheet-fixed"


@pytest.fixture
def visits():
    """A web server on loopback and the list of what was asked of it."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            body = b'{"type": "integer"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


def test_a_remote_reference_is_never_fetched(visits, monkeypatch):
    address, seen = visits
    remote = {"$schema": DIALECT, "$ref": f"{address}/remote.json"}
    document = read_json(b'"text"', "file.json")
    monkeypatch.setattr("attestations.schema.explaining.schema_of", lambda _: remote)
    with pytest.raises(jsonschema.exceptions._WrappedReferencingError):
        explain(document, Fixed)
    assert seen == []
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the trap
        assert not jsonschema.Draft202012Validator(remote).is_valid("text")
    assert seen == ["/remote.json"]


def faults(text, kind=Sheet[Fixed]):
    document = read_yaml(text.encode(), "sheet.yaml")
    return [(error.code, error.where.line, error.where.column, error.found) for error in explain(document, kind)]


SPEC = "spec: {kind: fixed, count: 1}\n"


def test_a_document_that_fits_has_nothing_to_explain():
    text = (
        SPEC + "parts: [{kind: open, names: [a]}]\nzone: de.\nsince: 2026-05-05T19:30:00Z\nmode: full\nlimits: {a: 1}"
    )
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", ("SCHEMA", 1, 1, "no `spec` in the document")),
        (SPEC + "parts:\n  - {kind: fixed}", ("SCHEMA", 3, 5, "no `count` in 'parts/0'")),
        (SPEC + "parts:\n  - {count: 1}", ("SCHEMA", 3, 5, "no `kind` in 'parts/0'")),
        (SPEC + "parts:\n  - {kind: fixt, count: 1}", ("SCHEMA", 3, 12, "'fixt' in 'parts/0/kind'")),
        (SPEC + "parts: [5]", ("SCHEMA", 2, 9, "5 in 'parts/0'")),
        (SPEC + "parts: {}", ("SCHEMA", 2, 8, "a mapping in 'parts'")),
        (SPEC + "parts: [{kind: open, names: []}]", ("SCHEMA", 2, 29, "a list in 'parts/0/names'")),
        (SPEC + "main: {kind: open, names: ['']}", ("SCHEMA", 2, 28, "'' in 'main/names/0'")),
        (SPEC + "main: {kind: open, names: [a], age: 1h}", ("SCHEMA", 2, 37, "the unknown property 'age' in 'main'")),
        (SPEC + "main: {kind: fixed, count: '1'}", ("SCHEMA", 2, 28, "'1' in 'main/count'")),
        (SPEC + "main: {kind: fixed, count: 1, age: 1w}", ("SCHEMA", 2, 36, "'1w' in 'main/age'")),
        (SPEC + "main: {kind: [], count: 1}", ("SCHEMA", 2, 14, "a list in 'main/kind'")),
        (SPEC + "mode: ful", ("SCHEMA", 2, 7, "'ful' in 'mode'")),
        (SPEC + "zone: DE", ("NAME-ZONE", 2, 7, "'DE' in 'zone'")),
        (SPEC + "zone: 7", ("SCHEMA", 2, 7, "7 in 'zone'")),
        (SPEC + "since: 2026-02-30T00:00:00Z", ("SCHEMA", 2, 8, "'2026-02-30T00:00:00Z' in 'since'")),
        (SPEC + "digest: ABC", ("SCHEMA", 2, 9, "'ABC' in 'digest'")),
        (SPEC + "waivable: yes", ("SCHEMA", 2, 11, "'yes' in 'waivable'")),
        (SPEC + "waivable:", ("SCHEMA", 2, 10, "null in 'waivable'")),
        (SPEC + "limits: {a: x}", ("SCHEMA", 2, 13, "'x' in 'limits/a'")),
        (SPEC + "limits: {'': 1}", ("SCHEMA", 2, 14, "'' in 'limits/'")),
        (SPEC + "either: [1]", ("SCHEMA", 2, 9, "a list in 'either'")),
        ("5", ("SCHEMA", 1, 1, "5 in the document")),
    ],
    ids=lambda part: part.removeprefix(SPEC) if isinstance(part, str) else "",
)
def test_a_fault_is_found_once_and_at_its_place(text, expected):
    assert faults(text) == [expected]


def advice(text, kind=Sheet[Fixed]):
    (error,) = explain(read_yaml((SPEC + text).encode(), "sheet.yaml"), kind)
    return error.wanted, error.fix


@pytest.mark.parametrize(
    ("text", "wanted", "fix"),
    [
        ("mode: ful", "one of: apex, full", "write `full` if that was meant"),
        ("mode: 7", "one of: apex, full", "write one of them"),
        ("main: {kind: opn, names: [a]}", "one of: fixed, open", "write `open` if that was meant"),
        ("waivable: no", "true or false", "write true or false, without quotes"),
        ("main: {kind: fixed, count: 1_000}", "a whole number", "write a plain decimal number, without quotes"),
        ("main: {kind: open, names: [1.0]}", "a string", "put the value in quotes if it is meant"),
        ("main: {kind: open, names: []}", "a list of 1 or more items", "correct the value"),
        ("main: {kind: fixed, count: 1, age: 3}", "a duration such as 90s, 15m, 72h or 30d or null", None),
        ("since: yesterday", "a UTC time such as 2026-05-05T19:30:00Z", "correct the value"),
        ("either: {}", "a whole number or a string or null", "correct the value"),
        ("mode: [full]", "one of: apex, full", None),
        ("parts: [x]", "a mapping", "correct the value"),
        ("zone: ' DE'", None, "write `de.`"),
        ("zone: de", None, "write `de.`"),
        ("zone: .de", None, "write `de.`"),
        ("zone: bücher.", None, "write labels that are not ASCII as A-labels (xn--...)"),
        ("zone: '..'", None, "write labels that are not ASCII as A-labels (xn--...)"),
        (
            "zones: de.",
            "only known properties: spec, parts, main, zone, since, mode, digest, waivable, limits, either",
            None,
        ),
        ("zones: de.", None, "write `zone` if that was meant; otherwise delete it"),
        ("qqq: 1", None, "delete it"),
    ],
)
def test_a_message_says_what_was_wanted_and_what_to_do(text, wanted, fix):
    found = advice(text)
    assert found == (wanted or found[0], fix or found[1])


def test_no_more_than_twenty_faults_are_shown_the_first_in_the_file():
    found = faults(SPEC + "parts:\n" + "  - {kind: fixed, count: x}\n" * 30)
    assert [line for _, line, _, _ in found] == list(range(3, 23))


def test_hostile_text_in_a_document_stays_inert_and_short_in_messages():
    raw = json.dumps({"é" * 500: 1, "zone": "<b>" * 500, "mode": "\n::error::"}, ensure_ascii=False).encode()
    for error in explain(read_json(raw, "file.json"), Sheet[Fixed]):
        text = f"{error} {error.fix}"
        assert text.isascii()
        assert text.isprintable()
        assert len(text) < 800


def test_a_long_subject_of_a_pattern_ends_in_bounded_time():
    labels = ("a" * 62 + "-.") * 4000
    raw = json.dumps({"spec": {"kind": "fixed", "count": 1}, "zone": labels}).encode()
    started = time.process_time()
    errors = explain(read_json(raw, "file.json"), Sheet[Fixed])
    assert time.process_time() - started < 1
    assert [error.code for error in errors] == ["NAME-ZONE"]


def test_the_public_names_are_few():
    assert sorted(schema.__all__) == ["DIALECT", "FORMS", "explain", "format_checker", "schema_of"]
    assert all(isinstance(error, InputError) for error in explain(read_json(b"{}", "f"), Sheet[Fixed]))
