"""Whether a correlation may come from the way of asking: the common-marker check, and outcome items that are drivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ...core import ModelError, Provenance, Result, check_known, listed, pd
from ...kernels import FloatArray, critical
from ...moments import Moments, by_name, check_kind
from .scale_checks import checked, ends, summary, usable


@dataclass(frozen=True, eq=False)
class MarkerCheck(Result):
    """Correlations of every two variables before and after taking out what a marker shares with them.

    `source` is the variable whose correlation with the marker is r_marker, or None where r_marker was stated.
    """

    outcome: str
    marker: str
    source: str | None
    r_marker: float
    moments: Moments
    provenance: Provenance
    draws: Moments | None = None
    n_draws_left_out: int = 0
    conf_level: float = 0.95
    keys = ("term", "against")
    shown = ("outcome", "marker", "r_marker", "n", "n_draws")

    def columns(self) -> dict[str, Any]:
        """A row for each driver with the outcome, then for every two drivers; `adjusted` is without the marker's part.

        `verdict`: "stays" where both intervals lie on the same side of 0; "vanishes" where only that of the estimate lies
        there, which may be for want of respondents; "undecided" where that of the estimate holds 0 to begin with.
        """
        names = self.moments.names[:-1]
        pairs = np.array(list(combinations(range(len(names)), 2)))
        r = _between(self.moments, pairs)
        before, after = self._intervals(pairs, r)
        side = np.sign(r)
        found, kept = side * np.sign(before) > 0, side * np.sign(after) > 0
        verdict = np.where(~found.all(axis=0), "undecided", np.where(kept.all(axis=0), "stays", "vanishes"))
        return {
            "term": [names[j] for j in pairs[:, 1]],
            "against": [names[i] for i in pairs[:, 0]],
            "estimate": r,
            "conf_low": before[0],
            "conf_high": before[1],
            "adjusted": _adjusted(r, self.r_marker),
            "adjusted_conf_low": after[0],
            "adjusted_conf_high": after[1],
            "verdict": verdict,
        }

    def _intervals(self, pairs: FloatArray, r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Of the correlations and of the adjusted ones, (2, pairs) each."""
        if self.draws is not None:
            drawn = _between(self.draws, pairs)
            after = _adjusted(drawn, self._r_marker_of(self.draws)[:, None])
            return ends(drawn, self.conf_level).T, ends(after, self.conf_level).T
        n = float(self.moments.n_eff)
        return _fisher(r, n - 3, self.conf_level), _fisher(_adjusted(r, self.r_marker), n - 4, self.conf_level)

    def _r_marker_of(self, draws: Moments) -> FloatArray:
        if self.source is None:
            return np.full(draws.batch, self.r_marker)
        return np.clip(draws.corr[..., draws.names.index(self.source), -1], 0, None)

    def whole(self) -> dict[str, Any]:
        more: dict[str, Any] = {"outcome": self.outcome, "marker": self.marker, "r_marker": self.r_marker}
        drawn = None if self.draws is None else self._r_marker_of(self.draws)
        if drawn is not None and self.source is not None:
            low, high = ends(drawn, self.conf_level)
            more |= {"r_marker_conf_low": float(low), "r_marker_conf_high": float(high)}
        return summary(self.moments, drawn, self.n_draws_left_out, self.conf_level, **more)


