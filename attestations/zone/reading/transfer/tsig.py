"""TSIG (RFC 8945): the query of a transfer is signed, and so is every answer, or every hundredth and the last."""

import hmac
import re
import struct
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from attestations.errors import InputError, Location
from attestations.strict import read_file
from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.transfer.names import Names

MAX_KEY_FILE = 64 * 1024
MAX_UNSIGNED = 99
"""messages in a row (RFC 8945, 5.3.1)"""
FUDGE_SECONDS = 300
"""that clocks may differ; the value that RFC 8945, 10, recommends"""

_ALGORITHMS: Mapping[str, str] = MappingProxyType(
    {f"hmac-{digest}": digest for digest in ("sha256", "sha384", "sha512")}
)
_TSIG, _ANY = 250, 255
_ERRORS = {16: "BADSIG", 17: "BADKEY", 18: "BADTIME", 22: "BADTRUNC"}
_KEY_FILE = re.compile(
    r"""\s*key\s+"?([^\s"{};]+)"?\s*\{\s*
        (?=[^}]*\balgorithm\s+"?([A-Za-z0-9.-]+)"?\s*;)
        (?=[^}]*\bsecret\s+"?([A-Za-z0-9+/=]+)"?\s*;)
        (?:(?:algorithm|secret)\s+"?[^\s"{};]+"?\s*;\s*){2}\}\s*;?\s*""",
    re.VERBOSE,
)
_STRING_OR_COMMENT = re.compile(r'("[^"\n]*")|/\*.*?\*/|(?://|#)[^\n]*', re.DOTALL)
_TIMERS = struct.Struct("!HIH")


@dataclass(frozen=True, kw_only=True)
class Key:
    """A secret that a server and its clients share."""

    name: bytes
    """in lower-case wire form"""
    algorithm: str
    """hmac-sha256, hmac-sha384 or hmac-sha512"""
    secret: bytes = field(repr=False)

    def mac(self, data: bytes) -> bytes:
        """Return the authentication code of data."""
        return hmac.digest(self.secret, data, _ALGORITHMS[self.algorithm])

    @property
    def algorithm_wire(self) -> bytes:
        """The algorithm as TSIG records name it."""
        return wire_name(self.algorithm.encode("ascii") + b".")


def key_from_file(path: Path) -> Key:
    """Return the key in a file as tsig-keygen writes it; raise InputError (FILE, PATH, LIMIT, DNS-TRANSFER)."""
    text = read_file(path, MAX_KEY_FILE).decode("latin-1")
    match = _KEY_FILE.fullmatch(_STRING_OR_COMMENT.sub(lambda found: found[1] or " ", text))
    try:
        if match is None:
            raise ValueError("no key statement with an algorithm and a secret")
        return _key(*match.groups())
    except (ValueError, NotBase64) as error:
        raise InputError(
            "DNS-TRANSFER",
            found=f"{error!s:.300}",
            wanted='key "NAME" { algorithm hmac-sha256; secret "BASE64"; };  with hmac-sha256, -sha384 or -sha512',
            fix="make one for both sides:  tsig-keygen -a hmac-sha256 NAME > FILE",
            where=Location(file=str(path)),
        ) from None


def _key(name: str, algorithm: str, secret: str) -> Key:
    algorithm = algorithm.lower().rstrip(".")
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"the algorithm {algorithm!a}")
    octets = a2b_base64(secret, strict_mode=True)
    return Key(name=wire_name(name.rstrip(".").encode("ascii") + b"."), algorithm=algorithm, secret=octets)


@dataclass(frozen=True, kw_only=True)
class _Signature:
    """The fields of a TSIG record (RFC 8945, 4.2)."""

    name: bytes
    head: bytes
    """class and TTL"""
    algorithm: bytes
    timers: bytes
    """time signed and fudge, 8 octets"""
    mac: bytes
    identity: bytes
    error: int
    rest: bytes
    """error and other data, as they are digested"""


def _seconds() -> int:
    return int(datetime.now(UTC).timestamp())


