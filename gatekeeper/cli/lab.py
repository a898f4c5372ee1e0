"""`gatekeeper lab`: the incident of 5 May 2026 with real HSM tokens, signer, name servers and resolvers."""

import signal
import time
from pathlib import Path

import click

from attestations.errors import InputError
from gatekeeper.cli.arguments import clock
from gatekeeper.demo.runner import Runner
from gatekeeper.lab.programs import insist_on_programs
from gatekeeper.lab.story import Story
from gatekeeper.lab.summary import lines

TIME_LIMIT = 600.0
"""seconds for one command of the laboratory, on a machine that is busy"""


@click.command("lab")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("gatekeeper-lab"),
    show_default=True,
    help="Where the laboratory leaves everything it made; must not exist yet.",
)
def command(folder: Path) -> None:
    """Replay 5 May 2026 with SoftHSM2, Knot, NSD and Unbound: refused at three points; the repaired release: approved.

    Needs no network and no root. Programs that are missing are named, with their packages, before anything is started.
    """
    insist_on_programs()
    if folder.exists():
        raise InputError(
            "USAGE",
            found=f"{folder} exists",
            wanted="a folder that does not exist yet",
            fix=f"remove it:  rm -r {folder}   or give another:  --folder NAME",
        )
    folder.mkdir(parents=True)
    started = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what runs is stopped before we end
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    variables = {"SOFTHSM2_CONF": str(folder.resolve() / "lab/softhsm/softhsm2.conf")}
    with Runner(folder=folder.resolve(), say=click.echo, variables=variables, time_limit=TIME_LIMIT) as runner:
        told = Story(runner=runner, now=clock).tell()
    for line in lines(told):
        click.echo(line)
    click.echo(f"\nDone in {time.monotonic() - started:.0f} s. Everything lies in {folder}. To run a command again:")
    click.echo(f"  {runner.invitation()}")
