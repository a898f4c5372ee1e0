"""Whom we believe, for what: parties and people, each known by key material and by nothing else."""

from gatekeeper.trust.document import TrustDocument
from gatekeeper.trust.reading import load_trust, read_trust, read_trust_files
from gatekeeper.trust.root import Party, Person, TrustRoot

__all__ = ["Party", "Person", "TrustDocument", "TrustRoot", "load_trust", "read_trust", "read_trust_files"]
