"""What tests of Sigstore bundles share: asking, spoiling, and the library alone for comparison."""

import json

import pytest
from sigstore.models import TrustedRoot
from sigstore.verify import Verifier

from attestations.errors import InputError
from attestations.sigstore import verify_bundle
from attestations.sigstore.practice import GITHUB, WORKFLOW, name_of, new_key
from attestations.strict import read_json
from attestations.times import Instant

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
SIGNED_ON = Instant.parse("2026-04-10T09:01:00Z")
CLAIMS = {
    "build_signer_uri": WORKFLOW,
    "runner_environment": "github-hosted",
    "source_repository_uri": "https://github.com/registry/signer",
    "source_repository_digest": "9d" * 20,
    "source_repository_ref": "refs/tags/v3.0.1",
    "build_trigger": "release",
    "source_repository_visibility": "public",
}
ENTRY = ("verificationMaterial", "tlogEntries", 0)

both_styles = pytest.mark.parametrize("style", [1, 2])


def document(raw):
    return read_json(raw, "bundle.json")


def verify(raw, trusted_root, keys=()):
    return verify_bundle(document(raw), trusted_root, keys)


def refusal(raw, trusted_root, keys=()):
    with pytest.raises(InputError) as caught:
        verify(raw, trusted_root, keys)
    assert str(caught.value).isprintable()
    return caught.value


def certified(sigstore, names=(WORKFLOW,), issuer=GITHUB, key=None, **claims):
    """Return a key and the certificate that the instance issued for it."""
    key = key or new_key()
    return key, sigstore.issue(
        key, [name_of(name) if isinstance(name, str) else name for name in names], issuer, claims
    )


def sealed(sigstore, payload=PAYLOAD, **how):
    return sigstore.seal(payload, *certified(sigstore), **how)


def changed(raw, path, value):
    """Return the bundle with one member set, or taken away where `value` is None."""
    bundle = json.loads(raw)
    place = bundle
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(bundle).encode()


def library(trusted_root, folder):
    file = folder / "trusted_root.json"
    file.write_bytes(trusted_root)
    return Verifier(trusted_root=TrustedRoot.from_file(str(file)))


def text_members(value, path=()):
    if isinstance(value, str):
        yield path, value
    else:
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from text_members(child, (*path, key))
