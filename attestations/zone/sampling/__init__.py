"""Sampling first: a verdict on gross faults at once, while the full pass still runs; never a verdict of its own.

A sample that finds nothing states what it can exclude, and is inconclusive: one bad signature needs the full pass.
"""

from attestations.zone.sampling.sample import sample

__all__ = ["sample"]
