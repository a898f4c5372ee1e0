"""However a zone is cut, and however its owners are ordered, the report is the same."""

from functools import partial
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.signing import Hooks, changed, practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation import survey
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.whole import validate

FURTHER = (
    "sub.d1 IN A 192.0.2.9\ndeep.below.empty IN TXT x\nc IN DNAME nic\n*.wild IN A 192.0.2.8\nUPPER IN MX 1 a\n"
    "a.c IN A 192.0.2.7\nb.c IN TXT x\nb.b.c IN NS ns1\nc.c IN DNAME nic\nf IN DNAME nic\nf IN NS ns1\n"
    "x.f IN A 192.0.2.6\n*.star IN NS ns1\n"
)


def broken(index, _rrset, rrsig):
    if index % 7 == 3:
        return (changed(rrsig, signature=rrsig.signature[::-1]),)
    return () if index % 11 == 5 else (rrsig,)


@pytest.fixture(scope="module")
def zones(ksk, zsk, now):
    """Return good and bad zones of each kind of denial."""
    return [
        practice_zone([ksk, zsk], now, delegations=9, denial=denial, further=FURTHER, hooks=hooks)
        for denial in ("nsec", Nsec3(), Nsec3(opt_out=True))
        for hooks in (Hooks(), Hooks(finish=broken))
    ] + [practice_zone([ksk, zsk], now, denial=Nsec3(opt_out=True), further=FURTHER + "@ IN DNAME elsewhere.\n")]


def facts(practice, now, text, size=256 * 1024, margin=survey.MARGIN):
    anchors = read_anchors(practice.ds, "ds", practice.name, "DS")
    with pytest.MonkeyPatch.context() as patched, zone_from_bytes(text, "practice", practice.name) as zone:
        patched.setattr(survey, "pieces", partial(survey.pieces, size=size))
        patched.setattr(survey, "MARGIN", margin)
        patched.setattr(survey, "WIDE_MARGIN", 2 * margin)
        report = validate(zone, anchors, now)
    findings = sorted(map(repr, report.findings.kept))
    return (
        report.verdict,
        report.counts,
        report.coverage,
        report.by_type,
        report.by_key,
        report.by_tag,
        report.denial,
        report.min_remaining_seconds,
        report.max_ttl,
        findings,
    )


@settings(max_examples=40, deadline=None)
@given(which=st.integers(0, 5), size=st.integers(1, 6000), margin=st.integers(0, 3000))
def test_any_cut_gives_the_same_report(zones, now, which, size, margin):
    practice = zones[which]
    assert facts(practice, now, practice.text, size, margin) == facts(practice, now, practice.text)


@settings(max_examples=40, deadline=None)
@given(which=st.integers(0, 5), random=st.randoms(), far=st.booleans(), size=st.integers(500, 6000))
def test_any_order_gives_the_same_report(zones, now, which, random, far, size):
    practice = zones[which]
    lines = practice.text.splitlines(keepends=True)
    if far:  # also the lines of one owner apart from each other
        random.shuffle(lines)
    else:  # as signers with several threads write
        owners = [list(group) for _, group in groupby(lines, key=lambda line: line.split()[0])]
        for _ in range(random.randrange(7)):
            at = random.randrange(len(owners) - 3)
            owners[at], owners[at + 2] = owners[at + 2], owners[at]
        lines = [line for owner in owners for line in owner]
    assert facts(practice, now, b"".join(lines), size, 1000) == facts(practice, now, practice.text)


BARE = [f"n{number:02}" for number in range(1, 61)]
"""delegations that have NS records alone, one of them with glue: in a zone with opt-out nothing else hides it"""


