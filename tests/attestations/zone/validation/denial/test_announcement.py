"""NSEC3PARAM against the chains that are there."""

import pytest

from attestations.zone.validation.denial.announcement import announcement_findings
from attestations.zone.validation.denial.parameters import MAX_CHAINS, parameters_in


def param(iterations=0, salt=b"", flags=0, algorithm=1):
    return bytes([algorithm, flags]) + iterations.to_bytes(2, "big") + bytes([len(salt)]) + salt


def findings(params, present, *, has_nsec=False):
    found = announcement_findings("test.", tuple(params), {parameters_in(one) for one in present}, has_nsec=has_nsec)
    return [(one.code, one.severity) for one in found]


WRONG, WARNED = ("NSEC3_PARAM", "error"), ("NSEC3_PARAM", "warning")
IGNORED = ("NSEC3PARAM_FLAGS", "warning")
CASES = {
    "good": ([param()], [param()], []),
    "two-chains": ([param(), param(salt=b"x")], [param(), param(salt=b"x")], []),
    "n3-salt": ([param(salt=b"x")], [param()], [WRONG, WARNED]),
    "n3-iterations": ([param(iterations=1)], [param()], [("NSEC3_COST", "warning"), WRONG, WARNED]),
    "chain-too-many": ([param()], [param(), param(salt=b"x")], [WARNED]),
    "not-announced": ([], [param()], [WRONG]),
    "no-chain": ([param()], [], [WRONG]),
    "only-flagged": ([param(flags=1)], [param()], [IGNORED]),
    "flagged-beside-good": ([param(), param(flags=1, salt=b"x")], [param()], []),
    "n1-150": ([param(iterations=150)], [param(iterations=150)], [("NSEC3_COST", "warning")]),
    "n2-151": ([param(iterations=151)], [param(iterations=151)], [("NSEC3_COST", "error")]),
    "unknown-hash": ([param(algorithm=2)], [param(algorithm=2)], [WRONG]),
}


@pytest.mark.parametrize("case", CASES)
def test_parameters_must_fit(case):
    announced, present, wanted = CASES[case]
    assert findings(announced, present) == wanted


@pytest.mark.parametrize(
    ("case", "wanted"),
    [("not-announced", [WARNED]), ("only-flagged", [IGNORED]), ("no-chain", [WRONG]), ("unknown-hash", [WRONG])],
)
def test_beside_an_nsec_chain_an_nsec3_chain_may_be_on_its_way(case, wanted):
    announced, present, _ = CASES[case]
    assert findings(announced, present, has_nsec=True) == wanted


@pytest.mark.parametrize("count", [MAX_CHAINS, MAX_CHAINS + 1])
def test_more_chains_than_validators_try_are_over_budget(count):
    many = [param(salt=bytes([number])) for number in range(count)]
    assert findings(many, many) == ([("DNS_BUDGET", "error")] if count > MAX_CHAINS else [])
