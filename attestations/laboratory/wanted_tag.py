"""A key with a wanted key tag: one P-256 key in 65,536 has it, which shows how little a tag says."""

from cryptography.hazmat.primitives.asymmetric import ec

from attestations.dnskey import ECDSAP256SHA256, key_tag, rdata
from attestations.errors import InputError
from attestations.hsm.dnssec_form import public_form
from attestations.zone.practice.keys import ZSK_FLAGS

MAX_KEYS = 1_500_000
"""the chance to miss the tag in so many keys is one in ten thousand million"""


def key_with_tag(tag: int) -> ec.EllipticCurvePrivateKey:
    """Return a fresh P-256 key whose ZSK has this key tag; raise InputError (LABORATORY) if none is found."""
    for _ in range(MAX_KEYS):
        key = ec.generate_private_key(ec.SECP256R1())
        form = public_form(key.public_key())
        if form is not None and key_tag(rdata(ZSK_FLAGS, 3, ECDSAP256SHA256, form)) == tag:
            return key
    raise InputError(
        "LABORATORY", found=f"no key with tag {tag}", wanted="a key tag of 0 to 65535 that a key has", fix="try again"
    )
