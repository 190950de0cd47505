"""`penalty_reward()`: does a driver cost more where it is poor than it brings where it is good?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import MIN_CELL, DataError, ModelError, Provenance, Result, UnknownName, check_known, listed, pd
from ..kernels import FloatArray, check_conf_level, fit_least_squares, quantile, tails
from ..moments import by_name, complete
from ..survey import Survey, range_of, source_of
from .curves import check_lost

#: How a driver is called basic, performance or excitement, and by whom.
ASYMMETRY_RULES: dict[str, str] = {
    "difference": "by the interval of reward + penalty: a difference between what is shown and what is not is not itself "
    "shown (Gelman & Stern 2006, doi:10.1198/000313006X152649)",
    "significance": "by which of the two intervals excludes zero, as is usual (Matzler & Sauerwein 2002)",
}


@dataclass(frozen=True, eq=False)
class PenaltyReward(Result):
    """What goes with a low and with a high answer to each driver, against a middle one.

    Attributes
    ----------
    penalties, rewards : array (k,)
        Scale points of the outcome; not a number for a driver with too few low or high answers.
    draws : array (B, k, 2)
        The same in each draw.

    See Also
    --------
    loyaltylab.models.penalty_reward : Makes it.
    """

    terms: tuple[str, ...]
    outcome: str
    penalties: FloatArray
    rewards: FloatArray
    draws: FloatArray
    n_low: FloatArray
    n_high: FloatArray
    cuts: dict[str, tuple[float, float]]
    r_squared: float
    n: int
    n_draws: int
    n_draws_left_out: int
    rule: str
    provenance: Provenance
    min_cell: int = MIN_CELL
    conf_level: float = 0.95
    shown = ("outcome", "r_squared", "n", "n_draws")

    def __post_init__(self) -> None:
        if not -1e-9 <= self.r_squared <= 1 + 1e-9 or self.draws.shape[1:] != (len(self.terms), 2):
            raise ModelError(f"R² is {self.r_squared:.3f} or the draws do not fit the drivers; do not use it.")

    def called(self, verdict: str) -> list[str]:
        """Drivers that are "basic" (cost more than they bring), "excitement" (bring more), or of another verdict."""
        found = self.tidy()
        return list(found.loc[found["verdict"] == verdict, "term"])

    def columns(self) -> pd.DataFrame:
        """`estimate` is reward + penalty: below zero a poor driver costs more than a good one brings."""
        sums = self.draws.sum(axis=2)
        asked = ~np.isnan(self.penalties)
        columns: dict[str, Any] = {"term": self.terms, "estimate": self.rewards + self.penalties}
        parts = {"": sums, "penalty_": self.draws[:, :, 0], "reward_": self.draws[:, :, 1]}
        for prefix, values in parts.items():
            ends = np.full((2, len(self.terms)), np.nan)
            if asked.any():
                ends[:, asked] = quantile(values[:, asked], tails(self.conf_level))
            if prefix:
                columns[prefix[:-1]] = self.penalties if prefix == "penalty_" else self.rewards
            columns |= {f"{prefix}conf_low": ends[0], f"{prefix}conf_high": ends[1]}
        data = pd.DataFrame(columns | {"n_low": self.n_low, "n_high": self.n_high})
        return data.assign(verdict=[_verdict(row, self.rule) for row in data.to_dict("records")])

    def whole(self) -> dict[str, Any]:
        row = {"outcome": self.outcome, "r_squared": self.r_squared, "n": self.n, "method": self.rule}
        row |= {"n_withheld": int(np.isnan(self.penalties).sum()), "n_draws": self.n_draws}
        row |= {"n_draws_left_out": self.n_draws_left_out, "conf_level": self.conf_level}
        return row


def _verdict(row: dict[str, Any], rule: str) -> str:
    """The word "basic", "excitement", "performance", "undecided" or, where it was not asked, "too few"."""
    if np.isnan(row["penalty"]):
        return "too few"
    costs, brings = row["penalty_conf_high"] < 0, row["reward_conf_low"] > 0
    if rule == "difference":
        if row["conf_high"] < 0 and costs:
            return "basic"
        if row["conf_low"] > 0 and brings:
            return "excitement"
        return "performance" if costs and brings else "undecided"
    return "performance" if costs and brings else "basic" if costs else "excitement" if brings else "undecided"


def penalty_reward(
    survey: Survey,
    outcome: str,
    drivers: Sequence[str],
    *,
    low: float = 1 / 3,
    high: float = 2 / 3,
    rule: str = "difference",
    n_draws: int = 2000,
    seed: int = 1,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> PenaltyReward:
    """Penalty-reward contrast analysis: each driver as two indicators, low and high against the middle, in one regression.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    outcome : str
        Name or label of the variable to explain.
    drivers : sequence of str
        Items or scales with a range in the codebook.
    low, high : float
        Parts of the answer range up to which an answer is low, and from which it is high; on 1 to 7, a third is up to 3
        and two thirds from 5.
    rule : {"difference", "significance"}
        See `ASYMMETRY_RULES`. "basic": the penalty is larger; "excitement": the reward is; "performance": both count and
        no difference is shown.
    n_draws, seed : int
        Bootstrap draws of respondents or clusters, at least 100.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        A driver with fewer low, middle or high answers is left out of the model and says "too few".

    Returns
    -------
    PenaltyReward
        `tidy()` has a row for each driver: penalty, reward, and its class.

    Raises
    ------
    UnknownName, DataError, ModelError
        For cut-offs out of order, a driver twice or equal to the outcome, no driver with enough answers, or more than 5%
        of draws in which the model cannot be computed.

    Notes
    -----
    Least squares with the survey's weight; equals statsmodels' WLS. What goes with an answer is no effect of changing it.

    References
    ----------
    Brandt, D. R. (1987). A procedure for identifying value-enhancing service components using customer satisfaction
    survey data. In Add Value to Your Service, American Marketing Association, 61–65.
    Matzler, K. & Sauerwein, E. (2002). The factor structure of customer satisfaction. International Journal of Service
    Industry Management 13, 314–332. doi:10.1108/09564230210445078

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> items = {name: Item(name, {"en": name}, range=(1, 7)) for name in ("ease", "sat")}
    >>> rows = pd.DataFrame({"ease": [2, 4, 6] * 40, "sat": [2, 5, 5, 3, 6, 7] * 20})
    >>> found = penalty_reward(read_survey(rows, Codebook("shop", {}, items, {}, {"en": "", "nl": ""})), "sat", ["ease"], n_draws=200)
    >>> found.tidy()[["penalty", "reward", "verdict"]].round(6).values.tolist()
    [[-3.0, 0.5, 'basic']]
    """
    outcome, drivers = by_name(survey, outcome, drivers, of="answers")
    drivers = list(drivers)
    _check(outcome, drivers, low, high, rule, conf_level)
    used, design = complete(source_of(survey, None, None, None, None), survey.present([outcome, *drivers]))
    cuts = {
        name: tuple(lo + part * (hi - lo) for part in (low, high))
        for name in drivers
        for lo, hi in [range_of(survey, name)]
    }
    x = used[drivers].to_numpy(dtype=float)
    is_low = x <= np.array([cuts[name][0] for name in drivers]) + 1e-9
    is_high = x >= np.array([cuts[name][1] for name in drivers]) - 1e-9
    sizes = np.stack([is_low.sum(axis=0), is_high.sum(axis=0), (~is_low & ~is_high).sum(axis=0)])
    asked = (sizes >= max(min_cell, 1)).all(axis=0)
    if not asked.any():
        raise DataError(
            f"none of {listed(drivers)} has {min_cell} low, middle and high answers each; move low= and high= inwards."
        )
    y, k = used[outcome].to_numpy(dtype=float), int(asked.sum())
    X = np.column_stack([np.ones(len(y)), is_low[:, asked], is_high[:, asked]]).astype(float)
    (b,), (rss,) = fit_least_squares(X, y, design.w[None])
    if np.isnan(b).any():
        raise ModelError(f"{listed(drivers)}: their low and high answers coincide exactly. Leave a driver out.")
    found = np.concatenate([fit_least_squares(X, y, w)[0] for w in design.draws(n_draws, seed, 250)])
    kept = ~np.isnan(found).any(axis=1)
    lost = check_lost(kept, outcome)
    draws = np.full((int(kept.sum()), len(drivers), 2), np.nan)
    draws[:, asked] = found[kept][:, 1:].reshape(-1, 2, k).transpose(0, 2, 1)
    both = np.full((2, len(drivers)), np.nan)
    both[:, asked] = b[1:].reshape(2, k)
    total = design.w @ (y - np.average(y, weights=design.w)) ** 2
    counts = np.where(sizes >= min_cell, sizes, np.nan)
    origin = survey.provenance.then(design.step).then(design.description(n_draws, seed))
    return PenaltyReward(
        tuple(drivers), outcome, *both, draws, counts[0], counts[1], cuts, float(1 - rss / total), len(y), n_draws, lost,  # type: ignore[arg-type]
        rule, origin.then(f"penalty and reward of {listed(drivers)} for {outcome}"), min_cell, conf_level,
    )  # fmt: skip


def _check(outcome: str, drivers: list[str], low: float, high: float, rule: str, conf_level: float) -> None:
    check_known("rule", rule, ASYMMETRY_RULES)
    if not drivers:
        raise UnknownName("no drivers are named.")
    if twice := sorted({name for name in drivers if drivers.count(name) > 1} | ({outcome} & set(drivers))):
        raise ModelError(f"{listed(twice)}: named twice, among the drivers or also as the outcome. Name each once.")
    if not 0 <= low < high <= 1:
        raise ModelError(f"low is {low:g} and high {high:g}; allowed: parts of the answer range, 0 ≤ low < high ≤ 1.")
    check_conf_level(conf_level)
