"""Knot signs the zone once in each HSM; the signatures are then taken from the runs in turn.

So does a client library for several HSMs: it gives each signature to the next one. Knot knows one public key and one
key tag for a CKA_ID, from its own database, and never compares them with what an HSM signs (INC-01).
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from attestations.records import ZoneName
from attestations.servers.files import write_file
from attestations.servers.knot_signer import Keystore, KnotSigner, SignerPlan
from attestations.servers.refusal import laboratory_error

_OWNER, _TYPE, _COVERED = 0, 2, 3
"""fields of a line: owner, TTL, type; of an RRSIG the type that it covers"""


@dataclass(frozen=True, kw_only=True)
class SigningPlan:
    """Where, and with which keys, the zone is signed."""

    folder: Path
    zone: ZoneName
    keystores: tuple[Keystore, ...]
    """one for each HSM"""
    ksk: str
    """CKA_ID, the same in each HSM"""
    zsk: str
    opt_out: bool
    """NSEC3 opt-out (RFC 5155, 6)"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One record of a signed zone."""

    text: str = field(repr=False)
    hsm: int | None = None
    """the HSM that made it, counted from 0; None: it is no signature"""

    @property
    def fields(self) -> list[str]:
        """The words of the record: owner, TTL, type, data."""
        return self.text.split(maxsplit=4)


@dataclass(frozen=True, kw_only=True)
class SignedZone:
    """One version of the zone, signed."""

    zone: ZoneName
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def text(self) -> bytes:
        """The zone as a master file."""
        return "".join(f"{line.text}\n" for line in self.lines).encode("ascii")

    @property
    def dnskeys(self) -> bytes:
        """The DNSKEY records, as a file."""
        keys = (line.text for line in self.lines if line.fields[_TYPE] == "DNSKEY")
        return "".join(f"{key}\n" for key in keys).encode("ascii")


class TurnSigner:
    """The signer: one Knot configuration for each HSM, with one key database made by the first."""

    def __init__(self, plan: SigningPlan) -> None:
        """Import both keys through the first HSM; raise InputError (LABORATORY) where it does not show them."""
        self._plan = plan
        self._file = plan.folder / "unsigned" / "zone"
        self._signers = [self._signer(index, keystore) for index, keystore in enumerate(plan.keystores)]
        first, *others = self._signers
        first.import_key(plan.ksk, ksk=True)
        first.import_key(plan.zsk, ksk=False)
        for other in others:
            shutil.copytree(first.database, other.database, dirs_exist_ok=True)

    def sign(self, text: bytes, *, hsms: Sequence[int]) -> SignedZone:
        """Return the zone `text` with the signatures of these HSMs in turn; raise InputError (LABORATORY)."""
        write_file(self._file, text)
        runs = [_records(self._signers[hsm].sign_once()) for hsm in hsms]
        return SignedZone(zone=self._plan.zone, lines=tuple(in_turn(runs, hsms)))

    def _signer(self, index: int, keystore: Keystore) -> KnotSigner:
        folder = self._plan.folder / f"hsm-{index + 1}"
        plan = SignerPlan(
            folder=folder,
            zone=self._plan.zone,
            zone_file=self._file,
            keystore=keystore,
            port=1,  # no server is started
            socket=folder / "socket",
            opt_out=self._plan.opt_out,
        )
        return KnotSigner(plan)


def _records(file: Path) -> list[Line]:
    lines = file.read_text(encoding="ascii").splitlines()
    return [Line(text=" ".join(line.split(maxsplit=4))) for line in lines if not line.startswith(";")]


def in_turn(runs: Sequence[Sequence[Line]], hsms: Sequence[int]) -> Iterator[Line]:
    """Yield the records of the first run, each signature from the next run.

    Raises InputError (LABORATORY) where the runs differ in more than their signatures.
    """
    turn = 0
    for records in zip(*runs, strict=True):
        if _is_signature(records[0]):
            _insist_on_one(f"{line.fields[_OWNER]} {line.fields[_COVERED]}" for line in records)
            yield replace(records[turn % len(runs)], hsm=hsms[turn % len(runs)])
            turn += 1
        else:
            _insist_on_one(line.text for line in records)
            yield records[0]


def _is_signature(line: Line) -> bool:
    return line.fields[_TYPE] == "RRSIG"


def _insist_on_one(texts: Iterator[str]) -> None:
    different = dict.fromkeys(texts)
    if len(different) > 1:
        raise laboratory_error(
            f"runs of one signer that differ: {' / '.join(different)}", "the same zone from each HSM"
        )
