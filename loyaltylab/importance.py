"""`importance()`: how much of the explained variance of an outcome each driver, or block of drivers, accounts for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from . import linalg
from .codebook import flatten
from .errors import DataError, ModelError, listed, unknown
from .linalg import FloatArray
from .moments import Moments
from .provenance import Provenance
from .results import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "METHODS",
    "Comparison",
    "Contrast",
    "HeadToHead",
    "Importance",
    "Method",
    "SegmentContrasts",
    "compare",
    "compare_segments",
    "head_to_head",
    "importance",
]


@dataclass(frozen=True)
class Method:
    """A row of `METHODS`: the kernel of an importance method and what a reader must know about it."""

    kernel: Callable[[FloatArray, tuple[int, ...]], FloatArray]
    additive: bool
    label: dict[str, str]
    meaning: dict[str, str]
    misleads: dict[str, str]
    cite: str
    takes_blocks: bool = True


METHODS: dict[str, Method] = {
    "lmg": Method(
        linalg.shapley,
        True,
        {"en": "LMG (Shapley)", "nl": "LMG (Shapley)"},
        {
            "en": "average gain in R² over all orders of entry",
            "nl": "gemiddelde toename van R² over alle volgordes van opname",
        },
        {
            "en": "a driver that matters only through another one still gets a share",
            "nl": "een driver die alleen via een andere werkt, krijgt toch een aandeel",
        },
        "Lindeman, Merenda & Gold 1980; Grömping 2007, doi:10.1198/000313007X188252",
    ),
    "relative_weights": Method(
        linalg.relative_weights,
        True,
        {"en": "Relative weights", "nl": "Relatieve gewichten"},
        {
            "en": "R² divided by way of the nearest uncorrelated drivers",
            "nl": "R² verdeeld via de dichtstbijzijnde ongecorreleerde drivers",
        },
        {
            "en": "close to LMG but without a definition of its own; nearly equal drivers are levelled",
            "nl": "dicht bij LMG maar zonder eigen definitie; bijna gelijke drivers worden gelijkgetrokken",
        },
        "Johnson 2000, doi:10.1207/S15327906MBR3501_1; equal to Genizi 1993",
        takes_blocks=False,
    ),
    "first": Method(
        linalg.first,
        False,
        {"en": "Alone (r²)", "nl": "Alleen (r²)"},
        {"en": "R² of the driver by itself", "nl": "R² van de driver op zichzelf"},
        {"en": "counts what drivers share once for each of them", "nl": "telt wat drivers delen bij elk van hen mee"},
        "Grömping 2006, doi:10.18637/jss.v017.i01",
    ),
    "last": Method(
        linalg.last,
        False,
        {"en": "On top (last)", "nl": "Bovenop (laatste)"},
        {
            "en": "R² lost when the driver leaves the full model",
            "nl": "R² die verdwijnt als de driver het volledige model verlaat",
        },
        {"en": "counts what drivers share for none of them", "nl": "telt wat drivers delen bij geen van hen mee"},
        "Grömping 2006, doi:10.18637/jss.v017.i01",
    ),
}

_MOST_PLAYERS = 28


@dataclass(frozen=True, eq=False)
class Importance(Result):
    """Estimates in R² units, one for each driver (or block), with their draws.

    For an additive method the estimates sum to the R² that is divided; this is checked on creation. A share is an
    estimate over the sum of the estimates.
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
    draw_estimates: FloatArray | None = None
    draw_r_squared: FloatArray | None = None
    n_draws_left_out: int = 0
    conf_level: float = 0.95

    def __post_init__(self) -> None:
        divided = self.r_squared - self.r_squared_covariates
        if METHODS[self.method].additive and abs(self.estimates.sum() - divided) > 1e-8:
            raise ModelError(
                f"{self.method}: the parts sum to {self.estimates.sum():.10f}, not to R² {divided:.10f}; do not use them."
            )

    def __repr__(self) -> str:
        intervals = "none" if self.draw_estimates is None else f"{len(self.draw_estimates):,} draws"
        return f"Importance({self.method}) of {len(self.terms)} terms for '{self.outcome}': R² = {self.r_squared:.3f}, n = {self.n:,}, intervals: {intervals}"

    @cached_property
    def shares(self) -> FloatArray:
        """Part of each term, (k,), summing to 1."""
        return self.estimates / self.estimates.sum()

    @cached_property
    def draw_shares(self) -> FloatArray | None:
        """The same for each draw, (draws, k)."""
        if self.draw_estimates is None:
            return None
        return self.draw_estimates / self.draw_estimates.sum(axis=1, keepdims=True)

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, Any] = {
            "term": self.terms,
            "block": [self._block_of(term) for term in self.terms],
            "estimate": self.estimates,
        }
        if self.draw_estimates is not None and self.draw_shares is not None:
            columns["std_error"] = self.draw_estimates.std(axis=0, ddof=1)
            columns["conf_low"], columns["conf_high"] = _interval(self.draw_estimates, self.conf_level)
            columns["share"] = self.shares
            columns["share_conf_low"], columns["share_conf_high"] = _interval(self.draw_shares, self.conf_level)
        else:
            columns["share"] = self.shares
        if self.terms == tuple(self.members):
            columns["n_drivers"] = [len(members) for members in self.members.values()]
        columns["rank"] = (-self.estimates).argsort().argsort() + 1
        return pd.DataFrame(columns)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        row: dict[str, Any] = {
            "outcome": self.outcome,
            "method": self.method,
            "additive": METHODS[self.method].additive,
            "r_squared": self.r_squared,
            "r_squared_covariates": self.r_squared_covariates,
            "n": self.n,
            "n_effective": self.n_effective,
        }
        if self.draw_r_squared is not None:
            row["r_squared_conf_low"], row["r_squared_conf_high"] = _interval(
                self.draw_r_squared[:, None], self.conf_level
            )[:, 0]
            row |= {
                "n_draws": len(self.draw_r_squared),
                "n_draws_left_out": self.n_draws_left_out,
                "conf_level": self.conf_level,
            }
        return pd.DataFrame({key: [value] for key, value in row.items()})

    def blocks(self) -> Importance:
        """The drivers of each block summed."""
        if tuple(self.members) == self.terms:
            return self
        if not METHODS[self.method].additive:
            raise ModelError(
                f"the estimates of '{self.method}' do not add up, so its blocks cannot be summed; use importance(..., players='blocks')."
            )
        group = np.array([[term in members for term in self.terms] for members in self.members.values()], dtype=float).T
        draws = None if self.draw_estimates is None else self.draw_estimates @ group
        values = {
            **self.__dict__,
            "terms": tuple(self.members),
            "estimates": self.estimates @ group,
            "draw_estimates": draws,
        }
        return Importance(**{name: values[name] for name in self.__dataclass_fields__})

    def contrast(self, a: str, b: str, *, of: str = "sum") -> Contrast:
        """Share of `a` minus share of `b`, two drivers or two blocks, with the interval of the difference.

        Parameters
        ----------
        of : {"sum", "mean"}
            For blocks: the sum of their drivers' shares, or the mean share per driver, which does not favour the block
            that happens to have more of them.
        """
        if of not in ("sum", "mean"):
            raise unknown("of", of, ("sum", "mean"))
        on = self if a in self.terms and b in self.terms else self.blocks()
        for name in (a, b):
            if name not in on.terms:
                raise unknown("driver or block", name, [*self.terms, *self.members])
        i, j = on.terms.index(a), on.terms.index(b)
        size_a, size_b = (len(self.members.get(name, ())) or 1 if of == "mean" else 1 for name in (a, b))
        draws = None if on.draw_shares is None else on.draw_shares[:, i] / size_a - on.draw_shares[:, j] / size_b
        estimate = float(on.shares[i] / size_a - on.shares[j] / size_b)
        return Contrast(a, b, estimate, draws, self.n, self.provenance, self.conf_level)

    def _block_of(self, term: str) -> str:
        return next((block for block, members in self.members.items() if term in members), term)


