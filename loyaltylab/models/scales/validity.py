"""Whether scales measure different things: HTMT, Fornell–Larcker, correlations corrected for attenuation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import RULES, ModelError, Provenance, Result, check_known, pd
from ...kernels import FloatArray, factors
from ...moments import Moments, by_name, check_kind
from .scale_checks import blocks, checked, ends, path_pairs, summary, usable

if TYPE_CHECKING:
    from ...survey import PublishedTable, Survey, Warehouse


@dataclass(frozen=True, eq=False)
class ScalePairs(Result):
    """One measure of every two scales; `bound` is the value it should stay below, where the measure has one.

    Attributes
    ----------
    measure : str
        What it is: htmt, correlation, …
    scales : sequence of str
        Names.
    estimates : array
        In the order of the rows.
    bounds : array
        Which each should stay below.
    moments : Moments
        What it was computed from.
    draw_estimates : array, optional
        The same in each draw, along the first axis.
    n_draws_left_out : int
        Draws that could not be used.

    See Also
    --------
    loyaltylab.models.corrected_correlations : Makes it.
    loyaltylab.models.fornell_larcker : Makes it.
    loyaltylab.models.htmt : Makes it.
    """

    measure: str
    scales: tuple[str, ...]
    estimates: FloatArray
    bounds: FloatArray
    moments: Moments
    provenance: Provenance
    draw_estimates: FloatArray | None = None
    n_draws_left_out: int = 0
    conf_level: float = 0.95
    keys = ("term", "against")

    def columns(self) -> pd.DataFrame:
        """A row for every two scales; with a bound, `verdict` is "apart", "not apart" or "undecided".

        With draws the verdict is that of the interval, without draws that of the estimate.
        """
        pairs = list(combinations(self.scales, 2))
        frame = pd.DataFrame(
            {"term": [b for _, b in pairs], "against": [a for a, _ in pairs], "measure": self.measure}
        ).assign(estimate=self.estimates)
        low = high = self.estimates
        if self.draw_estimates is not None:
            low, high = np.moveaxis(ends(self.draw_estimates, self.conf_level), -1, 0)
            frame = frame.assign(conf_low=low, conf_high=high)
        if np.isnan(self.bounds).all():
            return frame
        verdict = np.where(high < self.bounds, "apart", np.where(low >= self.bounds, "not apart", "undecided"))
        return frame.assign(bound=self.bounds, verdict=verdict)

    def blurred(self, blocks: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
        """Pairs of scales of different blocks that cannot be told apart with certainty, the most doubtful first."""
        block_of = {name: block for block, members in blocks.items() for name in members}
        pairs = self.tidy().sort_values("estimate", ascending=False)
        return [
            (row.term, row.against)
            for row in pairs.itertuples()
            if {row.term, row.against} <= set(block_of)
            and block_of[row.term] != block_of[row.against]
            and row.verdict != "apart"
        ]

    def whole(self) -> dict[str, Any]:
        more = {"n_pairs": len(self.estimates)}
        return summary(self.moments, self.draw_estimates, self.n_draws_left_out, self.conf_level, **more)


def htmt(
    moments: Moments,
    scales: Mapping[str, Sequence[str]],
    *,
    bound: float = 0.9,
    draws: Moments | None = None,
    conf_level: float = 0.95,
) -> ScalePairs:
    """Heterotrait–monotrait ratio of correlations of every two scales: near 1, the two are one.

    Correlations enter by their absolute value. A scale of one item counts as perfectly reliable.

    Parameters
    ----------
    moments : Moments
        Of all items of the scales.
    scales : mapping of scale → items
        Two or more.
    bound : float
        The value to stay below: 0.9, 0.85 (stricter, for scales that differ in concept), or 1 for the interval.
    draws : Moments, optional
        Draws of the same items, for percentile intervals.
    conf_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    ScalePairs
        `tidy()` has a row for every two scales, with the bound and whether they pass.

    References
    ----------
    Henseler, J., Ringle, C. M. & Sarstedt, M. (2015). Journal of the Academy of Marketing Science 43, 115–135.
    doi:10.1007/s11747-014-0403-8

    Examples
    --------
    >>> import loyaltylab as ll
    >>> scales = {"COMP": ["comp_1", "comp_2", "comp_3"], "LIKE": ["like_1", "like_2", "like_3"]}
    >>> m = ll.read_table("corporate_reputation_items").moments([*scales["COMP"], *scales["LIKE"]])
    >>> f"{htmt(m, scales).value(('LIKE', 'COMP')):.3f}"
    '0.780'
    """

    scales = by_name(moments, scales, of="moments")

    def estimate(m: Moments, where: list[list[int]]) -> FloatArray:
        return np.stack([factors.heterotrait_monotrait(m.corr, a, b) for a, b in combinations(where, 2)], axis=-1)

    return _pairs("htmt", moments, scales, estimate, lambda m, where: np.array(bound), draws, conf_level)


def scales_apart(
    evidence: Survey | PublishedTable | Warehouse, *, n_draws: int = 1000, seed: int = 1
) -> ScalePairs | None:
    """HTMT of every two scales of the codebook whose items the data have, drivers and outcomes; None where that is not two.

    The one place where reports ask whether what they compare are two things.

    Parameters
    ----------
    evidence : Survey, PublishedTable or Warehouse
        What `read_data` gives.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.

    Returns
    -------
    ScalePairs, optional
        As `htmt`; None for fewer than two scales.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> scales_apart(read_table("corporate_reputation")) is None
    True
    """
    check_kind(evidence, "codebook")
    scales = {name: items for name, items in evidence.codebook.scale_items().items() if all(map(evidence.has, items))}
    if len(scales) < 2:
        return None
    items = [item for members in scales.values() for item in members]
    return htmt(
        evidence.moments(items), scales, bound=RULES["htmt"][0], draws=evidence.draws(items, n_draws=n_draws, seed=seed)
    )


def fornell_larcker(
    moments: Moments,
    scales: Mapping[str, Sequence[str]],
    *,
    loadings: str = "factor",
    paths: Sequence[tuple[str, str]] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
) -> ScalePairs:
    """Correlation (absolute) of every two constructs against the smaller square root of their AVE, the bound.

    It misses two scales that are one more often than `htmt` does. `loadings` and `paths` as in `reliability`; with
    "factor" the correlation is that of the factors, free of error of measurement, otherwise that of the composites. Draws
    give the interval of the correlation; the bound stays that of the sample.

    Parameters
    ----------
    moments : Moments
        Of all items.
    scales : mapping of scale → items
        Names of the items, by scale.
    loadings : {"factor", "component"}
        What the AVE is computed from.
    paths : sequence of pairs
        Which scale leads to which, as in `reliability`.
    draws : Moments, optional
        Draws of the same moments, as `survey.draws(names)` gives them; without them no intervals.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    ScalePairs
        `tidy()` has a row for every two scales, with the bound and whether they pass.

    References
    ----------
    Fornell, C. & Larcker, D. F. (1981). Journal of Marketing Research 18, 39–50. doi:10.1177/002224378101800104

    Examples
    --------
    >>> import loyaltylab as ll
    >>> scales = {"COMP": ["comp_1", "comp_2", "comp_3"], "LIKE": ["like_1", "like_2", "like_3"]}
    >>> m = ll.read_table("corporate_reputation_items").moments([*scales["COMP"], *scales["LIKE"]])
    >>> fornell_larcker(m, scales, loadings="component").tidy().round(2).to_dict("records")
    [{'term': 'LIKE', 'against': 'COMP', 'measure': 'correlation', 'estimate': 0.62, 'bound': 0.83, 'verdict': 'apart'}]
    """
    scales = by_name(moments, scales, of="moments")
    check_known("loadings", loadings, factors.LOADINGS)
    between = path_pairs(scales, loadings, paths)

    def estimate(m: Moments, where: list[list[int]]) -> FloatArray:
        _, phi = factors.constructs(m.corr, where, loadings, between)
        return np.stack([np.abs(phi[..., a, b]) for a, b in combinations(range(len(where)), 2)], axis=-1)

    def bound(m: Moments, where: list[list[int]]) -> FloatArray:
        lam, _ = factors.constructs(m.corr, where, loadings, between)
        root = [float(np.sqrt(factors.average_variance_extracted(own))) for own in lam]
        return np.array([min(pair) for pair in combinations(root, 2)])

    return _pairs("correlation", moments, scales, estimate, bound, draws, conf_level)


def corrected_correlations(
    moments: Moments, scales: Mapping[str, Sequence[str]], *, draws: Moments | None = None, conf_level: float = 0.95
) -> ScalePairs:
    """Correlations of sums of items, corrected for attenuation by raw alpha; a scale of one item is left uncorrected.

    A value above 1 says that alpha understates reliability or that the two scales share error. With draws, alpha is redrawn
    with the correlation.

    Parameters
    ----------
    moments : Moments
        Of all items.
    scales : mapping of scale → items
        Names of the items, by scale.
    draws : Moments, optional
        Draws of the same moments, as `survey.draws(names)` gives them; without them no intervals.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    ScalePairs
        `tidy()` has a row for every two scales, with the bound and whether they pass.

    References
    ----------
    Spearman, C. (1904). American Journal of Psychology 15, 72–101. doi:10.2307/1412159

    Examples
    --------
    >>> import loyaltylab as ll
    >>> scales = {"COMP": ["comp_1", "comp_2", "comp_3"], "LIKE": ["like_1", "like_2", "like_3"]}
    >>> m = ll.read_table("corporate_reputation_items").moments([*scales["COMP"], *scales["LIKE"]])
    >>> f"{corrected_correlations(m, scales).value(('LIKE', 'COMP')):.2f}"
    '0.78'
    """

    scales = by_name(moments, scales, of="moments")

    def estimate(m: Moments, where: list[list[int]]) -> FloatArray:
        sums = np.zeros((len(m.names), len(where)))
        for j, at in enumerate(where):
            sums[at, j] = 1
        S = sums.T @ m.cov @ sums
        sd = np.sqrt(np.diagonal(S, axis1=-2, axis2=-1))
        one = np.ones(m.batch)
        alphas = [factors.alpha(m.cov[..., at, :][..., :, at]) if len(at) > 1 else one for at in where]
        found = []
        for a, b in combinations(range(len(where)), 2):
            found.append(disattenuate(S[..., a, b] / (sd[..., a] * sd[..., b]), alphas[a], alphas[b]))
        return np.stack(found, axis=-1)

    return _pairs(
        "corrected correlation", moments, scales, estimate, lambda m, where: np.array(np.nan), draws, conf_level
    )


def disattenuate(r: FloatArray, reliability_a: FloatArray, reliability_b: FloatArray) -> FloatArray:
    """Correlation two measures would have without error of measurement; not a number where a reliability is not above 0.

    >>> round(float(disattenuate(0.42, 0.7, 0.8)), 3)
    0.561
    """
    product = np.where((np.asarray(reliability_a) > 0) & (np.asarray(reliability_b) > 0), 1.0, np.nan)
    return np.asarray(r) / np.sqrt(product * np.abs(np.asarray(reliability_a) * np.asarray(reliability_b)))


def spearman_brown(reliability: FloatArray, factor: float) -> FloatArray:
    """Reliability of a scale made `factor` times as long with items of the same kind; 2 for a split half.

    >>> round(float(spearman_brown(0.6, 2)), 3), round(float(spearman_brown(0.75, 0.5)), 3)
    (0.75, 0.6)
    """
    if not factor > 0:
        raise ModelError(f"factor = {factor:g}: a scale cannot be made that many times as long; give more than 0.")
    return factor * np.asarray(reliability) / (1 + (factor - 1) * np.asarray(reliability))


def _pairs(
    measure: str,
    moments: Moments,
    scales: Mapping[str, Sequence[str]],
    estimate: Callable[[Moments, list[list[int]]], FloatArray],
    bound: Callable[[Moments, list[list[int]]], FloatArray],
    draws: Moments | None,
    conf_level: float,
) -> ScalePairs:
    named = checked(moments, scales, conf_level)
    if len(named) < 2:
        raise ModelError(f"one scale is given ({next(iter(named))}); comparing takes at least two.")
    used, where = moments.select([item for items in named.values() for item in items]), blocks(named)
    found = estimate(used, where)
    bounds = np.broadcast_to(bound(used, where), found.shape)
    if draws is None:
        return ScalePairs(measure, tuple(named), found, bounds, used, used.provenance, conf_level=conf_level)
    kept, left_out = usable(draws, used.names)
    both = Provenance.merge([used.provenance, draws.provenance])
    return ScalePairs(measure, tuple(named), found, bounds, used, both, estimate(kept, where), left_out, conf_level)
