"""How well a model of covariances fits: fit indices beside a named rule, and what a path model says is independent of what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import Provenance, Result, listed, provenance_of
from ..kernels import FloatArray, critical, discrepancy, noncentrality
from ..kernels import paths as path_kernels

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
    conf_level : float
        Level of the intervals, between 0 and 1.

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
    provenance = provenance_of("indices")

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
