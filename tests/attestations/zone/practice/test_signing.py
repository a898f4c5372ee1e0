"""Practice zones are signed as a second implementation wants it, with every algorithm and both kinds of denial."""

import pytest

from attestations import dnskey
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone

FURTHER = r"""
UPPER IN MX 10 Mail.UPPER
hinfo IN HINFO "A" "b"
srv IN SRV 1 2 3 Target.Example.
naptr IN NAPTR 1 2 "u" "s" "r" Repl.
*.wild IN A 192.0.2.5
strange\.label\032x IN A 192.0.2.6
many IN A 192.0.2.250
many IN A 192.0.2.9
private IN TYPE65280 \# 3 0A0b0C
"""


@pytest.mark.parametrize("algorithm", dnskey.NAMES)
def test_dnspython_validates_what_we_sign_with_every_algorithm(failures, now, algorithm):
    keys = [new_key(KSK_FLAGS, algorithm), new_key(ZSK_FLAGS, algorithm)]
    practice = practice_zone(keys, now, delegations=3, further=FURTHER)
    wrong, signatures = failures(practice.text, practice.name, now)
    assert not wrong
    assert signatures > 20


@pytest.mark.parametrize(
    "denial", ["nsec", Nsec3(iterations=3, salt=b"ab"), Nsec3(opt_out=True)], ids=["nsec", "nsec3", "opt-out"]
)
def test_dnspython_validates_every_kind_of_denial(failures, ksk, zsk, now, denial):
    practice = practice_zone([ksk, zsk], now, denial=denial, further=FURTHER)
    assert failures(practice.text, practice.name, now)[0] == []


def test_a_hook_that_breaks_one_signature_breaks_no_other(failures, ksk, zsk, now):
    hooks = Hooks(finish=lambda i, _rrset, rrsig: (changed(rrsig, signature=bytes(64)) if i == 5 else rrsig,))
    practice = practice_zone([ksk, zsk], now, hooks=hooks)
    wrong, signatures = failures(practice.text, practice.name, now)
    assert len(wrong) == 1 < signatures


def test_a_zone_is_the_same_for_the_same_keys_and_time(ksk, zsk, now):
    assert practice_zone([ksk, zsk], now) == practice_zone([ksk, zsk], now)
