"""What the `gatekeeper log` commands print as JSON."""

from attestations.printed import Fault, schema_uri
from attestations.records import Count, JsonRecord, Name, Sha256


class NewLedger(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("log-init")):
    """What `gatekeeper log init --output json` prints."""

    ledger: str
    origin: str
    key: Sha256
    """fingerprint of the ledger's key"""


class Checked(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("log-verify")):
    """What `gatekeeper log verify --output json` prints: the head of a complete ledger, or what is wrong with it."""

    valid: bool
    origin: str | None = None
    size: Count | None = None
    root: Sha256 | None = None
    kinds: dict[str, Count] | None = None
    """number of entries of each kind"""
    fault: Fault | None = None


class Proved(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("log-prove")):
    """What `gatekeeper log prove --output json` prints."""

    index: Count
    proof: str
    """C2SP tlog-proof"""


class LastCheckpoint(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("log-checkpoint")):
    """What `gatekeeper log checkpoint --output json` prints."""

    checkpoint: str
    """C2SP tlog-checkpoint"""


class RecordedOrder(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("log-record")):
    """What `gatekeeper log record --output json` prints."""

    index: Count
    id: Name
    predicate_type: Name


class ExportedEntry(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("log-entry")):
    """What `gatekeeper log export` prints, one a line."""

    index: Count
    kind: str
    content: str
    """Base64"""
    proof: str
    """C2SP tlog-proof under the last checkpoint"""
