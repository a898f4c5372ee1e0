"""The practice instance behind HTTP on the loopback interface, in the protocols of the real services.

An identity provider (as GitHub's runners have one), a certificate authority (Fulcio, /api/v2/signingCert), a log in
either style (Rekor, /api/v1/log/entries and /api/v2/log/entries), a timestamp authority (RFC 3161, section 3.4).
"""

import base64
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client._rust import parse_timestamp_request

from attestations.envelope import pre_authentication_encoding
from attestations.sigstore.practice import GITHUB, WORKFLOW, PrivateSigstore, name_of
from attestations.sigstore.practice.log import Made

SECRET = "the identity provider's own, of at least thirty-two octets"
RUNNER_TOKEN = "what the runner shows to the identity provider"


class Services:
    """What the server answers from; tests may take a service away."""

    def __init__(self, style):
        now = datetime.now(UTC).replace(microsecond=0)
        self.style = style
        self.sigstore = PrivateSigstore(style=style, now=now - timedelta(seconds=5))
        self.log_version = f"v{style}"
        self.asked = []
        self.broken = set()

    def identity_token(self):
        now = datetime.now(UTC)
        claims = {"iss": GITHUB, "aud": "sigstore", "sub": "repo:registry/signer:ref:refs/tags/v3.0.1"}
        times = {"iat": now, "exp": now + timedelta(minutes=5)}
        return jwt.encode({**claims, **times, "job_workflow_ref": WORKFLOW}, SECRET, algorithm="HS256")

    def certify(self, token, request):
        """Return the certificate for whom the token names, once the request proves its key."""
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="sigstore")
        assert request.is_signature_valid
        issuer = claims["iss"]
        extensions = {1: issuer.encode(), 8: asn1.encode_der(issuer)}
        names = [name_of(claims["job_workflow_ref"])]
        leaf = self.sigstore.authority.issue(request.public_key(), names, extensions, self.sigstore.now)
        return [leaf, self.sigstore.authority.certificate]

    def record_first(self, proposal):
        """Take a proposed entry of kind dsse in, after checking that its signature is its signer's."""
        proposed = proposal["spec"]["proposedContent"]
        envelope = json.loads(proposed["envelope"])
        payload = base64.b64decode(envelope["payload"])
        signed = pre_authentication_encoding(envelope["payloadType"], payload)
        made = Made(
            value=base64.b64decode(envelope["signatures"][0]["sig"]),
            signer=x509.load_pem_x509_certificate(base64.b64decode(proposed["verifiers"][0])),
            digest=sha256(payload).digest(),
            signed_digest=sha256(signed).digest(),
            envelope=envelope,
        )
        entry = self.sigstore.log.record(made, "dsse", datetime.now(UTC))
        proof = entry["inclusionProof"]
        return {
            "24296fb24b8ad77a": {
                "body": entry["canonicalizedBody"],
                "integratedTime": int(entry["integratedTime"]),
                "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
                "logIndex": int(entry["logIndex"]),
                "verification": {
                    "inclusionProof": {
                        "logIndex": int(proof["logIndex"]),
                        "rootHash": base64.b64decode(proof["rootHash"]).hex(),
                        "treeSize": int(proof["treeSize"]),
                        "hashes": [base64.b64decode(each).hex() for each in proof["hashes"]],
                        "checkpoint": proof["checkpoint"]["envelope"],
                    },
                    "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
                },
            }
        }

    def record_second(self, proposal):
        asked = proposal["hashedRekordRequestV002"]
        digest = base64.b64decode(asked["digest"])
        raw = base64.b64decode(asked["signature"]["verifier"]["x509Certificate"]["rawBytes"])
        made = Made(
            value=base64.b64decode(asked["signature"]["content"]),
            signer=x509.load_der_x509_certificate(raw),
            digest=digest,
            signed_digest=digest,
            envelope=None,
        )
        return self.sigstore.log.record(made, "hashedrekord", datetime.now(UTC))

    def stamp(self, question):
        request = parse_timestamp_request(question)
        now = datetime.now(UTC).replace(microsecond=0)
        return self.sigstore.timestamps.answer(request.message_imprint.message, now, request.nonce)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        assert self.headers["Authorization"] == f"bearer {RUNNER_TOKEN}"
        assert self.path.endswith("audience=sigstore")
        self._answer(200, json.dumps({"value": self.server.services.identity_token()}).encode())

    def do_POST(self):
        services, body = self.server.services, self.rfile.read(int(self.headers["Content-Length"]))
        services.asked.append(self.path)
        if self.path in services.broken:
            self._answer(503, b"{}")
        elif self.path == "/api/v2/signingCert":
            pem = base64.b64decode(json.loads(body)["certificateSigningRequest"])
            token = self.headers["Authorization"].removeprefix("Bearer ")
            chain = services.certify(token, x509.load_pem_x509_csr(pem))
            texts = [each.public_bytes(Encoding.PEM).decode() for each in chain]
            self._answer(200, json.dumps({"signedCertificateEmbeddedSct": {"chain": {"certificates": texts}}}).encode())
        elif self.path == "/api/v1/log/entries":
            self._answer(201, json.dumps(services.record_first(json.loads(body))).encode())
        elif self.path == "/api/v2/log/entries":
            self._answer(201, json.dumps(services.record_second(json.loads(body))).encode())
        else:
            self._answer(201, services.stamp(body), "application/timestamp-reply")

    def _answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(style):
    """Yield the services and the base URL under which they answer."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.services = Services(style)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.services, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def configuration(services, url, *, stamped):
    """Return the description of the instance that a signer is given (ClientTrustConfig)."""
    valid = {"start": "2026-01-01T00:00:00Z"}
    service = {"majorApiVersion": 1, "validFor": valid, "operator": "private.example"}
    signing = {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [service | {"url": url}],
        "oidcUrls": [],
        "rekorTlogUrls": [service | {"url": url, "majorApiVersion": services.style}],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [service | {"url": f"{url}/timestamp"}] if stamped else [],
        "tsaConfig": {"selector": "ANY"},
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": json.loads(services.sigstore.trusted_root),
        "signingConfig": signing,
    }
