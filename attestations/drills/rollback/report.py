"""The result of a rollback drill for people, and as one JSON document."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from attestations.drills.rollback.drill import Walked
from attestations.drills.rollback.observation import Seen
from attestations.drills.rollback.ways import WAYS
from attestations.hsm.published import PublishedKey
from attestations.predicates.rollback_drill import Answers, PreviousKey, ResolverView, Serial
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, Sha256, Text, ZoneName

Seconds = Annotated[float, Meta(ge=0)]


class WalkedWay(JsonRecord, frozen=True, kw_only=True):
    """What one way back did."""

    way: Name
    meaning: str
    verdict: Literal["restored", "not restored"]
    failure: Text | None
    """the step that failed"""
    seconds_to_restore: Seconds | None
    """from the decision until every server was seen to serve a valid version; null: never"""
    serial_from: Serial
    serial_to: Serial
    raises_serial: bool
    """false: secondaries that nobody forces keep the bad version"""
    resolver: ResolverView


class WayBackKey(JsonRecord, frozen=True, kw_only=True):
    """A key that the way back needs."""

    role: Literal["ksk", "zsk"]
    tag: Count
    fingerprint: Sha256
    hsm_serials: tuple[Name, ...]
    """HSMs that signed a challenge with it"""
    missing_in: tuple[Name, ...]
    still_published: bool


class RollbackDrillReport(
    JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("rollback-drill-report")
):
    """What `attest rollback-drill --output json` prints."""

    verdict: Literal["valid", "invalid"]
    zone: ZoneName
    servers: dict[str, str]
    """program -> version"""
    hsms: tuple[Name, ...]
    """serial numbers of those that were asked"""
    ways: tuple[WalkedWay, ...]
    keys: tuple[WayBackKey, ...]
    full_resign_seconds: Seconds
    backup_remaining_seconds: Count
    """until the first signature of the archived version ends"""
    stated: Name
    """the way that the statement's figures are of"""
    faults: tuple[Text, ...]
    """why the verdict is not `valid`"""


def report(seen: Seen, servers: dict[str, str], hsms: tuple[str, ...]) -> RollbackDrillReport:
    """Return what was seen; valid only if every way led back, one of them upwards, and no key is missing anywhere."""
    keys = tuple(
        _key(published, key, hsms) for published, key in zip(seen.chosen.bad.keys, seen.previous_keys, strict=True)
    )
    faults = tuple(_faults(seen, keys))
    return RollbackDrillReport(
        verdict="invalid" if faults else "valid",
        zone=seen.occasion.zone,
        servers=servers,
        hsms=hsms,
        ways=tuple(map(_way, seen.walked)),
        keys=keys,
        full_resign_seconds=round(seen.resign_seconds, 3),
        backup_remaining_seconds=seen.backup_seconds,
        stated=seen.chosen.way.way,
        faults=faults,
    )


def text_of(document: RollbackDrillReport) -> str:
    """Return the report as tables."""
    return "\n".join(_lines(document))


def _faults(seen: Seen, keys: tuple[WayBackKey, ...]) -> Iterator[str]:
    for one in seen.walked:
        if not one.is_restored:
            yield f"{one.way.way} did not lead back: {one.failure or 'no valid version was served everywhere'}"[:1000]
        if not one.way.resolver.outage.servfail:
            yield f"{one.way.way}: no resolver refused the bad version, so that nothing was shown"
    if not any(one.is_restored and one.raises_serial for one in seen.walked):
        yield "no way raised the serial number: secondaries that nobody forces keep the bad version"
    for key in keys:
        if key.missing_in:
            yield f"the {key.role} with tag {key.tag} is not in {', '.join(key.missing_in)} (R44)"[:1000]
        if not key.still_published:
            yield f"the {key.role} with tag {key.tag} is published no longer (R44)"
    if not seen.backup_seconds:
        yield "the archived version has expired"


def _way(one: Walked) -> WalkedWay:
    way = one.way
    return WalkedWay(
        way=way.way,
        meaning=WAYS[way.way].meaning,
        verdict="restored" if one.is_restored else "not restored",
        failure=one.failure and one.failure[:1000],
        seconds_to_restore=None if one.seconds is None else round(one.seconds, 3),
        serial_from=way.serial_from,
        serial_to=way.serial_to,
        raises_serial=one.raises_serial,
        resolver=way.resolver,
    )


def _key(published: PublishedKey, key: PreviousKey, hsms: tuple[str, ...]) -> WayBackKey:
    return WayBackKey(
        role=published.role,
        tag=published.tag,
        fingerprint=key.fingerprint,
        hsm_serials=key.hsm_serials,
        missing_in=tuple(serial for serial in hsms if serial not in key.hsm_serials),
        still_published=key.still_published,
    )


def _lines(document: RollbackDrillReport) -> Iterator[str]:
    servers = ", ".join(f"{program} {version}" for program, version in document.servers.items())
    yield f"{document.verdict.upper():<8}{document.zone}  ({servers}; {len(document.hsms)} HSMs)"
    yield ""
    yield f"  {'way back':<17}{'':<14}{'after':>8}  serial number"
    yield from map(_way_line, document.ways)
    yield ""
    yield f"  {'SERVFAIL share':<17}{'before':>8}{'outage':>8}{'after':>8}{'flushed':>9}  without a flush"
    yield from map(_resolver_line, document.ways)
    yield ""
    yield from _key_lines(document)
    left = timedelta(seconds=document.backup_remaining_seconds)
    archive = f"the archive validates for {left.days} d {left.seconds // 3600} h"
    yield f"  signing everything anew took {document.full_resign_seconds:.1f} s; {archive}"
    yield f"  the statement's figures are those of {document.stated}"
    yield from (f"  FAULT: {fault}" for fault in document.faults)


def _way_line(one: WalkedWay) -> str:
    serials = f"{one.serial_from} -> {one.serial_to}"
    direction = "up" if one.raises_serial else "NOT UP: only a server that is forced takes it"
    return f"  {one.way:<17}{one.verdict:<14}{_seconds(one.seconds_to_restore):>8}  {serials:<26}{direction}"


def _resolver_line(one: WalkedWay) -> str:
    view = one.resolver
    shares = f"{_share(view.before):>8}{_share(view.outage):>8}{_share(view.after):>8}{_share(view.after_flush):>9}"
    clean = "not seen clean" if view.clean_seconds is None else f"clean after {view.clean_seconds} s"
    return f"  {one.way:<17}{shares}  {clean}"


def _key_lines(document: RollbackDrillReport) -> Iterator[str]:
    yield f"  {'old key':<9}{'tag':>5}  {'SHA-256':<18}{'published':<11}proved by challenge"
    for key in document.keys:
        proved = f"in {len(key.hsm_serials)} of {len(document.hsms)} HSMs"
        missing = f", NOT in {', '.join(key.missing_in)}" if key.missing_in else ""
        published = "yes" if key.still_published else "NO"
        yield f"  {key.role:<9}{key.tag:>5}  {key.fingerprint[:16]:<18}{published:<11}{proved}{missing}"


def _seconds(number: float | None) -> str:
    return "never" if number is None else f"{number:.1f} s"


def _share(answers: Answers) -> str:
    return f"{100 * answers.servfail / answers.asked:.0f} %" if answers.asked else "-"
