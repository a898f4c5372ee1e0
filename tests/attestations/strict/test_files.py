"""read_file opens regular files only, once, and reads no further than its bound."""

import os
import pathlib
import socket
import subprocess
import sys

import pytest

from attestations.errors import InputError, Location
from attestations.strict import read_file


def refusal(path: pathlib.Path, max_bytes: int = 100) -> InputError:
    with pytest.raises(InputError) as caught:
        read_file(path, max_bytes)
    assert caught.value.where == Location(file=str(path))
    assert caught.value.fix
    return caught.value


def test_a_regular_file_is_read_whole(tmp_path):
    (tmp_path / "file").write_bytes(b"a\x00\xff")
    assert read_file(tmp_path / "file", 100) == b"a\x00\xff"


@pytest.mark.parametrize(("size", "accepted"), [(0, True), (100, True), (101, False)])
def test_the_size_limit_holds_at_its_boundary(tmp_path, size, accepted):
    (tmp_path / "file").write_bytes(b"a" * size)
    if accepted:
        assert len(read_file(tmp_path / "file", 100)) == size
    else:
        assert refusal(tmp_path / "file").code == "LIMIT"


def test_a_file_whose_size_is_not_announced_is_bounded_while_it_is_read():
    path = pathlib.Path("/proc/self/environ")
    assert path.stat().st_size == 0
    assert refusal(path, 1).code == "LIMIT"


def test_a_link_is_refused_and_its_target_is_not(tmp_path):
    (tmp_path / "file").write_bytes(b"a")
    (tmp_path / "link").symlink_to("file")
    assert refusal(tmp_path / "link").code == "PATH"
    assert read_file(tmp_path / "file", 100) == b"a"


def test_a_dangling_link_is_refused_as_a_link(tmp_path):
    (tmp_path / "link").symlink_to("nothing")
    assert refusal(tmp_path / "link").found == "a symbolic link"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "PATH"


def test_a_directory_a_device_and_a_socket_are_refused(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        codes = {refusal(path).code for path in (tmp_path, pathlib.Path("/dev/zero"), tmp_path / "socket")}
    assert codes == {"PATH"}


@pytest.mark.parametrize("name", ["a\x00b", "a" * 4096, "\ud800"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    assert refusal(tmp_path / name).code == "PATH"


def test_a_missing_file_is_named_with_a_command_that_helps(tmp_path):
    error = refusal(tmp_path / "request.yaml")
    assert (error.code, error.found) == ("FILE", "no such file")
    assert error.fix == f"check the name:  ls {tmp_path}"


def test_a_file_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert refusal(tmp_path / "file" / "below").code == "FILE"


READ_AS_NOBODY = """
import os, pathlib, sys
from attestations.errors import InputError
from attestations.strict import read_file
os.setresuid(65534, 65534, 65534)
try:
    read_file(pathlib.Path(sys.argv[1]), 100)
except InputError as error:
    print(error.code, error.found)
"""


def test_a_file_without_permission_is_said_to_be_so(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"a")
    path.chmod(0)
    if os.getuid() != 0:
        assert refusal(path).found == "no permission to read it"
        return
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    run = subprocess.run([sys.executable, "-c", READ_AS_NOBODY, path], capture_output=True, check=True, text=True)
    assert run.stdout == "FILE no permission to read it\n"


def test_no_descriptor_stays_open(tmp_path):
    before = len(list(pathlib.Path("/proc/self/fd").iterdir()))
    refusal(tmp_path)
    refusal(pathlib.Path("/dev/zero"))
    assert len(list(pathlib.Path("/proc/self/fd").iterdir())) == before
