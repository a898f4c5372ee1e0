"""What provenance says of a build, one module for each family of build types, and what one may ask of it."""

from attestations.provenance.build import Build
from attestations.provenance.certificate import completed, contradictions, foreign_signer
from attestations.provenance.families import build_of

__all__ = ["Build", "build_of", "completed", "contradictions", "foreign_signer"]
