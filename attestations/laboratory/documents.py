"""The laboratory's files for others: DNSKEY records, and an inventory like production's."""

import base64
import json

from attestations.laboratory.units import Rack
from attestations.rollover.signing import ZoneKey

COMPONENTS = ("signer", "rollover-agent", "pkcs11-module", "configuration")
CODE_BASE = "practice-signer"
STAGES = ("laboratory", "cold-parallel", "hidden-primary", "canary", "full")


def dnskey_lines(zone: str, keys: tuple[ZoneKey, ...]) -> str:
    """Return the zone's DNSKEY records in master-file form."""
    return "".join(_dnskey(zone, key) for key in keys)


def environment(zone: str, rack: Rack, ds: bytes) -> str:
    """Return an Environment document: these HSMs, this zone, and the parent's `ds` for it."""
    lines = [
        "# The inventory of a practice laboratory. Sign it, or pin its digest, before a gate relies on it.",
        "apiVersion: gatekeeper/v1",
        "kind: Environment",
        "metadata: {name: practice-laboratory, version: 1, owner: laboratory@registry.example}",
        "spec:",
        "  zones:",
        f"    - {{name: {_quoted(zone)}, parent_ds: [{_parent_ds(ds)}], denial: nsec3}}",
        "  hsms:",
        *(_hsm(rack, index) for index in range(len(rack.hsms))),
        f"  signer: {{code_bases: [{CODE_BASE}], components: [{', '.join(COMPONENTS)}]}}",
        f"  stages: [{', '.join(STAGES)}]",
    ]
    return "\n".join(lines) + "\n"


def _dnskey(zone: str, key: ZoneKey) -> str:
    published = key.published
    text = base64.b64encode(published.public_key).decode("ascii")
    fields = f"{published.flags} {published.protocol} {published.algorithm} {text}"
    return f"{zone} 3600 IN DNSKEY {fields} ; {published.role}, key tag {published.tag}\n"


def _parent_ds(ds: bytes) -> str:
    return ", ".join(_quoted(line.split(" DS ", 1)[1]) for line in ds.decode("ascii").splitlines())


def _hsm(rack: Rack, index: int) -> str:
    identity, site = rack.hsms[index].token.identity, rack.sites[index]
    named = {
        "id": f"hsm-{site}-{index + 1}",
        "serial": identity.serial,
        "site": site,
        "model": identity.model,
        "firmware": identity.firmware,
    }
    return "    - {" + ", ".join(f"{name}: {_quoted(value)}" for name, value in named.items()) + "}"


def _quoted(text: str) -> str:
    return json.dumps(text)
