"""A case file of an approval, made by the real gate."""

import pytest
from world.documents import NOW
from world.gate import KINDS, Gate, pinning
from world.keys import signer
from world.registry import World

from attestations.times import Instant
from gatekeeper.anchors import Anchors
from gatekeeper.case_file import write_case_file
from gatekeeper.cli.reporting import report_of
from gatekeeper.gate import Keys, issue
from gatekeeper.report import Approval


def case_file_of(issued):
    approval = Approval(path="approval.json", not_after=str(issued.not_after)) if issued.not_after else None
    return write_case_file(issued, report_of(issued.judgement, issued.index, approval))


@pytest.fixture(scope="session")
def issued(tmp_path_factory):
    return Gate.make(tmp_path_factory.mktemp("gate")).issue(World().files())


@pytest.fixture(scope="session")
def archive(issued):
    return case_file_of(issued)


@pytest.fixture
def gate(tmp_path):
    return Gate.make(tmp_path)


@pytest.fixture(scope="session")
def write_case():
    return case_file_of


@pytest.fixture
def issue_inputs(gate):
    """Issue on inputs that are no world's files."""

    def issued_on(inputs):
        spec = pinning({f"{kind}.yaml": getattr(inputs, kind).raw for kind in KINDS}, *KINDS)
        with gate.ledger() as ledger:
            keys = Keys(gate=signer("gate"), ledger=signer("ledger"))
            return issue(inputs, Anchors(spec=spec), ledger, keys, Instant.parse(NOW))

    return issued_on
