"""NSEC3 parameters: hashes as RFC 5155 and dnspython compute them, and which chains are looked at."""

import dns.dnssec
import dns.name
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.zone.reading.names import wire_name
from attestations.zone.validation.denial.parameters import (
    MAX_CHAINS,
    MAX_ITERATIONS,
    Parameters,
    announced,
    checked,
    hash_in,
    hashed_owner,
    parameters_in,
)

RFC_5155 = Parameters(algorithm=1, iterations=12, salt=bytes.fromhex("aabbccdd"))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (b"example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
        (b"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
        (b"X.Y.W.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"),
    ],
)
def test_hashes_are_those_of_rfc_5155_appendix_a(name, label):
    hashed = RFC_5155.hash(wire_name(name))
    assert hashed_owner(hashed, "example.") == f"{label}.example."
    assert hash_in(label.encode()) == hash_in(label.upper().encode()) == hashed


@settings(max_examples=50)
@given(
    labels=st.lists(st.binary(min_size=1, max_size=20), max_size=5),
    iterations=st.integers(0, 5),
    salt=st.binary(max_size=9),
)
def test_hashes_are_those_of_dnspython(labels, iterations, salt):
    name = dns.name.Name([*labels, b""])
    theirs = dns.dnssec.nsec3_hash(name, salt or None, iterations, 1)
    ours = Parameters(algorithm=1, iterations=iterations, salt=salt).hash(name.to_digestable())
    assert hashed_owner(ours, ".") == f"{theirs.lower()}."


@pytest.mark.parametrize(
    "label", [b"0" * 31, b"0" * 33, b"w" * 32, b"0" * 26 + b"======", b"+" + b"0" * 31, b"_" * 32, b"\xff" * 32, b""]
)
def test_what_is_no_hash_is_none(label):
    assert hash_in(label) is None


def test_nsec3param_and_nsec3_begin_alike():
    assert parameters_in(bytes.fromhex("0100000c04aabbccdd")) == RFC_5155
    assert parameters_in(bytes.fromhex("0101000c04aabbccdd14") + bytes(20)) == RFC_5155


def test_records_with_flags_announce_only_where_there_is_no_other():
    plain, flagged = bytes.fromhex("0100000000"), bytes.fromhex("0101000001ff")
    assert announced([plain, flagged]) == (parameters_in(plain),)
    assert announced([flagged]) == (parameters_in(flagged),)
    assert announced([]) == ()


@pytest.mark.parametrize(
    ("algorithm", "iterations", "is_hashed"),
    [(1, MAX_ITERATIONS, True), (1, MAX_ITERATIONS + 1, False), (2, 0, False)],
)
def test_only_sha1_with_few_iterations_is_hashed(algorithm, iterations, is_hashed):
    chain = Parameters(algorithm=algorithm, iterations=iterations, salt=b"")
    assert checked([chain]) == ((chain,) if is_hashed else ())


@pytest.mark.parametrize("count", [MAX_CHAINS, MAX_CHAINS + 1])
def test_no_chain_is_hashed_where_too_many_are_announced(count):
    chains = [Parameters(algorithm=1, iterations=0, salt=bytes([number])) for number in range(count)]
    assert len(checked(chains)) == (count if count == MAX_CHAINS else 0)