@dataclass(frozen=True, eq=False)
class Contrast(Result):
    """Difference of two shares, −1 to 1."""

    a: str
    b: str
    estimate: float
    draw_estimates: FloatArray | None
    n: int
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "against")

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        row: dict[str, Any] = {"term": self.a, "against": self.b, "estimate": self.estimate}
        if self.draw_estimates is not None:
            row["std_error"] = self.draw_estimates.std(ddof=1)
            row["conf_low"], row["conf_high"] = _interval(self.draw_estimates[:, None], self.conf_level)[:, 0]
        return pd.DataFrame({key: [value] for key, value in row.items()})

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"n": [self.n], "conf_level": [self.conf_level]})

    @property
    def difference(self) -> Any:
        """The difference as a quantity for prose."""
        return self.value((self.a, self.b))

    @property
    def verdict(self) -> str:
        """ "more" or "less" where the whole interval lies on one side of zero, else "undecided"."""
        if self.draw_estimates is None:
            raise ModelError("a verdict needs an interval; give importance() its draws=.")
        low, high = _interval(self.draw_estimates[:, None], self.conf_level)[:, 0]
        return "more" if low > 0 else "less" if high < 0 else "undecided"


def importance(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    method: str = "lmg",
    players: str = "drivers",
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
) -> Importance:
    """Part of the variance of the outcome that each driver explains.

    Parameters
    ----------
    moments : Moments
        One set, holding the outcome, the drivers and the covariates.
    outcome : str
    drivers : mapping of block → names, or sequence of names
    method : {"lmg", "relative_weights", "first", "last"}
        See `METHODS` for what each means and when it misleads. LMG is also known as Shapley value, general dominance
        and Kruskal's averaging over orderings; relative weights as Johnson's epsilon and Genizi's measure.
    players : {"drivers", "blocks"}
        Whether a driver or a whole block is what enters the model.
    covariates : sequence of names
        Always in the model; the drivers divide what they explain beyond these.
    draws : Moments, optional
        Draws of the same variables, from `survey.draws` or `moments.draws`; they give percentile intervals.
    conf_level : float
        Between 0 and 1.

    Returns
    -------
    Importance
        Estimates in units of R² (0 to 1), and shares of their sum.

    Raises
    ------
    UnknownName, DataError, ModelError
        For a variable that is absent or named twice, drivers that determine each other (naming them), fewer
        respondents than drivers, or more players than can be computed exactly.

    Notes
    -----
    Equals relaimpo 2.2-7 (`lmg`, `first`, `last`, `genizi`; groups, always, weights) and domir 1.2.0 to 1e-10.

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
    Importance(lmg) of 7 terms for 'AttLoyalty': R² = 0.572, n = 190, intervals: 500 draws
    >>> imp.blocks().tidy()[["term", "estimate"]].round(3).values.tolist()
    [['emotional', 0.345], ['rational', 0.227]]
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    if players not in ("drivers", "blocks"):
        raise unknown("players", players, ("drivers", "blocks"))
    if not 0 < conf_level < 1:
        raise ModelError(f"conf_level is {conf_level}; allowed: between 0 and 1, such as 0.95.")
    blocks = (
        {k: tuple(v) for k, v in drivers.items()}
        if isinstance(drivers, Mapping)
        else {name: (name,) for name in drivers}
    )
    names = flatten(blocks)
    _check_names(outcome, names, blocks, covariates)
    if players == "blocks" and not METHODS[method].takes_blocks:
        able = [name for name, m in METHODS.items() if m.takes_blocks]
        raise ModelError(
            f"'{method}' has no form for whole blocks; sum its drivers with .blocks(), or use {listed(able)}."
        )
    sizes = tuple(len(members) for members in blocks.values()) if players == "blocks" else (1,) * len(names)
    if method == "lmg" and len(sizes) > _MOST_PLAYERS:
        raise ModelError(
            f"lmg visits 2^{len(sizes)} models for {len(sizes)} drivers; above {_MOST_PLAYERS} use method='relative_weights', or players='blocks'."
        )
    if moments.batch:
        raise ModelError(
            "these moments are several sets; pick one with [label] or sum them with .total(), and give draws as draws=."
        )
    everything = [outcome, *names, *covariates]
    sample = moments.select(everything)
    _check_rank(sample, names, covariates)

    estimates, r2, r2_covariates = _computed(sample, covariates, METHODS[method], sizes)
    result: dict[str, Any] = {}
    provenance = sample.provenance
    if draws is not None:
        drawn = draws.select(everything)
        with np.errstate(invalid="ignore", divide="ignore"):
            usable = _usable(drawn)
        if usable.mean() < 0.95:
            raise ModelError(
                f"{int((~usable).sum()):,} of {len(usable):,} draws leave a driver without variation or determined by others; the sample is too small for this model."
            )
        kept = drawn if usable.all() else drawn._take(usable, labels=None)
        draw_estimates, draw_r2, _ = _computed(kept, covariates, METHODS[method], sizes)
        result = {"draw_estimates": draw_estimates, "draw_r_squared": draw_r2, "n_draws_left_out": int((~usable).sum())}
        provenance = Provenance.merge([provenance, drawn.provenance])
    terms = tuple(blocks) if players == "blocks" else tuple(names)
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
        **result,
    )


def _computed(
    m: Moments, covariates: Sequence[str], method: Method, sizes: tuple[int, ...]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimates (..., players), R² of the whole model (...) and of the covariates alone (...)."""
    rest = m.partial(covariates)
    left = rest.scatter[..., 0, 0] / m.scatter[..., 0, 0]  # part of the outcome the covariates leave
    estimates = method.kernel(rest.corr, sizes) * left[..., None]
    return estimates, 1 - left + linalg.r_squared(rest.corr) * left, 1 - left


