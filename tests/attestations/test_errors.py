"""The one error crosses the border of a process whole: pools of workers send it back pickled."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from attestations.errors import InputError, Location
from attestations.strict import read_json

WHOLE = InputError(
    "PARSE-JSON",
    found="nothing",
    wanted="something",
    fix="write it",
    where=Location(file="a.json", line=3, column=7),
    also=(InputError("LIMIT", found="much", wanted="less", fix="leave out"),),
)


def told(error):
    return (error.code, error.found, error.wanted, error.fix, error.where, [told(one) for one in error.also])


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])  # noqa: S301
def test_an_error_survives_being_pickled_and_copied(again):
    other = again(WHOLE)
    assert told(other) == told(WHOLE)
    assert (str(other), other.args) == (str(WHOLE), WHOLE.args)


def test_an_error_of_a_worker_is_raised_by_whoever_waits_for_it():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, pytest.raises(InputError) as caught:
        pool.submit(read_json, b"{", "a.json").result()
    assert caught.value.where.file == "a.json"
