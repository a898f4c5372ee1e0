"""The statement types: one module each, one row each in this table."""

from collections.abc import Mapping
from types import MappingProxyType

from attestations.predicates import (
    commissioning_approval,
    deployment_request,
    drift_report,
    freeze,
    halt,
    halt_drill,
    hsm_key_coverage,
    rollback_drill,
    sbom,
    sign_off,
    slsa_provenance,
    test_result,
    verification_summary,
    waiver,
    zone_validation,
)

PREDICATES: Mapping[str, type] = MappingProxyType(
    {
        hsm_key_coverage.TYPE: hsm_key_coverage.HsmKeyCoverage,
        zone_validation.TYPE: zone_validation.ZoneValidation,
        halt_drill.TYPE: halt_drill.HaltDrill,
        rollback_drill.TYPE: rollback_drill.RollbackDrill,
        deployment_request.TYPE: deployment_request.DeploymentRequestPredicate,
        commissioning_approval.TYPE: commissioning_approval.CommissioningApproval,
        sign_off.TYPE: sign_off.SignOff,
        waiver.TYPE: waiver.Waiver,
        freeze.TYPE: freeze.Freeze,
        halt.TYPE: halt.Halt,
        drift_report.TYPE: drift_report.DriftReport,
        slsa_provenance.TYPE: slsa_provenance.Provenance,
        slsa_provenance.TYPE_V02: slsa_provenance.ProvenanceV02,
        verification_summary.TYPE: verification_summary.VerificationSummary,
        test_result.TYPE: test_result.TestResult,
        sbom.TYPE_CYCLONEDX: sbom.CycloneDx,
        sbom.TYPE_SPDX: sbom.Spdx,
    }
)
"""Predicate type URI -> record type. What is not in the table is unsupported, and said to be."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "hsm-key-coverage": hsm_key_coverage.TYPE,
        "zone-validation": zone_validation.TYPE,
        "halt-drill": halt_drill.TYPE,
        "rollback-drill": rollback_drill.TYPE,
        "deployment-request": deployment_request.TYPE,
        "commissioning-approval": commissioning_approval.TYPE,
        "sign-off": sign_off.TYPE,
        "waiver": waiver.TYPE,
        "freeze": freeze.TYPE,
        "halt": halt.TYPE,
        "drift-report": drift_report.TYPE,
        "provenance": slsa_provenance.TYPE,
        "provenance-v0.2": slsa_provenance.TYPE_V02,
        "source-review": verification_summary.TYPE,
        "test-result": test_result.TYPE,
        "sbom": sbom.TYPE_CYCLONEDX,
        "sbom-spdx": sbom.TYPE_SPDX,
    }
)
"""Short name, as trust roots, policies and `attest sign --type` write it -> predicate type URI."""
