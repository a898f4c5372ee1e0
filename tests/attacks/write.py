"""Write tests/cases anew: the base world, and for each attack the files that differ from it."""

import shutil

from world.registry import World

from attacks.families import FAMILIES
from attacks.model import BASE, CASES, folders


def main() -> None:
    """Replace everything below tests/cases."""
    shutil.rmtree(CASES, ignore_errors=True)
    World().write(CASES / BASE)
    for family in FAMILIES:
        for folder, files in folders(family).items():
            for name, raw in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(raw)


if __name__ == "__main__":
    main()
