"""What changed since a version (IXFR): from real servers after real changes, and from one that lies."""

import struct

import dns.message
import dns.query
import dns.rcode
import dns.rrset
import dns.update
import pytest

from attestations.errors import InputError
from attestations.zone.reading import zone_from_transfer
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.transfer import differences_from_transfer
from attestations.zone.reading.transfer.differences import is_newer

# Large enough that a server prefers to send what changed.
ZONE = b"$TTL 60\n@ SOA ns host 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n" + b"".join(
    b"n%03d A 192.0.2.%d\n" % (number, number) for number in range(200)
)
EACH = [pytest.param(program, marks=pytest.mark.needs(program)) for program in ("knotd", "named")]


def change(server, **actions):
    """Change the zone by a dynamic update (RFC 2136)."""
    update = dns.update.UpdateMessage("test.")
    for action, (name, *rest) in actions.items():
        getattr(update, action.rstrip("_"))(name, *rest)
    answer = dns.query.tcp(update, server.host, port=server.port, timeout=10)
    assert answer.rcode() == dns.rcode.NOERROR


def applied(lines, differences):
    """Return the lines of a version after the steps; what is deleted must be there, what is added must not."""
    lines = set(lines)
    for step in differences.steps:
        assert lines.issuperset(step.deleted)
        lines.difference_update(step.deleted)
        assert lines.isdisjoint(step.added)
        lines.update(step.added)
    return lines


def lines_of(server):
    with zone_from_transfer(server, "test.") as zone:
        return zone.read(0, zone.size).splitlines(), zone.serial


@pytest.mark.parametrize("program", EACH)
def test_a_version_and_what_changed_give_the_next_version(serve, program):
    with serve(program, "test.", ZONE) as server:
        before, serial = lines_of(server)
        change(server, add=("new", 5, "TXT", "x"), delete=("n007",))
        change(server, replace=("n008", 60, "A", "192.0.2.99"))
        after, new_serial = lines_of(server)
        differences = differences_from_transfer(server, "Test.", serial)
    assert (differences.answer, differences.serial) == ("differences", new_serial)
    assert differences.steps[0].old == serial
    assert differences.steps[-1].new == new_serial
    assert before != after
    assert applied(before, differences) == set(after)
    assert {b'new.test. 5 IN TXT "x"', b"n008.test. 60 IN A 192.0.2.99"} <= {
        line for step in differences.steps for line in step.added
    }
    assert sum(len(step.deleted) for step in differences.steps) == 2 + 1 + 1


@pytest.mark.parametrize("program", EACH)
def test_a_server_without_news_says_so(serve, program):
    with serve(program, "test.", ZONE) as server:
        differences = differences_from_transfer(server, "test.", 1)
        ahead = differences_from_transfer(server, "test.", 7)
    assert (differences.answer, differences.serial, differences.steps) == ("nothing newer", 1, ())
    assert (ahead.answer, ahead.serial) == ("nothing newer", 1)


@pytest.mark.parametrize("program", EACH)
def test_a_server_that_has_forgotten_the_version_offers_the_whole_zone(serve, program):
    with serve(program, "test.", ZONE.replace(b"host 1 ", b"host 9 ")) as server:
        differences = differences_from_transfer(server, "test.", 5)
    assert (differences.answer, differences.serial, differences.steps) == ("whole zone", 9, ())


@pytest.mark.needs("named")
def test_differences_are_signed_too(serve, tsig_key):
    key = tsig_key()
    with serve("named", "test.", ZONE, key) as server:
        change(server, add=("new", 5, "TXT", "x"))
        assert len(differences_from_transfer(server, "test.", 1, key=key).steps) == 1
        with pytest.raises(InputError, match="DNS-TRANSFER"):
            differences_from_transfer(server, "test.", 1, key=tsig_key())


@pytest.mark.parametrize(
    ("serial", "than", "answer"),
    [(2, 1, True), (1, 1, False), (1, 2, False), (0, 2**32 - 1, True), (2**31, 1, True), (2**31 + 1, 1, False)],
)
def test_serial_numbers_are_compared_on_a_circle(serial, than, answer):
    assert is_newer(serial, than) == answer


# A server that says anything. Plans are serial numbers (SOA records) and letters (A records), messages are lists.


def rrset(what):
    if isinstance(what, int):
        return dns.rrset.from_text("test.", 60, "IN", "SOA", f"ns. host. {what} 1 1 1 1")
    return dns.rrset.from_text(f"{what}.test.", 60, "IN", "A", "192.0.2.1")


