"""TSIG: keys in files as tsig-keygen writes them, and what a wrong or missing signature does."""

import struct
import subprocess
from datetime import UTC, datetime

import dns.message
import dns.name
import dns.rdtypes.ANY.TSIG
import dns.rrset
import dns.tsig
import pytest

from attestations.errors import InputError
from attestations.zone.reading import zone_from_transfer
from attestations.zone.reading.transfer import key_from_file
from attestations.zone.reading.transfer.tsig import MAX_UNSIGNED

SECRET = "//8+/AAA"
GOOD = f'key "a.b" {{ algorithm hmac-sha256; secret "{SECRET}"; }};'


def read(tmp_path, text):
    (tmp_path / "key").write_text(text)
    return key_from_file(tmp_path / "key")


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f'key A.B. {{\n secret "{SECRET}";\n algorithm "HMAC-SHA256.";\n}}\n',
        f"// one\n# two\n/* three\n */ {GOOD} // four",
    ],
)
def test_key_files_have_bind_s_syntax(tmp_path, text):
    key = read(tmp_path, text)
    assert (key.name, key.algorithm, key.secret) == (b"\1a\1b\0", "hmac-sha256", b"\xff\xff\x3e\xfc\0\0")
    assert "secret" not in repr(key)


@pytest.mark.needs("tsig-keygen")
@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha384", "hmac-sha512"])
def test_what_tsig_keygen_writes_is_read(tmp_path, algorithm):
    made = subprocess.run(["tsig-keygen", "-a", algorithm, "k.example"], check=True, capture_output=True, text=True)
    key = read(tmp_path, made.stdout)
    assert (key.name, key.algorithm) == (b"\1k\7example\0", algorithm)
    assert len(key.secret) >= 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD + GOOD,
        GOOD.replace("sha256", "md5"),
        GOOD.replace("hmac-sha256", "sha256"),
        GOOD.replace("/AAA", "/AA"),
        GOOD.replace("a.b", "a..b"),
        GOOD.replace(" secret", " secrets"),
        GOOD.replace(f'secret "{SECRET}";', "algorithm hmac-sha256;"),
        SECRET,
    ],
)
def test_any_other_text_is_no_key_and_is_not_shown(tmp_path, text):
    with pytest.raises(InputError, match="DNS-TRANSFER") as caught:
        read(tmp_path, text)
    assert SECRET not in str(caught.value)


# A server that signs as it likes. dnspython makes its signatures.

SOA = dns.rrset.from_text("test.", 60, "IN", "SOA", "ns. host. 1 1 1 1 1")
A = dns.rrset.from_text("a.test.", 60, "IN", "A", "192.0.2.1")


class Signer:
    """Signs the messages of one answer."""

    def __init__(self, key, query):
        self.key = dns.tsig.Key(dns.name.from_wire(key.name, 0)[0], key.secret, f"{key.algorithm}.")
        self.query = query
        self.context = None

    def signed(self, wire, *, away=0, fudge=300, error=0):
        at = int(datetime.now(UTC).timestamp()) - away
        blank = dns.rdtypes.ANY.TSIG.TSIG(255, 250, self.key.algorithm, at, fudge, b"", self.query.id, error, b"")
        rdata, self.context = dns.tsig.sign(wire, self.key, blank, at, self.query.mac, self.context, multi=True)
        octets = rdata.to_wire()
        record = self.key.name.to_wire() + struct.pack("!HHIH", 250, 255, 0, len(octets)) + octets
        return wire[:10] + struct.pack("!H", 1) + wire[12:] + record

    def unsigned(self, wire):
        if self.context is not None:
            self.context.update(wire)
        return wire


YES, NO = Signer.signed, Signer.unsigned


def changed(signer, wire):
    return signer.signed(wire).replace(b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02")


def cut(signer, wire):
    return signer.signed(wire)[:-3]


@pytest.fixture
def transfer(answering, tsig_key):
    """Transfer from a server that makes of each message what the functions of a plan make of it."""
    key = tsig_key()

    def transferred(plan, signs_with=key):
        def answer(connection, wire):
            query = dns.message.from_wire(wire, keyring={dns.name.from_text("transfer-key"): key.secret})
            signer = Signer(signs_with, query)
            for number, make in enumerate(plan):
                message = dns.message.make_response(query)
                message.tsig = None
                message.answer = [SOA] * (number == 0) + [A] + [SOA] * (number == len(plan) - 1)
                made = make(signer, message.to_wire())
                connection.sendall(struct.pack("!H", len(made)) + made)
            connection.recv(1)

        with answering(answer) as (server, _):
            zone_from_transfer(server, "test.", key=key).close()

    return transferred


@pytest.mark.parametrize("plan", [[YES], [YES, YES, YES], [YES, NO, NO, YES, YES], [YES, *[NO] * MAX_UNSIGNED, YES]])
def test_every_message_or_every_hundredth_is_signed(transfer, plan):
    transfer(plan)


WRONG = {
    "not signed at all": ([NO], "without a TSIG"),
    "the first not signed": ([NO, YES], "without a TSIG"),
    "the last not signed": ([YES, NO], "last message"),
    "too many not signed": ([YES, *[NO] * (MAX_UNSIGNED + 1), YES], "without a TSIG"),
    "changed": ([changed], "does not verify"),
    "changed between": ([YES, lambda signer, wire: signer.unsigned(wire)[:-1] + b"\x07", YES], "does not verify"),
    "changed later": ([YES, changed, YES], "does not verify"),
    "in another order": ([YES, lambda signer, wire: (signer.signed(wire), signer.signed(wire))[1]], "does not verify"),
    "cut": ([cut], "behind"),
    "the server's clock": ([lambda signer, wire: signer.signed(wire, error=18)], "BADTIME"),
    "old": ([lambda signer, wire: signer.signed(wire, away=302)], "another time"),
    "of the future": ([lambda signer, wire: signer.signed(wire, away=-310)], "another time"),
    "old by its own measure": ([lambda signer, wire: signer.signed(wire, away=7, fudge=5)], "another time"),
    "a fudge of its own": ([lambda signer, wire: signer.signed(wire, away=400, fudge=1000)], "another time"),
}


@pytest.mark.parametrize("variant", WRONG)
def test_anything_less_is_an_error(transfer, variant):
    plan, found = WRONG[variant]
    with pytest.raises(InputError, match=f"DNS-TRANSFER.*{found}"):
        transfer(plan)


def test_a_little_difference_of_the_clocks_is_none(transfer):
    transfer([lambda signer, wire: signer.signed(wire, away=290)])


def test_the_secret_the_name_and_the_algorithm_are_those_of_the_key(transfer, tsig_key):
    with pytest.raises(InputError, match="does not verify"):
        transfer([YES], tsig_key())
    with pytest.raises(InputError, match="another key or algorithm"):
        transfer([YES], tsig_key("hmac-sha512"))
