"""What path models give: coefficients, effects along routes, and how well the arrows fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..contrasts import Inference
from ..core import ModelError, Provenance, Quantity, Result, check_known, listed, pd, taken_from
from ..kernels import FloatArray, critical, discrepancy, intervals, noncentrality, r_squared_interval
from ..kernels import paths as path_kernels

# ---- fit -----------------------------------------------------------------------------------------------------------------

#: Cut-offs of fit indices; Hu & Bentler (1999) recommend theirs for maximum likelihood.
RULES: dict[str, dict[str, float]] = {"hu_bentler1999": {"cfi": 0.95, "tli": 0.95, "rmsea": 0.06, "srmr": 0.08}}


@dataclass(frozen=True, eq=False)
class FitIndices(Result):
    """CFI, TLI, RMSEA with its interval (90%, as is usual) and SRMR, beside the cut-offs of a named rule.

    `base` is χ² of the model in which the outcomes or items are unrelated.
    """

    chi_squared: float
    df: int
    base: float
    df_base: int
    srmr: float
    n: int
    n_effective: float
    provenance: Provenance
    rules: str = "hu_bentler1999"
    conf_level: float = 0.9

    @property
    def p_value(self) -> float:
        """Of χ²; not a number where df = 0 leaves no test."""
        from scipy.special import chdtrc

        return float(chdtrc(self.df, max(self.chi_squared, 0))) if self.df else float("nan")

    def columns(self) -> dict[str, Any]:
        """A row for each index; `verdict` is "met" or "not met" by the estimate, "none" where df = 0 leaves no test."""
        chi_squared, df, n = self.chi_squared, self.df, self.n_effective
        excess, excess_base = (max(chi_squared - df, 0.0), max(self.base - self.df_base, chi_squared - df, 1e-300))
        found = {"cfi": np.nan, "tli": np.nan, "rmsea": np.nan, "srmr": self.srmr}
        span = np.full((4, 2), np.nan)
        if df:
            ratio = self.base / self.df_base
            found |= {"cfi": 1 - excess / excess_base, "tli": (ratio - chi_squared / df) / (ratio - 1)}
            found["rmsea"] = np.sqrt(excess / (df * n))
            span[2] = np.sqrt(noncentrality(chi_squared, df, self.conf_level) / (df * n))
        bound = RULES[self.rules]
        met = {
            key: value >= bound[key] if key in ("cfi", "tli") else value <= bound[key] for key, value in found.items()
        }
        words = ["none" if not df else "met" if met[key] else "not met" for key in found]
        columns = {"estimate": [*found.values()], "conf_low": span[:, 0], "conf_high": span[:, 1]}
        return {"term": [*found], **columns, "bound": [bound[key] for key in found], "verdict": words}

    def whole(self) -> dict[str, Any]:
        row = {"chi_squared": self.chi_squared, "df": self.df, "p_value": self.p_value}
        return row | {"n": self.n, "n_effective": self.n_effective, "conf_level": self.conf_level}


@dataclass(frozen=True, eq=False)
class PathFit(Result):
    """Whether the data agree with the arrows that a path model leaves out.

    `tidy()` has a row for each pair without an arrow (d-separation; Shipley 2000): their correlation given the causes of
    both, which is zero if the model is right. `glance()` has χ², CFI, RMSEA and SRMR, and Fisher's C over the pairs.

    Attributes
    ----------
    pairs : ((str, str, str), ...)
        Without an arrow, and what is held alike.
    correlations : array
        Of each pair, given its causes.
    dfs : array
        Degrees of freedom of each.
    indices : FitIndices
        χ², CFI, RMSEA, SRMR.

    See Also
    --------
    loyaltylab.models.path_model : `fit` of what it gives.
    """

    pairs: tuple[tuple[str, str, str], ...]
    correlations: FloatArray
    dfs: FloatArray
    indices: FitIndices
    conf_level: float = 0.95
    keys = ("term", "against")

    shown = ("chi_squared", "df", "cfi", "rmsea", "srmr", "verdict")
    provenance = taken_from("indices.provenance")

    @property
    def p_values(self) -> FloatArray:
        """Of each pair, Student's t of a partial correlation."""
        from scipy.special import stdtr

        r = np.clip(self.correlations, -1 + 1e-15, 1 - 1e-15)
        return 2 * stdtr(self.dfs, -np.abs(r) * np.sqrt(self.dfs / (1 - r**2)))

    @property
    def verdict(self) -> str:
        """The word "fits", "does not fit", or "untested" where no arrow is left out, so that every data set fits.

        It fits where CFI and SRMR meet the rule; RMSEA is printed but says little with few degrees of freedom (Kenny,
        Kaniskan & McCoach 2015, doi:10.1177/0049124114543236).
        """
        found = self.indices.tidy().set_index("term")["verdict"]
        if not self.indices.df:
            return "untested"
        return "fits" if found["cfi"] == found["srmr"] == "met" else "does not fit"

    @property
    def may_be_told(self) -> bool:
        """Whether the chain of arrows may be told as one: the data had the chance to speak against it, and did not.

        That is the least; other arrows may fit as well, and nothing here shows what comes first.
        """
        return self.verdict == "fits"

    def columns(self) -> dict[str, Any]:
        half = critical(self.conf_level) / np.sqrt(np.maximum(self.dfs - 1, 1))
        z = np.arctanh(np.clip(self.correlations, -1 + 1e-15, 1 - 1e-15))
        names = {key: [pair[i] for pair in self.pairs] for i, key in enumerate(("term", "against", "given"))}
        ends = {"conf_low": np.tanh(z - half), "conf_high": np.tanh(z + half), "p_value": self.p_values}
        return names | {"estimate": self.correlations} | ends

    def whole(self) -> dict[str, Any]:
        from scipy.special import chdtrc

        found, k = self.indices.tidy().set_index("term"), len(self.pairs)
        C = float(-2 * np.log(np.maximum(self.p_values, 1e-300)).sum())
        return {
            **self.indices.whole(),
            "cfi": found.loc["cfi", "estimate"],
            "rmsea": found.loc["rmsea", "estimate"],
            "rmsea_conf_low": found.loc["rmsea", "conf_low"],
            "rmsea_conf_high": found.loc["rmsea", "conf_high"],
            "srmr": found.loc["srmr", "estimate"],
            "fisher_c": C,
            "p_value_c": float(chdtrc(2 * k, C)) if k else float("nan"),
            "verdict": self.verdict,
        }


