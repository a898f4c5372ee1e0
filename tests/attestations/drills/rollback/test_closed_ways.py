"""A way back that is closed is a finding: the statement says so, and the real gate refuses it."""

import os
import subprocess
import sys

import pytest

from gatekeeper.finding import Outcome

pytestmark = pytest.mark.needs("knotd", "keymgr", "nsd", "unbound", "softhsm2-util", "setpriv")
NO_STEP = """
from attestations.drills.rollback import drill, ways
ways.BIG_STEP, drill.PATIENCE_SECONDS = 0, 3.0
"""
NO_SIGNATURE = """
from attestations.drills.rollback import ways
from attestations.hsm.token import TokenError
def refused(*_): raise TokenError("no HSM signs")
ways.raised = refused
"""
BAD_ARCHIVE = """
from attestations.drills.rollback import ways
renewed = ways.raised
ways.raised = lambda archived, *how: renewed(archived.replace(b" 192.0.2.1", b" 192.0.2.2"), *how)
"""


@pytest.fixture
def closed(call, ended, hsms, tmp_path):
    """Run a drill of the archived zone with a fault in its way."""

    def ran(fault):
        out = tmp_path / "rollback.json"
        words = call(hsms.world, out, "--way=archived-zone", *hsms.options)
        program = f"{fault}\nfrom attestations.cli import main\nmain()\n"
        command = [sys.executable, "-c", program, *words[3:]]
        run = subprocess.run(command, capture_output=True, check=False, text=True, env=os.environ | hsms.settings)
        return ended(hsms.world, run, out)

    return ran


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (NO_STEP, "no valid version was served everywhere"),
        (NO_SIGNATURE, "no HSM signs"),
        (BAD_ARCHIVE, "an archived version that does not validate"),
    ],
    ids=["the serial number of the bad version", "no signature", "an archive that was changed"],
)
def test_the_bad_version_stays_and_everybody_is_told(closed, fault, said):
    ended = closed(fault)
    (way,) = ended.predicate.ways
    assert (ended.code, ended.document["verdict"]) == (10, "invalid")
    assert ended.way("archived-zone")["verdict"] == "not restored"
    assert said in ended.document["faults"][0]
    assert (way.restored_on, way.serial_to) == (None, way.serial_from)
    assert not any(probe.validates for probe in way.probes)
    assert (ended.predicate.validated_after, ended.validated.validator.verdict) == (False, "invalid")
    assert ended.judged().outcome is Outcome.UNMET
