"""Reads master files (RFC 1035, 5) with dnspython, without the directives that turn a zone file into a program."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dns.exception import DNSException
from dns.name import IDNACodec, Name, root
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.tokenizer import Token, Tokenizer
from dns.transaction import Transaction
from dns.zonefile import Reader, RRSetsReaderManager

from attestations.errors import InputError, Location

DIRECTIVES = ("$ORIGIN", "$TTL")
"""Not $INCLUDE (reads other files) and not $GENERATE (multiplies itself): threat C4."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource record of class IN."""

    owner: Name
    ttl: int
    rdata: Rdata


def read_master(raw: bytes, name: str, origin: Name, max_records: int) -> tuple[Record, ...]:
    """Return the records of a master file in file order, also those outside the zone.

    Raises InputError (DNS-ZONEFILE) with the line: syntax, a forbidden directive, more than `max_records` records.
    """
    tokens = _Lines(io.StringIO(_text(raw, name)), name, _OctetsOnly())
    collector = _Collector(max_records)
    reader = Reader(tokens, RdataClass.IN, collector, allow_directives=DIRECTIVES)
    reader.current_origin = origin
    try:
        reader.read()
    except DNSException as error:
        raise unreadable(_reason(error, name), _place(tokens, name)) from None
    except (AssertionError, ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        # dnspython raises these on some malformed tokens (hypothesis found them); they are bad input, not our bug
        raise unreadable(f"{type(error).__name__}: {error}", _place(tokens, name)) from None
    return tuple(collector.records)


def unreadable(found: str, where: Location | None = None) -> InputError:
    """Return the error for a zone that cannot be read."""
    return InputError(
        "DNS-ZONEFILE",
        found=f"{found!a:.300}",
        wanted="a flat master file of class IN: records, $ORIGIN, $TTL; no $INCLUDE, no $GENERATE",
        fix="write the zone out flat, for example with:  named-compilezone -i none -s full -o flat.zone ZONE FILE",
        where=where,
    )


class _Collector(Transaction):
    """Takes records as dnspython's reader finds them, each with its own TTL (dns.zone merges TTLs)."""

    def __init__(self, max_records: int) -> None:
        super().__init__(RRSetsReaderManager(origin=root), replacement=True, read_only=False)
        self.records: list[Record] = []
        self._left = max_records

    def add(self, *args: Any) -> None:
        """Keep one record."""
        owner, ttl, rdata = args
        self._left -= 1
        if self._left < 0:
            raise unreadable(f"more than {len(self.records)} records")
        self.records.append(Record(owner=owner, ttl=ttl, rdata=rdata))

    def check_put_rdataset(self, check: Callable[..., None]) -> None:
        """Ignore the check that a CNAME stands alone: content is judged elsewhere."""

    def _set_origin(self, origin: Name | None) -> None:
        """$ORIGIN changes how names are read, not which zone it is."""


class _Lines(Tokenizer):
    """Remembers where a record begins: dnspython names the line where it noticed that something is wrong."""

    begin = 1

    def get(self, want_leading: bool = False, want_comment: bool = False) -> Token:  # noqa: FBT001, FBT002  # dnspython's
        """Return the next token; dnspython wants leading blanks only at the beginning of a record."""
        if want_leading:
            self.begin = self.where()[1]
        return super().get(want_leading, want_comment)


class _OctetsOnly(IDNACodec):
    """Refuses names beyond ASCII: dnspython would make A-labels of them where BIND takes the octets as they are."""

    def __init__(self) -> None:
        """The base class has nothing to set up."""

    def encode(self, label: str) -> bytes:
        """Return an ASCII label as it is; raise InputError (DNS-ZONEFILE) for any other."""
        try:
            return label.encode("ascii")
        except UnicodeEncodeError:
            raise unreadable(f"the label {label!a} beyond ASCII") from None


def _text(raw: bytes, name: str) -> str:
    if b"\0" in raw:
        raise unreadable("binary data (a NUL octet)", Location(file=name))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise unreadable("an octet that is not UTF-8", Location(file=name, line=line)) from None


def _reason(error: DNSException, name: str) -> str:
    text = str(error)
    prefix, _, rest = text.partition(": ")
    return rest if rest and prefix.startswith(name) else text


def _place(tokens: _Lines, name: str) -> Location:
    return Location(file=name, line=tokens.begin)
