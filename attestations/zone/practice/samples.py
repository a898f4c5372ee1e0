"""Zones whose verdict is known, for calibration: two good ones and six bad ones, with keys that never existed before.

Written out by hand and without a DNS library: an engine is calibrated in every run, and this takes milliseconds.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from attestations.dnskey import ECDSAP256SHA256
from attestations.times import Instant
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, Sign, new_key

ZONE = "test."
_TTL, _HOUR, _DAY = 3600, 3600, 86400
_TYPES = {"A": 1, "NS": 2, "SOA": 6, "DS": 43, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "NSEC3PARAM": 51}
_SECURE, _DELEGATIONS = "d0", ("d0", "d1", "d2")
_HOSTS = {"*": 4, "nic": 3, "ns1": 1, "ns2": 2}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A zone whose verdict is known."""

    name: str
    text: bytes = field(repr=False)
    """master file"""
    ds: bytes
    """DS record of its KSK, as a file"""
    is_good: bool


@dataclass(frozen=True, kw_only=True)
class _RRset:
    label: str
    """owner below the zone; empty for the apex"""
    rtype: str
    rdatas: tuple[tuple[str, bytes], ...]
    """text and wire form, in canonical order"""
    is_signed: bool = True

    @property
    def owner(self) -> str:
        return f"{self.label}.{ZONE}" if self.label else ZONE


@dataclass(frozen=True, kw_only=True)
class _Signature:
    """A finished signature, and what it was made of."""

    rrset: _RRset
    key: PracticeKey
    start: int
    signature: bytes

    @property
    def line(self) -> str:
        end = self.start + _HOUR + 14 * _DAY
        fields = (
            f"{self.rrset.rtype} {self.key.algorithm} {_labels(self.rrset)} {_TTL} {_time(end)} {_time(self.start)}"
        )
        signature = base64.b64encode(self.signature).decode("ascii")
        return f"{self.rrset.owner} {_TTL} IN RRSIG {fields} {self.key.tag} {ZONE} {signature}\n"


Choose = Callable[[int, _RRset], Sign]
"""the private key that signs RRset i in place of the published one"""
Finish = Callable[[_Signature], Iterable[_Signature]]
"""what is published in place of a finished signature"""


def samples(at: Instant, algorithm: int = ECDSAP256SHA256) -> tuple[Sample, ...]:
    """Return two good zones and six bad ones, signed from one hour before `at` to two weeks after."""
    ksk, zsk = new_key(KSK_FLAGS, algorithm), new_key(ZSK_FLAGS, algorithm)
    signer = _Signer(start=int(at.timestamp()) - _HOUR, ksk=ksk, zsk=zsk)
    others = [new_key(ZSK_FLAGS, algorithm).sign for _ in range(2)]
    private = (signer.zsk.sign, *others)
    data = _data(signer)
    nsec3 = [*data, *_nsec3(data)]
    last = max(rrset.label for rrset in nsec3 if rrset.rtype == "NSEC3")
    bad = {
        "three-keys-one-tag": signer.sign(nsec3, choose=lambda index, _rrset: private[index % 3]),  # INC-01
        "one-flipped-bit": signer.sign(nsec3, finish=_at_ds(_flipped)),
        "one-expired": signer.sign(nsec3, finish=_at_ds(signer.expired)),
        "one-signature-missing": signer.sign(nsec3, finish=_at_ds(lambda _signature: ())),
        "one-nsec3-missing": signer.sign(rrset for rrset in nsec3 if rrset.label != last),
    }
    good, ds = signer.sign(nsec3), _ds(signer.ksk)
    return (
        Sample(name="good-nsec3", text=good, ds=ds, is_good=True),
        Sample(name="good-nsec", text=signer.sign([*data, *_nsec(data)]), ds=ds, is_good=True),
        Sample(name="ds-of-another-key", text=good, ds=_ds(new_key(KSK_FLAGS, algorithm)), is_good=False),
        *(Sample(name=name, text=text, ds=ds, is_good=False) for name, text in bad.items()),
    )