class Session:
    """One signed query, and the answers to it in order."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._before = b""
        """the last authentication code, which the next one covers"""
        self._unsigned: list[bytes] = []
        self._is_first = True

    def signed(self, query: bytes) -> bytes:
        """Return the query with a TSIG record behind it."""
        timers = _timers(_seconds())
        head = struct.pack("!HI", _ANY, 0)
        rest = struct.pack("!HH", 0, 0)
        mac = self._key.mac(query + self._key.name + head + self._key.algorithm_wire + timers + rest)
        self._before = mac
        rdata = self._key.algorithm_wire + timers + _sized(mac) + query[:2] + rest
        record = self._key.name + struct.pack("!H", _TSIG) + head + _sized(rdata)
        return query[:10] + struct.pack("!H", int.from_bytes(query[10:12], "big") + 1) + query[12:] + record

    def check(self, message: bytes, at: int | None) -> None:
        """Check the TSIG record that begins at an octet of a message; ValueError: wrong, or missing for too long."""
        if at is None:
            if self._is_first or len(self._unsigned) == MAX_UNSIGNED:
                raise ValueError("an answer without a TSIG record")
            self._unsigned.append(message)
            return
        signature = _signature(message, at)
        self._verify(_without(message, at), signature)
        self._before, self._unsigned, self._is_first = signature.mac, [], False

    def end(self) -> None:
        """Raise ValueError unless the last message was signed (RFC 8945, 5.3.1)."""
        if self._unsigned:
            raise ValueError("a last message without a TSIG record")

    def _verify(self, plain: bytes, signature: _Signature) -> None:
        if signature.error:
            raise ValueError(f"the TSIG error {_ERRORS.get(signature.error, signature.error)}")
        if (signature.name, signature.algorithm) != (self._key.name, self._key.algorithm_wire):
            raise ValueError(f"a TSIG record of another key or algorithm: {text_name(signature.name)}")
        covered = _sized(self._before) + b"".join(self._unsigned) + signature.identity + plain[2:]
        if self._is_first:
            covered += signature.name + signature.head + signature.algorithm + signature.timers + signature.rest
        else:
            covered += signature.timers
        if not hmac.compare_digest(self._key.mac(covered), signature.mac):
            raise ValueError("a TSIG record that does not verify: another secret, or a changed message")
        signed, fudge = int.from_bytes(signature.timers[:6], "big"), int.from_bytes(signature.timers[6:], "big")
        if abs(_seconds() - signed) > min(fudge, FUDGE_SECONDS):
            raise ValueError(f"a TSIG record of another time, {_seconds() - signed} seconds away: compare the clocks")


def error_of(message: bytes, at: int | None) -> str:
    """Return what a server says against our TSIG record, in front of a comma; empty if nothing (RFC 8945, 5.3.2)."""
    error = _signature(message, at).error if at is not None else 0
    return f"{_ERRORS.get(error, error)}, " if error else ""


def _signature(message: bytes, at: int) -> _Signature:
    names = Names(message)
    name, at = names.at(at)
    algorithm, timers_at = names.uncompressed(at + 10)
    mac, identity_at = _sized_at(message, timers_at + _TIMERS.size)
    _, end = _sized_at(message, identity_at + 4)
    return _Signature(
        name=wire_name(name),
        head=message[at + 2 : at + 8],
        algorithm=wire_name(algorithm),
        timers=message[timers_at : timers_at + _TIMERS.size],
        mac=mac,
        identity=message[identity_at : identity_at + 2],
        error=int.from_bytes(message[identity_at + 2 : identity_at + 4], "big"),
        rest=message[identity_at + 2 : end],
    )


def _without(message: bytes, at: int) -> bytes:
    additional = int.from_bytes(message[10:12], "big") - 1
    return message[:10] + additional.to_bytes(2, "big") + message[12:at]


def _timers(seconds: int) -> bytes:
    return _TIMERS.pack(seconds >> 32, seconds & 0xFFFFFFFF, FUDGE_SECONDS)


def _sized(octets: bytes) -> bytes:
    return len(octets).to_bytes(2, "big") + octets


def _sized_at(message: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + int.from_bytes(message[at : at + 2], "big")
    if end > len(message):
        raise ValueError("a TSIG record that ends behind its message")
    return message[at + 2 : end], end
