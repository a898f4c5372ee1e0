"""The codes of findings about records, their signatures and the keys."""

from attestations.zone.codes.code import BESIDE, Code

SIGNING = {
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
        "(RFC 2181 10.1, RFC 6672 2.4), also below a delegation; a DS at the apex (RFC 4034 5), a SOA record below it, "
        "or no NS records there (RFC 1035 5.2). Name servers do not load the zone.",
        todo="Take the record out, or put the NS records back, and sign again; ask how it got past the checks of "
        "whoever registered it.",
    ),
    "RRSET_SIZE": Code(
        severity="error",
        meaning="An RRset and its signatures are larger than a DNS message: nobody can be answered with it, and name "
        "servers do not load the zone (RFC 1035 4.2.2).",
        todo="Take records out, or fewer signatures, and sign again.",
    ),
    "DNAME_MISPLACED": Code(
        severity="warning",
        meaning="Records below a DNAME, or NS records beside one that is not at the apex: nobody is answered with "
        "them, and some name servers do not load the zone (RFC 6672 2.3, 2.4).",
        todo="Take the records out, or the DNAME.",
    ),
    "WILDCARD_DELEGATION": Code(
        severity="warning",
        meaning="NS or DNAME records at a wildcard: what they do is not defined, and some name servers do not load "
        "the zone (RFC 4592 4.2, 4.4).",
        todo="Delegate each name by itself.",
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
    "SIG_OWN_TTL": Code(
        severity="warning",
        meaning="The TTL of an RRSIG record is not that of the records that it covers (RFC 4034 3).",
        todo="Sign again; report it to the signer's maker.",
    ),
    "SIG_HORIZON": Code(
        severity="warning; note where it outlives the TTLs",
        meaning="The earliest signature expires before caches let go of the records (the longest TTL), or before "
        "secondary servers without their primary stop serving them (SOA expire).",
        todo="If it is the TTL, sign again now; check the re-signing interval.",
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
        severity="error; warning for a signature beside a good one",
        meaning="A published key is malformed, out of bounds or has reserved flags, so that nothing it signs can be "
        "verified, by some validators at least.",
        todo="Withdraw the key.",
    ),
    "KEY_IGNORED": Code(
        severity="warning",
        meaning="A DNSKEY record that validators must not use for the zone: without the ZONE flag, or with another "
        "protocol than 3 (RFC 4034 2.1.1, 2.1.2).",
        todo="Withdraw it, or publish it with the ZONE flag and protocol 3.",
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
}