@pytest.mark.parametrize("below", ["n01", "n30", "n60"])
@pytest.mark.parametrize("what", ["its NS record", "its glue", "both"])
@pytest.mark.parametrize("to", ["after all", "before all", "among others"])
def test_glue_far_from_a_bare_delegation_is_glue_all_the_same(ksk, zsk, now, below, what, to):
    further = "".join(f"{name} IN NS ns.{below}\n" for name in BARE) + f"ns.{below} IN A 192.0.2.53\n"
    practice = practice_zone([ksk, zsk], now, delegations=1, denial=Nsec3(opt_out=True), further=further)
    owners = {"its NS record": [below], "its glue": [f"ns.{below}"], "both": [below, f"ns.{below}"]}[what]
    lines = practice.text.splitlines(keepends=True)
    moved = [line for line in lines if line.split()[0] in [f"{owner}.test.".encode() for owner in owners]]
    others = [line for line in lines if line not in moved]
    end = max(number for number, line in enumerate(others) if line.startswith(b"n")) + 1
    first = min(number for number, line in enumerate(others) if line.startswith(b"n0"))
    at = {"after all": end, "before all": first, "among others": (first + end) // 2}[to]
    found = facts(practice, now, b"".join((*others[:at], *moved, *others[at:])), 600, 100)
    assert found == facts(practice, now, practice.text)
    assert found[0] == "valid"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b" ", b"\t  "),
        lambda text: b"; made by a signer\n\n" + text.replace(b"\n", b"\n; next\n"),
        lambda text: b"".join(line[: line.index(b" ")].upper() + line[line.index(b" ") :] for line in lines_of(text)),
        lambda text: text.replace(b"nic.test. 3600", rb"n\105c.test. 3600"),
        lambda text: text.replace(b" IN A ", b" IN TYPE1 ") if b"TYPE1" in text else text,
        lambda text: text[:-1],
        lambda text: text + text,
        lambda text: b"\n".join(split_base64(line) for line in text.split(b"\n")),
    ],
    ids=[
        "white space",
        "comments",
        "upper case",
        "escapes",
        "types",
        "no newline at the end",
        "twice",
        "base64 in parts",
    ],
)
def test_the_spelling_of_a_zone_changes_nothing(zones, now, change):
    for practice in zones:
        assert facts(practice, now, change(practice.text), 3000) == facts(practice, now, practice.text)


def lines_of(text):
    return text.splitlines(keepends=True)


def split_base64(line):
    return line[:-9] + b" " + line[-9:] if b" IN RRSIG " in line else line


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"nic.test. 3600 IN A 192.0.2.256", "illegal IP address"),
        (b"ns.d1.test. 3600 IN A 198.51.100.", "illegal IP address"),
        (b"d1.test. 3600 IN NS a..b.", "empty label"),
        (b"d1.test. 3600 IN DS 1 13 2 0G", "Non-hexadecimal"),
        (b"nic.test. 4294967296 IN A 192.0.2.1", "not a number of 32 bits"),
        (b"nic.test. 3600 IN RRSIG A 13 2 3600 20261301000000 20260101000000 1 test. AA==", "not a time"),
        (b"nic.test. 3600 IN NOTYPE x", "not a type"),
        (b"a" * 64 + b".test. 3600 IN A 192.0.2.1", "label of more than 63"),
        (b"a..test. 3600 IN A 192.0.2.1", "empty label"),
        (b"outside. 3600 IN A 192.0.2.1.1", "illegal IP address"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_with_its_line(zones, now, line, found):
    text = zones[2].text
    beside = text.find(b"\n" + line.split()[0] + b" ")
    middle = (beside if beside >= 0 else text.index(b"\nns.d3.test. ")) + 1
    with pytest.raises(InputError, match=found) as refused:
        facts(zones[2], now, text[:middle] + line + b"\n" + text[middle:], 2000)
    assert refused.value.code == "DNS-ZONEFILE"
    assert refused.value.where.line == text[:middle].count(b"\n") + 1


@pytest.mark.parametrize("line", [b"nic 60 IN A 192.0.2.256", b"nic IN (\n  60 DS 1 13 2 0G )"])
def test_in_a_file_of_several_lines_a_record_it_is_the_line_of_that_file(zones, now, line):
    begin, name, after = zones[2].text.partition(b"\nns.d3.test. ")
    text = b"$ORIGIN test.\n; a comment (\n" + begin + b"\n" + line + name + after
    with pytest.raises(InputError, match="DNS-ZONEFILE") as refused:
        facts(zones[2], now, text)
    assert refused.value.where.line == begin.count(b"\n") + 4


def test_a_file_that_changes_meanwhile_is_refused(zones, now, monkeypatch):
    practice = zones[2]
    judge_piece = survey.judge_piece

    def growing(terms, piece, *given):
        import os

        os.pwrite(piece.source.descriptor, b"\n", piece.source.size)
        return judge_piece(terms, piece, *given)

    monkeypatch.setattr(survey, "judge_piece", growing)
    with pytest.raises(InputError, match="since its digest was taken"):
        facts(practice, now, practice.text)
