"""Policies before they are used: read closely, tested with their cases and mutants, compared, told in plain words."""

from gatekeeper.policy_testing.cases import PolicyCase, read_case_folder, read_recorded_case
from gatekeeper.policy_testing.comparing import Comparison, compare
from gatekeeper.policy_testing.linting import Remark, lint
from gatekeeper.policy_testing.testing import PolicyTestRun, run_tests

__all__ = [
    "Comparison",
    "PolicyCase",
    "PolicyTestRun",
    "Remark",
    "compare",
    "lint",
    "read_case_folder",
    "read_recorded_case",
    "run_tests",
]
