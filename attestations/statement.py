"""in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md). Unsigned it is only text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from attestations.digest import canonical_json
from attestations.errors import InputError
from attestations.predicates import PREDICATES
from attestations.records import Name, decode, plain
from attestations.strict import read_json
from attestations.strict.document import Document

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
STATEMENT_TYPE_V01 = "https://in-toto.io/Statement/v0.1"
MAX_SUBJECTS = 1024

_HEX_LENGTH = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128, "gitCommit": 40}
_HexText = Annotated[str, Meta(min_length=1, max_length=128)]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement is about (in-toto ResourceDescriptor; members we do not use are legal there)."""

    name: Name
    digest: dict[str, _HexText]


class _Statement(msgspec.Struct, frozen=True, kw_only=True):
    type: Name = msgspec.field(name="_type")
    subject: Annotated[tuple[Subject, ...], Meta(min_length=1, max_length=MAX_SUBJECTS)]
    predicate_type: Name = msgspec.field(name="predicateType")
    predicate: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A claim about subjects, of a type that we know, with its predicate read by that type's schema."""

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Any = field(repr=False)
    """a record of the type that goes with `predicate_type`"""
    document: Document = field(repr=False)
    """the payload as it was signed"""


def read_statement(payload: bytes, name: str, kinds: Mapping[str, type] = PREDICATES) -> Statement:
    """Return the statement in `payload`, of one of the `kinds`.

    Raises InputError: PARSE-*, SCHEMA, TYPE-PREDICATE (unknown or unsupported type), SUBJ-DIGEST.
    """
    document = read_json(payload, name)
    _check_type(document)
    outer = decode(document, _Statement)
    for index, subject in enumerate(outer.subject):
        _check_digests(document, subject, index)
    kind = kinds.get(outer.predicate_type)
    if kind is None:
        raise InputError(
            "TYPE-PREDICATE",
            found=f"predicate type {outer.predicate_type!a}",
            wanted="a statement type that this gate knows, byte for byte",
            fix="see docs/statements for the list",
            where=document.where(("predicateType",)),
        )
    return Statement(
        subjects=outer.subject,
        predicate_type=outer.predicate_type,
        predicate=decode(document, kind, ("predicate",)),
        document=document,
    )


def write_statement(subjects: Sequence[Subject], predicate_type: str, predicate: object) -> bytes:
    """Return an in-toto Statement v1 as canonical JSON."""
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": plain(subjects),
            "predicateType": predicate_type,
            "predicate": plain(predicate),
        }
    )


def _check_type(document: Document) -> None:
    """Links and layouts share the statement's payload type: the `_type` tells them apart."""
    kind = document.value.get("_type") if isinstance(document.value, dict) else None
    if kind not in (STATEMENT_TYPE, STATEMENT_TYPE_V01):
        raise InputError(
            "TYPE-PAYLOAD",
            found=f"a payload of _type {kind!a:.80}",
            wanted=f"an in-toto statement ({STATEMENT_TYPE})",
            fix="offer the statement itself, signed once",
            where=document.where(("_type",)),
        )


def _check_digests(document: Document, subject: Subject, index: int) -> None:
    for algorithm, value in subject.digest.items():
        length = _HEX_LENGTH.get(algorithm)
        well_formed = length is None or (len(value) == length and set(value) <= set("0123456789abcdef"))
        if not well_formed:
            raise _digest_error(document, index, f"a {algorithm} digest of {len(value)} characters: {value!a:.80}")
    if not subject.digest:
        raise _digest_error(document, index, "a subject without a digest")


def _digest_error(document: Document, index: int, found: str) -> InputError:
    return InputError(
        "SUBJ-DIGEST",
        found=found,
        wanted="a lower-case hexadecimal digest in the full length of its algorithm",
        fix="name the subject with:  sha256sum FILE",
        where=document.where(("subject", index, "digest")),
    )
