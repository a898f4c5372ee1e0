"""docs/guard.md shows a configuration that is read, calls that exist, and units that systemd understands."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from gatekeeper.cli.guard import command
from gatekeeper.guard.configuration import read_configuration

PAGE = (Path(__file__).parents[3] / "docs" / "guard.md").read_text(encoding="utf-8")
CALLS = sorted(
    {call.split(" >&2")[0] for call in re.findall(r"^(?:Exec.*/)?(gatekeeper guard .*)$", PAGE, re.MULTILINE)}
)


def test_the_configuration_is_read(tmp_path):
    (tmp_path / "guard.yaml").write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    (zone,) = read_configuration(tmp_path / "guard.yaml").zones
    assert zone.name == "example."
    assert [type(server).__name__ for server in zone.servers] == ["KnotServer", "NsdServer", "BindServer"]


def test_every_call_is_shown():
    assert {line.split()[2] for line in CALLS} == set(command.commands)


@pytest.mark.parametrize("line", CALLS, ids=lambda line: line.split()[2])
def test_each_call_is_understood(line):
    name, *options = shlex.split(line)[2:]
    command.commands[name].make_context(name, options)


@pytest.mark.needs("systemd-analyze")
def test_systemd_understands_the_units(tmp_path):
    for path, text in re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", PAGE, re.DOTALL):
        file = tmp_path / path.removesuffix(".d/guard.conf")
        start = "ExecStart=/bin/true\n" if "Type=" not in text and path.endswith(".conf") else ""
        file.write_text(text.replace("/usr/local/bin/gatekeeper", "/bin/true") + start)
    units = sorted(path.name for path in tmp_path.iterdir())
    assert units == ["gatekeeper-guard.service", "gatekeeper-guard.timer", "knot.service"]
    for unit in units:
        call = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit)]
        run = subprocess.run(call, capture_output=True, check=False, text=True)
        assert str(tmp_path) not in run.stderr
