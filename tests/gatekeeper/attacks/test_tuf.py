"""The attacks of TUF's client conformance tests, on what the gate is told to believe: each is refused, by its code."""

import copy

import pytest
from world.documents import dump, pem
from world.gate import KINDS, pinning, signed
from world.keys import signer
from world.registry import World
from world.versions import OWNERS, version

from attestations.digest import canonical_json, sha256
from attestations.document_envelope import PAYLOAD_TYPE
from attestations.envelope import PAYLOAD_TYPE as STATEMENT
from attestations.envelope import seal
from attestations.errors import InputError
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.anchors import Anchors, GateSpec, check_anchored_chain
from gatekeeper.documents import parse_source
from gatekeeper.gate import Keys, issue
from gatekeeper.trust import load_trust
from gatekeeper.trust.succession import lacking, load_version

OLD = version(12, "owner-a", "owner-b")
PINNED = GateSpec(trust_roots=(OLD.digest,), trust_chain="trust")


def chain(*versions):
    check_anchored_chain(Anchors(spec=PINNED, chain=versions))


def again(one, change):
    """Return a version whose envelope is written anew."""
    envelope = copy.deepcopy(read_json(one.source.raw, "trust").value)
    change(envelope)
    return load_version(parse_source(canonical_json(envelope), one.source.document.name))


def doubled(envelope):
    envelope["signatures"] *= 2


def renamed(envelope):
    """One signature three times, each under another name."""
    envelope["signatures"] = [dict(envelope["signatures"][0], keyid=name) for name in ("owner-a", "owner-b", "")]


ONE, TWO = ("owner-a",), ("owner-a", "owner-b")
OTHERS = ("thief-a", "thief-b")

ROOTS = {
    "rollback": ("TRUST-VERSION", lambda: version(11, *TWO)),
    "the same version, another content": ("TRUST-VERSION", lambda: version(12, *TWO, expires="2028-01-01T00:00:00Z")),
    "fast-forward": ("TRUST-VERSION", lambda: version(14, *TWO)),
    "fast-forward to the last number": ("TRUST-VERSION", lambda: version(2**53 - 1, *TWO)),
    "unsigned": ("SIG-THRESHOLD", lambda: version(13)),
    "below the threshold": ("SIG-THRESHOLD", lambda: version(13, *ONE)),
    "one signature twice": ("SIG-THRESHOLD", lambda: again(version(13, *ONE), doubled)),
    "one key under several ids": ("SIG-THRESHOLD", lambda: again(version(13, *ONE), renamed)),
    "a threshold that the attacker lowered": ("SIG-THRESHOLD", lambda: version(13, *ONE, threshold=1)),
    "owners of the attacker's own": ("SIG-THRESHOLD", lambda: version(13, *OTHERS, owners=OTHERS)),
    "new owners that did not sign": ("SIG-THRESHOLD", lambda: version(13, *TWO, owners=OTHERS)),
    "one owner listed twice": ("POL-TRUST", lambda: version(13, *TWO, owners=("owner-a", "owner-a", "owner-b"))),
    "a threshold that nobody can meet": ("POL-TRUST", lambda: version(13, *TWO, owners=ONE)),
    "another root's name": ("POL-TRUST", lambda: version(13, *TWO, name="another")),
    "a development root": ("POL-TRUST", lambda: version(13, *TWO, development=True)),
}


@pytest.mark.parametrize("attack", ROOTS)
def test_a_trust_root_that_may_not_follow_is_refused(attack):
    code, make = ROOTS[attack]
    with pytest.raises(InputError) as caught:
        chain(OLD, make())
    assert caught.value.code == code


def test_the_next_root_by_enough_owners_follows_and_so_does_one_after_it_though_the_middle_has_expired():
    """TUF 5.3.10: only the newest has to be in force, or nobody could catch up."""
    middle = version(13, *TWO, expires="2026-01-01T00:00:00Z")
    chain(OLD, middle, version(14, *OWNERS))


@pytest.mark.parametrize("threshold", [0, 17])
def test_a_threshold_out_of_range_is_no_trust_root(threshold):
    with pytest.raises(InputError) as caught:
        version(13, *TWO, threshold=threshold)
    assert caught.value.code == "SCHEMA"


def other_spelling(name):
    """The same key, in a PEM with a comment before it."""
    return f"the key of owner a\n{pem(name)}"


def test_one_key_in_two_spellings_is_one_owner():
    document = World().trust
    document["spec"]["owners"] = {"keys": [pem("owner-a"), other_spelling("owner-a")], "threshold": 2}
    one = load_version(parse_source(signed(dump(document), "owner-a"), "12.trust"))
    with pytest.raises(InputError, match="listed twice"):
        lacking(one, one)


def anchored(world, gate, **envelopes):
    """Issue with these documents signed as told, and the trust root pinned."""
    files = world.files()
    files |= {f"{kind}.yaml": make(files[f"{kind}.yaml"]) for kind, make in envelopes.items()}
    kinds = [kind for kind in KINDS if kind not in envelopes]
    return gate.issue(files, pinning(world.files(), *kinds))


def by_owners(raw):
    return signed(raw, "owners")


def as_statement(raw):
    return seal(raw, STATEMENT, (signer("owners"),))


def changed_after_signing(raw):
    other = seal(raw + b"# more\n", PAYLOAD_TYPE, (signer("owners"),))
    envelope = read_json(by_owners(raw), "document").value
    return canonical_json({**envelope, "payload": read_json(other, "document").value["payload"]})


