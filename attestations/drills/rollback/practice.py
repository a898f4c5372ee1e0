"""The zone of the drill before it is signed, and what resolvers are asked about it."""

from attestations.drills.probing import now
from attestations.records import ZoneName
from attestations.servers.asking import Question, questions_about

_SIGNED = 10
"""every tenth delegation has a DS"""
_QUESTIONS = 20
"""of each kind that has many"""


def zone_text(zone: ZoneName, delegations: int) -> str:
    """Return a zone like a TLD in small, as a master file; its serial number is of today."""
    host = _below("ns1", zone)
    lines = [
        f"{zone} 3600 SOA {host} {_below('hostmaster', zone)} {now():%Y%m%d}01 7200 3600 1209600 3600",
        f"{zone} 3600 NS {host}",
        f"{host} 3600 A 192.0.2.1",
    ]
    signed, unsigned = _children(delegations)
    for label in (*signed, *unsigned):
        lines.append(f"{_below(label, zone)} 3600 NS {_below(f'ns.{label}', zone)}")
        lines.append(f"{_below(f'ns.{label}', zone)} 3600 A 198.51.100.1")
    lines += (f"{_below(label, zone)} 3600 DS 1 13 2 {'AB' * 32}" for label in signed)
    return "\n".join(lines) + "\n"


def questions(zone: ZoneName, delegations: int) -> tuple[Question, ...]:
    """Return what a resolver is asked: the apex, delegations with and without DS, names that do not exist."""
    signed, unsigned = _children(delegations)
    return questions_about(
        zone,
        signed=[_below(label, zone) for label in signed[:_QUESTIONS]],
        unsigned=[_below(label, zone) for label in unsigned[:_QUESTIONS]],
        absent=[_below(f"absent-{number}", zone) for number in range(_QUESTIONS)],
    )


def _children(delegations: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels of the delegations with a DS, and of those without."""
    labels = [f"d{number}" for number in range(delegations)]
    return tuple(labels[::_SIGNED]), tuple(label for index, label in enumerate(labels) if index % _SIGNED)


def _below(label: str, zone: ZoneName) -> str:
    return f"{label}.{'' if zone == '.' else zone}"
