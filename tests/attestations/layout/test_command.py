"""`attest layout`: a layout and its links in one file."""

import json

import click
import layouts as l
import pytest

from attestations.cli import main_group
from attestations.errors import InputError


@pytest.fixture
def files(tmp_path):
    """A layout and its links, each in a file of its own, as in-toto writes them."""
    value = json.loads(l.chain(form=l.in_metablock))
    parts = {"root.layout": value["layout"]} | {f"{n}.link": link for n, link in enumerate(value["links"])}
    for name, part in parts.items():
        (tmp_path / name).write_text(json.dumps(part, indent=1))
    return tmp_path


def run(*arguments):
    return main_group.main(["layout", *map(str, arguments)], prog_name="attest", standalone_mode=False)


def links_in(folder):
    return [f"--link={folder / f'{number}.link'}" for number in range(3)]


def test_it_writes_what_was_given_and_says_that_nothing_was_verified(files, capsys):
    out = files / "layout.json"
    run(f"--layout={files / 'root.layout'}", *links_in(files), f"--out={out}")
    assert out.read_bytes() == l.chain(form=l.in_metablock)
    assert capsys.readouterr().out == f"{out}: a layout of 2 steps with 3 links; not verified\n"
    run(f"--layout={files / 'root.layout'}", *links_in(files), f"--out={out}", "--output=json")
    assert json.loads(capsys.readouterr().out)["links"] == ["build", "build", "package"]


def test_it_takes_no_link_for_a_layout_and_needs_links(files):
    with pytest.raises(InputError):
        run(f"--layout={files / '0.link'}", *links_in(files), f"--out={files / 'layout.json'}")
    with pytest.raises(click.UsageError):
        run(f"--layout={files / 'root.layout'}", f"--out={files / 'layout.json'}")
    assert not (files / "layout.json").exists()
