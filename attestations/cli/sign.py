"""`attest sign`: signs a predicate as an in-toto statement about files."""

from pathlib import Path

import click

from attestations.command_line import output_option, show
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.errors import InputError
from attestations.predicates import NAMES, PREDICATES
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256, decode
from attestations.sealing import open_sealer
from attestations.statement import Subject, read_statement, write_statement
from attestations.strict import digest_file, read_file, read_json
from attestations.strict.limits import EVIDENCE

_FILE = click.Path(path_type=Path, dir_okay=False)


class SignedStatement(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("attest-sign")):
    """What `attest sign --output json` prints."""

    out: str
    predicate_type: str
    subjects: tuple[Subject, ...]
    signed_by: tuple[Sha256, ...]
    """fingerprints of the keys; empty where a Sigstore identity signed"""
    identity: str | None
    """whom the Sigstore certificate names; null where keys signed"""


@click.command("sign")
@click.option("--type", "kind", required=True, metavar="NAME|URI", help="Statement type, as docs/statements names it.")
@click.option("--predicate", type=_FILE, required=True, help="The predicate, as JSON.")
@click.option("--subject", "files", type=_FILE, multiple=True, help="A file that it is about. Repeatable.")
@click.option(
    "--subject-digest",
    "named",
    multiple=True,
    metavar="NAME=ALGORITHM:HEX",
    help="What it is about, where that is no file: a commit, as signer=gitCommit:9f2c.... Repeatable.",
)
@click.option(
    "--sign-with",
    required=True,
    multiple=True,
    metavar="KEY",
    help="A key URI; repeat for several. Or sigstore:CONFIG.json, for the identity of a CI job.",
)
@click.option("--out", type=_FILE, required=True, help="Where the signed statement is written.")
@output_option(SignedStatement)
def command(  # one parameter for each option
    kind: str,
    predicate: Path,
    files: tuple[Path, ...],
    named: tuple[str, ...],
    sign_with: tuple[str, ...],
    out: Path,
    output: str,
) -> None:
    """Sign a predicate as an in-toto statement about files.

    The predicate is checked against its schema first. What is signed is believed by nobody until gatekeeper has
    verified who signed it.
    """
    refuse_replacing((out,), resolved(predicate, *files, *sign_with))
    uri = NAMES.get(kind, kind)
    if uri not in PREDICATES:
        raise InputError(
            "TYPE-PREDICATE", found=f"{kind!a:.120}", wanted=f"one of: {', '.join(NAMES)}", fix="correct --type"
        )
    document = read_json(read_file(predicate, EVIDENCE.max_bytes), str(predicate))
    decode(document, PREDICATES[uri])
    subjects = (*map(_file_subject, files), *map(_named_subject, named))
    if not subjects:
        raise _usage("no subject", "--subject FILE or --subject-digest NAME=ALGORITHM:HEX")
    payload = write_statement(subjects, uri, document.value)
    read_statement(payload, str(predicate))  # nothing is signed that a reader would refuse
    sealed = open_sealer(sign_with).seal(payload)
    write_durably(out, sealed.raw)
    signed = SignedStatement(
        out=str(out), predicate_type=uri, subjects=subjects, signed_by=sealed.keys, identity=sealed.identity
    )
    by = sealed.identity or len(sealed.keys)
    show(output, signed, f"{out}: {kind} about {len(subjects)} subjects, signed by {by}")


def _named_subject(text: str) -> Subject:
    name, equals, digest = text.partition("=")
    algorithm, colon, value = digest.partition(":")
    if not (name and equals and algorithm and colon and value):
        raise _usage(f"--subject-digest {text!a:.120}", "NAME=ALGORITHM:HEX")
    return Subject(name=name, digest={algorithm: value})


def _usage(found: str, wanted: str) -> InputError:
    return InputError("USAGE", found=found, wanted=wanted, fix="attest sign --help")


def _file_subject(path: Path) -> Subject:
    return Subject(name=path.name, digest={"sha256": digest_file(path)})
