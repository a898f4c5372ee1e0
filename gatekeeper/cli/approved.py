"""What a host knows of an approval beside the approval itself: what is installed, the ledger's entry and its halts."""

from pathlib import Path

from attestations.errors import InputError
from attestations.predicates.commissioning_approval import CommissioningApproval
from attestations.predicates.halt import Halt
from attestations.strict import digest_file, read_file
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant
from gatekeeper.trust import TrustRoot

PROOF_SUFFIX = ".tlog-proof"


def check_ledger(  # everything that the host knows
    raw: bytes,
    approval: Path,
    root: TrustRoot,
    checked: CommissioningApproval,
    now: Instant,
    ledger: str | None,
    ledger_proof: Path | None,
) -> Halt | None:
    """Return the halt that stands against the approval, if the ledger is given.

    Raises InputError (LOG, TOKEN) unless the approval is recorded, as far as this host can tell.
    """
    from gatekeeper.host import check_proof, check_recorded, halt_in_force

    if ledger is not None:
        from gatekeeper.ledger.store import open_ledger

        if root.ledger_key is None:
            raise InputError(
                "TOKEN",
                found="--ledger, and a trust root that names no ledger",
                wanted="a trust root with the ledger's origin and key",
                fix="add spec.ledger to the host's trust root",
            )
        with open_ledger(ledger, root.ledger_key) as opened:
            check_recorded(raw, opened)
            return halt_in_force(opened, root, checked, now)
    if root.ledger_key is not None or ledger_proof is not None:
        path = ledger_proof or approval.with_name(approval.name + PROOF_SUFFIX)
        check_proof(raw, read_file(path, EVIDENCE.max_bytes).decode("utf-8", "replace"), root)
    return None


def digests_of(components: tuple[str, ...]) -> dict[str, str]:
    """Return the SHA-256 of each installed component by its name; raise InputError (USAGE)."""
    digests: dict[str, str] = {}
    for text in components:
        name, equals, file = text.partition("=")
        if not equals or not name or name in digests:
            raise InputError(
                "USAGE",
                found=f"--component {text!a}",
                wanted="NAME=FILE, each name once",
                fix="name every component of the release with the file that is installed",
            )
        digests[name] = digest_file(Path(file))
    return digests
