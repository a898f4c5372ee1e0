import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from bundles import PAYLOAD, certified, verify

from attestations.sigstore.practice import GITHUB, WORKFLOW, PrivateSigstore

ISOLATED = ("unshare", "--map-root-user", "--net")


def test_verification_opens_no_socket_and_leaves_no_file(tmp_path, monkeypatch):
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sigstore = PrivateSigstore()
    assert verify(sigstore.sign_statement(PAYLOAD), sigstore.trusted_root).payload == PAYLOAD
    assert list(tmp_path.iterdir()) == []


def test_the_guard_of_these_tests_guards():
    with pytest.raises(AssertionError, match="network"), socket.socket() as plug:
        plug.connect(("127.0.0.1", 9))


@pytest.mark.needs("unshare")
def test_the_command_judges_on_a_machine_without_any_network(tmp_path):
    if subprocess.run([*ISOLATED, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives nobody a network of their own")
    sigstore = PrivateSigstore()
    (tmp_path / "bundle.json").write_bytes(sigstore.sign_file(b"a component", *certified(sigstore)))
    (tmp_path / "root.json").write_bytes(sigstore.trusted_root)
    (tmp_path / "signer").write_bytes(b"a component")
    call = ("verify-bundle", "--bundle", "bundle.json", "--trusted-root", "root.json", "signer")
    signer = ("--certificate-identity", WORKFLOW, "--certificate-oidc-issuer", GITHUB)
    where = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}}
    isolated = [*ISOLATED, sys.executable, "-m", "attestations", *call, *signer]
    run = subprocess.run(isolated, **where, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stdout.partition(" ")[0]) == (0, "✓"), run.stderr


def test_importing_the_module_does_not_import_the_library():
    modules = "attestations.sigstore, attestations.identity"
    code = f"import sys, {modules}; print({{'sigstore', 'cryptography'}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout == "set()\n"
