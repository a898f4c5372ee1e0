"""in-toto test-result v0.1 (in-toto/attestation, spec/predicates/test-result.md), read."""

from typing import Any, Literal

import msgspec

from attestations.records import Name

TYPE = "https://in-toto.io/attestation/test-result/v0.1"


class TestResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The predicate. The specification lets producers add members, so unknown ones are ignored."""

    __test__ = False

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[dict[str, Any], ...]
    url: str | None = None
    passed_tests: tuple[Name, ...] = ()
    warned_tests: tuple[Name, ...] = ()
    failed_tests: tuple[Name, ...] = ()
