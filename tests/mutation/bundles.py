"""Every byte of one good bundle of each kind, changed: nothing else may be proven by what comes out.

Run:  PYTHONPATH=tests .venv/bin/python -m mutation.bundles [STEP [START]]

With a step, only every so many bytes from a start on. All of them take two minutes.
"""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256

from bundles import certified, document
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.sigstore import verify_bundle, verify_file
from attestations.sigstore.practice import Form, PrivateSigstore, new_key

_SMALL = re.compile(
    rb'"(mediaType|logIndex|integratedTime|treeSize|kind|version|keyId|algorithm|payloadType|rootHash)":"[^"]*"'
)
PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
REFUSALS = {
    "SIG-BUNDLE",
    "SIG-UNSUPPORTED",
    "SIG-UNTRUSTED",
    "ENC-B64",
    "PARSE-JSON",
    "PARSE-DUPKEY",
    "INJECT",
    "LIMIT",
}
WITHOUT_MEANING = {
    "checkpoint": "the name beside the log's signature, signatures of others, and how the signature is encoded",
    "signedTimestamp": "what stands around the signed part of a timestamp; all of it where the log says a time itself",
    "mediaType": "the version, between two that both ask for what the bundle holds",
    "hint": "a hint at a plain key, which is known by its fingerprint",
}
"""members that can be changed without changing what is proven (docs/sigstore.md lists the same)"""


@dataclass(frozen=True, kw_only=True)
class Good:
    """A good bundle, and how it is judged."""

    name: str
    raw: bytes
    trusted_root: bytes
    keys: tuple = ()
    file: bool = False

    def judge(self, raw):
        """Return what `raw` proves, or the code of its refusal."""
        try:
            found = document(raw)
            if self.file:
                return verify_file(found, self.trusted_root, sha256(PAYLOAD).digest(), self.keys)
            return verify_bundle(found, self.trusted_root, self.keys)
        except InputError as error:
            return error.code


FORMS = {
    "Rekor v1": (1, Form()),
    "Rekor v1, intoto, timestamp, bundle 0.2": (1, Form(kind="intoto", version="0.2", stamped=True)),
    "promise alone, bundle 0.1": (1, Form(version="0.1", proof=False)),
    "Rekor v2": (2, Form()),
}


def good_bundles():
    """Yield one good bundle of each kind: the same bytes on every run."""
    for name, (style, form) in FORMS.items():
        for plain in (False, True):
            for file in (False, True):
                yield _good(f"{name}, {'key' if plain else 'certificate'}", style, form, plain=plain, file=file)


def _good(name, style, form, *, plain, file):
    sigstore = PrivateSigstore(style=style, seed=name)
    key = new_key(name, "signer")
    certificate = None if plain else certified(sigstore, key=key)[1]
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    make = sigstore.sign_file if file else sigstore.seal
    return Good(
        name=f"{name}, {'file' if file else 'statement'}",
        raw=make(PAYLOAD, key, certificate, form=form),
        trusted_root=sigstore.trusted_root,
        keys=(read_public_key(pem, name),) if plain else (),
        file=file,
    )


def small(raw):
    """Return the places of the small members, of which each byte counts."""
    return {place for match in _SMALL.finditer(raw) for place in range(*match.span())}


def mutants(raw, places):
    """Yield `raw` with a byte changed, added or taken away, at each of `places`."""
    for place in sorted(places):
        before, byte, after = raw[:place], raw[place], raw[place + 1 :]
        yield place, before + bytes([byte ^ 1]) + after
        yield place, before + bytes([byte ^ 0x20]) + after
        yield place, before + (b"!", b"A", b"0")[place % 3] + raw[place:]
        yield place, before + after


def changed_member(good, other):
    """Return the name of the member in which two bundles differ; None where they do not."""
    pairs = zip(_members(json.loads(good)), _members(json.loads(other)), strict=True)
    return next((path for (path, value), (_, changed) in pairs if value != changed), None)


def _members(value, name=None):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _members(child, "checkpoint" if name == "checkpoint" else key)
    elif isinstance(value, list):
        for child in value:
            yield from _members(child, name)
    else:
        yield name, value


def survivors(good, places):
    """Yield (place, member) of every change after which the bundle still proves the same; fail where it proves more."""
    proven = good.judge(good.raw)
    for place, raw in mutants(good.raw, places):
        found = good.judge(raw)
        if isinstance(found, str):
            assert found in REFUSALS, (good.name, place, found)
            continue
        assert found == proven, (good.name, place)
        member = changed_member(good.raw, raw)
        assert member is None or member in WITHOUT_MEANING, (good.name, place, member)
        yield place, member


def main():
    given = [int(argument) for argument in sys.argv[1:]]
    step, start = given + [1, 0][len(given) :]
    for good in good_bundles():
        places = range(start, len(good.raw), step)
        found = Counter(member for _, member in survivors(good, places))
        sys.stdout.write(f"{good.name}: {4 * len(places)} changes, without meaning: {dict(found)}\n")


if __name__ == "__main__":
    main()
