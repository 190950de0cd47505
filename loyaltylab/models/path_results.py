"""What path models return: `PathModel`, `Mediation`, `ConditionalIndirect`, and their values with what is known of the spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..contrasts import Inference
from ..core import ModelError, Provenance, Quantity, Result, check_known, listed, pd
from ..kernels import FloatArray, critical, intervals, r_squared_interval
from ..kernels import paths as path_kernels
from .fit import PathFit

ARROW = " → "
Row = tuple[str, str, str, str]  # term, outcome, effect, route


@dataclass(frozen=True, eq=False)
class Estimated:
    """Values of a kernel (q,) with what is known of their spread: normal theory, and draws where there are any."""

    values: FloatArray
    theory_std_error: FloatArray
    draws: FloatArray | None
    jackknife: FloatArray | None
    conf_level: float
    interval: str

    def columns(self) -> dict[str, FloatArray]:
        """Estimate, standard error, and interval: of the draws, or z by normal theory."""
        from scipy.special import ndtr

        found = {"estimate": self.values, "std_error": self.theory_std_error}
        if self.draws is None:
            half = critical(self.conf_level) * self.theory_std_error
            with np.errstate(divide="ignore", invalid="ignore"):
                z = self.values / self.theory_std_error
            ends = {"statistic": z, "p_value": 2 * ndtr(-np.abs(z))}
            return found | ends | {"conf_low": self.values - half, "conf_high": self.values + half}
        low, high = intervals.interval(self.draws, self.conf_level, self.interval, self.values, self.jackknife)
        return found | {"std_error": self.draws.std(axis=0, ddof=1), "conf_low": low, "conf_high": high}

    def pick(self, at: Sequence[int]) -> Estimated:
        """Some of the values."""
        at = list(at)
        cut = {k: None if (v := getattr(self, k)) is None else v[..., at] for k in ("draws", "jackknife")}
        return replace(self, values=self.values[at], theory_std_error=self.theory_std_error[at], **cut)


@dataclass(frozen=True, eq=False)
class PathModel(Result):
    """Direct, indirect and total effects between the variables of a recursive model; a row for each, and for each route.

    The total of every pair is its direct effect plus those along its routes; this is checked on creation.

    Attributes
    ----------
    equations : dict of str → sequence of str
        Outcome → its predictors.
    rows : sequence of Row
        Those of `tidy()`.
    estimated : Estimated
        Effects, with draws or errors.
    explained_estimated : Estimated
        R² of each outcome.
    fit : PathFit
        With the arrows left out.
    n : int
        Respondents.
    n_effective : float
        Kish's effective number; n without weights.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    standardised : bool
        Whether in standard deviations.
    n_draws_left_out : int
        Draws that could not be used.

    See Also
    --------
    loyaltylab.models.path_model : Makes it.
    """

    equations: dict[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    estimated: Estimated
    explained_estimated: Estimated
    fit: PathFit
    n: int
    n_effective: float
    provenance: Provenance
    standardised: bool = True
    n_draws_left_out: int = 0
    keys = ("term", "outcome", "effect", "route")

    def __post_init__(self) -> None:
        sums: dict[tuple[str, str], float] = {}
        for (term, outcome, effect, route), value in zip(self.rows, self.estimated.values, strict=True):
            sign = -1 if effect == "total" else 1
            if effect == "total" or effect == "direct" or route:
                sums[term, outcome] = sums.get((term, outcome), 0.0) + sign * value
        scale = 1 + float(np.abs(self.estimated.values).max(initial=0))
        if wrong := [pair for pair, rest in sums.items() if not abs(rest) <= 1e-8 * scale]:
            raise ModelError(
                f"{ARROW.join(wrong[0])}: direct and indirect effects do not add up to the total; do not use them."
            )

    def __repr__(self) -> str:
        outcomes = listed(f"{name} (R² {r2:.3f})" for name, r2 in zip(self.equations, self.r_squared, strict=True))
        kind = "standardised" if self.standardised else "unstandardised"
        how = "normal theory" if self.estimated.draws is None else f"{len(self.estimated.draws):,} draws"
        fit = self.fit.verdict if not self.fit.indices.df else f"{self.fit.verdict} (CFI {self.fit.stat('cfi'):.3f})"
        return f"PathModel of {outcomes}, {kind}; n = {self.n:,}, intervals: {how}; {fit}"

    @property
    def conf_level(self) -> float:
        """Confidence level of the intervals."""
        return self.estimated.conf_level

    @property
    def r_squared(self) -> FloatArray:
        """R² of each equation, (equations,)."""
        return self.explained_estimated.values

    @cached_property
    def r_squared_ends(self) -> FloatArray:
        """Intervals of the R² of each equation in the population, (2, equations)."""
        draws = self.explained_estimated.draws
        sizes = [len(causes) for causes in self.equations.values()]
        ends = [
            r_squared_interval(r, self.n_effective, k, self.conf_level, None if draws is None else draws[:, i])
            for i, (r, k) in enumerate(zip(self.r_squared.tolist(), sizes, strict=True))
        ]
        return np.array(ends).T

    @property
    def may_be_told(self) -> bool:
        """Whether the arrows may be told as a chain of effects at all; see `PathFit.may_be_told`."""
        return self.fit.may_be_told

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables in causal order."""
        return tuple(dict.fromkeys(name for outcome, p in self.equations.items() for name in (*p, outcome)))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of `tidy()`, computed once."""
        names = dict(zip(self.keys, zip(*self.rows, strict=True), strict=True))
        return pd.DataFrame({**names, **self.estimated.columns()})

    def columns(self) -> pd.DataFrame:
        return self.frame

    def whole(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "outcome": list(self.equations)[-1],
            "r_squared": self.r_squared[-1],
            "n": self.n,
            "n_effective": self.n_effective,
            "conf_level": self.conf_level,
        }
        row |= {"r_squared_conf_low": self.r_squared_ends[0, -1], "r_squared_conf_high": self.r_squared_ends[1, -1]}
        fit = self.fit.whole()
        row |= {name: fit[name] for name in ("chi_squared", "df", "p_value", "cfi", "rmsea", "srmr", "verdict")}
        if self.estimated.draws is not None:
            row |= {"n_draws": len(self.estimated.draws), "n_draws_left_out": self.n_draws_left_out}
        return row

    def explained(self) -> ExplainedOutcomes:
        """R² of each equation."""
        ends = self.r_squared_ends
        return ExplainedOutcomes(tuple(self.equations), self.r_squared, ends, self.n, self.provenance, self.conf_level)

    def effect(self, term: str, outcome: str, kind: str = "total") -> Quantity:
        """One effect for prose: `direct`, `indirect` (all routes) or `total`."""
        return self.value((term, outcome, kind, ""))

    def along(self, *route: str) -> Quantity:
        """The indirect effect along one route, as in `along("LIKE", "CUSA", "CUSL")`."""
        return self.value((route[0], route[-1], "indirect", ARROW.join(route)))

    def strongest(self, outcome: str) -> str:
        """The variable with the largest direct effect on an outcome."""
        direct = self.frame[(self.frame["effect"] == "direct") & (self.frame["outcome"] == outcome)]
        return str(direct.loc[direct["estimate"].idxmax(), "term"])

    def between(self, term: str, outcome: str) -> Estimated:
        """The effects of one variable on another, in the order of `tidy()`."""
        return self.estimated.pick([i for i, row in enumerate(self.rows) if row[:2] == (term, outcome)])


@dataclass(frozen=True, eq=False)
class ExplainedOutcomes(Result):
    """R² of each equation of a path model."""

    outcomes: tuple[str, ...]
    estimates: FloatArray
    ends: FloatArray
    n: int
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        return {"term": self.outcomes, "estimate": self.estimates, "conf_low": self.ends[0], "conf_high": self.ends[1]}

    def whole(self) -> dict[str, Any]:
        return {"n": self.n, "conf_level": self.conf_level}


@dataclass(frozen=True, eq=False)
class Mediation(Result):
    """How the effect of one variable on another divides over a direct one and its routes; `paths` is the whole model.

    Rows: direct, indirect (together, and by route), total, and the proportion mediated, indirect / total. Where direct and
    indirect effect have different signs the proportion is not a part of anything, and not a number.

    Attributes
    ----------
    treatment : str
        Where the effect starts.
    mediators : sequence of str
        By way of which it runs.
    outcome : str
        The variable explained.
    kind : str
        parallel or serial.
    paths : PathModel
        The whole model.
    chain : PathFit
        Fit of the model without the direct arrow.
    provenance : Provenance
        Where the numbers came from, and what was done to them.

    See Also
    --------
    loyaltylab.models.mediate : Makes it.
    """

    treatment: str
    mediators: tuple[str, ...]
    outcome: str
    kind: str
    paths: PathModel
    chain: PathFit
    provenance: Provenance
    keys = ("effect", "route")

    def __post_init__(self) -> None:
        total, direct, indirect = (self._estimates[k] for k in ("total", "direct", "indirect"))
        if abs(total - direct - indirect) > 1e-8 * (1 + abs(total)):
            raise ModelError(f"direct {direct:.6f} and indirect {indirect:.6f} do not add up to the total {total:.6f}.")

    def __repr__(self) -> str:
        e = self._estimates
        return (
            f"Mediation ({self.kind}) of {self.treatment}{ARROW}{self.outcome} by {listed(self.mediators)}: "
            f"direct {e['direct']:.3f}, indirect {e['indirect']:.3f}, total {e['total']:.3f}; n = {self.paths.n:,}"
        )

    @property
    def conf_level(self) -> float:
        """Confidence level of the intervals."""
        return self.paths.conf_level

    @property
    def may_be_told(self) -> bool:
        """Whether the data allow the story that all of it runs by way of the mediators; see `PathFit.may_be_told`.

        `chain` is the fit of that story, without the direct arrow. The model with the direct arrow fits any data, so it
        cannot be held against them.
        """
        return self.chain.may_be_told

    @cached_property
    def _rows(self) -> list[Row]:
        return [row for row in self.paths.rows if row[:2] == (self.treatment, self.outcome)]

    @cached_property
    def _estimates(self) -> dict[str, float]:
        values = self.paths.between(self.treatment, self.outcome).values
        return {row[2]: float(v) for row, v in zip(self._rows, values, strict=True) if not row[3]}

    @property
    def mediated(self) -> Quantity:
        """The indirect effect along all routes."""
        return self.value(("indirect", ""))

    @property
    def verdict(self) -> str:
        """How much runs by way of the mediators, beyond chance.

        The word "none" where the interval of the indirect effect includes zero, "less" where it is negative, "most" where it
        is as large as the direct one or larger, else "some".
        """
        indirect = self.mediated
        if indirect.conf_low <= 0 <= indirect.conf_high:
            return "none"
        if indirect.value < 0:
            return "less"
        return "most" if indirect.value >= self._estimates["direct"] else "some"

    def through(self, name: str) -> Quantity:
        """The indirect effect along all routes that pass one mediator, with the interval of their sum from the draws.

        Routes that pass two mediators count with both.
        """
        check_known("mediator", name, self.mediators)
        on = [i for i, row in enumerate(self._rows) if name in row[3].split(ARROW)]
        found = self.paths.between(self.treatment, self.outcome).pick(on)
        if found.draws is None:
            raise ModelError("the sum of several routes has an interval only from draws; give mediate() its draws=.")
        drawn, left = (None if v is None else v.sum(axis=1, keepdims=True) for v in (found.draws, found.jackknife))
        total = np.array([found.values.sum()])
        row = replace(found, values=total, theory_std_error=np.full(1, np.nan), draws=drawn, jackknife=left).columns()
        low, high = float(row["conf_low"][0]), float(row["conf_high"][0])
        origin = f"Mediation: {self.treatment}{ARROW}{self.outcome} through {name}"
        return Quantity(float(total[0]), low, high, self.conf_level, origin, self.provenance)

    def columns(self) -> pd.DataFrame:
        found = self.paths.between(self.treatment, self.outcome)
        names = [row[2:] for row in self._rows]
        frame = pd.DataFrame(names, columns=["effect", "route"]).assign(**found.columns())
        at = {row: i for i, row in enumerate(names)}
        share = self._proportion(found, at["indirect", ""], at["total", ""])
        last = {"effect": "proportion", "route": ""} | {k: v[0] for k, v in share.items()}
        return pd.concat([frame, pd.DataFrame([last])], ignore_index=True)

    def _proportion(self, found: Estimated, i: int, t: int) -> dict[str, FloatArray]:
        if self._estimates["direct"] * self._estimates["indirect"] < 0:
            return {"estimate": np.array([np.nan])}
        a, b = found.values[i], found.values[t]
        S = np.array(self.paths.between(self.treatment, self.outcome).theory_std_error)
        # var(i/t) by the delta method; cov(i, t) from var(d) = var(t) + var(i) − 2 cov, as d = t − i
        d = next(k for k, row in enumerate(self._rows) if row[2] == "direct")
        cov = (S[t] ** 2 + S[i] ** 2 - S[d] ** 2) / 2
        var = S[i] ** 2 / b**2 + a**2 * S[t] ** 2 / b**4 - 2 * a * cov / b**3
        drawn, left = (None if v is None else (v[:, i] / v[:, t])[:, None] for v in (found.draws, found.jackknife))
        one = Estimated(
            np.array([a / b]), np.sqrt(np.array([max(var, 0)])), drawn, left, found.conf_level, found.interval
        )
        return one.columns()

    def whole(self) -> dict[str, Any]:
        return self.paths.whole()

    def product_test(self, kind: str = "sobel") -> Inference:
        """Test of the indirect effect by one mediator from the standard errors of two regressions.

        `kind` is "sobel", "aroian" or "goodman". All three take the product to be normal, which it is not (MacKinnon et
        al. 2002, doi:10.1037/1082-989X.7.1.83); an interval from draws is to be preferred.
        """
        from scipy.special import ndtr

        check_known("kind", kind, ("sobel", "aroian", "goodman"))
        if len(self.mediators) != 1:
            raise ModelError(f"{kind} tests one mediator; this model has {len(self.mediators)}. Use draws=.")
        mediator = self.mediators[0]
        (a, se_a), (b, se_b) = (self._slope(self.treatment, mediator), self._slope(mediator, self.outcome))
        se = path_kernels.product_std_error(a, se_a, b, se_b, kind)
        z, half = a * b / se, float(critical(self.conf_level)) * se
        return Inference(
            self.treatment,
            self.outcome,
            a * b,
            "indirect effect",
            kind,
            self.paths.n,
            self.provenance,
            null=0.0,
            std_error=se,
            statistic=z,
            p_value=float(2 * ndtr(-abs(z))),
            conf_low=a * b - half,
            conf_high=a * b + half,
            conf_level=self.conf_level,
        )

    def _slope(self, term: str, outcome: str) -> tuple[float, float]:
        """A slope and its standard error as a regression gives it, with n − p − 1."""
        if self.paths.standardised:
            raise ModelError("these tests are made of unstandardised slopes; give mediate() standardised=False.")
        at = self.paths.rows.index((term, outcome, "direct", ""))
        n, p = self.paths.n_effective, len(self.paths.equations[outcome])
        found = self.paths.estimated
        return float(found.values[at]), float(found.theory_std_error[at] * np.sqrt(n / (n - p - 1)))


@dataclass(frozen=True, eq=False)
class ConditionalIndirect(Result):
    """Indirect effect at levels of a moderator, in SDs from its mean, and the index of moderated mediation (Hayes 2015)."""

    treatment: str
    mediator: str
    outcome: str
    moderator: str
    stage: str
    terms: tuple[str, ...]
    estimated: Estimated
    n: int
    provenance: Provenance

    @property
    def conf_level(self) -> float:
        """Confidence level of the intervals."""
        return self.estimated.conf_level

    def __repr__(self) -> str:
        return (
            f"ConditionalIndirect of {self.treatment}{ARROW}{self.mediator}{ARROW}{self.outcome} by {self.moderator} "
            f"({self.stage} stage): index {self.estimated.values[-1]:.3f}; n = {self.n:,}"
        )

    def columns(self) -> dict[str, Any]:
        return {"term": self.terms, **self.estimated.columns()}

    def whole(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "n": self.n, "conf_level": self.conf_level}
