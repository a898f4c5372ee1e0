"""A validator that contains the signer's code has no vote; what may be shared is named in the policy, visibly."""

import pytest
from world.documents import party
from world.keys import digest
from world.pieces import Piece
from world.registry import World

TOOL = digest("validator tool")


def bill(*purls):
    components = [{"type": "library", "name": purl.rpartition("/")[2], "purl": purl} for purl in purls]
    return lambda _: {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}


def spdx(*names):
    return lambda _: {"spdxVersion": "SPDX-2.3", "name": "x", "packages": [{"name": name} for name in names]}


def world(*, signer, validator, kind="sbom", about=TOOL, may_share=()):
    """Both validators' tools, and the signer, with bills of materials."""
    changed = World().with_document(
        "trust", lambda d: d["spec"]["parties"].append(party("bill-maker", ["sbom", "sbom-spdx"]))
    )
    changed = changed.with_predicate("zone-bind.json", lambda p: p["tool"].update(digest=TOOL))
    changed = changed.adding("signer-bill.json", Piece(kind, signer, ("bill-maker",)))
    subject = (("validator", {"sha256": about}),)
    changed = changed.adding("validator-bill.json", Piece(kind, validator, ("bill-maker",), subject))

    def allow(document):
        requirement = next(r for r in document["spec"]["requirements"] if r["kind"] == "zone-validation")
        requirement["may_share"] = list(may_share)

    return changed.with_document("policy", allow) if may_share else changed


def decision_of(case):
    return case.judge().decision


def test_bills_without_anything_in_common_change_nothing():
    case = world(signer=bill("pkg:deb/debian/knot@3.2.6"), validator=bill("pkg:deb/debian/bind9-utils@9.18.49"))
    assert decision_of(case).verdict == "approve"


@pytest.mark.parametrize("kind", ["sbom", "sbom-spdx"])
def test_a_library_in_both_bills_denies_whatever_its_version(kind):
    make = bill if kind == "sbom" else spdx
    signer = make("pkg:deb/debian/libknot13@3.2.6?arch=amd64") if kind == "sbom" else make("libknot")
    validator = make("pkg:deb/debian/libknot13@3.3.0?arch=arm64") if kind == "sbom" else make("LibKnot")
    decision = decision_of(world(signer=signer, validator=validator, kind=kind))
    assert (decision.verdict, decision.reason_codes) == ("deny", ("EXT-VALID",))
    assert "libknot" in str(decision.to_json())


def test_what_the_policy_lets_both_contain_is_not_held_against_them():
    shared = "pkg:deb/debian/libc6"
    case = world(signer=bill(f"{shared}@2.36"), validator=bill(f"{shared}@2.36"), may_share=(shared,))
    assert decision_of(case).verdict == "approve"


def test_the_bill_of_another_tool_says_nothing_about_this_validator():
    shared = bill("pkg:deb/debian/libknot13@3.2.6")
    assert decision_of(world(signer=shared, validator=shared, about=digest("another tool"))).verdict == "approve"


def test_a_component_inside_a_component_counts():
    inner = {"type": "library", "name": "libknot", "purl": "pkg:deb/debian/libknot13@3.2.6"}
    outer = {"type": "application", "name": "bundle", "components": [inner]}
    nested = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [outer]}
    case = world(signer=bill("pkg:deb/debian/libknot13@3.2.6"), validator=lambda _: nested)
    assert decision_of(case).verdict == "deny"


def test_a_code_base_of_the_signer_needs_no_bill():
    case = World().with_predicate("zone-bind.json", lambda p: p["observer"].update(codeBases=["bind", "knot"]))
    assert decision_of(case).verdict == "deny"
