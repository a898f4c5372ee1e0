"""D8 Sign-off replay.

`webauthn-challenge-reuse`, `counter-went-back` and `phishing-origin` are about sign-offs in a browser, which this gate
does not take: nothing but a PEM or SSH key of the trust root makes a sign-off.
"""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from world.keys import digest, signer
from world.pieces import Piece
from world.registry import World

from attacks.d1 import requirement
from attacks.d7 import by, signed, with_person
from attacks.model import Attack, Family, Side
from attestations.envelope import pre_authentication_encoding
from attestations.ssh_signature import NAMESPACE


def _sign_offs_of(other: World) -> Side:
    """Return the side on which the sign-offs were made in another world."""

    def files() -> dict[str, bytes]:
        foreign = other.files()
        return World().files() | {name: foreign[name] for name in foreign if name.startswith("evidence/sign-off")}

    return Side(files=files, exit=11, codes=("APPR-COUNT", "EVID-STALE"))


def _other_zone(environment: dict[str, Any]) -> None:
    environment["spec"]["zones"][0]["denial"] = "nsec"


def _aged(hours: int) -> World:
    return World().with_document("policy", lambda policy: requirement(policy, "two-people").update(max_age=f"{hours}h"))


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@dataclass(frozen=True)
class _SshKey:
    """An Ed25519 key as SSH has it (PROTOCOL.sshsig)."""

    name: str

    @property
    def line(self) -> str:
        public = signer(self.name).private.public_key()
        return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")

    def signature(self, message: bytes, namespace: str) -> bytes:
        wire = base64.b64decode(self.line.split()[1])
        hashed = hashlib.sha512(message).digest()
        parts = (namespace.encode(), b"", b"sha512")
        signed_bytes = b"SSHSIG" + b"".join(_string(part) for part in (*parts, hashed))
        value = _string(b"ssh-ed25519") + _string(signer(self.name).sign(signed_bytes))
        return b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(_string(part) for part in (wire, *parts, value))


SSH = _SshKey("alice's SSH key")


def _with_ssh(namespace: str, exit_code: int, *codes: str) -> Side:
    """Return the side on which alice signs off with an SSH key, for this purpose."""

    def resign(envelope: dict[str, Any]) -> None:
        message = pre_authentication_encoding(envelope["payloadType"], base64.b64decode(envelope["payload"]))
        value = base64.b64encode(SSH.signature(message, namespace)).decode("ascii")
        envelope["signatures"] = [{"keyid": "", "sig": value}]

    def alice(case_digest: str) -> Piece:
        return replace(by("alice")(case_digest), envelope_changes=(resign,))

    world = with_person("alice", keys=[], ssh=[SSH.line])
    return signed({"alice": alice, "bob": by("bob")}, exit_code, *codes, world=world)


FAMILY = Family(
    id="D8",
    title="A signature over yes is good for everything; one over this case is good for one thing.",
    attacks=(
        Attack(
            variant="other-environment",
            why="The sign-offs were given for another environment.",
            deny=_sign_offs_of(World().with_document("environment", lambda e: e["metadata"].update(version=6))),
        ),
        Attack(
            variant="other-request",
            why="The sign-offs were given for the request before this one.",
            deny=_sign_offs_of(World().with_document("request", lambda r: r["metadata"].update(id="r-2026-0041"))),
        ),
        Attack(
            variant="other-zone",
            why="The sign-offs were given when the environment held the zone in another form.",
            deny=_sign_offs_of(World().with_document("environment", _other_zone)),
        ),
        Attack(
            variant="other-attempt",
            why="The sign-offs were given for an earlier attempt of the same request, whose nonce was another.",
            deny=_sign_offs_of(World().with_document("request", lambda r: r["spec"].update(nonce="77aa" * 16))),
        ),
        Attack(
            variant="other-stage",
            why="A sign-off of this very case says that it is for another stage.",
            deny=signed({"alice": by("alice", stage="full"), "bob": by("bob")}, 11, "APPR-COUNT", "APPR-REPLAY"),
        ),
        Attack(
            variant="other-request-id",
            why="A sign-off of this very case says that it is for another request.",
            deny=signed({"alice": by("alice", requestId="r-1"), "bob": by("bob")}, 11, "APPR-COUNT", "APPR-REPLAY"),
        ),
        Attack(
            variant="expired",
            why="The sign-off is older than the policy accepts.",
            deny=signed(
                {"alice": by("alice", signedOn="2026-04-10T10:59:59Z"), "bob": by("bob")},
                11,
                "APPR-COUNT",
                "EVID-STALE",
                world=_aged(1),
            ),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0, world=_aged(1)),
        ),
        Attack(
            variant="rejection-grown-old",
            why="Somebody waits until a rejection is older than sign-offs may be.",
            deny=signed(
                {
                    "no": by("dave", "reject", signedOn="2026-04-01T11:00:00Z", reason="the drill is odd"),
                    "alice": by("alice"),
                    "bob": by("bob"),
                },
                10,
                "APPR-COUNT",
                world=_aged(1),
            ),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0, world=_aged(1)),
        ),
        Attack(
            variant="ssh-namespace-git",
            why="A signature that the SSH key made over a commit is offered as a sign-off.",
            deny=_with_ssh("git", 11, "APPR-COUNT", "SIG-UNTRUSTED"),
            allow=_with_ssh(NAMESPACE, 0),
        ),
        Attack(
            variant="other-release",
            why="The sign-offs were given for other components under the same version.",
            deny=_sign_offs_of(
                World().with_document(
                    "request",
                    lambda r: r["spec"]["release"]["components"][1]["digest"].update(sha256=digest("another agent")),
                )
            ),
        ),
    ),
)
