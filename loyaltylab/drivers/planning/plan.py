"""`plan()`: how many respondents does it take to tell one block of drivers from another?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...codebook import as_blocks, flatten
from ...core import DataError, MatrixError, ModelError, Phrase, Provenance, check_known, listed, pd, tr, unknown
from ...kernels import FloatArray, critical
from ...kernels import power as kernels
from ...moments import Moments, by_name, check_names, usable_draws
from ...survey import MomentSource, PublishedTable, moments_of
from ..comparisons import two_blocks
from ..decomposition import importance
from ..methods import METHODS
from .result import Plan

_MOST_DRIVERS = 14  # for methods that visit every model: each simulated study does so for every draw
_LARGEST = 100_000  # respondents in a size that is chosen here


# ---- the door -----------------------------------------------------------------------------------------------------------


def plan(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    n: Sequence[int] = (),
    n_sizes: int = 7,
    contrast: Sequence[str] = (),
    difference: float | None = None,
    method: str = "lmg",
    reliability: float | Mapping[str, float] = 1.0,
    draws: Moments | None = None,
    cluster_size: float = 1.0,
    icc: float = 0.0,
    design_effect: float = 1.0,
    missing: float = 0.0,
    power: float = 0.8,
    margin_of_error: float = 0.1,
    n_simulations: int = 400,
    n_draws: int = 399,
    conf_level: float = 0.95,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """Respondents it takes to tell one block of drivers from another, if the world is as these moments say.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable or DataFrame
        The assumed world: a published table, a pilot survey, `sensitivity(...).moments(c)`, or correlations of one's
        own through `Moments.from_correlations`. Of moments only the correlations count. Its own sampling error is not
        carried along: a pilot's difference tends to be too large, so plan for the smallest one worth finding.
    outcome : str
        Name or label of the variable to explain.
    drivers : mapping of block → names, or sequence of names
        Names or labels of what explains it; given by block, blocks are compared too.
    n : sequence of int
        Sizes to try, respondents asked. Left empty, `n_sizes` of them around the answer, none above 100,000.
    n_sizes : int
        3 or more; fewer take less time and leave the needed number a wider interval.
    contrast : (block, block)
        The first two blocks unless given; the plan names first the one that is ahead in the moments.
    difference : float, optional
        The smallest difference worth finding, in shares, above 0: the world is changed until the blocks differ by it
        (`world_with`). Without it the plan is for the difference that the moments happen to show.
    method : str
        Any additive row of `METHODS`.
    draws : Moments, optional
        Bootstrap draws of the pilot's rows; a survey or frame makes them. Where the difference varies more over them than
        over normal data with the same correlations, as answers on a few scale points can, the studies are made smaller by
        that ratio (`rows_effect`). Draws of whole clusters carry the pilot's clusters too; leave `cluster_size` at 1 then.
    reliability : float or mapping of name → float
        Of the planned scales in relation to the moments, above 0 to 1. 1 where the moments are of scores as reliable as
        the planned ones; where they are of error-free variables, the planned reliabilities.
    cluster_size, icc : float
        Respondents in a cluster (1 or more) and the intraclass correlation of their answers (0 to 1).
    design_effect : float
        By what weights and strata multiply variances, 1 or more; multiplied with that of clusters.
    missing : float
        Part of the respondents that will not be complete on the model, 0 to below 1; lost at random.
    power : float
        Wished part of studies that get the right verdict, between 0 and 1.
    margin_of_error : float
        Wished mean half-width of the interval of the difference, in shares: 0.1 is 10 percentage points.
    n_simulations, n_draws, seed : int
        Simulated studies a size, draws behind the interval of each (at least 100), seed of NumPy's PCG64. A size gives
        the same studies whatever the other sizes are.
    progress : callable, optional
        Is told (studies done, studies in all).
    conf_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Plan
        `tidy()` a row a size, `glance()` the needed sizes, `sentence()` for a methods section.

    Raises
    ------
    UnknownName, DataError, ModelError
        For names that are absent, numbers out of range, and sizes too small for the model.

    Notes
    -----
    A study's covariance matrix is one Wishart draw of the assumed one; its percentile interval comes from Wishart draws
    of that matrix, as `importance(..., draws=moments.draws())` would make it. A right verdict is an interval wholly on
    the side of zero of the block that is ahead in the assumed world. Power follows √n on the probit scale; the needed n
    is read from that line, fitted to all sizes. For the corporate reputation survey normal data need 14,800 respondents,
    with which 67% instead of 80% of studies resampled from its rows find the difference; with its draws the plan asks
    for that many more.

    Clusters divide n by Kish's design effect 1 + (m − 1) icc. That is the one of a mean and errs on the safe side: in
    normal data whose variables all share one icc, correlations have 1 + (m − 1) icc², so give icc² for that.

    References
    ----------
    Kish, L. (1965). Survey sampling. Wiley.
    Maxwell, S. E., Kelley, K., & Rausch, J. R. (2008). Sample size planning for statistical power and accuracy in
    parameter estimation. Annual Review of Psychology 59, 537–563. doi:10.1146/annurev.psych.59.103006.093735
    Spearman, C. (1904). The proof and measurement of association between two things. American Journal of Psychology 15,
    72–101. doi:10.2307/1412159

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> m = table.moments(["AttLoyalty", *flatten(blocks)])
    >>> plan(m, "AttLoyalty", blocks, n=(200, 400, 600), n_simulations=100, n_draws=199)
    Plan(lmg) to tell 'emotional' from 'rational' with power 0.8: about 457 respondents, 100 simulated studies a size
    """
    outcome, drivers = by_name(data, outcome, drivers)
    blocks = as_blocks(drivers)
    names = flatten(blocks)
    check_names(outcome, names, blocks, ())
    check_method(method, len(names))
    check_numbers(
        design_effect=design_effect, cluster_size=cluster_size, icc=icc, missing=missing, power=power, margin_of_error=margin_of_error,
        conf_level=conf_level, n_simulations=n_simulations, n_draws=n_draws, n_sizes=n_sizes,
    )  # fmt: skip
    a, b = two_blocks(blocks, contrast)
    rows = not isinstance(data, Moments | PublishedTable) and draws is None
    moments, draws = moments_of(data, [outcome, *names], draws, n_draws=None if rows else 0, seed=seed)
    names = sorted(names)  # studies are drawn in this order, whatever that of the drivers
    pilot = world = moments.select([outcome, *names])
    if difference is not None:
        world = world_with(pilot, outcome, blocks, (a, b), difference=difference, method=method).select(pilot.names)
    model = importance(world, outcome, blocks, method=method)
    a, b = (a, b) if model.contrast(a, b).estimate >= 0 else (b, a)
    asked = [outcome, *flatten(blocks)]
    rho = reliability_of(reliability, asked)[[asked.index(name) for name in world.names]]
    scores = _standardised(world, kernels.attenuated(world.corr, rho), f"measured with reliability {listed(rho)}")
    effect = kernels.design_effect(cluster_size, icc) * design_effect
    shares = share_contrast(method, *([name in model.members[block] for name in names] for block in (a, b)))
    by_rows = 1.0 if draws is None else _rows_effect(pilot, draws, shares, seed)
    part = (1 - missing) / (effect * by_rows)
    sizes = tuple(n) or _sizes(scores.corr, shares, part, power, margin_of_error, conf_level, seed, n_sizes)
    _check_sizes(sizes, part, len(names))
    counts = []
    for done, size in enumerate(sizes):
        report_done = _progress(progress, done * n_simulations, len(sizes) * n_simulations)
        rng = np.random.default_rng((seed, size))
        found = kernels.studies(scores.corr, size * part - 1, shares, n_simulations, n_draws, conf_level, rng)
        counts.append(_counted(found, shares(scores.corr)[0], report_done))
    hits, covered, widths, errors = (np.array(values) for values in zip(*counts, strict=True))
    step = f"{n_simulations:,} simulated studies a size, {n_draws:,} Wishart draws each (normal theory), seed {seed}"
    return Plan(
        n=sizes,
        n_effective=np.array(sizes) * part,
        hits=hits,
        covered=covered,
        widths=widths,
        width_errors=errors,
        model=model,
        measured=importance(scores, outcome, blocks, method=method),
        contrast=(a, b),
        assumptions={
            "reliability": float(rho.min()),
            "cluster_size": float(cluster_size),
            "icc": float(icc),
            "design_effect": effect,
            "rows_effect": by_rows,
            "missing": float(missing),
        },
        target=power,
        margin_of_error=margin_of_error,
        n_simulations=n_simulations,
        n_draws=n_draws,
        conf_level=conf_level,
        provenance=assumed_origin(scores.provenance, tr("studies simulated on the assumption of: {source}")).then(step),
    )


def world_with(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    contrast: Sequence[str] = (),
    *,
    difference: float,
    method: str = "lmg",
) -> Moments:
    """The same world with the difference between two blocks set, in shares; the block that is ahead stays ahead.

    The correlations of one block with the outcome are lowered together, of the leading one for a smaller difference and of
    the other for a larger one; those among drivers stay.

    Parameters
    ----------
    moments : Moments
        Of the outcome and all drivers, as `survey.moments(names)` gives them.
    outcome : str
        Name of the variable to explain.
    drivers : sequence, or mapping of block → drivers
        Names of the drivers.
    contrast : sequence of str
        Two blocks; the first two if left out.
    difference : float
        In shares, above 0 and below 1.
    method : str
        One of `METHODS`; its label says how it divides.

    Returns
    -------
    Moments
        Of the same variables.

    Raises
    ------
    ModelError
        For a difference that is not above 0 and below 1, or that no correlations can have.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> m = world_with(table.moments(["AttLoyalty", *flatten(blocks)]), "AttLoyalty", blocks, difference=0.3)
    >>> round(importance(m, "AttLoyalty", blocks).contrast("emotional", "rational").estimate, 3)
    0.3
    """
    outcome, drivers = by_name(moments, outcome, drivers, of="moments")
    blocks = as_blocks(drivers)
    a, b = two_blocks(blocks, contrast)
    full = importance(moments, outcome, blocks, method=method).contrast(a, b).estimate
    if not 0 < difference < 1:
        raise ModelError(f"difference is {difference:g}; allowed: above 0 and below 1, in shares.")
    first, last = (a, b) if full > 0 else (b, a)
    if difference <= abs(full):
        return _lowered(moments, outcome, blocks, (first, last), first, difference, method)
    return _lowered(moments, outcome, blocks, (first, last), last, difference, method)


def _lowered(
    moments: Moments,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    contrast: tuple[str, str],
    block: str,
    difference: float,
    method: str,
) -> Moments:
    """The world in which the correlations of a block with the outcome are lowered until the two blocks differ by this."""
    from scipy.optimize import brentq

    world = moments.select([outcome, *flatten(blocks)])
    at = world.index(blocks[block])

    def lowered(by: float) -> Moments:
        R = world.corr.copy()
        R[0, at] = R[at, 0] = R[0, at] * (1 - by)
        return _standardised(world, R, f"difference between {listed(contrast)} set to {difference:g}")

    def gap(by: float) -> float:
        return importance(lowered(by), outcome, blocks, method=method).contrast(*contrast).estimate - difference

    if abs(gap(0.0)) < 1e-9:
        return lowered(0.0)
    try:
        if gap(0.9) * gap(0.0) <= 0:
            return lowered(float(brentq(gap, 0, 0.9, xtol=1e-10)))
    except MatrixError:  # no data have drivers that go together so and with the outcome so much less
        pass
    raise ModelError(
        f"lowering the correlations of {block} does not bring the difference to {difference:g}; ask for one nearer to "
        f"{gap(0.0) + difference:.2g}."
    )


# ---- numbers given as text ----------------------------------------------------------------------------------------------


def whole_numbers(texts: Sequence[str]) -> tuple[int, ...]:
    """Sizes as a list of names gives them.

    Parameters
    ----------
    texts : sequence of str
        Such as "200"; each a whole number of respondents.

    Returns
    -------
    sequence of int
        In the order given.

    Raises
    ------
    DataError
        For what is no whole number.

    Examples
    --------
    >>> whole_numbers(["200", " 400"])
    (200, 400)
    """
    if bad := [text for text in texts if not str(text).strip().isdecimal()]:
        raise DataError(f"{listed(bad)}: sizes are whole numbers, as in 200, 400, 800.")
    return tuple(int(text) for text in texts)


def reliabilities(texts: Sequence[str]) -> float | dict[str, float]:
    """Reliabilities as a list of names gives them: one number for all, or one for each name.

    Parameters
    ----------
    texts : sequence of str
        One number, or NAME=NUMBER of each.

    Returns
    -------
    float or dict of str → float
        Above 0, at most 1.

    Examples
    --------
    >>> reliabilities(["LIKE=0.8", "COMP = 0.9"]), reliabilities(["0.8"]), reliabilities([])
    ({'LIKE': 0.8, 'COMP': 0.9}, 0.8, 1.0)
    """
    if len(texts) == 1 and "=" not in texts[0]:
        return _number(texts[0])
    return named_numbers(texts) or 1.0


def named_numbers(texts: Sequence[str]) -> dict[str, float]:
    """Numbers by name, as a list of names gives them.

    Parameters
    ----------
    texts : sequence of str
        NAME=NUMBER of each.

    Returns
    -------
    dict of str → float
        Name → number.

    Raises
    ------
    DataError
        For anything but name=number, and for a name that comes twice.

    Examples
    --------
    >>> named_numbers(["groups=0.3", "interaction = 0.002"])
    {'groups': 0.3, 'interaction': 0.002}
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if name in found:
            raise DataError(f"'{name}' comes twice: {listed(texts)}.")
        found[name] = _number(value, text)
    return found


