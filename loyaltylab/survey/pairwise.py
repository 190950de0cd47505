"""Moments of every two items over those who answered both, for the sample and for draws, with the design of the survey."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..core import DataError, MatrixError, Provenance, listed, pd, unknown
from ..kernels import pairwise_weighted
from ..moments import Moments, by_name, complete
from .survey import Survey, source_of

_FEWEST = 10  # who answered both of two items


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
    there = (~np.isnan(x)).astype(float)
    together = there.T @ there
    if (fewest := int(together.min())) < _FEWEST:
        i, j = np.unravel_index(together.argmin(), together.shape)
        raise DataError(
            f"{names[i]} and {names[j]} were both answered by {fewest} respondents; at least {_FEWEST} are needed for a correlation."
        )
    largest = int(together.max())
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


def pairwise_moments(frame: pd.DataFrame, names: Sequence[str], *, provenance: Provenance) -> Moments:
    """Moments from correlations of whoever answered both variables of a pair; n is the smallest of the pairs.

    A warning goes with it: each correlation rests on other respondents, so that together they may fit no data at all.
    Where they do not (a matrix that is not positive semi-definite) they are refused.

    Parameters
    ----------
    frame : DataFrame
        A row for each respondent.
    names : sequence of str
        Columns of numbers.
    provenance : Provenance
        Where the numbers came from.

    Returns
    -------
    Moments
        One set.

    Raises
    ------
    MatrixError
        Naming the entries that cannot go together.

    Examples
    --------
    >>> import warnings
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stay": [1, 2, None, 4] * 5, "trust": [1, 3, 2, 5] * 5})
    >>> with warnings.catch_warnings(record=True) as said:
    ...     found = pairwise_moments(frame, ["stay", "trust"], provenance=Provenance("synthetic", "made up"))
    >>> int(found.n), len(said)
    (15, 1)
    """
    import warnings

    names = list(names)
    for name in names:
        if name not in frame:
            raise unknown("column", name, frame.columns)
    data = frame[names]
    answered = data.notna().to_numpy(dtype=float)
    together = answered.T @ answered
    smallest, largest = int(together.min()), int(together.max())
    if smallest < 10:
        i, j = np.unravel_index(together.argmin(), together.shape)
        raise DataError(
            f"{names[i]} and {names[j]} were both answered by {smallest} respondents; at least 10 are needed for a correlation."
        )
    warnings.warn(
        f"pairwise correlations rest on {smallest:,} to {largest:,} respondents, others for each pair; prefer complete rows or imputed_importance().",
        stacklevel=2,
    )
    step = f"pairwise complete on {listed(names)}: {smallest:,} to {largest:,} of {len(frame):,} rows"
    try:
        return Moments.from_correlations(
            data.corr().to_numpy(),
            names,
            n=smallest,
            mean=data.mean().to_numpy(),
            sd=data.std().to_numpy(),
            provenance=provenance.then(step),
        )
    except MatrixError as error:
        raise MatrixError(
            f"pairwise deletion gives an impossible matrix ({error}) Use complete rows or imputed_importance()."
        ) from None
