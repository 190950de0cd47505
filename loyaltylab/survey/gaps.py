"""Moments in the presence of gaps: by a normal model over everybody who answered something, or pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..core import DataError, ModelError, counted, how_many, listed, pd
from ..kernels import FloatArray, NormalModel, fit_normal, pairwise_weighted, patterns
from ..moments import Design, Moments, Source, by_name, complete
from .samples import Sample
from .survey import Survey, source_of

_FEWEST = 10  # who answered both of two items
_AT_ONCE = 50  # draws fitted together


def answered_something(source: Source, names: list[str]) -> tuple[FloatArray, Design, int]:
    """Answers (n, k) with their gaps, their design, and how many rows have a gap.

    Parameters
    ----------
    source : Source
        Rows and their design.
    names : list of str
        Columns of numbers.

    Returns
    -------
    (array, Design, int)
        Blanks are not a number; the design is that of all rows.

    Raises
    ------
    DataError
        For respondents who answered nothing, and for two variables that fewer than 10 respondents answered both: what was
        answered fits every correlation of those, and the model would take the one that the others imply.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Provenance
    >>> frame = pd.DataFrame({"stay": [1, 2, None, 4] * 5, "trust": [1, 3, 2, 5] * 5})
    >>> x, _, gaps = answered_something(Source(frame, Provenance("synthetic", "made up"), None, None, None), ["stay", "trust"])
    >>> x.shape, gaps
    ((20, 2), 5)
    """
    text = [name for name in names if source.frame[name].dtype == object]
    if text:
        raise DataError(f"{listed(text)}: holds text, not numbers. Recode it first, or leave it out.")
    x = source.frame[names].to_numpy(dtype=float)
    if silent := int(np.isnan(x).all(axis=1).sum()):
        raise DataError(
            f"{how_many(silent, len(x))} of {len(x):,} respondents answered none of {listed(names)}; leave them out first."
        )
    _answered_both(x, names, ", for without them the answers fit any correlation of the two. Leave one of them out.")
    return x, complete(source, [])[1], int(np.isnan(x).any(axis=1).sum())


def _answered_both(x: FloatArray, names: Sequence[str], why: str) -> tuple[int, int]:
    """The fewest and the most respondents who answered both of two columns of x (n, k); too few are refused."""
    there = (~np.isnan(x)).astype(float)
    together = there.T @ there
    if (fewest := int(together.min())) < _FEWEST:
        i, j = np.unravel_index(together.argmin(), together.shape)
        raise DataError(
            f"{names[i]} and {names[j]} were both answered by {how_many(fewest)} respondents; at least {_FEWEST} are needed{why}"
        )
    return fewest, int(together.max())


def imputed_draws(
    survey: Survey, names: Iterable[str], *, n_draws: int = 400, seed: int = 1
) -> tuple[Moments, Moments]:
    """Moments of everybody who answered something, their gaps allowed for by a normal model; the sample, and draws of it.

    What `survey.moments` and `survey.draws` give of complete respondents, for every method that takes moments. Means and
    covariances are those of maximum likelihood (EM), which takes whether an answer is missing to depend only on answers
    that were given. Draws redraw respondents by the design of the survey and fit the model again, so intervals are wider
    by what is missing.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    names : sequence of str
        Items and scales.
    n_draws : int
        Draws; each fits the model again.
    seed : int
        Of the draws; the same seed gives the same numbers.

    Returns
    -------
    (Moments, Moments)
        One set, and `n_draws` of them.

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
    names = by_name(survey, names, of="answers")
    names = survey.present(names)
    x, design, model, one = _fitted(survey, names)
    of, how = patterns(x), design.description(n_draws, seed)
    found = []
    with counted(n_draws, "draws with gaps") as advance:
        for weights in design.draws(n_draws, seed, _AT_ONCE):
            found.append(_moments(*fit_normal(x, weights, of, model)[:2], weights))
            advance(len(weights))
    drawn = (np.concatenate(part) for part in zip(*found, strict=True))
    origin = one.provenance.then(how)
    return one, Moments(tuple(names), *drawn, provenance=origin, labels=tuple(range(n_draws)), scheme=how)


