"""The probe from outside: does a server give the zone away? Neither an exit code nor an answer to SOA can tell."""

from typing import Literal

from attestations.records import ZoneName
from gatekeeper.guard.configuration import AnyServer

PROBE_SECONDS = 10.0

Outflow = Literal["given", "refused", "unclear"]
"""`unclear`: no answer, or one that says neither"""


def probe(server: AnyServer, zone: ZoneName) -> Outflow:
    """Return what becomes of a transfer of the zone (AXFR, RFC 5936) that is begun and not finished."""
    import dns.exception
    import dns.message
    import dns.query
    import dns.rcode
    import dns.rdatatype

    query = dns.message.make_query(zone, dns.rdatatype.AXFR)
    try:
        answer = dns.query.tcp(query, server.address, PROBE_SECONDS, server.port)
    except (dns.exception.DNSException, OSError, EOFError, ValueError):
        return "unclear"
    if answer.answer:
        return "given"
    return "refused" if answer.rcode() in {dns.rcode.REFUSED, dns.rcode.NOTAUTH} else "unclear"
