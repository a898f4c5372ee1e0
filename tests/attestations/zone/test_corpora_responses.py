"""Signed RRsets of other projects: each must verify, or not, as its collection or a second implementation says.

The collection lies beside the repository; without it: skipped. What the verdicts of resolver scenarios rest on beside
signatures (chains of trust over several zones, proofs in answers) no validator of zones looks at: docs/zone-engines.md.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rrset
import pytest
from rpl import entries

from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.validation.groups import RRset
from attestations.zone.validation.published import KeySet, key_set
from attestations.zone.validation.signatures import Judged, Outcome, judge

CORPORA = Path(__file__).parents[4] / "shared" / "corpora"
DNSKEY = TYPES[b"DNSKEY"]
DSA = frozenset({3, 6})
"""RFC 9904: must not be used for validation"""


def rows(folder: str) -> dict[str, dict]:
    manifest = CORPORA / folder / "manifest.jsonl"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    return {row["id"]: row for row in map(json.loads, lines)}


RRSETS, SCENARIOS = rows("rrsets"), rows("responses")
OF_512_BITS = {name for name in RRSETS if "test_signatures.8" in name}
"""signed with RSA keys of 512 bits, which RFC 3110, 2 allows and nobody should believe: we find the key unusable"""
MALFORMED = "unbound-val_canon_short_px"
"""its PX record is cut short on purpose: no record, in a zone an unreadable line"""
READABLE = [name for name in SCENARIOS if name != MALFORMED]


def text_of(folder: str, row: dict) -> str:
    return (CORPORA / folder / row["files"][0]).read_text(encoding="utf-8")


def verdict(rrset: RRset, keys: KeySet, zone: bytes, at: int) -> str:
    judged = judge(rrset, keys=keys, apex=zone, now=at)
    if any(one.outcome is Outcome.OK for one in judged):
        return "pass"
    return "open" if judged and all(one.code == "ALG_UNSUPPORTED" for one in judged) else "fail"


@pytest.mark.skipif(not RRSETS, reason="the collection of RRsets is not there")
@pytest.mark.parametrize("name", RRSETS)
def test_rrsets_come_out_as_their_collection_says(name):
    row = RRSETS[name]
    blocks = list(entries(text_of("rrsets", row)))
    published = next(rrset for rrset in blocks[0] if rrset.rtype == DNSKEY)
    keys = key_set(published.rdatas)
    wanted = wire_name(row["owner"].encode()), type_number(row["rrtype"].encode())
    found = next(rrset for rrset in blocks[row["entry"]] if (rrset.owner, rrset.rtype) == wanted)
    ours = verdict(found, keys, published.owner, row["at_time"])
    if name in OF_512_BITS:
        assert all("512" in key.fault for key in keys.keys)
        assert ours == "fail"
    elif {key.algorithm for key in keys.keys} <= DSA:
        assert (ours, row["expected"]) == ("open", "fail")
    else:
        assert ours == row["expected"]


@pytest.mark.skipif(not SCENARIOS, reason="the collection of resolver scenarios is not there")
@pytest.mark.parametrize("name", READABLE)
def test_each_signature_in_a_scenario_comes_out_as_with_a_second_implementation(name):
    at = SCENARIOS[name]["at_time"]
    for rrset, keys, judged in signatures_of(name):
        if judged.outcome is not Outcome.UNJUDGED and judged.code != "SIG_LABELS" and usable(keys, judged.rrsig):
            assert (judged.outcome is Outcome.OK) == theirs(rrset, keys, judged.rrsig, at), (rrset, judged)


@pytest.mark.skipif(not SCENARIOS, reason="the collection of resolver scenarios is not there")
def test_a_record_that_is_cut_short_is_not_read():
    with pytest.raises(dns.exception.SyntaxError, match="malformed"):
        list(entries(text_of("responses", SCENARIOS[MALFORMED])))


@pytest.mark.skipif(not SCENARIOS, reason="the collection of resolver scenarios is not there")
def test_the_scenarios_hold_many_good_signatures_and_the_wildcards_that_answers_expand():
    found = Counter(judged.code or judged.outcome for name in READABLE for *_, judged in signatures_of(name))
    assert found["ok"] > 80
    assert found["SIG_LABELS"] > 0  # in an answer legal (RFC 4035, 5.3.4), in a zone not (2.2)


def signatures_of(name: str) -> Iterator[tuple[RRset, KeySet, Judged]]:
    """Yield each signature whose signer's keys are somewhere in the scenario."""
    row = SCENARIOS[name]
    found = [rrset for block in entries(text_of("responses", row)) for rrset in block]
    published: dict[bytes, set[bytes]] = {}
    for rrset in found:
        if rrset.rtype == DNSKEY:
            published.setdefault(rrset.owner, set()).update(rrset.rdatas)
    for rrset in found:
        for rrsig in rrset.signatures:
            if rrset.rdatas and rrsig.signer in published:
                alone, keys = replace(rrset, signatures=(rrsig,)), key_set(sorted(published[rrsig.signer]))
                yield alone, keys, judge(alone, keys=keys, apex=rrsig.signer, now=row["at_time"])[0]


def usable(keys: KeySet, rrsig: Rrsig) -> bool:
    return all(key.verify is not None for key in keys.candidates(rrsig.key_tag, rrsig.algorithm))


def theirs(rrset: RRset, keys: KeySet, rrsig: Rrsig, at: int) -> bool:
    owner, signer = dns.name.from_text(text_name(rrset.owner)), dns.name.from_text(text_name(rrsig.signer))
    signed = dns.rrset.from_rdata_list(owner, rrsig.original_ttl, [of_wire(rrset.rtype, one) for one in rrset.rdatas])
    wire = rrsig.head + rrsig.signature
    published = dns.rrset.from_rdata_list(signer, 3600, [of_wire(DNSKEY, key.rdata) for key in keys.keys])
    try:
        dns.dnssec.validate_rrsig(signed, of_wire(TYPES[b"RRSIG"], wire), {signer: published}, now=at)
    except (dns.dnssec.ValidationFailure, dns.exception.UnexpectedEnd):
        return False
    return True


def of_wire(rtype: int, wire: bytes) -> dns.rdata.Rdata:
    return dns.rdata.from_wire("IN", rtype, wire, 0, len(wire))
