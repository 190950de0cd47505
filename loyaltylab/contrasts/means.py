"""`group_means()`: the mean of an outcome in each of up to thousands of groups, in one pass over the respondents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core import MIN_CELL, DataError, ModelError, withheld
from ..kernels import FloatArray
from ..moments import Design, complete
from ..survey import range_of, source_of
from .segments import Heterogeneity

if TYPE_CHECKING:
    from ..survey import Survey

__all__ = ["group_means"]


def group_means(
    survey: Survey, name: str, by: str, *, min_cell: int = MIN_CELL, conf_level: float = 0.95
) -> Heterogeneity:
    """Mean of an item or scale in each group of a segment, and whether the groups differ; for a shop or an employee each.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    name : str
        In scale points.
    by : str
        A segment of any number of groups; the figures are `plot_forest` and `plot_funnel` with `unit="mean"`.
    min_cell : int
        Groups of fewer respondents are withheld and counted, with the next smallest where a total would give them away.
    conf_level : float

    Raises
    ------
    UnknownName, DataError, ModelError
        For an unknown segment, fewer than two groups that are large enough, or answers that are all alike.

    Notes
    -----
    The variance of an answer is pooled over the groups, and that of a mean is it divided by Kish's effective n: errors from
    25 respondents each would be so unsure themselves that Cochran's Q found differences where there are none. Clusters and
    strata enter the pooled variance as the design effect they have on average.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24,
    1185–1202. doi:10.1002/sim.1970

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> found = group_means(read_data("simulated n=2000 seed=1"), "LOYALTY", "sector")
    >>> len(found.groups), found.verdict
    (4, 'undecided')
    """
    range_of(survey, name)
    source = source_of(survey, None, None, None, None)
    used, design = complete(source, survey.present([name]))
    values = survey.segment_values(survey.segment(by))
    at = used[by].map({code: i for i, code in enumerate(values)}).to_numpy(dtype=float)
    known, group = ~np.isnan(at), np.nan_to_num(at).astype(int)
    counts = np.bincount(group[known], minlength=len(values))
    hidden = withheld(np.append(len(used), counts)[:, None], min_cell)[1:, 0]
    shown = np.flatnonzero((counts > 1) & ~hidden)
    small = int(((counts > 0) & ~np.isin(np.arange(len(values)), shown)).sum())
    if len(shown) < 2:
        raise DataError(
            f"{by}: {len(shown)} group has {min_cell} respondents with an answer to '{name}' or more and {small} have fewer; "
            "comparing takes two. Choose another segment, or a lower min_cell."
        )
    z = used[name].to_numpy(dtype=float)
    means, variances, sizes = _means(z, np.where(known, group, len(values)), design, len(values) + 1, bool(source.cluster or source.strata))  # fmt: skip
    means, variances, sizes, df = means[shown], variances[shown], sizes[shown], counts[shown] - 1
    pooled = float(df @ (variances * sizes) / df.sum())
    if not pooled > 0:
        raise ModelError(f"'{name}': within every group all answers are the same, so nothing can be told apart.")
    labels = [label["en"] for label in values.values()]
    return Heterogeneity(
        groups=tuple(labels[i] for i in shown),
        estimates=means,
        std_errors=np.sqrt(pooled / sizes),
        sizes=counts[shown].astype(float),
        what=(name, ""),
        provenance=survey.provenance.then(design.step),
        n_withheld=small,
        conf_level=conf_level,
    )


def _means(
    z: FloatArray, group: np.ndarray, design: Design, k: int, by_unit: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted mean, its linearised variance and Kish's n of each group, (k,) each, as `loyalty.scores.linearised`."""
    w = design.w
    with np.errstate(invalid="ignore", divide="ignore"):
        total, n = np.bincount(group, w, k), np.bincount(group, minlength=k)
        means = np.bincount(group, w * z, k) / total
        part = w * (z - means[group]) / total[group]
        kish = total**2 / np.bincount(group, w**2, k)
        if not by_unit:
            return means, np.bincount(group, part**2, k) * n / (n - 1), kish
    # Totals of units within strata, of which only those with respondents in the group are stored.
    m = len(design.stratum)
    pairs, place = np.unique(group * m + design.unit, return_inverse=True)
    totals, where, stratum = np.bincount(place, part), pairs // m, design.stratum[pairs % m]
    size = np.bincount(design.stratum).astype(float)
    if (size[np.unique(design.stratum)] < 2).any():
        raise ModelError("a stratum holds a single row or cluster, so it has no variance; join it with another.")
    layers, cell = np.unique(where * len(size) + stratum, return_inverse=True)
    units = size[layers % len(size)]
    spread = np.bincount(cell, totals**2) - np.bincount(cell, totals) ** 2 / units
    return means, np.bincount(layers // len(size), spread * units / (units - 1), k), kish
