"""dnssec-verify (ISC BIND): signatures by every algorithm, chains, bitmaps, NSEC3PARAM.

It does not see the DS, nor extra signatures, and has no option for the time: it judges at the time of the run.

The DS is compared with BIND's own dnssec-dsfromkey. Whether the key that it names signs the DNSKEY RRset follows
only if no other secure entry point signs it too; otherwise BIND gets no vote.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dns.rdatatype import RdataType

from attestations import dnskey
from attestations.predicates.zone_validation import ZoneFinding
from attestations.times import Instant
from attestations.zone.anchors import Anchor
from attestations.zone.canonical import DIGESTS
from attestations.zone.engines.complaints import Complaints, blame, no_vote, report_of, unsigned
from attestations.zone.engines.tool import Ran, ToolError, run_tool, version_of
from attestations.zone.findings import finding
from attestations.zone.model import ZoneVersion
from attestations.zone.published import KeySet, published_keys
from attestations.zone.report import ZoneReport

_PROGRAM = "dnssec-verify"
_SECONDS = 900.0
_NO_SIGNATURE = re.compile(r"No correct (\S+) signature for (\S+) (\S+)")
_UNSIGNED = re.compile(r"No signatures for (\S+)/(\S+)")
_BITMAP = re.compile(r"Bad NSEC3? record for .+, bit map mismatch")
_CHAIN = re.compile(r"(Missing|Bad|Multiple|Unexpected|Break in|Expected and found) NSEC", re.ASCII)
_DETAIL = re.compile(r"(Expected: |Found: |dnssec-verify: warning: )")
_DIGEST_NAMES = {2: "SHA-256", 4: "SHA-384"}
_ALGORITHMS = {name: number for number, name in dnskey.NAMES.items()}


@dataclass(frozen=True)
class Bind:
    """The BIND code base."""

    name: str = "bind"
    code_base: str = "bind"
    crypto_library: str = "OpenSSL"
    takes_time: bool = False

    def version(self) -> str:
        """Return the version of BIND; raise ToolError."""
        return version_of(_PROGRAM, "-V")

    def validate(self, zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
        """Return what dnssec-verify says of `zone` now; `at` must be now."""
        if (nothing := unsigned(zone, anchors, at)) is not None:
            return nothing
        keys = published_keys(zone)
        try:
            ran, ds = _run(zone, keys, anchors)
        except ToolError as error:
            return no_vote(zone, anchors, at, "VALIDATOR_FAILED", str(error))
        if ran.exit_code != 0 and any("fatal:" in line for line in ran.lines):
            return no_vote(zone, anchors, at, "VALIDATOR_FAILED", f"exit code {ran.exit_code}: {ran.lines[-1:]}")
        report = report_of(zone, anchors, at, _complaints(zone, anchors, ran, ds), each_algorithm=True)
        if report.verdict == "valid" and _cannot_tell(zone, anchors, keys, ds):
            why = "dnssec-verify does not say which of several key-signing keys signs the DNSKEY RRset"
            return no_vote(zone, anchors, at, "VALIDATOR_BLIND", why)
        return report


def _run(zone: ZoneVersion, keys: KeySet, anchors: tuple[Anchor, ...]) -> tuple[Ran, frozenset[str]]:
    """Return what dnssec-verify printed, and the DS records that BIND makes of the published keys."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "zone").write_bytes(zone.master)
        roles = "-x" if _has_both_roles(keys) else "-z"
        ran = run_tool(_PROGRAM, ["-q", roles, "-o", str(zone.name), "zone"], folder, _SECONDS)
        ds: frozenset[str] = frozenset()
        for digest_type in {anchor.digest_type for anchor in anchors} & DIGESTS.keys():
            arguments = ["-A", "-a", _DIGEST_NAMES[digest_type], "-f", "zone", str(zone.name)]
            lines = run_tool("dnssec-dsfromkey", arguments, folder, _SECONDS).lines
            ds |= frozenset(line.partition(" IN DS ")[2] for line in lines)
    return ran, ds


def _has_both_roles(keys: KeySet) -> bool:
    """Whether each algorithm has a KSK and a ZSK; if not, BIND must be told to ignore the flag (-z)."""
    return all(
        {key.is_ksk for key in keys.keys if key.algorithm == algorithm and not key.is_revoked} == {True, False}
        for algorithm in keys.algorithms
    )


def _complaints(zone: ZoneVersion, anchors: tuple[Anchor, ...], ran: Ran, ds: frozenset[str]) -> Complaints:
    said = tuple(_others(zone, ran))
    explained = not any(one.code == "VALIDATOR_REFUSED" for one in said)
    others = said + tuple(_ds_findings(zone, anchors, ds))
    return Complaints(refused=ran.exit_code != 0, blamed=blame(_blamed(ran)), others=others, explained=explained)


def _blamed(ran: Ran) -> Iterator[tuple[str, str, int]]:
    for line in ran.lines:
        if match := _NO_SIGNATURE.fullmatch(line):
            yield match[2], match[3], _ALGORITHMS.get(match[1], 0)
        elif match := _UNSIGNED.fullmatch(line):
            yield match[1], match[2], 0


def _others(zone: ZoneVersion, ran: Ran) -> Iterator[ZoneFinding]:
    if ran.exit_code == 0:
        return
    for line in filter(None, ran.lines):
        if _BITMAP.fullmatch(line):
            yield finding("DENIAL_BITMAP", "error", zone.name, None, line)
        elif _CHAIN.match(line):
            yield finding("DENIAL_CHAIN", "error", zone.name, None, line)
        elif not (_NO_SIGNATURE.fullmatch(line) or _UNSIGNED.fullmatch(line) or _DETAIL.match(line)):
            yield finding("VALIDATOR_REFUSED", "error", zone.name, None, line)


def _ds_findings(zone: ZoneVersion, anchors: tuple[Anchor, ...], ds: frozenset[str]) -> Iterator[ZoneFinding]:
    """No DS holds: it names no published key, or one that does not even try to sign the DNSKEY RRset."""
    signing = _signing_tags(zone)
    if anchors and not any(str(anchor) in ds and (anchor.tag, anchor.algorithm) in signing for anchor in anchors):
        message = "no DS names a published key with a signature over the DNSKEY RRset (dnssec-dsfromkey)"
        yield finding("DS_CHAIN", "error", zone.name, RdataType.DNSKEY, message)


def _cannot_tell(zone: ZoneVersion, anchors: tuple[Anchor, ...], keys: KeySet, ds: frozenset[str]) -> bool:
    """Whether another key than those that the DS names may be the one whose signature dnssec-verify found good."""
    named = {(anchor.tag, anchor.algorithm) for anchor in anchors if str(anchor) in ds}
    with_flag = _has_both_roles(keys)
    possible = {(key.tag, key.algorithm) for key in keys.keys if key.is_ksk or not with_flag} & _signing_tags(zone)
    by_algorithm = {algorithm for _, algorithm in named}
    return bool({one for one in possible if one[1] in by_algorithm} - named)


def _signing_tags(zone: ZoneVersion) -> frozenset[tuple[int, int]]:
    return frozenset(
        (rrsig.key_tag, int(rrsig.algorithm))
        for rrset in zone.rrsets
        if rrset.owner == zone.name and rrset.rtype == RdataType.DNSKEY
        for rrsig in rrset.signatures
    )
