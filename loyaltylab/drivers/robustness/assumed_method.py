"""How much of every correlation would have to come from the way of asking before one block no longer outweighs another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...codebook import flatten
from ...core import ModelError, Provenance, Result, check_known, pd
from ...kernels import FloatArray, interval, sides, solve
from ...moments import Moments, by_name
from ..methods import METHODS
from .shared_moments import block_differences, shares_of


@dataclass(frozen=True, eq=False)
class AssumedMethod(Result):
    """Share of block a minus share of b for each assumed part r_M that the method adds to every correlation.

    `most` is the r_M from which no data can have what is left; `smallest` the smallest correlation of all, the proxy for
    r_M that Lindell & Whitney (2001) propose where no marker was asked.

    Attributes
    ----------
    a : str
        The block that is compared.
    b : str
        The block it is compared with.
    r_marker : array
        Values of r_M tried.
    estimates : array
        Difference in shares at each.
    draw_estimates : array
        The same in each draw, along the first axis.
    most : float
        r_M from which no data can have what is left.
    smallest : float
        Smallest correlation of all.
    method : str
        One of `METHODS`.

    See Also
    --------
    loyaltylab.drivers.assumed_method : Makes it.
    """

    a: str
    b: str
    r_marker: FloatArray
    estimates: FloatArray
    draw_estimates: FloatArray
    most: float
    smallest: float
    provenance: Provenance
    method: str = "lmg"
    conf_level: float = 0.95
    keys = ("term",)

    @property
    def reverses_at(self) -> float | None:
        """The smallest r_M at which the difference is zero, between two of those tried; None where it never is."""
        x, y = self.r_marker, self.estimates
        turned = np.flatnonzero(np.sign(y[1:]) != np.sign(y[0]))
        if not len(turned):
            return None
        i = int(turned[0])
        return float(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i]))

    @property
    def finding(self) -> str:
        """Whether a way of asking turns the sign: *turns* at what it can have added, only *beyond* that, or *stands* at all
        amounts tried; *nothing* where no correlation leaves room for an addition."""
        if self.smallest <= 0:
            return "nothing"
        if self.reverses_at is None:
            return "stands"
        return "turns" if self.reverses_at <= self.smallest else "beyond"

    def columns(self) -> pd.DataFrame:
        low, high = self._ends()
        verdict = sides(low, high)
        frame = pd.DataFrame({"term": [f"{r:.3f}" for r in self.r_marker], "r_marker": self.r_marker})
        kept = np.isfinite(self.draw_estimates).sum(axis=0)
        return frame.assign(estimate=self.estimates, conf_low=low, conf_high=high, verdict=verdict, n_draws=kept)

    def _ends(self) -> FloatArray:
        """Percentile intervals over the draws that are possible, (2, K)."""
        kept = [column[np.isfinite(column)] for column in self.draw_estimates.T]
        return np.stack([interval(column[:, None], self.conf_level)[:, 0] for column in kept], axis=1)

    def whole(self) -> dict[str, Any]:
        turned = self.reverses_at
        row = {"r_marker_reversal": np.nan if turned is None else turned, "r_marker_smallest": self.smallest}
        row |= {"r_marker_most": self.most, "gap_first": self.estimates[0], "gap_last": self.estimates[-1]}
        return row | {"conf_level": self.conf_level}


def assumed_method(
    moments: Moments,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    draws: Moments,
    method: str = "lmg",
    steps: int = 41,
    conf_level: float = 0.95,
) -> AssumedMethod:
    """The difference between two blocks if the way of asking had added r_M to every correlation, for r_M from 0 up.

    Each correlation r, of drivers and outcome alike, becomes (r − r_M) / (1 − r_M): the marker correction of Lindell &
    Whitney (2001) with the marker's correlation assumed, not measured. It supposes one method that adds the same to all;
    a method that adds more between drivers and outcome asked on one page than elsewhere is not in it.

    Parameters
    ----------
    moments, draws : Moments
        Of outcome and drivers, all pointing the same way; the sample, and draws of it for the intervals.
    outcome : str
        Name or label of the variable to explain.
    blocks : mapping of str → sequence of str
        Drivers by block.
    a, b : str
        The two blocks: the difference is `a` less `b`.
    method : name of `METHODS`, in units of R²
        How what is explained is divided, such as "lmg".
    steps : int
        Values of r_M tried, from 0 to the last at which 95% of the draws still have possible correlations, and to the
        smallest correlation of the sample at most twice over: beyond, signs of correlations turn.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    AssumedMethod
        `tidy()` has a row for each r_M, with the difference and its interval.

    Raises
    ------
    ModelError
        For fewer than 3 steps, or a method that is not in units of R².

    References
    ----------
    Lindell, M. K. & Whitney, D. J. (2001). Journal of Applied Psychology 86, 114–121. doi:10.1037/0021-9010.86.1.114

    Examples
    --------
    >>> import loyaltylab as ll
    >>> table = ll.read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> m = table.moments(["AttLoyalty", *ll.flatten(blocks)])
    >>> assumed_method(m, "AttLoyalty", blocks, "emotional", "rational", draws=m.draws(n_draws=100))
    AssumedMethod, 41 rows by term: r_marker_reversal –, r_marker_smallest −0.030, r_marker_most 0.400, gap_first 0.206, gap_last 0.211
    """
    outcome, blocks = by_name(moments, outcome, blocks, of="moments")
    able = [name for name, row in METHODS.items() if row.unit == "r_squared"]
    check_known("method", method, able, "It must be in units of R².")
    for name in (a, b):
        check_known("block", name, blocks)
    if steps < 3:
        raise ModelError(f"steps = {steps}: at least 3 values of r_M are needed to see a change.")
    names = [outcome, *flatten(blocks)]
    R = np.concatenate([moments.select(names).corr[None], draws.select(names).corr])
    sound = np.isfinite(R).all(axis=(1, 2))
    sound[sound] = np.linalg.eigvalsh(R[sound])[:, 0] > 1e-9  # in a draw of few rows two variables may be one
    if not sound[0] or sound[1:].sum() < 0.95 * (len(sound) - 1):
        raise ModelError(
            f"the drivers determine {outcome} or each other, in the sample or in more than 5% of the draws: nothing can be taken off "
            "their correlations."
        )
    R = R[sound]
    most = 1 / solve(R, np.ones(R.shape[:-1])).sum(axis=-1)
    smallest = float(R[0][np.triu_indices(len(names), 1)].min())
    last = min(float(most[0]), float(np.quantile(most[1:], 0.05)), 2 * max(smallest, 0.0) or 1.0) * 0.999
    grid = np.linspace(0, last, steps)
    corrected = (R[:, None] - grid[:, None, None]) / (1 - grid[:, None, None])
    np.einsum("...ii->...i", corrected)[...] = 1.0
    share = shares_of(corrected, [method])[method]
    of = [name for name, members in blocks.items() for _ in members]
    inside = [np.array([float(block == name) for block in of]) for name in (a, b)]
    gaps = block_differences(share, *inside)[0]
    origin = Provenance.merge([moments.provenance, draws.provenance]).then(f"r_marker 0 to {last:.3f} assumed")
    return AssumedMethod(a, b, grid, gaps[0], gaps[1:], float(most[0]), smallest, origin, method, conf_level)
