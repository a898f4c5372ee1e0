"""`gatekeeper demo`: the incident of 5 May 2026, in small, with the real commands."""

import time
from importlib.util import find_spec
from pathlib import Path

import click

from attestations.errors import InputError
from gatekeeper.cli.arguments import clock
from gatekeeper.demo.runner import Runner
from gatekeeper.demo.story import Story

VALIDATORS = {"bind": "dnssec-verify", "ldns": "ldns-verify-zone"}
SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/sbin"))
SOFTHSM_MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("gatekeeper-demo"),
    show_default=True,
    help="Where the demo leaves everything it made; must not exist yet.",
)
def command(folder: Path) -> None:
    """Replay the incident of 5 May 2026: refused; the repaired release: approved; a tampered one: refused at the host.

    Needs no network and no system packages; uses SoftHSM2, BIND's and ldns' validators where they are installed.
    """
    if folder.exists():
        raise InputError(
            "USAGE",
            found=f"{folder} exists",
            wanted="a folder that does not exist yet",
            fix=f"remove it:  rm -r {folder}   or give another:  --folder NAME",
        )
    folder.mkdir(parents=True)
    started = time.monotonic()
    module = SOFTHSM_MODULE if _softhsm_is_usable() else None
    variables = {"SOFTHSM2_CONF": str(folder.resolve() / "lab/softhsm/softhsm2.conf")} if module else {}
    engines = ("native", *(name for name, tool in VALIDATORS.items() if _installed(tool)))
    with Runner(folder=folder.resolve(), say=click.echo, variables=variables) as runner:
        Story(runner=runner, now=clock, engines=engines, module=str(module) if module else None).tell()
    click.echo(f"Done in {time.monotonic() - started:.0f} s. To change a byte and run a command again:")
    click.echo(f"  {runner.invitation()}")
    click.echo("  gatekeeper explain HSM-KEY-IDENTITY")


def _installed(tool: str) -> bool:
    return any((folder / tool).is_file() for folder in SYSTEM_FOLDERS)


def _softhsm_is_usable() -> bool:
    return SOFTHSM_MODULE.is_file() and _installed("softhsm2-util") and find_spec("pkcs11") is not None