def signed_by_one_twice(raw):
    envelope = read_json(by_owners(raw), "document").value
    return canonical_json({**envelope, "signatures": envelope["signatures"] * 2})


DOCUMENTS = {
    "unsigned": ("POL-TRUST", lambda raw: raw),
    "by somebody else": ("POL-TRUST", lambda raw: signed(raw, "thief-a")),
    "changed after it was signed": ("POL-TRUST", changed_after_signing),
    "of the type of statements": ("TYPE-PAYLOAD", as_statement),
}


@pytest.mark.parametrize("kind", ["policy", "environment"])
@pytest.mark.parametrize("attack", DOCUMENTS)
def test_a_document_that_its_owners_did_not_sign_is_refused(gate, kind, attack):
    code, make = DOCUMENTS[attack]
    with pytest.raises(InputError) as caught:
        anchored(World(), gate, **{kind: make})
    assert caught.value.code == code
    assert gate.recorded() == []
    assert anchored(World(), gate, **{kind: by_owners}).approval is not None


@pytest.mark.parametrize("kind", ["policy", "environment"])
def test_a_threshold_of_two_is_not_met_by_one_signature_twice(gate, kind):
    def two(trust):
        owners = next(party for party in trust["spec"]["parties"] if party["name"] == "owners")
        owners.update(keys=[pem("owners"), pem("owner-2")], threshold=2)

    world = World().with_document("trust", two)
    with pytest.raises(InputError) as caught:
        anchored(world, gate, **{kind: signed_by_one_twice})
    assert caught.value.code == "POL-TRUST"
    assert anchored(world, gate, **{kind: lambda raw: signed(raw, "owners", "owner-2")}).approval is not None


@pytest.mark.parametrize(("kind", "other"), [("policy", "environment"), ("environment", "policy"), ("trust", "policy")])
def test_one_kind_of_document_in_the_place_of_another_is_refused(gate, kind, other):
    files = World().files()
    mixed = files | {f"{kind}.yaml": by_owners(files[f"{other}.yaml"])}
    with pytest.raises(InputError) as caught:
        gate.issue(mixed, pinning(mixed, *KINDS))
    assert caught.value.code == "SCHEMA"


def test_who_may_sign_environments_signs_no_policy(gate):
    def only_environments(trust):
        next(party for party in trust["spec"]["parties"] if party["name"] == "owners").update(may=["environment"])

    world = World().with_document("trust", only_environments)
    with pytest.raises(InputError) as caught:
        anchored(world, gate, policy=by_owners)
    assert caught.value.code == "POL-TRUST"
    assert anchored(world, gate, environment=by_owners).approval is not None


@pytest.mark.parametrize("kind", ["policy", "trust"])
def test_a_document_that_has_expired_freezes_nothing(gate, kind):
    """Whoever withholds the new one keeps the old one in force no longer than its owners said."""
    for expires, refused in (("2026-04-10T12:00:00Z", True), ("2026-04-10T12:00:01Z", False)):
        world = World().with_document(kind, lambda document, at=expires: document["metadata"].update(expires=at))
        if refused:
            with pytest.raises(InputError) as caught:
                gate.issue(world.files())
            assert caught.value.code == "POL-TRUST"
        else:
            assert gate.issue(world.files()).approval is not None


def naming_a_file(trust, **key):
    trust["spec"]["gate"]["keys"] = [{"file": "keys/gate.pem", **key}]


def test_a_file_of_another_digest_than_the_trust_root_says_is_refused():
    good = signer("gate").public
    for fingerprint, refused in ((good.fingerprint, False), (sha256(b"another"), True)):
        world = World().with_document("trust", lambda trust, at=fingerprint: naming_a_file(trust, sha256=at))
        source, files = parse_source(dump(world.trust), "trust.yaml"), {"keys/gate.pem": good.pem.encode()}
        if refused:
            with pytest.raises(InputError) as caught:
                load_trust(source, files)
            assert caught.value.code == "POL-TRUST"
        else:
            assert load_trust(source, files).gate_keys[0].fingerprint == good.fingerprint


def test_a_gate_with_a_chain_judges_under_the_newest_version_alone(gate):
    """Pins beside a chain vouch for its first version; they bring no older one back."""
    files = World().with_document("trust", owned).files()
    first = load_version(parse_source(files["trust.yaml"], "12.trust"))
    second = version(13, *TWO)
    spec = GateSpec(
        policies=pinning(files, "policy").policies,
        environments=pinning(files, "environment").environments,
        trust_roots=(first.digest, second.digest),
        trust_chain="trust",
    )
    keys = Keys(gate=signer("gate"), ledger=signer("ledger"))
    now = Instant.parse(World().now)
    with gate.ledger() as ledger, pytest.raises(InputError, match="not the newest") as caught:
        issue(World().inputs(files), Anchors(spec=spec, chain=(first, second)), ledger, keys, now)
    assert caught.value.code == "POL-TRUST"
    with gate.ledger() as ledger:
        issued = issue(World().inputs(files), Anchors(spec=spec, chain=(first,)), ledger, keys, now)
    assert issued.approval is not None


def owned(trust):
    trust["spec"]["owners"] = {"keys": [pem(owner) for owner in OWNERS], "threshold": 2}