def _number(value: str, text: str = "") -> float:
    try:
        return float(value)
    except ValueError:
        raise DataError(f"'{text or value}': give a number, such as 0.8, or name=number, as in LIKE=0.8.") from None


# ---- parts --------------------------------------------------------------------------------------------------------------


def _counted(
    found: Any, truth: float, report_done: Callable[[int], None]
) -> tuple[list[int], int, FloatArray, FloatArray]:
    """Hits (3), covered, mean widths (3) and their errors (3) of simulated studies that come in parts."""
    parts, done = [], 0
    for part in found:
        parts.append(part)
        done += len(part[0])
        report_done(done)
    estimates, low, high = (np.concatenate(each) for each in zip(*parts, strict=True))
    hits = [int(count) for count in ((low[:, 0] > 0).sum(), (high[:, 0] < 0).sum(), (estimates[:, 0] > 0).sum())]
    widths = high - low
    error = widths.std(axis=0, ddof=1) / np.sqrt(len(widths))
    return hits, int(((low[:, 0] <= truth) & (truth <= high[:, 0])).sum()), widths.mean(axis=0), error


def share_contrast(method: str, in_a: Sequence[float], in_b: Sequence[float]) -> Callable[[FloatArray], FloatArray]:
    """R (..., p+1, p+1) → (..., 3): difference of two groups' shares, and both shares; in_a, in_b (p,) of 0 and 1."""
    kernel, sizes, group = METHODS[method].kernel, (1,) * len(in_a), np.array([in_a, in_b], dtype=float).T

    def shares(R: FloatArray) -> FloatArray:
        parts = kernel(R, sizes)
        both = parts @ group / parts.sum(axis=-1, keepdims=True)
        return np.concatenate([both[..., :1] - both[..., 1:], both], axis=-1)

    return shares


