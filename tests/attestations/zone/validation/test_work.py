"""Work in other processes: in order, each item once, and a dead worker changes nothing."""

import os
import signal
import time
from dataclasses import replace
from functools import partial

import pytest

from attestations.zone.practice.signing import practice_zone
from attestations.zone.validation import survey, whole
from attestations.zone.validation.work import Here, LostWorkerError, Pool, processors


def slow_square(number):
    time.sleep(0.02 * (number % 3))
    return number * number


def die_once(mark, number):
    """Kill this process at one number, unless somebody left the mark that it was done before."""
    if number == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(number):
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail(number):
    if number == 5:
        raise LookupError("five")
    return number


def test_results_come_in_the_order_of_the_items():
    with Pool(2) as pool:
        assert list(pool.run(slow_square, range(20))) == [number * number for number in range(20)]
    assert list(Here().run(slow_square, range(3))) == [0, 1, 4]


def test_many_items_are_not_all_handed_out_at_once():
    taken = []

    def items():
        for number in range(200):
            taken.append(number)
            yield number

    with Pool(2) as pool:
        results = pool.run(abs, items())
        assert next(results) == 0
        assert len(taken) < 100
        assert len(list(results)) == 199


def test_a_pool_works_again_and_again():
    with Pool(2) as pool:
        assert list(pool.run(slow_square, range(3))) == list(pool.run(slow_square, range(3)))


def test_a_worker_that_is_killed_changes_no_result(tmp_path):
    with Pool(2) as pool:
        assert list(pool.run(partial(die_once, tmp_path / "mark"), range(50))) == list(range(50))


def test_a_worker_that_is_killed_again_is_lost():
    with Pool(2) as pool, pytest.raises(LostWorkerError):
        list(pool.run(die, range(50)))


def test_what_the_function_raises_is_raised():
    with Pool(2) as pool, pytest.raises(LookupError, match="five"):
        list(pool.run(fail, range(50)))


def test_there_is_a_processor():
    assert processors() >= 1


@pytest.fixture
def in_pieces(monkeypatch):
    """Let every zone be judged by two processes, in small pieces."""
    monkeypatch.setattr(whole, "_ALONE_BELOW", 0)
    monkeypatch.setattr(survey, "pieces", partial(survey.pieces, size=2000))


def facts(report):
    return (report.verdict, report.counts, report.coverage, report.by_type, report.by_key, report.findings)


def test_two_processes_find_what_one_finds(in_pieces, examine, ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now, delegations=40)
    assert facts(examine(practice, jobs=2)) == facts(examine(practice, jobs=1))


def test_a_killed_worker_changes_nothing_in_the_report(in_pieces, examine, ksk, zsk, now, monkeypatch, tmp_path):
    practice = practice_zone([ksk, zsk], now, delegations=40)
    expected = facts(examine(practice, jobs=1))
    judge_piece = survey.judge_piece

    def killed_once(terms, piece):
        if piece.offset and not (tmp_path / "mark").exists():
            (tmp_path / "mark").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return judge_piece(terms, piece)

    monkeypatch.setattr(survey, "judge_piece", Pickled(killed_once))
    assert facts(examine(practice, jobs=2)) == expected
    assert (tmp_path / "mark").exists()


def test_workers_that_keep_dying_leave_the_zone_unvalidated(in_pieces, examine, ksk, zsk, now, monkeypatch):
    parent = os.getpid()

    def killed(_terms, _piece):
        assert os.getpid() != parent
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(survey, "judge_piece", Pickled(killed))
    report = examine(practice_zone([ksk, zsk], now, delegations=40), jobs=2)
    assert report.verdict == "inconclusive"
    assert set(report.findings.totals) == {("VALIDATOR_FAILED", "warning")}
    assert report.coverage.checked == report.counts.ok == 0


def test_a_worker_that_answers_for_another_piece_is_a_bug(in_pieces, examine, ksk, zsk, now, monkeypatch):
    judge_piece = survey.judge_piece
    monkeypatch.setattr(survey, "judge_piece", Pickled(lambda *given: replace(judge_piece(*given), size=1)))
    with pytest.raises(RuntimeError, match="answered"):
        examine(practice_zone([ksk, zsk], now, delegations=40), jobs=2)


class Pickled:
    """A function that travels to a forked process by being there already."""

    known: list = []

    def __init__(self, function):
        self.known.append(function)
        self.index = len(self.known) - 1

    def __call__(self, *args):
        return self.known[self.index](*args)
