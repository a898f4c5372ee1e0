"""Step by step comes to the verdict of a full pass, and to its sums, whatever happens to the zone."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from steps import Followed, later

from attestations.errors import InputError
from attestations.times import Instant
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone

DAY = 86400
NOW = Instant.of(datetime.now(UTC).replace(microsecond=0))
KSK, KSK_2, ZSK, ZSK_2 = (new_key(flags) for flags in (KSK_FLAGS, KSK_FLAGS, ZSK_FLAGS, ZSK_FLAGS))
SILENT_2 = replace(ZSK_2, signs=False)
KEYS = (
    (KSK, ZSK),
    (KSK, ZSK, SILENT_2),
    (KSK, replace(ZSK, signs=False), ZSK_2),
    (KSK, ZSK_2),
    (KSK, ZSK, ZSK_2),
    (KSK, KSK_2, ZSK),
)
DENIALS = ("nsec", Nsec3(), Nsec3(opt_out=True), Nsec3(iterations=2, salt=b"\xaa"))
POOL = (
    "x1 IN NS ns.x1\nns.x1 IN A 192.0.2.7\n",
    "x2 IN NS ns.elsewhere.example.\n",
    "x2 IN DS 7 13 2 " + "AB" * 32 + "\n",
    "x3.deep.er IN NS ns.elsewhere.example.\n",
    "a.b.c IN TXT one\n",
    "z.b.c IN A 192.0.2.8\n",
    "b.c IN A 192.0.2.9\n",
    "c IN NS ns.elsewhere.example.\n",
    "e IN DNAME elsewhere.example.\n",
    "e IN NS ns.elsewhere.example.\n",
    "y.e IN A 192.0.2.10\n",
    "z.y.e IN NS ns.elsewhere.example.\n",
    "*.e IN NS ns.elsewhere.example.\n",
    "d0 IN TXT occluded\n",
    "h.d0 IN AAAA 2001:db8::7\n",
    "UPPER.Case IN MX 10 Mail.UPPER.Case\n",
    r"odd\.label\001 IN TXT two" + "\n",
    "nic 7200 IN TXT three\n",
    "@ IN TXT apex\n",
)


def without_line(text, pick):
    lines = text.splitlines(keepends=True)
    at = 1 + pick % (len(lines) - 1)
    return b"".join(lines[:at] + lines[at + 1 :])


def with_other_signature(text, pick):
    signatures = list(re.finditer(rb" RRSIG .* ([A-Za-z0-9+/]{20})", text))
    at = signatures[pick % len(signatures)].start(1)
    return text[:at] + (b"B" if text[at : at + 1] != b"B" else b"C") + text[at + 1 :]


def with_other_ttl(text, pick):
    lines = text.splitlines(keepends=True)
    at = 1 + pick % (len(lines) - 1)
    lines[at] = lines[at].replace(b" 3600 ", b" 60 ", 1)
    return b"".join(lines)


def with_line_of_another(text, pick):
    """Give a record of one owner to another."""
    lines = text.splitlines(keepends=True)
    one, two = lines[1 + pick % (len(lines) - 1)], lines[1 + pick // 7 % (len(lines) - 1)]
    added = one.split(b" ", 1)[0] + b" " + two.split(b" ", 1)[1]
    return text if added in lines or b" SOA " in added else b"".join([*lines, added])


DAMAGES = (without_line, with_other_signature, with_other_ttl, with_line_of_another)
VERSION = st.fixed_dictionaries(
    {
        "delegations": st.integers(0, 5),
        "further": st.sets(st.integers(0, len(POOL) - 1), max_size=5),
        "keys": st.sampled_from([0, 0, 0, 0, *range(1, len(KEYS))]),
        "damage": st.none() | st.tuples(st.sampled_from(DAMAGES), st.integers(0, 10_000)),
        "days": st.sampled_from([0, 0, 0, 1, 13, 15]),
        "signed": st.sampled_from([0, 1]),
    }
)


def text_of(version, serial, denial, at):
    zone = practice_zone(
        KEYS[version["keys"]],
        later(at, -DAY * 5 * version["signed"]),
        serial=serial,
        delegations=version["delegations"],
        denial=denial,
        further="".join(POOL[number] for number in sorted(version["further"])),
    )
    if version["damage"]:
        damage, pick = version["damage"]
        return damage(zone.text, pick)
    return zone.text


@given(st.sampled_from(DENIALS), st.lists(VERSION, min_size=2, max_size=5))
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes 0.2 s: shrinking one, minutes
    suppress_health_check=[HealthCheck.too_slow],
)
def test_steps_come_to_the_verdict_and_the_sums_of_full_passes(denial, versions):
    with TemporaryDirectory() as folder:
        ds = practice_zone(KEYS[5], NOW, denial=denial).ds.splitlines(keepends=True)[0]
        followed = Followed(path=Path(folder) / "state", ds=ds, at=NOW)
        at, has_state = NOW, False
        for serial, version in enumerate(versions, 1):
            at = later(at, DAY * version["days"])
            text = text_of(version, serial, denial, at)
            full = followed.judged(text, at)
            if has_state:
                has_state = compared(followed, text, serial, at, full)
            if not has_state and full.verdict == "valid":
                followed.at = at
                followed.begin(text, serial)
                has_state = True


def compared(followed, text, serial, at, full):
    """Hold a step against the full pass; return whether the state goes on."""
    try:
        report = followed.step(text, serial, at)
    except InputError as error:
        if error.code != "DNS-STATE":
            raise
        note(f"{serial}: {error.found}")
        return False
    note(f"{serial}: {report.verdict}, {dict(report.findings.totals)}; in full {dict(full.findings.totals)}")
    assert report.verdict == full.verdict
    if full.verdict == "valid":
        for name in ("counts", "by_type", "by_key", "by_tag", "min_remaining_seconds", "max_ttl", "denial"):
            assert getattr(report, name) == getattr(full, name), name
        assert report.findings.totals == full.findings.totals
        assert report.coverage.population == full.coverage.population
    return True
