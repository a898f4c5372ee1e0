"""`attest layout`: puts an in-toto layout and its links into one file, so that they are offered together."""

from collections.abc import Iterator
from pathlib import Path

import click

from attestations.command_line import output_option, show
from attestations.digest import sha256
from attestations.durable import write_durably
from attestations.layout import Chain, read_chain, write_chain
from attestations.layout.files import read_document, read_part
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256
from attestations.strict import read_json

_FILE = click.Path(path_type=Path, dir_okay=False)


class WrittenLayout(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("attest-layout")):
    """What `attest layout --output json` prints."""

    out: str
    sha256: Sha256
    steps: tuple[str, ...]
    links: tuple[str, ...]
    """the step that each link is for"""
    sublayouts: tuple[str, ...]
    """the step that each sublayout stands for, those within another one after it"""


@click.command("layout")
@click.option("--layout", type=_FILE, required=True, help="The layout, as its owner signed it.")
@click.option(
    "--link",
    "links",
    type=_FILE,
    multiple=True,
    required=True,
    help="A link; or a sublayout STEP.KEYID8.link, with its own links in the folder STEP.KEYID8. Repeatable.",
)
@click.option("--out", type=_FILE, required=True, help="Where the file with all of them is written.")
@output_option(WrittenLayout)
def command(layout: Path, links: tuple[Path, ...], out: Path, output: str) -> None:
    """Put an in-toto layout and its links into one piece of evidence. Nothing is verified.

    For example:

    attest layout --layout root.layout --link build.776a00e2.link --link package.2f89b927.link --out layout.json
    """
    raw = write_chain(read_document(layout), [read_part(link) for link in links])
    chain = read_chain(read_json(raw, str(out)))
    write_durably(out, raw)
    written = WrittenLayout(
        out=str(out),
        sha256=sha256(raw),
        steps=tuple(str(step.name) for step in chain.layout.model.steps),
        links=tuple(str(link.model.name) for link in chain.links),
        sublayouts=tuple(_delegated(chain)),
    )
    show(output, written, _line(written))


def _delegated(chain: Chain) -> Iterator[str]:
    for sublayout in chain.sublayouts:
        yield str(sublayout.step)
        yield from _delegated(sublayout)


def _line(written: WrittenLayout) -> str:
    steps, links = len(written.steps), len(written.links)
    below = f" and {len(written.sublayouts)} sublayouts" if written.sublayouts else ""
    return f"{written.out}: a layout of {steps} steps with {links} links{below}; not verified"
