"""D4 Effective-time manipulation through the environment of the process."""

import os
import subprocess
import sys
import time

import pytest

from attestations.times import Instant

READ = "from gatekeeper.cli.arguments import clock; print(clock())"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles", "XXX+99", "nonsense", ""])
def test_the_clock_is_the_same_under_every_time_zone(zone):
    variables = {**os.environ, "TZ": zone, "FAKETIME": "-30d"}
    done = subprocess.run([sys.executable, "-c", READ], env=variables, capture_output=True, text=True, check=True)
    assert abs(Instant.parse(done.stdout.strip()).timestamp() - time.time()) < 60
