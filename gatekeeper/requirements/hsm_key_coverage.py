"""Every production HSM holds the very key that will be published, and rollovers were exercised on as many HSMs.

On 5 May 2026 three HSMs each held another ZSK under key tag 33834; one was published (INC-01). Everything is
recomputed here from what the laboratory observed: fingerprints, tags, possession signatures. The population of
HSMs is the environment's, never the answers'; a label, a tag or a count in the evidence decides nothing.

PASS: hsms A1, B7 and C2 of the environment each signed a challenge that the one published ZSK verifies, and a
      zsk-rollover was completed on all three.
FAIL: B7 holds another key under the same tag; C2 did not answer; the same serial stands for three HSMs;
      the rollover ran on one HSM, or is called completed while its steps show signatures of B7 that no key verifies;
      the environment lists a fourth HSM that was never asked.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta

from attestations import dnskey
from attestations.predicates import hsm_key_coverage, zone_validation
from attestations.predicates.hsm_key_coverage import Dnskey, Exercise, HsmKeyCoverage, Scenario
from attestations.predicates.zone_validation import KeyUse
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, inconclusive, met, note, unmet
from gatekeeper.hsm_observations import MAX_KEYS, SECURE_ENTRY_POINT, contradictions, fingerprint, octets, proves
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import Attestation

ZONE_KEY, REVOKED = 0x0100, 0x0080
NEXT = "put one key pair on every HSM, then:  attest hsm --environment ENVIRONMENT --zone ZONE --request REQUEST …"


class Options(EvidenceRequirement, tag="hsm-key-coverage", frozen=True, kw_only=True):
    """One key in every HSM, and the rollover scenarios that must have run on the production topology."""

    topology: Literal["equals-environment"]
    scenarios: Annotated[tuple[Scenario, ...], Meta(min_length=1)]
    roles: Annotated[tuple[Literal["zsk", "ksk"], ...], Meta(min_length=1)] = ("zsk", "ksk")
    """keys that live in the HSMs of the environment; a KSK kept elsewhere is left out here, visibly"""
    max_age: Duration


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({hsm_key_coverage.TYPE}),
        parties=frozenset(options.parties),
        max_age=options.max_age,
        fresh=True,
        what="an hsm-key-coverage statement",
        next="attest hsm --environment ENVIRONMENT --zone ZONE --request REQUEST --sign-with KEY --out FILE",
        whole_release=True,
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield what the observations show for each zone of the environment."""
    for zone in case.environment.record.spec.zones:
        about = [a for a in selection.attestations if a.predicate.zone == zone.name]
        if not about:
            yield inconclusive("COV-HSM", f"no HSM evidence for zone {zone.name}", "evidence for every zone", NEXT)
        for attestation in about:
            yield from _check_one(options, case, attestation)