def _check_names(
    outcome: str, names: list[str], blocks: Mapping[str, Sequence[str]], covariates: Sequence[str]
) -> None:
    if not names or not all(blocks.values()):
        raise DataError("there are no drivers, or a block is empty; name at least one driver in each block.")
    for name in names:
        if names.count(name) > 1:
            where = [block for block, members in blocks.items() if name in members]
            raise DataError(f"driver '{name}' stands twice (in {listed(where)}); a driver belongs to one block.")
        if name in blocks and blocks[name] != (name,):
            raise DataError(f"'{name}' is both a driver and a block; give the block another name.")
    if outcome in (*names, *covariates):
        raise DataError(f"'{outcome}' is the outcome and cannot also be a driver or covariate.")
    if both := [name for name in covariates if name in names]:
        raise DataError(f"{listed(both)}: cannot be driver and covariate at once.")


def _check_rank(m: Moments, names: list[str], covariates: Sequence[str]) -> None:
    p = len(names) + len(covariates)
    if m.n <= p + 1:
        raise ModelError(
            f"{int(m.n)} complete respondents are too few for {p} drivers and covariates; use fewer, or more respondents."
        )
    if tied := linalg.dependent_set(m.corr[1:, 1:]):
        raise ModelError(
            f"{listed(m.names[1 + i] for i in tied)}: each is determined exactly by the others, so their parts cannot be told apart. Leave one out."
        )


