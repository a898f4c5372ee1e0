"""What in-toto itself makes is read, and where in-toto refuses, so do we."""

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from in_toto.exceptions import RuleVerificationError, ThresholdVerificationError
from in_toto.models.layout import Inspection, Layout, Step
from in_toto.models.metadata import Envelope, Metablock, Metadata
from in_toto.runlib import in_toto_run
from in_toto.verifylib import in_toto_verify
from securesystemslib.signer import CryptoSigner, SSlibKey

from attestations.errors import InputError
from attestations.layout import read_chain, verify_chain, write_chain
from attestations.strict import read_json
from attestations.times import Instant

# in-toto 3.1.0 uses a name of pathspec that this is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")

NOW = Instant.parse("2026-04-10T12:00:00Z")
WRITE = [sys.executable, "-c", "open('signer', 'w').write(open('signer.c').read().upper())"]
CURVES = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
}


def signer_of(kind):
    private = CURVES[kind]()
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))


def key_dict(signer):
    return {**signer.public_key.to_dict(), "keyid": signer.public_key.keyid}


def made(folder, owner, builder, envelope):
    """Run the two steps of a layout with in-toto, as their functionaries would."""
    rules = [["ALLOW", "signer.c"], ["DISALLOW", "*"]]
    build = Step(
        name="build",
        pubkeys=[builder.public_key.keyid],
        expected_materials=rules,
        expected_products=[["CREATE", "signer"], *rules],
    )
    build.expected_command = WRITE
    check = Step(
        name="check",
        pubkeys=[builder.public_key.keyid],
        expected_materials=[["MATCH", "signer", "WITH", "PRODUCTS", "FROM", "build"], ["DISALLOW", "*"]],
        expected_products=[["MATCH", "signer", "WITH", "PRODUCTS", "FROM", "build"], ["DISALLOW", "*"]],
    )
    layout = Layout(steps=[build, check], keys={builder.public_key.keyid: key_dict(builder)})
    layout.set_relative_expiration(days=1)
    signed = Envelope.from_signable(layout) if envelope else Metablock(signed=layout)
    signed.create_signature(owner)
    signed.dump(str(folder / "root.layout"))
    (folder / "signer.c").write_text("code")
    common = {"signer": builder, "use_dsse": envelope, "metadata_directory": str(folder)}
    in_toto_run("build", ["signer.c"], ["signer", "signer.c"], WRITE, **common)
    in_toto_run("check", ["signer"], ["signer"], [sys.executable, "-c", ""], **common)


def ours(folder):
    parts = [
        read_json(path.read_bytes(), path.name) for path in [folder / "root.layout", *sorted(folder.glob("*.link"))]
    ]
    raw = write_chain(parts[0], parts[1:])
    return verify_chain(read_chain(read_json(raw, "layout.json")), NOW)


def theirs(folder, owner):
    layout = Metadata.load(str(folder / "root.layout"))
    keys = {owner.public_key.keyid: key_dict(owner)}
    return in_toto_verify(layout, keys, link_dir_path=str(folder), persist_inspection_links=False)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("envelope", [True, False], ids=["DSSE", "Metablock"])
def test_what_in_toto_made_is_read_as_in_toto_reads_it(place, kind, envelope):
    owner, builder = signer_of("ed25519"), signer_of(kind)
    made(place, owner, builder, envelope)
    found = ours(place)
    assert {subject.name: subject.digest for subject in found.products} == theirs(place, owner).products
    assert [step.name for step in found.steps] == ["build", "check"]


@pytest.mark.parametrize("envelope", [True, False], ids=["DSSE", "Metablock"])
@pytest.mark.parametrize("by", ["builder", "stranger"])
def test_what_in_toto_refuses_is_refused(place, envelope, by):
    """A file that was swapped between two steps; a step done by somebody whom the layout does not name."""
    signers = {name: signer_of("ed25519") for name in ("owner", "builder", "stranger")}
    made(place, signers["owner"], signers["builder"], envelope)
    assert ours(place)
    link = next(place.glob("check.*.link"))
    link.unlink()
    if by == "builder":
        (place / "signer").write_text("swapped")
    again = {"signer": signers[by], "use_dsse": envelope, "metadata_directory": str(place)}
    in_toto_run("check", ["signer"], ["signer"], [sys.executable, "-c", ""], **again)
    next(place.glob("check.*.link")).rename(link)  # under the name that in-toto looks for
    with pytest.raises(InputError):
        ours(place)
    with pytest.raises((RuleVerificationError, ThresholdVerificationError)):
        theirs(place, signers["owner"])


def demo(folder, owner, by):
    """The layout of in-toto's own demonstration (in-toto/demo, create_layout.py) with links by its functionaries."""
    (folder / "project").mkdir()
    tool = [sys.executable, "-c"]
    write = [*tool, "open('project/foo.py', 'w').write('v0')"]
    update = [*tool, "open('project/foo.py', 'w').write('v1')"]
    pack = [*tool, "open('project.tar.gz', 'w').write(open('project/foo.py').read())"]
    everything, end = "project/*", ["DISALLOW", "*"]
    rules = {
        "clone": ([], [["CREATE", "project/foo.py"], end]),
        "update-version": (
            [["MATCH", everything, "WITH", "PRODUCTS", "FROM", "clone"], end],
            [["MODIFY", "project/foo.py"], end],
        ),
        "package": (
            [["MATCH", everything, "WITH", "PRODUCTS", "FROM", "update-version"], end],
            [["CREATE", "project.tar.gz"], end],
        ),
    }
    steps = [
        Step(name=name, pubkeys=[by[name].public_key.keyid], expected_materials=went_in, expected_products=came_out)
        for name, (went_in, came_out) in rules.items()
    ]
    keys = {signer.public_key.keyid: key_dict(signer) for signer in by.values()}
    unpack = {"name": "untar", "run": [*tool, ""], "expected_materials": [], "expected_products": []}
    common = {"use_dsse": True, "metadata_directory": str(folder)}
    in_toto_run("clone", [], ["project"], write, signer=by["clone"], **common)
    in_toto_run("update-version", ["project"], ["project"], update, signer=by["update-version"], **common)
    in_toto_run("package", ["project"], ["project.tar.gz"], pack, signer=by["package"], **common)
    layout = Layout(steps=steps, keys=keys, inspect=[Inspection(**unpack)])
    layout.set_relative_expiration(days=1)
    return layout


def sealed(folder, layout, owner):
    signed = Envelope.from_signable(layout)
    signed.create_signature(owner)
    signed.dump(str(folder / "root.layout"))


def test_the_layout_of_in_toto_s_own_demonstration_is_read_once_it_is_closed_and_runs_nothing(place):
    """As it stands, the first step takes in whatever there is, and the verifier unpacks an archive on the host."""
    owner, bob, carl = (signer_of("ed25519") for _ in range(3))
    layout = demo(place, owner, {"clone": bob, "update-version": bob, "package": carl})
    for change, told in (
        (lambda: None, "inspections ('untar'), which run commands on the host"),
        (layout.inspect.clear, "step 'clone' without DISALLOW * at the end of its materials"),
        (lambda: layout.steps[0].expected_materials.append(["DISALLOW", "*"]), None),
    ):
        change()
        sealed(place, layout, owner)
        assert theirs(place, owner).products
        if told:
            with pytest.raises(InputError) as caught:
                ours(place)
            assert caught.value.found == told
    assert [subject.name for subject in ours(place).products] == ["project.tar.gz"]
    assert [step.name for step in ours(place).steps] == ["clone", "update-version", "package"]
