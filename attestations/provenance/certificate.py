"""Where the signer's certificate says what the provenance says, both must say the same.

A builder's certificate is made from a token of its platform; its provenance from what ran on it. Where they differ,
somebody has written provenance for a run that was another (slsa-verifier, provenance_forgeable).
"""

from collections.abc import Iterator
from dataclasses import replace

from attestations.identity import Identity
from attestations.provenance.build import Build


def foreign_signer(build: Build, identity: Identity) -> str | None:
    """Return the signer where it is not the one that a builder of this name signs as; None where it is, or may be."""
    if build.signer is None or build.signer.fullmatch(identity.subject):
        return None
    return f"builder {build.builder_id!a:.200}, signed by {identity.subject!a:.200}"


def contradictions(build: Build, identity: Identity) -> Iterator[str]:
    """Yield each thing of which the provenance says another than the certificate of its signer."""
    for name, said in build.claims:
        found = identity.extensions.get(name)
        if found is not None and found != said:
            yield f"{name} {said!a:.200}, in the certificate {found!a:.200}"


def completed(build: Build, identity: Identity) -> Build:
    """Return the build with the reference that the certificate tells, where its family leaves it to that."""
    if not build.ref_in_certificate:
        return build
    return replace(build, ref=identity.extensions.get("source_repository_ref"))
