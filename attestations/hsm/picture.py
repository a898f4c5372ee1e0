"""The probe's result as text: which HSM is joined to which published key. Lines and words, never colour alone."""

from collections.abc import Iterator, Sequence

from attestations.dnskey import NAMES
from attestations.hsm.selection import Selected
from attestations.hsm.software import MODEL
from attestations.hsm.verdict import Answer, Row

_SOLID, _DASHED = "────", "╌╌╌╌"
_WIDTH = 18
"""of the answer between the lines"""


def picture(zone: str, selected: Sequence[Selected], table: Sequence[Row]) -> str:
    """Return the picture of the whole zone: one block for each published key."""
    blocks = [_block(entry, [row for row in table if row.key == index]) for index, entry in enumerate(selected)]
    return "\n\n".join((f"KEYS of {zone}  intended: each published key in every HSM", *blocks, *_stand_ins(table)))


def _stand_ins(table: Sequence[Row]) -> Iterator[str]:
    serials = sorted({_shown(row.serial) for row in table if row.model == MODEL})
    if serials:
        yield f"No HSM, but software that stands in for one: {', '.join(serials)}"


def _block(selected: Selected, table: Sequence[Row]) -> str:
    key = selected.key
    title = f"{key.role.upper()}  {NAMES[key.algorithm]}  looked up by {_lookup(selected)}"
    target = f"published DNSKEY  tag {key.tag:>5}  SHA-256 {_short(key.fingerprint)}"
    return "\n".join((title, *_lines(table, target), f"  {_summary(table)}", *_reasons(table)))


def _lines(table: Sequence[Row], target: str) -> Iterator[str]:
    serials = max((len(_shown(row.serial)) for row in table), default=0)
    sites = max((len(_shown(row.site)) for row in table), default=0)
    for index, row in enumerate(table):
        hsm = f"HSM {_shown(row.serial):<{serials}}  site {_shown(row.site):<{sites}}"
        yield f"  {hsm}  {_held(row)}  {_line(row)}{_joint(index, len(table))}{_arrow(index, len(table), target)}"


def _held(row: Row) -> str:
    if row.fingerprint is None:
        return f"{'' if row.answer is Answer.NOT_ASKED else 'shows no public key':<31}"
    return f"tag {row.tag:>5}  SHA-256 {_short(row.fingerprint):<12}"


def _line(row: Row) -> str:
    same = row.answer is Answer.SAME_KEY
    stroke, mark = (_SOLID, "✓") if same else (_DASHED, "✗" if row.answer is not Answer.NOT_ASKED else "?")
    text = f" {mark} {row.answer.value} "
    return stroke + text + stroke[0] * (_WIDTH + 4 - len(text))


def _joint(index: int, count: int) -> str:
    if count == 1:
        return "─"
    if index == (count - 1) // 2:
        return "┬" if index == 0 else "┼"
    return "┐" if index == 0 else "┘" if index == count - 1 else "┤"


def _arrow(index: int, count: int, target: str) -> str:
    return f"── {target}" if index == (count - 1) // 2 else ""


def _summary(table: Sequence[Row]) -> str:
    same = sum(row.answer is Answer.SAME_KEY for row in table)
    text = f"{same} of {len(table)} HSMs proved to hold this key and no second one"
    wrong = sum(row.answer in (Answer.OTHER_KEY, Answer.SEVERAL_KEYS) for row in table)
    share = f"\n  up to {round(100 * wrong / len(table))} % of its signatures would be bogus if the HSMs sign in turn"
    return text + (share if wrong else "")


def _reasons(table: Sequence[Row]) -> Iterator[str]:
    for row in table:
        if row.note:
            yield f"  HSM {_shown(row.serial)}: {_shown(row.note, 240)}"
        if row.answer is Answer.SEVERAL_KEYS:
            yield f"  HSM {_shown(row.serial)}: {row.private_keys} private keys are found where one was asked for"
        if row.answer is Answer.OTHER_PUBLIC_KEY:
            yield f"  HSM {_shown(row.serial)}: signs with the published key, but shows the public key of another"


def _lookup(selected: Selected) -> str:
    selector = selected.selector
    match selector.by:
        case "id":
            return f"CKA_ID {selector.value.hex()}"
        case "label":
            return f"label {_shown(selector.value.decode())}"
        case _:
            return "its public key"


def _short(fingerprint: str) -> str:
    return f"{fingerprint[:8]}…{fingerprint[-2:]}"


def _shown(text: str, limit: int = 40) -> str:
    """Return text from outside without anything that a terminal could obey."""
    return ascii(text)[1:-1][:limit]
