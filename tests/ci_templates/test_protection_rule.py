"""The receiver of GitHub's deployment protection rule answers only true, fresh, new questions of one environment."""

import hashlib
import hmac
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "ci_templates" / "github" / "protection-rule" / "receiver.py"
SPEC = spec_from_file_location("receiver", PATH)
receiver = module_from_spec(SPEC)
sys.modules["receiver"] = receiver
SPEC.loader.exec_module(receiver)

SECRET = b"a secret of at least sixteen characters"
NOON = datetime(2026, 5, 5, 12, tzinfo=UTC).timestamp()


class GitHub:
    """Keeps what it is told."""

    def __init__(self):
        told = self.told = []
        self.failing = 0
        github = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.append((self.path, self.headers["Authorization"], json.loads(body)))
                self.send_response(503 if github.failing else 204)
                github.failing = max(0, github.failing - 1)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def serve(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def github():
    made = GitHub()
    serve(made.server)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def ask(github, capsys):
    """Ask a running receiver, whose command ends in `code`."""
    running = []

    def asked(*deliveries, code=0, at=NOON):
        settings = receiver.Settings(secret=SECRET, environment="production", api=github.url, now=lambda: at)
        command = [sys.executable, "-c", f"raise SystemExit({code})"]
        served = receiver.server(("127.0.0.1", 0), settings, "a token", command)
        served.RequestHandlerClass.log_message = lambda *_: None
        running.append(served)
        serve(served)
        return [post(f"http://127.0.0.1:{served.server_port}", *one) for one in deliveries]

    yield asked
    for served in running:
        served.shutdown()
        served.server_close()


def post(url, headers, body):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request) as ended:  # noqa: S310  # the same
            return ended.status
    except urllib.error.HTTPError as error:
        return error.code


def delivery(github, *, secret=SECRET, event="deployment_protection_rule", name="1", **changes):
    said = {
        "action": "requested",
        "environment": "production",
        "deployment_callback_url": f"{github.url}/repos/o/r/actions/runs/7/deployment_protection_rule",
        "deployment": {"created_at": "2026-05-05T11:59:00Z"},
        **changes,
    }
    body = json.dumps(said).encode()
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": signature, "X-GitHub-Event": event, "X-GitHub-Delivery": name}, body


@pytest.mark.parametrize(("code", "state"), [(0, "approved"), (1, "rejected"), (10, "rejected"), (13, "rejected")])
def test_the_command_answers(ask, github, code, state):
    assert ask(delivery(github), code=code) == [204]
    ((path, token, said),) = github.told
    assert path == "/repos/o/r/actions/runs/7/deployment_protection_rule"
    assert (token, said["environment_name"], said["state"]) == ("Bearer a token", "production", state)


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (401, {"secret": b"another secret of the same length!!"}),
        (202, {"event": "push"}),
        (409, {"environment": "staging"}),
        (409, {"deployment": {"created_at": "2026-05-05T11:49:59Z"}}),
        (409, {"deployment": {"created_at": "2026-05-05T12:10:01Z"}}),
        (400, {"deployment": {}}),
        (400, {"deployment": {"created_at": "yesterday"}}),
        (409, {"deployment_callback_url": "http://attacker.example/repos/o/r"}),
        (409, {"deployment_callback_url": "http://127.0.0.1:1@attacker.example/repos/o/r"}),
    ],
)
def test_any_other_question_is_not_answered(ask, github, status, changes):
    assert ask(delivery(github, **changes)) == [status]
    assert github.told == []


def test_the_edges_of_the_window_are_answered(ask, github):
    early = delivery(github, name="early", deployment={"created_at": "2026-05-05T11:50:00Z"})
    late = delivery(github, name="late", deployment={"created_at": "2026-05-05T12:10:00Z"})
    assert ask(early, late) == [204, 204]


def test_a_question_is_answered_once(ask, github):
    another = delivery(github, deployment={"created_at": "2026-05-05T11:59:01Z"})
    assert ask(delivery(github), delivery(github), another) == [204, 409, 204]
    assert len(github.told) == 2


def test_a_question_under_another_delivery_id_is_the_same_question(ask, github):
    assert ask(delivery(github), delivery(github, name="2")) == [204, 409]
    assert len(github.told) == 1


def test_a_question_whose_answer_did_not_arrive_may_be_delivered_again(ask, github):
    github.failing = 1
    assert ask(delivery(github), delivery(github)) == [502, 204]


def test_a_changed_body_is_not_believed(ask, github):
    headers, body = delivery(github)
    assert ask((headers, body.replace(b"production", b"Production"))) == [401]


def test_a_body_beyond_the_bound_is_not_read(ask, github):
    headers, _ = delivery(github)
    assert ask(({**headers, "Content-Length": str(receiver.MAX_BODY + 1)}, b"x")) == [413]


def test_a_command_that_cannot_be_started_rejects():
    assert receiver.run(["/nowhere/gatekeeper"]) == 1


def test_a_secret_that_can_be_guessed_is_refused(tmp_path):
    for name, text in (("secret", "short"), ("token", "a token")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    call = [
        sys.executable,
        str(PATH),
        "--secret-file",
        str(tmp_path / "secret"),
        "--token-file",
        str(tmp_path / "token"),
    ]
    call += ["--environment", "production", "--", "gatekeeper", "verify", "--approval", "approval.dsse.json"]
    ended = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode != 0
    assert ended.stderr.startswith("the secret is shorter than 16 characters")
