"""in-toto layouts and links, made with in-toto itself and signed with test keys."""

import base64
import copy
import json
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from in_toto.models.layout import Layout
from in_toto.models.link import Link
from world.keys import TestSigner, digest, signer

from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.layout.chain import TYPE
from attestations.layout.link_statement import TYPE as LINK_TYPE
from attestations.statement import STATEMENT_TYPE

EXPIRES = "2027-01-31T00:00:00Z"
BUILD, PACKAGE = ["make", "signer"], ["tar", "cf", "signer.tar", "signer"]
SOURCE = {"signer.c": {"sha256": digest("signer.c")}}
COMPONENTS = ("signer", "rollover-agent", "pkcs11-module", "configuration")
BUILT = {name: {"sha256": digest(name)} for name in COMPONENTS}


def key_id(name: str) -> str:
    return signer(name).public.fingerprint


def named_key(name: str) -> dict[str, Any]:
    """Return a key as layouts name it."""
    raw = signer(name).private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = {"public": raw.hex()}
    return {"keyid": key_id(name), "keytype": "ed25519", "scheme": "ed25519", "keyval": public}


def step(name: str, by: Sequence[str], materials: list[Any], products: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "_type": "step",
        "name": name,
        "pubkeys": [key_id(each) for each in by],
        "threshold": 1,
        "expected_command": [],
        "expected_materials": materials,
        "expected_products": products,
        **more,
    }


def layout(**more: Any) -> dict[str, Any]:
    """Return a layout of two steps: `build` by two builders, `package` by one packager."""
    build = step(
        "build",
        ("builder-1", "builder-2"),
        [["ALLOW", "signer.c"], ["DISALLOW", "*"]],
        [*(["CREATE", name] for name in COMPONENTS), ["DISALLOW", "*"]],
        threshold=2,
        expected_command=BUILD,
    )
    package = step(
        "package",
        ("packager",),
        [["MATCH", "*", "WITH", "PRODUCTS", "FROM", "build"], ["DISALLOW", "*"]],
        [["MATCH", "*", "WITH", "PRODUCTS", "FROM", "build"], ["DISALLOW", "*"]],
    )
    keys = {key_id(name): named_key(name) for name in ("builder-1", "builder-2", "packager")}
    said = {"_type": "layout", "expires": EXPIRES, "readme": "", "steps": [build, package], "inspect": [], "keys": keys}
    return copy.deepcopy(said | more)


def link(name: str, materials: dict[str, Any], products: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {
        "_type": "link",
        "name": name,
        "materials": materials,
        "products": products,
        "byproducts": {"return-value": 0, "stdout": "", "stderr": ""},
        "command": BUILD if name == "build" else PACKAGE,
        "environment": {},
    }
    return copy.deepcopy(said | more)


def in_envelope(said: dict[str, Any], *signers: str, payload_type: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """Return it in a DSSE envelope."""
    sealed: dict[str, Any] = json.loads(seal(canonical_json(said), payload_type, tuple(map(signer, signers))))
    return sealed


def as_statement(said: dict[str, Any]) -> dict[str, Any]:
    """Return a link as the attestation that it would be."""
    predicate = {name: said[name] for name in ("name", "command", "byproducts", "environment")}
    materials = [{"name": name, "digest": digests} for name, digests in said["materials"].items()]
    subjects = [{"name": name, "digest": digests} for name, digests in said["products"].items()]
    return {
        "_type": STATEMENT_TYPE,
        "subject": subjects,
        "predicateType": LINK_TYPE,
        "predicate": {**predicate, "materials": materials},
    }


def as_attestation(said: dict[str, Any], *signers: str) -> dict[str, Any]:
    """Return it in a DSSE envelope, links as attestations."""
    return in_envelope(as_statement(said) if said["_type"] == "link" else said, *signers)


def in_metablock(said: dict[str, Any], *signers: str) -> dict[str, Any]:
    """Return it in in-toto's older form, signed over the library's canonical JSON."""
    model = (Layout if said["_type"] == "layout" else Link).read(copy.deepcopy(said))
    made = [_hex_signature(signer(name), key_id(name), model.signable_bytes) for name in signers]
    return {"signed": said, "signatures": made}


def _hex_signature(by: TestSigner, key: str, data: bytes) -> dict[str, str]:
    return {"keyid": key, "sig": by.sign(data).hex()}


LINKS = (
    (link("build", SOURCE, BUILT), "builder-1"),
    (link("build", SOURCE, BUILT), "builder-2"),
    (link("package", BUILT, BUILT), "packager"),
)


def chain(
    said: dict[str, Any] | None = None,
    links: Any = LINKS,
    owners: Sequence[str] = ("project",),
    form: Any = in_envelope,
) -> bytes:
    """Return a layout with its links in one file; what is no pair of a link and its signers stands as it is."""
    value = {
        "_type": TYPE,
        "layout": form(said or layout(), *owners),
        "links": _signed(links, form),
    }
    return canonical_json(value)


def _signed(links: Any, form: Any) -> list[Any]:
    return [one if isinstance(one, dict) else form(one[0], *one[1].split("+")) for one in links]


def packaging(**more: Any) -> dict[str, Any]:
    """Return a packager's own layout for the step `package`: one collects the files, another wraps them."""
    named, end = [["ALLOW", name] for name in COMPONENTS], ["DISALLOW", "*"]
    collect = step("collect", ("collector",), [*named, end], [*named, end])
    handed_on = [["MATCH", "*", "WITH", "PRODUCTS", "FROM", "collect"], end]
    wrap = step("wrap", ("wrapper",), handed_on, handed_on, expected_command=PACKAGE)
    keys = {key_id(name): named_key(name) for name in ("collector", "wrapper")}
    said = {"_type": "layout", "expires": EXPIRES, "readme": "", "steps": [collect, wrap], "inspect": [], "keys": keys}
    return copy.deepcopy(said | more)


PACKAGING_LINKS = (
    (link("collect", BUILT, BUILT), "collector"),
    (link("wrap", BUILT, BUILT), "wrapper"),
)


def sublayout(
    said: dict[str, Any] | None = None,
    links: Any = PACKAGING_LINKS,
    by: str = "packager",
    name: str = "package",
    form: Any = in_envelope,
) -> dict[str, Any]:
    """Return a sublayout with its links, as it stands in the place of a link."""
    signed = form(said or packaging(), *by.split("+"))
    return {"_type": TYPE, "step": name, "layout": signed, "links": _signed(links, form)}


def replaced(index: int, **more: Any) -> tuple[Any, ...]:
    """Return the good links with members of one changed."""
    return tuple((one | more, by) if index == number else (one, by) for number, (one, by) in enumerate(LINKS))


def base64_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def base64_bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
