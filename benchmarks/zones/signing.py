"""Signs the benchmark zones with BIND's signer, in variants that tell validators apart, and counts the result."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from composition import ORIGIN, SIZES, zone_lines

_KEYS = {
    13: ("-a", "ECDSAP256SHA256"),
    8: ("-a", "RSASHA256", "-b", "2048"),
    15: ("-a", "ED25519"),
}
_JITTER = 14 * 86400
_LIFE, _MARGIN = timedelta(days=30), timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to sign a zone."""

    algorithm: int = 13
    opt_out: bool = False
    denial: str = "nsec3"
    jitter: int = 0
    """seconds over which the expiry times are spread"""
    multi_line: bool = False
    """written as named-compilezone writes relative names"""


VARIANTS = {
    "p256": Variant(),
    "p256-jittered": Variant(jitter=_JITTER),
    "p256-multiline": Variant(multi_line=True),
    "p256-nsec": Variant(denial="nsec"),
    "p256-optout": Variant(opt_out=True),
    "rsa": Variant(algorithm=8),
    "rsa-optout": Variant(algorithm=8, opt_out=True),
    "ed25519": Variant(algorithm=15),
}


@dataclass(frozen=True, kw_only=True)
class SignedZone:
    """A benchmark zone on disk."""

    size: str
    variant: str
    file: Path
    ds: Path
    records: int
    signatures: int


def signed_zone(cache: Path, size: str, variant: str) -> SignedZone:
    """Return the zone from `cache`, made now unless it is there and its signatures last for two more days.

    Raises RuntimeError where a tool fails, or where the zone has other counts than the benchmark's.
    """
    folder = cache / size / variant
    facts = folder / "facts.json"
    if not facts.exists() or datetime.fromisoformat(json.loads(facts.read_text())["until"]) < _now() + _MARGIN:
        _make(folder, size, VARIANTS[variant])
    made = json.loads(facts.read_text())
    return SignedZone(
        size=size,
        variant=variant,
        file=folder / "zone",
        ds=folder / "ds",
        records=sum(made["counts"].values()),
        signatures=made["counts"]["RRSIG"],
    )


def _make(folder: Path, size: str, variant: Variant) -> None:
    """Write `zone`, `ds` and, last of all, `facts.json`."""
    shutil.rmtree(folder, ignore_errors=True)
    work = folder / "work"
    work.mkdir(parents=True)
    keys = [_new_key(work, variant.algorithm, role) for role in ((), ("-f", "KSK"))]
    with (work / "unsigned").open("w", encoding="ascii") as unsigned:
        unsigned.writelines(f"{line}\n" for line in zone_lines(SIZES[size]))
        unsigned.writelines((work / f"{key}.key").read_text() for key in keys)
    until = _now() + _LIFE
    _run(work, "dnssec-signzone", *_signing_arguments(variant), "unsigned", *keys)
    counts = _without_comments(work / "signed", folder / "zone")
    _check(counts, size, variant)
    if variant.multi_line:
        _as_multi_line(folder)
    (folder / "ds").write_text(_run(work, "dnssec-dsfromkey", "-2", keys[1]))
    shutil.rmtree(work)
    (folder / "facts.json").write_text(json.dumps({"until": until.isoformat(), "counts": counts}))


def _signing_arguments(variant: Variant) -> Iterator[str]:
    yield from ("-P", "-O", "full", "-o", ORIGIN, "-f", "signed", "-n", "2")
    yield from ("-s", "now-1h", "-e", f"now+{_LIFE.days}d", "-j", str(variant.jitter))
    if variant.denial == "nsec3":
        yield from ("-3", "-", "-H", "0")
    if variant.opt_out:
        yield "-A"


def _new_key(folder: Path, algorithm: int, role: Sequence[str]) -> str:
    return _run(folder, "dnssec-keygen", "-q", *_KEYS[algorithm], *role, ORIGIN).strip()


def _without_comments(signed: Path, zone: Path) -> dict[str, int]:
    """Write the records, without the comments of the signer; return how many there are of each type."""
    counts: Counter[str] = Counter()
    with signed.open(encoding="ascii") as lines, zone.open("w", encoding="ascii") as out:
        for line in lines:
            if not line.startswith(";"):
                counts[line.split(maxsplit=4)[3]] += 1
                out.write(line)
    return dict(counts)


def _check(counts: dict[str, int], size: str, variant: Variant) -> None:
    wanted = SIZES[size].counts(opt_out=variant.opt_out)
    if variant.denial == "nsec":  # no record of the parameters, none for the empty non-terminal `nic`
        del wanted["NSEC3PARAM"]
        wanted["NSEC"] = wanted.pop("NSEC3") - 1
        wanted["RRSIG"] -= 2
    if counts != wanted:
        raise RuntimeError(f"the zone has {counts}, the benchmark {wanted}")


def _as_multi_line(folder: Path) -> None:
    flat = (folder / "zone").rename(folder / "work" / "flat")
    arguments = ("-q", "-i", "none", "-s", "relative", "-o", str(folder / "zone"))
    _run(folder, "named-compilezone", *arguments, ORIGIN, str(flat))


def _now() -> datetime:
    return datetime.now(UTC)


def _run(folder: Path, program: str, *arguments: str) -> str:
    """Return what the program prints; raise RuntimeError with its words where it fails."""
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr[-500:] or done.stdout[-500:]}")
    return done.stdout
