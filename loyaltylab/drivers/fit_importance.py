"""`importance_of_fit()`: importance for outcomes that no linear model fits: yes or no, and ordered answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import as_blocks, flatten
from ..core import ModelError, Phrase, Provenance, UnknownName, check_known, counted, listed, pd, tr
from ..kernels import FloatArray, check_conf_level
from ..kernels import logit as logit_kernels
from ..models import LogitRows, logit_rows, only_answers
from ..moments import by_name, check_names
from ..survey import Survey, source_of
from .decomposition import Importance
from .routes import instead

# ---- a logit for every subset of players, in the sample and in every draw ------------------------------------------------

_CELLS = 300_000  # lanes times rows worked on at a time

_OF_LIKELIHOOD: dict[str, Callable[[FloatArray, FloatArray, FloatArray], FloatArray]] = {
    "mcfadden": logit_kernels.mcfadden,
    "nagelkerke": logit_kernels.nagelkerke,
}
_OF_PROBABILITY: dict[str, Callable[[Any, FloatArray, FloatArray], FloatArray]] = {
    "tjur": logit_kernels.tjur,
    "squared_correlation": logit_kernels.squared_correlation,
}


@dataclass(frozen=True)
class Task:
    """What to compute: subsets of players (S, k) and the weight of each one's fit in (S, k + 2) numbers.

    The numbers of a lane are the k estimates, the fit of the whole model, and that of the covariates alone.
    """

    method: str
    fit: str
    members: npt.NDArray[np.bool_] | None
    weights: FloatArray | None


def sample(rows: LogitRows, task: Task) -> tuple[FloatArray, FloatArray]:
    """Numbers (k + 2,) of the rows as they are, and the coefficients (1 or S, q) that draws may start from."""
    w, p = rows.w[None], rows.X.shape[1]
    thresholds = logit_kernels.null_thresholds(logit_kernels.answer_weights(rows.y, w, rows.K))
    start = np.concatenate([thresholds, np.zeros((1, p))], axis=1)
    stacked = logit_kernels.stack(rows.y, rows.X, rows.K)
    at, _, done, step = logit_kernels.newton(stacked, w, np.ones((1, p), dtype=bool), start)
    if not done[0]:
        _refuse(rows, start, logit_kernels.recedes(stacked, w[0], step[0]), np.abs(step[0, rows.K - 1 :]))
    if task.members is None:
        return _relative_weights(rows, w, at)[0], at
    with counted(len(task.members), "logit models") as advance:
        numbers, starts = _divided(rows, w, task, start, advance)
    if np.isnan(numbers).any():
        raise ModelError(f"the model of '{rows.outcome}' does not converge for some of the drivers; use fewer.")
    return numbers[0], starts


def _refuse(rows: LogitRows, start: FloatArray, separated: bool, slopes: FloatArray) -> None:
    """The error of a model without finite estimate; names the drivers that separate alone, or else those that do together."""
    if not separated:
        raise ModelError(f"the model of '{rows.outcome}' does not converge; use fewer drivers, or look for outliers.")
    variables = list(dict.fromkeys(rows.names))
    alone = np.array([[name == variable for name in rows.names] for variable in variables])
    w, starts = np.repeat(rows.w[None], len(alone), axis=0), np.repeat(start, len(alone), axis=0)
    done = logit_kernels.newton(logit_kernels.stack(rows.y, rows.X, rows.K), w, alone, starts)[2]
    found = [variable for variable, finite in zip(variables, done, strict=True) if not finite]
    together = dict.fromkeys(name for name, s in zip(rows.names, slopes, strict=True) if s > 1e-3 * slopes.max())
    raise ModelError(
        f"{listed(found or together)}: some answers always go with the same answers of '{rows.outcome}', so a logit has no "
        "finite estimate. Leave it out, join its rare values, or join rare answers of the outcome."
    )


def drawn(rows: LogitRows, task: Task, starts: FloatArray, n_draws: int, seed: int) -> FloatArray:
    """Numbers (n_draws, k + 2), not a number for draws in which the model cannot be computed."""
    size, found = len(rows.y) * (1 if rows.K == 2 else 2), []
    models = 1 if task.members is None else len(task.members)
    with counted(models * n_draws, "logit models") as advance:
        for w in rows.design.draws(n_draws, seed, max(1, _CELLS // size)):
            numbers = np.full((len(w), rows.player_of.max() + 3), np.nan)
            sound = _sound(rows, w)
            given = logit_kernels.answer_weights(rows.y, w, rows.K) > 0
            for pattern in np.unique(given[sound], axis=0):  # a rare answer may be missing from a draw
                if pattern.sum() > 1:
                    lanes = np.flatnonzero(sound & (given == pattern).all(axis=1))
                    numbers[lanes] = _numbers(rows, w[lanes], task, starts, pattern, advance)
            found.append(numbers)
    return np.concatenate(found)


def _numbers(
    rows: LogitRows,
    w: FloatArray,
    task: Task,
    starts: FloatArray,
    given: npt.NDArray[np.bool_],
    advance: Callable[[int], None],
) -> FloatArray:
    """Numbers (L, k + 2) of draws that all hold the `given` answers."""
    if not given.all():
        rows, keep = only_answers(rows, given)
        w = w[:, keep]
        thresholds = logit_kernels.null_thresholds(logit_kernels.answer_weights(rows.y, rows.w[None], rows.K))
        starts = np.concatenate([thresholds, np.zeros((1, rows.X.shape[1]))], axis=1)
    if task.members is not None:
        return _divided(rows, w, task, starts, advance)[0]
    everything = np.ones((len(w), rows.X.shape[1]), dtype=bool)
    stacked = logit_kernels.stack(rows.y, rows.X, rows.K)
    at, _, done, _ = logit_kernels.newton(stacked, w, everything, np.repeat(starts, len(w), axis=0))
    return np.where(done[:, None], _relative_weights(rows, w, at), np.nan)


def _relative_weights(rows: LogitRows, w: FloatArray, at: FloatArray) -> FloatArray:
    """Numbers (L, p + 2) of coefficients at (L, 1 + p)."""
    fit = logit_kernels.squared_correlation(rows.y, logit_kernels.fitted(rows.X, at), w)
    parts = logit_kernels.relative_weights(at[:, 1:], *logit_kernels.correlations(rows.X, w), fit)
    return np.concatenate([parts, fit[:, None], np.zeros((len(w), 1))], axis=1)


def _divided(
    rows: LogitRows, w: FloatArray, task: Task, starts: FloatArray, advance: Callable[[int], None]
) -> tuple[FloatArray, FloatArray]:
    """Numbers (L, k + 2) of weights w (L, n), and the coefficients (S, q) of every subset in the first lane.

    starts (1, q) for all subsets, or (S, q); a lane with a fit that fails gets no number.
    """
    assert task.members is not None and task.weights is not None
    stacked, L, S = logit_kernels.stack(rows.y, rows.X, rows.K), len(w), len(task.members)
    of_answer = logit_kernels.answer_weights(rows.y, w, rows.K)
    null, weight = logit_kernels.log_likelihood_null(of_answer), of_answer.sum(axis=1)
    columns = np.where(rows.player_of < 0, True, task.members[:, rows.player_of])
    numbers, found = np.zeros((L, task.weights.shape[1])), []
    at_once = max(1, _CELLS // (L * len(stacked.owner)))
    for first in range(0, S, at_once):
        some = slice(first, min(first + at_once, S))
        size = some.stop - first
        begin = starts[some] if len(starts) == S else np.repeat(starts, size, axis=0)
        many = np.tile(w, (size, 1)) if size > 1 else w
        at, ll, done, _ = logit_kernels.newton(
            stacked, many, *(np.repeat(x, L, axis=0) for x in (columns[some], begin))
        )
        if task.fit in _OF_PROBABILITY:
            value = _OF_PROBABILITY[task.fit](rows.y, logit_kernels.fitted(rows.X, at), many)
        else:
            value = _OF_LIKELIHOOD[task.fit](ll, np.tile(null, size), np.tile(weight, size))
        numbers += np.where(done, value, np.nan).reshape(size, L).T @ task.weights[some]
        found.append(at[::L])
        advance(size * L)
    return numbers, np.concatenate(found)


def _sound(rows: LogitRows, w: FloatArray) -> npt.NDArray[np.bool_]:
    """Draws in which every column varies and none is determined by the others.  w (L, n) → (L,)."""
    R = logit_kernels.correlations(rows.X, w)[1]
    sound = np.isfinite(R).all(axis=(1, 2))
    sound[sound] = np.linalg.eigvalsh(R[sound])[:, 0] > 1e-9
    return sound


def kept_draws(numbers: FloatArray, outcome: str) -> dict[str, Any]:
    """The fields of an `Importance` that draws fill."""
    failed = np.isnan(numbers).any(axis=1)
    if failed.mean() > 0.05:
        raise ModelError(
            f"{int(failed.sum()):,} of {len(failed):,} draws leave a driver without variation or separate answers of "
            f"'{outcome}' perfectly; the sample is too small for this model. Join rare answers, or use fewer drivers."
        )
    kept = numbers[~failed]
    return {"draw_estimates": kept[:, :-2], "draw_r_squared": kept[:, -2], "n_draws_left_out": int(failed.sum())}


# ---- importance ----------------------------------------------------------------------------------------------------------

#: Methods of `METHODS` that have a form for these outcomes.
METHODS_OF_FIT = ("lmg", "relative_weights", "first", "last")
_MOST_PLAYERS = 18
_MOST_VISITS = 20_000_000_000  # rows visited by all fits together; about half an hour


@dataclass(frozen=True)
class FitIndex:
    """A row of `FITS`: what a fit index is, and for which outcomes there is one."""

    label: Phrase
    meaning: Phrase
    cite: str
    families: tuple[str, ...] = ("binary", "ordered")


FITS: dict[str, FitIndex] = {
    "mcfadden": FitIndex(
        tr("McFadden's R²"),
        tr("part of the log-likelihood of the model without drivers that the drivers take away"),
        "McFadden 1974",
    ),
    "nagelkerke": FitIndex(
        tr("Nagelkerke's R²"),
        tr("gain in likelihood per respondent, as a part of the largest possible gain"),
        "Nagelkerke 1991, doi:10.1093/biomet/78.3.691",
    ),
    "tjur": FitIndex(
        tr("Tjur's R²"),
        tr("mean fitted probability of those who say yes minus that of those who say no"),
        "Tjur 2009, doi:10.1198/tast.2009.08210",
        families=("binary",),
    ),
    "squared_correlation": FitIndex(
        tr("R² of the fitted probability"),
        tr("squared correlation of the answer with its fitted probability"),
        "Mittlböck & Schemper 1996, doi:10.1002/(SICI)1097-0258(19961015)15:19<1987::AID-SIM318>3.0.CO;2-9",
        families=("binary",),
    ),
}


def importance_of_fit(
    data: Survey | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    family: str = "binary",
    fit: str | None = None,
    method: str = "lmg",
    players: str = "drivers",
    covariates: Sequence[str] = (),
    categorical: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    provenance: Provenance | None = None,
    n_draws: int = 0,
    seed: int = 1,
    conf_level: float = 0.95,
) -> Importance:
    """Part of the fit of a logit model of the outcome that each driver accounts for.

    Parameters
    ----------
    data : Survey or DataFrame
        A survey brings its weight, clusters and provenance; a frame may name its columns and, in `provenance`,
        say where it came from.
    outcome : str
        For "binary" a column of 0 and 1; for "ordered" one of at most 20 ordered answers.
    drivers : mapping of block → names, or sequence of names
        Names or labels of what explains it; given by block, blocks are compared too.
    family : {"binary", "ordered"}
        Logit, or cumulative (proportional odds) logit.
    fit : {"mcfadden", "nagelkerke", "tjur", "squared_correlation"}, optional
        What is divided; see `FITS`. "mcfadden" unless you choose; relative weights divide "squared_correlation".
    method : {"lmg", "relative_weights", "first", "last"}
        LMG is the Shapley value, or general dominance, of the fit index over all subsets of players. Relative weights
        are the logistic ones, for a binary outcome.
    players : {"drivers", "blocks"}
        Whether a driver or a whole block is what enters the model.
    covariates : sequence of names
        Always in the model; the drivers divide what they add to its fit.
    categorical : sequence of names
        Drivers and covariates whose values are labels, not amounts: each enters whole, as a column for each value but
        its first.
    n_draws, seed : int
        Bootstrap draws (0 for none), of rows or of whole clusters, those of `Moments.bootstrap`; with a weight or
        strata by the design (Rao, Wu & Yue 1992). They give percentile intervals.
    weight, cluster, strata : str, optional
        Columns of the design of a frame; a survey brings its own.
    provenance : Provenance, optional
        Where a frame came from.
    conf_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Importance
        Estimates in units of the fit index (0 to 1), named by its `fit`, and shares of their sum. A fit index is not a
        variance: shares by different indices agree only roughly, and none compares with R² of a linear model.

    Raises
    ------
    UnknownName, DataError, ModelError
        For an outcome of another kind, drivers that determine each other or that separate the answers perfectly (naming
        them), more than 5% of draws in which that happens, or more fits than can be computed.

    Notes
    -----
    Equals dominance computed from `glm` and `MASS::polr` of R 4.2.2 (weights, covariates and factors included) to 1e-12.
    A weight counts as in survey estimation: the pseudo-likelihood Σ w log P, and Σw for n.

    References
    ----------
    Azen, R. & Traxel, N. (2009). Using dominance analysis to determine predictor importance in logistic regression.
    Journal of Educational and Behavioral Statistics 34, 319–347. doi:10.3102/1076998609332754
    Tonidandel, S. & LeBreton, J. M. (2010). Determining the relative importance of predictors in logistic regression.
    Organizational Research Methods 13, 767–781. doi:10.1177/1094428109341993

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"stays": [0, 0, 0, 1, 0, 1, 1, 1], "trust": [1, 2, 4, 3, 3, 5, 4, 2], "price": [3, 1, 2, 3, 5, 4, 2, 5]})
    >>> imp = importance_of_fit(rows, "stays", ["trust", "price"], fit="tjur")
    >>> imp
    Importance, 2 rows by term: method lmg, outcome stays, fit tjur, r_squared 0.228, n 8
    >>> imp.tidy()[["term", "share"]].round(2).values.tolist()
    [['trust', 0.68], ['price', 0.32]]
    """
    outcome, drivers, covariates, categorical = by_name(data, outcome, drivers, covariates, categorical, of="rows")
    fit = fit or ("squared_correlation" if method == "relative_weights" else "mcfadden")
    blocks = as_blocks(drivers)
    names = flatten(blocks)
    _check_choice(family, fit, method, players, covariates, conf_level)
    check_names(outcome, names, blocks, covariates)
    if stray := [name for name in categorical if name not in (*names, *covariates)]:
        raise UnknownName(f"{listed(stray)}: named in categorical= but neither a driver nor a covariate.")
    if method == "relative_weights" and (players == "blocks" or categorical):
        raise ModelError(
            "'relative_weights' has no form for whole blocks or categorical drivers, whose columns belong together; use lmg."
        )
    source = source_of(data, weight, cluster, strata, provenance)
    terms = tuple(blocks) if players == "blocks" else tuple(names)
    members = [blocks[term] for term in terms] if players == "blocks" else [(name,) for name in names]
    rows = logit_rows(source, outcome, members, covariates, categorical, family)
    _check_size(method, len(terms), n_draws, len(rows.y))
    task = Task(
        method, fit, *(logit_kernels.plan(method, len(terms)) if method != "relative_weights" else (None, None))
    )

    numbers, starts = sample(rows, task)
    steps, kept = [rows.design.step], {}
    if n_draws:
        steps.append(rows.design.description(n_draws, seed))
        kept = kept_draws(drawn(rows, task, starts, n_draws, seed), outcome)
    steps.append(f"importance of {listed(terms)} for {outcome} ({family} logit, {fit}), method {method}")
    return Importance(
        terms=terms,
        members=blocks,
        outcome=outcome,
        method=method,
        estimates=numbers[:-2],
        r_squared=float(numbers[-2]),
        r_squared_covariates=float(numbers[-1]),
        n=len(rows.y),
        n_effective=rows.design.n_effective,
        provenance=replace(source.provenance, steps=(*source.provenance.steps, *steps)),
        covariates=tuple(covariates),
        fit=fit,
        conf_level=conf_level,
        **kept,
    )


# ---- what is asked, checked ---------------------------------------------------------------------------------------------


def _check_choice(
    family: str, fit: str, method: str, players: str, covariates: Sequence[str], conf_level: float
) -> None:
    for what, name, options in (
        ("family", family, ("binary", "ordered")),
        ("fit", fit, FITS),
        ("method", method, METHODS_OF_FIT),
        ("players", players, ("drivers", "blocks")),
    ):
        check_known(what, name, options)
    if family not in FITS[fit].families or (method == "relative_weights" and family != "binary"):
        able = listed(name for name, index in FITS.items() if family in index.families)
        what = f"'{method}'" if method == "relative_weights" else f"'{fit}'"
        raise ModelError(f"{what} is defined for a binary outcome only; for an ordered one use lmg with {able}.")
    if method == "relative_weights" and fit != "squared_correlation":
        raise ModelError(f"relative weights divide 'squared_correlation', not '{fit}'; for '{fit}' use method='lmg'.")
    if method == "relative_weights" and covariates:
        raise ModelError(
            "logistic relative weights have no form with covariates always in; make them drivers, or use lmg."
        )
    check_conf_level(conf_level)


def _check_size(method: str, k: int, n_draws: int, n: int) -> None:
    if method != "lmg":
        return
    way_out = f"Use players='blocks', method='relative_weights', or fewer draws (n_draws=, or -p draws=). {instead()}"
    if k > _MOST_PLAYERS:
        raise ModelError(f"lmg fits 2^{k} models for {k} players; above {_MOST_PLAYERS} that is too many. {way_out}")
    if (visits := (n_draws + 1) * n << k) > _MOST_VISITS:
        raise ModelError(
            f"lmg fits 2^{k} models to {n:,} rows {n_draws + 1:,} times: {visits:.1e} rows, where {_MOST_VISITS:.0e} "
            f"take about half an hour. {way_out}"
        )