def _usable(draws: Moments) -> Any:
    """Draws (draws,) in which every variable varies and no driver is determined by the others."""
    R = draws.corr
    sound = np.isfinite(R).all(axis=(-2, -1))
    sound[sound] = np.linalg.eigvalsh(R[sound][:, 1:, 1:])[:, 0] > 1e-9
    return sound


def _interval(draws: FloatArray, conf_level: float) -> FloatArray:
    """Percentile interval (2, k) of draws (draws, k)."""
    return np.quantile(draws, [(1 - conf_level) / 2, (1 + conf_level) / 2], axis=0)


# ---- several importances side by side -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """Shares of the same drivers by several methods."""

    results: tuple[Importance, ...]
    provenance: Provenance = field(init=False)
    keys = ("method", "term")

    def __post_init__(self) -> None:
        object.__setattr__(self, "provenance", Provenance.merge([result.provenance for result in self.results]))

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        return pd.concat([r.tidy().assign(method=r.method) for r in self.results], ignore_index=True)

    def glance(self) -> pd.DataFrame:
        import pandas as pd
        from scipy.stats import spearmanr

        shares = np.array([result.shares for result in self.results])
        pairs = list(combinations(shares, 2))
        agreement = min(float(spearmanr(a, b).statistic) for a, b in pairs) if len(self.results[0].terms) > 1 else 1.0
        return pd.DataFrame({"agreement": [agreement], "largest_difference": [float(np.ptp(shares, axis=0).max())]})

    @property
    def same_first(self) -> bool:
        """Whether every method puts the same driver first."""
        return len({int(np.argmax(result.shares)) for result in self.results}) == 1


