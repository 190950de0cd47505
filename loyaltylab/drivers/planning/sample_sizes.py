"""`sample_sizes()`: how many respondents each kind of analysis takes, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...codebook import as_blocks, flatten
from ...core import ModelError, Provenance, Result, check_known, pd, tr
from ...kernels import FloatArray, critical, r_squared, standardised
from ...kernels import power as kernels
from ...moments import Moments, by_name, check_names
from ..comparisons import two_blocks
from ..methods import METHODS
from .plan import assumed_origin, check_method, check_numbers, reliability_of, share_contrast
from .result import to_ask

#: What is assumed where correlations of drivers say nothing; each is a convention, not a finding.
ASSUMED: dict[str, float] = {
    "promoter_score": 0.1,  # 10 points, with two thirds of respondents at either end
    "groups": 0.2,  # standardised difference of means, small by Cohen (1988)
    "smaller_group": 0.2,  # part of respondents in the smaller of the two groups
    "interaction": 0.02,  # f², small by Cohen (1988); Aguinis et al. (2005) found a median of 0.002
    "retention": 0.05,  # difference of two proportions around one half
}
_NONE = float("nan")


@dataclass(frozen=True)
class _Need:
    """What is to be shown: its size, n times its sampling variance, and the n that a test of its own takes."""

    estimate: float
    variance: float = _NONE
    shown: float | None = None
    method: str = ""


@dataclass(frozen=True, eq=False)
class SampleSizes(Result):
    """Respondents that each kind of analysis takes, one row each; `sample_sizes` makes it.

    `tidy()`: the size assumed in the unit of the row, respondents to show it (infinite where none can), and respondents
    for an interval of the wished half-width (not a number where the row has none). `basis` is "source" where the size
    comes from the moments given, "convention" where it is one of `ASSUMED`. `blocks` are the two that are compared and the
    last one; `n_source` the respondents behind the moments.

    Attributes
    ----------
    needs : dict of str → _Need
        Analysis → what it takes.
    basis : dict of str → str
        Analysis → source or convention.
    blocks : (str, str, str)
        The two that are compared, and the last one.
    n_source : int
        Respondents of the source.
    part : float
        Of the effect assumed to be left.
    target : float
        Power wished for.
    margin_of_error : float
        Wished for.

    See Also
    --------
    loyaltylab.drivers.sample_sizes : Makes it.
    """

    needs: dict[str, _Need]
    basis: dict[str, str]
    blocks: tuple[str, str, str]
    n_source: int
    part: float
    target: float
    margin_of_error: float
    conf_level: float
    provenance: Provenance

    def columns(self) -> pd.DataFrame:
        from scipy.special import ndtri

        z, towards = critical(self.conf_level), ndtri(self.target)
        rows = []
        for term, need in self.needs.items():
            if (shown := need.shown) is None:
                shown = (z + towards) ** 2 * need.variance / need.estimate**2 if need.estimate else float("inf")
            width = z**2 * need.variance / self.margin_of_error**2
            rows.append((term, need.estimate, self.basis[term], need.method, shown / self.part, width / self.part))
        frame = pd.DataFrame(rows, columns=["term", "estimate", "basis", "method", "n_needed", "n_for_width"])
        return frame.assign(**{name: to_ask(frame[name].to_numpy()) for name in ("n_needed", "n_for_width")})

    def whole(self) -> dict[str, Any]:
        found = self.tidy()["n_needed"]
        possible = found[np.isfinite(found)]
        return {
            "target": self.target,
            "margin_of_error": self.margin_of_error,
            "n_source": self.n_source,
            "n_needed_least": possible.min(),
            "n_needed_most": possible.max(),
            "n_never": len(found) - len(possible),
            "conf_level": self.conf_level,
        }


def sample_sizes(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    contrast: Sequence[str] = (),
    method: str = "lmg",
    printed: tuple[Moments, str, Mapping[str, Sequence[str]]] | None = None,
    assumed: Mapping[str, float] | None = None,
    reliability: float | Mapping[str, float] = 1.0,
    cluster_size: float = 1.0,
    icc: float = 0.0,
    design_effect: float = 1.0,
    missing: float = 0.0,
    power: float = 0.8,
    margin_of_error: float = 0.1,
    conf_level: float = 0.95,
) -> SampleSizes:
    """Respondents that each kind of analysis of this project takes, in the world that the moments describe.

    Parameters
    ----------
    moments : Moments
        The assumed world, as for `plan`. Only its correlations count.
    outcome, drivers, contrast, method
        As for `plan`: at least two blocks, of which two are held against each other.
    printed : (Moments, outcome, blocks), optional
        A printed table whose difference between its first two blocks is to be settled.
    assumed : mapping of name → float, optional
        Other sizes for the names of `ASSUMED`.
    reliability, cluster_size, icc, design_effect, missing, power, margin_of_error, conf_level
        As for `plan`; the reliability is about the moments, not about the printed table or a convention. The half-width is a tenth of each row's own scale by default: 10 points of a promoter score,
        .10 of a correlation, 10 percentage points of a share.

    Returns
    -------
    SampleSizes
        `tidy()` has a row for each of: promoter_score, share_difference, correlation_difference, groups, equivalence,
        interaction, indirect, increment, leader, retention, every_method, and printed_difference where a table is given.

    Raises
    ------
    UnknownName, ModelError
        For names that are absent and numbers out of range.

    Notes
    -----
    An estimate that is a smooth function of correlations has the variance of the delta method under normal theory
    (Browne 1984), n = ((z + z_power) √v / estimate)²; `plan` simulates the same for shares and agrees within
    a tenth of the number. `interaction` and `increment` are F tests of drivers that are drawn with the respondents; `equivalence` is
    two one-sided tests at 1 − conf_level within ±`groups` where nothing differs. `every_method` is the importance method
    that takes most; infinite where two methods do not even agree on the sign.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.). Erlbaum.
    Aguinis, H., Beaty, J. C., Boik, R. J., & Pierce, C. A. (2005). Effect size and power in assessing moderating effects
    of categorical variables using multiple regression: A 30-year review. Journal of Applied Psychology 90, 94–107.
    doi:10.1037/0021-9010.90.1.94
    Browne, M. W. (1984). Asymptotically distribution-free methods for the analysis of covariance structures. British
    Journal of Mathematical and Statistical Psychology 37, 62–83. doi:10.1111/j.2044-8317.1984.tb00789.x

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> m = table.moments(["AttLoyalty", *flatten(blocks)])
    >>> sizes = sample_sizes(m, "AttLoyalty", blocks)
    >>> [int(sizes.value(term, "n_needed").value) for term in ("share_difference", "groups", "equivalence")]
    [446, 1230, 1340]
    """
    outcome, drivers = by_name(moments, outcome, drivers, of="moments")
    given = _assumptions(assumed or {})
    check_numbers(
        cluster_size=cluster_size, icc=icc, design_effect=design_effect, missing=missing, power=power,
        margin_of_error=margin_of_error, conf_level=conf_level,
    )  # fmt: skip
    blocks = as_blocks(drivers)
    names = flatten(blocks)
    check_names(outcome, names, blocks, ())
    check_method(method, len(names))
    pair = two_blocks(blocks, contrast)
    world = moments.select([outcome, *names])
    R = kernels.attenuated(world.corr, reliability_of(reliability, world.names))
    needs = _of_conventions(given, power, conf_level) | _of_correlations(R, blocks, pair, method, power, conf_level)
    if printed is not None:
        table, other, its = printed
        S = table.select([other, *flatten(its)]).corr
        within = _columns(its)
        needs["printed_difference"] = _smooth(
            _share_gap(method, *(within[name] for name in two_blocks(its)), len(S) - 1), S
        )
    return SampleSizes(
        needs={term: needs[term] for term in _ORDER if term in needs},
        basis={term: "convention" if term in _CONVENTIONS else "source" for term in needs},
        blocks=(*pair, list(blocks)[-1]),
        n_source=int(moments.n),
        part=(1 - missing) / (kernels.design_effect(cluster_size, icc) * design_effect),
        target=power,
        margin_of_error=margin_of_error,
        conf_level=conf_level,
        provenance=assumed_origin(moments.provenance, tr("respondents needed on the assumption of: {source}")),
    )


_CONVENTIONS = ("promoter_score", "groups", "equivalence", "interaction", "retention")
_ORDER = (
    *("promoter_score", "share_difference", "correlation_difference", "groups", "equivalence", "interaction"),
    *("indirect", "increment", "leader", "retention", "printed_difference", "every_method"),
)


# ---- what each analysis takes -------------------------------------------------------------------------------------------


def _of_conventions(given: Mapping[str, float], power: float, conf_level: float) -> dict[str, _Need]:
    from scipy.special import ndtri

    d, small = given["groups"], given["smaller_group"]
    spread = 1 / (small * (1 - small))
    within = (ndtri(conf_level) + ndtri((1 + power) / 2)) ** 2 * spread / d**2
    higher, lower = 0.5 + given["retention"] / 2, 0.5 - given["retention"] / 2
    return {
        "promoter_score": _Need(given["promoter_score"], 2 / 3 - given["promoter_score"] ** 2),
        "groups": _Need(d, spread),
        "equivalence": _Need(d, spread, within),
        "interaction": _Need(given["interaction"], shown=_f_test(given["interaction"], 1, 3, power, conf_level)),
        "retention": _Need(given["retention"], 2 * (higher * (1 - higher) + lower * (1 - lower))),
    }


def _of_correlations(
    R: FloatArray,
    blocks: Mapping[str, Sequence[str]],
    pair: tuple[str, str],
    method: str,
    power: float,
    conf_level: float,
) -> dict[str, _Need]:
    within = _columns(blocks)
    a, b, p = within[pair[0]], within[pair[1]], len(R) - 1
    last = list(within.values())[-1]
    added = _smooth(lambda S: r_squared(S) - r_squared(np.delete(np.delete(S, last, -1), last, -2)), R)
    f_squared = added.estimate / (1 - float(r_squared(R)))
    shown = _f_test(f_squared, len(last), p, power, conf_level)
    order = np.argsort(-METHODS[method].kernel(R, (1,) * p))
    return {
        "share_difference": _smooth(_share_gap(method, a, b, p), R),
        "correlation_difference": _smooth(lambda S: _means(S, a, b)[..., 0, 1] - _means(S, a, b)[..., 0, 2], R),
        "indirect": _smooth(lambda S: _through(_means(S, a, b)), R),
        "increment": _Need(added.estimate, shown=shown),
        "leader": _smooth(_share_gap(method, [order[0] + 1], [order[1] + 1], p), R),
        "every_method": _hardest(R, a, b, p),
    }


def _smooth(kernel: Callable[[FloatArray], FloatArray], R: FloatArray) -> _Need:
    return _Need(float(kernel(R)), kernels.delta_variance(lambda S: kernel(standardised(S)), R))


def _share_gap(method: str, a: Sequence[int], b: Sequence[int], p: int) -> Callable[[FloatArray], FloatArray]:
    """R (..., p+1, p+1) → (...): share of the drivers in columns a minus that of those in columns b."""
    shares = share_contrast(method, *([i in columns for i in range(1, p + 1)] for columns in (a, b)))
    return lambda R: shares(R)[..., 0]


def _hardest(R: FloatArray, a: Sequence[int], b: Sequence[int], p: int) -> _Need:
    """The importance method whose difference of shares takes most respondents."""
    able = [name for name, row in METHODS.items() if row.additive and row.unit == "r_squared" and row.most >= p]
    found = [replace(_smooth(_share_gap(name, a, b, p), R), method=name) for name in able]
    hardest = max(found, key=lambda need: need.variance / max(need.estimate**2, 1e-12))
    if len({np.sign(need.estimate) for need in found}) > 1:
        return replace(hardest, shown=float("inf"))
    return hardest


def _means(R: FloatArray, a: Sequence[int], b: Sequence[int]) -> FloatArray:
    """Correlations (..., 3, 3) of the outcome and the means of two sets of standardised drivers."""
    weights = np.zeros((3, R.shape[-1]))
    weights[0, 0], weights[1, list(a)], weights[2, list(b)] = 1, 1, 1
    return standardised(weights @ R @ weights.T)


def _through(R: FloatArray) -> FloatArray:
    """Indirect effect of variable 1 on 0 by way of 2, standardised.  R (..., 3, 3) → (...)."""
    onto = R[..., 1, 2]
    return onto * (R[..., 0, 2] - onto * R[..., 0, 1]) / (1 - onto**2)


def _f_test(f_squared: float, df_between: int, terms: int, power: float, conf_level: float) -> float:
    """Respondents for an F test of `df_between` of `terms` coefficients.

    Drivers are drawn with the respondents, so the noncentrality is f² times the residual degrees of freedom that the
    other terms leave to the ones that are tested, not f² n.
    """
    from scipy.optimize import brentq
    from scipy.stats import f, ncf

    if not f_squared > 1e-9:
        return float("inf")

    def short(n: float) -> float:
        left = n - terms - 1
        lam = f_squared * (left + df_between)
        return float(ncf.sf(f.ppf(conf_level, df_between, left), df_between, left, lam)) - power

    low = terms + 2.0
    if short(low) >= 0:
        return low
    high = 2 * low
    while short(high) < 0:
        high *= 2
    return float(brentq(short, low, high, xtol=1e-6))


# ---- parts --------------------------------------------------------------------------------------------------------------


def _columns(blocks: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Columns of each block behind the outcome, which is column 0."""
    at, found = 1, {}
    for name, members in blocks.items():
        found[name], at = list(range(at, at + len(members))), at + len(members)
    return found


def _assumptions(given: Mapping[str, float]) -> dict[str, float]:
    for name, value in given.items():
        check_known("assumption", name, ASSUMED)
        if not 0 < value < 1:
            raise ModelError(f"{name} is {value}; allowed: between 0 and 1, such as {ASSUMED[name]:g}.")
    return {**ASSUMED, **given}
