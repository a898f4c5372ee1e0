"""Which key of the tokens belongs to which published key, as `--keys` says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from attestations.errors import InputError
from attestations.hsm.published import PublishedKey
from attestations.hsm.token import Selector

GRAMMAR = "[zsk=|ksk=|FINGERPRINT=]id:HEX, label:NAME or dnskey"

_SELECTION = re.compile(r"(?:(zsk|ksk|[0-9a-f]{8,64})=)?(dnskey|id:(?:[0-9A-Fa-f]{2}){1,32}|label:.{1,256})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """A published key, and how to find its private half in a token."""

    key: PublishedKey
    selector: Selector


def select(texts: Sequence[str], keys: Sequence[PublishedKey]) -> tuple[Selected, ...]:
    """Return one selector for each of the published `keys`.

    Raises InputError (HSM-KEYS) where a selection is malformed or finds no key, an id or label would stand for
    several keys, or a key has not exactly one selection: a key that nobody asks for is a key that nobody proves.
    """
    parsed = [(text, *_parse(text)) for text in texts]
    for text, key_filter, where in parsed:
        _check_reach(text, where, [key for key in keys if _matches(key_filter, key)])
    return tuple(_selected(key, [where for _, only, where in parsed if _matches(only, key)]) for key in keys)


def _parse(text: str) -> tuple[str, str]:
    match = _SELECTION.fullmatch(text)
    if match is None:
        raise _refused(f"the selection {text!a:.120}", GRAMMAR, "for example  --keys zsk=id:A1 --keys ksk=id:B2")
    return match[1] or "", match[2]


def _matches(key_filter: str, key: PublishedKey) -> bool:
    return key_filter in ("", key.role) or (len(key_filter) >= 8 and key.fingerprint.startswith(key_filter))


def _check_reach(text: str, where: str, keys: Sequence[PublishedKey]) -> None:
    if not keys:
        raise _refused(
            f"{text!a}, which no published key fits", "selections that find a key", "compare with the DNSKEYs"
        )
    if where != "dnskey" and len(keys) > 1:
        names = ", ".join(key.fingerprint[:8] for key in keys)
        wanted = "a selection by id or label that stands for one published key"
        raise _refused(f"{text!a}, which stands for {len(keys)} keys", wanted, f"name each by its fingerprint: {names}")


def _selected(key: PublishedKey, found: Sequence[str]) -> Selected:
    if len(found) != 1:
        name = f"{key.role} {key.fingerprint[:8]} (key tag {key.tag})"
        example = f"--keys {key.fingerprint[:8]}=id:HEX"
        raise _refused(f"{len(found)} selections for the published {name}", "one for each published key", example)
    kind, _, value = found[0].partition(":")
    match kind:
        case "id":
            return Selected(key=key, selector=Selector(by="id", value=bytes.fromhex(value)))
        case "label":
            return Selected(key=key, selector=Selector(by="label", value=value.encode()))
        case _:
            return Selected(key=key, selector=Selector(by="public-key", value=key.public_key))


def _refused(found: str, wanted: str, fix: str) -> InputError:
    return InputError("HSM-KEYS", found=found, wanted=wanted, fix=fix)
