"""How an answer on heart, head and wallet changes with the size that is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..contrasts import Inference, compare_proportions, proportion_interval, trend_in_proportions
from ..core import DataError, Provenance, Result
from .claims import Claim


@dataclass(frozen=True, eq=False)
class AssumedSizes(Result):
    """Reported shares as they would be if each group held `n` respondents, and the fewest at which a trend shows.

    Attributes
    ----------
    shares : dict of str → float
        Group → reported share, 0 to 1.
    n : int
        Respondents assumed in each group.
    n_for_trend : int
        The fewest in each group at which the trend shows.
    intervals : sequence of Inference
        One for each group.
    difference : Inference
        First group less the last.
    trend : Inference
        Cochran-Armitage.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    conf_level : float
        Level of the intervals, between 0 and 1.

    See Also
    --------
    loyaltylab.claims.assumed_sizes : Makes it.
    """

    shares: dict[str, float]
    n: int
    n_for_trend: int
    intervals: tuple[Inference, ...]
    difference: Inference
    trend: Inference
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        ends = [(i.conf_low, i.conf_high) for i in self.intervals]
        rows = {"term": [*self.shares], "estimate": [*self.shares.values()]}
        return rows | {"conf_low": [e[0] for e in ends], "conf_high": [e[1] for e in ends], "n": self.n}

    def whole(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "n_for_trend": self.n_for_trend,
            "p_value": self.trend.p_value,
            "conf_level": self.conf_level,
        }


def assumed_sizes(claim: Claim, names: Sequence[str], *, n: int = 100, conf_level: float = 0.95) -> AssumedSizes:
    """What the shares of a claim would be worth if each group held so many respondents.

    The source gives no group sizes, so nothing here is evidence: intervals and test follow from the assumed `n`.

    Parameters
    ----------
    claim : Claim
        As `read_claim` gives it.
    names : sequence of str
        Figures of the claim, in order; their trend is tested by Cochran-Armitage.
    n : int
        Respondents assumed in each group, at least 10.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    AssumedSizes
        `tidy()` has a row for each group: its share, with the interval such a sample would give.

    Raises
    ------
    DataError, UnknownName
        For fewer than 10 in a group, or a figure the claim does not have.

    Examples
    --------
    >>> from loyaltylab import read_claim
    >>> assumed_sizes(read_claim("frequency"), ["daily", "weekly", "monthly"], n=50)
    AssumedSizes, 3 rows by term: n 50, n_for_trend 13, p_value <0.001
    """
    if n < 10:
        raise DataError(f"n = {n} in each group is assumed; give at least 10.")
    shares = {name: float(claim.value(name).value) for name in names}
    origin = claim.provenance.then(f"n = {n} assumed in each group")

    def tested(size: int) -> Inference:
        counts = [round(share * size) for share in shares.values()]
        return trend_in_proportions(counts, [size] * len(counts), provenance=origin, conf_level=conf_level)

    alpha, most = 1 - conf_level, 2000
    weak = [size for size in range(4, most) if tested(size).p_value >= alpha]
    counts = [round(share * n) for share in shares.values()]
    found = [proportion_interval(x, n, conf_level=conf_level, provenance=origin) for x in counts]
    pair = compare_proportions(counts[0], n, counts[-1], n, conf_level=conf_level, provenance=origin)
    needed = max(weak, default=3) + 1
    return AssumedSizes(shares, n, needed, tuple(found), pair, tested(n), origin, conf_level)
