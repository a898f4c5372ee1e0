"""Name servers on loopback: the real ones, and one that answers whatever a test wants."""

import base64
import contextlib
import secrets
import socket
import struct
import subprocess
import threading
import time

import dns.exception
import dns.message
import dns.query
import pytest

from attestations.zone.reading.transfer import Server, key_from_file

READY_SECONDS = 20


def _free_port():
    """Return a port that is free for TCP and UDP."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            port = tcp.getsockname()[1]
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


def _answers(zone, port):
    try:
        question = dns.message.make_query(zone, "SOA")
        return dns.query.udp(question, "127.0.0.1", port=port, timeout=0.3).answer
    except (OSError, dns.exception.Timeout):
        return False


@contextlib.contextmanager
def _running(command, folder, zone, port):
    """Run a server until it answers for the zone, and stop it in the end."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(zone, port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.02)
        yield Server(host="127.0.0.1", port=port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


NSD = """
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  server-count: 1
  zonesdir: "{folder}"
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  cookie-secret-file: "{folder}/cookie"
remote-control:
  control-enable: no
key:
  name: transfer-key
  algorithm: {algorithm}
  secret: {secret}
zone:
  name: {zone}
  zonefile: {file}
  provide-xfr: 127.0.0.1 {key}
"""

KNOT = """
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {folder}/knot.sock
database:
  storage: {folder}/db
log:
  - target: stderr
    any: warning
key:
  - id: transfer-key
    algorithm: {algorithm}
    secret: {secret}
acl:
  - id: transfer
    address: 127.0.0.1
    action: [transfer, update]
    {key}
zone:
  - domain: {zone}
    file: {file}
    acl: transfer
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: all
"""

NAMED = """
options {{
  directory "{folder}";
  pid-file "{folder}/pid";
  session-keyfile "{folder}/session.key";
  listen-on port {port} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }};
  allow-transfer {{ {key} }};
  recursion no;
  dnssec-validation no;
  notify no;
}};
controls {{ }};
key transfer-key {{ algorithm {algorithm}; secret "{secret}"; }};
zone "{zone}" {{ type primary; file "{file}"; check-names ignore; check-integrity no; allow-update {{ 127.0.0.1; }}; }};
"""

SERVERS = {
    "nsd": (NSD, ["nsd", "-d", "-c", "server.conf"], {True: "transfer-key", False: "NOKEY"}),
    "knotd": (KNOT, ["knotd", "-c", "server.conf"], {True: "key: transfer-key", False: ""}),
    "named": (NAMED, ["named", "-g", "-c", "server.conf"], {True: "key transfer-key;", False: "127.0.0.1;"}),
}


@pytest.fixture
def tsig_key(tmp_path):
    """Return a new TSIG key and its text."""

    def make(algorithm="hmac-sha256", secret=None):
        secret = secret or secrets.token_bytes(32)
        text = f'key "transfer-key" {{\n\talgorithm {algorithm};\n\tsecret "{_base64(secret)}";\n}};\n'
        path = tmp_path / f"{secrets.token_hex(4)}.key"
        path.write_text(text)
        return key_from_file(path)

    return make


def _base64(octets):
    return base64.b64encode(octets).decode("ascii")


@pytest.fixture
def serve(tmp_path, tsig_key):
    """Run a real name server with a zone; with a key, only who has it may transfer."""

    @contextlib.contextmanager
    def served(program, zone, text, key=None):
        folder = tmp_path / program
        (folder / "db").mkdir(parents=True, exist_ok=True)
        (folder / "zone").write_bytes(text)
        template, command, admitted = SERVERS[program]
        shared = key or tsig_key()
        port = _free_port()
        values = {
            "folder": folder,
            "port": port,
            "zone": zone,
            "file": folder / "zone",
            "key": admitted[key is not None],
            "algorithm": shared.algorithm,
            "secret": _base64(shared.secret),
        }
        (folder / "server.conf").write_text(template.format(**values))
        with _running(command, folder, zone, port) as server:
            yield server

    return served


@pytest.fixture
def answering():
    """Serve one connection; the function that a test gives has the socket and the query."""

    @contextlib.contextmanager
    def served(answer):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(10)
        failures = []

        def accept():
            connection, _ = listener.accept()
            with connection:
                size = struct.unpack("!H", connection.recv(2))[0]
                try:
                    answer(connection, connection.recv(size))
                except OSError as error:
                    failures.append(error)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield Server(host="127.0.0.1", port=listener.getsockname()[1]), failures
        finally:
            thread.join()
            listener.close()

    return served
