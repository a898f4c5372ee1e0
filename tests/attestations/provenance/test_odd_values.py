"""Whatever stands in the place of a member: a refusal or an answer, never another error, and never a valid forgery."""

import copy

import msgspec
import provenance_examples as p
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.digest import canonical_json
from attestations.errors import InputError
from attestations.identity import Identity
from attestations.provenance import completed, contradictions, foreign_signer
from attestations.provenance.offered import prove
from attestations.sigstore.practice import PrivateSigstore, new_key
from attestations.strict import read_json

FAMILIES = {name: value for name, value in vars(p).items() if isinstance(value, dict) and name.isupper()}
PREDICATES = [value for value in FAMILIES.values() if "buildDefinition" in value or "builder" in value]
ODD = st.sampled_from([None, True, 0, -1, 0.5, "", "x", "@", "a@b/c", [], {}, [[]], {"x": 1}, "refs/tags/v1", "\x00"])
SOMEBODY = Identity(issuer="https://issuer.example", subject="x", extensions=p.CERTIFICATE)


def places(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in items:
        yield (*path, name)
        yield from places(each, (*path, name))


def with_odd_value(data, value):
    result = copy.deepcopy(value)
    path = data.draw(st.sampled_from(sorted(places(result), key=str)))
    part = result
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = data.draw(ODD)
    return result


def test_the_predicates_of_every_family_are_tried():
    assert len(PREDICATES) == 13


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_predicate_that_can_be_read_can_be_told(data):
    said = with_odd_value(data, data.draw(st.sampled_from(PREDICATES)))
    try:
        build = p.read(said)
    except msgspec.ValidationError:
        return
    assert isinstance(build.builder_id, str)
    assert build.commits <= {p.COMMIT}
    assert all(isinstance(each, str | None) for each in (build.source, build.ref, build.workflow))
    assert all(isinstance(name, str) for name in (*build.parameters, *build.inputs, *build.unpinned))
    list(contradictions(build, SOMEBODY))
    foreign_signer(build, SOMEBODY)
    completed(build, SOMEBODY)


@pytest.fixture(scope="module")
def root():
    return PrivateSigstore(seed="odd").trusted_root


NPM = {
    "attestations": [
        {"predicateType": "https://slsa.dev/provenance/v1", "bundle": {"mediaType": "x", "dsseEnvelope": {}}},
        {"predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", "bundle": {}},
    ]
}
IMAGE = {
    "image_summary": {"digest": "sha256:ab", "fully_qualified_digest": "x@sha256:ab"},
    "provenance_summary": {
        "provenance": [
            {"kind": "BUILD", "resourceUri": "x@sha256:ab", "build": {}, "envelope": {"payload": "", "payloadType": ""}}
        ]
    },
}
ENVELOPE = {
    "payload": "e30=",
    "payloadType": "application/vnd.in-toto+json",
    "signatures": [{"sig": "AA==", "keyid": ""}],
}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_of_any_form_that_proves_nothing_is_refused(data, root):
    bundle = msgspec.json.decode(PrivateSigstore(seed="odd").seal(b"{}", new_key("odd", "key"), None))
    said = with_odd_value(data, data.draw(st.sampled_from([NPM, IMAGE, ENVELOPE, bundle])))
    with pytest.raises(InputError):
        prove(read_json(canonical_json(said), "odd.json"), root, ())
