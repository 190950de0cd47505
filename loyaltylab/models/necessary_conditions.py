"""`necessity()`: is there no high outcome without the condition? Necessary condition analysis, against chance and against mere correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import MIN_CELL, RULES, DataError, ModelError, Provenance, Result, check_known, listed, tr
from ..kernels import FloatArray
from ..moments import by_name, complete
from ..survey import Survey, range_of, source_of

CEILINGS = {
    "ce_fdh": tr("step line over all answers (CE-FDH)"),
    "cr_fdh": tr("straight line through the corners of the steps (CR-FDH)"),
}  # fmt: skip
_CELLS = 4_000_000  # answers paired together
_CALIBRATED = 50_000  # pairs by which the copula is found


@dataclass(frozen=True, eq=False)
class Necessity(Result):
    """How much of the space above the answers is empty, and which condition each part of the outcome would need.

    Attributes
    ----------
    effect : float
        d, the empty zone over the scope, 0 to 1.
    zone, scope : float
        Areas in squared scale points.
    effect_protected : float
        d again with the `min_cell` − 1 highest outcomes at or below each answer to the condition set aside: what is left
        of it when no single respondent decides. Always at least d.
    levels, tops : array (k,)
        Values of the condition found, and the outcome that at least `min_cell` respondents at or below each reach.
        These are what may be drawn; the ceiling itself can rest on a single respondent and is not given.
    needed, lacking : array (11,)
        Condition needed for 0, 10, … 100% of the outcome's range under the protected step line (not a number: none),
        and the share of respondents below it.
    p_value : float
        How often the zone is as large where nothing is necessary and the two only go together: pairs drawn from a normal
        copula with the same answers and the same correlation. The observed data count as one.
    p_value_unrelated : float
        The same for random pairings (Dul et al. 2020), which tells whether there is any relation at all.

    See Also
    --------
    loyaltylab.models.necessity : Makes it.
    """

    condition: str
    outcome: str
    ceiling: str
    effect: float
    zone: float
    scope: float
    accuracy: float
    effect_protected: float
    p_value: float
    p_value_unrelated: float
    correlation: float
    levels: FloatArray
    tops: FloatArray
    needed: FloatArray
    lacking: FloatArray
    box: tuple[float, float, float, float]
    n: int
    n_permutations: int
    provenance: Provenance
    min_cell: int = MIN_CELL
    alpha: float = 0.05
    keys = ("answer",)
    shown = ("term", "outcome", "method", "estimate", "level", "p_value", "n")

    def __post_init__(self) -> None:
        if not -1e-12 <= self.effect <= 1 + 1e-12 or abs(self.effect * self.scope - self.zone) > 1e-9 * self.scope:
            raise ModelError(f"the empty zone {self.zone:.4f} is not d × scope = {self.effect * self.scope:.4f}.")
        if self.ceiling == "ce_fdh" and self.effect_protected < self.effect - 1e-12:
            raise ModelError("setting respondents aside made the empty zone smaller; do not use it.")

    @property
    def size(self) -> str:
        """The word "none", "small", "medium", "large" or "very large", by Dul (2016)."""
        names = ["small", "medium", "large", "very large"]
        cuts = [RULES[name][0] for name in ("necessity", "necessity_large", "necessity_very_large")]
        return names[int(np.digitize(self.effect, cuts))] if self.effect > 0 else "none"

    @property
    def verdict(self) -> str:
        """The word "necessary" where d is at least medium (Dul 2016) and more than the correlation alone makes, else "not shown"."""
        return "necessary" if self.effect >= RULES["necessity"][0] and self.p_value < self.alpha else "not shown"

    def columns(self) -> dict[str, Any]:
        """The bottleneck table: condition needed for each part of the outcome's range."""
        answers = [f"{part}%" for part in range(0, 101, 10)]
        return {"answer": answers, "estimate": self.needed, "share": self.lacking}

    def whole(self) -> dict[str, Any]:
        row: dict[str, Any] = {"term": self.condition, "outcome": self.outcome, "method": self.ceiling}
        row |= {"estimate": self.effect, "p_value": self.p_value, "p_value_unrelated": self.p_value_unrelated}
        row |= {"correlation": self.correlation, "zone": self.zone, "scope": self.scope}
        row |= {"accuracy": self.accuracy, "effect_protected": self.effect_protected, "level": self.size}
        row |= {"verdict": self.verdict, "n": self.n, "n_permutations": self.n_permutations, "min_cell": self.min_cell}
        return row


