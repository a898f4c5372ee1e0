"""Name servers that zones are transferred from."""

from dataclasses import dataclass

from attestations.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Server:
    """A name server."""

    host: str
    port: int = 53

    @classmethod
    def parse(cls, text: str) -> "Server":
        """Return the server that `HOST` or `HOST@PORT` names; raise ValueError."""
        host, separator, port = text.partition("@")
        if not host or (separator and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
            raise ValueError(f"{text!a} is not HOST or HOST@PORT")
        return cls(host=host, port=int(port) if separator else 53)

    def __str__(self) -> str:
        return f"{self.host}@{self.port}"


def failed(server: Server, found: str) -> InputError:
    """Return the error for a transfer that did not give what it should."""
    return InputError(
        "DNS-TRANSFER",
        found=f"{found!a:.300} from {server}",
        wanted="a complete zone transfer over TCP (RFC 5936, RFC 1995), signed if a key is given (RFC 8945)",
        fix=f"look at:  dig @{server.host} -p {server.port} ZONE AXFR",
    )
