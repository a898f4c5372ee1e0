"""Why another code base does not come to the native verdict, for each class where it does not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One reason."""

    engine: str
    classes: tuple[str, ...]
    why: str


DIFFERENCES = (
    Difference(
        "bind",
        ("e5",),
        "Takes the missing NSEC3 record of an insecure delegation for opt-out without looking at the flag. RFC 5155 "
        "7.1 wants a record for every delegation unless the flag is set: else nothing proves that there is no DS.",
    ),
    Difference(
        "bind",
        ("k1",),
        "Builds the signed data from the Labels field, as a resolver does for an answer that a wildcard may have made. "
        "In a zone the field must be that of the owner (RFC 4034 3.1.3, RFC 4035 2.2).",
    ),
    Difference(
        "bind",
        ("double-signature",),
        "Does not say which of two key-signing keys it found good, and the DS names one of them: no vote.",
    ),
    Difference(
        "bind",
        ("w",),
        "Refuses a revoked key that does not sign the DNSKEY RRset. Natively a warning: RFC 5011 2.1 then knows no "
        "revocation, and every resolver goes on with the other keys.",
    ),
    Difference(
        "bind",
        ("h2",),
        "Wants signatures of an algorithm only if a self-signed key of it is there. RFC 4035 2.2 wants them for each "
        "algorithm in the DNSKEY RRset.",
    ),
    Difference(
        "ldns",
        ("e3", "e3b", "e3c"),
        "Does not compare bitmaps with the types at the name (RFC 5155 7.1, RFC 4034 4.1.2).",
    ),
    Difference(
        "ldns",
        ("j1", "j2"),
        "Verifies with the original TTL and does not compare it with that of the records (RFC 4035 2.2).",
    ),
    Difference("ldns", ("k1", "k2"), "Does not compare the Labels field with the owner (RFC 4035 2.2 and 5.3.1)."),
    Difference("ldns", ("s",), "Does not look at the signer's name (RFC 4035 5.3.1)."),
    Difference("ldns", ("n3", "n2"), "Takes parameters from the NSEC3 records, not from NSEC3PARAM, at any price."),
    Difference("ldns", ("h", "h2"), "Wants one good signature of any algorithm (RFC 4035 2.2 wants each)."),
    Difference(
        "ldns",
        ("m1",),
        "Refuses signed glue. Natively a warning: no correct signer writes it (RFC 4035 2.2), and no resolver sees it.",
    ),
    Difference("ldns", ("q1", "q2"), "Does not look at CDS and CDNSKEY."),
    Difference("ldns", ("two-chains",), "Knows one NSEC3 chain and calls the other one surplus: no vote."),
    Difference("bind", ("q1", "q2"), "Does not look at CDS and CDNSKEY."),
    Difference("knot", ("e4",), "Does not look for NSEC3 records of names that are not there."),
    Difference("knot", ("k2",), "Does not compare the Labels field with a shorter owner (RFC 4035 5.3.1)."),
    Difference("knot", ("s",), "Does not look at the signer's name (RFC 4035 5.3.1)."),
    Difference("knot", ("h", "h2"), "Wants one good signature of any algorithm (RFC 4035 2.2 wants each)."),
    Difference("knot", ("n2",), "Has no limit for iterations (RFC 9276 3.2)."),
    Difference(
        "knot",
        ("m1", "m2"),
        "Refuses signatures over what must not be signed. Natively a warning: no correct signer writes them (RFC 4035 "
        "2.2), and no resolver asks for them.",
    ),
    Difference(
        "knot",
        ("r1",),
        "Refuses ('unknown error') a bad signature of a published key beside a good one, which validators accept "
        "(RFC 6840 5.4). Natively the warning SIG_EXTRA_WRONG_KEY, which the shipped policies refuse.",
    ),
    Difference(
        "knot",
        ("q3",),
        "Wants CDS and CDNSKEY signed by a key with the SEP flag. RFC 7344 4.1 wants one that the DS names; a parent "
        "ignores the records otherwise, and the zone is none the worse: natively a warning.",
    ),
    Difference("knot", ("i",), "Refuses two published keys of one tag and algorithm ('unknown error'): no vote."),
    Difference(
        "knot",
        ("csk-no-sep",),
        "Wants the DNSKEY RRset signed by a key with the SEP flag, which validators must not look at (RFC 4034 2.1.1): "
        "no vote.",
    ),
    Difference("knot", ("two-chains",), "Fails on two NSEC3 chains ('failed to run semantic checks'): no vote."),
    Difference("validns", ("d2",), "Only wants some signature at each owner, not one for each type."),
    Difference("validns", ("k2",), "Does not compare the Labels field with a shorter owner (RFC 4035 5.3.1)."),
    Difference("validns", ("n2",), "Has no limit for iterations (RFC 9276 3.2)."),
    Difference(
        "validns",
        ("r1", "r2"),
        "Wants every signature to verify. Validators accept one bad beside a good one (RFC 6840 5.4); natively "
        "warnings, which the shipped policies refuse.",
    ),
    Difference("validns", ("u",), "Refuses a signature over nothing. Natively a warning: no resolver asks for it."),
    Difference("validns", ("h", "h2", "i", "alg14", "alg15", "alg16"), "Verifies RSA only: no vote."),
    Difference("validns", ("q0", "q1", "q2", "q3"), "Does not know CDS and CDNSKEY: no vote."),
    Difference("validns", ("two-chains",), "Knows one NSEC3 chain: no vote."),
    Difference("validns", ("escapes",), "Does not read an escaped dot: no vote."),
    Difference(
        "validns",
        ("insecure-in-opt-out",),
        "Calls the NSEC3 record of an insecure delegation surplus where the flag would have spared it (RFC 5155 6 "
        "allows both): no vote.",
    ),
    Difference(
        "bind",
        ("x3",),
        "Does not load a zone with NS records at a wildcard: no vote. RFC 4592 4.2 leaves open what they do; natively "
        "a warning.",
    ),
    Difference(
        "knot",
        ("x1",),
        "Takes what lies below a DNAME for a part of the zone, and misses its NSEC3 record. RFC 6672 2.4 forbids such "
        "records, and no resolver asks for them; natively a warning.",
    ),
    Difference(
        "knot",
        ("x5", "x6"),
        "Refuses DNSKEY records that are no zone keys. Validators pass over them (RFC 4034 2.1.1, 2.1.2); natively a "
        "warning.",
    ),
    Difference("validns", ("x1",), "Wants NSEC3 records for what lies below a DNAME."),
    Difference("validns", ("x2",), "Wants the DNAME at a delegation in the NSEC3 bitmap."),
    Difference("validns", ("x5",), "Does not know another protocol than 3: no vote."),
)