def path_fit(
    corr: FloatArray,
    names: Sequence[str],
    equations: Mapping[str, Sequence[str]],
    n: int,
    n_effective: float,
    provenance: Provenance,
) -> PathFit:
    """The fit of a recursive path model with unrelated errors.  corr (k, k) of `names`; `equations` in causal order.

    χ² and fit indices equal lavaan's (`sem`, errors of the outcomes uncorrelated) to 1e-6. Causes without causes correlate
    freely, also in the model CFI compares with.

    References
    ----------
    Shipley, B. (2000). A new inferential test for path models based on directed acyclic graphs. Structural Equation
    Modeling 7, 206–218. doi:10.1207/S15328007SEM0702_4
    """
    names = list(names)
    plan = [(names.index(outcome), tuple(names.index(p) for p in causes)) for outcome, causes in equations.items()]
    B = path_kernels.coefficients(corr, plan)
    implied = path_kernels.implied(corr, B, plan)
    into, order = dict(plan), [i for i in range(len(names)) if i not in dict(plan)] + [j for j, _ in plan]
    first = [i for i in order if i not in into]
    pairs, correlations, dfs = [], [], []
    for at, j in enumerate(order):
        for i in order[:at] if j in into else ():
            if i in into[j]:
                continue
            given = sorted({*into[j], *into.get(i, ())} - {i, j})
            inverse = np.linalg.inv(corr[np.ix_([i, j, *given], [i, j, *given])])
            pairs.append((names[i], names[j], listed(names[g] for g in given)))
            correlations.append(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]))
            dfs.append(n_effective - len(given) - 2)
    k, m, lower = len(names), len(first), np.tril_indices(len(names))
    logs = [float(np.linalg.slogdet(corr[np.ix_(part, part)])[1]) if part else 0.0 for part in (range(k), first)]
    indices = FitIndices(
        chi_squared=float(n_effective * discrepancy(corr, implied)),
        df=len(pairs),
        base=n_effective * (logs[1] - logs[0]),
        df_base=(k * (k - 1) - m * (m - 1)) // 2,
        srmr=float(np.sqrt(((corr - implied)[lower] ** 2).mean())),
        n=n,
        n_effective=n_effective,
        provenance=provenance.then("fit of the arrows left out"),
    )
    return PathFit(tuple(pairs), np.array(correlations), np.array(dfs), indices)


# ---- results -------------------------------------------------------------------------------------------------------------

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

    conf_level = taken_from("estimated.conf_level")

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

    conf_level = taken_from("paths.conf_level")

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

    conf_level = taken_from("estimated.conf_level")

    def __repr__(self) -> str:
        return (
            f"ConditionalIndirect of {self.treatment}{ARROW}{self.mediator}{ARROW}{self.outcome} by {self.moderator} "
            f"({self.stage} stage): index {self.estimated.values[-1]:.3f}; n = {self.n:,}"
        )

    def columns(self) -> dict[str, Any]:
        return {"term": self.terms, **self.estimated.columns()}

    def whole(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "n": self.n, "conf_level": self.conf_level}
