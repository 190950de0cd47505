"""What a curve is fitted to, and the fits with their draws; `curves` puts them in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import DataError, ModelError, Provenance, listed
from ..kernels import FloatArray, fit_least_squares, hinge, knots_of, quantile, spline, tails
from ..kernels import logit as logit_kernels
from ..moments import Design, complete
from ..survey import Survey, range_of, source_of

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
