"""`curve()` and `compare_curves()`: is the line from satisfaction to loyalty straight, bent, or broken at a point?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import MIN_CELL, DataError, ModelError, Provenance, Result, check_known, listed, pd, tr
from ..kernels import FloatArray, check_conf_level, fit_least_squares, hinge, knots_of, quantile, spline, tails
from ..kernels import logit as logit_kernels
from ..moments import Design, by_name, complete
from ..survey import Survey, range_of, source_of, whole_points

# ---- fits and their draws ------------------------------------------------------------------------------------------------

_MOST_LOST = 0.05  # of the draws, in which the model cannot be computed
_AT_ONCE = 250  # draws computed together
_NONE = (np.nan, np.nan, np.nan)


@dataclass(frozen=True, eq=False)
class CurveRows:
    """Outcome y (n,) and driver x (n,) of the complete rows, and the whole answers (k,) a curve is given at."""

    outcome: str
    driver: str
    y: FloatArray
    x: FloatArray
    design: Design
    answers: FloatArray
    origin: Provenance
    plain: bool
    whole: bool


def curve_rows(survey: Survey, outcome: str, driver: str, min_cell: int) -> CurveRows:
    """Rows complete on both, after checking that there is a curve to fit."""
    if outcome == driver:
        raise ModelError(f"'{outcome}' is both outcome and driver; name two different variables.")
    low, high = range_of(survey, driver)
    source = source_of(survey, None, None, None, None)
    used, design = complete(source, survey.present([outcome, driver]))
    y, x = (used[name].to_numpy(dtype=float) for name in (outcome, driver))
    if flat := [name for name, v in ((outcome, y), (driver, x)) if np.ptp(v) == 0]:
        raise ModelError(f"{listed(flat)}: everyone has the same value, so there is no curve. Leave it out.")
    at = np.floor(x + 0.5)
    points = np.arange(np.ceil(low), np.floor(high) + 1)
    enough = [p for p in points if (at == p).sum() >= max(min_cell, 1)]
    if len(enough) < 2:
        raise DataError(
            f"'{driver}' has {len(enough)} whole answers with {min_cell} respondents or more; a curve needs at least 2."
        )
    answers = points[(points >= enough[0]) & (points <= enough[-1])]
    plain = not (source.weight or source.cluster or source.strata)
    whole = outcome in survey.codebook.items
    return CurveRows(outcome, driver, y, x, design, answers, survey.provenance.then(design.step), plain, whole)


def check_lost(kept: npt.NDArray[np.bool_], outcome: str) -> int:
    """How many draws are lost, refused where they are too many."""
    lost = int((~kept).sum())
    if lost > _MOST_LOST * len(kept):
        raise ModelError(
            f"in {lost:,} of {len(kept):,} draws the model of '{outcome}' cannot be computed: too few respondents give some "
            "of the answers. Use a simpler shape or wider groups."
        )
    return lost


# ---- least squares -------------------------------------------------------------------------------------------------------


def fitted_curve(
    data: CurveRows, shape: str, n_knots: int, n_draws: int, seed: int, conf_level: float, min_cell: int
) -> dict[str, Any]:
    """The numbers of a `Curve` by least squares."""
    bases = _bases(data, shape, n_knots)
    places = [_design(basis, data.x) for basis in bases]
    (b,), _, (at,) = _best(places, data.y, data.design.w[None])
    if np.isnan(b).any():
        raise ModelError(f"'{data.driver}' has too few different answers for the shape '{shape}'; use 'linear'.")
    found = [_best(places, data.y, w) for w in data.design.draws(n_draws, seed, _AT_ONCE)]
    coefficients, _, chosen = (np.concatenate(part) for part in zip(*found, strict=True))
    kept = ~np.isnan(coefficients).any(axis=1)
    lost = check_lost(kept, data.outcome)
    coefficients, chosen = coefficients[kept], chosen[kept]
    grids = np.stack([_design(basis, data.answers) for basis in bases])
    lines = np.einsum("lkq,lq->lk", grids[chosen], coefficients)
    lows, highs = quantile(lines, tails(conf_level))
    numbers = {"answers": data.answers, "estimates": grids[at] @ b, "lows": lows, "highs": highs}
    numbers |= _goodness(data, places[at], b, shape, coefficients) | _found(data, n_draws, seed, conf_level, min_cell)
    ends = quantile(coefficients, tails(conf_level))
    bend = (float(b[2]), *map(float, ends[:, 2])) if shape in ("quadratic", "threshold") else _NONE
    slopes, broken = (float(b[1]), float(b[1])) if shape == "linear" else (np.nan, np.nan), _NONE
    if shape == "threshold":
        where = _inner(data)
        broken = (float(where[at]), *map(float, quantile(where[chosen][:, None], tails(conf_level))[:, 0]))
        slopes = (float(b[1]), float(b[1] + b[2]))
    return numbers | {"bend": bend, "breakpoint": broken, "slopes": slopes, "n_draws_left_out": lost}


def _inner(data: CurveRows) -> FloatArray:
    """Whole answers at which a line may break: with different answers on both sides."""
    inner = data.answers[1:-1]
    able = [p for p in inner if len(np.unique(data.x[data.x <= p])) > 1 and len(np.unique(data.x[data.x >= p])) > 1]
    if not able:
        raise ModelError(f"'{data.driver}' has too few different answers for the shape 'threshold'; use 'linear'.")
    return np.array(able)


def _bases(data: CurveRows, shape: str, n_knots: int) -> list[Any]:
    """Functions x (n,) → (n, p), several for a shape whose place is searched."""
    if shape == "linear":
        return [lambda x: x[:, None]]
    if shape == "quadratic":
        middle = float(np.average(data.x, weights=data.design.w))
        return [lambda x: np.column_stack([x, (x - middle) ** 2])]
    if shape == "spline":
        knots = knots_of(data.x, n_knots)
        return [lambda x: spline(x, knots)]
    return [lambda x, at=at: hinge(x, at) for at in _inner(data)]


def _design(basis: Any, x: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(x)), basis(x)])


def _best(
    places: list[FloatArray], y: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
    """Coefficients (L, q) and residual sums (L,) of the design that fits best in each lane, and which it is (L,)."""
    fits = [fit_least_squares(X, y, w) for X in places]
    rss = np.stack([np.where(np.isnan(part[1]), np.inf, part[1]) for part in fits])
    chosen, lanes = rss.argmin(axis=0), np.arange(len(w))
    return np.stack([part[0] for part in fits])[chosen, lanes], rss[chosen, lanes], chosen


def _goodness(data: CurveRows, X: FloatArray, b: FloatArray, shape: str, draws: FloatArray) -> dict[str, Any]:
    """R², AIC and BIC, and the test against a straight line: statistic, df, residual df, p."""
    from scipy.special import fdtrc

    n, q = len(data.y), X.shape[1] + (shape == "threshold")
    w = data.design.w * n / data.design.w.sum()
    rss = float(w @ (data.y - X @ b) ** 2)
    total = float(w @ (data.y - np.average(data.y, weights=w)) ** 2)
    deviance = n * np.log(2 * np.pi * max(rss, 1e-300) / n) + n
    numbers = {"r_squared": 1 - rss / total, "aic": float(deviance + 2 * q), "bic": float(deviance + np.log(n) * q)}
    if shape in ("linear", "threshold"):
        return numbers | {"test": (np.nan,) * 4}
    extra, df = X.shape[1] - 2, n - X.shape[1]
    if data.plain:
        _, (straight,) = fit_least_squares(X[:, :2], data.y, w[None])
        statistic = (float(straight) - rss) / extra / (rss / df) if rss > 0 else np.inf
    else:
        spread = np.atleast_2d(np.cov(draws[:, 2:], rowvar=False))
        statistic = float(b[2:] @ np.linalg.solve(spread, b[2:])) / extra
    return numbers | {"test": (statistic, float(extra), float(df), float(fdtrc(extra, df, statistic)))}


def _found(data: CurveRows, n_draws: int, seed: int, conf_level: float, min_cell: int) -> dict[str, FloatArray]:
    """Mean outcome at each whole answer with its interval, and how many gave it."""
    at = np.floor(data.x + 0.5)[:, None] == data.answers
    n = at.sum(axis=0)
    shown = (n >= min_cell) & (n > 0)
    inside = at[:, shown].astype(float)

    def means(w: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (w @ (inside * data.y[:, None])) / (w @ inside)

    drawn = np.concatenate([means(w) for w in data.design.draws(n_draws, seed, _AT_ONCE)])
    mean, low, high = np.full((3, len(n)), np.nan)
    mean[shown] = means(data.design.w[None])[0]
    ends = [quantile(column[~np.isnan(column)][:, None], tails(conf_level))[:, 0] for column in drawn.T]
    low[shown], high[shown] = np.array(ends).T
    counts = np.where(shown, n, np.nan)
    return {"means": mean, "mean_lows": low, "mean_highs": high, "counts": counts}


# ---- ordered logit -------------------------------------------------------------------------------------------------------


def fitted_logit(
    data: CurveRows, top: float, n_draws: int, seed: int, conf_level: float, min_cell: int
) -> dict[str, Any]:
    """The numbers of a `Curve` by a proportional odds logit: the share that answers `top` or higher."""
    y, cut = _joined(data, top, min_cell)
    K = int(y.max()) + 1
    scale = float(data.x.std())
    s = logit_kernels.stack(y, (data.x - data.x.mean())[:, None] / scale, K)
    z = (data.answers - data.x.mean()) / scale
    w = data.design.w * len(y) / data.design.w.sum()
    at, ll, sound = _lanes(s, w[None])
    if not sound[0]:
        raise ModelError(
            f"'{data.driver}' separates the answers to '{data.outcome}'; an ordered logit cannot be fitted."
        )
    drawn = [_lanes(s, part) for part in data.design.draws(n_draws, seed, _AT_ONCE)]
    draws, _, kept = (np.concatenate(part) for part in zip(*drawn, strict=True))
    lost = check_lost(kept, data.outcome)
    lows, highs = quantile(_above(draws[kept], z, cut), tails(conf_level))
    null = float(logit_kernels.log_likelihood_null(logit_kernels.answer_weights(y, w[None], K))[0])
    deviance, slope = -2 * float(ll[0]), float(at[0, -1]) / scale
    numbers = {"answers": data.answers, "estimates": _above(at, z, cut)[0], "lows": lows, "highs": highs, "top": top}
    numbers |= {"r_squared": 1 - float(ll[0]) / null, "aic": deviance + 2 * K, "bic": deviance + np.log(len(y)) * K}
    nothing = np.full(len(z), np.nan)  # a share found would tell how few gave the other answers
    numbers |= {"means": nothing, "mean_lows": nothing, "mean_highs": nothing, "counts": nothing}
    return numbers | {"bend": _NONE, "breakpoint": _NONE, "slopes": (slope, slope), "test": (np.nan,) * 4,
                      "n_draws_left_out": lost}  # fmt: skip


def _joined(data: CurveRows, top: float, min_cell: int) -> tuple[npt.NDArray[np.intp], int]:
    """Answers as codes, neighbours joined on each side of `top` until each has min_cell respondents; and the code of `top`."""
    if not data.whole or (data.y % 1 != 0).any():
        raise DataError(
            f"'{data.outcome}' is not answered in whole points; an ordered logit needs an item, not a scale."
        )
    if not data.y.min() < top <= data.y.max():
        raise DataError(
            f"top is {top:g}; allowed: above the lowest answer found ({data.y.min():g}), at most the highest ({data.y.max():g})."
        )
    starts: list[float] = []
    for side in (data.y[data.y < top], data.y[data.y >= top]):
        if len(side) < min_cell:
            raise DataError(
                f"only {'few' if len(side) else 'no'} respondents lie on one side of top = {top:g}; choose another."
            )
        begin = len(starts)
        values, count = np.unique(side, return_counts=True)
        size = 0
        for value, number in zip(values[::-1], count[::-1], strict=True):
            size += int(number)
            if size >= min_cell:
                starts.insert(begin, float(value))
                size = 0
        if size:
            starts[begin] = float(values[0])
    codes = np.digitize(data.y, starts) - 1
    return codes, starts.index(min(start for start in starts if start >= top))


def _lanes(s: logit_kernels.Stack, w: FloatArray) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Coefficients (L, K), log-likelihoods (L,) and whether each lane could be fitted (L,)."""
    weights = logit_kernels.answer_weights(s.answers, w, s.K)
    able = (weights > 0).all(axis=1)
    at, ll = np.full((len(w), s.K), np.nan), np.full(len(w), np.nan)
    if able.any():
        start = np.concatenate([logit_kernels.null_thresholds(weights[able]), np.zeros((int(able.sum()), 1))], axis=1)
        at[able], ll[able], done, _ = logit_kernels.newton(s, w[able], np.ones((int(able.sum()), 1), dtype=bool), start)
        able[able] = done
    return at, ll, able


