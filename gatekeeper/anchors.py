"""Who chose the judge: a policy, environment and trust root count for an approval only if their owners vouch for them.

A pipeline that can be edited must not choose its judge (threats D1, P16). The gate's own configuration, kept where
the pipeline cannot write, pins documents by digest or names the owners of trust roots; policies and environments
may also be signed by parties of the trust root that may say `policy` or `environment`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from attestations.envelope import signers_of
from attestations.errors import InputError
from attestations.records import Name, Record, Sha256
from attestations.times import Instant
from gatekeeper.documents import Header, Source, load, read_source
from gatekeeper.trust import Party, TrustRoot
from gatekeeper.trust.consistency import believed
from gatekeeper.trust.owners import Owners, read_owner_keys, signing_owners
from gatekeeper.trust.succession import Version, check_chain, read_chain

DEFAULT_PATH = Path("/etc/signer-gatekeeper/gate.yaml")


class GateSpec(Record, frozen=True, kw_only=True):
    """Pinned digests, by kind of document; the owners of the trust root, or the folder that its versions lie in."""

    policies: tuple[Sha256, ...] = ()
    environments: tuple[Sha256, ...] = ()
    trust_roots: tuple[Sha256, ...] = ()
    trust_owners: Owners | None = None
    trust_chain: Name | None = None
    """folder of the trust root's versions, beside this file: the newest counts and no other"""


class GateConfiguration(Header, frozen=True, kw_only=True):
    """The document of kind GateConfiguration."""

    kind: Literal["GateConfiguration"]
    metadata: dict[Literal["name"], Name]
    spec: GateSpec


@dataclass(frozen=True, kw_only=True)
class Anchors:
    """What the gate's configuration says, with the versions of the trust root that it points to."""

    spec: GateSpec
    chain: tuple[Version, ...] = ()

    def vouch_for(self, trust: Source) -> bool:
        """Return whether a trust root is pinned, or signed by the owners whom the configuration names."""
        if trust.digest in self.spec.trust_roots:
            return True
        owners = self.spec.trust_owners
        return owners is not None and len(signing_owners(trust, owners, "the gate's configuration")) >= owners.threshold


def read_anchors(path: Path) -> Anchors:
    """Return the gate's own configuration; raise InputError where there is none: without it nothing is anchored."""
    spec = load(read_source(path), GateConfiguration, "GateConfiguration").record.spec
    return Anchors(spec=spec, chain=read_chain(chain_folder(path, spec)) if spec.trust_chain else ())


def chain_folder(path: Path, spec: GateSpec) -> Path:
    """Return the folder of the trust root's versions; raise InputError (POL-TRUST) where the configuration has none."""
    if spec.trust_chain is None:
        raise InputError(
            "POL-TRUST",
            found=f"no trust_chain in {str(path)!a}",
            wanted="the folder that the versions of the trust root lie in",
            fix="add to the gate's configuration:  spec: {trust_chain: trust}",
        )
    return path.parent / spec.trust_chain


def check_anchored(anchors: Anchors, policy: Source, environment: Source, trust: TrustRoot, now: Instant) -> None:
    """Raise InputError (POL-TRUST, and for a chain TRUST-VERSION, SIG-THRESHOLD) unless somebody entitled vouches."""
    _check_trust(anchors, trust)
    spec = anchors.spec
    owners = [party for party in trust.parties if party.record.in_use(now)]
    _check_document("policy", policy, spec.policies, owners)
    _check_document("environment", environment, spec.environments, owners)


def _check_trust(anchors: Anchors, trust: TrustRoot) -> None:
    source = trust.loaded.source
    if trust.unpinned_keys:
        raise _unanchored(
            source,
            f"a trust root that names key files without their fingerprints ({', '.join(trust.unpinned_keys)!a:.200})",
            "keys inside the document, or as {file, sha256}: else a pin or signature does not cover them",
            "write each key as PEM text, or add the fingerprint of its SubjectPublicKeyInfo",
        )
    _check_owners_apart(anchors.spec.trust_owners, trust)
    if anchors.spec.trust_chain is not None:
        _check_newest(anchors, source)
    elif not anchors.vouch_for(source):
        raise _unanchored(
            source,
            f"a trust root (sha256 {source.digest}) that is neither pinned nor signed by its owners",
            "a trust root that the gate's configuration pins, or one signed by the owners it names",
            "have its owners sign it:  gatekeeper trust sign TRUST --sign-with KEY --out FILE",
        )


def _check_owners_apart(owners: Owners | None, trust: TrustRoot) -> None:
    """Whoever decides whom the gate believes is none of those. A trust root's own owners are compared as it is read."""
    keys = read_owner_keys(owners, "the gate's configuration") if owners else ()
    named = frozenset(key.fingerprint for key in keys)
    for holder, held in believed(trust):
        if shared := sorted(named & {key.fingerprint for key in held}):
            raise _unanchored(
                trust.loaded.source,
                f"one key ({shared[0][:16]}…) for {holder} and an owner in the gate's configuration",
                "owners of the trust root whose keys say nothing else",
                "give that owner a key of their own, and name it in trust_owners",
            )


def _check_newest(anchors: Anchors, trust: Source) -> None:
    check_anchored_chain(anchors)
    newest = anchors.chain[-1]
    if trust.digest != newest.digest:
        raise _unanchored(
            trust,
            f"a trust root (sha256 {trust.digest}) that is not the newest of the gate's chain",
            f"version {newest.record.metadata.version} (sha256 {newest.digest})",
            "use the newest version; a new one is taken in with:  gatekeeper trust rotate NEW --gate GATE",
        )


def check_anchored_chain(anchors: Anchors) -> None:
    """Raise InputError unless the configuration vouches for the first version, and each version for the next."""
    if not anchors.chain or not anchors.vouch_for(anchors.chain[0].source):
        found = f"a first version (sha256 {anchors.chain[0].digest})" if anchors.chain else "no version"
        raise InputError(
            "POL-TRUST",
            found=f"{found} that the gate's configuration does not vouch for",
            wanted="a chain of trust roots whose first version is pinned or signed by the configured owners",
            fix="pin the first version in trust_roots, or name its owners in trust_owners",
        )
    check_chain(anchors.chain)


def _check_document(kind: str, source: Source, pins: tuple[str, ...], parties: Sequence[Party]) -> None:
    if source.digest in pins:
        return
    owners = [party for party in parties if kind in party.record.may]
    signed = source.envelope is not None and any(
        len(signers_of(source.envelope, party.keys)) >= party.record.threshold for party in owners
    )
    if not signed:
        raise _unanchored(
            source,
            f"a {kind} (sha256 {source.digest}) that is neither pinned nor signed by its owners",
            f"a {kind} that the gate's configuration pins, or one signed by a party that may say `{kind}`",
            f"have its owners sign it:  gatekeeper sign-document {kind.upper()} --sign-with KEY --out FILE",
        )


def _unanchored(source: Source, found: str, wanted: str, fix: str) -> InputError:
    return InputError("POL-TRUST", found=found, wanted=wanted, fix=fix, where=source.document.where())
