"""What is changed in a bundle is refused, or changes nothing that is proven: the small members whole, the rest in part.

tests/mutation/bundles.py changes every byte.
"""

import pytest
from mutation.bundles import WITHOUT_MEANING, good_bundles, small, survivors

STEP = 67
"""a prime, so that the places wander through base64's groups of four"""


@pytest.mark.parametrize("good", [pytest.param(good, id=good.name) for good in good_bundles()])
def test_what_is_changed_in_a_bundle_is_refused_or_changes_nothing_that_is_proven(good):
    assert not isinstance(good.judge(good.raw), str)
    places = {*range(0, len(good.raw), STEP), *small(good.raw)}
    members = {member for _, member in survivors(good, places)}
    assert members - {None} <= set(WITHOUT_MEANING)
