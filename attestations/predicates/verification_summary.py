"""SLSA Verification Summary v1: source review comes in as one, every decision goes out as one."""

from typing import Literal

import msgspec

from attestations.records import Text
from attestations.times import Instant

TYPE = "https://slsa.dev/verification_summary/v1"


class _Vsa(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The specification obliges consumers to ignore members they do not know."""


class Verifier(_Vsa, frozen=True, kw_only=True):
    """Who verified."""

    id: Text
    version: dict[str, str] = {}


class Resource(_Vsa, frozen=True, kw_only=True):
    """A policy or an input attestation, by digest."""

    uri: str | None = None
    digest: dict[str, str] = {}


class VerificationSummary(_Vsa, frozen=True, kw_only=True):
    """The predicate."""

    verifier: Verifier
    time_verified: Instant
    resource_uri: Text
    policy: Resource
    input_attestations: tuple[Resource, ...] = ()
    verification_result: Literal["PASSED", "FAILED"]
    verified_levels: tuple[str, ...] = ()
    dependency_levels: dict[str, int] = {}
    slsa_version: str | None = None
