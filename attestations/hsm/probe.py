"""The probe: asks every HSM of the environment for every published key, with a fresh challenge each time.

Who is asked comes from the environment, never from the answers: an HSM without a key would be invisible
otherwise (R01, R05). Each physical unit is asked by its serial number; one handle on several hides a split.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from attestations.hsm.documents import Unit
from attestations.hsm.published import PublishedKey
from attestations.hsm.selection import Selected
from attestations.hsm.token import Held, Token, TokenError, Tokens
from attestations.possession import RANDOM_BYTES, challenge
from attestations.predicates.hsm_key_coverage import Dnskey, Hsm, Possession


@dataclass(frozen=True, kw_only=True)
class Silent:
    """An HSM of the environment that could not be asked."""

    serial: str
    site: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Observations:
    """What was seen, in the shape of the statement. Verdicts are made from it, not stored in it."""

    hsms: tuple[Hsm, ...]
    keys: tuple[Dnskey, ...]
    possession: tuple[Possession, ...]
    silent: tuple[Silent, ...]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is the same for every HSM."""

    zone: str
    nonce: str | None
    selected: tuple[Selected, ...]
    random: Callable[[int], bytes]


def probe(units: Sequence[Unit], tokens: Tokens, question: Question) -> Observations:
    """Return what every HSM of `units` holds and signs for every selected key."""
    hsms: list[Hsm] = []
    possession: list[Possession] = []
    silent: list[Silent] = []
    for unit in units:
        try:
            hsm, answers = _ask(unit, tokens, question)
        except TokenError as error:
            silent.append(Silent(serial=unit.serial, site=unit.site, reason=str(error)))
        else:
            hsms.append(hsm)
            possession.extend(answers)
    return Observations(
        hsms=tuple(hsms),
        keys=tuple(observed_key(selected.key) for selected in question.selected),
        possession=tuple(possession),
        silent=tuple(silent),
    )


def _ask(unit: Unit, tokens: Tokens, question: Question) -> tuple[Hsm, tuple[Possession, ...]]:
    return tokens.ask(unit.serial, lambda token: (identified(unit, token), tuple(answers(unit, token, question))))


def identified(unit: Unit, token: Token) -> Hsm:
    """Return which HSM this is: what it says of itself, and the site that the environment knows."""
    identity = token.identity
    return Hsm(
        serial=identity.serial,
        site=unit.site,
        model=identity.model,
        firmware=identity.firmware,
        slot=identity.slot,
    )


def answers(unit: Unit, token: Token, question: Question) -> Iterator[Possession]:
    """Yield what the token holds, and signs, for each selected key; raise TokenError where it does not answer."""
    for index, selected in enumerate(question.selected):
        held = token.holds(selected.selector)
        data = challenge(question.zone, unit.serial, question.nonce, question.random(RANDOM_BYTES))
        single = held.private_keys == 1
        signature = token.sign(selected.selector, selected.key.algorithm, data) if single else None
        yield Possession(
            serial=unit.serial,
            key=index,
            private_keys=held.private_keys,
            public_key=_base64(_shown(held, selected)),
            challenge=data.hex(),
            signature=_base64(signature),
            local=held.local,
            never_extractable=held.never_extractable,
        )


def _shown(held: Held, selected: Selected) -> bytes | None:
    """Return the public key object; of several, one that is not the published key, because that is the fault."""
    others = [key for key in held.public_keys if key != selected.key.public_key]
    return next(iter([*others, *held.public_keys]), None)


def observed_key(key: PublishedKey) -> Dnskey:
    """Return a published key in the shape of the statement."""
    return Dnskey(
        flags=key.flags,
        protocol=key.protocol,
        algorithm=key.algorithm,
        public_key=base64.b64encode(key.public_key).decode("ascii"),
        declared_tag=key.tag,
    )


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")
