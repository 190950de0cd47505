"""The fits behind `importance_of_fit`: a logit for every subset of players, in the sample and in every draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core import ModelError, counted, listed
from ...kernels import FloatArray
from ...kernels import logit as logit_kernels
from ...models import LogitRows, only_answers

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
class Ask:
    """What to compute: subsets of players (S, k) and the weight of each one's fit in (S, k + 2) numbers.

    The numbers of a lane are the k estimates, the fit of the whole model, and that of the covariates alone.
    """

    method: str
    fit: str
    members: npt.NDArray[np.bool_] | None
    weights: FloatArray | None


def sample(rows: LogitRows, ask: Ask) -> tuple[FloatArray, FloatArray]:
    """Numbers (k + 2,) of the rows as they are, and the coefficients (1 or S, q) that draws may start from."""
    w, p = rows.w[None], rows.X.shape[1]
    thresholds = logit_kernels.null_thresholds(logit_kernels.answer_weights(rows.y, w, rows.K))
    start = np.concatenate([thresholds, np.zeros((1, p))], axis=1)
    stacked = logit_kernels.stack(rows.y, rows.X, rows.K)
    at, _, done, step = logit_kernels.newton(stacked, w, np.ones((1, p), dtype=bool), start)
    if not done[0]:
        _refuse(rows, start, logit_kernels.recedes(stacked, w[0], step[0]), np.abs(step[0, rows.K - 1 :]))
    if ask.members is None:
        return _relative_weights(rows, w, at)[0], at
    with counted(len(ask.members), "logit models") as advance:
        numbers, starts = _divided(rows, w, ask, start, advance)
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


def drawn(rows: LogitRows, ask: Ask, starts: FloatArray, n_draws: int, seed: int) -> FloatArray:
    """Numbers (n_draws, k + 2), not a number for draws in which the model cannot be computed."""
    size, found = len(rows.y) * (1 if rows.K == 2 else 2), []
    models = 1 if ask.members is None else len(ask.members)
    with counted(models * n_draws, "logit models") as advance:
        for w in rows.design.draws(n_draws, seed, max(1, _CELLS // size)):
            numbers = np.full((len(w), rows.player_of.max() + 3), np.nan)
            sound = _sound(rows, w)
            given = logit_kernels.answer_weights(rows.y, w, rows.K) > 0
            for pattern in np.unique(given[sound], axis=0):  # a rare answer may be missing from a draw
                if pattern.sum() > 1:
                    lanes = np.flatnonzero(sound & (given == pattern).all(axis=1))
                    numbers[lanes] = _numbers(rows, w[lanes], ask, starts, pattern, advance)
            found.append(numbers)
    return np.concatenate(found)


def _numbers(
    rows: LogitRows,
    w: FloatArray,
    ask: Ask,
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
    if ask.members is not None:
        return _divided(rows, w, ask, starts, advance)[0]
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
    rows: LogitRows, w: FloatArray, ask: Ask, starts: FloatArray, advance: Callable[[int], None]
) -> tuple[FloatArray, FloatArray]:
    """Numbers (L, k + 2) of weights w (L, n), and the coefficients (S, q) of every subset in the first lane.

    starts (1, q) for all subsets, or (S, q); a lane with a fit that fails gets no number.
    """
    assert ask.members is not None and ask.weights is not None
    stacked, L, S = logit_kernels.stack(rows.y, rows.X, rows.K), len(w), len(ask.members)
    of_answer = logit_kernels.answer_weights(rows.y, w, rows.K)
    null, weight = logit_kernels.log_likelihood_null(of_answer), of_answer.sum(axis=1)
    columns = np.where(rows.player_of < 0, True, ask.members[:, rows.player_of])
    numbers, found = np.zeros((L, ask.weights.shape[1])), []
    at_once = max(1, _CELLS // (L * len(stacked.owner)))
    for first in range(0, S, at_once):
        some = slice(first, min(first + at_once, S))
        size = some.stop - first
        begin = starts[some] if len(starts) == S else np.repeat(starts, size, axis=0)
        many = np.tile(w, (size, 1)) if size > 1 else w
        at, ll, done, _ = logit_kernels.newton(
            stacked, many, *(np.repeat(x, L, axis=0) for x in (columns[some], begin))
        )
        if ask.fit in _OF_PROBABILITY:
            value = _OF_PROBABILITY[ask.fit](rows.y, logit_kernels.fitted(rows.X, at), many)
        else:
            value = _OF_LIKELIHOOD[ask.fit](ll, np.tile(null, size), np.tile(weight, size))
        numbers += np.where(done, value, np.nan).reshape(size, L).T @ ask.weights[some]
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
