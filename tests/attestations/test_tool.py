"""Running another program: it is found where distributions install, gets nothing of ours, and is stopped in time."""

import time
from pathlib import Path

import pytest

from attestations.tool import MAX_OUTPUT, ToolError, find_tool, path_of, run_tool, version_of


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Return a function that installs a program with some content."""
    monkeypatch.setattr("attestations.tool._FOLDERS", (tmp_path,))

    def install(content, mode=0o755):
        (tmp_path / "tool").write_text(content)
        (tmp_path / "tool").chmod(mode)

    return install


def test_tools_are_not_searched_on_the_path(monkeypatch, tmp_path):
    (tmp_path / "dnssec-verify-of-my-own").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "dnssec-verify-of-my-own").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="not installed"):
        find_tool("dnssec-verify-of-my-own")


def test_a_tool_that_hangs_is_stopped(tmp_path):
    started = time.perf_counter()
    with pytest.raises(ToolError, match="did not finish"):
        run_tool("sleep", ["60"], tmp_path, 0.2)
    assert time.perf_counter() - started < 5


def test_a_tool_that_closes_its_output_and_hangs_is_stopped(tmp_path):
    started = time.perf_counter()
    with pytest.raises(ToolError, match="did not finish"):
        run_tool("sh", ["-c", "exec sleep 60 >&- 2>&-"], tmp_path, 0.5)
    assert time.perf_counter() - started < 5


def test_a_tool_that_leaves_somebody_behind_with_its_output_is_stopped(tmp_path):
    started = time.perf_counter()
    with pytest.raises(ToolError, match="did not finish"):
        run_tool("sh", ["-c", "sleep 3 & sleep 60"], tmp_path, 0.2)
    assert time.perf_counter() - started < 2


def test_a_tool_that_is_killed_is_no_verdict(tmp_path):
    with pytest.raises(ToolError, match="signal 9"):
        run_tool("sh", ["-c", "kill -9 $$"], tmp_path, 5)


def test_a_tool_that_ends_by_itself_has_its_exit_code(tmp_path):
    assert run_tool("sh", ["-c", "echo said; exit 35"], tmp_path, 5).exit_code == 35


@pytest.mark.parametrize("content", ["no program at all", "#!/no/such/interpreter\n"])
def test_a_tool_that_cannot_be_started_is_an_error_of_the_tool(installed, tmp_path, content):
    installed(content)
    with pytest.raises(ToolError, match="cannot be started"):
        run_tool("tool", [], tmp_path, 5)


def test_a_folder_that_is_gone_is_an_error_of_the_tool(tmp_path):
    with pytest.raises(ToolError, match="cannot be started"):
        run_tool("true", [], tmp_path / "gone", 5)


def test_a_tool_gets_nothing_of_our_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET", "x")
    assert not any("SECRET" in line for line in run_tool("env", [], tmp_path, 5).lines)


@pytest.mark.parametrize(("printed", "is_whole"), [(MAX_OUTPUT, True), (MAX_OUTPUT + 1, False)])
def test_what_a_tool_prints_is_kept_up_to_a_bound_and_what_is_left_out_is_known(tmp_path, printed, is_whole):
    ran = run_tool("head", ["-c", str(printed), "/dev/zero"], tmp_path, 30)
    assert (ran.exit_code, ran.is_whole) == (0, is_whole)


def test_a_tool_opens_the_descriptors_that_it_is_given_from_their_beginning_and_no_others(tmp_path):
    with (tmp_path / "zone").open("w+") as given, (tmp_path / "other").open("w+") as other:
        given.write("one\ntwo\n")
        given.flush()
        (tmp_path / "zone").unlink()
        assert run_tool("cat", [path_of(given.fileno())], tmp_path, 5, (given.fileno(),)).lines == ("one", "two")
        assert run_tool("cat", [path_of(other.fileno())], tmp_path, 5, (given.fileno(),)).exit_code == 1


def test_a_version_is_what_stands_in_the_first_line(installed, tmp_path):
    installed("#!/bin/sh\necho 'tool version 1.2.3 (lib 4.5)'\necho 9.9\n")
    assert version_of("tool", "-v") == "1.2.3"
    installed("#!/bin/sh\necho nothing\n")
    with pytest.raises(ToolError, match="does not print a version"):
        version_of("tool", "-v")


def test_no_descriptor_is_left_open(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    run_tool("true", [], tmp_path, 5)
    with pytest.raises(ToolError):
        run_tool("sleep", ["60"], tmp_path, 0.1)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
