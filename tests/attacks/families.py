"""Every family, in the order of the threat model."""

from attacks import a1
from attacks.model import Family

FAMILIES: tuple[Family, ...] = (a1.FAMILY,)
