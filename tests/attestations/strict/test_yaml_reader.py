"""read_yaml against the traps of PyYAML: each trap is first shown to be one."""

import contextlib
import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError, Location
from attestations.strict import read_yaml
from attestations.strict.document import Document
from attestations.strict.limits import CONFIGURATION, Limits

SMALL = Limits(max_bytes=64, max_depth=3, max_nodes=6)
FEW = Limits(max_bytes=1000, max_depth=3, max_nodes=6)


def refusal(raw: bytes, limits: Limits = CONFIGURATION) -> InputError:
    with pytest.raises(InputError) as caught:
        read_yaml(raw, "file.yaml", limits)
    return caught.value


def place(error: InputError) -> tuple[int | None, int | None]:
    assert error.where is not None
    assert error.where.file == "file.yaml"
    return error.where.line, error.where.column


TRAPS = {
    "key twice": (b"require: 2\nrequire: 0", "PARSE-DUPKEY", (2, 1)),
    "key twice, quoted": (b"require: 2\n'require': 0", "PARSE-DUPKEY", (2, 1)),
    "key twice, other case": (b"require: 2\nRequire: 0", "PARSE-DUPKEY", (2, 1)),
    "key twice, composed and not": ("é: 1\ne\u0301: 2".encode(), "PARSE-DUPKEY", (2, 1)),
    "key twice in a flow": (b"a: [{b: 1, b: 2}]", "PARSE-DUPKEY", (1, 12)),
    "octal": (b"a: 010", "PARSE-YAML", (1, 4)),
    "octal that is none": (b"a: 08", "PARSE-YAML", (1, 4)),
    "negative octal": (b"a: -010", "PARSE-YAML", (1, 4)),
    "integer of 2^53": (b"a: 9007199254740992", "PARSE-YAML", (1, 4)),
    "exponent, and overflow": (b"a: 1.5e+400", "PARSE-YAML", (1, 4)),
    "exponent, text for PyYAML": (b"a: 1e3", "PARSE-YAML", (1, 4)),
    "anchor": (b"a: &b 1", "PARSE-YAML", (1, 4)),
    "anchor on a mapping": (b"a: &b {c: 1}", "PARSE-YAML", (1, 4)),
    "anchor on a key": (b"&b a: 1", "PARSE-YAML", (1, 1)),
    "alias": (b"a: &b 1\nc: *b", "PARSE-YAML", (1, 4)),
    "merge key": (b"a: 1\n<<: {b: 2}", "PARSE-YAML", (2, 1)),
    "tag": (b'a: !!int "3"', "PARSE-YAML", (1, 4)),
    "tag that changes nothing": (b"a: !!str b", "PARSE-YAML", (1, 4)),
    "tag on a list": (b"a: !!seq [1]", "PARSE-YAML", (1, 4)),
    "bare tag": (b"a: ! 12", "PARSE-YAML", (1, 4)),
    "version directive": (b"%YAML 1.1\n---\na: 1", "PARSE-YAML", (1, 1)),
    "tag directive": (b"%TAG ! tag:example,2026:\n---\na: 1", "PARSE-YAML", (1, 1)),
    "integer as key": (b"1: a", "PARSE-YAML", (1, 1)),
    "null as key": (b"~: a", "PARSE-YAML", (1, 1)),
    "empty key": (b"?\n: a", "PARSE-YAML", (1, 2)),
    "boolean as key": (b"a: {true: b}", "PARSE-YAML", (1, 5)),
    "nothing": (b"", "PARSE-YAML", (1, 1)),
    "only a comment": (b"# nothing\n", "PARSE-YAML", (2, 1)),
    "UTF-16": ("a: 1".encode("utf-16"), "PARSE-YAML", (1, 1)),
    "byte-order mark": (b"\xef\xbb\xbfa: 1", "PARSE-YAML", (1, 1)),
    "bidirectional override": ("zone: \u202eed.".encode(), "INJECT", (1, 7)),
    "bidirectional override in a comment": ("a: 1 # \u202e }".encode(), "INJECT", (1, 8)),
    "bidirectional override, escaped": (rb'zone: "\u202eed."', "INJECT", (1, 7)),
    "bidirectional override in a key, escaped": (rb'"\u202eed.": 1', "INJECT", (1, 1)),
    "zero width joiner": ("a: b\u200dc".encode(), "INJECT", (1, 5)),
    "next line": ("a: 'b\x85c'".encode(), "INJECT", (1, 6)),
    "line separator": ("a: b\u2028c: d".encode(), "INJECT", (1, 5)),
    "bell, escaped": (rb'a: "\a"', "INJECT", (1, 4)),
    "carriage return": (b"a: 1\rb: 2", "INJECT", (1, 5)),
}


