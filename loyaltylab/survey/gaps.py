"""Moments in the presence of gaps: by a normal model, over everybody who answered something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..core import DataError, ModelError, listed, watched
from ..kernels import FloatArray, NormalModel, fit_normal, patterns
from ..moments import Design, Moments, Source, by_name, complete
from .survey import Survey, source_of

__all__ = ["answered_something", "imputed_draws"]

_FEWEST = 10  # who answered both of two items


def answered_something(source: Source, names: list[str]) -> tuple[FloatArray, Design, int]:
    """Answers (n, k) with their gaps, their design, and how many rows have a gap.

    Raises
    ------
    DataError
        For respondents who answered nothing, and for two variables that fewer than 10 respondents answered both: what was
        answered fits every correlation of those, and the model would take the one that the others imply.
    """
    text = [name for name in names if source.frame[name].dtype == object]
    if text:
        raise DataError(f"{listed(text)}: holds text, not numbers. Recode it first, or leave it out.")
    x = source.frame[names].to_numpy(dtype=float)
    if silent := int(np.isnan(x).all(axis=1).sum()):
        raise DataError(f"{silent:,} of {len(x):,} respondents answered none of {listed(names)}; leave them out first.")
    there = (~np.isnan(x)).astype(float)
    together = there.T @ there
    if (fewest := int(together.min())) < _FEWEST:
        i, j = np.unravel_index(together.argmin(), together.shape)
        raise DataError(
            f"{names[i]} and {names[j]} were both answered by {fewest} respondents; at least {_FEWEST} are needed, for "
            "without them the answers fit any correlation of the two. Leave one of them out."
        )
    return x, complete(source, [])[1], int(np.isnan(x).any(axis=1).sum())


def imputed_draws(
    survey: Survey, names: Iterable[str], *, n_draws: int = 400, seed: int = 1
) -> tuple[Moments, Moments]:
    """Moments of everybody who answered something, their gaps allowed for by a normal model; the sample, and draws of it.

    What `survey.moments` and `survey.draws` give of complete respondents, for every method that takes moments. Means and
    covariances are those of maximum likelihood (EM), which takes whether an answer is missing to depend only on answers
    that were given. Draws redraw respondents by the design of the survey and fit the model again, so intervals are wider
    by what is missing.

    Raises
    ------
    DataError, ModelError
        For two variables that fewer than 10 respondents answered both, and where the model does not settle.

    References
    ----------
    Little, R. J. A., & Rubin, D. B. (2019). Statistical Analysis with Missing Data (3rd ed.), ch. 11. Wiley.
    doi:10.1002/9781119482260

    Examples
    --------
    >>> from loyaltylab import importance, read_data
    >>> names = ["cusl_1", "like_1", "comp_1"]
    >>> sample, draws = imputed_draws(read_data("corp_rep"), names, n_draws=100)
    >>> found = importance(sample, names[0], names[1:], draws=draws)
    >>> found.n, len(found.draw_r_squared)
    (344, 100)
    """
    names = by_name(survey, names)
    names = survey.present(names)
    source = source_of(survey, None, None, None, None)
    some = source.frame[source.frame[names].notna().any(axis=1)]
    x, design, gaps = answered_something(replace(source, frame=some), names)
    of, w = patterns(x), design.w
    model = fit_normal(x, w, of)
    if not model.settled:
        raise ModelError("the model of the gaps did not settle; too much is missing. Use fewer variables.")
    step = f"{gaps:,} of {len(x):,} respondents with gaps, allowed for by a normal model (EM)"
    how = design.said(n_draws, seed)
    counts = design.counts(n_draws, seed)[:, design.unit] * w
    found = [fit_normal(x, drawn, of, model) for drawn in watched(counts, n_draws, "draws with gaps")]
    sample = _moments(names, [model], w[None])
    drawn = _moments(names, found, counts)
    origin = survey.provenance.then(step)
    one = Moments(tuple(names), *(part[0] for part in sample), provenance=origin)
    return one, Moments(tuple(names), *drawn, provenance=origin.then(how), labels=tuple(range(n_draws)), scheme=how)


def _moments(names: list[str], models: list[NormalModel], weights: FloatArray) -> tuple[FloatArray, ...]:
    """Weight, n, Σw², means and scatters; not a number where a model did not settle."""
    total = weights.sum(axis=1)
    mean = np.stack([model.mean if model.settled else np.full(len(names), np.nan) for model in models])
    cov = np.stack([model.cov if model.settled else np.full((len(names),) * 2, np.nan) for model in models])
    n = np.full(len(models), float(weights.shape[1]))
    return total, n, (weights**2).sum(axis=1), mean, cov * total[:, None, None]
