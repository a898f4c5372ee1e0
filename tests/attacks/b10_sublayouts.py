"""B10, continued: a layout in the place of a link, whose functionary becomes the owner of a small project."""

from typing import Any

import layouts
from world.keys import digest
from world.registry import World

from attacks.b10_layouts import with_layout
from attacks.model import Attack, allowed, denied
from attestations.digest import canonical_json, sha256

ANY = [["ALLOW", "*"], ["DISALLOW", "*"]]
BUILDERS = layouts.LINKS[:2]


def divided(*arguments: Any, root: dict[str, Any] | None = None, **more: Any) -> bytes:
    """Return the good layout whose packager handed in a layout of their own."""
    return layouts.chain(root, (*BUILDERS, layouts.sublayout(*arguments, **more)))


def _attack(variant: str, why: str, raw: bytes, code: str, allow: bytes | None = None) -> Attack:
    twin = allowed(with_layout(allow or divided()))
    return Attack(variant=variant, why=why, deny=denied(with_layout(raw), 11, code), allow=twin)


def _packaging(index: int, **more: Any) -> dict[str, Any]:
    said = layouts.packaging()
    said["steps"][index].update(more)
    return said


def _one_step(name: str, by: str) -> dict[str, Any]:
    steps = [layouts.step(name, (by,), ANY, ANY)]
    return layouts.layout(steps=steps, keys={layouts.key_id(by): layouts.named_key(by)})


def _inspecting() -> dict[str, Any]:
    rules: dict[str, Any] = {"expected_materials": [], "expected_products": []}
    return layouts.packaging(
        inspect=[{"_type": "inspection", "name": "look", "run": ["curl", "evil.example"], **rules}]
    )


def _checked(*parts: Any) -> bytes:
    """The layout with one more step, `check`, by the packager too."""
    said = layouts.layout()
    said["steps"].insert(1, layouts.step("check", ("packager",), ANY, ANY))
    return layouts.chain(said, (*BUILDERS, (layouts.link("check", layouts.BUILT, layouts.BUILT), "packager"), *parts))


def _built(builder: str, worker: str, name: str = "compile") -> dict[str, Any]:
    link = layouts.link(name, layouts.SOURCE, layouts.BUILT, command=layouts.BUILD)
    return layouts.sublayout(_one_step(name, worker), ((link, worker),), builder, "build")


def _by_builders(*parts: Any) -> bytes:
    return layouts.chain(links=(*parts, layouts.LINKS[2]))


def _again(*names: str) -> bytes:
    """The packager shows a step of their own by what a builder signed for the project's step of that name."""
    root, (name,) = layouts.layout(), names or ("compile",)
    root["steps"][1].update(expected_materials=ANY, expected_products=ANY)
    link = (layouts.link(name, layouts.SOURCE, layouts.BUILT), "builder-1")
    return divided(_one_step(name, "builder-1"), (link,), root=root)


def _deep(depth: int) -> bytes:
    part: Any = (layouts.link(f"step-{depth}", layouts.BUILT, layouts.BUILT), f"helper-{depth}")
    for level in range(depth, 1, -1):
        boss, above = ("packager", "package") if level == 2 else (f"helper-{level - 1}", f"step-{level - 1}")
        part = layouts.sublayout(_one_step(f"step-{level}", f"helper-{level}"), (part,), boss, above)
    return layouts.chain(links=(*BUILDERS, part))


def _within_itself() -> bytes:
    said = _one_step("package", "packager")
    return divided(said, (layouts.sublayout(said, (layouts.LINKS[2],)),))


def _swapped() -> Any:
    files = {**layouts.BUILT, "signer": {"sha256": digest("swapped")}}
    return tuple((one | {"materials": files, "products": files}, by) for one, by in layouts.PACKAGING_LINKS)


def _revoking(**revoked: Any) -> World:
    return with_layout(divided()).with_document("trust", lambda trust: trust["spec"].update(revoked=revoked))


def _key(name: str) -> list[dict[str, str]]:
    return [{"sha256": layouts.key_id(name), "reason": "the key was copied"}]


def _statement(said: dict[str, Any]) -> list[dict[str, str]]:
    return [{"sha256": sha256(canonical_json(said)), "reason": "it let anybody wrap"}]


