"""A second implementation that looks at what the practice signer made."""

from collections import defaultdict

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
import dns.zonefile
import pytest


@pytest.fixture(scope="session")
def failures():
    """Return the owner and covered type of each signature in a zone file that dnspython finds wrong."""

    def judged(text, name, at):
        sets, signatures = defaultdict(list), defaultdict(list)
        for rrset in dns.zonefile.read_rrsets(text.decode(), rdclass=None, origin=name):
            for rdata in rrset:
                if rrset.rdtype == dns.rdatatype.RRSIG:
                    signatures[rrset.name, rdata.type_covered].append(rdata)
                else:
                    sets[rrset.name, rrset.rdtype].append((rrset.ttl, rdata))
        origin = dns.name.from_text(name)
        keys = {origin: dns.rrset.from_rdata_list(origin, 3600, [rdata for _, rdata in sets[origin, 48]])}
        wrong = []
        for (owner, rtype), made in signatures.items():
            records = sets[owner, rtype]
            rrset = dns.rrset.from_rdata_list(owner, records[0][0], [rdata for _, rdata in records])
            for rrsig in made:
                try:
                    dns.dnssec.validate_rrsig(rrset, rrsig, keys, now=at.timestamp())
                except dns.dnssec.ValidationFailure:
                    wrong.append((owner.to_text(), dns.rdatatype.to_text(rtype)))
        return wrong, sum(map(len, signatures.values()))

    return judged
