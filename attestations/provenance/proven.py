"""Provenance of which is known who signed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from attestations.envelope import PAYLOAD_TYPE
from attestations.errors import InputError
from attestations.identity import Identity
from attestations.predicates import slsa_provenance
from attestations.statement import Statement, read_statement
from attestations.strict.document import Document
from attestations.times import Instant

Form = Literal["bundle", "envelope", "npm", "cloud-build"]

KINDS: Mapping[str, type] = MappingProxyType(
    {
        slsa_provenance.TYPE: slsa_provenance.Provenance,
        slsa_provenance.TYPE_V02: slsa_provenance.ProvenanceV02,
    }
)


@dataclass(frozen=True, kw_only=True)
class Proven:
    """A statement with provenance in it, and who signed it. What it says has not been looked at."""

    form: Form
    statement: Statement
    identity: Identity | None
    """whom the signer's certificate names; None where a key signed"""
    key: str | None
    """fingerprint of the key that signed; None where a certificate did"""
    signed_on: Instant | None
    notes: tuple[str, ...] = ()
    """what was not looked at, in words"""

    @property
    def predicate(self) -> Any:
        """The provenance, as a record of its version."""
        return self.statement.predicate


def read_provenance(
    payload: bytes, payload_type: str, document: Document, kinds: Mapping[str, type] = KINDS
) -> Statement:
    """Return the provenance in a payload; raise InputError where it is of another type or no statement."""
    if payload_type != PAYLOAD_TYPE:
        raise InputError(
            "TYPE-PAYLOAD",
            found=f"payload type {payload_type!a:.80}",
            wanted=PAYLOAD_TYPE,
            fix="give the attestation that the builder signed",
            where=document.where(),
        )
    return read_statement(payload, document.name, kinds)


def refused(document: Document, code: str, found: str, wanted: str) -> InputError:
    """Return the refusal of provenance that nobody is known to have signed."""
    fix = "give it as the builder or the registry handed it out, and the keys of the signer where it has any"
    return InputError(code, found=found, wanted=wanted, fix=fix, where=document.where())