def marker_check(
    moments: Moments,
    outcome: str,
    drivers: Sequence[str],
    marker: str,
    *,
    draws: Moments | None = None,
    conf_level: float = 0.95,
    r_marker: float | None = None,
) -> MarkerCheck:
    """Do correlations survive what the way of asking may have added to all of them alike?

    The correlational marker technique of Lindell & Whitney: a correlation r becomes (r − r_M) / (1 − r_M). It supposes that
    one method adds the same amount to every correlation and that the marker, a question on something unrelated asked in
    the same way, correlates with the others through the method only. Where either fails, neither a correlation that stays
    nor one that vanishes proves anything. It is not partialling the marker out, which is `moments.partial([marker])`.

    Parameters
    ----------
    moments : Moments
        One set, holding outcome, drivers and marker: items or scale scores, all pointing the same way.
    outcome : str
        Name or label of the variable to explain.
    drivers : sequence of str
        Variables correlated with the outcome.
    marker : str
        A variable that has nothing to do with either, asked in the same way.
    draws : Moments, optional
        Draws of the same variables, for percentile intervals; r_M is redrawn too. Without them intervals are Fisher's z,
        of the adjusted correlation as a partial one, taking r_M as known.
    conf_level : float
        Level of the intervals, between 0 and 1.
    r_marker : float, optional
        Between 0 and 1. Left out, it is the smallest correlation above 0 of the marker with outcome or drivers, the
        variable chosen once, in the sample; 0 where none is above 0, which adjusts nothing.

    Returns
    -------
    MarkerCheck
        `tidy()` has a row for every two variables: their correlation before and after taking out what the marker
        shares.

    Raises
    ------
    UnknownName, ModelError
        For a variable that is absent, named twice or does not vary, no drivers, r_marker outside 0…1.

    References
    ----------
    Lindell, M. K. & Whitney, D. J. (2001). Journal of Applied Psychology 86, 114–121. doi:10.1037/0021-9010.86.1.114
    Williams, L. J., Hartman, N. & Cavazotte, F. (2010). Organizational Research Methods 13, 477–514.
    doi:10.1177/1094428110366036

    Examples
    --------
    >>> import loyaltylab as ll
    >>> m = ll.read_table("corporate_reputation").moments(["CUSL", "LIKE", "COMP", "CSOR"])
    >>> marker_check(m, "CUSL", ["LIKE", "COMP"], "CSOR", r_marker=0.2).tidy()[["term", "against", "adjusted"]].round(2)
       term against  adjusted
    0  LIKE    CUSL      0.52
    1  COMP    CUSL      0.30
    2  COMP    LIKE      0.55
    """
    outcome, drivers, marker = by_name(moments, outcome, drivers, marker, of="moments")
    drivers = [drivers] if isinstance(drivers, str) else list(drivers)
    if not drivers:
        raise ModelError("no drivers are given; name at least one.")
    names = [outcome, *drivers, marker]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ModelError(f"{listed(twice)}: named more than once among outcome, drivers and marker.")
    checked(moments, {"variables": names}, conf_level)
    used, source = moments.select(names), None
    if r_marker is None:
        with_marker = used.corr[-1, :-1]
        smallest = int(np.argmin(np.where(with_marker > 0, with_marker, np.inf)))
        source, r_marker = used.names[smallest], max(0.0, float(with_marker[smallest]))
    if not 0 <= r_marker < 1:
        raise ModelError(
            f"r_marker = {r_marker:g} must lie between 0 and 1; it is what the method adds to a correlation."
        )
    if draws is None:
        return MarkerCheck(outcome, marker, source, r_marker, used, used.provenance, conf_level=conf_level)
    kept, left_out = usable(draws, used.names)
    both = Provenance.merge([used.provenance, draws.provenance])
    return MarkerCheck(outcome, marker, source, r_marker, used, both, kept, left_out, conf_level)


@dataclass(frozen=True, eq=False)
class CriterionOverlap(Result):
    """Each outcome item beside each driver scale: (item, driver) in `estimates`, with the item's `own` correlation, (item,).

    `nearest` holds, for each pair, the item of the driver that correlates most with the outcome item, and that correlation.
    """

    items: tuple[str, ...]
    drivers: tuple[str, ...]
    estimates: FloatArray
    own: FloatArray
    nearest: list[list[tuple[str, float]]]
    moments: Moments
    provenance: Provenance
    draw_differences: FloatArray | None = None
    n_draws_left_out: int = 0
    same: float = 0.95
    conf_level: float = 0.95
    keys = ("term", "against")

    def columns(self) -> pd.DataFrame:
        """A row for each outcome item and driver; `difference` is its own correlation minus the size of the driver's.

        `verdict`: "shared" for an item of the driver itself, "recoded" for nearly one (|r| ≥ `same`); then, by the interval
        of the difference (without draws, by the difference), "overlaps" where it is below 0, "apart" where it is above and
        "undecided"; "single" for an item that is alone in its scale and has no correlation to compare.
        """
        pairs = [(i, j) for i in range(len(self.items)) for j in range(len(self.drivers))]
        rows, cols = np.array(pairs).T
        difference = self.own[rows] - np.abs(self.estimates[rows, cols])
        low = high = difference
        frame = pd.DataFrame(
            {
                "term": [self.items[i] for i in rows],
                "against": [self.drivers[j] for j in cols],
                "estimate": self.estimates[rows, cols],
                "item_rest": self.own[rows],
                "difference": difference,
            }
        )
        if self.draw_differences is not None:
            low, high = np.moveaxis(ends(self.draw_differences[:, rows, cols], self.conf_level), -1, 0)
            frame = frame.assign(difference_conf_low=low, difference_conf_high=high)
        nearest = [self.nearest[i][j] for i, j in pairs]
        words = np.where(low > 0, "apart", np.where(high <= 0, "overlaps", "undecided"))
        words[np.isnan(difference)] = "single"
        return frame.assign(
            nearest=[name for name, _ in nearest],
            nearest_correlation=[r for _, r in nearest],
            verdict=[
                "shared" if name == item else "recoded" if abs(r) >= self.same else str(word)
                for item, (name, r), word in zip(frame["term"], nearest, words, strict=True)
            ],
        )

    def whole(self) -> dict[str, Any]:
        more = {"n_pairs": self.estimates.size}
        return summary(self.moments, self.draw_differences, self.n_draws_left_out, self.conf_level, **more)


