"""dnssec-verify (ISC BIND): signatures by every algorithm, chains, bitmaps, NSEC3PARAM.

It does not see the DS, nor extra signatures, and has no option for the time: it judges at the time of the run.

The DS is compared with BIND's own dnssec-dsfromkey. Whether the key that it names signs the DNSKEY RRset follows
only if no other secure entry point signs it too; otherwise BIND gets no vote.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attestations import dnskey
from attestations.predicates.zone_validation import ZoneFinding
from attestations.tool import Ran, ToolError, version_of
from attestations.zone.engines.complaints import Complaints, Verifies, blame
from attestations.zone.engines.external import External, NoVote, Question, signing_keys
from attestations.zone.findings import finding
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.published import PublishedKey

_PROGRAM = "dnssec-verify"
_NO_SIGNATURE = re.compile(r"No correct (\S+) signature for (\S+) (\S+)")
_UNSIGNED = re.compile(r"No signatures for (\S+)/(\S+)")
_BITMAP = re.compile(r"Bad NSEC3? record for .+, bit map mismatch")
_CHAIN = re.compile(r"(Missing|Bad|Multiple|Unexpected|Break in|Expected and found) NSEC", re.ASCII)
_DETAIL = re.compile(r"(Expected: |Found: |dnssec-verify: warning: |TTL mismatch for )")
_DIGEST_NAMES = {2: "SHA-256", 4: "SHA-384"}
_ALGORITHMS = {name: number for number, name in dnskey.NAMES.items()}


@dataclass(frozen=True)
class Bind(External):
    """The BIND code base."""

    name: str = "bind"
    code_base: str = "bind"
    crypto_library: str = "OpenSSL"
    takes_time: bool = False
    calibrated_with: int = dnskey.ECDSAP256SHA256

    def version(self) -> str:
        """Return the version of BIND; raise ToolError."""
        return version_of(_PROGRAM, "-V")

    def ask(self, question: Question) -> Complaints:
        """Return what dnssec-verify says now; the question must be about now."""
        roles = "-x" if _has_both_roles(question.apex) else "-z"
        ran = question.run(_PROGRAM, "-q", roles, "-o", question.name, question.file)
        if ran.exit_code != 0 and any("fatal:" in line for line in ran.lines):
            raise ToolError(f"exit code {ran.exit_code}: {ran.lines[-1:]}")
        ds = _ds_of_published_keys(question)
        said = (*_others(question.name, ran), *_ds_findings(question, ds))
        if ran.exit_code == 0 and not said and _cannot_tell(question, ds):
            raise NoVote("dnssec-verify does not say which of several key-signing keys signs the DNSKEY RRset")
        return Complaints(
            apex=question.apex.wire,
            refused=ran.exit_code != 0,
            verifies=Verifies.ONE_OF_EACH_ALGORITHM,
            blamed=blame(_blamed(ran)),
            others=said,
            explained=ran.is_whole and not any(one.code == "VALIDATOR_REFUSED" for one in said),
        )


def _ds_of_published_keys(question: Question) -> frozenset[str]:
    """Return the DS records that BIND makes of the published keys, of the digest types that are asked about."""
    lines = [f"{question.name} 3600 IN DNSKEY {_text_of(key.rdata)}\n" for key in question.apex.keys.keys]
    (question.folder / "keys").write_text("".join(lines), encoding="ascii")
    ds: frozenset[str] = frozenset()
    for digest_type in {anchor.digest_type for anchor in question.anchors} & _DIGEST_NAMES.keys():
        arguments = ("-A", "-a", _DIGEST_NAMES[digest_type], "-f", "keys", question.name)
        made = question.run("dnssec-dsfromkey", *arguments).lines
        ds |= frozenset(line.partition(" IN DS ")[2] for line in made)
    return ds


def _text_of(rdata: bytes) -> str:
    flags, protocol, algorithm = int.from_bytes(rdata[:2], "big"), rdata[2], rdata[3]
    return f"{flags} {protocol} {algorithm} {base64.b64encode(rdata[4:]).decode('ascii')}"


def _has_both_roles(apex: Apex) -> bool:
    """Whether each algorithm has a KSK and a ZSK; if not, BIND must be told to ignore the flag (-z)."""
    return all(
        {key.is_ksk for key in apex.keys.keys if key.algorithm == algorithm and not key.is_revoked} == {True, False}
        for algorithm in apex.keys.algorithms
    )


def _blamed(ran: Ran) -> Iterator[tuple[str, str, int]]:
    for line in ran.lines:
        if match := _NO_SIGNATURE.fullmatch(line):
            yield match[2], match[3], _ALGORITHMS.get(match[1], 0)
        elif match := _UNSIGNED.fullmatch(line):
            yield match[1], match[2], 0


def _others(zone: str, ran: Ran) -> Iterator[ZoneFinding]:
    if ran.exit_code == 0:
        return
    for line in filter(None, ran.lines):
        if _BITMAP.fullmatch(line):
            yield finding("DENIAL_BITMAP", "error", zone, None, line)
        elif _CHAIN.match(line):
            yield finding("DENIAL_CHAIN", "error", zone, None, line)
        elif not (_NO_SIGNATURE.fullmatch(line) or _UNSIGNED.fullmatch(line) or _DETAIL.match(line)):
            yield finding("VALIDATOR_REFUSED", "error", zone, None, line)


def _ds_findings(question: Question, ds: frozenset[str]) -> Iterator[ZoneFinding]:
    """No DS holds: it names no published key, or one that does not even try to sign the DNSKEY RRset."""
    signing = _tags(signing_keys(question.apex))
    if question.anchors and not any(str(one) in ds and (one.tag, one.algorithm) in signing for one in question.anchors):
        message = "no DS names a published key with a signature over the DNSKEY RRset (dnssec-dsfromkey)"
        yield finding("DS_CHAIN", "error", question.name, "DNSKEY", message)


def _cannot_tell(question: Question, ds: frozenset[str]) -> bool:
    """Whether another key than those that the DS names may be the one whose signature dnssec-verify found good."""
    named = {(anchor.tag, anchor.algorithm) for anchor in question.anchors if str(anchor) in ds}
    with_flag = _has_both_roles(question.apex)
    signing = signing_keys(question.apex)
    possible = _tags(key for key in signing if key.is_ksk or not with_flag)
    by_algorithm = {algorithm for _, algorithm in named}
    return bool({one for one in possible if one[1] in by_algorithm} - named)


def _tags(keys: Iterable[PublishedKey]) -> set[tuple[int, int]]:
    return {(key.tag, key.algorithm) for key in keys}