def necessity(
    survey: Survey,
    condition: str,
    outcome: str,
    *,
    ceiling: str = "ce_fdh",
    scope: str = "empirical",
    n_permutations: int = 2000,
    seed: int = 1,
    min_cell: int = MIN_CELL,
) -> Necessity:
    """Necessary condition analysis: how empty is the corner of low condition and high outcome?

    Parameters
    ----------
    survey : Survey
        With rows.
    condition, outcome : str
        Items or scales; higher is more of both.
    ceiling : {"ce_fdh", "cr_fdh"}
        A step line that no respondent lies above, or a straight line through the corners of its steps by least squares.
    scope : {"empirical", "theoretical"}
        The rectangle the empty zone is divided by: of the values found, or of the codebook's ranges. What lies left of
        the lowest condition found is empty too.
    n_permutations, seed : int
        Pairings of condition and outcome behind each p-value.
    min_cell : int
        Ceiling and bottlenecks are given as what at least so many respondents reach; 1 gives the ceiling itself, for
        your own eyes.

    Returns
    -------
    Necessity
        How much of the space above the answers is empty, 0 to 1, with its permutation test.

    Raises
    ------
    UnknownName, DataError, ModelError
        For another ceiling or scope, a variable that does not vary, or fewer than 100 permutations.

    Notes
    -----
    The ceiling is a maximum: it rests on single respondents, one of whom, or one slip of the pen, can take the whole
    zone away, and a larger sample can only make d smaller. Bootstrap intervals do not hold for it, so there is none;
    `effect_protected` says how much of it hangs on a few. Any correlation empties that corner: of latent-normal answers
    with r = .5 random pairings call the condition necessary in every second sample, with r = .7 nearly always, though
    nothing is. So the verdict asks whether d is more than the correlation makes; it then errs as often as it says
    (`tests/benchmarks/coverage.py`). d tells a ceiling, not a cause. Sampling weights play no part in a maximum. Checked against areas computed by hand from the
    definitions in Dul (2016), invariance to rescaling, and simulated ceilings; not against the R package NCA.

    References
    ----------
    Dul, J. (2016). Necessary condition analysis (NCA). Organizational Research Methods 19, 10–52.
    doi:10.1177/1094428115584005
    Dul, J., van der Laan, E. & Kuik, R. (2020). A statistical significance test for necessary condition analysis.
    Organizational Research Methods 23, 385–395. doi:10.1177/1094428118795272
    Nelsen, R. B. (2006). An Introduction to Copulas. Springer. doi:10.1007/0-387-28678-0

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> items = {name: Item(name, {"en": name}, range=(1, 5)) for name in ("sat", "stay")}
    >>> rows = pd.DataFrame({"sat": [1, 2, 3, 4, 5, 5] * 20, "stay": [1, 2, 3, 4, 5, 1] * 20})
    >>> found = necessity(read_survey(rows, Codebook("shop", {}, items, {}, {"en": "", "nl": ""})), "sat", "stay")
    >>> found  # steps of 3, 2, 1 and 0 ... below the diagonal: (4 + 3 + 2 + 1) / 16
    Necessity, 11 rows by answer: term sat, outcome stay, method ce_fdh, estimate 0.625, level very large, p_value
        <0.001, n 120
    """
    condition, outcome = by_name(survey, condition, outcome, of="answers")
    check_known("ceiling", ceiling, CEILINGS)
    check_known("scope", scope, ("empirical", "theoretical"))
    if n_permutations < 100:
        raise ModelError(f"{n_permutations} permutations are too few for a test; ask for at least 100, better 2,000.")
    if condition == outcome:
        raise ModelError(f"'{condition}' is both condition and outcome; name two different variables.")
    used, design = complete(source_of(survey, None, None, None, None), survey.present([condition, outcome]))
    x, y = (used[name].to_numpy(dtype=float) for name in (condition, outcome))
    if flat := [name for name, v in ((condition, x), (outcome, y)) if np.ptp(v) == 0]:
        raise ModelError(f"{listed(flat)}: everyone has the same value, so nothing can be necessary. Leave it out.")
    if min_cell < 1 or len(x) < max(min_cell, 2):
        raise DataError(f"min_cell is {min_cell}; allowed: from 1 to the {len(x):,} complete respondents.")
    box = _box(survey, condition, outcome, x, y, scope)
    order = np.argsort(x, kind="stable")
    levels, starts = np.unique(x[order], return_index=True)
    tops = _tops(y[order][None], starts)
    zone, line = _zone(levels, tops, box, ceiling)
    area = (box[1] - box[0]) * (box[3] - box[2])
    r = float(np.corrcoef(x, y)[0, 1])
    alike = _copula(x[order], y, r, seed)

    def p_value(rho: float) -> float:
        chance = _paired(y, starts, levels, box, ceiling, n_permutations, seed, rho)
        return (1 + int((chance >= zone[0] - 1e-9 * area).sum())) / (1 + n_permutations)

    protected = _protected(y[order], starts, min_cell, box)
    needed, lacking = _bottlenecks(x, levels, protected, box, min_cell)
    steps = survey.provenance.then(design.step.split(", weighted")[0])
    steps = steps.then(
        f"{ceiling} of {condition} for {outcome}, {scope} scope, {n_permutations:,} pairings with the same correlation, seed {seed}"
    )
    return Necessity(
        condition, outcome, ceiling,
        effect=float(zone[0] / area), zone=float(zone[0]), scope=float(area), accuracy=_accuracy(x, y, levels, tops[0], line[0]),
        effect_protected=float(_zone(levels, protected[None], box, "ce_fdh" if ceiling == "ce_fdh" else ceiling)[0][0] / area),
        p_value=p_value(alike), p_value_unrelated=p_value(0.0), correlation=r, levels=levels, tops=protected, needed=needed, lacking=lacking, box=box, n=len(x),
        n_permutations=n_permutations, provenance=steps, min_cell=min_cell,
    )  # fmt: skip