def _above(at: FloatArray, z: FloatArray, cut: int) -> FloatArray:
    """Share at or above the code `cut`.  at (L, K), z (k,) → (L, k)."""
    from scipy.special import expit

    return expit(at[:, -1:] * z - at[:, cut - 1 : cut])


# ---- curves in words -----------------------------------------------------------------------------------------------------

#: Name → what the curve is, in both languages.
SHAPES = {
    "linear": tr("straight line"),
    "quadratic": tr("parabola"),
    "spline": tr("restricted cubic spline"),
    "threshold": tr("two lines that meet"),
    "ordered": tr("ordered logit"),
}


@dataclass(frozen=True, eq=False)
class Curve(Result):
    """A fitted curve at whole answers of the driver, beside the means found there.

    Attributes
    ----------
    answers, estimates, lows, highs : array (k,)
        Whole answers of the driver and the fitted outcome: scale points, or for "ordered" the share from `top` up.
    means, mean_lows, mean_highs, counts : array (k,)
        Found among the respondents at that answer; not a number where they are fewer than `min_cell`, nor for "ordered",
        where a share would tell how few gave the other answers.
    bend : (float, float, float)
        What the shape adds to a straight line, with its interval: the coefficient of the square, or the change of slope.
    breakpoint : (float, float, float)
        Where two lines meet, with its interval; not a number for other shapes.

    See Also
    --------
    loyaltylab.models.curve : Makes it.
    """

    outcome: str
    driver: str
    shape: str
    answers: FloatArray
    estimates: FloatArray
    lows: FloatArray
    highs: FloatArray
    means: FloatArray
    mean_lows: FloatArray
    mean_highs: FloatArray
    counts: FloatArray
    bend: tuple[float, float, float]
    breakpoint: tuple[float, float, float]
    slopes: tuple[float, float]
    r_squared: float
    aic: float
    bic: float
    test: tuple[float, float, float, float]
    n: int
    n_draws: int
    n_draws_left_out: int
    provenance: Provenance
    top: float = float("nan")
    conf_level: float = 0.95
    min_cell: int = MIN_CELL
    keys = ("answer",)

    def __post_init__(self) -> None:
        if self.shape != "ordered" and not -1e-9 <= self.r_squared <= 1 + 1e-9:
            raise ModelError(f"R² of the curve is {self.r_squared:.3f}; it lies between 0 and 1. Do not use it.")
        if self.shape == "ordered" and not ((self.estimates >= 0) & (self.estimates <= 1)).all():
            raise ModelError("a fitted share lies outside 0 to 1; do not use it.")

    def columns(self) -> dict[str, Any]:
        columns = {"answer": [f"{a:g}" for a in self.answers], "estimate": self.estimates, "conf_low": self.lows}
        columns |= {"conf_high": self.highs, "mean": self.means, "mean_conf_low": self.mean_lows}
        return columns | {"mean_conf_high": self.mean_highs, "n": self.counts}

    def whole(self) -> dict[str, Any]:
        row: dict[str, Any] = {"method": self.shape, "n": self.n, "r_squared": self.r_squared, "aic": self.aic}
        row |= {"bic": self.bic}
        for name, numbers in (("bend", self.bend), ("breakpoint", self.breakpoint)):
            row |= dict(zip((name, f"{name}_conf_low", f"{name}_conf_high"), numbers, strict=True))
        row |= {"slope_below": self.slopes[0], "slope_above": self.slopes[1]}
        row |= {"n_draws": self.n_draws, "n_draws_left_out": self.n_draws_left_out, "conf_level": self.conf_level}
        return row


