"""Zones that a validating resolver takes, or may take, and that an operator should not publish."""

from dataclasses import replace

import dns.rdata
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from dns.rdatatype import RdataType
from fault_zones.bench import DAY, Bench, key, with_text
from fault_zones.case import Case

from attestations import dnskey
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey
from attestations.zone.practice.signing import Hooks, changed, ds_text, re_signed

HOUR, YEAR = 3600, 365 * DAY
_ED25519 = dnskey.ED25519


def rsa_key(flags: int, algorithm: int = 8, bits: int = 2048, exponent: int = 65537) -> PracticeKey:
    """Return a key that nobody should publish."""
    private = rsa.generate_private_key(exponent, bits)
    public = private.public_key().public_numbers()
    raw = exponent.to_bytes((exponent.bit_length() + 7) // 8, "big")
    hashed: HashAlgorithm = SHA1() if algorithm in (5, 7) else SHA256()  # noqa: S303
    return PracticeKey(
        rdata=dnskey.rdata(flags, 3, algorithm, bytes((len(raw),)) + raw + public.n.to_bytes(bits // 8, "big")),
        sign=lambda data: private.sign(data, padding.PKCS1v15(), hashed),
    )


def _other_ds(bench: Bench):
    practice = bench.zone()
    return replace(practice, ds=ds_text([bench.spare(KSK_FLAGS)], practice.name))


def _silent_algorithm(bench: Bench):
    """Its KSK signs the DNSKEY RRset, its ZSK nothing: the DS names the other algorithm."""
    silent = replace(key(_ED25519, ZSK_FLAGS, 0), signs=False)
    practice = bench.zone([bench.ksk, bench.zsk, key(_ED25519, KSK_FLAGS, 0), silent])
    return replace(practice, ds=ds_text([bench.ksk], practice.name))


def _all(_rrset):
    return True


def _one(rrset):
    return rrset.rtype == RdataType.A and rrset.owner.to_text() == "nic.test."


def child_records(one: PracticeKey, other: PracticeKey | None = None) -> str:
    """Return CDS for a key, and CDNSKEY for it or for `other`."""
    public = (other or one).rdata
    rdata = dns.rdata.from_wire("IN", "DNSKEY", public, 0, len(public))
    ds = ds_text([one], "test.").decode("ascii").split(" DS ")[1]
    return f"@ IN CDS {ds}@ IN CDNSKEY {rdata.to_text()}\n"


def asking(bench: Bench, one: PracticeKey, other: PracticeKey | None = None):
    """Return a zone that asks its parent for the DS of a key; signed by its KSK, as RFC 7344, 4.1 wants."""

    def finish(_index, rrset, rrsig):
        if rrset.rtype not in (RdataType.CDS, RdataType.CDNSKEY):
            return (rrsig,)
        return (re_signed(changed(rrsig, key_tag=bench.ksk.tag), rrset, bench.ksk.sign),)

    return bench.zone(further=child_records(one, other), hooks=Hooks(finish=finish))


def _no_zone_key(bench: Bench, head: bytes) -> PracticeKey:
    """Return a key that signs nothing, with these flags and protocol."""
    spare = bench.spare(ZSK_FLAGS)
    return replace(spare, rdata=head + spare.rdata[3:], signs=False)


POLICY = {
    "f": Case(
        what="the DS at the parent names no published key",
        rfc="RFC 4035 5",
        build=_other_ds,
        codes={"DS_CHAIN": "error"},
    ),
    "h": Case(
        what="a second algorithm is published, and its ZSK signs nothing",
        rfc="RFC 4035 2.2, RFC 6840 5.11",
        build=_silent_algorithm,
        codes={"ALG_INCOMPLETE": "error"},
        has_twin=False,
        differ={"ldns": "valid", "knot": "valid", "validns": "inconclusive"},
    ),
    "l": Case(
        what="all signatures expire in two days",
        rfc="RFC 6781 4.4.2",
        build=lambda bench: bench.retimed(_all, -HOUR, 2 * DAY),
        codes={"SIG_HORIZON": "note"},
    ),
    "l2": Case(
        what="one signature expires in less than an hour, the TTL",
        rfc="RFC 6781 4.4.2",
        build=lambda bench: bench.retimed(_one, -HOUR, HOUR - 60),
        codes={"SIG_HORIZON": "warning"},
    ),
    "l3": Case(
        what="signatures live for ten years",
        rfc="RFC 6781 4.4.2",
        build=lambda bench: bench.retimed(_all, -HOUR, 10 * YEAR),
        codes={"SIG_LONG_LIFE": "warning"},
    ),
    "n1": Case(
        what="10 iterations and a salt",
        rfc="RFC 9276 3.1",
        build=lambda bench: bench.zone(denial=Nsec3(iterations=10, salt=b"salt")),
        codes={"NSEC3_COST": "warning"},
    ),
    "n2": Case(
        what="2,500 iterations",
        rfc="RFC 9276 3.2",
        build=lambda bench: bench.zone(denial=Nsec3(iterations=2500)),
        codes={"NSEC3_COST": "error"},
        differ={"ldns": "valid", "knot": "valid", "validns": "valid"},
    ),
    "o1": Case(
        what="RSA keys of 1024 bits",
        rfc="RFC 6781 3.4.2",
        build=lambda bench: bench.zone([rsa_key(KSK_FLAGS, bits=1024), rsa_key(ZSK_FLAGS, bits=1024)]),
        codes={"KEY_WEAK": "warning"},
        has_twin=False,
    ),
    "o2": Case(
        what="algorithm 7, RSASHA1-NSEC3-SHA1",
        rfc="RFC 9905",
        build=lambda bench: bench.zone([rsa_key(KSK_FLAGS, algorithm=7), rsa_key(ZSK_FLAGS, algorithm=7)]),
        codes={"ALG_DEPRECATED": "warning"},
        has_twin=False,
    ),
    "o3": Case(
        what="RSA keys with exponent 3",
        rfc="RFC 3110 4",
        build=lambda bench: bench.zone([rsa_key(KSK_FLAGS, exponent=3), rsa_key(ZSK_FLAGS, exponent=3)]),
        codes={"KEY_WEAK": "warning"},
        has_twin=False,
    ),
    "q1": Case(
        what="CDS and CDNSKEY of a key that is not published",
        rfc="RFC 7344 4.1",
        build=lambda bench: asking(bench, bench.spare(KSK_FLAGS)),
        codes={"CDS_MISMATCH": "error"},
        differ={"bind": "valid", "ldns": "valid", "validns": "inconclusive"},
    ),
    "q2": Case(
        what="CDS and CDNSKEY name different keys",
        rfc="RFC 7344 4",
        build=lambda bench: asking(bench, bench.ksk, bench.spare(KSK_FLAGS)),
        codes={"CDS_MISMATCH": "error"},
        differ={"bind": "valid", "ldns": "valid", "validns": "inconclusive"},
    ),
    "q3": Case(
        what="CDS and CDNSKEY signed by the ZSK only, which the DS does not name",
        rfc="RFC 7344 4.1",
        build=lambda bench: bench.zone(further=child_records(bench.ksk)),
        codes={"CDS_MISMATCH": "warning"},
        differ={"knot": "invalid", "validns": "inconclusive"},
    ),
    "x1": Case(
        what="a record below a DNAME",
        rfc="RFC 6672 2.4",
        build=lambda bench: bench.zone(further="alias IN DNAME nic\nbelow.alias IN A 192.0.2.5\n"),
        codes={"DNAME_MISPLACED": "warning"},
        differ={"knot": "invalid", "validns": "invalid"},
    ),
    "x2": Case(
        what="a delegation with a DNAME beside its NS",
        rfc="RFC 6672 2.3",
        build=lambda bench: bench.zone(further="d1 IN DNAME nic\n"),
        codes={"DNAME_MISPLACED": "warning"},
        differ={"validns": "invalid"},
    ),
    "x3": Case(
        what="a delegation at a wildcard",
        rfc="RFC 4592 4.2",
        build=lambda bench: bench.zone(further="*.sub IN NS ns1\n"),
        codes={"WILDCARD_DELEGATION": "warning"},
        differ={"bind": "inconclusive"},
    ),
    "x4": Case(
        what="a signature record whose TTL is not that of the RRset",
        rfc="RFC 4034 3",
        build=lambda bench: with_text(bench.zone(), "nic.test. 3600 IN RRSIG", "nic.test. 60 IN RRSIG"),
        codes={"SIG_OWN_TTL": "warning"},
    ),
    "x5": Case(
        what="a DNSKEY record of protocol 2 beside the others",
        rfc="RFC 4034 2.1.2",
        build=lambda bench: bench.zone([bench.ksk, bench.zsk, _no_zone_key(bench, b"\1\0\2")]),
        codes={"KEY_IGNORED": "warning"},
        differ={"knot": "invalid", "validns": "inconclusive"},
    ),
    "x6": Case(
        what="a DNSKEY record without the ZONE flag beside the others",
        rfc="RFC 4034 2.1.1",
        build=lambda bench: bench.zone([bench.ksk, bench.zsk, _no_zone_key(bench, b"\0\0\3")]),
        codes={"KEY_IGNORED": "warning"},
        differ={"knot": "invalid"},
    ),
}
