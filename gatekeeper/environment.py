"""What production really is: the signed inventory. It is never supplied by the requester."""

from typing import Annotated, Literal

from msgspec import Meta

from attestations.errors import InputError
from attestations.records import Count, Name, Record, ZoneName
from gatekeeper.documents import Header, Loaded, Source, load
from gatekeeper.request import Request


class Zone(Record, frozen=True, kw_only=True):
    """A zone that the signer signs."""

    name: ZoneName
    parent_ds: Annotated[tuple[Name, ...], Meta(min_length=1)]
    denial: Literal["nsec", "nsec3"]


class Hsm(Record, frozen=True, kw_only=True):
    """One physical unit. Its serial number identifies it, nothing else."""

    id: Name
    serial: Name
    site: Name
    model: Name
    firmware: Name


class SignerInventory(Record, frozen=True, kw_only=True):
    """The lineages of code that the signer is made of, and the components every release must name."""

    code_bases: Annotated[tuple[Name, ...], Meta(min_length=1)]
    components: Annotated[tuple[Name, ...], Meta(min_length=1)]


class EnvironmentMetadata(Record, frozen=True, kw_only=True):
    """Which inventory this is, and whose."""

    name: Name
    version: Count
    owner: Name


class EnvironmentSpec(Record, frozen=True, kw_only=True):
    """The inventory itself. An empty part is refused: nothing would be compared with it."""

    zones: Annotated[tuple[Zone, ...], Meta(min_length=1)]
    hsms: Annotated[tuple[Hsm, ...], Meta(min_length=1)]
    signer: SignerInventory
    stages: Annotated[tuple[Name, ...], Meta(min_length=1)]
    name_servers: tuple[Name, ...] = ()


class EnvironmentDocument(Header, frozen=True, kw_only=True):
    """The document of kind Environment."""

    kind: Literal["Environment"]
    metadata: EnvironmentMetadata
    spec: EnvironmentSpec


Environment = Loaded[EnvironmentDocument]


def load_environment(source: Source) -> Environment:
    """Return the environment; raise InputError where it is not one or names one thing twice."""
    environment = load(source, EnvironmentDocument, "Environment")
    spec = environment.record.spec
    _refuse_repeats(environment, "hsms", tuple(hsm.serial for hsm in spec.hsms), "HSM serial number")
    _refuse_repeats(environment, "zones", tuple(zone.name for zone in spec.zones), "zone")
    _refuse_repeats(environment, "stages", spec.stages, "stage")
    return environment


def check_request_fits(request: Request, environment: Environment) -> None:
    """Raise InputError (REQUEST) where the request does not belong to this environment or leaves a component out."""
    asked, inventory = request.record.spec, environment.record
    if asked.environment != inventory.metadata.name:
        raise _misfit(request, "environment", f"environment {asked.environment!a}", f"{inventory.metadata.name!a}")
    if asked.stage not in inventory.spec.stages:
        raise _misfit(request, "stage", f"stage {asked.stage!a}", f"one of {', '.join(inventory.spec.stages)}")
    names = [component.name for component in asked.release.components]
    if sorted(names) != sorted(set(inventory.spec.signer.components)):
        wanted = f"each component of the inventory once: {', '.join(inventory.spec.signer.components)}"
        raise _misfit(request, "release", f"components {', '.join(names)}", wanted)


def _refuse_repeats(environment: Environment, member: str, names: tuple[str, ...], what: str) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InputError(
                "ENVIRONMENT",
                found=f"{what} {name!a} a second time",
                wanted=f"each {what} once",
                fix="correct the inventory and have its owner sign it again",
                where=environment.source.document.where(("spec", member, index)),
            )


def _misfit(request: Request, member: str, found: str, wanted: str) -> InputError:
    return InputError(
        "REQUEST",
        found=found,
        wanted=wanted,
        fix="write the request against the environment that production really is",
        where=request.source.document.where(("spec", member)),
    )
