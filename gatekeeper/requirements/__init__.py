"""The kinds of requirement: one module each, one row each in this table, in the order people read them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gatekeeper.finding import Finding
from gatekeeper.policy.document import PolicyDocument
from gatekeeper.requirements import (
    approved_before,
    assertion,
    halt_drill,
    hsm_key_coverage,
    provenance,
    rollback_drill,
    sign_offs,
    source_review,
    test_result,
    zone_validation,
)
from gatekeeper.selection import Wanted

AnyRequirement = (
    provenance.Options
    | source_review.Options
    | test_result.Options
    | hsm_key_coverage.Options
    | zone_validation.Options
    | halt_drill.Options
    | rollback_drill.Options
    | approved_before.Options
    | assertion.Options
    | sign_offs.Options
)
"""What may stand in a policy. Anything else is refused when the policy is loaded."""

AnyPolicy = PolicyDocument[AnyRequirement]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of requirement that rests on attestations: what it asks for, and how it judges them.

    `check(options, case, selection)` yields findings. It is called only with at least one attestation that
    counts; a requirement without any has its result from the selection alone.
    """

    wanted: Callable[[Any], Wanted]
    check: Callable[..., Iterator[Finding]]


KINDS: Mapping[type, Kind] = MappingProxyType(
    {
        provenance.Options: Kind(wanted=provenance.wanted, check=provenance.check),
        source_review.Options: Kind(wanted=source_review.wanted, check=source_review.check),
        test_result.Options: Kind(wanted=test_result.wanted, check=test_result.check),
        hsm_key_coverage.Options: Kind(wanted=hsm_key_coverage.wanted, check=hsm_key_coverage.check),
        zone_validation.Options: Kind(wanted=zone_validation.wanted, check=zone_validation.check),
        halt_drill.Options: Kind(wanted=halt_drill.wanted, check=halt_drill.check),
        rollback_drill.Options: Kind(wanted=rollback_drill.wanted, check=rollback_drill.check),
        approved_before.Options: Kind(wanted=approved_before.wanted, check=approved_before.check),
    }
)
"""Assertions and sign-offs are not in it: they rest on other results, and evaluation sees to them by name."""


def kind_name(requirement: AnyRequirement) -> str:
    """Return how policies write the kind of this requirement."""
    tag = type(requirement).__struct_config__.tag
    return str(tag)
