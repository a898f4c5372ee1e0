"""The codes of zone findings: how severe, what they mean, what to do. docs/zone-findings.md shows this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Code:
    """What one finding code says."""

    severity: str
    """`error`, `warning` or `note`; where it depends, on what"""
    meaning: str
    todo: str
    open: bool = False
    """it leaves the verdict inconclusive unless an error is found"""
    no_vote: bool = False
    """the engine could not judge: inconclusive whatever else was found"""


BESIDE = "error; warning beside a good signature"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        "SIG_WRONG_KEY": Code(
            severity="error",
            meaning="A published key has its tag and algorithm but does not verify it: another key made it, or damage.",
            todo="Do not publish. Compare that tag's key in every HSM (attest hsm), then sign with the published one.",
        ),
        "KEY_NOT_PUBLISHED": Code(
            severity="error",
            meaning="No published key has the signature's tag and algorithm.",
            todo="Publish the signing key in the DNSKEY RRset, or sign with a key that is published.",
        ),
        "SIG_EXTRA_WRONG_KEY": Code(
            severity="warning",
            meaning="Beside a good signature of the algorithm stands one that the published key of its tag does not "
            "verify (legal, RFC 6840 5.4): the first sign of an HSM with another key.",
            todo="Find out which HSM made it before the next signing run.",
        ),
        "SIG_EXTRA_NO_KEY": Code(
            severity="warning",
            meaning="Beside a good signature stands one by a key that is not published (legal in a conservative "
            "algorithm rollover, RFC 6781 4.1.4).",
            todo="Declare the rollover that explains it, or stop the key that signs.",
        ),
        "SIG_EXPIRED": Code(
            severity=BESIDE, meaning="The signature has expired.", todo="Sign again; find out why re-signing stopped."
        ),
        "SIG_FUTURE": Code(
            severity=BESIDE,
            meaning="The signature is not valid yet.",
            todo="Check the clocks of the signer and of this host, then sign again.",
        ),
        "SIG_MISSING": Code(
            severity="error",
            meaning="An RRset for which the zone is authoritative has no signature.",
            todo="Sign the zone again, completely.",
        ),
        "SIG_UNEXPECTED": Code(
            severity="warning",
            meaning="A signature covers what must not be signed: delegation NS, glue, or an RRset that is not there.",
            todo="Sign the zone again; report it to the signer's maker (RFC 4035 2.2).",
        ),
        "SIG_SIGNER": Code(
            severity=BESIDE,
            meaning="The signer's name is not the zone (RFC 4035 5.3.1).",
            todo="Sign with the keys of this zone.",
        ),
        "RECORDS_CLASH": Code(
            severity="error",
            meaning="Records that cannot stand at one name: CNAME beside other data, several CNAME or DNAME records "
            "(RFC 2181 10.1, RFC 6672 2.4), or a DS at the apex (RFC 4034 5). Name servers do not load the zone.",
            todo="Take the record out and sign again; ask how it got past the checks of whoever registered it.",
        ),
        "SIG_LABELS": Code(
            severity=BESIDE,
            meaning="The Labels field does not fit the owner: resolvers take the record for a wildcard's or refuse it.",
            todo="Sign the RRset again under its own name.",
        ),
        "SIG_TTL": Code(
            severity="error",
            meaning="A record's TTL differs from the original TTL that was signed (RFC 4034 3.1.4).",
            todo="Do not change TTLs after signing; sign again.",
        ),
        "SIG_HORIZON": Code(
            severity="warning",
            meaning="The earliest signature expires sooner than the longest TTL runs out.",
            todo="Sign again now; check the re-signing interval.",
        ),
        "TTL_OVER_LIFE": Code(
            severity="warning",
            meaning="A TTL is longer than the life of its signature.",
            todo="Lower the TTL or lengthen the signatures' life.",
        ),
        "SIG_LONG_LIFE": Code(
            severity="warning",
            meaning="A signature is valid for more than a year: whoever records it can replay it for as long.",
            todo="Shorten the signatures' life to weeks.",
        ),
        "TTL_DENIAL": Code(
            severity="warning",
            meaning="An NSEC or NSEC3 record may be cached for longer than the SOA allows negative answers to be (RFC "
            "9077 3).",
            todo="Set its TTL to the lesser of SOA minimum and the SOA record's TTL.",
        ),
        "ALG_INCOMPLETE": Code(
            severity="error",
            meaning="An algorithm of the DNSKEY RRset does not sign this RRset (RFC 4035 2.2).",
            todo="Sign everything with each published algorithm, or withdraw the keys of the silent one.",
        ),
        "ALG_UNSUPPORTED": Code(
            severity="warning",
            meaning="A signature is of an algorithm that is not judged here: unknown, or withdrawn (RFC 9905).",
            todo="Move the zone to an algorithm of RFC 9904.",
            open=True,
        ),
        "ALG_DEPRECATED": Code(
            severity="warning; error where validators must not rely on it; note where it is not recommended",
            meaning="An algorithm of the DNSKEY RRset must not or should not be used any more (the dated table of RFC "
            "9904 to 9906).",
            todo="Plan an algorithm rollover (RFC 6781 4.1.4), to 13 or 8.",
        ),
        "KEY_UNUSABLE": Code(
            severity="error",
            meaning="A published key is malformed or out of bounds, so nothing it signs can be verified.",
            todo="Withdraw the key.",
        ),
        "KEY_BROKEN": Code(
            severity="error",
            meaning="Anybody can compute the private half of a published key: a shared, small or near factor, or the "
            "mark of ROCA.",
            todo="Take the key as stolen: roll to one that another generator made, at once; find all other keys of "
            "this generator.",
        ),
        "KEY_WEAK": Code(
            severity="warning",
            meaning="An RSA key has fewer than 2048 bits, or an exponent below 65537.",
            todo="Take a larger key at the next rollover.",
        ),
        "NONCE_REUSE": Code(
            severity="error",
            meaning="One ECDSA key used a nonce for two different RRsets, so its private key can be computed from the "
            "zone.",
            todo="Take the key as stolen: roll it at once, and find out what is wrong with the HSM's random numbers.",
        ),
        "KEY_REVOKED": Code(
            severity=BESIDE,
            meaning="A revoked key signs data, or a revoked key does not sign its own revocation (RFC 5011 2.1).",
            todo="Sign with a key that is not revoked; let a revoked key sign the DNSKEY RRset until it goes.",
        ),
        "TAG_COLLISION": Code(
            severity="warning",
            meaning="Two published keys share tag and algorithm (legal; validators must try both).",
            todo="Prefer another key at the next rollover.",
        ),
        "DNS_BUDGET": Code(
            severity="error",
            meaning="More keys of one tag, signatures of one RRset, or NSEC3 chains than a validator tries (KeyTrap).",
            todo="Remove the superfluous keys, signatures or chains.",
        ),
        "DS_CHAIN": Code(
            severity="error; warning beside a DS that holds",
            meaning="A DS or trust anchor names no published, unrevoked key that signs the DNSKEY RRset.",
            todo="Compare with the DS at the parent: dig ZONE DS. Publish and sign with that KSK, or correct the DS.",
        ),
        "UNSIGNED_WITH_DS": Code(
            severity="error",
            meaning="The zone is unsigned while a DS promises signatures.",
            todo="Publish the signed zone; remove the DS first if the zone is to go unsigned.",
        ),
        "CDS_MISMATCH": Code(
            severity="error; warning beside a record that holds, and for one that the parent ignores",
            meaning="CDS or CDNSKEY ask the parent for a DS that no key would hold, or ask for different things (RFC "
            "7344).",
            todo="Withdraw CDS and CDNSKEY before the parent reads them; publish them anew from the keys that sign the "
            "DNSKEY RRset.",
        ),
        "CDS_DELETE": Code(
            severity="warning",
            meaning="CDS or CDNSKEY ask the parent to remove the DS: the zone becomes insecure (RFC 8078).",
            todo="If that is not the plan, withdraw them before the parent reads them.",
        ),
        "DENIAL_CHAIN": Code(
            severity="error",
            meaning="The NSEC or NSEC3 chain has a gap, a wrong link, or a record too many.",
            todo="Build the chain again and sign.",
        ),
        "DENIAL_BITMAP": Code(
            severity="error",
            meaning="A type bitmap differs from the types at the name: resolvers deny what exists, or the reverse.",
            todo="Build the chain again and sign.",
        ),
        "NSEC3_PARAM": Code(
            severity="error; warning for flags, and for a further chain without NSEC3PARAM",
            meaning="NSEC3PARAM and the NSEC3 records do not fit together.",
            todo="Build the chain with the parameters that NSEC3PARAM announces.",
        ),
        "NSEC3_COST": Code(
            severity="warning; error over 150 iterations",
            meaning="NSEC3 uses extra iterations; RFC 9276 wants none, and resolvers give up over a limit.",
            todo="Set the iterations to 0 and sign again.",
        ),
        "ZONEMD_MISMATCH": Code(
            severity="error; warning beside a digest that fits",
            meaning="A ZONEMD record does not fit the zone: another serial, another digest, or two records of one kind "
            "(RFC 8976).",
            todo="The zone was changed or cut after it was digested, or the digest is old: find out which before you "
            "publish.",
        ),
        "ZONEMD_UNJUDGED": Code(
            severity="note",
            meaning="A ZONEMD record has a scheme or hash that is not known here.",
            todo="Nothing; add one of scheme 1 with SHA-384 if receivers shall check the zone.",
        ),
        "OUT_OF_ZONE": Code(
            severity="warning",
            meaning="The source holds records outside the zone; they were ignored.",
            todo="Remove them.",
        ),
        "SERIAL_NOT_HIGHER": Code(
            severity="error",
            meaning="The serial is not higher than that of the version before, over other content: secondary servers "
            "keep the old one.",
            todo="Raise the serial (RFC 1982), and find out whether an old zone was taken by mistake.",
        ),
        "CONTENT_DELTA": Code(
            severity="error",
            meaning="So much is gone or changed since the version before that the zone looks truncated or built from "
            "wrong data.",
            todo="Compare with the registry's own figures before you publish; a mass change that is wanted needs a "
            "waiver.",
        ),
        "CONTENT_COUNTED": Code(
            severity="note",
            meaning="How many delegations, DS sets and records came, went and changed since the version before.",
            todo="Nothing; compare the numbers with what you expect.",
        ),
        "APEX_CHANGED": Code(
            severity="warning",
            meaning="The zone's own name servers or its primary server are others than in the version before.",
            todo="Make sure that the change is wanted, and known to the parent.",
        ),
        "DENIAL_CHANGED": Code(
            severity="warning",
            meaning="The zone denies existence in another way than in the version before (NSEC, NSEC3, iterations).",
            todo="Make sure that the change is wanted.",
        ),
        "CACHE_UNSAFE": Code(
            severity="error; warning where only resolvers fail that insist on every algorithm",
            meaning="Both versions are right, the step is not: what caches still hold does not work with what is "
            "served now (RFC 7583).",
            todo="Do not publish this version yet: keep the old key, signature or DS, or publish the new key first, "
            "until the TTL has run out.",
        ),
        "NO_TRUST_ANCHOR": Code(
            severity="warning",
            meaning="No DS or trust anchor was given, so nothing ties the keys to the parent.",
            todo="Repeat with the DS of the parent:  dig ZONE DS > ds.txt;  attest zone ... --ds ds.txt",
            open=True,
        ),
        "NOTHING_CHECKED": Code(
            severity="warning",
            meaning="Not one RRset was checked.",
            todo="Look at what was read: is it the signed zone?",
            open=True,
        ),
        "SAMPLE_ONLY": Code(
            severity="note",
            meaning="Only a random sample of the signatures was checked; the message says what it can exclude.",
            todo="Wait for the full pass: a sample never passes for one.",
            open=True,
        ),
        "VALIDATOR_REFUSED": Code(
            severity="error; warning for content that is no matter of DNSSEC",
            meaning="The engine refuses the zone for a reason that no other code names; its words are in the message.",
            todo="Read the message; run the native engine for the cause.",
        ),
        "VALIDATOR_BLIND": Code(
            severity="warning",
            meaning="This engine cannot judge this zone (a known blind spot), so it gives no vote.",
            todo="Take another engine.",
            no_vote=True,
        ),
        "VALIDATOR_FAILED": Code(
            severity="warning",
            meaning="The engine did not come to a verdict: not installed, time limit, or an unknown exit code.",
            todo="Install or repair the tool, or take another engine.",
            no_vote=True,
        ),
        "VALIDATOR_WORK": Code(
            severity="warning",
            meaning="The zone asks for more work than one of its size may: signatures to try, names to hash (KeyTrap, "
            "CVE-2023-50387 and CVE-2023-50868). The message says what costs most.",
            todo="Do not publish. Remove what the message names: keys of one tag, iterations, chains, deep names.",
            no_vote=True,
        ),
        "VALIDATOR_UNCALIBRATED": Code(
            severity="warning",
            meaning="In this run the engine passed a zone known to be bad, or refused one known to be good.",
            todo="Do not rely on this engine here; check its version and its cryptographic library.",
            no_vote=True,
        ),
    }
)
"""Finding code -> what it says. Codes are shared with the incident library where it has one."""
