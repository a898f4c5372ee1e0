"""The codes of findings about the zone as a whole, and about those who judge it."""

from attestations.zone.codes.code import Code

ZONE = {
    "DS_CHAIN": Code(
        severity="error; warning beside a DS that holds, and where the key's algorithm is not verified here",
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
        severity="error; warning for a further chain without NSEC3PARAM",
        meaning="NSEC3PARAM and the NSEC3 records do not fit together.",
        todo="Build the chain with the parameters that NSEC3PARAM announces.",
    ),
    "NSEC3PARAM_FLAGS": Code(
        severity="warning",
        meaning="Every NSEC3PARAM record has flags, so name servers must ignore it (RFC 5155 4.1.2). No validator "
        "looks at it, but served from such a zone BIND 9.18 answers without any signature and NSD without denial; Knot "
        "serves it right. The shipped policies refuse it.",
        todo="Publish NSEC3PARAM with flags 0: the opt-out flag belongs into the NSEC3 records alone.",
    ),
    "NSEC3_COST": Code(
        severity="warning; error over 150 iterations",
        meaning="NSEC3 uses extra iterations; RFC 9276 wants none, and resolvers give up over a limit.",
        todo="Set the iterations to 0 and sign again.",
    ),
    "ZONEMD_MISMATCH": Code(
        severity="error; warning beside a digest that fits",
        meaning="A ZONEMD record does not fit the zone: another serial, another digest, or two records of one kind "
        "(RFC 8976). Compared in unsigned zones too.",
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
        todo="Compare with the registry's own figures before you publish; a mass change that is wanted needs a waiver.",
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
