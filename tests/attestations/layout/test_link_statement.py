"""A link as an in-toto attestation says what the link says, and nothing that two readers could read differently."""

import copy
import json

import layouts as l
import pytest
from in_toto.exceptions import InvalidMetadata
from in_toto.models.metadata import Metadata
from world.keys import digest

from attestations.errors import InputError
from attestations.layout.link_statement import TYPE, link_in
from attestations.layout.signed import read_signed
from attestations.statement import STATEMENT_TYPE_V01
from attestations.strict import read_json

LINK = l.LINKS[0][0]


def read(**change):
    return link_in(json.dumps(l.as_statement(LINK) | change).encode(), "link.json")


def predicate(**change):
    return {"predicate": l.as_statement(LINK)["predicate"] | change}


def refusal(**change):
    with pytest.raises(InputError) as caught:
        read(**change)
    return caught.value.code


def test_it_is_read_as_the_link_that_it_is():
    assert read() == LINK
    assert read(_type=STATEMENT_TYPE_V01) == LINK


def test_members_that_may_be_missing_say_nothing():
    assert read(predicate={"name": "build"}) == LINK | {
        "materials": {},
        "byproducts": {},
        "command": [],
        "environment": {},
    }


def test_what_a_link_does_not_have_is_passed_over():
    """The specification obliges readers to; a member that is not read lets nothing through."""
    material = {"name": "signer.c", "digest": l.SOURCE["signer.c"], "uri": "git+https://example.org", "mediaType": "x"}
    assert read(**predicate(materials=[material], reviewed=True)) == LINK


@pytest.mark.parametrize("member", ["subject", "materials"])
def test_a_name_that_stands_for_two_files_is_refused(member):
    """A reader that keeps the last of them, or the first, would see another file than the rules were meant for."""
    one = {"name": "signer", "digest": {"sha256": digest("signer")}}
    for other in (one, {"name": "signer", "digest": {"sha256": digest("swapped")}}):
        twice = {"subject": [one, other]} if member == "subject" else predicate(materials=[one, other])
        with pytest.raises(InputError) as caught:
            read(**twice)
        raw = json.dumps(l.as_statement(LINK) | twice)
        assert (caught.value.found, caught.value.where.column) == (
            f"2 artifacts in {member} with 1 names",
            raw.index(f'"{member}": ') + len(f'"{member}": ') + 1,
        )
    once = {"subject": [one]} if member == "subject" else predicate(materials=[one])
    assert read(**once)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": []}, "SCHEMA"),
        ({"subject": [{"name": "signer", "digest": {}}]}, "SUBJ-DIGEST"),
        ({"subject": [{"name": "signer", "digest": {"sha256": "ab"}}]}, "SUBJ-DIGEST"),
        ({"subject": [{"digest": {"sha256": "ab" * 32}}]}, "SCHEMA"),
        ({"predicateType": f"{TYPE}/"}, "TYPE-PREDICATE"),
        ({"_type": "link"}, "TYPE-PAYLOAD"),
        (predicate(name=None), "SCHEMA"),
        (predicate(materials={}), "SCHEMA"),
        (predicate(materials=[{"name": "x"}]), "SCHEMA"),
        (predicate(materials=[{"name": "x", "digest": {}}]), "SCHEMA"),
        (predicate(materials=[{"name": "", "digest": {"sha256": "ab" * 32}}]), "SCHEMA"),
        (predicate(command="make signer"), "SCHEMA"),
        (predicate(byproducts=[]), "SCHEMA"),
    ],
)
def test_what_is_no_link_is_refused(change, code):
    assert refusal(**change) == code


def test_in_toto_itself_cannot_read_it():
    """A gap of in-toto 3.1.0 (in-toto issue 562): the day it is closed, ask it about these links too."""
    sealed = l.as_attestation(LINK, "builder-1")
    with pytest.raises(InvalidMetadata):
        Metadata.from_dict(copy.deepcopy(sealed)).get_payload()  # it takes its argument apart
    signed = read_signed(read_json(json.dumps(sealed).encode(), "link.json"))
    assert (signed.kind, signed.model.name) == ("link", "build")


@pytest.mark.parametrize("payload", [b"[]", b"7", b'"link"', b"null", b'{"predicateType": 7}'])
def test_a_payload_of_anything_else_is_no_part_of_a_layout(payload):
    sealed = l.in_envelope(json.loads(payload), "builder-1")
    with pytest.raises(InputError) as caught:
        read_signed(read_json(json.dumps(sealed).encode(), "link.json"))
    assert caught.value.code == "SCHEMA"


def test_its_type_is_that_of_the_specification():
    assert TYPE == "https://in-toto.io/attestation/link/v0.3"


def test_only_an_envelope_holds_one():
    """In the older form signatures are over another writing of the same link: a statement has none."""
    bare = {"signed": l.as_statement(LINK), "signatures": [{"keyid": "x", "sig": "00"}]}
    with pytest.raises(InputError) as caught:
        read_signed(read_json(json.dumps(bare).encode(), "link.json"))
    assert caught.value.code == "SCHEMA"