@dataclass(frozen=True, kw_only=True)
class _Signer:
    """Signs with one KSK and one ZSK from one time on; what is signed again is looked up."""

    start: int
    ksk: PracticeKey
    zsk: PracticeKey
    _made: dict[tuple[Sign, bytes], bytes] = field(default_factory=dict)

    def sign(self, rrsets: Iterable[_RRset], choose: Choose | None = None, finish: Finish | None = None) -> bytes:
        """Return the signed zone as a master file in canonical order, SOA first."""
        lines: list[str] = []
        for index, rrset in enumerate(sorted(rrsets, key=_order)):
            lines += (f"{rrset.owner} {_TTL} IN {rrset.rtype} {text}\n" for text, _ in rrset.rdatas)
            if rrset.is_signed:
                is_keys = rrset.rtype == "DNSKEY"
                key = self.ksk if is_keys else self.zsk
                private = key.sign if choose is None or is_keys else choose(index, rrset)
                made = self.signature(rrset, key, self.start, private)
                lines += (one.line for one in (finish(made) if finish else (made,)))
        return "".join(lines).encode("ascii")

    def signature(self, rrset: _RRset, key: PracticeKey, start: int, private: Sign) -> _Signature:
        """Return a signature over `rrset` under the tag of `key`."""
        data = _signed_data(rrset, key, start)
        if (private, data) not in self._made:
            self._made[private, data] = private(data)
        return _Signature(rrset=rrset, key=key, start=start, signature=self._made[private, data])

    def expired(self, signature: _Signature) -> Iterable[_Signature]:
        """Return the signature as it would have been made a month ago."""
        return (self.signature(signature.rrset, signature.key, self.start - 30 * _DAY, signature.key.sign),)


def _data(signer: _Signer) -> list[_RRset]:
    """A zone like a TLD in small: three delegations, one of them secure."""
    soa = _wire("ns1") + _wire("hostmaster") + b"".join(n.to_bytes(4, "big") for n in (1, 7200, 3600, 1209600, 3600))
    keys = sorted(key.rdata for key in (signer.ksk, signer.zsk))
    return [
        _RRset(label="", rtype="SOA", rdatas=((f"ns1.{ZONE} hostmaster.{ZONE} 1 7200 3600 1209600 3600", soa),)),
        _RRset(label="", rtype="NS", rdatas=tuple((f"{host}.{ZONE}", _wire(host)) for host in ("ns1", "ns2"))),
        _RRset(label="", rtype="DNSKEY", rdatas=tuple((_dnskey_text(rdata), rdata) for rdata in keys)),
        *(_address(host, f"192.0.2.{number}") for host, number in _HOSTS.items()),
        *(rrset for delegation in _DELEGATIONS for rrset in _delegation(delegation)),
    ]


def _delegation(label: str) -> Iterator[_RRset]:
    host = f"ns.{label}"
    yield _RRset(label=label, rtype="NS", rdatas=((f"{host}.{ZONE}", _wire(host)),), is_signed=False)
    yield _address(host, "198.51.100.1", is_signed=False)
    if label == _SECURE:
        digest = hashlib.sha256(b"the keys of a child").digest()
        wire = (1).to_bytes(2, "big") + bytes((13, 2)) + digest
        yield _RRset(label=label, rtype="DS", rdatas=((f"1 13 2 {digest.hex().upper()}", wire),))


def _address(label: str, address: str, *, is_signed: bool = True) -> _RRset:
    wire = bytes(map(int, address.split(".")))
    return _RRset(label=label, rtype="A", rdatas=((address, wire),), is_signed=is_signed)


def _nsec3(data: list[_RRset]) -> Iterator[_RRset]:
    """The NSEC3PARAM record and a chain with the parameters of RFC 9276: every delegation has a record."""
    yield _RRset(label="", rtype="NSEC3PARAM", rdatas=(("1 0 0 -", bytes((1, 0, 0, 0, 0))),))
    types = _types_by_name(data)
    types[""] |= {"NSEC3PARAM"}
    hashes = sorted((hashlib.sha1(_wire(label), usedforsecurity=False).digest(), label) for label in types)
    for (hashed, label), (following, _) in zip(hashes, hashes[1:] + hashes[:1], strict=True):
        has_signature = types[label] != {"NS"}
        wire = bytes((1, 0, 0, 0, 0, len(following))) + following
        text = f"1 0 0 - {_base32(following)}"
        yield _denying(_base32(hashed), "NSEC3", text, wire, types[label] | ({"RRSIG"} if has_signature else set()))


