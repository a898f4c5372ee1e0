"""A slow reading of RFC 4034 and RFC 5155, on dnspython: random zones, random damage, and what must be found."""

import bisect

import dns.rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from attestations.zone.practice.authority import authority_of

LABELS = st.sampled_from(["a", "b", "c", "*", "Z"])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
DS = "DS 1 13 2 " + "00" * 32
CONTENT = st.sampled_from(
    [("A 192.0.2.1",), ("NS ns.a",), ("NS ns.a", DS), ("TXT x", "MX 1 nic"), ("DNAME nic",), ("NS ns.a", "A 192.0.2.2")]
)
ZONES = st.dictionaries(NAMES, CONTENT, max_size=12).map(
    lambda names: "".join(f"{name} IN {one}\n" for name, content in names.items() for one in content)
)
DAMAGE = st.lists(
    st.tuples(st.sampled_from(["drop", "drop and close", "unflag", "point elsewhere", "retype"]), st.integers(0, 50)),
    max_size=3,
)
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def damaged(bench, kind, index):
    chain = [rrset for rrset in bench.zone.rrsets if rrset.rtype == RdataType.NSEC3]
    if len(chain) < 2:
        return bench
    hit = chain[index % len(chain)]
    if kind.startswith("drop"):
        cut = bench.without(lambda rrset: rrset is hit)
        return (
            cut
            if kind == "drop"
            else cut.with_rdatas(
                lambda rrset: rrset.rtype == RdataType.NSEC3,
                lambda rdata: rdata.replace(next=hit.rdatas[0].next) if rdata.next == hash_of(hit.owner) else rdata,
            )
        )
    changes = {
        "unflag": lambda rdata: rdata.replace(flags=0),
        "point elsewhere": lambda rdata: rdata.replace(next=b"\x77" * 20),
        "retype": lambda rdata: dns.rdata.from_text(
            RdataClass.IN, RdataType.NSEC3, " ".join(rdata.to_text().split()[:5]) + " TXT HINFO"
        ),
    }
    return bench.with_rdatas(lambda rrset: rrset is hit, changes[kind])


def expected(zone, denial):
    """Yield owner and message of all that is wrong: name by name, record by record."""
    authority = authority_of(zone)
    records = {hash_of(r.owner): r.rdatas[0] for r in zone.rrsets if r.rtype == RdataType.NSEC3}
    owners = sorted(records)
    for hashed, after in zip(owners, owners[1:] + owners[:1], strict=True):
        if records[hashed].next != after:
            message = "the NSEC3 record does not point to the next hash: the chain is not closed here"
            yield owner_text(hashed, zone), message
    names = frozenset(authority.names())
    insecure = {name for name in names & authority.cuts if RdataType.DS not in authority.types[name]}
    needed = (names - insecure) | authority.empty_non_terminals(names - insecure) - insecure
    every = {denial.hash(name): name for name in names | authority.empty_non_terminals(names)}
    for hashed, name in every.items():
        covering = records[owners[bisect.bisect(owners, hashed) - 1]]
        if hashed in records:
            yield from wrong_bitmap(name, records[hashed], authority, insecure)
        elif name in needed or not covering.flags:
            yield canonical(name), "no NSEC3 record has this name's hash"
    for hashed in set(owners) - every.keys():
        yield owner_text(hashed, zone), "an NSEC3 record for a name that does not exist"


def wrong_bitmap(name, record, authority, insecure):
    shown = set(record.to_text().split()[5:])
    present = {RdataType.to_text(one) for one in authority.types_to_deny_around(name)}
    if present and name not in insecure:
        present.add("RRSIG")
    parts = []
    if present - shown:
        parts.append(f"lacks {listed(present - shown)}")
    if shown - present:
        parts.append(f"shows {listed(shown - present)} that the name does not have")
    if parts:
        yield canonical(name), f"the NSEC3 bitmap {' and '.join(parts)}"


def listed(types):
    return ", ".join(sorted(types, key=RdataType.from_text))


def hash_of(owner):
    return int(owner.labels[0], 32).to_bytes(20, "big")


def owner_text(hashed, zone):
    return next(r.owner.to_text() for r in zone.rrsets if r.rtype == RdataType.NSEC3 and hash_of(r.owner) == hashed)


def canonical(name):
    return name.to_text().lower()
