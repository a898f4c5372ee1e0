"""Ed25519 keys that nobody needs to hold in order to sign: the library takes them, and we do not."""

import base64
import itertools
import json

import layouts as l
import pytest
from attacks.b10_layouts import with_layout
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from world.documents import party

from attestations.dnskey import ED448, ED25519, public_key_of
from attestations.edwards import is_weak_ed448, is_weak_ed25519
from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.layout import read_chain, verify_chain
from attestations.sigstore.practice import PrivateSigstore
from attestations.sigstore.root import read_root
from attestations.ssh_signature import read_ssh_public_key
from attestations.strict import read_json
from attestations.times import Instant

NOW = Instant.parse("2026-04-10T12:00:00Z")
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P

# The list of libsodium (ge25519_has_small_order): five numbers y, two of them a second time above the prime; each
# with and without the bit that tells the sign of x.
LISTED = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)
WEAK = tuple(bytes.fromhex(text[:-2]) + bytes([int(text[-2:], 16) | sign]) for text in LISTED for sign in (0, 0x80))
EACH = pytest.mark.parametrize("raw", WEAK, ids=bytes.hex)


def added(one, other):
    """Return the sum of two points (RFC 8032, 5.1.4, in affine form)."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def points(y):
    """Return the points of the curve with this y: -x^2 + y^2 = 1 + d x^2 y^2."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    roots = {root, root * pow(2, (P - 1) // 4, P) % P}
    return {(x * sign % P, y) for x in roots for sign in (1, -1) if x * x % P == square}


def order(point):
    total, count = point, 1
    while total != (0, 1) and count <= 8:
        total, count = added(total, point), count + 1
    return count


def line(raw):
    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def pem(raw):
    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_the_list_is_every_point_whose_order_divides_eight_and_nothing_else():
    numbers = {int.from_bytes(raw, "little") & (1 << 255) - 1 for raw in WEAK}
    small = {point for y in numbers for point in points(y % P)}
    assert sorted(order(point) for point in small) == [1, 2, 4, 4, 8, 8, 8, 8]
    assert len(WEAK) == len(set(WEAK)) == 14


@EACH
def test_the_library_takes_each_of_them(raw):
    """A trap of cryptography 50: no check when a key is read."""
    assert Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw() == raw


def test_the_library_verifies_what_nobody_signed():
    """A commitment of small order and a zero, tried on a few messages: no private key has a part in it."""
    forged = set()
    for raw, commitment, number in itertools.product(WEAK, WEAK, range(48)):
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(commitment + bytes(32), b"approve %d" % number)
        except InvalidSignature:
            continue
        forged.add(raw)
    assert {raw for raw in WEAK if int.from_bytes(raw, "little") & (1 << 255) - 1 < P} <= forged


@EACH
def test_a_key_that_anybody_can_sign_for_is_refused_in_every_form(raw):
    assert is_weak_ed25519(raw)
    with pytest.raises(InputError, match="anybody can sign") as caught:
        read_public_key(pem(raw), "key.pem")
    assert caught.value.code == "KEY"
    with pytest.raises(InputError, match="anybody can sign"):
        read_ssh_public_key(line(raw))
    said = l.layout()
    said["keys"][l.key_id("packager")]["keyval"]["public"] = raw.hex()
    with pytest.raises(InputError, match="anybody can sign"):
        verify_chain(read_chain(read_json(l.chain(said), "layout.json")), NOW)


@pytest.mark.parametrize("number", range(19))
def test_a_second_encoding_of_a_key_is_no_key(number):
    """All y from the prime on to 2^255: each is another key's y once again, with another fingerprint."""
    for sign in (0, 1 << 255):
        assert is_weak_ed25519((P + number | sign).to_bytes(32, "little"))
    assert is_weak_ed25519((number).to_bytes(32, "little")) == (number in (0, 1))


P448 = 2**448 - 2**224 - 1
WEAK448 = tuple((y | sign << 455).to_bytes(57, "little") for y in (0, 1, P448 - 1, P448, P448 + 1) for sign in (0, 1))


@EACH
def test_a_zone_key_that_anybody_can_sign_for_is_refused(raw):
    with pytest.raises(InputError, match="ED25519 key that anybody can sign for") as caught:
        public_key_of(ED25519, raw)
    assert caught.value.code == "DNS-ALG"


@pytest.mark.parametrize("raw", WEAK448, ids=bytes.hex)
def test_the_same_holds_for_ed448(raw):
    assert is_weak_ed448(raw)
    with pytest.raises(InputError) as caught:
        public_key_of(ED448, raw)
    assert caught.value.code == "DNS-ALG"


def test_the_library_verifies_under_ed448_what_nobody_signed():
    Ed448PublicKey.from_public_bytes(bytes(57)).verify(bytes(114), b"approve")


def test_zone_keys_that_somebody_made_are_taken():
    for algorithm, kind in ((ED25519, Ed25519PrivateKey), (ED448, Ed448PrivateKey)):
        for _ in range(20):
            key = kind.generate()
            verify = public_key_of(algorithm, key.public_key().public_bytes_raw())
            assert verify(key.sign(b"zone"), b"zone")
            assert not verify(key.sign(b"zone"), b"another")


def test_keys_that_somebody_made_are_taken():
    for number in range(200):
        private = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        raw = private.public_key().public_bytes_raw()
        assert read_public_key(pem(raw), "key.pem").verifies(private.sign(b"data"), b"data")
        assert read_ssh_public_key(line(raw))


@EACH
def test_a_log_with_such_a_key_is_an_error_of_the_trusted_root(raw):
    root = json.loads(PrivateSigstore(style=2).trusted_root)
    public = root["tlogs"][0]["publicKey"]
    assert read_root(json.dumps(root).encode())
    public["rawBytes"] = base64.b64encode(base64.b64decode(public["rawBytes"])[:-32] + raw).decode()
    with pytest.raises(InputError, match="anybody can sign") as caught:
        read_root(json.dumps(root).encode())
    assert caught.value.code == "POL-TRUST"


def test_a_trust_root_with_such_a_key_judges_nothing():
    weak = {**party("somebody", ["test-result"]), "keys": [pem(WEAK[2]).decode()]}
    world = with_layout().with_document("trust", lambda trust: trust["spec"]["parties"].append(weak))
    with pytest.raises(InputError, match="anybody can sign"):
        world.judge()
