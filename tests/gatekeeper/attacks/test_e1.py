"""E1 Size and depth bombs, too large for a folder: refused in bounded time and memory, and read just below the limit.

Each bomb takes the place of the HSM evidence, so that what is not counted is missing.
"""

import base64
import gzip
import io
import json
import os
import zipfile

import pytest
from attacks import e1
from attacks.limited import MAX_CPU_SECONDS, run
from attacks.model import EVALUATE
from world.documents import COMPONENTS, dump
from world.keys import digest, signer
from world.registry import World

from attestations.envelope import MAX_HASHED, MAX_SIGNATURES, PAYLOAD_TYPE, read_envelope, seal, signers_of
from attestations.errors import InputError
from attestations.statement import MAX_SUBJECTS
from attestations.strict import read_json
from attestations.strict.limits import CONFIGURATION, EVIDENCE, Limits
from gatekeeper.evidence import MAX_FILES, MAX_TOTAL_BYTES

MIB = 1024 * 1024
COMMAND = (*EVALUATE, "--at", World().now, "--report", "json")
BOMB = "evidence/hsm.json"
ROOMY = {"max_bytes": 16 * MIB, "max_depth": 8, "max_nodes": 100}
VOID = {"APPR-COUNT", "APPR-REPLAY"}
"""the sign-offs are over the case without the bomb"""


def with_subjects(count):
    named = [(name, {"sha256": digest(name)}) for name in COMPONENTS]
    others = [(f"f{number}", {"sha256": digest("other")}) for number in range(count - len(named))]
    return World().with_piece("hsm.json", lambda piece: e1.replace(piece, subjects=(*named, *others)))


def padded(world, name, size):
    """JSON may end in white space."""
    return world.with_piece(name, lambda piece: e1.reworked(piece, lambda raw: raw.ljust(size)))