@pytest.mark.parametrize(("raw", "code", "where"), TRAPS.values(), ids=TRAPS)
def test_what_pyyaml_lets_pass_is_refused_with_its_place(raw, code, where):
    yaml.safe_load(raw)  # the trap: no error here
    error = refusal(raw)
    assert (error.code, place(error)) == (code, where)
    assert error.found
    assert error.wanted
    assert error.fix


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no", "on", "off", "Yes", "NO", "True", "FALSE", "Null", "NULL"),
        *("1_000", "0x1F", "0b11", "+5", "1:30", "12:34:56", ".inf", "-.INF", ".nan", ".5", "5.", "+1.5"),
        *("2026-05-05", "2026-05-05T19:30:00Z", "2001-12-14 21:59:43.10 -5"),
    ],
)
def test_words_that_pyyaml_converts_stay_strings(text):
    assert not isinstance(yaml.safe_load(f"a: {text}")["a"], str)  # the trap
    assert read_yaml(f"a: {text}".encode(), "file.yaml").value == {"a": text}


def test_boolean_words_as_keys_stay_two_keys():
    assert yaml.safe_load("{yes: a, on: b}") == {True: "b"}
    assert read_yaml(b"{yes: a, on: b}", "file.yaml").value == {"yes": "a", "on": "b"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("", None), ("~", None), ("null", None), ("true", True), ("false", False)],
        *[("0", 0), ("-0", 0), ("12", 12), ("-7", -7), ("9007199254740991", 2**53 - 1), ("0.5", 0.5), ("-1.25", -1.25)],
        *[("3.10", 3.1), ("'010'", "010"), ('"true"', "true"), ("'~'", "~"), ("''", "")],
        *[
            ("de.", "de."),
            ("72h", "72h"),
            ("a:b", "a:b"),
            ("|\n 12\n", "12\n"),
            (">-\n 12\n", "12"),
        ],
    ],
)
def test_scalars_mean_what_the_few_rules_say(text, value):
    found = read_yaml(f"a: {text}".encode(), "file.yaml").value["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"a: 1\n---\nb: 2", (2, 1)),
        (b"a: 1\n...\nb: 2", (3, 1)),
        (b"a: 1e400", (1, 4)),
        (b"a: -" + b"9" * 400 + b".5", (1, 4)),
        (b"a: " + b"9" * 5000, (1, 4)),
        (b"[a]: b", (1, 1)),
        (b"? {a: 1}\n: b", (1, 3)),
        (b"a: *b", (1, 4)),
        (b"a: !!python/object/apply:os.system [id]", (1, 4)),
        (b"a: !own 1", (1, 4)),
        (b"%FOO\n---\na: 1", (1, 5)),
        (b"a: [1,\n", (2, 1)),
        (b"a: b: c", (1, 5)),
        (b"a:\n\t- b", (2, 1)),
        (b"a: 'b", (1, 6)),
        (rb'a: "\ud800"', (1, 7)),
        (b"a: \xff", (1, 4)),
        (b"a: @b", (1, 4)),
    ],
    ids=lambda part: ascii(part[:12]) if isinstance(part, bytes) else "",
)
def test_the_rest_of_yaml_and_what_is_not_yaml_is_refused_with_its_place(raw, where):
    error = refusal(raw)
    assert (error.code, place(error)) == ("PARSE-YAML", where)


def test_a_repeated_key_names_the_line_of_the_first():
    error = refusal(b"a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n")
    assert place(error) == (5, 3)
    assert error.found == "the key 'c' a second time; the first is in line 3"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"--- # one document\na: 1\n...\n", {"a": 1}),
        (b"a: 1\r\nb: |\r\n  x\r\n  y\r\n", {"a": 1, "b": "x\ny\n"}),
        (b"'<<': 1", {"<<": 1}),
        (b"- {a: 1}\n- {a: 1}\n- {A: {a: 1}}", [{"a": 1}, {"a": 1}, {"A": {"a": 1}}]),
        (b"? a\n: b", {"a": "b"}),
        ("é: 名".encode(), {"é": "名"}),
        (b'"1": a', {"1": "a"}),
    ],
)
def test_the_plain_part_of_yaml_is_read(raw, value):
    assert read_yaml(raw, "file.yaml").value == value


