"""The case file: one deterministic archive from which a decision can be verified and replayed offline."""

from gatekeeper.case_file.reading import CaseFile, read_case_file
from gatekeeper.case_file.replaying import Replay, replay
from gatekeeper.case_file.writing import write_case_file

__all__ = ["CaseFile", "Replay", "read_case_file", "replay", "write_case_file"]