@pytest.fixture
def differences(answering):
    def asked(*plan, since=1, **options):
        def answer(connection, wire):
            query = dns.message.from_wire(wire)
            assert query.question[0].rdtype.name == "IXFR"
            assert query.authority[0][0].serial == since
            for part in plan:
                message = dns.message.make_response(query)
                message.answer = [rrset(what) for what in part]
                wire = message.to_wire()
                connection.sendall(struct.pack("!H", len(wire)) + wire)
            connection.recv(1)

        with answering(answer) as (server, _):
            return differences_from_transfer(server, "test.", since, **options)

    return asked


def steps_of(found):
    """Return the owners that each step deletes and adds."""
    return [
        (
            step.old,
            step.new,
            "".join(chr(line[0]) for line in step.deleted[1:]),
            "".join(chr(line[0]) for line in step.added[1:]),
        )
        for step in found.steps
    ]


GOOD = {
    "one step": ([[2, 1, "a", 2, "b", 2]], [(1, 2, "a", "b")]),
    "two steps": ([[3, 1, "a", 2, "b", 2, "b", 3, "c", "d", 3]], [(1, 2, "a", "b"), (2, 3, "b", "cd")]),
    "condensed": ([[9, 1, "a", 9, "d", 9]], [(1, 9, "a", "d")]),
    "only deleted": ([[2, 1, "a", 2, 2]], [(1, 2, "a", "")]),
    "only the serial": ([[2, 1, 2, 2]], [(1, 2, "", "")]),
    "in pieces": ([[2], [1], ["a", 2], [], ["b"], [2]], [(1, 2, "a", "b")]),
}


@pytest.mark.parametrize("form", GOOD)
def test_every_form_of_the_answer_is_read(differences, form):
    plan, steps = GOOD[form]
    found = differences(*plan)
    assert (found.answer, steps_of(found)) == ("differences", steps)
    assert found.steps[0].deleted[0] == b"test. 60 IN SOA ns. host. 1 1 1 1 1"
    assert found.steps[-1].added[0] == f"test. 60 IN SOA ns. host. {found.serial} 1 1 1 1".encode()


def test_differences_across_the_turn_of_the_serial_number(differences):
    found = differences([1, 2**32 - 1, "a", 1, 1], since=2**32 - 1)
    assert steps_of(found) == [(2**32 - 1, 1, "a", "")]


OTHER = {
    "the same version": ("nothing newer", [[1]]),
    "an older version": ("nothing newer", [[0]]),
    "everything": ("whole zone", [[2, "a", "b", 2]]),
    "everything in pieces": ("whole zone", [[2], ["a"], [2]]),
    "a zone of nothing": ("whole zone", [[2, 2]]),
    "all of an older version": ("whole zone", [[0, "a", 0]]),
}


@pytest.mark.parametrize("form", OTHER)
def test_other_answers_are_told_apart(differences, form):
    kind, plan = OTHER[form]
    found = differences(*plan)
    assert (found.answer, found.serial, found.steps) == (kind, plan[0][0], ())


WRONG = {
    "no SOA first": ([["a"]], "begin"),
    "from another version": ([[3, 2, "a", 3, "b", 3]], "gap"),
    "a gap": ([[4, 1, "a", 2, "b", 3, "b", 4, "c", 4]], "gap"),
    "backwards": ([[3, 1, "a", 0, "b", 0, 3, 3]], "back to"),
    "in a circle": ([[3, 1, "a", 1, "b", 3]], "back to"),
    "an early end": ([[3, 1, "a", 2, "b", 3]], "mixed"),
    "records behind the end": ([[2, 1, "a", 2, "b", 2, "c"]], "behind the last"),
    "another step behind the end": ([[2, 1, "a", 2, "b", 2, 2, "c", 3, 3]], "behind the last"),
}


@pytest.mark.parametrize("variant", WRONG)
def test_an_answer_that_makes_no_sense_is_an_error(differences, variant):
    plan, found = WRONG[variant]
    with pytest.raises(InputError, match=f"DNS-TRANSFER.*{found}"):
        differences(*plan)


@pytest.mark.parametrize("plan", [[[2]], [[2, 1, "a"]], [[2, 1, "a", 2, "b"]], []])
def test_an_answer_without_an_end_is_an_error(differences, plan):
    with pytest.raises(InputError, match=r"DNS-TRANSFER.*(silence|time limit)"):
        differences(*plan, bounds=Bounds(idle_seconds=0.2))


def test_differences_are_bounded(differences):
    assert differences([2, 1, "a", 2, "b", 2], bounds=Bounds(max_records=6)).steps
    with pytest.raises(InputError, match="more than 5 records"):
        differences([2, 1, "a", 2, "b", 2], bounds=Bounds(max_records=5))
