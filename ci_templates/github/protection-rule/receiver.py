#!/usr/bin/env python3
"""Answers GitHub's custom deployment protection rule: a deployment goes on only if a command of yours ends in 0.

    receiver.py --secret-file SECRET --token-file TOKEN --environment production -- gatekeeper verify --approval ...

GitHub asks (webhook `deployment_protection_rule`), this program runs the command and tells GitHub `approved` or
`rejected`. A question is answered only if its HMAC is right, it is fresh and was not asked before, it is about the
environment given, and its call-back goes to the API host given. Standard library only; put TLS before it.
"""

import argparse
import hashlib
import hmac
import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MAX_BODY = 1024 * 1024
MAX_REMEMBERED = 10_000
COMMAND_SECONDS = 60
READ_SECONDS = 30


class Refused(Exception):  # noqa: N818  # an answer to the asker, with the HTTP status
    """A question that is not answered."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True, kw_only=True)
class Question:
    """A deployment that waits."""

    signature: str
    callback: str
    environment: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is answered, and how."""

    secret: bytes
    environment: str
    api: str = "https://api.github.com"
    window_seconds: float = 600.0
    now: Callable[[], float] = lambda: datetime.now(UTC).timestamp()
    seen: "OrderedDict[str, object]" = field(default_factory=OrderedDict)
    """signatures of the questions that were answered, the oldest first; a delivery's id is signed by nobody"""


def read_question(headers: Message, body: bytes, settings: Settings) -> Question:
    """Return the question in a delivery; raise Refused: forged, another event, stale, repeated, another environment."""
    expected = "sha256=" + hmac.new(settings.secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), headers.get("X-Hub-Signature-256", "").encode()):
        raise Refused(401, "the signature is not that of the shared secret")
    if headers.get("X-GitHub-Event") != "deployment_protection_rule":
        raise Refused(202, "another event, which needs no answer")
    try:
        said = json.loads(body)
        callback, environment = str(said["deployment_callback_url"]), str(said["environment"])
        created = datetime.fromisoformat(str(said["deployment"]["created_at"])).astimezone(UTC).timestamp()
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "not a question about a deployment") from None
    if abs(settings.now() - created) > settings.window_seconds:
        raise Refused(409, "a deployment that was not made just now")
    if environment != settings.environment:
        raise Refused(409, "another environment")
    if not callback.startswith(f"{settings.api}/repos/") or urllib.parse.urlsplit(callback).query:
        raise Refused(409, "a call-back to another host")
    _remember(expected, settings)
    return Question(signature=expected, callback=callback, environment=environment)


def answer(question: Question, code: int, token: str) -> None:
    """Tell GitHub what the command said; raise OSError where GitHub cannot be told."""
    state = "approved" if code == 0 else "rejected"
    comment = "commissioning approval verified" if code == 0 else f"no valid commissioning approval: exit code {code}"
    body = json.dumps({"environment_name": question.environment, "state": state, "comment": comment}).encode()
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    request = urllib.request.Request(question.callback, data=body, headers=headers, method="POST")  # noqa: S310  # its beginning was compared
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310  # the same


def run(command: list[str]) -> int:
    """Return the exit code of the command; 1 where it does not end in time or cannot be started."""
    try:
        return subprocess.run(command, timeout=COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL).returncode
    except (OSError, subprocess.TimeoutExpired):
        return 1


def server(address: tuple[str, int], settings: Settings, token: str, command: list[str]) -> ThreadingHTTPServer:
    """Return a server that answers questions."""

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_SECONDS

        def do_POST(self) -> None:
            try:
                question = read_question(self.headers, self._body(), settings)
            except Refused as refused:
                self._end(refused.status, refused.why)
                return
            try:
                answer(question, run(command), token)
                self._end(204)
            except OSError:
                settings.seen.pop(question.signature, None)
                self._end(502, "GitHub could not be told; deliver the question again")

        def _body(self) -> bytes:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MAX_BODY:
                raise Refused(413, "a body without length, or too long")
            return self.rfile.read(int(length))

        def _end(self, status: int, why: str = "") -> None:
            self.send_response(status)
            self.end_headers()
            if status != 204:
                self.wfile.write(why.encode())

    return ThreadingHTTPServer(address, Handler)


def _remember(signature: str, settings: Settings) -> None:
    mine = object()
    if settings.seen.setdefault(signature, mine) is not mine:  # one step: two threads may ask the same
        raise Refused(409, "a question that was answered before")
    if len(settings.seen) > MAX_REMEMBERED:
        settings.seen.popitem(last=False)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secret-file", type=Path, required=True)
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--environment", required=True)
    parser.add_argument("--listen", default="127.0.0.1:8071")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    host, _, port = given.listen.rpartition(":")
    settings = Settings(secret=given.secret_file.read_bytes().strip(), environment=given.environment)
    if len(settings.secret) < 16:
        sys.exit("the secret is shorter than 16 characters; make one with:  openssl rand -hex 32")
    server((host, int(port)), settings, given.token_file.read_text().strip(), given.command).serve_forever()


if __name__ == "__main__":
    main()
