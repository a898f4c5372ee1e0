"""Digests against published values; canonical JSON against RFC 8785."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.digest import canonical_digest, canonical_json, sha256

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


def test_sha256_is_the_one_of_fips_180():
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_canonical_json_is_the_example_of_rfc_8785_section_3_2_2():
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_members_are_sorted_by_utf_16_code_units():
    """RFC 8785, 3.2.3: a surrogate pair (U+1F600) comes before U+FB33, which plain sorting would reverse."""
    assert list(json.loads(canonical_json({"\ufb33": 1, "\U0001f600": 2, "a": 3}))) == ["a", "\U0001f600", "\ufb33"]


@settings(max_examples=100)
@given(JSON_VALUES)
def test_canonical_json_keeps_the_value_and_is_its_own_canonical_form(value):
    raw = canonical_json(value)
    assert json.loads(raw) == value
    assert canonical_json(json.loads(raw)) == raw


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), min_size=2))
def test_the_digest_does_not_depend_on_the_order_of_members(value):
    turned = dict(reversed(value.items()))
    assert canonical_digest(turned) == canonical_digest(value) == sha256(canonical_json(value))


@pytest.mark.parametrize(
    ("value", "other"), [({"a": 1}, {"a": 2}), ([1, 2], [2, 1]), ("1", 1), (None, False), ({}, [])]
)
def test_different_values_have_different_digests(value, other):
    assert canonical_digest(value) != canonical_digest(other)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, "\ud800", {1: 2}, b"a", {1, 2}], ids=repr)
def test_what_has_no_canonical_form_is_an_error(value):
    with pytest.raises(ValueError, match=r"."):
        canonical_json(value)
