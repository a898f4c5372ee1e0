"""The result of a replay for people, and as one JSON document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from attestations.hsm.documents import Unit
from attestations.hsm.published import PublishedKey
from attestations.predicates.halt_drill import Probe
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, Sha256, ZoneName
from attestations.replay.incident import Replayed
from attestations.replay.publication import NAME_SERVERS
from attestations.replay.registry import Registry
from attestations.servers.asking import Tally

CLASSES: dict[str, str] = {
    "dnskey": "DNSKEY of the zone",
    "apex-soa": "SOA of the zone",
    "ds-signed": "DS of signed delegations",
    "ds-unsigned": "DS of unsigned delegations (there is none)",
    "a-below-unsigned": "addresses below unsigned delegations",
    "nxdomain": "names that do not exist",
}


class Published(JsonRecord, frozen=True, kw_only=True):
    """The zone signing key that the zone publishes."""

    tag: Count
    fingerprint: Sha256
    """SHA-256 of its DNSKEY RDATA"""


class HsmShare(JsonRecord, frozen=True, kw_only=True):
    """What one HSM holds under the CKA_ID of the zone signing key, and what it signed."""

    serial: Name
    site: Name
    tag: Count
    """computed from its public key; the signer calls all of them by the published tag"""
    fingerprint: Sha256
    signatures: Count
    good: Count
    """of these, those that a published key verifies"""


class Served(JsonRecord, frozen=True, kw_only=True):
    """What a name server serves in the end."""

    name: Name
    serial: Count | None
    """null: nothing"""
    validates: bool


class Resolved(JsonRecord, frozen=True, kw_only=True):
    """What a validating resolver answers."""

    name: Name
    before: tuple[Tally, ...]
    """while the version that one HSM signed was served"""
    after: tuple[Tally, ...]
    """when the version that all HSMs signed had been offered, with an empty cache"""


class ReplayReport(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("replay-report")):
    """What `attest replay --output json` prints, and leaves in its folder."""

    verdict: Literal["valid", "invalid"]
    zone: ZoneName
    delegations: Count
    programs: dict[str, str]
    """program -> version"""
    last_good_serial: Count
    serial: Count
    """of the version that all HSMs signed in turn"""
    signatures: Count
    good: Count
    published: Published
    hsms: tuple[HsmShare, ...]
    refused_by_guard: bool
    servers: tuple[Served, ...]
    resolvers: tuple[Resolved, ...]
    files: dict[str, str]
    """what -> path"""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What was replayed, with what."""

    registry: Registry
    units: tuple[Unit, ...]
    published: PublishedKey
    """the zone signing key in the zone"""
    held: tuple[PublishedKey, ...]
    """what each unit holds under its CKA_ID"""
    programs: dict[str, str]
    files: dict[str, str]


def report(setting: Setting, replayed: Replayed) -> ReplayReport:
    """Return what was seen; valid only if every signature verifies and the world was served all of it."""
    servers = tuple(_served(name, probe) for name, probe in zip(NAME_SERVERS, replayed.probes, strict=True))
    resolvers = tuple(
        Resolved(name=name, before=replayed.before[name], after=seen) for name, seen in replayed.after.items()
    )
    arrived = all(server.validates and server.serial == replayed.serial for server in servers)
    answered = not any(tally.servfail or tally.other for one in resolvers for tally in one.after)
    return ReplayReport(
        verdict="valid" if replayed.good == replayed.made and arrived and answered else "invalid",
        zone=setting.registry.zone,
        delegations=setting.registry.delegations,
        programs=setting.programs,
        last_good_serial=replayed.last_good_serial,
        serial=replayed.serial,
        signatures=replayed.made.total(),
        good=replayed.good.total(),
        published=Published(tag=setting.published.tag, fingerprint=setting.published.fingerprint),
        hsms=tuple(_shares(setting, replayed)),
        refused_by_guard=replayed.refused_by_guard,
        servers=servers,
        resolvers=resolvers,
        files=setting.files,
    )


def text_of(document: ReplayReport) -> str:
    """Return the report as tables."""
    return "\n".join(_lines(document))


def _shares(setting: Setting, replayed: Replayed) -> Iterator[HsmShare]:
    for index, (unit, key) in enumerate(zip(setting.units, setting.held, strict=True)):
        yield HsmShare(
            serial=unit.serial,
            site=unit.site,
            tag=key.tag,
            fingerprint=key.fingerprint,
            signatures=replayed.made[index],
            good=replayed.good[index],
        )


def _served(name: str, probe: Probe | None) -> Served:
    return Served(name=name, serial=probe.serial if probe else None, validates=probe is not None and probe.validates)


def _lines(document: ReplayReport) -> Iterator[str]:
    programs = ", ".join(f"{program} {version}" for program, version in document.programs.items())
    yield f"{document.verdict.upper():<8}{document.zone}  ({programs})"
    yield ""
    yield f"  Knot signed {document.delegations} delegations in each HSM in turn, and ended with exit code 0"
    yield f"  published ZSK: tag {document.published.tag}, SHA-256 {document.published.fingerprint[:16]}"
    yield ""
    yield f"  {'HSM':<19}{'site':<6}{'holds SHA-256':<18}{'its tag':>8}{'signatures':>12}{'that verify':>13}"
    for one in document.hsms:
        held = f"{one.serial:<19}{one.site:<6}{one.fingerprint[:16]:<18}{one.tag:>8}"
        yield f"  {held}{one.signatures:>12}{one.good:>13}"
    yield ""
    yield f"  {'server':<12}{'serves':<12}{'validates':<11}of version {document.serial}"
    for server in document.servers:
        served = f"{server.serial or 'nothing':<12}{'yes' if server.validates else 'NO':<11}"
        yield f"  {server.name:<12}{served}{_fate(document, server)}"
    yield ""
    yield from _resolution(document.resolvers)


def _fate(document: ReplayReport, server: Served) -> str:
    if server.serial == document.serial:
        return "offered" if server.name == "primary" else "served"
    return "refused" if server.name == "guard" and document.refused_by_guard else "never seen"


def _resolution(resolvers: Sequence[Resolved]) -> Iterator[str]:
    yield f"  {'SERVFAIL from a validating resolver':<44}" + "".join(f"{one.name:>18}" for one in resolvers)
    for tallies in zip(*(one.after for one in resolvers), strict=True):
        shares = "".join(f"{f'{tally.servfail} of {tally.asked}':>18}" for tally in tallies)
        yield f"  {CLASSES[tallies[0].kind]:<44}{shares}"
