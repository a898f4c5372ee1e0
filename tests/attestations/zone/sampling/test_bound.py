"""What a sample proves."""

import pytest

from attestations.zone.sampling.bound import CONFIDENCE, detectable_share, draws_for, miss_probability


@pytest.mark.parametrize(
    ("share", "thousandth", "millionth", "billionth"),
    [
        (2 / 3, 7, 13, 19),  # 5 May 2026
        (1 / 2, 10, 20, 30),
        (1 / 3, 18, 35, 52),
        (0.1, 66, 132, 197),
        (0.01, 688, 1375, 2062),
        (0.001, 6905, 13809, 20713),
    ],
)
def test_so_many_draws_meet_such_a_share(share, thousandth, millionth, billionth):
    assert [draws_for(share, miss) for miss in (1e-3, 1e-6, 1e-9)] == [thousandth, millionth, billionth]


@pytest.mark.parametrize(("share", "miss"), [(2 / 3, 1e-9), (0.5, 1e-3), (0.01, 1e-6), (0.001, 1e-3)])
def test_one_draw_less_is_not_enough(share, miss):
    draws = draws_for(share, miss)
    assert miss_probability(share, draws) <= miss * (1 + 1e-9)
    assert miss_probability(share, draws - 1) > miss


def test_twenty_draws_miss_two_thirds_once_in_three_billion_samples():
    assert miss_probability(2 / 3, 20) == pytest.approx(3e-10, rel=0.05)


@pytest.mark.parametrize(
    ("draws", "confidence", "share"),
    [(200, 0.95, 0.015), (200, 1 - 1e-6, 0.067), (1000, 0.95, 0.003), (1000, 1 - 1e-6, 0.014)],
)
def test_the_share_that_clean_draws_exclude(draws, confidence, share):
    assert detectable_share(draws, confidence) == pytest.approx(share, abs=0.0005)


@pytest.mark.parametrize("draws", [1, 2, 20, 199, 200, 5000])
def test_the_stated_share_is_never_smaller_than_what_is_known(draws):
    stated = detectable_share(draws)
    assert miss_probability(stated, draws) <= 1 - CONFIDENCE
    assert miss_probability(stated - 2e-6, draws) > 1 - CONFIDENCE


def test_no_draw_proves_nothing():
    assert detectable_share(0) == 1.0
