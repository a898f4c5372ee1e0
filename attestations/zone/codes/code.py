"""What a finding code is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Code:
    """What one finding code says."""

    severity: str
    """`error`, `warning` or `note`; where it depends, on what"""
    meaning: str
    todo: str
    open: bool = False
    """it leaves the verdict inconclusive unless an error is found"""
    no_vote: bool = False
    """the engine could not judge: inconclusive whatever else was found"""


BESIDE = "error; warning beside a good signature"