def criterion_overlap(
    moments: Moments,
    scales: Mapping[str, Sequence[str]],
    outcome: str,
    drivers: Sequence[str],
    *,
    same: float = 0.95,
    draws: Moments | None = None,
    conf_level: float = 0.95,
) -> CriterionOverlap:
    """Is an outcome item also a driver item, or does it go with a driver as much as with the outcome?

    Of each outcome item the correlation with the sum of each driver's items stands beside its correlation with the sum of
    the other outcome items. A long scale correlates more with anything than a short rest does: "overlaps" is a reason to
    read the two questions side by side, not proof that they ask the same.

    Parameters
    ----------
    moments : Moments
        One set, of all items.
    scales : mapping of scale → items
        An item may stand in an outcome and in a driver; finding that is the point.
    outcome, drivers : name of a scale, names of scales
        The scale that is explained, and those that explain it.
    same : float
        Correlation (absolute) from which two columns are taken as one in other codes; 1 for exact linear recodings only.
    draws : Moments, optional
        Draws of the same items; they give the interval of the difference, which then decides.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    CriterionOverlap
        `tidy()` has a row for each outcome item beside each driver scale.

    Raises
    ------
    UnknownName, ModelError
        For a scale or an item that does not exist, an item twice in one scale, an item that does not vary.

    Examples
    --------
    >>> import loyaltylab as ll
    >>> scales = {"CUSL": ["cusl_1", "cusl_2", "cusl_3"], "LIKE": ["like_1", "like_2", "like_3", "cusl_2"]}
    >>> m = ll.read_table("corporate_reputation_items").moments([*scales["CUSL"], *scales["LIKE"][:3]])
    >>> criterion_overlap(m, scales, "CUSL", ["LIKE"]).tidy()[["term", "nearest", "verdict"]]
         term nearest   verdict
    0  cusl_1  cusl_2  overlaps
    1  cusl_2  cusl_2    shared
    2  cusl_3  cusl_2     apart
    """
    check_kind(moments, "moments", scales.values())
    drivers = [drivers] if isinstance(drivers, str) else list(drivers)
    for name in [outcome, *drivers]:
        check_known("scale", name, scales)
    if not drivers or outcome in drivers:
        raise ModelError(f"drivers {listed(drivers)}: name at least one scale, and not the outcome '{outcome}'.")
    if not 0 < same <= 1:
        raise ModelError(f"same = {same:g} must lie between 0 and 1, such as 0.95.")
    named = {name: checked(moments, {name: scales[name]}, conf_level)[name] for name in [outcome, *drivers]}
    used = moments.select(dict.fromkeys(item for items in named.values() for item in items))
    items, sets = named[outcome], [used.index(named[driver]) for driver in drivers]
    at = used.index(items)
    with_drivers, own = _item_sums(used.cov, at, sets)
    nearest = [[_nearest(used, i, others) for others in sets] for i in at]
    parts = (items, tuple(drivers), with_drivers, own, nearest, used)
    if draws is None:
        return CriterionOverlap(*parts, used.provenance, same=same, conf_level=conf_level)
    kept, left_out = usable(draws, used.names)
    drawn, drawn_own = _item_sums(kept.cov, at, sets)
    both = Provenance.merge([used.provenance, draws.provenance])
    return CriterionOverlap(*parts, both, drawn_own[..., None] - np.abs(drawn), left_out, same, conf_level)


def _adjusted(r: FloatArray, r_marker: FloatArray | float) -> FloatArray:
    """Lindell & Whitney (2001)."""
    return (r - r_marker) / (1 - r_marker)


def _between(m: Moments, pairs: FloatArray) -> FloatArray:
    return m.corr[..., pairs[:, 0], pairs[:, 1]]


def _fisher(r: FloatArray, weight: float, conf_level: float) -> FloatArray:
    """Interval by Fisher's z, whose variance is 1 / weight.  r (k,) → (2, k)."""
    half = critical(conf_level) / np.sqrt(max(weight, 1e-9))
    z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    return np.tanh([z - half, z + half])


def _item_sums(S: FloatArray, at: list[int], sets: list[list[int]]) -> tuple[FloatArray, FloatArray]:
    """Correlation of each item with the sum of each set, itself left out, and with the other items.

    S (..., p, p), m items, k sets → (..., m, k) and (..., m); not a number where nothing is left to sum.
    """
    chosen = [[[j for j in others if j != i] for others in [*sets, at]] for i in at]
    sums = np.array([[np.bincount(others, minlength=S.shape[-1]) for others in row] for row in chosen], dtype=float)
    covariance = np.stack([(S[..., i, :] @ sums[j].T) for j, i in enumerate(at)], axis=-2)
    spread = np.einsum("mkp,...pq,mkq->...mk", sums, S, sums, optimize=True)
    variance = np.diagonal(S, axis1=-2, axis2=-1)[..., at, None]
    r = covariance / np.sqrt(np.where(spread > 0, variance * spread, np.nan))
    return r[..., :-1], r[..., -1]


def _nearest(m: Moments, item: int, others: list[int]) -> tuple[str, float]:
    """The variable that correlates most with the item; the item itself where it is among them."""
    best = item if item in others else max(others, key=lambda j: abs(m.corr[item, j]))
    return m.names[best], float(m.corr[item, best])
