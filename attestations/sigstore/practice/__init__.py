"""A complete Sigstore instance in one process, for tests and demonstrations. Its keys protect nothing.

Certificate authority with Fulcio extensions and SCTs, transparency log in both styles, timestamp authority, trusted
root. No network, no clock, a few milliseconds. With a seed, the same calls give the same bytes.
"""

from attestations.sigstore.practice.encoding import new_key
from attestations.sigstore.practice.instance import (
    GITHUB,
    MINUTE,
    NOW,
    WORKFLOW,
    Form,
    PrivateSigstore,
    name_of,
)

__all__ = ["GITHUB", "MINUTE", "NOW", "WORKFLOW", "Form", "PrivateSigstore", "name_of", "new_key"]
