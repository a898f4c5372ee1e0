"""The resolver of laboratories: a real Unbound in front of real servers, and what it makes of good and bad zones."""

import socket
import tempfile
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from attestations.drills.faults import Signer
from attestations.drills.laboratory import Plan, running
from attestations.drills.probing import now
from attestations.errors import InputError
from attestations.records import ZoneName
from attestations.servers import asking
from attestations.servers.asking import Question, ask_all, questions_about, tallies
from attestations.servers.ports import LOOPBACK
from attestations.servers.resolver import Resolver, Upstream

ZONE = ZoneName("test.")
SIGNED = [f"d{number}.{ZONE}" for number in range(12) if number % 3 == 0]
UNSIGNED = [f"d{number}.{ZONE}" for number in range(12) if number % 3]
QUESTIONS = questions_about(ZONE, signed=SIGNED, unsigned=UNSIGNED, absent=[f"nobody.d1x.{ZONE}"])
REAL = pytest.mark.needs("unbound", "unbound-control", "nsd", "knotd", "setpriv")


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """Three real servers with a zone in order."""
    plan = Plan(folder=tmp_path_factory.mktemp("servers") / "laboratory", zone=ZONE)
    with running(plan, Signer(ZONE), 1) as servers:
        yield servers


@pytest.fixture
def stack():
    """What is ended with the test."""
    with ExitStack() as ended:
        yield ended


@pytest.fixture
def resolver(laboratory, tmp_path, stack):
    """Return a resolver behind the secondary, started, which believes the DS records in a file."""
    made = []
    sockets = stack.enter_context(tempfile.TemporaryDirectory())  # a short path, unlike that of pytest

    def started(anchor=None):
        upstream = Upstream(
            zone=ZONE, port=laboratory.vantages[1].server.port, anchor=anchor or laboratory.plan.folder / "ds"
        )
        name = f"resolver{len(made)}"
        made.append(Resolver(name, tmp_path / name, Path(sockets), upstream))
        stack.callback(made[-1].stop)
        made[-1].start()
        return made[-1]

    return started


@REAL
def test_every_answer_of_a_zone_in_order_is_validated(resolver):
    counted = tallies(resolver().ask(QUESTIONS))
    assert [tally.kind for tally in counted] == ["dnskey", "apex-soa", "ds-signed", "ds-unsigned", "nxdomain"]
    assert all(tally.secure == tally.asked > 0 for tally in counted)
    assert all(tally.error_codes == {} for tally in counted)


@REAL
def test_with_the_ds_of_another_key_nothing_is_answered(resolver, tmp_path):
    stranger = tmp_path / "stranger"
    stranger.write_bytes(Signer(ZONE).good(1, now()).ds)
    counted = tallies(resolver(stranger).ask(QUESTIONS))
    assert all(tally.servfail == tally.asked > 0 for tally in counted)
    assert all(tally.error_codes for tally in counted), "and each answer says why"


@REAL
def test_a_resolver_that_cannot_read_its_anchor_is_told_with_its_log(resolver, tmp_path):
    with pytest.raises(InputError) as refusal:
        resolver(tmp_path / "missing")
    assert refusal.value.code == "LABORATORY"
    assert "resolver0 ended; its log ends" in refusal.value.found


def test_a_question_without_answer_is_asked_again_and_silence_is_no_outcome(monkeypatch):
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 0.05)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as deaf:
        deaf.bind((LOOPBACK, 0))
        with pytest.raises(InputError) as refusal:
            next(ask_all(LOOPBACK, deaf.getsockname()[1], QUESTIONS))
        asked = [deaf.recvfrom(4096) for _ in range(asking.ATTEMPTS)]
    assert refusal.value.code == "LABORATORY"
    assert "no answer to test. DNSKEY after 3 times" in refusal.value.found
    assert len(asked) == asking.ATTEMPTS


def test_what_is_no_answer_to_the_question_is_not_taken_for_one(monkeypatch):
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 0.2)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as liar:
        liar.bind((LOOPBACK, 0))

        def answer():
            for _ in range(asking.ATTEMPTS):
                message, asker = liar.recvfrom(4096)
                liar.sendto(bytes([message[0] ^ 1]) + message[1:2] + b"\x84\x00" + message[4:], asker)
                liar.sendto(b"nonsense", asker)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(InputError, match="no answer"):
            next(ask_all(LOOPBACK, liar.getsockname()[1], QUESTIONS))
        thread.join()


@pytest.mark.parametrize(
    ("rcode", "authentic", "outcome"),
    [
        ("NOERROR", True, "secure"),
        ("NXDOMAIN", True, "secure"),
        ("NOERROR", False, "insecure"),
        ("SERVFAIL", False, "servfail"),
        ("REFUSED", False, "other"),
    ],
)
def test_outcomes(rcode, authentic, outcome):
    question = Question(kind="apex-soa", name=ZONE, rtype="SOA")
    answer = asking.Answer(question=question, rcode=rcode, is_authentic=authentic, error_code=6)
    assert answer.outcome == outcome
    (tally,) = tallies([answer, answer])
    assert (tally.asked, getattr(tally, outcome), tally.error_codes) == (2, 2, {"6": 2})
