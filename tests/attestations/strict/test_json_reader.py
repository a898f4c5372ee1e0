"""read_json against the traps of `json`: each trap is first shown to be one."""

import contextlib
import json
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attestations.errors import InputError, Location
from attestations.strict import read_json
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE, Limits

SMALL = Limits(max_bytes=64, max_depth=3, max_nodes=6)


def refusal(raw: bytes, limits: Limits = EVIDENCE) -> InputError:
    with pytest.raises(InputError) as caught:
        read_json(raw, "file.json", limits)
    return caught.value


def place(error: InputError) -> tuple[int | None, int | None]:
    assert error.where is not None
    assert error.where.file == "file.json"
    return error.where.line, error.where.column


TRAPS = {
    "key twice": (b'{"verdict": "deny",\n "verdict": "allow"}', "PARSE-DUPKEY", (2, 2)),
    "key twice, unicode escape": (b'{"verdict": 1, "\\u0076erdict": 2}', "PARSE-DUPKEY", (1, 16)),
    "key twice, other case": (b'{"verdict": 1, "Verdict": 2}', "PARSE-DUPKEY", (1, 16)),
    "key twice, sharp s": ('{"straße": 1, "STRASSE": 2}'.encode(), "PARSE-DUPKEY", (1, 15)),
    "key twice, composed and not": ('{"é": 1, "e\u0301": 2}'.encode(), "PARSE-DUPKEY", (1, 10)),
    "key twice, three levels down": (b'{"a": {"b": [0, {"c": 1,\n"d": 2,\n  "c": 3}]}}', "PARSE-DUPKEY", (3, 3)),
    "key twice around a nested twin": (b'{"a": 1,\n"a": {"b": 1, "b": 2}}', "PARSE-DUPKEY", (2, 1)),
    "not a number": (b'{"age": NaN}', "PARSE-JSON", (1, 9)),
    "infinity": (b"[1,\n Infinity]", "PARSE-JSON", (2, 2)),
    "minus infinity": (b"[-Infinity]", "PARSE-JSON", (1, 2)),
    "1e400": (b"[1e400]", "PARSE-JSON", (1, 2)),
    "-1e400": (b"[-1e400]", "PARSE-JSON", (1, 2)),
    "integer of 2^53": (b"[9007199254740992]", "PARSE-JSON", (1, 2)),
    "negative integer of -2^53": (b"[0, -9007199254740992]", "PARSE-JSON", (1, 5)),
    "lone high surrogate": (rb'["\ud800"]', "PARSE-JSON", (1, 2)),
    "lone low surrogate in a key": (rb'{"\udfff": 1}', "PARSE-JSON", (1, 2)),
    "surrogates in the wrong order": (rb'["\udc00\ud800"]', "PARSE-JSON", (1, 2)),
    "UTF-16 with mark": ("{}".encode("utf-16"), "PARSE-JSON", (1, 1)),
    "UTF-16 without mark": ("{}".encode("utf-16-le"), "PARSE-JSON", (1, 1)),
    "UTF-32": ("{}".encode("utf-32-be"), "PARSE-JSON", (1, 1)),
    "UTF-8 with mark": (b"\xef\xbb\xbf{}", "PARSE-JSON", (1, 1)),
    "bidirectional override": ('{"zone": "\u202eed."}'.encode(), "INJECT", (1, 10)),
    "bidirectional override, escaped": (rb'{"zone": "\u202eed."}', "INJECT", (1, 10)),
    "bidirectional isolate in a key": ('{"a\u2066": 1}'.encode(), "INJECT", (1, 2)),
    "zero width space": ('["a\u200b"]'.encode(), "INJECT", (1, 2)),
    "mark inside the text": ('["\ufeff"]'.encode(), "INJECT", (1, 2)),
    "tag character": ('["\U000e0041"]'.encode(), "INJECT", (1, 2)),
    "line separator": ('["\u2028"]'.encode(), "INJECT", (1, 2)),
    "escape for terminals": (rb'["\u001b[31m"]', "INJECT", (1, 2)),
    "carriage return": (rb'["\r"]', "INJECT", (1, 2)),
    "NUL, escaped": (rb'["\u0000"]', "INJECT", (1, 2)),
    "delete": (b'["\x7f"]', "INJECT", (1, 2)),
    "C1 control": ('["\x9b"]'.encode(), "INJECT", (1, 2)),
}