def _rows_effect(pilot: Moments, draws: Moments, shares: Callable[[FloatArray], FloatArray], seed: int) -> float:
    """Variance of the difference over draws of rows against that over normal data with the same correlations; at least 1."""
    kept, _ = usable_draws(draws.select(pilot.names))
    df, rng = float(pilot.n_eff) - 1, np.random.default_rng(seed)
    factor = kernels.wishart_factors(np.linalg.cholesky(pilot.corr), df, 4000, rng)
    by_rows, normal = (shares(R)[:, 0].var(ddof=1) for R in (kept.corr, kernels.correlations(factor)))
    return max(1.0, float(by_rows / normal))


def _sizes(
    R: FloatArray,
    shares: Callable[[FloatArray], FloatArray],
    part: float,
    power: float,
    margin_of_error: float,
    conf_level: float,
    seed: int,
    n_sizes: int,
) -> tuple[int, ...]:
    """Sizes about those that the normal approximation says are needed."""
    from scipy.special import ndtri

    df, z = 2000.0, critical(conf_level)
    factor = kernels.wishart_factors(np.linalg.cholesky(R), df, 1000, np.random.default_rng(seed))
    std_error = np.sqrt(df) * shares(kernels.correlations(factor))[:, 0].std()
    reach = max(abs(float(shares(R)[0])), 1e-9)
    needed = np.array([(z + ndtri(power)) * std_error / reach, z * std_error / margin_of_error]) ** 2 / part
    least = (3 * len(R) + 10) / part
    low = np.clip(0.4 * needed.min(), least, _LARGEST / 4)
    high = np.clip(1.6 * needed.max(), 4 * low, _LARGEST)
    return tuple(sorted({int(float(f"{size:.2g}")) for size in np.geomspace(low, high, n_sizes)}))


