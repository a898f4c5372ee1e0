"""Incremental validation: what changed between two serials is judged, for what it costs to judge that.

The state belongs to the gate and never comes from a signer. It is a shortcut for the steps between full passes; an
approval needs a full pass.
"""

from attestations.zone.incremental.applying import apply
from attestations.zone.incremental.building import build

__all__ = ["apply", "build"]
