"""in-toto statements: what is read, what is refused, and that writing and reading agree."""

import copy
import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.predicates import NAMES, PREDICATES
from attestations.predicates.test_result import TestResult as ResultRecord
from attestations.records import plain
from attestations.statement import (
    MAX_SUBJECTS,
    STATEMENT_TYPE,
    STATEMENT_TYPE_V01,
    Subject,
    read_statement,
    write_statement,
)

DIGEST = "5b" * 32
SIGNER = Subject(name="signer", digest={"sha256": DIGEST})
RESULT = {"result": "PASSED", "configuration": [], "passedTests": ["a"], "warnedTests": [], "failedTests": []}
EXAMPLES = files("attestations.predicates").joinpath("examples")


def statement(**changes) -> dict:
    return json.loads(write_statement((SIGNER,), NAMES["test-result"], RESULT)) | changes


def read(value):
    return read_statement(value if isinstance(value, bytes) else json.dumps(value, indent=1).encode(), "statement.json")


def refusal(value) -> InputError:
    with pytest.raises(InputError) as caught:
        read(value)
    assert caught.value.where is not None
    assert caught.value.where.file == "statement.json"
    return caught.value


def with_digest(**digest) -> dict:
    return statement(subject=[{"name": "signer", "digest": digest}])


# What is read


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_back(name):
    predicate = json.loads(EXAMPLES.joinpath(f"{name}.json").read_bytes())
    raw = write_statement((SIGNER,), NAMES[name], predicate)
    found = read(raw)
    assert (found.subjects, found.predicate_type) == ((SIGNER,), NAMES[name])
    assert isinstance(found.predicate, PREDICATES[NAMES[name]])
    assert found.document.raw == raw


def test_a_record_is_written_as_the_mapping_that_it_is():
    record = read(statement()).predicate
    assert isinstance(record, ResultRecord)
    of_record, of_mapping = (write_statement((SIGNER,), NAMES["test-result"], p) for p in (record, plain(record)))
    assert of_record == of_mapping


def test_one_statement_has_one_byte_form():
    """RFC 8785: members in order, no space, whatever the order in which they were put together."""
    turned = dict(reversed(RESULT.items()))
    raw = write_statement((SIGNER,), NAMES["test-result"], turned)
    assert raw == write_statement((SIGNER,), NAMES["test-result"], RESULT)
    assert raw.startswith(b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"configuration":[],')


def test_both_versions_of_the_statement_are_read():
    assert read(statement(_type=STATEMENT_TYPE)).subjects == read(statement(_type=STATEMENT_TYPE_V01)).subjects


def test_members_that_in_toto_allows_and_we_do_not_use_are_no_error():
    """in-toto spec/v1: a ResourceDescriptor has further members, and consumers ignore what they do not know."""
    resource = {"name": "signer", "digest": {"sha256": DIGEST}, "uri": "pkg:x", "annotations": {"a": 1}}
    assert read(statement(subject=[resource], extension=True)).subjects == (SIGNER,)


def test_every_subject_is_read_in_order():
    names = ["b", "a", "c"]
    said = statement(subject=[{"name": name, "digest": {"sha256": DIGEST}} for name in names])
    assert [subject.name for subject in read(said).subjects] == names


# What is refused


@pytest.mark.parametrize(
    "kind",
    [
        "link",
        "layout",
        "https://in-toto.io/Statement/v2",
        "https://in-toto.io/Statement/v1/",
        "http://in-toto.io/Statement/v1",
        "https://in-toto.io/statement/v1",
        "",
        None,
        1,
        [STATEMENT_TYPE],
        {},
    ],
    ids=repr,
)
def test_a_payload_that_is_no_statement_is_refused(kind):
    assert refusal(statement(_type=kind)).code == "TYPE-PAYLOAD"


@pytest.mark.parametrize("value", [{}, [], None, 1, "text", {"signed": {"_type": "link"}}], ids=repr)
def test_json_without_a_type_is_refused(value):
    assert refusal(value).code == "TYPE-PAYLOAD"


def near_misses(text):
    return [text[:-1], text + "/", text + "1", text.upper(), text.replace("https", "http"), " " + text, text + " "]


@pytest.mark.parametrize("uri", ["", "https://example.com/x", *near_misses(NAMES["test-result"]), *NAMES])
def test_a_predicate_type_counts_byte_for_byte_or_not_at_all(uri):
    assert refusal(statement(predicateType=uri)).code in {"TYPE-PREDICATE", "SCHEMA"}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "test-result"])
def test_a_predicate_of_one_type_is_not_read_as_another(name):
    assert refusal(statement(predicateType=NAMES[name])).code == "SCHEMA"


@pytest.mark.parametrize("member", ["subject", "predicateType", "predicate"])
@pytest.mark.parametrize("value", [None, 1, True, "text", []], ids=repr)
def test_members_of_another_form_are_refused(member, value):
    if (member, value) == ("predicateType", "text"):
        assert refusal(statement(predicateType=value)).code == "TYPE-PREDICATE"
    else:
        assert refusal(statement(**{member: value})).code == "SCHEMA"


