"""The demo on a machine that has nothing but Python: the same story, with stand-ins, and it says so."""

import subprocess
import sys

from gatekeeper.cli.arguments import clock
from gatekeeper.demo.runner import Runner
from gatekeeper.demo.story import Story


def test_the_story_is_told_without_any_system_package(tmp_path):
    told: list[str] = []
    runner = Runner(folder=tmp_path, say=told.append, variables={})
    Story(runner=runner, now=clock, engines=("native",), module=None).tell()
    text = "\n".join(told)

    assert "software stands in" in text
    assert "asks for two" in text, "one validator is less than the shipped policy asks for, and that is said"
    denied, approved = text.index("✗ DENIED r-1"), text.index("✓ APPROVED r-2")
    assert denied < approved
    refusal = text[denied:approved]
    assert "another public key" in refusal, "the HSM evidence alone refuses"
    assert "SIG_WRONG_KEY" in refusal, "the zone validation alone refuses"
    assert "✓ ACCEPTED evidence/provenance.sigstore.json" in text, "keyless provenance, proven without a network"
    swapped, expired = text.index("Somebody swaps"), text.index("An approval that lived for one second")
    assert "the file that was approved" in text[swapped:expired]
    assert "expired on" in text[expired:]
    assert "the same decision: approve" in text


def test_the_demo_does_not_write_into_a_folder_that_exists(tmp_path):
    command = [sys.executable, "-m", "gatekeeper", "demo", "--folder", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert not list(tmp_path.iterdir())