ATTACKS = (
    _attack(
        "sublayout-by-somebody",
        "A layout in the place of a link is signed by a builder, who is no functionary of that step.",
        divided(by="builder-1"),
        "SIG-UNTRUSTED",
    ),
    _attack(
        "sublayout-by-its-own-helper",
        "The helper whom a functionary's layout names signs that layout instead of the functionary.",
        divided(by="wrapper"),
        "SIG-UNTRUSTED",
    ),
    _attack(
        "sublayout-without-links",
        "A functionary's layout is offered, and nothing that shows that it was followed.",
        divided(links=()),
        "SIG-THRESHOLD",
    ),
    _attack(
        "sublayout-without-its-step",
        "A layout stands bare in the place of a link: neither its step nor its links are told.",
        layouts.chain(links=(*BUILDERS, layouts.sublayout()["layout"])),
        "SCHEMA",
    ),
    _attack(
        "sublayout-expired",
        "The layout of the functionary expired; that of the project is in force.",
        divided(layouts.packaging(expires="2026-04-10T11:59:59Z")),
        "EVID-STALE",
        divided(layouts.packaging(expires="2026-04-10T12:00:01Z")),
    ),
    _attack(
        "sublayout-that-runs-commands",
        "The layout of the functionary has an inspection: a command that a verifier would run on the host.",
        divided(_inspecting()),
        "LAYOUT",
    ),
    _attack(
        "sublayout-without-disallow",
        "A step of the functionary's layout has no rules: whatever went in and came out would pass.",
        divided(_packaging(0, expected_materials=[], expected_products=[])),
        "LAYOUT",
    ),
    _attack(
        "sublayout-with-a-link-by-a-builder",
        "A step of the functionary's layout was done by a key that only the project's layout names.",
        divided(links=(layouts.PACKAGING_LINKS[0], (layouts.PACKAGING_LINKS[1][0], "builder-1"))),
        "SIG-UNTRUSTED",
    ),
    _attack(
        "layout-with-a-link-by-a-helper",
        "A step of the project was done by a key that only a functionary's layout names.",
        layouts.chain(links=(BUILDERS[0], (BUILDERS[1][0], "wrapper"), layouts.sublayout())),
        "SIG-UNTRUSTED",
    ),
    _attack(
        "sublayout-of-swapped-files",
        "What went into the functionary's first step is not what the builders handed on.",
        divided(links=_swapped()),
        "LAYOUT",
    ),
    _attack(
        "sublayout-with-a-step-that-failed",
        "The first step of the functionary's layout failed, and the last one did not.",
        divided(
            links=(
                (layouts.PACKAGING_LINKS[0][0] | {"byproducts": {"return-value": 1}}, "collector"),
                layouts.PACKAGING_LINKS[1],
            )
        ),
        "LAYOUT",
    ),
    _attack(
        "sublayout-for-another-step",
        "What a functionary of two steps handed in for the lesser one is offered as the other.",
        _checked(layouts.sublayout()),
        "LAYOUT",
        _checked(layouts.LINKS[2]),
    ),
    _attack(
        "sublayout-that-redefines-a-step",
        "A functionary's layout has a step of the name of one that the builders did not do.",
        layouts.chain(
            links=(
                layouts.sublayout(
                    _one_step("build", "wrapper"),
                    ((layouts.link("build", layouts.BUILT, layouts.BUILT, command=layouts.PACKAGE), "wrapper"),),
                ),
            )
        ),
        "SIG-THRESHOLD",
        divided(
            _one_step("build", "wrapper"),
            ((layouts.link("build", layouts.BUILT, layouts.BUILT, command=layouts.PACKAGE), "wrapper"),),
        ),
    ),
    _attack(
        "sublayouts-with-one-worker",
        "Two builders whose agreement is asked for had the same one build, who signed two links.",
        _by_builders(_built("builder-1", "worker-1"), _built("builder-2", "worker-1", "make")),
        "SIG-THRESHOLD",
        _by_builders(_built("builder-1", "worker-1"), _built("builder-2", "worker-2", "make")),
    ),
    _attack(
        "sublayouts-with-one-link",
        "Two builders whose agreement is asked for offer copies of one link.",
        _by_builders(_built("builder-1", "worker-1"), _built("builder-2", "worker-1")),
        "LAYOUT",
        _by_builders(_built("builder-1", "worker-1"), _built("builder-2", "worker-2")),
    ),
    _attack(
        "sublayout-by-both-builders",
        "Two builders whose agreement is asked for sign one layout, in which a third did the work once.",
        _by_builders(_built("builder-1+builder-2", "worker-1")),
        "SIG-THRESHOLD",
        _by_builders(_built("builder-1", "worker-1"), layouts.LINKS[1]),
    ),
    _attack(
        "link-in-two-layouts",
        "The packager names a builder for a step of their own, and offers what the builder signed for the project's.",
        _again("build"),
        "LAYOUT",
        _again("compile"),
    ),
    _attack(
        "layout-within-itself",
        "A functionary's layout stands for its own step.",
        _within_itself(),
        "LAYOUT",
        divided(_one_step("package", "packager"), (layouts.LINKS[2],)),
    ),
    _attack(
        "sublayouts-too-deep",
        "Each helper hands the step on to the next: whoever follows them without a bound does not come back.",
        _deep(5),
        "SCHEMA",
        _deep(4),
    ),
    Attack(
        variant="sublayout-with-a-revoked-helper",
        why="The key of the functionary's helper was copied, and the trust root has taken it back.",
        deny=denied(_revoking(keys=_key("wrapper")), 11, "SIG-UNTRUSTED"),
        allow=allowed(_revoking(keys=_key("somebody"))),
    ),
    Attack(
        variant="sublayout-taken-back",
        why="The functionary's layout was revoked by its digest; the layout of the project was not.",
        deny=denied(_revoking(attestations=_statement(layouts.packaging())), 11, "EVID-REVOKED"),
        allow=allowed(_revoking(attestations=_statement(layouts.packaging(readme="another")))),
    ),
)