@pytest.mark.parametrize("member", ["subject", "predicateType", "predicate"])
def test_missing_members_are_refused(member):
    said = statement()
    del said[member]
    assert refusal(said).code == "SCHEMA"


def test_a_limit_of_subjects_is_read_and_one_more_is_not():
    resource = {"name": "signer", "digest": {"sha256": DIGEST}}
    assert len(read(statement(subject=[resource] * MAX_SUBJECTS)).subjects) == MAX_SUBJECTS == 1024
    assert refusal(statement(subject=[resource] * (MAX_SUBJECTS + 1))).code == "SCHEMA"


@pytest.mark.parametrize(
    "digest",
    [
        {},
        {"sha256": DIGEST.upper()},
        {"sha256": DIGEST[:-1]},
        {"sha256": DIGEST[:-2]},
        {"sha256": DIGEST + "5b"},
        {"sha256": "0x" + DIGEST[:-2]},
        {"sha256": DIGEST[:-1] + "\uff11"},
        {"sha256": DIGEST, "sha512": DIGEST},
        {"sha1": DIGEST},
        {"md5": "5b"},
        {"sha384": DIGEST},
        {"sha224": DIGEST},
        {"gitCommit": "9F2C" * 10},
    ],
    ids=repr,
)
def test_a_digest_is_lower_case_hexadecimal_in_full(digest):
    error = refusal(with_digest(**digest))
    assert error.code == "SUBJ-DIGEST"
    assert error.found.isascii()


@pytest.mark.parametrize(
    ("algorithm", "octets"), [("md5", 16), ("sha1", 20), ("sha224", 28), ("sha256", 32), ("sha384", 48), ("sha512", 64)]
)
def test_the_length_of_a_digest_is_that_of_its_algorithm(algorithm, octets):
    assert read(with_digest(**{algorithm: "5b" * octets})).subjects[0].digest == {algorithm: "5b" * octets}
    assert refusal(with_digest(**{algorithm: "5b" * (octets - 1)})).code == "SUBJ-DIGEST"


def test_an_algorithm_that_we_do_not_know_is_kept_for_those_who_do():
    assert read(with_digest(sha256=DIGEST, gost="x/y")).subjects[0].digest["gost"] == "x/y"


@pytest.mark.parametrize(
    "digest", [{"sha256": ""}, {"sha256": None}, {"sha256": 5}, {"x": "5" * 129}, [], None], ids=repr
)
def test_a_digest_of_another_form_is_refused(digest):
    assert refusal(statement(subject=[{"name": "signer", "digest": digest}])).code == "SCHEMA"


def test_one_bad_subject_among_good_ones_is_enough():
    good = {"name": "signer", "digest": {"sha256": DIGEST}}
    error = refusal(statement(subject=[good, good, {"name": "x", "digest": {}}]))
    assert error.code == "SUBJ-DIGEST"
    assert error.where.line > refusal(statement(subject=[{"name": "x", "digest": {}}])).where.line


def test_the_place_in_the_predicate_is_told():
    said = statement()
    said["predicate"]["result"] = "PASS"
    raw = json.dumps(said, indent=1)
    error = refusal(raw.encode())
    assert error.code == "SCHEMA"
    assert '"PASS"' in raw.splitlines()[error.where.line - 1]


def test_hostile_text_in_an_error_is_short_and_inert():
    for hostile in (statement(_type="\u0430" * 5000), statement(predicateType="\u0430" * 200)):
        error = refusal(hostile)
        assert error.found.isascii()
        assert len(error.found) < 2000


def test_the_strict_reader_stands_before_it():
    twice = write_statement((SIGNER,), NAMES["test-result"], RESULT).replace(
        b'"result":"PASSED"', b'"result":"FAILED","result":"PASSED"'
    )
    assert refusal(twice).code == "PARSE-DUPKEY"
    assert refusal(write_statement((SIGNER,), NAMES["test-result"], RESULT) + b"{}").code == "PARSE-JSON"


# Whatever comes


@given(st.binary(max_size=300))
def test_any_bytes_are_a_statement_or_an_input_error(raw):
    try:
        read(raw)
    except InputError as error:
        assert error.fix  # noqa: PT017  # either way is right


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6) | st.just(DIGEST),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from places(below, (*path, key))


def put(value, path, new):
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


@settings(max_examples=150)
@given(st.data())
def test_a_statement_with_anything_put_in_anywhere_is_a_statement_or_an_input_error(data):
    name = data.draw(st.sampled_from(sorted(NAMES)))
    predicate = json.loads(EXAMPLES.joinpath(f"{name}.json").read_bytes())
    said = json.loads(write_statement((SIGNER,), NAMES[name], predicate))
    changed = put(said, data.draw(st.sampled_from(sorted(places(said), key=repr))), data.draw(JSON))
    try:
        found = read(changed)
    except InputError as error:
        assert error.code.startswith(("PARSE-", "SCHEMA", "TYPE-", "SUBJ-", "INJECT", "LIMIT"))  # noqa: PT017  # as above
    else:
        assert found.document.value == changed