def _standardised(world: Moments, R: FloatArray, step: str) -> Moments:
    made = Moments.from_correlations(R, world.names, n=int(world.n), provenance=world.provenance.then(step))
    return replace(made, weight=world.weight, n=world.n, sum_w2=world.sum_w2)


def assumed_origin(origin: Provenance, source: Phrase) -> Provenance:
    """Nobody answered anything: what is planned rests on an assumption, whatever that rests on."""
    return replace(origin, tier="synthetic", source=source.filled(source=origin.source))


def _progress(progress: Callable[[int, int], None] | None, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(before + done, total) if progress else None


def check_method(method: str, drivers: int) -> None:
    """Whether a method has shares of blocks, and few enough drivers to be computed for every draw."""
    able = [name for name, row in METHODS.items() if row.additive and row.unit == "r_squared"]
    if method not in METHODS:
        raise unknown("method", method, able)
    if method not in able:
        raise ModelError(f"the estimates of '{method}' do not add up to blocks; plan with one of {listed(able)}.")
    if METHODS[method].most < 100 and drivers > _MOST_DRIVERS:
        raise ModelError(
            f"{method} visits 2^{drivers} models for every draw of every simulated study; above {_MOST_DRIVERS} drivers "
            "plan with method='relative_weights' (-p method=relative_weights), which is close to it, or with fewer drivers "
            "(blocks=, or -p blocks=)."
        )


def check_numbers(**given: float) -> None:
    """Every number in its range, or one message that names the range."""
    inside: dict[str, tuple[Callable[[Any], bool], str]] = {
        "cluster_size": (lambda x: x >= 1, "1 or more"),
        "design_effect": (lambda x: x >= 1, "1 or more"),
        "icc": (lambda x: 0 <= x <= 1, "0 to 1"),
        "missing": (lambda x: 0 <= x < 1, "0 to below 1"),
        "power": (lambda x: 0 < x < 1, "between 0 and 1, such as 0.8"),
        "margin_of_error": (lambda x: 0 < x < 1, "between 0 and 1, such as 0.1 for 10 percentage points"),
        "conf_level": (lambda x: 0 < x < 1, "between 0 and 1, such as 0.95"),
        "n_simulations": (lambda x: x >= 100, "at least 100"),
        "n_draws": (lambda x: x >= 100, "at least 100"),
        "n_sizes": (lambda x: x >= 3, "3 or more"),
    }
    for name, value in given.items():
        fits, allowed = inside[name]
        if not fits(value):
            raise ModelError(f"{name} is {value}; allowed: {allowed}.")


def _check_sizes(sizes: Sequence[int], part: float, drivers: int) -> None:
    if len(set(sizes)) < max(2, len(sizes)):
        raise ModelError(f"n is {listed(sizes)}; give at least two different sizes, so that a curve can be drawn.")
    if bad := [size for size in sizes if size * part - 1 <= drivers + 1]:
        raise ModelError(
            f"n = {listed(bad)}: clustering and missing answers leave {min(bad) * part:.0f} of them, too few for "
            f"{drivers} drivers; try larger sizes."
        )


def reliability_of(given: float | Mapping[str, float], names: Sequence[str]) -> FloatArray:
    if isinstance(given, Mapping):
        for name in given:
            check_known("variable", name, names, "reliability= names the outcome and drivers of the model.")
    values = np.array([given.get(name, 1.0) if isinstance(given, Mapping) else given for name in names], dtype=float)
    if bad := [name for name, value in zip(names, values, strict=True) if not 0 < value <= 1]:
        raise DataError(f"reliability of {listed(bad)}: allowed is above 0 to 1.")
    return values
