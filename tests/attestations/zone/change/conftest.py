"""Two versions of a practice zone, and what is found between them."""

from contextlib import ExitStack

import pytest

from attestations.zone.change import Clock, change_findings
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors


@pytest.fixture(scope="session")
def compared(now):
    """Compare two master files, or two practice zones with their DS; return (code, severity) of all but the numbers."""

    def compare(before, after, *, clock=None, **options):
        with ExitStack() as stack:
            zones = [stack.enter_context(_zone(one)) for one in (before, after)]
            if not isinstance(before, bytes):
                options.setdefault("previous_anchors", _anchors(before))
                options.setdefault("anchors", _anchors(after))
            findings = change_findings(*zones, clock or Clock(now=now), **options)
        return [one for one in findings if one.code != "CONTENT_COUNTED"]

    return compare


def _zone(given):
    text, name = (given, "test.") if isinstance(given, bytes) else (given.text, given.name)
    return zone_from_bytes(text, "zone", name)


def _anchors(practice):
    return read_anchors(practice.ds, "ds", practice.name, "DS") if practice.ds else ()
