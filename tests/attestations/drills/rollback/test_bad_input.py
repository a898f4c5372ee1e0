"""A rollback drill tells why it cannot be run, leaves nothing behind, and shows no PIN."""

import json
import os
import shlex
import subprocess
import sys

import pytest
from world.registry import World

from attestations.drills.rollback.world import server_versions
from attestations.errors import InputError

pytestmark = pytest.mark.needs("knotd", "keymgr", "nsd", "unbound", "softhsm2-util", "setpriv")
PORT_TAKEN = """
import socket, sys
from attestations.cli import main
from attestations.drills.rollback import world
ports = world.free_ports("signer", "secondary", "break-glass")
taken = socket.socket(type=socket.SOCK_DGRAM)
taken.bind(("127.0.0.1", ports["secondary"]))
world.free_ports = lambda *_: ports
main()
"""


@pytest.fixture
def refused(call, hsms, tmp_path):
    """Run a drill that cannot be run; return the error that it tells."""

    def told(*options, world=None, before=(), settings=None):
        words = call(world or hsms.world, tmp_path / "rollback.json", "--way=old-key", *hsms.options, *options)
        command = [*before, *words[3:]] if before else words
        environment = os.environ | (hsms.settings if settings is None else settings)
        run = subprocess.run(command, capture_output=True, check=False, text=True, env=environment)
        assert (run.returncode, (tmp_path / "rollback.json").exists()) == (2, False), run.stderr
        assert (hsms.folder / "pin").read_text() not in run.stdout + run.stderr
        return json.loads(run.stdout)["errors"][0]

    return told


def test_a_port_that_is_taken_is_told_in_the_words_of_the_server(refused, processes_about, tmp_path):
    folder = tmp_path / "laboratory"
    error = refused("--folder", folder, before=(sys.executable, "-c", PORT_TAKEN))
    assert error["code"] == "LABORATORY"
    assert "secondary ended" in error["found"]
    assert "Address already in use" in error["found"]
    assert processes_about(folder) == []


def test_a_folder_in_use_is_not_touched(refused, tmp_path):
    folder = tmp_path / "laboratory"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    error = refused("--folder", folder)
    assert (error["code"], error["found"]) == ("LABORATORY", f"{folder}, which is in use")
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_a_folder_whose_name_a_configuration_could_misread_is_refused(refused, tmp_path):
    assert refused("--folder", tmp_path / 'a "name')["code"] == "LABORATORY"


def test_a_disk_that_takes_no_more_is_told(refused, processes_about, tmp_path):
    folder = tmp_path / "laboratory"
    program = "import sys; from attestations.cli import main; main()"
    limited = ("sh", "-c", f'ulimit -f 4; exec {shlex.quote(sys.executable)} -c "{program}" "$@"', "limited")
    error = refused("--folder", folder, before=limited)
    assert (error["code"], error["found"]) == ("LABORATORY", f"{folder}/old-key/unsigned: File too large")
    assert processes_about(folder) == []


def test_hsms_that_are_not_those_of_the_environment_are_told(refused):
    error = refused(world=World())
    assert error["code"] == "LABORATORY"
    assert error["found"].endswith("with none of the 3 HSMs of the environment")


def test_a_module_that_cannot_be_loaded_is_told(refused):
    error = refused("--module=/nowhere/module.so")
    assert (error["code"], error["found"].partition(":")[0]) == ("LABORATORY", "'/nowhere/module.so'")


def test_a_pin_that_is_refused_is_not_repeated(refused, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("4711-0815\n")
    wrong.chmod(0o600)
    error = refused("--pin-file", wrong)
    assert (error["code"], error["found"].partition(": ")[2]) == ("LABORATORY", "PinIncorrect")
    assert "4711" not in json.dumps(error)


def test_a_pin_file_that_others_can_read_is_refused(refused, tmp_path):
    (tmp_path / "open").write_text("1234")
    (tmp_path / "open").chmod(0o644)
    assert refused("--pin-file", tmp_path / "open")["code"] == "HSM-PIN"


def test_a_key_that_the_hsms_do_not_hold_is_told(refused):
    error = refused("--zsk=c9")
    assert error["code"] == "LABORATORY"
    assert "c9" in error["found"]


@pytest.mark.parametrize("option", ["--zsk=xyz", "--way=hope", "--old-key-stays=long", "--zone=EXAMPLE"])
def test_an_option_that_is_malformed_is_refused(refused, option):
    assert refused(option)["code"] == "USAGE"


def test_a_zone_of_another_environment_is_refused(refused):
    error = refused("--zone=another.")
    assert (error["code"], error["found"]) == ("ENVIRONMENT", "zone another.")


def test_an_hsm_that_is_away_proves_nothing_and_the_rest_is_drilled(drill, hsms):
    world = hsms.world.with_document("environment", lambda said: said["spec"]["hsms"][0].update(serial="ff" * 8))
    ended = drill(hsms, "--way=old-key", world=world)
    assert ended.code == 10
    assert [one["missingIn"] for one in ended.document["keys"]] == [["ff" * 8]] * 2
    assert ended.way("old-key")["verdict"] == "restored"


def test_servers_that_are_not_installed_are_told(monkeypatch):
    monkeypatch.setattr("attestations.tool._FOLDERS", ())
    with pytest.raises(InputError) as refusal:
        server_versions()
    assert "knotd is not installed" in refusal.value.found
