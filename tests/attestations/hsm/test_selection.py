"""attestations.hsm.selection: each published key is asked for exactly once."""

import pytest

from attestations.errors import InputError
from attestations.hsm.published import PublishedKey
from attestations.hsm.selection import select


def key(flags: int, byte: int) -> PublishedKey:
    return PublishedKey(flags=flags, protocol=3, algorithm=15, public_key=bytes((byte,)) * 32)


KSK, ZSK, NEXT_ZSK = key(257, 1), key(256, 2), key(256, 3)


def found(texts: list[str], *keys: PublishedKey) -> list[tuple[str, bytes]]:
    return [(one.selector.by, one.selector.value) for one in select(texts, keys)]


def test_each_role_has_its_selection() -> None:
    assert found(["zsk=id:A1", "ksk=label:ksk 2026"], KSK, ZSK) == [("label", b"ksk 2026"), ("id", b"\xa1")]


def test_one_key_needs_no_role() -> None:
    assert found(["id:0a1B"], ZSK) == [("id", b"\x0a\x1b")]


def test_every_key_can_be_looked_up_by_its_public_key() -> None:
    assert found(["dnskey"], KSK, ZSK, NEXT_ZSK) == [("public-key", one.public_key) for one in (KSK, ZSK, NEXT_ZSK)]


def test_keys_of_one_role_are_told_apart_by_fingerprint() -> None:
    texts = [f"{ZSK.fingerprint[:8]}=id:A1", f"{NEXT_ZSK.fingerprint}=id:A2"]
    assert found(texts, ZSK, NEXT_ZSK) == [("id", b"\xa1"), ("id", b"\xa2")]


@pytest.mark.parametrize(
    ("texts", "because"),
    [
        (["zsk=id:A1"], "0 selections"),
        (["zsk=id:A1", "ksk=id:B2", "zsk=label:x"], "2 selections"),
        (["dnskey", "ksk=id:B2"], "2 selections"),
        (["id:A1"], "stands for 2 keys"),
        (["zsk=id:A1", "ksk=id:B2", "00000000=id:C3"], "no published key fits"),
        (["zsk=id:A"], "selection"),
        (["zsk=id:"], "selection"),
        (["zsk=id:A1 "], "selection"),
        (["tag33834=id:A1"], "selection"),
        (["33834=id:A1"], "selection"),
        (["zsk=label:"], "selection"),
        ([""], "selection"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_selection_that_is_not_exactly_one_for_each_key_is_refused(texts: list[str], because: str) -> None:
    with pytest.raises(InputError, match=because) as refused:
        select(texts, (KSK, ZSK))
    assert refused.value.code == "HSM-KEYS"


def test_two_published_keys_of_one_role_do_not_share_an_id() -> None:
    with pytest.raises(InputError, match="stands for 2 keys"):
        select(["zsk=id:A1"], (ZSK, NEXT_ZSK))
