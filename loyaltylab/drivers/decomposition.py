"""`importance()`: how much of the explained variance of an outcome each driver, or block of drivers, accounts for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import as_blocks, flatten
from ..core import ModelError, OneRow, Provenance, Result, check_known, listed, pd, tell, the_one_called
from ..kernels import (
    FloatArray,
    adjusted_r_squared,
    attribution,
    check_conf_level,
    intervals,
    linalg,
    r_squared_interval,
    subsets,
)
from ..moments import Moments, by_name, check_apart, check_enough, check_names, check_one_set, usable_draws
from ..survey import MomentSource, moments_of
from .methods import METHODS
from .routes import N_ORDERS, Division, instead
from .routes import division as divided

Kernel = Callable[[FloatArray, tuple[int, ...]], FloatArray]


@dataclass(frozen=True, eq=False)
class Importance(Result):
    """Estimates in R² units, one for each driver (or block), with their draws.

    For an additive method the estimates sum to the R² that is divided; this is checked on creation. A share is an
    estimate over the sum of the estimates. Where R² was divided over sampled orders of entry, `n_orders` says how many
    in each draw, and `n_orders_estimate` how many for the estimates themselves; both are 0 where all is exact.

    Shares have no sign. `signed` (2, k), with `draw_signed` (draws, 2, k), holds what has: the correlation of each driver
    with the outcome and its standardised coefficient beside the others, covariates taken out; see `directions`.

    Attributes
    ----------
    terms : sequence of str
        The drivers or blocks.
    members : dict of str → sequence of str
        Term → the drivers in it.
    outcome : str
        The variable explained.
    method : str
        One of `METHODS`.
    estimates : array
        In R² units for an additive method, in the order of `terms`.
    r_squared : float
        Divided over the terms.
    r_squared_covariates : float
        Explained by the covariates alone.
    n : int
        Respondents.
    n_effective : float
        Kish's effective number; n without weights.
    covariates : sequence of str
        Always in the model.
    fit : str
        What is divided: R², or a pseudo R².
    draw_estimates : array, optional
        The same in each draw, along the first axis.
    draw_r_squared : array, optional
        In each draw.
    jackknife_estimates : array, optional
        With each respondent or cluster left out, for BCa intervals.
    sampling_error : array, optional
        Of sampled orders of entry.
    theory_std_error : array, optional
        By normal theory, where there are no draws.
    n_draws_left_out : int
        Draws that could not be used.
    interval : str
        How the intervals are made.
    n_orders, n_orders_estimate : int
        Sampled orders, in each draw and for the estimate; 0 where exact.
    signed, draw_signed : array, optional
        (2, k), in each draw (draws, 2, k): the correlation with the outcome and the standardised coefficient.
    called : mapping of str → sequence of str
        Term → labels by which it may be asked for.

    See Also
    --------
    loyaltylab.drivers.importance : Makes it.
    loyaltylab.drivers.importance_of_fit : Makes it.
    loyaltylab.drivers.sampled_lmg : Makes it.
    """

    terms: tuple[str, ...]
    members: dict[str, tuple[str, ...]]
    outcome: str
    method: str
    estimates: FloatArray
    r_squared: float
    r_squared_covariates: float
    n: int
    n_effective: float
    provenance: Provenance
    covariates: tuple[str, ...] = ()
    fit: str = "r_squared"
    draw_estimates: FloatArray | None = None
    draw_r_squared: FloatArray | None = None
    jackknife_estimates: FloatArray | None = None
    sampling_error: FloatArray | None = None
    theory_std_error: FloatArray | None = None
    n_draws_left_out: int = 0
    conf_level: float = 0.95
    interval: str = "percentile"
    n_orders: int = 0
    n_orders_estimate: int = 0
    signed: FloatArray | None = None
    draw_signed: FloatArray | None = None
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown = ("method", "outcome", "fit", "r_squared", "n", "n_draws", "n_orders")

    def __post_init__(self) -> None:
        divided = self.r_squared - self.r_squared_covariates
        if METHODS[self.method].additive and abs(self.estimates.sum() - divided) > 1e-8:
            raise ModelError(
                f"{self.method}: the parts sum to {self.estimates.sum():.10f}, not to R² {divided:.10f}; do not use them."
            )

    @cached_property
    def has_shares(self) -> bool:
        """Whether the estimates are parts of R², so that a share of their sum means something."""
        return METHODS[self.method].unit == "r_squared"

    @cached_property
    def shares(self) -> FloatArray:
        """Part of each term, (k,), summing to 1."""
        if not self.has_shares:
            able = listed(name for name, method in METHODS.items() if method.unit == "r_squared")
            raise ModelError(f"'{self.method}' gives coefficients, which have no shares. Methods with shares: {able}.")
        if abs(self.estimates.sum()) < 1e-12:
            raise ModelError(
                f"{listed(self.terms)} explain nothing of {self.outcome}: there is nothing to divide among them."
            )
        return self.estimates / self.estimates.sum()

    @cached_property
    def draw_shares(self) -> FloatArray | None:
        """The same for each draw, (draws, k)."""
        return (
            None
            if self.draw_estimates is None
            else self.draw_estimates / self.draw_estimates.sum(axis=1, keepdims=True)
        )

    @cached_property
    def jackknife_shares(self) -> FloatArray | None:
        """The same with each row or cluster left out, (n, k)."""
        return (
            None
            if self.jackknife_estimates is None
            else self.jackknife_estimates / self.jackknife_estimates.sum(axis=1, keepdims=True)
        )

    @cached_property
    def directions(self) -> dict[str, str]:
        """Whether each driver works *with* the outcome, *against* it, or that is *not settled*; empty for blocks and without draws.

        With (against) it: of its correlation with the outcome and its coefficient beside the other drivers at least one has
        an interval wholly above (below) zero, and none one on the other side. An item that was to be turned round and was
        not works against what it should go with.
        """
        if self.draw_signed is None:
            return {}
        ends = intervals.interval(self.draw_signed.reshape(len(self.draw_signed), -1), self.conf_level)
        low, high = ends.reshape(2, 2, -1)
        up, down = (low > 0).any(axis=0), (high < 0).any(axis=0)
        directions = np.where(up & ~down, "with", np.where(down & ~up, "against", "not settled"))
        return dict(zip(self.terms, map(str, directions), strict=True))

    @property
    def against(self) -> list[str]:
        """Drivers that work against the outcome: the more of them, the less of it."""
        return [term for term, direction in self.directions.items() if direction == "against"]

    @property
    def strongest(self) -> str:
        """The term with the largest estimate."""
        return self.terms[int(np.argmax(self.estimates))]

    def columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "term": self.terms,
            "block": [self._block_of(term) for term in self.terms],
            "estimate": self.estimates,
        }
        if self.draw_estimates is not None:
            columns["std_error"] = self.draw_estimates.std(axis=0, ddof=1)
            columns["conf_low"], columns["conf_high"] = self._interval(
                self.estimates, self.draw_estimates, self.jackknife_estimates
            )
        elif self.theory_std_error is not None and self.theory_std_error.shape == self.estimates.shape:
            columns["std_error"] = self.theory_std_error
        if self.sampling_error is not None and self.sampling_error.shape == self.estimates.shape:
            columns["sampling_error"] = self.sampling_error
        if self.has_shares:
            columns["share"] = self.shares
        if self.has_shares and self.draw_shares is not None:
            columns["share_conf_low"], columns["share_conf_high"] = self._interval(
                self.shares, self.draw_shares, self.jackknife_shares
            )
        if self.directions and self.signed is not None and self.draw_signed is not None:
            columns["direction"] = list(self.directions.values())
            columns["coefficient"] = self.signed[1]
            low, high = intervals.interval(self.draw_signed[:, 1], self.conf_level)
            columns |= {"coefficient_conf_low": low, "coefficient_conf_high": high}
        if self.terms == tuple(self.members):
            columns["n_drivers"] = [len(members) for members in self.members.values()]
        columns["rank"] = _ranks(self.estimates)
        if self.draw_estimates is not None:
            ranks = _ranks(self.draw_estimates)
            low, high = np.quantile(ranks, intervals.tails(self.conf_level)[:, 0], axis=0, method="inverted_cdf")
            columns |= {"rank_conf_low": low, "rank_conf_high": high}
        return columns

    def whole(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "outcome": self.outcome,
            "method": self.method,
            "fit": self.fit,
            "additive": METHODS[self.method].additive,
            "r_squared": self.r_squared,
            "r_squared_covariates": self.r_squared_covariates,
            "n": self.n,
            "n_effective": self.n_effective,
        }
        if self.fit == "r_squared":
            row["r_squared_adjusted"] = adjusted_r_squared(self.r_squared, self.n_effective, self._n_predictors)
        if self.draw_r_squared is not None:
            low, high = self.r_squared_ends
            row |= {"r_squared_conf_low": low, "r_squared_conf_high": high, "n_draws": len(self.draw_r_squared)}
            row |= {"n_draws_left_out": self.n_draws_left_out, "conf_level": self.conf_level}
        if self.n_orders or self.n_orders_estimate:
            row |= {"n_drivers": sum(map(len, self.members.values())), "n_orders": self.n_orders}
            row["n_orders_estimate"] = self.n_orders_estimate
        if self.n_orders_estimate and self.sampling_error is not None:
            row["sampling_error"] = float(self.sampling_error.max()) / float(self.estimates.sum())
        return row

    @cached_property
    def r_squared_ends(self) -> FloatArray:
        """Interval of R² in the population, (2,); adjusted R², not R², is its middle.

        From the distribution of R² with predictors drawn with their respondents, its n divided by the design effect of
        the draws; a fit that is no R² has the percentiles of its draws.

        References
        ----------
        Kelley, K. (2008). Sample size planning for the squared multiple correlation coefficient. Multivariate Behavioral
        Research 43, 524–555. doi:10.1080/00273170802490632
        """
        draws = self.draw_r_squared
        if draws is None:
            raise ModelError("R² has no interval; give importance() its draws=.")
        if self.fit != "r_squared":
            return intervals.interval(draws[:, None], self.conf_level)[:, 0]
        return r_squared_interval(self.r_squared, self.n_effective, self._n_predictors, self.conf_level, draws)

    @cached_property
    def explains(self) -> str:
        """What the drivers together explain: `nothing` where chance would do as well, else `part` or `most` (half or more).

        Chance would do as well where the interval of what they explain beside the covariates begins at zero. A fit that is
        no R² is not held against chance.
        """
        most = "most" if self.r_squared >= 0.5 else "part"
        if self.fit != "r_squared":
            return most
        beside = (self.r_squared - self.r_squared_covariates) / max(1 - self.r_squared_covariates, 1e-12)
        n, k = self.n_effective - len(self.covariates), self._n_predictors - len(self.covariates)
        draws = None if self.covariates else self.draw_r_squared
        return most if r_squared_interval(beside, n, k, self.conf_level, draws)[0] > 0 else "nothing"

    @property
    def _n_predictors(self) -> int:
        return sum(map(len, self.members.values())) + len(self.covariates)

    def _interval(self, estimate: FloatArray, draws: FloatArray, jackknife: FloatArray | None) -> FloatArray:
        return intervals.interval(draws, self.conf_level, self.interval, estimate, jackknife)

    def blocks(self) -> Importance:
        """The drivers of each block summed."""
        if tuple(self.members) == self.terms:
            return self
        if not METHODS[self.method].additive:
            raise ModelError(
                f"the estimates of '{self.method}' do not add up, so its blocks cannot be summed; use importance(..., players='blocks')."
            )
        group = np.array([[term in members for term in self.terms] for members in self.members.values()], dtype=float).T
        summed = {
            name: None if getattr(self, name) is None else getattr(self, name) @ group
            for name in ("estimates", "draw_estimates", "jackknife_estimates")
        }
        return replace(self, terms=tuple(self.members), signed=None, draw_signed=None, **summed)

    def regrouped(self, blocks: Mapping[str, Sequence[str]]) -> Importance:
        """The same parts of the same drivers, with the drivers in other blocks."""
        names = flatten(blocks)
        if sorted(names) != sorted(self.terms) or not METHODS[self.method].additive:
            raise ModelError(
                f"other blocks must hold the same drivers, and a method that adds up; here {self.method} of {listed(self.terms)}."
            )
        return replace(self, members={block: tuple(members) for block, members in blocks.items()})

    def verdict_on(self, a: str, b: str) -> str:
        """What may be told of block `a` against block `b`.

        The words `more` and `less` where the difference is clear, summed and per driver alike, `undecided` where both leave
        it open, `mixed` where the two say otherwise; `nothing` where chance would explain as much; `simulated` of
        respondents who do not exist, whatever was found.
        """
        if self.provenance.tier == "synthetic":
            return "simulated"
        if self.explains == "nothing":
            return "nothing"
        summed, per_driver = self.contrast(a, b).verdict, self.contrast(a, b, of="mean").verdict
        return summed if summed == per_driver else "mixed"

    def contrast(self, a: str, b: str, *, of: str = "sum") -> Contrast:
        """Share of `a` minus share of `b`, two drivers or two blocks, with the interval of the difference.

        Parameters
        ----------
        of : {"sum", "mean"}
            For blocks: the sum of their drivers' shares, or the mean share per driver, which does not favour the block
            that happens to have more of them.
        """
        check_known("of", of, ("sum", "mean"))
        known = {name: self.called.get(name, ()) for name in (*self.terms, *self.members)}
        a, b = (the_one_called("driver or block", asked, known) for asked in (a, b))
        on = self if a in self.terms and b in self.terms else self.blocks()
        for name in (a, b):
            check_known("block", name, on.terms, "A driver is compared with a driver, a block with a block.")
        i, j = on.terms.index(a), on.terms.index(b)
        size_a, size_b = (len(self.members.get(name, ())) or 1 if of == "mean" else 1 for name in (a, b))

        def difference(values: FloatArray | None) -> Any:
            return None if values is None else values[..., i] / size_a - values[..., j] / size_b

        parts = (
            (on.shares, on.draw_shares, on.jackknife_shares)
            if self.has_shares
            else (on.estimates, on.draw_estimates, on.jackknife_estimates)
        )
        estimate, draws, jackknife = map(difference, parts)
        return Contrast(
            a, b, float(estimate), draws, self.n, self.provenance, self.conf_level, self.interval, jackknife
        )

    def _block_of(self, term: str) -> str:
        return next((block for block, members in self.members.items() if term in members), term)


@dataclass(frozen=True, eq=False)
class Contrast(OneRow):
    """Difference of two shares, −1 to 1 (of two coefficients, where the method gives those).

    Attributes
    ----------
    a, b : str
        Estimate is `a` less `b`.
    estimate : float
        In the sample.
    draw_estimates : array, optional
        The same in each draw, along the first axis.
    n : int
        Respondents; the effective number where there are weights.
    interval : str
        How the intervals are made.
    jackknife_estimates : array, optional
        With each respondent or cluster left out, for BCa intervals.

    See Also
    --------
    loyaltylab.drivers.importance : `contrast(a, b)` of what it gives.
    """

    a: str
    b: str
    estimate: float
    draw_estimates: FloatArray | None
    n: int
    provenance: Provenance
    conf_level: float = 0.95
    interval: str = "percentile"
    jackknife_estimates: FloatArray | None = None
    keys = ("term", "against")

    @cached_property
    def ends(self) -> FloatArray:
        """Lower and upper end of the interval, (2,)."""
        if self.draw_estimates is None:
            raise ModelError("this difference has no interval; give importance() its draws=.")
        jackknife = None if self.jackknife_estimates is None else self.jackknife_estimates[:, None]
        return intervals.interval(
            self.draw_estimates[:, None], self.conf_level, self.interval, np.array([self.estimate]), jackknife
        )[:, 0]

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = {"term": self.a, "against": self.b, "estimate": self.estimate}
        if self.draw_estimates is not None:
            row["std_error"] = self.draw_estimates.std(ddof=1)
            row["conf_low"], row["conf_high"] = self.ends
        return row

    def whole(self) -> dict[str, Any]:
        return {"n": self.n, "conf_level": self.conf_level}

    @property
    def difference(self) -> Any:
        """The difference as a quantity for prose."""
        return self.value((self.a, self.b))

    @property
    def verdict(self) -> str:
        """The word "more" or "less" where the whole interval lies on one side of zero, else "undecided"."""
        return str(intervals.sides(*self.ends))


def importance(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    method: str = "lmg",
    players: str = "drivers",
    after: Mapping[str, Sequence[str]] | None = None,
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
    interval: str = "percentile",
    jackknife: Moments | None = None,
    division: str = "auto",
    n_orders: int = N_ORDERS,
    n_draws: int | None = None,
    seed: int = 1,
) -> Importance:
    """Part of the variance of the outcome that each driver explains.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        Moments: one set, holding the outcome, the drivers and the covariates. Rows are summed and drawn from here, by the
        design of the survey; those of a frame, each alike, have a source that is not stated, until
        `Moments.from_frame(frame, provenance=…)` says it.
    outcome : str
        Name or label of the variable to explain.
    drivers : mapping of block → names, or sequence of names
        Names or labels of what explains it; given by block, blocks are compared too.
    method : str
        A row of `METHODS`, which says what each means and when it misleads: lmg, dominance, relative_weights, pmvd, car,
        pratt, first, last, betasq, and the coefficients beta and structure. LMG is also known as Shapley value, general dominance
        and Kruskal's averaging over orderings; relative weights as Johnson's epsilon and Genizi's measure.
    players : {"drivers", "blocks", "nested"}
        What enters the model: a driver; a whole block; or blocks with their drivers inside (Owen 1977), whose values
        add up to those of the blocks. The last is for lmg only.
    after : mapping of driver → names, optional
        Drivers that enter only after those they name, as an interaction after its main effects. For lmg of drivers.
    covariates : sequence of names
        Always in the model; the drivers divide what they explain beyond these.
    draws : Moments, optional
        Draws of the same variables, from `survey.draws` or `moments.draws`; they give the intervals. Moments without
        them have none; only relative weights then have a standard error, by normal theory.
    interval : {"percentile", "basic", "bca", "normal"}
        As R's boot package defines them. "bca" needs jackknife=, from `survey.jackknife`.
    conf_level : float
        Between 0 and 1.
    division : {"auto", "exact", "sampled"}
        What to do where an exact LMG of every draw costs too much. "auto" divides exactly as far as is sensible: the sample
        up to 32 drivers, its draws up to 2^32 models in all (21 drivers with 2,000 draws). Beyond that each draw is divided
        over sampled orders of entry and the error those orders make in the sample, which is known, is taken off (a control
        variate); beyond 32 drivers the sample is divided over 100 times as many. "exact" divides exactly whatever it takes,
        "sampled" does not divide draws exactly. The result says what was done; `division()` says beforehand.
    n_orders : int
        Sampled orders of entry, where there are any; half of them drawn, half their reverses.
    n_draws : int, optional
        Draws made here of data that are not moments: 2,000 unless you choose, 0 for none.
    seed : int
        Of the draws made here, and of sampled orders.
    jackknife : Moments, optional
        Moments without each respondent or cluster in turn, for "bca".

    Returns
    -------
    Importance
        Estimates in units of R² (0 to 1), and shares of their sum.

    Raises
    ------
    UnknownName, DataError, ModelError
        For a variable that is absent or named twice, drivers that determine each other (naming them), fewer
        respondents than drivers, or more players than can be divided and no orders to sample; with what it would cost.

    Notes
    -----
    Equals relaimpo 2.2-7 (`lmg`, `first`, `last`, `betasq`, `pratt`, `genizi`, `car`; groups, always, weights), domir 1.2.0
    and rwa 0.1.0 to 1e-10; intervals equal those of boot 1.3-28.1 from the same draws.

    References
    ----------
    Grömping, U. (2007). Estimators of relative importance in linear regression based on variance decomposition.
    The American Statistician 61, 139–147. doi:10.1198/000313007X188252

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> used = ["AttLoyalty", *flatten(blocks)]
    >>> imp = importance(table.moments(used), "AttLoyalty", blocks, draws=table.draws(used, n_draws=500, seed=1))
    >>> imp
    Importance, 7 rows by term: method lmg, outcome AttLoyalty, fit r_squared, r_squared 0.572 (0.454 to 0.645), n
        190, n_draws 500
    >>> imp.blocks().tidy()[["term", "estimate"]].round(3).values.tolist()
    [['emotional', 0.345], ['rational', 0.227]]

    A frame is enough to begin.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"loyalty": [1, 2, 4, 5, 3, 6] * 5, "trust": [2, 2, 3, 5, 2, 5] * 5, "price": [1, 2, 3] * 10})
    >>> imp = importance(frame, "loyalty", ["trust", "price"], n_draws=200)
    >>> imp
    Importance, 2 rows by term: method lmg, outcome loyalty, fit r_squared, r_squared 0.943 (0.873 to 0.971), n 30,
        n_draws 200
    >>> imp.provenance.source["en"]
    'source not stated'
    """
    outcome, drivers, covariates = by_name(data, outcome, drivers, covariates)
    after = after and {by_name(data, name): by_name(data, earlier) for name, earlier in after.items()}
    for what, value, options in (
        ("method", method, METHODS),
        ("players", players, _PLAYERS),
        ("interval", interval, intervals.KINDS),
    ):
        check_known(what, value, options)
    check_conf_level(conf_level)
    blocks = as_blocks(drivers)
    names = flatten(blocks)
    check_names(outcome, names, blocks, covariates)
    sizes = tuple(len(members) for members in blocks.values()) if players != "drivers" else (1,) * len(names)
    kernel = _kernel(method, players) if after is None else _kernel_after(method, players, names, after)
    everything = [outcome, *names, *covariates]
    moments, draws = moments_of(data, everything, draws, n_draws=n_draws, seed=seed)
    if interval == "bca" and (jackknife is None or draws is None):
        raise ModelError("interval 'bca' needs draws= and jackknife=, such as survey.jackknife(names).")
    check_one_set(moments)
    sample = moments.select(everything)
    check_enough(sample.n, len(names) + len(covariates))
    check_apart(sample.corr[1:, 1:], sample.names[1:])
    result: dict[str, Any] = {}
    of_draws, error, unit, provenance = kernel, None, METHODS[method].unit, sample.provenance
    if after is None:
        n_sets = sum(m.batch[0] for m in (draws, jackknife) if m is not None and m.batch)
        plan = divided(blocks, n_sets, method=method, players=players, how=division, n_orders=n_orders)
        if plan.work > _LONG and plan.seconds_exact > _PATIENCE:
            tell(plan.note)
        if plan.in_orders:
            kernel, of_draws, error = _in_orders(sample.partial(covariates).corr, names, plan, kernel, seed)
            result = {"n_orders": plan.n_orders, "n_orders_estimate": plan.n_orders_estimate}
            provenance = provenance.then(plan.step(seed))
    estimates, r2, r2_covariates = _computed(sample, covariates, kernel, sizes, unit)
    if error is not None:
        result["sampling_error"] = error * (1 - r2_covariates)
    if draws is not None:
        kept, left_out = usable_draws(draws.select(everything))
        draw_estimates, draw_r2, _ = _computed(kept, covariates, of_draws, sizes, unit)
        result |= {"draw_estimates": draw_estimates, "draw_r_squared": draw_r2, "n_draws_left_out": left_out}
        provenance = Provenance.merge([provenance, draws.provenance])
    elif method == "relative_weights" and not covariates:
        result["theory_std_error"] = attribution.relative_weights_std_error(sample.corr, sample.n_eff)
    if jackknife is not None:
        result["jackknife_estimates"] = _computed(jackknife.select(everything), covariates, of_draws, sizes, unit)[0]
    terms = tuple(blocks) if players == "blocks" else tuple(names)
    if players != "blocks" and draws is not None:
        result |= {"signed": _signed(sample, covariates), "draw_signed": _signed(kept, covariates)}
    return Importance(
        terms=terms,
        members=blocks,
        outcome=outcome,
        method=method,
        estimates=estimates,
        r_squared=float(r2),
        r_squared_covariates=float(r2_covariates),
        n=int(sample.n),
        n_effective=float(sample.n_eff),
        provenance=provenance.then(f"importance of {listed(terms)} for {outcome}, method {method}"),
        covariates=tuple(covariates),
        conf_level=conf_level,
        interval=interval,
        called=sample.called,
        **result,
    )


def _kernel_after(method: str, players: str, names: list[str], after: Mapping[str, Sequence[str]]) -> Kernel:
    """LMG over the orders that `after` allows, or the reason why not."""
    if method != "lmg" or players != "drivers":
        raise ModelError("after= is for method 'lmg' with players 'drivers'.")
    if len(names) > _MOST_ORDERED:
        raise ModelError(
            f"after= visits 2^{len(names)} models; above {_MOST_ORDERED} drivers leave it out, or take some as covariates "
            f"(covariates=, or -p covariates= of a report). {instead()}"
        )
    for name in (*after, *(earlier for group in after.values() for earlier in group)):
        check_known("driver", name, names, "after= names drivers of the model.")
    if mutual := [name for name, group in after.items() if any(name in after.get(earlier, ()) for earlier in group)]:
        raise ModelError(f"{listed(mutual)}: each is to enter after the other, so no order is left.")
    at = {names.index(name): [names.index(earlier) for earlier in group] for name, group in after.items()}
    return partial(subsets.shapley_after, after=at)


_MOST_ORDERED = 18
_LONG = 1 << 28  # visits of models, and then seconds, from which it is told what a division takes
_PATIENCE = 2
_PLAYERS = ("drivers", "blocks", "nested")


def _in_orders(
    R: FloatArray, names: Sequence[str], plan: Division, exact: Kernel, seed: int
) -> tuple[Kernel, Kernel, FloatArray | None]:
    """Kernels of the sample R (p+1, p+1) of the outcome and drivers of these names, and of its draws where these are divided over sampled orders of entry.

    Every draw is divided over the same few orders, and the error these make in the sample is taken off each (a control
    variate). Third is the sampling error (p,) of the sample's parts; None where they are exact.
    """
    if plan.n_orders_estimate:
        pairs = subsets.gains_in_orders(R, half_of_orders(plan.n_orders_estimate, names, seed))
        centre, error = pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    else:
        centre, error = exact(R, (1,) * len(names)), None
    if not plan.n_orders:
        return (lambda *_: centre), exact, error
    half = half_of_orders(plan.n_orders, names, seed)
    put_right = centre - subsets.shapley_in_orders(R, half)
    return (lambda *_: centre), (lambda drawn, _: subsets.shapley_in_orders(drawn, half) + put_right), error


def half_of_orders(n_orders: int, names: Sequence[str], seed: int) -> npt.NDArray[np.intp]:
    """Random orders of k players, (n_orders / 2, k); their reverses are the other half (antithetic pairs).

    The orders are of the names: players that stand in another order enter in the same ones.

    Raises
    ------
    ModelError
        For an odd number of orders, or fewer than 100.
    """
    if n_orders < 100 or n_orders % 2:
        raise ModelError(f"n_orders is {n_orders}; allowed: an even number of at least 100.")
    by_name = np.argsort(np.array(names, dtype=str), kind="stable")
    return np.random.default_rng(seed).permuted(np.tile(by_name, (n_orders // 2, 1)), axis=1)


def _kernel(method: str, players: str) -> Kernel:
    """The kernel that answers, or the reason why none can."""
    row = METHODS[method]
    if players == "blocks" and not row.takes_blocks:
        able = [name for name, other in METHODS.items() if other.takes_blocks]
        raise ModelError(
            f"'{method}' has no form for whole blocks; sum its drivers with .blocks(), or use {listed(able)}."
        )
    if players == "nested" and method not in ("lmg", "dominance"):
        raise ModelError(f"'{method}' has no nested form; players='nested' is for lmg.")
    return subsets.owen if players == "nested" else row.kernel


def _computed(
    m: Moments, covariates: Sequence[str], kernel: Kernel, sizes: tuple[int, ...], unit: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimates (..., players), R² of the whole model (...) and of the covariates alone (...)."""
    R, left = beside(m, covariates)
    scale = left[..., None] if unit == "r_squared" else 1.0
    return kernel(R, sizes) * scale, 1 - left + linalg.r_squared(R) * left, 1 - left


def beside(m: Moments, covariates: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Correlations (..., p + 1, p + 1) of outcome and drivers, covariates taken out, and the part (...) of the outcome these leave."""
    rest = m.partial(covariates)
    return rest.corr, rest.scatter[..., 0, 0] / m.scatter[..., 0, 0]


def _signed(m: Moments, covariates: Sequence[str]) -> FloatArray:
    """Correlation with the outcome and standardised coefficient of each driver, covariates taken out.  (..., 2, k)."""
    R = m.partial(covariates).corr
    return np.stack([R[..., 1:, 0], attribution.beta(R, ())], axis=-2)


def _ranks(estimates: FloatArray) -> Any:
    """1 for the largest.  estimates (..., k) → (..., k)."""
    return (-estimates).argsort(axis=-1).argsort(axis=-1) + 1