def compare(results: Iterable[Importance]) -> Comparison:
    """Several importances of the same drivers, side by side."""
    results = tuple(results)
    if len(results) < 2:
        raise ModelError("comparing takes at least two results.")
    if len({(r.terms, r.outcome, r.covariates) for r in results}) > 1:
        raise ModelError("these results are not about the same drivers and outcome, so they cannot be compared.")
    if twice := sorted({r.method for r in results if [s.method for s in results].count(r.method) > 1}):
        raise ModelError(f"{listed(twice)}: stands twice among the methods to compare.")
    return Comparison(results)


@dataclass(frozen=True, eq=False)
class HeadToHead(Result):
    """Share of the first driver in every model of two drivers, one from each block."""

    contrasts: tuple[Contrast, ...]
    a: str
    b: str
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "against")

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        frame = pd.concat([contrast.tidy() for contrast in self.contrasts], ignore_index=True)
        for column in (
            "estimate",
            "conf_low",
            "conf_high",
        ):  # a difference d of two shares that sum to 1: the first is (1 + d) / 2
            if column in frame:
                name = "share" if column == "estimate" else f"share_{column}"
                frame[name] = (1 + frame[column]) / 2
        return frame

    @property
    def extremes(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The pairs in which the first driver has its smallest and its largest share."""
        ordered = sorted(self.contrasts, key=lambda contrast: contrast.estimate)
        return (ordered[0].a, ordered[0].b), (ordered[-1].a, ordered[-1].b)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        above = sum(contrast.estimate > 0 for contrast in self.contrasts)
        return pd.DataFrame({"first_above": [above], "n_pairs": [len(self.contrasts)], "conf_level": [self.conf_level]})


def head_to_head(
    moments: Moments, outcome: str, blocks: Mapping[str, Sequence[str]], a: str, b: str, *, draws: Moments | None = None
) -> HeadToHead:
    """Each driver of block `a` against each driver of block `b`, alone together in a model (LMG).

    It shows how far a verdict on two blocks rests on which drivers happen to be in them.
    """
    for block in (a, b):
        if block not in blocks:
            raise unknown("block", block, blocks)
    pairs = [importance(moments, outcome, [x, y], draws=draws).contrast(x, y) for x in blocks[a] for y in blocks[b]]
    return HeadToHead(tuple(pairs), a, b, Provenance.merge([pair.provenance for pair in pairs]))


@dataclass(frozen=True, eq=False)
class SegmentContrasts(Result):
    """The same contrast in each segment, and between each two segments."""

    by_segment: dict[str, Contrast]
    a: str
    b: str
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("segment",)

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        return pd.concat(
            [c.tidy().assign(segment=name, n=c.n) for name, c in self.by_segment.items()], ignore_index=True
        )

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"n": [sum(c.n for c in self.by_segment.values())], "conf_level": [self.conf_level]})

    @property
    def verdict(self) -> str:
        """ "differ" where the interval of the difference between two segments excludes zero, else "undecided"."""
        return "differ" if any(gap.verdict != "undecided" for _, _, gap in self.between()) else "undecided"

    def between(self) -> list[tuple[str, str, Contrast]]:
        """Contrast of the first segment minus that of the second, for every two; their draws are independent."""
        found = []
        for (s, first), (t, second) in combinations(self.by_segment.items(), 2):
            draws = None
            if first.draw_estimates is not None and second.draw_estimates is not None:
                size = min(len(first.draw_estimates), len(second.draw_estimates))
                draws = first.draw_estimates[:size] - second.draw_estimates[:size]
            found.append(
                (
                    s,
                    t,
                    Contrast(
                        s,
                        t,
                        first.estimate - second.estimate,
                        draws,
                        first.n + second.n,
                        self.provenance,
                        self.conf_level,
                    ),
                )
            )
        return found


def compare_segments(by_segment: Mapping[str, Importance], a: str, b: str) -> SegmentContrasts:
    """The contrast of `a` and `b` in each segment, from importances of disjoint groups drawn with different seeds."""
    contrasts = {name: result.contrast(a, b) for name, result in by_segment.items()}
    return SegmentContrasts(contrasts, a, b, Provenance.merge([c.provenance for c in contrasts.values()]))