@pytest.mark.parametrize(("raw", "code", "where"), TRAPS.values(), ids=TRAPS)
def test_what_json_lets_pass_is_refused_with_its_place(raw, code, where):
    json.loads(raw)  # the trap: no error here
    error = refusal(raw)
    assert (error.code, place(error)) == (code, where)
    assert error.found
    assert error.wanted
    assert error.fix


def test_a_repeated_key_names_the_line_of_the_first():
    error = refusal(b'{\n"a": 1,\n"b": 2,\n"a": 3}')
    assert place(error) == (4, 1)
    assert error.found == "the key 'a' a second time; the first is in line 2"


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"", (1, 1)),
        (b" \n ", (2, 2)),
        (b"{} {}", (1, 4)),
        (b"[1]\n]", (2, 1)),
        (b"[1,]", (1, 4)),
        (b"{'a': 1}", (1, 2)),
        (b'{"a": 01}', (1, 8)),
        (b"[" + b"9" * 5000 + b"]", (1, 2)),
        (b'{\n"a": "\xff"}', (2, 7)),
        (b'["\xed\xa0\x80"]', (1, 3)),
        (b'["\xc0\xaf"]', (1, 3)),
        (b'["\t"]', (1, 3)),
        (b"true false", (1, 6)),
    ],
    ids=lambda part: ascii(part[:12]) if isinstance(part, bytes) else "",
)
def test_what_is_not_json_is_refused_with_its_place(raw, where):
    error = refusal(raw)
    assert (error.code, place(error)) == ("PARSE-JSON", where)


def test_columns_count_characters_not_bytes():
    assert place(refusal('{"ééé": NaN}'.encode())) == (1, 9)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"verdict": "deny"}',
        b'[{"a": 1}, {"a": 1}, {"A": {"a": 1}}]',
        b"[9007199254740991, -9007199254740991, 1e308, 0, -0.0, 1E-2]",
        rb'["\ud83d\ude00", "two\nlines\tand a tab", "\"\\\/"]',
        '{"é": "ü", "名": "ключ"}'.encode(),
        b'\r\n\t {"a" : [ ] , "b" : { } }\r\n',
        b'"text"',
        b"null",
    ],
)
def test_json_that_every_reader_reads_alike_is_read_like_that(raw):
    document = read_json(raw, "file.json")
    assert document.value == json.loads(raw)
    assert document.raw == raw


@pytest.mark.parametrize(
    ("raw", "accepted"),
    [
        (b'"' + b"a" * 62 + b'"', True),
        (b'"' + b"a" * 63 + b'"', False),
        (b"[[[1]]]", True),
        (b"[[[[]]]]", False),
        (b'{"a":{"b":{"c":1}}}', True),
        (b'{"a":{"b":[{}]}}', False),
        (b"[1,2,3,4,5]", True),
        (b"[1,2,3,4,5,6]", False),
        (b'{"a":[1,2,3,4]}', True),
        (b'{"a":[1,2,3,4,5]}', False),
    ],
)
def test_limits_hold_at_their_boundary(raw, accepted):
    if accepted:
        assert read_json(raw, "file.json", SMALL).value == json.loads(raw)
    else:
        assert refusal(raw, SMALL).code == "LIMIT"


@pytest.mark.parametrize("unit", [b"[", b'{"a":', b'[{"a":'], ids=["brackets", "braces", "both"])
@pytest.mark.parametrize("end", [b"", b"]" * 100_000], ids=["open", "closed"])
def test_depth_bombs_end_at_the_limit(unit, end):
    error = refusal(unit * 100_000 + end)
    assert error.code == "LIMIT"
    assert place(error)[0] == 1


def test_a_file_of_16_mib_is_refused_before_it_is_decoded():
    raw = b"\xff" * (16 * 1024 * 1024)
    tracemalloc.start()
    assert refusal(raw).code == "LIMIT"
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