@dataclass(frozen=True, eq=False)
class ImputedSurvey(Survey):
    """A survey whose moments are those of everybody who answered something, as `imputed_draws` gives them.

    Made by `read_survey(..., missing="imputed")`. What takes answers one by one, as a share of promoters does, takes those
    that were given.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> kept, left_out = read_data("corp_rep", missing="imputed"), read_data("corp_rep")
    >>> [round(float(survey.moments(["CUSL", "LIKE"]).n)) for survey in (kept, left_out)]
    [344, 342]
    """

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of everybody who answered something, by a normal model of the gaps."""
        return _fitted(self, self.present(names))[3]

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Draws of `moments(names)` by the design of the survey, the model of the gaps fitted again in each."""
        return imputed_draws(self, names, n_draws=n_draws, seed=seed)[1]

    def jackknife(self, names: Iterable[str]) -> Moments:
        """Not here."""
        raise ModelError(
            "a BCa interval leaves out one respondent at a time, for which the model of the gaps is not fitted again. With "
            "missing='imputed' these are possible: interval percentile, basic, normal."
        )

    def _used(self, names: Sequence[str]) -> pd.Series:
        """Whoever answered something."""
        weighed = self.frame[self.weight].notna() if self.weight else True
        return self.frame[[*names]].notna().any(axis=1) & weighed

    def sample(self, names: Iterable[str]) -> Sample:
        """Who is used for a model of these variables; `n_filled` counts what the model of the gaps stands in for."""
        found = super().sample(names)
        rows = found.rows.assign(n_filled=found.rows["n_missing"])
        return replace(found, rows=rows, totals=found.totals | {"n_filled": int(rows["n_filled"].sum())})


def _fitted(survey: Survey, names: list[str]) -> tuple[FloatArray, Design, NormalModel, Moments]:
    """Answers with their gaps, their design, the model of them, and the moments that are its."""
    source = source_of(survey, None, None, None, None)
    some = source.frame[source.frame[names].notna().any(axis=1)]
    x, design, gaps = answered_something(replace(source, frame=some), names)
    model = fit_normal(x, design.w, patterns(x))
    if not model.settled:
        raise ModelError("the model of the gaps did not settle; too much is missing. Use fewer variables.")
    step = f"{gaps:,} of {len(x):,} respondents with gaps, allowed for by a normal model (EM)"
    found = (part[0] for part in _moments(model.mean[None], model.cov[None], design.w[None]))
    return x, design, model, Moments(tuple(names), *found, provenance=survey.provenance.then(step))


def _moments(mean: FloatArray, cov: FloatArray, weights: FloatArray) -> tuple[FloatArray, ...]:
    """Weight, n, Σw², means and scatters; not a number where a model did not settle."""
    total, n = weights.sum(axis=1), np.full(len(weights), float(weights.shape[1]))
    return total, n, (weights**2).sum(axis=1), mean, cov * total[:, None, None]


def pairwise_draws(
    survey: Survey, names: Iterable[str], *, n_draws: int = 200, seed: int = 1
) -> tuple[Moments, Moments]:
    """Moments of every two variables over the respondents who answered both; the sample, and bootstrap draws of it.

    n is the smallest number of respondents behind a pair. Each pair rests on other respondents, so the correlations may
    be impossible together; nothing here repairs that. Draws follow the design of the survey, as those of `survey.draws`.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    names : sequence of str
        Items and scales.
    n_draws : int
        Bootstrap draws, 100 or more.
    seed : int
        Of the draws; the same seed gives the same numbers.

    Returns
    -------
    (Moments, Moments)
        One set, and `n_draws` of them.

    Raises
    ------
    DataError
        Where fewer than 10 respondents answered both of two variables.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> sample, draws = pairwise_draws(read_data("corp_rep"), ["cusl_1", "like_1"], n_draws=100)
    >>> int(sample.n), draws.batch
    (341, (100,))
    """
    names = by_name(survey, names, of="answers")
    names = survey.present(names)
    source = source_of(survey, None, None, None, None)
    some = source.frame[source.frame[names].notna().any(axis=1)]
    used, design = complete(replace(source, frame=some), [])
    x = used[names].to_numpy(dtype=float)
    fewest, largest = _answered_both(x, names, " for a correlation.")
    provenance = survey.provenance.then(f"pairwise complete: {fewest:,} to {largest:,} of {len(some):,} rows")
    how = design.description(n_draws, seed)
    sets = [pairwise_weighted(x, w) for w in (design.w[None], *design.draws(n_draws, seed, n_draws))]
    weight, mean, covariance = (np.concatenate(part) for part in zip(*sets, strict=True))
    total = weight.min(axis=(-2, -1))
    n = np.full(len(total), float(fewest))
    parts = (total, n, n * (total / n) ** 2, mean, covariance * total[:, None, None])
    first, rest = ([part[at] for part in parts] for at in (0, slice(1, None)))
    sample = Moments(tuple(names), *first, provenance=provenance)
    return sample, Moments(
        tuple(names), *rest, provenance=provenance.then(how), labels=tuple(range(n_draws)), scheme=how
    )
