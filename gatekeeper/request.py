"""What is asked: put a release into an environment at a stage."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from attestations.errors import InputError
from attestations.records import Name, Record, Sha256, ZoneName
from attestations.times import Instant
from gatekeeper.documents import Header, Loaded, Source, load

Change = Literal["signer-release", "configuration", "zsk-rollover", "ksk-rollover", "algorithm-rollover", "rollback"]
EvidencePath = Annotated[
    str,
    Meta(
        pattern=r"^(?!/)(?!.*(^|/)\.\.(/|$))[A-Za-z0-9._/ -]+(?!\n)$",
        max_length=512,
        description="file or folder beside the request; no absolute path, no .., no URL",
    ),
]


class Digest(Record, frozen=True, kw_only=True):
    """A digest by algorithm; only SHA-256 identifies."""

    sha256: Sha256


class Component(Record, frozen=True, kw_only=True):
    """One part of the release."""

    name: Name
    digest: Digest


class Release(Record, frozen=True, kw_only=True):
    """The set of components put into service together (R12: the agent of 5 May 2026 was one of them)."""

    name: Name
    version: Name
    components: Annotated[tuple[Component, ...], Meta(min_length=1, max_length=64)]


class Replaced(Record, frozen=True, kw_only=True):
    """What the release takes the place of."""

    version: Name
    approval: Digest | None = None


class Rollover(Record, frozen=True, kw_only=True):
    """A rollover that is under way and explains signatures by keys that are not published yet, or no longer."""

    zone: ZoneName
    kind: Literal["zsk-rollover", "ksk-rollover", "algorithm-rollover"]
    algorithm: Annotated[int, Meta(ge=1, le=255)]
    key_tags: Annotated[tuple[Annotated[int, Meta(ge=0, le=65535)], ...], Meta(min_length=1, max_length=8)]
    """tags on the signatures that no published key will verify; all others stay unexplained"""


class RequestMetadata(Record, frozen=True, kw_only=True):
    """Who asks, and when."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(?!\n)$", max_length=128)]
    created: Instant
    requester: Name
    authors: tuple[Name, ...] = ()
    """everybody who contributed to the change; none of them may sign it off"""


class RequestSpec(Record, frozen=True, kw_only=True):
    """The request itself."""

    environment: Name
    stage: Name
    change: Change
    release: Release
    replaces: Replaced | None = None
    rollover: Rollover | None = None
    nonce: Annotated[
        str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$", max_length=64, description="32 random bytes, hexadecimal")
    ]
    evidence: Annotated[tuple[EvidencePath, ...], Meta(max_length=64)] = ()


class DeploymentRequest(Header, frozen=True, kw_only=True):
    """The document of kind DeploymentRequest."""

    kind: Literal["DeploymentRequest"]
    metadata: RequestMetadata
    spec: RequestSpec


Request = Loaded[DeploymentRequest]


def load_request(source: Source) -> Request:
    """Return the request; raise InputError where it is not one."""
    return load(source, DeploymentRequest, "DeploymentRequest")


def evidence_paths(request: Request, folder: Path) -> tuple[Path, ...]:
    """Return the places beside the request, in `folder`, where it says its evidence lies.

    Raises InputError (PATH) where a link leads elsewhere: whoever asks does not choose what the gate reads.
    """
    real = folder.resolve()
    for index, path in enumerate(request.record.spec.evidence):
        if (folder / path).resolve() != real / path:
            raise InputError(
                "PATH",
                found=f"a link on the way to {path!a}",
                wanted="files and folders that lie beside the request",
                fix="copy the evidence there",
                where=request.source.document.where(("spec", "evidence", index)),
            )
    return tuple(folder / path for path in request.record.spec.evidence)
