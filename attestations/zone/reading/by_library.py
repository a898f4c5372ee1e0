"""RDATA that dnspython reads: of rare types, and in the form of RFC 3597. It is imported only when some occurs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from attestations.zone.reading.names import RelativeNameError
from attestations.zone.reading.types import TYPES, type_text

if TYPE_CHECKING:
    from dns.rdata import Rdata

T = TypeVar("T")


def by_library(rtype: int, fields: list[bytes]) -> bytes:
    """Return canonical RDATA; raise ValueError, RelativeNameError where the type's names are not absolute."""
    return _read(rtype, fields, lambda rdata: rdata.to_digestable())


def plain_fields(rtype: int, fields: list[bytes]) -> list[bytes]:
    """Return RDATA in the form of RFC 3597 as the fields that are usual for the type; raise as by_library."""
    return _read(rtype, fields, lambda rdata: rdata.to_text().encode("ascii").split())


def _read(rtype: int, fields: list[bytes], write: "Callable[[Rdata], T]") -> T:
    if rtype not in TYPES.values():
        raise ValueError(f"RDATA of {type_text(rtype)} that is not in the form of RFC 3597")
    import dns.rdata
    from dns.exception import DNSException
    from dns.name import NeedAbsoluteNameOrOrigin
    from dns.rdataclass import RdataClass
    from dns.rdatatype import RdataType

    try:
        text = b" ".join(fields).decode("ascii")
        return write(dns.rdata.from_text(RdataClass.IN, RdataType.make(rtype), text))
    except NeedAbsoluteNameOrOrigin:
        raise RelativeNameError(f"a {type_text(rtype)} record with a relative name") from None
    except (DNSException, AssertionError, KeyError, TypeError, AttributeError) as error:
        # dnspython raises the latter on some malformed tokens: they are bad input, not our bug
        raise ValueError(f"malformed {type_text(rtype)} record: {error}") from None
