"""in-toto layouts with links (in-toto specification v1.0): who was to do what, and who says to have done it.

A layout is signed by the owner of a project, each link by a functionary that the layout names. A functionary may hand
in a layout of their own instead of a link. All of them travel in one file. The package `in_toto` reads them and applies
their artifact rules; signatures, thresholds, expiry and what a layout may hold at all are ours.
"""

from attestations.layout.chain import TYPE, Chain, Delegation, looks_like_chain, read_chain, write_chain
from attestations.layout.part import StepDone
from attestations.layout.verification import Verified, verify_chain

__all__ = [
    "TYPE",
    "Chain",
    "Delegation",
    "StepDone",
    "Verified",
    "looks_like_chain",
    "read_chain",
    "verify_chain",
    "write_chain",
]
