"""`gatekeeper trust`: show, compare, sign and renew trust roots."""

from pathlib import Path

import click

from attestations.command_line import output_option, show
from attestations.document_envelope import PAYLOAD_TYPE
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.envelope import seal
from attestations.inert import visible
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256
from attestations.signers import open_signer
from attestations.times import Instant
from gatekeeper.anchors import DEFAULT_PATH, Anchors, chain_folder, check_anchored_chain, read_anchors
from gatekeeper.cli.arguments import FILE, clock
from gatekeeper.documents import parse_source, read_source
from gatekeeper.trust import TrustRoot, load_trust, read_trust, read_trust_files
from gatekeeper.trust.grants import Grant, difference, grants_of
from gatekeeper.trust.succession import append, check_not_expired, lacking, load_version


class Said(JsonRecord, frozen=True, kw_only=True):
    """One thing that a trust root says of one holder."""

    holder: str
    what: str
    value: str


class ShownTrust(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("trust-show")):
    """What `gatekeeper trust show --output json` prints."""

    name: str
    version: int
    digest: Sha256
    expires: Instant
    development: bool
    grants: tuple[Said, ...]


class TrustDifference(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("trust-diff")):
    """What `gatekeeper trust diff --output json` prints."""

    old: Sha256
    new: Sha256
    given: tuple[Said, ...]
    """what only the new version says"""
    taken: tuple[Said, ...]
    """what only the old version says"""


class SignedTrust(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("trust-sign")):
    """What `gatekeeper trust sign --output json` prints."""

    out: str
    version: int
    digest: Sha256
    signatures: int
    lacking: int | None
    """signatures by its own owners that are still missing; null where it names no owners"""


class Rotated(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("trust-rotate")):
    """What `gatekeeper trust rotate --output json` prints."""

    file: str
    version: int
    digest: Sha256


@click.group("trust")
def command() -> None:
    """Show, compare, sign and renew trust roots."""


@command.command("show")
@click.argument("trust", type=FILE)
@output_option(ShownTrust)
def show_command(trust: Path, output: str) -> None:
    """Say plainly whom TRUST believes, for what, by which keys."""
    root = read_trust(trust)
    grants = grants_of(root)
    document = ShownTrust(
        name=root.metadata.name,
        version=root.metadata.version,
        digest=root.digest,
        expires=root.metadata.expires,
        development=root.metadata.development,
        grants=_said(grants),
    )
    show(output, document, "\n".join((_heading(root), *(f"  {_line(grant)}" for grant in grants))))


@command.command("diff")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@output_option(TrustDifference)
def diff_command(old: Path, new: Path, output: str) -> None:
    """Say what NEW gives (+) and takes (-) against OLD: read it before you sign NEW."""
    before, after = read_trust(old), read_trust(new)
    found = difference(before, after)
    document = TrustDifference(old=before.digest, new=after.digest, given=_said(found.given), taken=_said(found.taken))
    lines = (*(f"- {_line(one)}" for one in found.taken), *(f"+ {_line(one)}" for one in found.given))
    show(output, document, "\n".join((_heading(before), _heading(after), *(lines or ("no difference",)))))


@command.command("sign")
@click.argument("trust", type=FILE)
@click.option("--sign-with", required=True, multiple=True, metavar="KEY", help="An owner's key; repeat for several.")
@click.option("--out", type=FILE, required=True, help="Where the signed trust root is written.")
@output_option(SignedTrust)
def sign_command(trust: Path, sign_with: tuple[str, ...], out: Path, output: str) -> None:
    """Sign TRUST as its owner, beside the owners who signed it before.

    Owners sign one after the other, each the file that the last one wrote, until the threshold is reached.
    """
    refuse_replacing((out,), resolved(*sign_with))
    source = read_source(trust)
    load_trust(source, read_trust_files(source, trust.parent))  # nobody signs what could not be used
    kept = source.envelope.signatures if source.envelope else ()
    signers = tuple(open_signer(uri) for uri in sign_with)
    signed = parse_source(seal(source.document.raw, PAYLOAD_TYPE, signers, kept), str(out))
    version = load_version(signed)
    missing = lacking(version, version) if version.record.spec.owners else None
    write_durably(out, signed.raw)
    count = len(signed.envelope.signatures) if signed.envelope else 0
    metadata = version.record.metadata
    document = SignedTrust(
        out=str(out), version=metadata.version, digest=version.digest, signatures=count, lacking=missing
    )
    show(
        output, document, f"{out}: {metadata.name} version {metadata.version}, {count} signature(s), {_state(missing)}"
    )


@command.command("rotate")
@click.argument("new", type=FILE)
@click.option("--gate", type=FILE, default=DEFAULT_PATH, show_default=True, help="The gate's own configuration.")
@output_option(Rotated)
def rotate_command(new: Path, gate: Path, output: str) -> None:
    """Take NEW in as the trust root in force, if the owners of the one before it signed it.

    The gate's configuration names the folder of versions (trust_chain). From then on the gate issues under NEW alone.
    """
    source = read_source(new)
    load_trust(source, read_trust_files(source, new.parent))  # what could not be used is not taken in
    version = load_version(source)
    check_not_expired(version, clock())
    anchors = read_anchors(gate)
    grown = Anchors(spec=anchors.spec, chain=(*anchors.chain, version))
    check_anchored_chain(grown)
    path = append(chain_folder(gate, anchors.spec), version)
    metadata = version.record.metadata
    document = Rotated(file=str(path), version=metadata.version, digest=version.digest)
    show(output, document, f"{path}: {metadata.name} version {metadata.version} is in force (sha256 {version.digest})")


def _state(missing: int | None) -> str:
    if missing is None:
        return "it names no owners, so that no version can follow it"
    return f"{missing} more of its owners must sign" if missing else "its owners have signed"


def _heading(root: TrustRoot) -> str:
    kind = ", for development only" if root.metadata.development else ""
    name = f"{root.metadata.name} version {root.metadata.version}"
    return f"{name}, sha256 {root.digest}, expires {root.metadata.expires}{kind}"


def _line(grant: Grant) -> str:
    return visible(str(grant))


def _said(grants: tuple[Grant, ...]) -> tuple[Said, ...]:
    return tuple(Said(holder=grant.holder, what=grant.what, value=grant.value) for grant in grants)