@dataclass(frozen=True, eq=False)
class CurveComparison(Result):
    """Shapes fitted to the same respondents, and whether a curve is shown to differ from a straight line.

    Attributes
    ----------
    curves : sequence of Curve
        One for each shape.
    alpha : float
        Level of the tests between shapes.

    See Also
    --------
    loyaltylab.models.compare_curves : Makes it.
    """

    curves: tuple[Curve, ...]
    provenance: Provenance
    alpha: float = 0.05

    def __getitem__(self, shape: str) -> Curve:
        """The curve of one shape."""
        found = {c.shape: c for c in self.curves}
        check_known("shape", shape, found)
        return found[shape]

    def __post_init__(self) -> None:
        straight = self["linear"].r_squared
        if bad := [c.shape for c in self.curves if c.r_squared < straight - 1e-9]:
            raise ModelError(f"{listed(bad)} fits worse than the straight line it holds; do not use it.")

    @property
    def verdict(self) -> str:
        """The word "upwards" or "downwards" where spline test and square agree on a bend, "bent" where only the test
        shows one, else "not shown"; that is not the same as "straight"."""
        if not self["spline"].test[3] < self.alpha:
            return "not shown"
        _, low, high = self["quadratic"].bend
        return "upwards" if low > 0 else "downwards" if high < 0 else "bent"

    def columns(self) -> pd.DataFrame:
        rows = [(c.shape, c.r_squared, c.aic, c.bic, *c.test) for c in self.curves]
        columns = ["term", "r_squared", "aic", "bic", "statistic", "df", "df_residual", "p_value"]
        return pd.DataFrame(rows, columns=columns)

    def whole(self) -> dict[str, Any]:
        best = min(self.curves, key=lambda c: c.bic)
        return {"first": best.shape, "verdict": self.verdict, "p_value": self["spline"].test[3], "n": best.n}