def _box(survey: Survey, condition: str, outcome: str, x: FloatArray, y: FloatArray, scope: str) -> tuple[float, ...]:
    """Lowest and highest condition, lowest and highest outcome."""
    if scope == "empirical":
        return float(x.min()), float(x.max()), float(y.min()), float(y.max())
    box = (*range_of(survey, condition), *range_of(survey, outcome))
    if x.min() < box[0] or x.max() > box[1] or y.min() < box[2] or y.max() > box[3]:
        raise DataError(
            f"'{condition}' or '{outcome}' holds values outside its range in the codebook; correct one of them."
        )
    return tuple(float(end) for end in box)


def _tops(y: FloatArray, starts: Any) -> FloatArray:
    """Highest outcome at or below each level.  y (B, n) by rising condition → (B, k)."""
    return np.maximum.accumulate(np.maximum.reduceat(y, starts, axis=1), axis=1)


def _zone(levels: FloatArray, tops: FloatArray, box: tuple[float, ...], ceiling: str) -> tuple[FloatArray, FloatArray]:
    """Empty areas (B,) and lines (B, 2): intercept and slope, not a number for steps.  levels (k,), tops (B, k)."""
    left, right, bottom, top = box
    width = np.diff(np.append(levels, right))
    steps = (top - np.clip(tops, bottom, top)) @ width + (levels[0] - left) * (top - bottom)
    if ceiling == "ce_fdh":
        return steps, np.full((len(tops), 2), np.nan)
    corner = np.concatenate([np.ones((len(tops), 1), bool), np.diff(tops, axis=1) > 0], axis=1)
    n = corner.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = (corner @ levels) / n, (corner * tops).sum(axis=1) / n
        about = np.where(corner, levels - mean_x[:, None], 0)
        slope = (about * (tops - mean_y[:, None])).sum(axis=1) / (about**2).sum(axis=1)
    line = np.stack([mean_y - slope * mean_x, slope], axis=1)
    return np.where(n > 1, _above(line, box), 0.0), line


