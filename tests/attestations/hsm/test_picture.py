"""attestations.hsm.picture: solid and dashed lines with words, and nothing that a terminal obeys."""

import pytest

from attestations.hsm.picture import picture
from attestations.hsm.published import PublishedKey
from attestations.hsm.selection import Selected
from attestations.hsm.token import Selector
from attestations.hsm.verdict import Answer, Row, Verdict, verdict_of

KEY = PublishedKey(flags=256, protocol=3, algorithm=15, public_key=bytes(32))
SELECTED = (Selected(key=KEY, selector=Selector(by="label", value=b"zsk")),)


def row(serial: str, answer: Answer, note: str = "", model: str = "X") -> Row:
    return Row(
        serial=serial,
        site="fra",
        model=model,
        key=0,
        answer=answer,
        private_keys=2,
        fingerprint=KEY.fingerprint,
        tag=KEY.tag,
        note=note,
    )


def test_the_picture_of_the_incident() -> None:
    table = [row("A1", Answer.SAME_KEY), row("B7", Answer.OTHER_KEY), row("C2", Answer.OTHER_KEY)]
    key = f"tag {KEY.tag:>5}  SHA-256 {KEY.fingerprint[:8]}…{KEY.fingerprint[-2:]}"
    assert picture("example.", SELECTED, table) == "\n".join(
        (
            "KEYS of example.  intended: each published key in every HSM",
            "",
            "ZSK  ED25519  looked up by label zsk",
            f"  HSM A1  site fra  {key}   ──── ✓ same key ──────────┐",
            f"  HSM B7  site fra  {key}   ╌╌╌╌ ✗ other key ╌╌╌╌╌╌╌╌╌┼── published DNSKEY  {key}",
            f"  HSM C2  site fra  {key}   ╌╌╌╌ ✗ other key ╌╌╌╌╌╌╌╌╌┘",
            "  1 of 3 HSMs proved to hold this key and no second one",
            "  up to 67 % of its signatures would be bogus if the HSMs sign in turn",
        )
    )


@pytest.mark.parametrize("answer", [answer for answer in Answer if answer is not Answer.SAME_KEY])
def test_every_answer_but_same_key_is_dashed_and_in_words(answer: Answer) -> None:
    line = next(text for text in picture("example.", SELECTED, [row("A1", answer)]).splitlines() if "HSM A1  " in text)
    assert "╌╌╌╌ " in line
    assert answer.value in line
    assert "✓" not in line


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_the_published_key_stands_once_beside_the_lines(count: int) -> None:
    text = picture("example.", SELECTED, [row(f"H{number}", Answer.SAME_KEY) for number in range(count)])
    assert text.count("published DNSKEY") == 1
    assert text.count("✓ same key") == count


def test_software_is_called_software() -> None:
    assert "No HSM" in picture("example.", SELECTED, [row("A1", Answer.SAME_KEY, model="software stand-in")])
    assert "No HSM" not in picture("example.", SELECTED, [row("A1", Answer.SAME_KEY)])


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\r::set-output", "\u202e", "\n ✓ same key"])
def test_hostile_text_stays_inert(hostile: str) -> None:
    table = [row(f"A1{hostile}", Answer.NOT_ASKED, note=hostile)]
    text = picture("example.", SELECTED, table)
    assert hostile not in text
    assert "✓" not in text


ALL = (Answer.SAME_KEY, Answer.NOT_ASKED)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ((), Verdict.INCONCLUSIVE),
        ((Answer.SAME_KEY,), Verdict.VALID),
        ((Answer.NOT_ASKED,), Verdict.INCONCLUSIVE),
        ((Answer.SAME_KEY, Answer.NOT_ASKED), Verdict.INCONCLUSIVE),
        *(((Answer.SAME_KEY, Answer.NOT_ASKED, answer), Verdict.INVALID) for answer in Answer if answer not in ALL),
    ],
)
def test_the_verdict_is_valid_only_where_every_answer_is_the_same_key(
    answers: tuple[Answer, ...], verdict: Verdict
) -> None:
    assert verdict_of(tuple(row("A1", answer) for answer in answers)) is verdict