def curve(
    survey: Survey,
    outcome: str,
    driver: str,
    *,
    shape: str = "spline",
    n_knots: int = 3,
    top: float | None = None,
    n_draws: int = 2000,
    seed: int = 1,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Curve:
    """One outcome on one driver, as a line of a named shape with pointwise intervals.

    Parameters
    ----------
    survey : Survey
        With rows.
    outcome, driver : str
        Items or scales; the driver with a range in the codebook.
    shape : {"linear", "quadratic", "spline", "threshold", "ordered"}
        Least squares of the outcome in scale points, weighted by the survey's weight; "threshold" is two lines that meet
        at the whole answer with the smallest residual sum of squares, searched again in every draw. "ordered" is a
        proportional odds logit of an outcome answered in whole points; it gives the share of answers from `top` up.
    n_knots : {3, 4, 5}
        Knots of the spline, at Harrell's quantiles, or spread evenly where those coincide.
    top : float, optional
        For "ordered": the lowest answer that counts; the highest two without.
    n_draws, seed : int
        Bootstrap draws of respondents or clusters behind the percentile intervals, at least 100.
    conf_level : float
        Of the intervals, between 0 and 1.
    min_cell : int
        The curve is given between the outermost whole answers of the driver with so many respondents.

    Returns
    -------
    Curve
        `tidy()` has a row for each whole answer of the driver: the line with its interval, and the mean found
        there.

    Raises
    ------
    UnknownName, DataError, ModelError
        For another shape, a driver with too few different answers, an ordered outcome that is a scale, or more than 5%
        of draws in which the model cannot be computed.

    Notes
    -----
    The test against a straight line is the F test of nested models without weights and clusters, and with them a Wald
    test on the covariance of the draws. There is none for "threshold", whose breakpoint was searched for. Coefficients,
    R², AIC, BIC and F equal statsmodels' OLS; the ordered logit its OrderedModel; the spline spans the natural splines
    of scipy's CubicSpline.

    References
    ----------
    Harrell, F. E. (2015). Regression Modeling Strategies. Springer. doi:10.1007/978-3-319-19425-7

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> items = {name: Item(name, {"en": name}, range=(1, 9)) for name in ("sat", "stay")}
    >>> sat = np.repeat([2, 3, 4, 5, 6, 7], 20)
    >>> rows = pd.DataFrame({"sat": sat, "stay": np.where(sat > 5, 2 * sat - 7, 3) + np.tile([-1, 0, 1, 0], 30)})
    >>> survey = read_survey(rows, Codebook("shop", {}, items, {}, {"en": "", "nl": ""}))
    >>> broken = curve(survey, "stay", "sat", shape="threshold", n_draws=200)
    >>> round(broken.breakpoint[0], 2), [round(slope, 2) for slope in broken.slopes]
    (5.0, [0.0, 2.0])
    """
    outcome, driver = by_name(survey, outcome, driver, of="answers")
    check_known("shape", shape, SHAPES)
    check_conf_level(conf_level)
    if n_knots not in (3, 4, 5):
        raise ModelError(f"n_knots is {n_knots}; allowed: 3, 4 or 5.")
    data = curve_rows(survey, outcome, driver, min_cell)
    if shape == "ordered":
        top = whole_points(survey, outcome)[1] - 1 if top is None else top
        numbers = fitted_logit(data, top, n_draws, seed, conf_level, min_cell)
    else:
        numbers = fitted_curve(data, shape, n_knots, n_draws, seed, conf_level, min_cell)
    steps = data.origin.then(data.design.description(n_draws, seed)).then(f"{outcome} on {driver}, {shape}")
    return Curve(outcome, driver, shape, **numbers, n=len(data.x), n_draws=n_draws, provenance=steps,
                 conf_level=conf_level, min_cell=min_cell)  # fmt: skip


def compare_curves(
    survey: Survey, outcome: str, driver: str, *, n_knots: int = 3, n_draws: int = 2000, seed: int = 1, **options: Any
) -> CurveComparison:
    """The straight line, parabola, spline and two lines that meet, for the same respondents; options as in `curve`.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    outcome : str
        Name of the variable to explain.
    driver : str
        Name of the one driver.
    n_knots : int
        Knots of the spline.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.
    options
        The others of `curve`.

    Returns
    -------
    CurveComparison
        `tidy()` has a row for each shape; `verdict` says whether a curve is shown to differ from a straight line.

    Examples
    --------
    >>> import loyaltylab as ll
    >>> survey = ll.simulate(n=300)
    >>> compare_curves(survey, "LOYALTY", "EMOTION", n_draws=100).tidy()["term"].tolist()
    ['linear', 'quadratic', 'spline', 'threshold']
    """
    shapes = ("linear", "quadratic", "spline", "threshold")
    found = [
        curve(survey, outcome, driver, shape=shape, n_knots=n_knots, n_draws=n_draws, seed=seed, **options)
        for shape in shapes
    ]
    return CurveComparison(tuple(found), Provenance.merge([c.provenance for c in found]))
