"""What a sample proves: a fault in a share b of the signatures is missed by n random ones with probability (1-b)^n."""

from math import ceil, log, log1p

CONFIDENCE = 0.999
"""with which the bound of a sample is stated"""
_DECIMALS = 10**6


def miss_probability(share: float, draws: int) -> float:
    """Return with which probability `draws` random signatures are all good though a `share` of all is not."""
    return (1 - share) ** draws


def detectable_share(draws: int, confidence: float = CONFIDENCE) -> float:
    """Return the smallest share of bad signatures that `draws` random ones meet with at least this confidence.

    Rounded up, to a millionth, so that what is stated is never more than what is known; 1 for no draw at all.
    """
    if draws == 0:
        return 1.0
    share = 1 - float((1 - confidence) ** (1 / draws))
    return min(ceil(share * _DECIMALS) / _DECIMALS, 1.0)


def draws_for(share: float, miss: float) -> int:
    """Return how many random signatures are needed to miss a fault in a `share` with at most probability `miss`."""
    return ceil(round(log(miss) / log1p(-share), 9))
