"""A9 Identity confusion."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from world.pieces import Bindings, Piece
from world.registry import World

from attacks.model import Attack, Family, Side, allowed, denied
from attacks.signing import holder
from attestations.digest import sha256
from attestations.envelope import read_envelope
from attestations.sigstore.practice import GITHUB, PrivateSigstore
from attestations.strict import read_json

ROOT = "keys/trusted_root.json"
WORKFLOWS = "https://github.com/registry/signer/.github/workflows"
RELEASE = f"{WORKFLOWS}/release.yml@refs/tags/v3.0.1"
EMAIL = "release@registry.example"
ACCOUNTS = "https://accounts.example"
BUILDER_KEYS = holder(World().trust, "ci-builder")["keys"]


@cache
def _root(seed: str) -> bytes:
    return PrivateSigstore(seed=seed).trusted_root


@dataclass(frozen=True)
class _Bundle(Piece):
    """A piece that a Sigstore identity signs; its `signers` are not asked."""

    identity: str = RELEASE
    issuer: str = GITHUB
    instance: str = "ours"

    def make(self, bindings: Bindings) -> bytes:
        payload = read_envelope(read_json(super().make(bindings), "envelope")).payload
        return PrivateSigstore(seed=self.instance).sign_statement(payload, self.identity, self.issuer)


def sigstore_world(
    signed_as: str = RELEASE, issuer: str = GITHUB, *, pinned: dict[str, Any] | None = None, **members: Any
) -> World:
    """The builder signs as `signed_as`, vouched for by `issuer`; the trust root says `members` of it."""

    def believe(trust: dict[str, Any]) -> None:
        root = {"trusted_root": ROOT, "sha256": sha256(_root("ours"))}
        trust["spec"]["sigstore"] = root | (pinned or {})
        named = {"sigstore": {"issuer": GITHUB, "identity": RELEASE}, "keys": []}
        holder(trust, "ci-builder").update(named | members)

    world = World(texts={ROOT: _root("ours")}).with_document("trust", believe)
    return world.with_piece("provenance.json", lambda piece: _signed(piece, signed_as, issuer))


def _signed(piece: Piece, identity: str, issuer: str, instance: str = "ours") -> Piece:
    return _Bundle(piece.kind, piece.predicate, piece.signers, identity=identity, issuer=issuer, instance=instance)


def _refused(world: World, code: str) -> Side:
    """Without provenance nothing says which commit was built, so that no review can be held against it either."""
    return denied(world, 11, code, "SRC-REVIEW")


def _named(identity: str, issuer: str = GITHUB) -> dict[str, Any]:
    return {"sigstore": {"issuer": issuer, "identity": identity}}


def _mismatch(variant: str, why: str, signed_as: str, issuer: str = GITHUB, **members: Any) -> Attack:
    """Somebody else signed than the trust root names; the twin is signed by whom it names."""
    named = members.get("sigstore", _named(RELEASE)["sigstore"])
    honest = named["identity"].replace("*", "v3.0.1")
    return Attack(
        variant=variant,
        why=why,
        deny=_refused(sigstore_world(signed_as, issuer, **members), "ID-MISMATCH"),
        allow=allowed(sigstore_world(honest, named["issuer"], **members)),
    )


def _pattern(variant: str, why: str, identity: str, issuer: str = GITHUB) -> Attack:
    """The trust root names somebody by what is no exact name; the twin by what is."""
    return Attack(
        variant=variant,
        why=why,
        deny=denied(_unsigned_off(sigstore_world(**_named(identity, issuer))), 2, "ID-PATTERN"),
        allow=allowed(sigstore_world(**_named(f"{WORKFLOWS}/release.yml@refs/tags/*"))),
    )


def _unsigned_off(world: World) -> World:
    """Where there is no case, there is no case digest to sign."""
    return world.signed_off_by()


def _without_issuer() -> World:
    return _unsigned_off(sigstore_world(sigstore={"identity": RELEASE}))


def _other_instance() -> World:
    return sigstore_world().with_piece("provenance.json", lambda piece: _signed(piece, RELEASE, GITHUB, "theirs"))


def _no_instance() -> World:
    world = sigstore_world(keys=[], sigstore={"issuer": GITHUB, "identity": RELEASE})
    return world.with_document("trust", lambda trust: trust["spec"].pop("sigstore"))


FAMILY = Family(
    id="A9",
    title="Certificate identities are long strings in which one part decides; pinning the repository is not enough.",
    attacks=(
        _mismatch(
            "other-workflow",
            "The identity is another workflow of the same repository, which anybody who can open a branch may edit.",
            f"{WORKFLOWS}/nightly.yml@refs/tags/v3.0.1",
        ),
        _mismatch(
            "fork",
            "The identity is the same workflow in a fork of the repository.",
            RELEASE.replace("/registry/", "/mallory/"),
        ),
        _mismatch(
            "other-branch",
            "The identity is the right workflow, run on another branch.",
            f"{WORKFLOWS}/release.yml@refs/heads/unreviewed",
            **_named(f"{WORKFLOWS}/release.yml@refs/heads/release"),
        ),
        _mismatch(
            "tag-vs-branch",
            "A branch carries the name of the tag.",
            f"{WORKFLOWS}/release.yml@refs/heads/v3.0.1",
            **_named(f"{WORKFLOWS}/release.yml@refs/tags/*"),
        ),
        _pattern(
            "unanchored-regex",
            "The trust root names the builder by an expression that matches in the middle of other identities.",
            r".*github\.com/registry/signer.*",
        ),
        _mismatch(
            "lookalike-org",
            "The organisation differs in letters that are easily mistaken.",
            RELEASE.replace("/registry/", "/registrv/"),
        ),
        _mismatch(
            "wrong-issuer",
            "The identity is right, letter for letter, and another issuer vouched for it.",
            RELEASE,
            "https://token.actions.githubusercontent.example",
        ),
        _mismatch(
            "email-case",
            "The local part of the e-mail address differs in case: to many mail systems that is somebody else.",
            "Release@registry.example",
            ACCOUNTS,
            **_named(EMAIL, ACCOUNTS),
        ),
        _mismatch(
            "san-newline",
            "A line feed in the subject alternative name: the right identity is its first line.",
            f"{RELEASE}\nx",
        ),
        _mismatch(
            "wildcard-over-slash",
            "The wildcard stands for one segment; the tag has two.",
            f"{WORKFLOWS}/release.yml@refs/tags/mallory/v3.0.1",
            **_named(f"{WORKFLOWS}/release.yml@refs/tags/*"),
        ),
        _mismatch(
            "prefix-of-another-host",
            "The identity begins with the host that the trust root names.",
            RELEASE.replace("github.com/", "github.com.mallory.example/"),
        ),
        _mismatch(
            "longer-identity",
            "The identity that the trust root names is only the beginning of the one that signed.",
            f"{RELEASE}-rc1",
        ),
        _pattern(
            "wildcard-in-the-middle", "A wildcard in the place of the workflow.", f"{WORKFLOWS}/*.yml@refs/tags/v3.0.1"
        ),
        _pattern(
            "wildcard-owner", "A wildcard in the place of the owner: any account will do.", "https://github.com/*"
        ),
        _pattern("issuer-pattern", "A wildcard in the issuer.", RELEASE, "https://*.githubusercontent.com"),
        Attack(
            variant="identity-without-issuer",
            why="An identity without its issuer is anybody's; the library underneath would verify it (S06).",
            deny=denied(_without_issuer(), 2, "SCHEMA"),
            allow=allowed(sigstore_world()),
        ),
        Attack(
            variant="other-instance",
            why="The identity and issuer are right, certified and logged by another Sigstore instance.",
            deny=_refused(_other_instance(), "SIG-BUNDLE"),
            allow=allowed(sigstore_world()),
        ),
        Attack(
            variant="no-instance-pinned",
            why="The trust root names the identity, but no Sigstore instance: nobody can say whose certificate it is.",
            deny=_refused(_no_instance(), "SIG-BUNDLE"),
            allow=allowed(sigstore_world()),
        ),
        Attack(
            variant="instance-exchanged",
            why="The trusted root beside the trust root is another one than was pinned.",
            deny=denied(_unsigned_off(sigstore_world(pinned={"sha256": sha256(_root("theirs"))})), 2, "POL-TRUST"),
            allow=allowed(sigstore_world()),
        ),
        Attack(
            variant="instance-above-the-folder",
            why="The trust root takes the trusted root from outside its own folder.",
            deny=denied(_unsigned_off(sigstore_world(pinned={"trusted_root": f"../{ROOT}"})), 2, "POL-TRUST"),
            allow=allowed(sigstore_world()),
        ),
        Attack(
            variant="identity-may-not-say-this",
            why="The identity is known, and named for test results alone.",
            deny=_refused(sigstore_world(may=["test-result"]), "SIG-ROLE"),
            allow=allowed(sigstore_world(may=["provenance"])),
        ),
        Attack(
            variant="identity-revoked",
            why="The identity is known, and marked revoked.",
            deny=_refused(sigstore_world(revoked=True), "SIG-UNTRUSTED"),
            allow=allowed(sigstore_world(revoked=False)),
        ),
        Attack(
            variant="one-identity-for-two",
            why="Two signers are wanted; one identity signed, and the key of the second did not.",
            deny=_refused(sigstore_world(threshold=2, keys=BUILDER_KEYS), "SIG-THRESHOLD"),
            allow=allowed(sigstore_world(threshold=1, keys=BUILDER_KEYS)),
        ),
    ),
)
