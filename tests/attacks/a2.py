"""A2 Valid signature, key not trusted for this kind of evidence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from world.documents import dump, party, trust
from world.keys import signer
from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import holder


def _signed_by(name: str) -> World:
    return World().with_piece("hsm.json", lambda piece: replace(piece, signers=(name,)))


def _other_tenant() -> World:
    """Another tenant's trust root lies beside ours; its laboratory signed."""
    theirs = trust()
    theirs["metadata"]["name"] = "other-registry"
    theirs["spec"]["parties"] = [party("hsm-lab", ["hsm-key-coverage"], keys=("hsm-lab of another registry",))]
    return replace(_signed_by("hsm-lab of another registry"), texts={"trust-of-another-registry.yaml": dump(theirs)})


def _revoking(name: str) -> World:
    revoked = {"keys": [{"sha256": signer(name).public.fingerprint, "reason": "the key was copied"}]}
    return World().with_document("trust", lambda trust: trust["spec"].update(revoked=revoked))


def _trusted(name: str, **members: Any) -> World:
    return World().with_document("trust", _with(name, members))


def _with(name: str, members: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda document: holder(document, name).update(members)


FAMILY = Family(
    id="A2",
    title="A valid signature says only that some key signed; without a trust list a laptop is as good as a laboratory.",
    attacks=(
        Attack(
            variant="unknown-key",
            why="The HSM evidence is signed by a key that the trust root does not name.",
            deny=denied(_signed_by("laptop"), 11, "SIG-UNTRUSTED"),
        ),
        Attack(
            variant="revoked-key",
            why="The trust root names the laboratory's key, and marks it revoked.",
            deny=denied(_trusted("hsm-lab", revoked=True), 11, "SIG-UNTRUSTED"),
            allow=allowed(_trusted("hsm-lab", revoked=False)),
        ),
        Attack(
            variant="key-revoked-by-fingerprint",
            why="The laboratory is believed; the one key that signed is on the trust root's list of revoked keys.",
            deny=denied(_revoking("hsm-lab"), 11, "SIG-UNTRUSTED"),
            allow=allowed(_revoking("laptop")),
        ),
        Attack(
            variant="revoked-person",
            why="One of the two people signed off with a key that the trust root marks revoked.",
            deny=denied(_trusted("alice", revoked=True), 11, "APPR-COUNT", "SIG-UNTRUSTED"),
            allow=allowed(_trusted("alice", revoked=False)),
        ),
        Attack(
            variant="other-tenant-key",
            why="The key is that of another registry's laboratory, in that registry's trust root.",
            deny=denied(_other_tenant(), 11, "SIG-UNTRUSTED"),
        ),
        Attack(
            variant="key-valid-after-signing",
            why="The laboratory's key is trusted from a time on; the statement says that it was made a second earlier.",
            deny=denied(_trusted("hsm-lab", valid_from="2026-04-10T10:05:01Z"), 11, "SIG-UNTRUSTED"),
            allow=allowed(_trusted("hsm-lab", valid_from="2026-04-10T10:05:00Z")),
        ),
        Attack(
            variant="key-valid-until-now",
            why="The statement is dated before the key's end, but only its signer says so: an old key can date back.",
            deny=denied(_trusted("hsm-lab", valid_until="2026-04-10T12:00:00Z"), 11, "SIG-UNTRUSTED"),
            allow=allowed(_trusted("hsm-lab", valid_until="2026-04-10T12:00:01Z")),
        ),
        Attack(
            variant="person-not-yet-in-office",
            why="One of the two people signed off a second before the trust root believes their key.",
            deny=denied(_trusted("bob", valid_from="2026-04-10T11:00:01Z"), 11, "APPR-COUNT", "SIG-UNTRUSTED"),
            allow=allowed(_trusted("bob", valid_from="2026-04-10T11:00:00Z")),
        ),
    ),
)
