import socket
import subprocess
import sys

from bundles import PAYLOAD, verify

from attestations.sigstore.practice import PrivateSigstore


def test_verification_opens_no_socket_and_leaves_no_file(tmp_path, monkeypatch):
    def no_network(*arguments, **options):
        raise AssertionError(arguments)

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sigstore = PrivateSigstore()
    assert verify(sigstore.sign_statement(PAYLOAD), sigstore.trusted_root).payload == PAYLOAD
    assert list(tmp_path.iterdir()) == []


def test_importing_the_module_does_not_import_the_library():
    modules = "attestations.sigstore, attestations.identity"
    code = f"import sys, {modules}; print({{'sigstore', 'cryptography'}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout == "set()\n"
