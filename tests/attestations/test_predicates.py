"""Every statement type has an example that fits it, and refuses what its specification refuses."""

import base64
import copy
import json
from importlib.resources import files

import msgspec
import pytest

from attestations import dnskey
from attestations.errors import InputError
from attestations.possession import is_challenge_for
from attestations.predicates import NAMES, PREDICATES
from attestations.predicates.common import BASE
from attestations.records import decode, plain
from attestations.strict import read_json
from attestations.times import Instant

FOLDER = files("attestations.predicates").joinpath("examples")
EXAMPLES = {name: FOLDER.joinpath(f"{name}.json").read_bytes() for name in NAMES}
OWN = [name for name, uri in NAMES.items() if uri.startswith(BASE)]
REUSED = [name for name in NAMES if name not in OWN]


def kind_of(name):
    return PREDICATES[NAMES[name]]


def decoded(name, value):
    raw = value if isinstance(value, bytes) else json.dumps(value, indent=1).encode()
    return decode(read_json(raw, f"{name}.json"), kind_of(name))


def alternatives(info):
    """Return the types that a value of this one may have, without what JSON Schema adds to them."""
    if isinstance(info, msgspec.inspect.Metadata):
        return alternatives(info.type)
    if isinstance(info, msgspec.inspect.UnionType):
        return [each for kind in info.types for each in alternatives(kind)]
    return [info]


def walk(info, value, path=()):
    """Yield (type, value, path) for every value that stands in an example, records and lists from outside in."""
    for kind in alternatives(info):
        if isinstance(kind, msgspec.inspect.StructType) and isinstance(value, dict):
            yield kind, value, path
            for field in kind.fields:
                if field.encode_name in value:
                    yield from walk(field.type, value[field.encode_name], (*path, field.encode_name))
        elif isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(kind.item_type, item, (*path, index))
        elif isinstance(kind, msgspec.inspect.CustomType) and isinstance(value, str):
            yield kind, value, path


def places(name):
    return list(walk(msgspec.inspect.type_info(kind_of(name)), json.loads(EXAMPLES[name])))


def required_members(name):
    records = [(kind, path) for kind, value, path in places(name) if isinstance(value, dict)]
    return [(*path, field.encode_name) for kind, path in records for field in kind.fields if field.required]


def times(name):
    return [path for kind, _, path in places(name) if getattr(kind, "cls", None) is Instant]


def changed(name, path, change):
    """Return the example with `change` done to the container of the last step of `path`."""
    value = copy.deepcopy(json.loads(EXAMPLES[name]))
    container = value
    for step in path[:-1]:
        container = container[step]
    change(container, path[-1])
    return value


def is_part_of(smaller, larger):
    if isinstance(smaller, dict) and isinstance(larger, dict):
        return all(key in larger and is_part_of(value, larger[key]) for key, value in smaller.items())
    if isinstance(smaller, list) and isinstance(larger, list):
        return len(smaller) == len(larger) and all(map(is_part_of, smaller, larger))
    return smaller == larger


def test_there_is_exactly_one_example_for_every_name():
    assert {entry.name for entry in FOLDER.iterdir()} == {f"{name}.json" for name in NAMES}


def test_every_type_has_exactly_one_name():
    assert sorted(NAMES.values()) == sorted(PREDICATES)


@pytest.mark.parametrize("name", OWN)
def test_an_example_of_our_own_types_says_every_member_and_comes_back_as_it_was(name):
    assert plain(decoded(name, EXAMPLES[name])) == json.loads(EXAMPLES[name])


@pytest.mark.parametrize("name", REUSED)
def test_an_example_of_a_reused_type_comes_back_with_all_that_it_said(name):
    example, record = json.loads(EXAMPLES[name]), decoded(name, EXAMPLES[name])
    assert is_part_of(example, plain(record))
    assert decoded(name, plain(record)) == record


@pytest.mark.parametrize("name", OWN)
def test_an_unknown_member_anywhere_is_refused_where_it_stands(name):
    records = [path for _, value, path in places(name) if isinstance(value, dict)]
    assert () in records
    for path in records:
        value = changed(name, (*path, "surplus"), lambda container, key: container.update({key: 1}))
        with pytest.raises(InputError, match="the unknown property 'surplus'") as refused:
            decoded(name, value)
        assert (refused.value.code, refused.value.where.file) == ("SCHEMA", f"{name}.json")
        assert json.dumps(value, indent=1).splitlines()[refused.value.where.line - 1].strip() == '"surplus": 1'


@pytest.mark.parametrize("name", REUSED)
def test_an_unknown_member_of_a_reused_type_is_ignored_as_its_specification_demands(name):
    record = decoded(name, EXAMPLES[name])
    for path in [path for _, value, path in places(name) if isinstance(value, dict)]:
        value = changed(name, (*path, "surplus"), lambda container, key: container.update({key: 1}))
        assert decoded(name, value) == record


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_member_is_refused_with_file_line_and_column(name):
    members = required_members(name)
    assert members
    for path in members:
        value = changed(name, path, lambda container, key: container.pop(key))
        with pytest.raises(InputError, match=f"no `{path[-1]}` in") as refused:
            decoded(name, value)
        assert refused.value.code == "SCHEMA"
        assert str(refused.value.where).startswith(f"{name}.json:")
        assert None not in (refused.value.where.line, refused.value.where.column)


@pytest.mark.parametrize("name", [name for name in NAMES if times(name)])
@pytest.mark.parametrize("ending", ["", "+00:00", "+02:00", "z"])
def test_a_time_without_z_is_refused(name, ending):
    for path in times(name):
        value = changed(name, path, lambda container, key: container.update({key: container[key][:-1] + ending}))
        with pytest.raises(InputError, match="a UTC time such as 2026-05-05T19:30:00Z") as refused:
            decoded(name, value)
        assert refused.value.code == "SCHEMA"
        assert f'"{path[-1]}"' in json.dumps(value, indent=1).splitlines()[refused.value.where.line - 1]


def test_all_our_own_types_say_when():
    assert [name for name in OWN if not times(name)] == []


def test_the_hsms_of_the_example_prove_possession_of_the_keys_that_the_validator_saw():
    evidence, seen = (decoded(name, EXAMPLES[name]) for name in ("hsm-key-coverage", "zone-validation"))
    rdata = [
        dnskey.rdata(key.flags, key.protocol, key.algorithm, base64.b64decode(key.public_key)) for key in evidence.keys
    ]
    assert [dnskey.key_tag(each) for each in rdata] == [key.declared_tag for key in evidence.keys]
    assert [dnskey.fingerprint(each) for each in rdata] == [use.fingerprint for use in seen.by_key]
    assert {(row.serial, row.key) for row in evidence.possession} == {
        (s, k) for s in ("A1", "B7", "C2") for k in (0, 1)
    }
    for row in evidence.possession:
        key, challenge = evidence.keys[row.key], bytes.fromhex(row.challenge)
        public, signature = base64.b64decode(key.public_key), base64.b64decode(row.signature)
        assert is_challenge_for(challenge, evidence.zone, row.serial, evidence.nonce)
        assert dnskey.verifies(key.algorithm, public, signature, challenge)


def test_the_counts_of_the_example_add_up():
    seen = decoded("zone-validation", EXAMPLES["zone-validation"])
    assert (
        sum(seen.by_type.values()) == sum(use.verified for use in seen.by_key) == seen.counts.ok == seen.counts.rrsigs
    )
    assert seen.coverage.checked == seen.coverage.population == seen.counts.rrsets
