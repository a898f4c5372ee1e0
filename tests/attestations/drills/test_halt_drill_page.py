"""docs/halt-drill.md says what is drilled, and its NSD configuration is the one that is drilled."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from attestations.drills import configuration
from attestations.drills.faults import FAULTS

PAGE = (Path(__file__).parents[3] / "docs" / "halt-drill.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)


def block(beginning):
    return next(text for text in BLOCKS if text.startswith(beginning))


def test_every_fault_is_explained():
    rows = re.findall(r"^\| `(\S+)` \|", PAGE, re.MULTILINE)
    assert rows == ["--fault", *FAULTS]


def test_the_settings_that_decide_are_those_of_the_laboratory():
    settings = re.compile(
        r"^ *(zonefiles-write|enable|verify-zones|verifier-feed-zone|ip-address): (\S+)", re.MULTILINE
    )
    shown = set(settings.findall(block("server:")))
    assert shown == set(settings.findall(configuration.GUARD)) - {("ip-address", "127.0.0.1@{port}")}


@pytest.mark.needs("nsd-checkconf")
def test_nsd_understands_the_configuration(tmp_path):
    text = block("server:").replace("HIDDEN-PRIMARY KEY", "192.0.2.1 NOKEY").replace("SECONDARY KEY", "192.0.2.2 NOKEY")
    (tmp_path / "nsd.conf").write_text(text + '    zonefile: "example"\n')
    check = subprocess.run(["nsd-checkconf", tmp_path / "nsd.conf"], capture_output=True, check=False, text=True)
    assert (check.returncode, check.stderr) == (0, "")


def test_the_wrapper_lies_where_the_page_says(tmp_path):
    call = re.search(r'install -m 755 "\$\(python3 (-c .*)\)" /usr', PAGE)[1]
    found = subprocess.run(
        ["sh", "-c", f"{sys.executable} {call}"], capture_output=True, check=True, text=True, cwd=tmp_path
    )
    assert Path(found.stdout.strip()).read_bytes().startswith(b"#!/bin/sh\n")
