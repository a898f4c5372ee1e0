"""Key forensics: from the signatures alone, how many private keys signed, and which of them nobody published."""

from attestations.zone.forensics.attribution import KnownKey, signers_of
from attestations.zone.forensics.rsa import Search
from attestations.zone.forensics.signing_keys import Forensics, Unattributed
from attestations.zone.forensics.wording import sentences

__all__ = ["Forensics", "KnownKey", "Search", "Unattributed", "sentences", "signers_of"]
