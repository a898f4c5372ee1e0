"""E4 Archive and path traversal. Archives and links are made in tests/gatekeeper/attacks/test_e4.py."""

from dataclasses import replace

from world.keys import signer
from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import holder

KEY = signer("hsm-lab").public.pem.encode()


def _evidence_at(path: str) -> World:
    return World().with_document("request", lambda request: request["spec"].update(evidence=[path]))


def _misnamed(path: str) -> World:
    """Without sign-offs: a request that is none has no case."""
    return _evidence_at(path).signed_off_by()


def _outside(variant: str, why: str, path: str, code: str = "SCHEMA") -> Attack:
    return Attack(
        variant=variant, why=why, deny=denied(_misnamed(path), 2, code), allow=allowed(_evidence_at("evidence/"))
    )


def _key_at(path: str, *files: str) -> World:
    """The laboratory's key lies in a file."""
    world = replace(World(), texts=dict.fromkeys(files, KEY))
    return world.with_document("trust", lambda trust: holder(trust, "hsm-lab").update(keys=[path]))


def _key_outside(variant: str, why: str, path: str) -> Attack:
    return Attack(
        variant=variant,
        why=why,
        deny=denied(_key_at(path).signed_off_by(), 2, "POL-TRUST"),
        allow=allowed(_key_at("keys/hsm-lab.pem", "keys/hsm-lab.pem")),
    )


FAMILY = Family(
    id="E4",
    title="Evidence and what documents name come from outside; no name may lead out of the folder it stands in.",
    attacks=(
        _outside("evidence-dot-dot", "The request names a folder above its own.", "../evidence"),
        _outside("evidence-dot-dot-inside", "The request's path leads down and up again.", "evidence/../../evidence"),
        _outside("evidence-absolute", "The request names an absolute path.", "/etc"),
        _outside("evidence-backslash", "The request's path is written with backslashes.", "..\\evidence"),
        _outside("evidence-home", "The request's path begins at somebody's home.", "~/evidence"),
        _outside("evidence-glob", "The request's path is a pattern.", "*"),
        _outside("evidence-device", "The request names a device by its absolute path.", "/dev/zero"),
        _outside("evidence-name-4k", "The request's path is 4 KiB long.", "e" * 4096),
        _outside("evidence-missing", "The request names a folder that is not there.", "evidence-of-yesterday", "FILE"),
        _key_outside("key-dot-dot", "The trust root takes a key from above its folder.", "../hsm-lab.pem"),
        _key_outside("key-dot-dot-inside", "The trust root's path leads down and up again.", "keys/../../hsm-lab.pem"),
        _key_outside("key-absolute", "The trust root takes a key by an absolute path.", "/etc/hsm-lab.pem"),
        _key_outside("key-dot", "The trust root names a key in a way that no archive can hold.", "./keys/hsm-lab.pem"),
        _key_outside("key-url", "The trust root takes a key from elsewhere.", "https://registry.example/hsm-lab.pem"),
    ),
)