FULL_SIZE = {
    "many numbers": lambda: b"[" + b"1," * 1_000_000 + b"1]",
    "much space": lambda: b"[" * 64 + b"1" + b"]" * 64 + b" " * 4_000_000,
    "backslashes": lambda: b'["' + b"\\" * 4_000_000 + b'"]',
    "backslashes without end": lambda: b'["' + b"\\" * 3_999_999,
    "colons": lambda: b'{"' + b'":"' * 1_000_000,
    "quotes": lambda: b'"' * 4_000_000,
    "minus": lambda: b"-" * 4_000_000,
    "digits": lambda: b"1" * 4_000_000,
    "letters": lambda: b'["' + b"\xc3\xa9" * 2_000_000 + b'"]',
    "one hidden character": lambda: b'["' + b"a" * 2_000_000 + b'\xe2\x80\xae"]',
    "a twin at the end": lambda: b"{" + b",".join(b'"%d":0' % number for number in range(60_000)) + b',"1":0}',
}


@pytest.mark.parametrize("make", FULL_SIZE.values(), ids=FULL_SIZE)
def test_hostile_input_of_full_size_ends_in_bounded_time(make):
    raw = make()
    started = time.process_time()
    with contextlib.suppress(InputError):
        read_json(raw, "file.json")
    assert time.process_time() - started < 4


def test_every_value_has_a_place():
    document = read_json(b'{"a": 1,\n "b": {"c": [true,\n  {"d": "x:,[]{}\\""}], "\\u0065": []}}', "file.json")
    assert dict(document.find_marks()) == {
        (): (1, 1),
        ("a",): (1, 7),
        ("b",): (2, 7),
        ("b", "c"): (2, 13),
        ("b", "c", 0): (2, 14),
        ("b", "c", 1): (3, 3),
        ("b", "c", 1, "d"): (3, 9),
        ("b", "e"): (3, 34),
    }


def test_a_path_that_is_not_there_has_the_place_of_its_nearest_ancestor():
    document = read_json(b'{"a":\n {"b": 1}}', "file.json")
    assert document.where(("a", "missing", 3)) == Location(file="file.json", line=2, column=2)


def test_places_are_looked_for_once():
    document = read_json(b"[1]", "file.json")
    assert document.marks is document.marks


def test_hostile_text_is_escaped_in_messages():
    error = refusal('{"\x1b[31mé": 1}'.encode().replace(b"\x1b", b"") + b"\xf0\x9f\x98\x80")
    assert str(error).isascii()
    twin = refusal(('{"' + "é" * 300 + '": 1, "' + "É" * 300 + '": 2}').encode())
    assert str(twin).isascii()
    assert len(str(twin)) < 1000


JSON_TEXTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
NEAR_JSON = st.lists(
    st.sampled_from([*'{}[],:"\\- \n\u202e', '"a"', '"A"', "\\u", "d800", "1", "e400", "NaN"]),
    max_size=20,
).map("".join)


def outcome(raw: bytes, limits: Limits) -> Document | InputError:
    try:
        return read_json(raw, "file.json", limits)
    except InputError as error:
        return error


@given(st.binary(max_size=80) | NEAR_JSON.map(str.encode) | st.text(max_size=40).map(str.encode))
@example(b"[" * 64)
def test_any_bytes_give_a_document_or_an_input_error(raw):
    result = outcome(raw, SMALL)
    if isinstance(result, Document):
        assert json.dumps(result.value) == json.dumps(json.loads(raw))


@settings(max_examples=150)
@given(JSON_TEXTS, st.booleans())
def test_what_is_accepted_is_what_json_reads_and_every_value_has_its_place(value, escaped):
    raw = json.dumps(value, ensure_ascii=escaped, indent=1).encode("utf-8", "surrogatepass")
    document = outcome(raw, EVIDENCE)
    if isinstance(document, InputError):
        assert place(document) > (0, 0)
        return
    assert document.value == json.loads(raw)
    assert set(document.find_marks()) == set(paths(document.value))


def paths(value, path=()):
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from paths(member, (*path, step))
