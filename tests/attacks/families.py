"""Every family, in the order of the threat model."""

from attacks import a1, a2, a3, a4, a5, a6, a7, a8, a9
from attacks.model import Family

FAMILIES: tuple[Family, ...] = (
    a1.FAMILY,
    a2.FAMILY,
    a3.FAMILY,
    a4.FAMILY,
    a5.FAMILY,
    a6.FAMILY,
    a7.FAMILY,
    a8.FAMILY,
    a9.FAMILY,
)
