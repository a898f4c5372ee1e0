"""What a statement says of who signed a zone, as a picture."""

from importlib.resources import files

import msgspec

from attestations.predicates.zone_validation import SigningKey, TagUse, ZoneValidation
from attestations.records import decode
from attestations.signing_picture import picture, signed_by_statement
from attestations.strict import read_json

EXAMPLE = files("attestations").joinpath("predicates", "examples", "zone-validation.json").read_bytes()


def said(**changes):
    statement = decode(read_json(EXAMPLE, "example"), ZoneValidation)
    return msgspec.structs.replace(statement, **{"signing_keys": (), **changes})


USE = TagUse(tag=33834, algorithm=13, published=1, verified=22, not_verified=43)


def key(real_tag, *, published, signatures):
    return SigningKey(
        tag=33834,
        algorithm=13,
        real_tag=real_tag,
        fingerprint=f"{real_tag:064x}",
        published=published,
        signatures=signatures,
    )


def test_keys_that_nobody_published_have_bars_and_the_rest_is_unknown():
    keys = (key(33834, published=True, signatures=22), key(4711, published=False, signatures=21))
    drawn = picture(signed_by_statement(said(by_tag=(USE,), signing_keys=keys)))
    assert "NOT PUBLISHED" in drawn
    assert "22 (33.8 %)" in drawn
    assert "21 (32.3 %)" in drawn
    assert drawn.count("NO KEY KNOWN") == 2  # said, and described


def test_without_forensics_what_nobody_published_is_one_bar():
    drawn = picture(signed_by_statement(said(by_tag=(USE,))))
    assert "VERIFIED BY NO PUBLISHED KEY" in drawn
    assert "43 (" in drawn


def test_where_every_signature_is_attributed_nothing_is_unknown():
    keys = (key(33834, published=True, signatures=22), key(4711, published=False, signatures=43))
    assert signed_by_statement(said(by_tag=(USE,), signing_keys=keys)).unattributed == {}
