"""A NOTIFY that somebody did not answer is sent again; one that everybody answered is not."""

import pytest

from attestations.servers import notify
from attestations.servers.notify import until_heard
from attestations.servers.process import LOG_FILE, ServerProcess

LOST = "warning: [test.] notify, outgoing, remote 127.0.0.1@{}, failed (connection reset)\n"
REFUSED = "warning: [test.] notify, outgoing, remote 127.0.0.1@{}, server responded with error 'NOTAUTH'\n"
HEARD = "info: [test.] notify, outgoing, remote 127.0.0.1@{}, serial 6\n"
ONE, BOTH = (5301,), (5301, 5302)


@pytest.fixture
def primary(tmp_path):
    """A Knot that is not running, whose log says what a test lets it say."""
    (tmp_path / LOG_FILE).write_text(LOST.format(ONE[0]))
    return ServerProcess("primary", tmp_path, ("knotd",))


def rounds_of(primary, receivers, *rounds):
    """Return how many of the rounds were sent, each with what the receivers answer in turn, until all have heard."""
    sent = []

    def send():
        sent.append(rounds[len(sent)])
        with (primary.folder / LOG_FILE).open("a") as log:
            log.writelines(line.format(port) for line, port in zip(sent[-1], receivers, strict=True))

    with until_heard(primary, receivers, send):
        send()
    return len(sent)


@pytest.mark.parametrize("unheard", [LOST, REFUSED])
@pytest.mark.parametrize("times", [0, 1, 3])
def test_it_is_sent_until_it_is_answered(primary, unheard, times):
    assert rounds_of(primary, ONE, *[[unheard]] * times, [HEARD], [HEARD]) == times + 1


@pytest.mark.parametrize(
    ("first", "rounds"), [((HEARD, HEARD), 1), ((LOST, HEARD), 2), ((HEARD, LOST), 2), ((LOST, LOST), 2)]
)
def test_it_is_sent_until_everybody_has_answered(primary, first, rounds):
    assert rounds_of(primary, BOTH, first, (HEARD, HEARD), (HEARD, HEARD)) == rounds


@pytest.mark.parametrize("said", ["", HEARD.format(ONE[0]), LOST.format(ONE[0])], ids=["nothing", "answered", "lost"])
def test_it_is_given_up_where_one_of_two_is_never_told(primary, monkeypatch, said):
    monkeypatch.setattr(notify, "HEARD_SECONDS", 0.0)
    sent = []
    with until_heard(primary, BOTH, lambda: sent.append("again")), (primary.folder / LOG_FILE).open("a") as log:
        log.write(said)
    assert sent == []


def test_nothing_is_waited_for_where_publishing_fails(primary):
    with pytest.raises(ZeroDivisionError), until_heard(primary, ONE, lambda: pytest.fail("sent")):
        raise ZeroDivisionError
