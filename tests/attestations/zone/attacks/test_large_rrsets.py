"""RRsets that no DNS message can hold: BIND does not load such a zone, and nobody else could be answered with them."""

import pytest

from attestations.zone.practice.signing import practice_zone

HEADER, QUESTION, RECORD = 12, len(b"\3big\4test\0") + 4, 12
SIGNATURE = RECORD + 18 + len(b"\4test\0") + 64


@pytest.mark.parametrize("excess", [0, 1])
@pytest.mark.parametrize("count", [1, 300])
def test_an_rrset_fits_a_message_with_its_signature(examine, ksk, zsk, now, count, excess):
    room = 65_535 + excess - HEADER - QUESTION - SIGNATURE - count * RECORD
    sizes = [room // count] * (count - 1) + [room - room // count * (count - 1)]
    lines = (f"big TYPE65280 \\# {size} {index:04x}{'00' * (size - 2)}\n" for index, size in enumerate(sizes))
    report = examine(practice_zone([ksk, zsk], now, delegations=0, further="".join(lines)))
    assert report.verdict == ("invalid" if excess else "valid"), report.findings
    if excess:
        assert [(one.code, one.owner, one.rtype) for one in report.findings.kept] == [
            ("RRSET_SIZE", "big.test.", "TYPE65280")
        ]
