"""A NOTIFY that nobody answered is sent again; one that was answered is not."""

import pytest

from attestations.servers import notify
from attestations.servers.notify import publish_heard
from attestations.servers.process import LOG_FILE, ServerProcess

LOST = "notify, outgoing, remote 127.0.0.1@53, failed (connection reset)\n"
HEARD = "notify, outgoing, remote 127.0.0.1@53, serial 6\n"


@pytest.fixture
def primary(tmp_path):
    """A Knot that is not running, whose log says what a test lets it say."""
    (tmp_path / LOG_FILE).write_text(LOST)
    return ServerProcess("primary", tmp_path, ("knotd",))


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_it_is_sent_until_it_is_answered(primary, lost):
    to_say = [*[LOST] * lost, HEARD]
    said = []

    def say():
        said.append(to_say.pop(0))
        with (primary.folder / LOG_FILE).open("a") as log:
            log.write(said[-1])

    publish_heard(primary, say, say)
    assert said == [*[LOST] * lost, HEARD]


def test_it_is_given_up_where_nobody_answers(primary, monkeypatch):
    monkeypatch.setattr(notify, "HEARD_SECONDS", 0.0)
    sent = []
    publish_heard(primary, lambda: sent.append("published"), lambda: sent.append("again"))
    assert sent == ["published"]
