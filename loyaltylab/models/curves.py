"""`curve()` and `compare_curves()`: is the line from satisfaction to loyalty straight, bent, or broken at a point?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core import MIN_CELL, ModelError, Provenance, Result, check_known, listed, pd, tr
from ..kernels import FloatArray, check_conf_level
from ..moments import by_name
from ..survey import Survey, whole_points
from .curve_fits import curve_rows, fitted_curve, fitted_logit

#: Name → what the curve is, in both languages.
SHAPES = {
    "linear": tr("straight line"),
    "quadratic": tr("parabola"),
    "spline": tr("restricted cubic spline"),
    "threshold": tr("two lines that meet"),
    "ordered": tr("ordered logit"),
}
_MOST_LOST = 0.05  # of the draws, in which the model cannot be computed


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

    def __repr__(self) -> str:
        return f"Curve({self.shape}) of '{self.outcome}' on '{self.driver}': R² {self.r_squared:.3f}, n = {self.n:,}"

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
    provenance : Provenance
        Where the numbers came from, and what was done to them.
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
