"""Forensics in sentences: how many private keys are behind a tag, and whose they are."""

from collections.abc import Iterator, Sequence

from attestations.inert import visible
from attestations.predicates.zone_validation import SigningKey
from attestations.zone.forensics.signing_keys import Forensics

_NAMED = 4


def sentences(forensics: Forensics) -> Iterator[str]:
    """Yield one sentence for each tag that signatures name, fit for a terminal."""
    looked_at = "" if forensics.complete else f" (of {forensics.signatures} looked at)"
    for tag, algorithm in forensics.tags:
        keys, rest = forensics.keys_under(tag, algorithm), forensics.unattributed_under(tag, algorithm)
        counts = f"tag {tag}: {_counts(keys, rest)}{looked_at}"
        yield visible("; ".join((counts, *_private_keys(keys, rest), *_others(keys), *_unattributed(rest))))


def _counts(keys: Sequence[SigningKey], rest: int) -> str:
    verify = sum(key.signatures for key in keys if _verifies(key))
    fail = rest + sum(key.signatures for key in keys if not _verifies(key))
    return f"{verify} signature{'s verify' if verify != 1 else ' verifies'}" + (
        f", {fail} do{'es' if fail == 1 else ''} not" if fail else ""
    )


def _verifies(key: SigningKey) -> bool:
    """Return whether validators take the key's signatures: under another tag they do not find the published key."""
    return key.published and key.tag == key.real_tag


def _private_keys(keys: Sequence[SigningKey], rest: int) -> Iterator[str]:
    published = sum(key.published for key in keys)
    if keys:
        least = "at least " if rest else ""
        are = f"{published} {'is' if published == 1 else 'are'} published" if published else "none is published"
        yield f"{least}{len(keys)} private key{'s' if len(keys) > 1 else ''} signed under this tag, {are}"


def _others(keys: Sequence[SigningKey]) -> Iterator[str]:
    others = sorted(_name(key) for key in keys if not key.published)
    if others:
        shown = others if len(others) <= _NAMED else [*others[:_NAMED], f"{len(others) - _NAMED} more"]
        verb = "the other is" if len(others) == 1 else "the others are"
        yield f"{verb} {' and '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}"


def _name(key: SigningKey) -> str:
    if key.held_by:
        return "/".join(key.held_by)
    return f"a key with the real tag {key.real_tag} (SHA-256 {key.fingerprint[:16]}...)"


def _unattributed(rest: int) -> Iterator[str]:
    if rest:
        yield f"{rest} could not be attributed to a key"