def _check_one(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    if (keys := len(attestation.predicate.keys)) > MAX_KEYS:  # every HSM is asked for every key
        yield _identity(f"{keys} keys", f"at most {MAX_KEYS}", attestation)
        return
    faults = [
        *_topology(case, attestation),
        *_roles(options, attestation),
        *_keys(case, attestation),
        *_published(options, case, attestation),
        *_exercises(options, case, attestation),
    ]
    yield from faults
    yield from _tags(attestation)
    if not faults:
        predicate: HsmKeyCoverage = attestation.predicate
        shown = ", ".join(f"tag {_tag(key)} {fingerprint(key)[:16]}…" for key in predicate.keys)
        found = f"{predicate.zone} {shown}: one key pair in each of {len(predicate.hsms)} HSMs, proved by signature"
        yield met("HSM-KEY-IDENTITY", found, (attestation.digest,))


def _topology(case: Case, attestation: Attestation) -> Iterator[Finding]:
    """The HSMs that were asked are those of the environment: serial, site, model, firmware, each once (R05, R13)."""
    production = {(hsm.serial, hsm.site, hsm.model, hsm.firmware) for hsm in case.environment.record.spec.hsms}
    asked = [(hsm.serial, hsm.site, hsm.model, hsm.firmware) for hsm in attestation.predicate.hsms]
    repeated = [serial for serial, times in Counter(row[0] for row in asked).items() if times > 1]
    if repeated:
        found = f"serial {', '.join(repeated)} more than once: slots of one HSM are one HSM"
        yield _topology_gap(found, f"{len(production)} different HSMs", attestation)
    if missing := sorted(production - set(asked)):
        found = f"{len(set(asked) & production)} of {len(production)} HSMs as in production"
        yield _topology_gap(found, "also " + "; ".join(map(_unit, missing)), attestation)
    if strangers := sorted(set(asked) - production):
        yield _topology_gap("; ".join(map(_unit, strangers)), "only HSMs of the environment", attestation)


def _roles(options: Options, attestation: Attestation) -> Iterator[Finding]:
    present = {_role(key) for key in attestation.predicate.keys}
    for role in options.roles:
        if role not in present:
            yield unmet(
                "COV-HSM", f"no {role} among the keys", f"every {role} to be published", NEXT, (attestation.digest,)
            )


def _keys(case: Case, attestation: Attestation) -> Iterator[Finding]:
    for index, key in enumerate(attestation.predicate.keys):
        yield from _flags(key, attestation)
        for hsm in case.environment.record.spec.hsms:
            yield from _possession(case, attestation, index, hsm.serial)


def _flags(key: Dnskey, attestation: Attestation) -> Iterator[Finding]:
    if key.protocol != 3 or not key.flags & ZONE_KEY or key.flags & REVOKED:
        found = f"a key with flags {key.flags} and protocol {key.protocol}"
        yield _identity(found, "a zone key that is not revoked, protocol 3 (RFC 4034, 2.1; RFC 5011, 2.1)", attestation)


def _tags(attestation: Attestation) -> Iterator[Finding]:
    """A declared tag is a label; one that differs from the computed tag is worth a look and decides nothing (R02)."""
    for key in attestation.predicate.keys:
        if key.declared_tag != _tag(key):
            found = f"declared tag {key.declared_tag}, computed {_tag(key)}"
            yield note("HSM-KEY-IDENTITY", found, (attestation.digest,))


def _possession(case: Case, attestation: Attestation, index: int, serial: str) -> Iterator[Finding]:
    """Each HSM shows exactly one private key, the published public key, and a signature that the key verifies."""
    key: Dnskey = attestation.predicate.keys[index]
    rows = [row for row in attestation.predicate.possession if (row.serial, row.key) == (serial, index)]
    name = f"HSM {serial}, {_role(key)} tag {_tag(key)}"
    if not rows:
        yield _topology_gap(f"{name}: no answer", "an answer of every HSM for every key", attestation)
        return
    if len(rows) > 1:
        yield _identity(f"{name}: {len(rows)} answers", "one answer of every HSM for every key", attestation)
        return
    row = rows[0]
    if row.private_keys != 1:
        yield _identity(f"{name}: {row.private_keys} private keys", "exactly one private key", attestation)
    if row.public_key is not None and octets(row.public_key) != octets(key.public_key):
        found = f"{name}: another public key ({_fingerprint_of(key, row.public_key)[:16]}…) than the published one"
        yield _identity(found, f"{fingerprint(key)[:16]}… in every HSM", attestation)
    elif not proves(row, key, attestation.predicate.zone, case.request.record.spec.nonce):
        found = f"{name}: no challenge signature that the published key verifies"
        yield _identity(found, "a signature over this request's challenge by the private half of the key", attestation)


def _published(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    """A key that signs the zone, as external validators saw it, is one of the keys that the HSMs were asked for."""
    covered = {fingerprint(key) for key in attestation.predicate.keys}
    for seen in case.attestations:
        if seen.predicate_type != zone_validation.TYPE or seen.predicate.zone.name != attestation.predicate.zone:
            continue
        for use in seen.predicate.by_key:
            if use.verified and use.fingerprint not in covered and _role(use) in options.roles:
                found = f"the zone is signed by key {use.fingerprint[:16]}… (tag {use.tag}), which no HSM was asked for"
                yield _identity(found, "evidence for every key that signs", attestation, seen.digest)


def _exercises(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    """Code that runs only at a rollover is tested only by a rollover, on the production topology (R05, R06)."""
    production = frozenset(hsm.serial for hsm in case.environment.record.spec.hsms)
    predicate: HsmKeyCoverage = attestation.predicate
    for scenario in options.scenarios:
        named = [run for run in predicate.exercises if run.scenario == scenario and run.completed and run.events]
        runs = [run for run in named if _is_recent(options, predicate, run)]
        whole = [run for run in runs if set(run.serials) >= production]
        doubts = [next(contradictions(run, predicate.zone, production), None) for run in whole]
        sound = [run for run, doubt in zip(whole, doubts, strict=True) if doubt is None]
        if named and not runs:
            found = f"{scenario} ended on {max(event.at for run in named for event in run.events)}"
            yield _not_exercised(f"{found}, not within {options.max_age} before the evidence", attestation)
        elif not runs:
            yield _not_exercised(f"no completed {scenario}", attestation)
        elif not whole:
            most = max(len(set(run.serials) & production) for run in runs)
            yield _not_exercised(f"{scenario} ran on {most} of {len(production)} HSMs", attestation)
        elif not sound:
            yield _not_exercised(f"{scenario} is called completed and was not: {doubts[0]}", attestation)


def _is_recent(options: Options, predicate: HsmKeyCoverage, run: Exercise) -> bool:
    """A record of an older release may lie about for years, and what is in the future was not seen."""
    return timedelta(0) <= predicate.finished_on - max(event.at for event in run.events) <= options.max_age


def _role(key: Dnskey | KeyUse) -> str:
    return "ksk" if key.flags & SECURE_ENTRY_POINT else "zsk"


def _rdata(key: Dnskey, public_key: str) -> bytes:
    return dnskey.rdata(key.flags, key.protocol, key.algorithm, octets(public_key))


def _tag(key: Dnskey) -> int:
    return dnskey.key_tag(_rdata(key, key.public_key))


def _fingerprint_of(key: Dnskey, public_key: str) -> str:
    return dnskey.fingerprint(_rdata(key, public_key))


def _unit(row: tuple[str, str, str, str]) -> str:
    serial, site, model, firmware = row
    return f"{serial} at {site} ({model}, firmware {firmware})"


def _identity(found: str, wanted_text: str, attestation: Attestation, *more: str) -> Finding:
    return unmet("HSM-KEY-IDENTITY", found, wanted_text, NEXT, (attestation.digest, *more))


def _topology_gap(found: str, wanted_text: str, attestation: Attestation) -> Finding:
    return unmet(
        "COV-HSM", found, wanted_text, "probe every HSM of the environment:  attest hsm …", (attestation.digest,)
    )


def _not_exercised(found: str, attestation: Attestation) -> Finding:
    wanted_text = "the scenario completed, step by step, on every HSM of production at once"
    step = "attest rollover --environment FILE --agent COMMAND …, then:  attest hsm --exercises FILE"
    return unmet("COV-HSM", found, wanted_text, step, (attestation.digest,))