def _above(line: FloatArray, box: tuple[float, ...]) -> FloatArray:
    """Area of the box above rising lines (B, 2) → (B,)."""
    left, right, bottom, top = box
    with np.errstate(invalid="ignore", divide="ignore"):
        at_bottom, at_top = ((end - line[:, 0]) / line[:, 1] for end in (bottom, top))
        inside = np.clip(np.stack([at_bottom, at_top]), left, right)
        heights = [np.clip(top - line[:, 0] - line[:, 1] * x, 0, top - bottom) for x in inside]
    full = (inside[0] - left) * (top - bottom)
    return full + (inside[1] - inside[0]) * (heights[0] + heights[1]) / 2


def _drawn(y: FloatArray, number: int, rho: float, rng: np.random.Generator) -> FloatArray:
    """Outcomes by rising condition, paired by a normal copula.  y (n,) → (number, n)."""
    z = np.sort(rng.standard_normal((number, len(y))), axis=1)
    order = np.argsort(rho * z + np.sqrt(1 - rho**2) * rng.standard_normal(z.shape), axis=1)
    found = np.empty(z.shape)
    np.put_along_axis(found, order, np.broadcast_to(np.sort(y), z.shape), axis=1)
    return found


def _copula(x: FloatArray, y: FloatArray, r: float, seed: int) -> float:
    """Correlation of the normal copula that gives pairs of these answers the correlation r; x rising."""
    from scipy.optimize import brentq

    about, number = x - x.mean(), max(20, _CALIBRATED // len(x))
    scale = number * len(x) * x.std() * y.std()

    def gap(rho: float) -> float:
        return float((_drawn(y, number, rho, np.random.default_rng(seed)) @ about).sum() / scale) - r

    ends = -1.0, 1.0
    outside = [rho for rho in ends if gap(rho) * rho <= 0]
    return outside[0] if outside else float(brentq(gap, *ends, xtol=2e-3))


def _paired(
    y: FloatArray,
    starts: Any,
    levels: FloatArray,
    box: tuple[float, ...],
    ceiling: str,
    number: int,
    seed: int,
    rho: float,
) -> FloatArray:
    """Empty areas (number,) where outcomes are paired with conditions by a normal copula; at random where rho is 0."""
    rng, part, found = np.random.default_rng(seed), max(1, _CELLS // len(y)), []
    for start in range(0, number, part):
        many = _drawn(y, min(part, number - start), rho, rng)
        found.append(_zone(levels, _tops(many, starts), box, ceiling)[0])
    return np.concatenate(found)


def _protected(y: FloatArray, starts: Any, min_cell: int, box: tuple[float, ...]) -> FloatArray:
    """Outcome that at least min_cell respondents at or below each level reach; the bottom where they are fewer.  (k,)."""
    ends = np.append(starts[1:], len(y))
    best, tops = np.empty(0), []
    for start, end in zip(starts, ends, strict=True):
        best = np.sort(np.append(best, y[start:end]))[-min_cell:]
        tops.append(best[0] if len(best) == min_cell else box[2])
    return np.array(tops)


def _bottlenecks(
    x: FloatArray, levels: FloatArray, tops: FloatArray, box: tuple[float, ...], min_cell: int
) -> tuple[FloatArray, FloatArray]:
    """Condition needed for each tenth of the outcome's range, and the share of respondents below it."""
    outcomes = box[2] + (box[3] - box[2]) * np.linspace(0, 1, 11)
    at = np.searchsorted(np.maximum.accumulate(tops), outcomes - 1e-9)
    within = at < len(levels)
    needed = np.where(within & (at > 0), levels[np.minimum(at, len(levels) - 1)], np.nan)
    below = np.array([(x < need - 1e-9).sum() if need == need else 0 for need in needed])
    shown = (below == 0) | ((below >= min_cell) & (len(x) - below >= min_cell))
    return needed, np.where(within & shown, below / len(x), np.nan)


def _accuracy(x: FloatArray, y: FloatArray, levels: FloatArray, tops: FloatArray, line: FloatArray) -> float:
    """Share of respondents on or below the ceiling: 1 for steps."""
    limit = tops[np.searchsorted(levels, x)] if np.isnan(line).any() else line[0] + line[1] * x
    return float((y <= limit + 1e-9).mean())
