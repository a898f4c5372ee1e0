"""A zone like a top-level domain, before it is signed: delegations with glue, one in ten with a DS."""

from dataclasses import dataclass

from attestations.records import ZoneName

SIGNED_EVERY = 10
"""one delegation of so many has a DS"""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What the zone holds."""

    zone: ZoneName
    delegations: int

    @property
    def signed(self) -> tuple[str, ...]:
        """The delegations with a DS."""
        return tuple(f"d{number}.{self.zone}" for number in range(0, self.delegations, SIGNED_EVERY))

    @property
    def unsigned(self) -> tuple[str, ...]:
        """The delegations without DS."""
        return tuple(f"d{number}.{self.zone}" for number in range(self.delegations) if number % SIGNED_EVERY)

    def text(self, serial: int) -> bytes:
        """Return the version of this serial number as a master file, whose names are relative to the zone."""
        lines = [
            f"@ 3600 IN SOA ns1 hostmaster {serial} 7200 3600 1209600 3600",
            "@ 3600 IN NS ns1",
            "@ 3600 IN NS ns2",
            "ns1 3600 IN A 192.0.2.1",
            "ns2 3600 IN A 192.0.2.2",
        ]
        for number in range(self.delegations):
            for server in ("ns1", "ns2"):
                lines.append(f"d{number} 3600 IN NS {server}.d{number}")
                lines.append(f"{server}.d{number} 3600 IN A 198.51.100.{number % 250 + 1}")
            if number % SIGNED_EVERY == 0:
                lines.append(f"d{number} 3600 IN DS {number % 65536} 13 2 {number:064X}")
        return "".join(f"{line}\n" for line in lines).encode("ascii")


CHILD = b"""\
@ 3600 IN SOA ns1 hostmaster 1 7200 3600 1209600 3600
@ 3600 IN NS ns1
ns1 3600 IN A 198.51.100.1
www 3600 IN A 198.51.100.2
"""
"""an unsigned zone below, the same for every name"""