def _nsec(data: list[_RRset]) -> Iterator[_RRset]:
    types = _types_by_name(data)
    names = sorted(types)  # one label each: the order of RFC 4034, 6.1
    for label, following in zip(names, names[1:] + names[:1], strict=True):
        text = f"{following}.{ZONE}" if following else ZONE
        yield _denying(label, "NSEC", text, _wire(following), types[label] | {"RRSIG", "NSEC"})


def _denying(label: str, rtype: str, text: str, wire: bytes, types: set[str]) -> _RRset:
    numbers = {_TYPES[one] for one in types}
    octets = bytes(sum(0x80 >> bit for bit in range(8) if index * 8 + bit in numbers) for index in range(7))
    bitmap = octets.rstrip(b"\0")
    shown = " ".join(sorted(types, key=_TYPES.__getitem__))
    return _RRset(label=label, rtype=rtype, rdatas=((f"{text} {shown}", wire + bytes((0, len(bitmap))) + bitmap),))


def _types_by_name(data: list[_RRset]) -> dict[str, set[str]]:
    """Types by name, without what lies below a delegation."""
    types: dict[str, set[str]] = {}
    for rrset in data:
        if "." not in rrset.label:
            types.setdefault(rrset.label, set()).add(rrset.rtype)
    return types


def _signed_data(rrset: _RRset, key: PracticeKey, start: int) -> bytes:
    """RFC 4034, 3.1.8.1."""
    rtype = _TYPES[rrset.rtype].to_bytes(2, "big")
    head = rtype + bytes((key.algorithm, _labels(rrset))) + _TTL.to_bytes(4, "big")
    head += (start + _HOUR + 14 * _DAY).to_bytes(4, "big") + start.to_bytes(4, "big") + key.tag.to_bytes(2, "big")
    prefix = _wire(rrset.label) + rtype + b"\0\1" + _TTL.to_bytes(4, "big")
    return head + _wire("") + b"".join(prefix + len(wire).to_bytes(2, "big") + wire for _, wire in rrset.rdatas)


def _labels(rrset: _RRset) -> int:
    return sum(label != "*" for label in rrset.owner.rstrip(".").split("."))


def _at_ds(finish: Finish) -> Finish:
    return lambda signature: finish(signature) if signature.rrset.rtype == "DS" else (signature,)


def _flipped(signature: _Signature) -> Iterable[_Signature]:
    octets = bytearray(signature.signature)
    octets[40] ^= 1
    return (_Signature(rrset=signature.rrset, key=signature.key, start=signature.start, signature=bytes(octets)),)


def _ds(key: PracticeKey) -> bytes:
    digest = hashlib.sha256(_wire("") + key.rdata).hexdigest().upper()
    return f"{ZONE} {_TTL} IN DS {key.tag} {key.algorithm} 2 {digest}\n".encode("ascii")


def _order(rrset: _RRset) -> tuple[list[str], bool, int]:
    labels = [label for label in reversed(rrset.label.split(".")) if label]
    return labels, rrset.rtype != "SOA", _TYPES[rrset.rtype]


def _wire(label: str) -> bytes:
    """The wire form of a name below the zone."""
    labels = f"{label}.{ZONE}".strip(".").encode("ascii").split(b".")
    return b"".join(bytes((len(one),)) + one for one in labels) + b"\0"


def _dnskey_text(rdata: bytes) -> str:
    return f"{int.from_bytes(rdata[:2], 'big')} 3 {rdata[3]} {base64.b64encode(rdata[4:]).decode('ascii')}"


def _base32(hashed: bytes) -> str:
    return base64.b32hexencode(hashed).decode("ascii").lower()


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%S")