def many(unit, size=EVIDENCE.max_bytes):
    return ("[" + ",".join([unit] * ((size - 2) // (len(unit) + 1))) + "]").encode()


def payload_with(change):
    envelope = json.loads(World().files()["evidence/hsm.json"])
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement["predicate"])
    envelope["payload"] = base64.b64encode(json.dumps(statement, separators=(",", ":")).encode()).decode()
    return json.dumps(envelope).encode()


def zipped(size):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hsm.json", b"[" * size)
    return buffer.getvalue()


def envelope(payload, signatures):
    """An envelope signed by nobody."""
    entry = {"sig": base64.b64encode(bytes(63) + b"\1").decode()}
    encoded = base64.b64encode(payload).decode()
    return json.dumps({"payload": encoded, "payloadType": PAYLOAD_TYPE, "signatures": [entry] * signatures}).encode()


def too_many_tries():
    """Every key of the trust root is tried for every signature, on a payload of three megabytes."""
    honest = read_envelope(read_json(World().files()["evidence/hsm.json"], "hsm.json"))
    return envelope(honest.payload.ljust(3_000_000), MAX_SIGNATURES)


BOMBS = {
    "json-depth-100k": (lambda: b"[" * 100_000, {"LIMIT"}),
    "json-depth-100k-closed": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, {"LIMIT"}),
    "signatures-10k": (lambda: envelope(b"{}", 10_000), {"LIMIT"}),
    "array-10m": (lambda: b"[" + b"1," * 10_000_000 + b"1]", {"LIMIT"}),
    "array-of-4-mib": (lambda: many("1"), {"LIMIT"}),
    "empty-objects": (lambda: many("{}"), {"LIMIT"}),
    "small-objects": (lambda: many('{"a":1}'), {"LIMIT"}),
    "many-deep-arrays": (lambda: many("[" * 62 + "]" * 62), {"LIMIT"}),
    "one-long-string": (lambda: b'"' + b"\\u0041" * 699_000 + b'"', {"TYPE-PAYLOAD"}),
    "one-long-number": (lambda: b"9" * EVIDENCE.max_bytes, {"PARSE-JSON"}),
    "twin-at-the-end": (
        lambda: b"{" + b",".join(b'"k%d":1' % n for n in range(199_000)) + b',"k1":1}', {"PARSE-DUPKEY"}),
    "100k-faults": (lambda: payload_with(lambda predicate: predicate.update(keys=[{}] * 100_000)), {"SCHEMA"}),
    "100k-unknown-members": (
        lambda: payload_with(lambda predicate: predicate.update({f"m{n}": 1 for n in range(100_000)})), {"SCHEMA"}),
    "too-many-tries": (too_many_tries, {"LIMIT"}),
    "gzip-bomb": (lambda: gzip.compress(b"[" * 64 * MIB), {"PARSE-JSON"}),
    "zip-bomb": (lambda: zipped(64 * MIB), {"PARSE-JSON"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_among_the_evidence_does_not_count_and_costs_little(tmp_path, name):
    make, codes = BOMBS[name]
    World().write(tmp_path)
    (tmp_path / BOMB).write_bytes(make())
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes - VOID) == (11, codes)
    assert ended.bounded, ended


def test_an_envelope_of_a_gibibyte_is_refused_unread(tmp_path):
    World().write(tmp_path)
    with (tmp_path / BOMB).open("wb") as file:
        file.write(b'{"payload":"')
        file.truncate(1024 * MIB)
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes - VOID) == (11, {"LIMIT"})
    assert ended.bounded, ended


@pytest.mark.parametrize("document", e1.DOCUMENTS)
def test_a_document_of_a_gibibyte_is_refused_unread(tmp_path, document):
    World().write(tmp_path)
    os.truncate(tmp_path / f"{document}.yaml", 1024 * MIB)
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes) == (2, {"LIMIT"})
    assert ended.bounded, ended


def yaml_of_size(world, size):
    policy = dump(world.policy)
    return e1.replace(world, texts={"policy.yaml": policy + b"#" * (size - len(policy) - 1) + b"\n"})


EDGES = {
    "envelope": (lambda over: padded(World(), "hsm.json", EVIDENCE.max_bytes + over), 11, "LIMIT"),
    "subjects": (lambda over: with_subjects(MAX_SUBJECTS + over), 11, "SCHEMA"),
    "subjects-100k": (lambda over: with_subjects(100_000 if over else MAX_SUBJECTS), 11, "LIMIT"),
    "policy": (lambda over: yaml_of_size(World().signed_off_by() if over else World(), CONFIGURATION.max_bytes + over),
               2, "LIMIT"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_what_is_just_over_a_limit_is_refused_and_what_is_just_below_is_read(tmp_path, name):
    make, exit_code, code = EDGES[name]
    for over, expected in ((1, (exit_code, {code})), (0, (0, set()))):
        make(over).write(tmp_path)
        ended = run(tmp_path, *COMMAND)
        assert (ended.exit, ended.codes - VOID if ended.exit else set()) == expected
        assert ended.bounded, ended


def test_values_are_counted_up_to_the_limit():
    parameter = lambda values: e1.with_parameter([0] * values).signed_off_by()  # noqa: E731
    statement = json.loads(base64.b64decode(json.loads(parameter(0).files()["evidence/provenance.json"])["payload"]))
    room = EVIDENCE.max_nodes - _values(statement)
    refused = {r.code for r in parameter(room + 1).judge().case.refusals}
    assert refused == {"LIMIT"}
    assert parameter(room).judge().case.refusals == ()


def _values(value):
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_values, below))


def test_files_are_counted_up_to_the_limit(tmp_path):
    World().write(tmp_path)
    present = len(list((tmp_path / "evidence").iterdir()))
    for number in range(MAX_FILES - present):
        (tmp_path / f"evidence/more-{number}.json").write_text(f"{number}")
    full = run(tmp_path, *COMMAND)
    (tmp_path / "evidence/one-more.json").write_text("{}")
    over = run(tmp_path, *COMMAND)
    assert full.exit == 11, "sign-offs are over the case without those files"
    assert len(json.loads(full.out)["evidence"]) == MAX_FILES
    assert (over.exit, over.codes) == (2, {"LIMIT"})
    assert full.bounded, full
    assert over.bounded, over


def test_the_worst_files_that_we_know_are_read_in_bounded_time_as_many_as_there_may_be(tmp_path):
    World().write(tmp_path)
    for name in ("twin-at-the-end", "too-many-tries"):
        raw = BOMBS[name][0]().ljust(EVIDENCE.max_bytes - 16)
        for number in range(MAX_TOTAL_BYTES // EVIDENCE.max_bytes - 1):
            (tmp_path / f"evidence/more-{number}.json").write_bytes(raw + b" " * number)
        ended = run(tmp_path, *COMMAND)
        assert ended.exit == 11
        assert ended.bounded, ended


def test_more_in_all_than_may_be_held_is_refused_whole(tmp_path):
    World().write(tmp_path)
    for number in range(MAX_TOTAL_BYTES // EVIDENCE.max_bytes):
        with (tmp_path / f"evidence/more-{number}.json").open("wb") as file:
            file.write(b"%d" % number)
            file.truncate(EVIDENCE.max_bytes)
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes) == (2, {"LIMIT"})
    assert ended.bounded, ended


def test_folders_in_folders_end_at_a_limit(tmp_path):
    World().write(tmp_path)
    (tmp_path / ("evidence" + "/d" * 17)).mkdir(parents=True)
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes) == (2, {"LIMIT"})


def test_a_document_of_many_small_values_costs_little(tmp_path):
    World().write(tmp_path)
    raw = b"apiVersion: gatekeeper/v1\nkind: Policy\nspec:\n" + b"- {a: 1}\n" * 6_600
    (tmp_path / "policy.yaml").write_bytes(raw)
    ended = run(tmp_path, *COMMAND)
    assert (ended.exit, ended.codes) == (2, {"SCHEMA"})
    assert ended.bounded, ended


@pytest.mark.parametrize("attack", e1.FAMILY.attacks, ids=lambda attack: attack.variant)
def test_the_bombs_in_folders_cost_little(tmp_path, attack):
    World().write(tmp_path)
    for name, raw in attack.deny.contents().items():
        (tmp_path / name).write_bytes(raw)
    ended = run(tmp_path, *attack.deny.arguments(), "--report", "json")
    assert ended.exit == attack.deny.exit
    assert ended.bounded, ended


def test_the_measuring_stick_measures(tmp_path):
    (tmp_path / "costly.py").write_text("x = bytearray(300 * 2**20)\nfor n in range(1_000_000): n * n\n")
    ended = run(tmp_path, "--help", prelude="costly", env={"PYTHONPATH": str(tmp_path)})
    assert ended.exit == 0
    assert ended.peak_mib > 300
    assert 0.02 < ended.cpu_seconds < MAX_CPU_SECONDS
    assert not ended.bounded


def test_tries_are_counted_and_the_right_hint_saves_them():
    """The same payload, signed: with the key named it is one try, without it is one for each key before the right."""
    keys = [signer(f"key {number}").public for number in range(200)]
    payload = b"x" * (MAX_HASHED // 100)
    sealed = read_json(seal(payload, PAYLOAD_TYPE, (signer("key 150"),)), "sealed", Limits(**ROOMY))
    named = read_envelope(sealed)
    nameless = e1.replace(named, signatures=tuple(e1.replace(entry, hint="") for entry in named.signatures))
    assert signers_of(named, keys) == {keys[150].fingerprint}
    assert signers_of(nameless, keys[60:]) == {keys[150].fingerprint}
    with pytest.raises(InputError) as caught:
        signers_of(nameless, keys)
    assert caught.value.code == "LIMIT"
