"""Which reports are asked for, and that a report file is whole, new, or not there."""

import os
from pathlib import Path

import pytest

from attestations.errors import InputError
from gatekeeper.report import FORMATS, parse_report_option, remove_older, write


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_asked_for_by_name_with_or_without_a_path(name):
    assert parse_report_option(name) == (name, None)
    assert parse_report_option(f"{name}=out/report.a=b") == (name, Path("out/report.a=b"))


@pytest.mark.parametrize("option", ["", "TEXT", "txt", "yaml=out", "text=", "text=-", " text", "text\x1b", "=x"])
def test_an_unknown_format_or_an_empty_path_is_wrong_usage(option):
    with pytest.raises(InputError) as caught:
        parse_report_option(option)
    assert caught.value.code == "USAGE"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("older", [None, "an older and longer result"])
def test_a_report_takes_the_place_of_an_older_one_and_leaves_nothing_beside_it(tmp_path, older):
    path = tmp_path / "report.txt"
    if older is not None:
        path.write_text(older, encoding="utf-8")
    write(path, "✓ new\n")
    assert path.read_bytes() == "✓ new\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_the_older_result_is_gone_even_where_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    path = tmp_path / "report.txt"
    path.write_text("approved", encoding="utf-8")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError) as caught:
        write(path, "denied")
    assert caught.value.code == "DURABLE"
    assert not path.exists()


def test_nothing_to_remove_is_fine(tmp_path):
    remove_older(tmp_path / "none" / "report.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "link", "fifo"])
def test_what_is_not_a_regular_file_is_neither_removed_nor_replaced(tmp_path, kind):
    target, path = tmp_path / "precious", tmp_path / "report.txt"
    target.write_text("precious", encoding="utf-8")
    match kind:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(target)
        case "fifo":
            os.mkfifo(path)
    before = path.lstat()
    with pytest.raises(InputError) as caught:
        write(path, "x")
    assert caught.value.code == "USAGE"
    assert path.lstat().st_ino == before.st_ino
    assert target.read_text(encoding="utf-8") == "precious"
