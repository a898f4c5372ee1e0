import pytest
from bundles import PAYLOAD, both_styles, changed, library, refusal, verify
from cryptography import x509
from cryptography.hazmat import asn1
from sigstore.models import Bundle
from sigstore.verify.policy import Identity as LibraryIdentity

from attestations.identity import matches
from attestations.sigstore.practice import GITHUB, WORKFLOW, PrivateSigstore, name_of, new_key


@both_styles
@pytest.mark.parametrize("payload_type", ["text/plain", "application/vnd.in-toto+json; charset=utf-8"])
def test_the_payload_type_is_given_back_because_the_library_believes_any(style, payload_type):
    sigstore = PrivateSigstore(style=style)
    key = new_key()
    certificate = sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {})
    raw = sigstore.seal(b"no JSON", key, certificate, payload_type=payload_type)
    found = verify(raw, sigstore.trusted_root)
    assert (found.payload_type, found.payload) == (payload_type, b"no JSON")


def test_a_payload_type_changed_after_signing_is_refused():
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_statement(PAYLOAD), ("dsseEnvelope", "payloadType"), "text/plain")
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_an_identity_without_its_issuer_is_refused_though_the_library_accepts_it(tmp_path):
    sigstore = PrivateSigstore()
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, [name_of(WORKFLOW)], None, {}))
    policy = LibraryIdentity(identity=WORKFLOW)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(raw), policy)
    error = refusal(raw, sigstore.trusted_root)
    assert (error.code, "who vouched for its name" in error.found) == ("SIG-UNSUPPORTED", True)


@pytest.mark.parametrize(
    "names",
    [
        [name_of(WORKFLOW), name_of("https://github.com/mallory/signer")],
        [name_of(WORKFLOW), name_of("manager@registry.example")],
        [x509.DNSName("registry.example")],
        [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), b"\x0c\x05alice")],
    ],
)
def test_a_certificate_with_several_names_or_a_name_of_another_kind_is_not_judged(names):
    sigstore = PrivateSigstore()
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, names, GITHUB, {}))
    error = refusal(raw, sigstore.trusted_root)
    assert (error.code, "a signing certificate with" in error.found) == ("SIG-UNSUPPORTED", True)


def test_a_certificate_without_a_name_is_refused():
    sigstore = PrivateSigstore()
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, [], GITHUB, {}))
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_the_issuer_is_the_new_extension_s_word_though_the_library_believes_the_old_one(tmp_path):
    """Extension 1 is deprecated, and the only one that the library asks; a real authority writes the same into both."""
    sigstore = PrivateSigstore()
    key = new_key()
    issuers = {1: GITHUB.encode(), 8: asn1.encode_der("https://accounts.example")}
    certificate = sigstore.authority.issue(key.public_key(), [name_of(WORKFLOW)], issuers, sigstore.now)
    raw = sigstore.seal(PAYLOAD, key, certificate)
    policy = LibraryIdentity(identity=WORKFLOW, issuer=GITHUB)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(raw), policy)
    assert verify(raw, sigstore.trusted_root).identity.issuer == "https://accounts.example"


def test_a_line_feed_in_the_certificate_s_name_matches_nobody():
    sigstore = PrivateSigstore()
    raw = sigstore.sign_statement(PAYLOAD, f"{WORKFLOW}\n")
    found = verify(raw, sigstore.trusted_root).identity
    assert not matches(GITHUB, WORKFLOW, found)
