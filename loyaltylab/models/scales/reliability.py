"""How well items measure a scale: alpha, omega, composite reliability, AVE, and what each item adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...core import DataError, ModelError, Provenance, Result, check_known, pd, rule, taken_from
from ...kernels import FloatArray, factors
from ...moments import Moments, by_name
from ...survey import MomentSource, moments_of
from .scale_checks import blocks, checked, each_once, ends, independent, path_pairs, usable

#: What `reliability` says about each scale.
MEASURES = ("alpha", "alpha_standardised", "omega_total", "composite_reliability", "ave")


@dataclass(frozen=True, eq=False)
class Reliability(Result):
    """Measures of each scale, (k, 5) in the order of `MEASURES`, with their draws; made by `reliability`.

    `moments` are those of the items of each scale, and so are `draws` and their estimates, (draws, 5) each; `item_loadings`
    the loadings behind composite reliability and AVE.

    Attributes
    ----------
    scales : dict of str → sequence of str
        Scale → its items.
    estimates : array
        (k, 5), in the order of `MEASURES`.
    moments : sequence of Moments
        Of the items of each scale.
    item_loadings : sequence of array
        Of the items of each scale.
    loadings : str
        Whose they are: factor or path.
    draws : sequence of Moments, optional
        Of the items of each scale.
    draw_estimates : sequence of array, optional
        (draws, 5) of each scale.
    n_draws_left_out : int
        Draws that could not be used.

    See Also
    --------
    loyaltylab.models.reliability : Makes it.
    """

    scales: dict[str, tuple[str, ...]]
    estimates: FloatArray
    moments: tuple[Moments, ...]
    item_loadings: tuple[FloatArray, ...]
    provenance: Provenance
    loadings: str = "factor"
    draws: tuple[Moments, ...] | None = None
    draw_estimates: tuple[FloatArray, ...] | None = None
    n_draws_left_out: int = 0
    conf_level: float = 0.95
    keys = ("term", "measure")

    @property
    def weakest(self) -> str:
        """The scale with the lowest raw alpha."""
        return str(self._alphas["term"].iloc[0])

    @property
    def weak(self) -> list[str]:
        """Scales whose raw alpha is below the rule of thumb, the weakest first."""
        return list(self._alphas.loc[self._alphas["estimate"] < rule("alpha").value, "term"])

    @property
    def _alphas(self) -> pd.DataFrame:
        return self.tidy().query("measure == 'alpha'").sort_values("estimate")

    def __post_init__(self) -> None:
        if self.estimates.shape != (len(self.scales), len(MEASURES)):
            raise DataError(f"estimates {self.estimates.shape} do not fit {len(self.scales)} scales.")
        above = np.argwhere(np.nan_to_num(self.estimates) > 1 + 1e-9)
        if len(above):
            raise ModelError(
                f"scale {[*self.scales][above[0][0]]}: {MEASURES[above[0][1]]} is above 1; check its items."
            )

    def columns(self) -> dict[str, Any]:
        """A row for each scale and measure; `interval` says how the interval was made: feldt, draws or none."""
        k, m = self.estimates.shape
        span, how = np.full((k, m, 2), np.nan), np.full((k, m), "none", dtype=object)
        if self.draw_estimates is not None:
            span = np.stack([ends(own, self.conf_level) for own in self.draw_estimates])
            how[:] = "draws"
        else:
            for j, items in enumerate(self.scales.values()):
                if len(items) > 1:
                    span[j, 0] = factors.feldt(self.estimates[j, 0], self.moments[j].n_eff, len(items), self.conf_level)
                    how[j, 0] = "feldt"
        how[np.isnan(self.estimates)] = "none"
        return {
            "term": np.repeat([*self.scales], m),
            "measure": list(MEASURES) * k,
            "estimate": self.estimates.ravel(),
            "conf_low": span[..., 0].ravel(),
            "conf_high": span[..., 1].ravel(),
            "interval": how.ravel(),
            "n_items": np.repeat([len(items) for items in self.scales.values()], m),
            "n": np.repeat(self._n, m),
        }

    def whole(self) -> dict[str, Any]:
        row: dict[str, Any] = {"n_lowest": min(self._n), "n_highest": max(self._n), "conf_level": self.conf_level}
        if self.draw_estimates is not None:
            row |= {"n_draws": min(map(len, self.draw_estimates)), "n_draws_left_out": self.n_draws_left_out}
        return row

    @property
    def one_n(self) -> bool:
        """Whether all scales were answered by as many."""
        return len(set(self._n)) == 1

    @property
    def _n(self) -> list[int]:
        return [int(own.n) for own in self.moments]

    @property
    def improper(self) -> tuple[str, ...]:
        """Scales with a loading at −1 or 1: one factor does not fit them, and their omega is not to be trusted."""
        at_edge = [bool((np.abs(lam) > 1 - 1e-9).any()) and len(lam) > 1 for lam in self.item_loadings]
        return tuple(name for name, edge in zip(self.scales, at_edge, strict=True) if edge)

    def items(self) -> ItemStatistics:
        """What each item adds to its scale."""
        return ItemStatistics(self)


@dataclass(frozen=True, eq=False)
class ItemStatistics(Result):
    """Per item: correlation with the rest of its scale, raw and standardised alpha without it, and its loading.

    `gain` is the raw alpha without the item minus the raw alpha with it: above 0 the scale is better off without it.

    Attributes
    ----------
    of : Reliability
        The scales they belong to.

    See Also
    --------
    loyaltylab.models.reliability : `items()` of what it gives.
    """

    of: Reliability
    keys = ("scale", "term")

    provenance = taken_from("of.provenance")
    conf_level = taken_from("of.conf_level")

    def columns(self) -> pd.DataFrame:
        return pd.concat([self._scale(j) for j in range(len(self.of.scales))], ignore_index=True)

    def _scale(self, j: int) -> pd.DataFrame:
        name, items = list(self.of.scales.items())[j]
        m = self.of.moments[j]
        own = {
            "scale": name,
            "term": items,
            "mean": m.mean,
            "sd": np.sqrt(np.diagonal(m.cov)),
            "loading": self.of.item_loadings[j],
            "alpha_if_dropped": factors.alpha_if_dropped(m.cov),
            "alpha_if_dropped_standardised": factors.alpha_if_dropped(m.corr),
        }
        draws = None if self.of.draws is None else _of_items(self.of.draws[j].cov)
        for column, estimate in _of_items(m.cov).items():
            own[column] = estimate
            if draws is not None:
                low, high = np.moveaxis(ends(draws[column], self.of.conf_level), -1, 0)
                own |= {f"{column}_conf_low": low, f"{column}_conf_high": high}
        return pd.DataFrame(own)

    def whole(self) -> dict[str, Any]:
        return self.of.whole()

    @property
    def suspects(self) -> tuple[str, ...]:
        """Items without which the raw alpha of their scale is higher, the worst first."""
        frame = self.tidy().sort_values("gain", ascending=False, kind="stable")
        return tuple(frame.loc[frame["gain"] > 0, "term"])


def reliability(
    data: Moments | MomentSource | pd.DataFrame,
    scales: Mapping[str, Sequence[str]],
    *,
    loadings: str = "factor",
    paths: Sequence[tuple[str, str]] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
    n_draws: int | None = None,
    seed: int = 1,
) -> Reliability:
    """How consistently the items of each scale measure one thing.

    `alpha` is the raw one, of covariances; `alpha_standardised` is of correlations and for two items equals
    Spearman–Brown. `omega_total` rests on one minimum-residual factor a scale. A scale of one item has none of them.
    Items must already point the same way: turn reversed items round first.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        Moments: one set, of all items. The rest as in `importance`: summed and drawn from here, the source of a frame not
        stated; each scale by the rows that answered all of it, unless `loadings` are composites, which take all scales.
    scales : mapping of scale → items
        An item belongs to one scale only.
    loadings : {"factor", "component", "composite"}
        What composite reliability and AVE rest on: one factor a scale; the first principal component of a scale; or
        partial least squares composites (mode A, path weighting). Composite loadings hold the items' own error and are
        larger than those of a factor: figures of the two kinds must not be compared.
    paths : sequence of (from, to)
        Relations between scales; for "composite" only, whose weights depend on them.
    draws : Moments, optional
        Draws of the same items; they give percentile intervals for every measure. Without them raw alpha alone has one,
        Feldt's.
    conf_level : float
        Between 0 and 1.
    n_draws, seed : int, optional
        Draws made here of data that are not moments: 2,000 unless you choose, 0 for none.

    Returns
    -------
    Reliability
        `tidy()` has a row for each scale and each of `MEASURES`.

    Raises
    ------
    UnknownName, ModelError
        For an item the moments do not hold, an item twice, an empty scale, an item that does not vary.

    Notes
    -----
    Alpha, its interval and item statistics equal psych 2.2.9 to 1e-10, omega total to 1e-6. The composite reliability and
    AVE printed for the corporate reputation model are those of `loadings="composite"`.

    References
    ----------
    Cronbach, L. J. (1951). Psychometrika 16, 297–334. doi:10.1007/BF02310555
    Feldt, L. S. (1965). Psychometrika 30, 357–370. doi:10.1007/BF02289499
    McDonald, R. P. (1999). Test theory: a unified treatment. Erlbaum. doi:10.4324/9781410601087
    Fornell, C. & Larcker, D. F. (1981). Journal of Marketing Research 18, 39–50. doi:10.1177/002224378101800104

    Examples
    --------
    >>> import loyaltylab as ll
    >>> items = ["like_1", "like_2", "like_3"]
    >>> found = reliability(ll.read_table("corporate_reputation_items").moments(items), {"LIKE": items})
    >>> f"{found.value(('LIKE', 'alpha_standardised')):.3f}; {found.value(('LIKE', 'alpha')):ci.3f}"
    '0.831; 0.831 (95% CI 0.797 to 0.860)'
    """
    scales = by_name(data, scales)
    check_known("loadings", loadings, factors.LOADINGS)
    each_once(scales)
    apart = draws is None and loadings != "composite" and not isinstance(data, Moments)
    sets = [{name: items} for name, items in scales.items()] if apart else [scales]
    options = {"draws": draws, "n_draws": n_draws, "seed": seed}
    found = [
        _of_one_set(*moments_of(data, each_once(one), **options), one, loadings, paths, conf_level) for one in sets
    ]
    return found[0] if len(found) == 1 else _together(found)


def _of_one_set(
    moments: Moments,
    draws: Moments | None,
    scales: Mapping[str, Sequence[str]],
    loadings: str,
    paths: Sequence[tuple[str, str]],
    conf_level: float,
) -> Reliability:
    """Scales by the same rows."""
    named = checked(moments, scales, conf_level)
    used = moments.select(each_once(named))
    spec = (blocks(named), loadings, path_pairs(named, loadings, paths))
    estimates, lam = _measures(used, *spec)
    provenance, of_draws = used.provenance, {}
    if draws is not None:
        kept, left_out = usable(draws, used.names)
        drawn = tuple(_measures(kept, *spec)[0].swapaxes(0, 1))
        of_draws = {"draws": _select(kept, named), "draw_estimates": drawn, "n_draws_left_out": left_out}
        provenance = Provenance.merge([provenance, draws.provenance])
    own = _select(used, named)
    return Reliability(named, estimates, own, tuple(lam), provenance, loadings, conf_level=conf_level, **of_draws)


def _select(moments: Moments, scales: Mapping[str, Sequence[str]]) -> tuple[Moments, ...]:
    return tuple(moments.select(items) for items in scales.values())


def _together(found: Sequence[Reliability]) -> Reliability:
    """Scales by rows of their own, one after the other."""

    def joined(name: str) -> Any:
        parts = [getattr(one, name) for one in found]
        return None if parts[0] is None else tuple(part for several in parts for part in several)

    return replace(
        found[0],
        scales={name: items for one in found for name, items in one.scales.items()},
        estimates=np.vstack([one.estimates for one in found]),
        provenance=Provenance.merge([one.provenance for one in found]),
        n_draws_left_out=max(one.n_draws_left_out for one in found),
        **{name: joined(name) for name in ("moments", "item_loadings", "draws", "draw_estimates")},
    )


@dataclass(frozen=True, eq=False)
class GeneralFactor(Result):
    """Loadings on one general factor and on the group factors beside it; made by `general_factor`."""

    moments: Moments
    general: FloatArray
    groups: FloatArray

    provenance = taken_from("moments.provenance")

    def columns(self) -> dict[str, Any]:
        """Per item: loading on the general factor, its largest group factor and the loading there, and communality."""
        largest = np.abs(self.groups).argmax(axis=1)
        return {
            "term": self.moments.names,
            "general": self.general,
            "factor": [str(j + 1) for j in largest],
            "loading": self.groups[range(len(largest)), largest],
            "communality": self.general**2 + (self.groups**2).sum(axis=1),
        }

    def whole(self) -> dict[str, Any]:
        hierarchical, total = factors.omega_hierarchical(self.moments.corr, self.general, self.groups)
        row = {"omega_hierarchical": hierarchical, "omega_total": total}
        row |= {"n_factors": self.groups.shape[1], "n": int(self.moments.n)}
        return row


def general_factor(moments: Moments, items: Sequence[str], *, n_factors: int = 3) -> GeneralFactor:
    """How much of a sum of items is one general factor (omega hierarchical), beside `n_factors` group factors.

    Minimum residuals, oblique rotation (quartimin) and the Schmid–Leiman transformation; no interval, since each draw would
    be rotated anew.

    Parameters
    ----------
    n_factors : int
        At least 3: two do not identify a general factor. Three factors take at least six items.

    Raises
    ------
    ModelError
        For too few items for so many factors, or an item fully determined by others.

    References
    ----------
    Schmid, J. & Leiman, J. M. (1957). Psychometrika 22, 53–61. doi:10.1007/BF02289209
    Zinbarg, R. E., Revelle, W., Yovel, I. & Li, W. (2005). Psychometrika 70, 123–133. doi:10.1007/s11336-003-0974-7

    Examples
    --------
    >>> import loyaltylab as ll
    >>> items = ["like_1", "like_2", "like_3", "comp_1", "comp_2", "comp_3", "cusl_1", "cusl_2", "cusl_3"]
    >>> found = general_factor(ll.read_table("corporate_reputation_items").moments(items), items)
    >>> f"{found.stat('omega_hierarchical'):.2f} of {found.stat('omega_total'):.2f}"
    '0.77 of 0.92'
    """
    items = by_name(moments, items, of="moments")
    m = moments.select(next(iter(checked(moments, {"items": items}).values())))
    p, k = len(m.names), n_factors
    if k < 3 or (p - k) ** 2 < p + k:
        raise ModelError(
            f"{p} items do not identify a general factor beside {k} group factors; take 3 and 6 items or more."
        )
    independent(m)
    return GeneralFactor(m, *factors.schmid_leiman(m.corr, k))


def _measures(m: Moments, where: list[list[int]], loadings: str, paths: list[tuple[int, int]]) -> Any:
    """Estimates (..., k, 5) and the loadings of each scale."""
    S, R = m.cov, m.corr
    lam, _ = factors.constructs(R, where, loadings, paths)
    out = np.full((*R.shape[:-2], len(where), len(MEASURES)), np.nan)
    for j, at in enumerate(where):
        if len(at) > 1:
            own = R[..., at, :][..., :, at]
            one = lam[j] if loadings == "factor" else factors.one_factor(own)
            out[..., j, 0], out[..., j, 1] = factors.alpha(S[..., at, :][..., :, at]), factors.alpha(own)
            out[..., j, 2] = factors.omega_total(own, one)
            out[..., j, 3] = factors.composite_reliability(lam[j])
            out[..., j, 4] = factors.average_variance_extracted(lam[j])
    return out, lam


def _of_items(S: FloatArray) -> dict[str, FloatArray]:
    """What is computed of the items of a scale, per draw.  S (..., p, p) → (..., p) each."""
    if S.shape[-1] < 2:
        return {"item_rest": np.full(S.shape[:-1], np.nan), "gain": np.full(S.shape[:-1], np.nan)}
    return {"item_rest": factors.item_rest(S), "gain": factors.alpha_if_dropped(S) - factors.alpha(S)[..., None]}