@pytest.mark.parametrize(
    ("raw", "accepted"),
    [
        (b"a" * 64, True),
        (b"a" * 65, False),
        (b"[[[1]]]", True),
        (b"[[[[]]]]", False),
        (b"- - - a", True),
        (b"- - - - a", False),
        (b"a:\n b:\n  c: 1", True),
        (b"a:\n b:\n  c: {}", False),
        (b"[1,2,3,4,5]", True),
        (b"[1,2,3,4,5,6]", False),
    ],
)
def test_limits_hold_at_their_boundary(raw, accepted):
    if accepted:
        assert read_yaml(raw, "file.yaml", SMALL).value is not None
    else:
        assert refusal(raw, SMALL).code == "LIMIT"


BILLION_LAUGHS = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 122))


BOMBS = {
    "billion laughs": (BILLION_LAUGHS, "PARSE-YAML"),
    "a list in itself": (b"&a [*a]", "PARSE-YAML"),
    "brackets": (b"[" * 40_000 + b"]" * 40_000, "LIMIT"),
    "open brackets": (b"[" * 40_000, "LIMIT"),
    "dashes": (b"- " * 40_000, "LIMIT"),
    "braces": (b"{a: " * 40_000, "LIMIT"),
    "items before brackets": (b"[a, " * 40_000, "LIMIT"),
    "question marks": (b"? " * 40_000, "PARSE-YAML"),
    "question marks in brackets": (b"[? " * 40_000, "PARSE-YAML"),
    "many items": (b"- a\n" * 40_000, "LIMIT"),
    "many bytes": (b"a" * 300_000, "LIMIT"),
}


@pytest.mark.parametrize(("raw", "code"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_fast(raw, code):
    started = time.process_time()
    assert refusal(raw).code == code
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "unit",
    [
        b"a\n",
        b"'",
        b'"',
        rb'"\x41',
        b"a:\n",
        b"#",
        b"\n",
        b"[],",
        b"a b ",
        b"!",
        b"&",
        b": ",
        b"|\n \n",
        b"%",
        b"- |\n",
    ],
)
def test_hostile_input_of_full_size_ends_in_bounded_time(unit):
    raw = unit * (CONFIGURATION.max_bytes // len(unit))
    started = time.process_time()
    with contextlib.suppress(InputError):
        read_yaml(raw, "file.yaml")
    assert time.process_time() - started < 2


def test_every_value_has_a_place():
    document = read_yaml(b"a: 1\nb:\n  - x\n  - {c: 'y', \"d\": [true]}\nempty:\n", "file.yaml")
    marks = dict(document.find_marks())
    assert marks.pop(("empty",))[0] in (5, 6)
    assert marks == {
        (): (1, 1),
        ("a",): (1, 4),
        ("b",): (3, 3),
        ("b", 0): (3, 5),
        ("b", 1): (4, 5),
        ("b", 1, "c"): (4, 9),
        ("b", 1, "d"): (4, 19),
        ("b", 1, "d", 0): (4, 20),
    }
    assert document.where(("b", 1, "x")) == Location(file="file.yaml", line=4, column=5)


def test_the_bytes_are_kept_as_they_were():
    raw = b"a: 1\r\n"
    assert read_yaml(raw, "file.yaml").raw == raw


def test_without_the_c_parser_there_is_an_error_and_no_fallback(monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader")
    error = refusal(b"a: 1")
    assert error.found == "PyYAML without its C parser"
    assert "pip install" in error.fix


def outcome(raw: bytes, limits: Limits) -> Document | InputError:
    try:
        return read_yaml(raw, "file.yaml", limits)
    except InputError as error:
        return error


NEAR_YAML = st.lists(
    st.sampled_from([*"aA:[]{},&*!|>'\"\\#%?~\n\t\u202e\x85", ": ", "- ", "---", "...", "<<", "010", "1e400", "  "]),
    max_size=20,
).map(lambda parts: "".join(parts).encode())


@settings(max_examples=200)
@given(st.binary(max_size=80) | NEAR_YAML | st.text(max_size=40).map(str.encode))
def test_any_bytes_give_a_document_or_an_input_error(raw):
    result = outcome(raw, FEW)
    assert isinstance(result, Document) or (place(result) > (0, 0) and str(result).isascii())


PLAIN_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(PLAIN_VALUES)
def test_json_of_plain_values_is_yaml_with_the_same_value(value):
    raw = json.dumps(value).encode()
    assert read_yaml(raw, "file.yaml").value == json.loads(raw)


@settings(max_examples=150)
@given(PLAIN_VALUES)
def test_what_pyyaml_writes_for_a_value_is_never_read_as_another_value(value):
    raw = yaml.safe_dump(value, allow_unicode=True).encode()
    result = outcome(raw, CONFIGURATION)
    assert isinstance(result, InputError) or result.value == value
