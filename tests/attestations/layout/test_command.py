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


@pytest.fixture
def divided(tmp_path):
    """A layout whose packager handed in a layout, as in-toto keeps them: STEP.KEYID8.link and its folder."""
    value = json.loads(l.chain(links=(*l.LINKS[:2], l.sublayout(form=l.in_metablock)), form=l.in_metablock))
    below = value["links"][2]
    folder = tmp_path / "package.abcdef01"
    folder.mkdir()
    parts = {tmp_path / "root.layout": value["layout"], tmp_path / "package.abcdef01.link": below["layout"]}
    parts |= {tmp_path / f"{n}.link": link for n, link in enumerate(value["links"][:2])}
    parts |= {folder / f"{n}.link": link for n, link in enumerate(below["links"])}
    for path, part in parts.items():
        path.write_text(json.dumps(part))
    return tmp_path


def run_divided(folder, *names):
    links = [f"--link={folder / name}" for name in ("0.link", "1.link", *names)]
    run(f"--layout={folder / 'root.layout'}", *links, f"--out={folder / 'layout.json'}", "--output=json")


def test_a_sublayout_brings_its_folder_with_it(divided, capsys):
    run_divided(divided, "package.abcdef01.link")
    told = json.loads(capsys.readouterr().out)
    assert (told["links"], told["sublayouts"]) == (["build", "build"], ["package"])
    written = json.loads((divided / "layout.json").read_bytes())["links"][2]
    assert (written["step"], len(written["links"])) == ("package", 2)


def test_a_sublayout_under_a_name_that_tells_no_step_is_refused(divided):
    (divided / "package.abcdef01.link").rename(divided / "package.link")
    with pytest.raises(InputError) as caught:
        run_divided(divided, "package.link")
    assert "STEP.KEYID8.link" in caught.value.wanted


def test_folders_that_lead_into_each_other_come_to_an_end(divided):
    inner = divided / "package.abcdef01"
    for path in inner.iterdir():
        path.unlink()
    (inner / "package.abcdef01.link").write_bytes((divided / "package.abcdef01.link").read_bytes())
    (inner / "package.abcdef01").symlink_to(inner, target_is_directory=True)
    with pytest.raises(InputError) as caught:
        run_divided(divided, "package.abcdef01.link")
    assert (caught.value.code, caught.value.found) == ("SCHEMA", "a sublayout 4 deep with 1 links")


def test_links_of_a_sublayout_are_counted_before_they_are_read(divided):
    for number in range(127):
        (divided / "package.abcdef01" / f"x{number}.link").write_text("no link")
    with pytest.raises(InputError) as caught:
        run_divided(divided, "package.abcdef01.link")
    assert (caught.value.code, caught.value.found) == ("SCHEMA", "a sublayout 1 deep with 129 links")
    (divided / "package.abcdef01" / "x0.link").unlink()
    with pytest.raises(InputError) as caught:
        run_divided(divided, "package.abcdef01.link")
    assert caught.value.code == "PARSE-JSON"
