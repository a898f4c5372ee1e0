"""Takes a practice HSM away from everybody, and brings it back.

    python -m attestations.laboratory.hsm_switch away|back LABORATORY SERIAL

A SoftHSM token is a folder, and SoftHSM shows no token whose folder is elsewhere when the module is loaded.
"""

from pathlib import Path

import click

from attestations.laboratory.places import SOFTHSM_FOLDER, SOFTWARE_FOLDER
from attestations.laboratory.software_hsm import SoftwareHsm

AWAY = "away"


@click.command()
@click.argument("way", type=click.Choice(["away", "back"]))
@click.argument("laboratory", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("serial")
def command(*, way: str, laboratory: Path, serial: str) -> None:
    """Take the HSM with this serial number away, or bring it back."""
    softhsm = laboratory / SOFTHSM_FOLDER
    if softhsm.is_dir():
        _move_token(softhsm, way, serial)
        return
    hsm = SoftwareHsm(serial=serial, folder=laboratory / SOFTWARE_FOLDER / serial, slot=0)
    turn = {"away": hsm.disconnect, "back": hsm.reconnect}[way]
    try:
        turn()
    except FileNotFoundError:
        raise click.ClickException(f"no HSM with the serial {serial!a} that could go {way}") from None


def _move_token(softhsm: Path, way: str, serial: str) -> None:
    here, there = softhsm / "tokens", softhsm / AWAY
    source, target = (here, there) if way == "away" else (there, here)
    found = [folder for folder in source.glob("*") if folder.name.replace("-", "").endswith(serial)]
    if len(found) != 1:
        raise click.ClickException(f"{len(found)} tokens with the serial {serial!a} in {source}")
    target.mkdir(exist_ok=True)
    found[0].rename(target / found[0].name)


if __name__ == "__main__":
    command()
