"""Who dominates whom, and what drivers explain together: dominance analysis and commonality analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ..codebook import flatten
from ..core import ModelError, Provenance, Result, check_known, pd
from ..kernels import FloatArray, intervals, subsets
from ..moments import Moments, by_name, usable_draws
from ..survey import MomentSource, moments_of
from .decomposition import Importance, beside, importance
from .routes import instead

_MOST_COMPLETE, _MOST_COMMON = 24, 20


@dataclass(frozen=True, eq=False)
class Dominance(Result):
    """General, conditional and complete dominance of every two drivers (or blocks).

    `conditional` (k, k) is the average gain of row j when column s others are in; `complete` (k, k) the part of all
    models in which the row adds more than the column. `reproducibility` (levels, k, k) is the part of the draws in which
    the row dominates the column at each level.

    Attributes
    ----------
    general : Importance
        LMG or its like, with intervals.
    conditional : array
        (k, k), gain of row j when column s others are in.
    complete : array
        (k, k), part of all models in which the row adds more.
    reproducibility : array, optional
        (levels, k, k), part of the draws.
    moments : Moments
        What it was computed from.

    See Also
    --------
    loyaltylab.drivers.dominance : Makes it.
    """

    general: Importance
    conditional: FloatArray
    complete: FloatArray
    reproducibility: FloatArray | None
    moments: Moments
    provenance: Provenance
    keys = ("term", "against")
    levels = ("complete", "conditional", "general")
    shown = ("outcome", "n_pairs", "n_dominant")

    @property
    def terms(self) -> tuple[str, ...]:
        return self.general.terms

    def relations(self) -> FloatArray:
        """Whether the row dominates the column at each of `levels`: 1, 0, or 0.5 where neither does.  (3, k, k)."""
        return _relations(self.complete, self.conditional, self.general.estimates)

    def columns(self) -> list[dict[str, Any]]:
        """One row for every two terms, the dominant one first, with the strictest level at which it dominates."""
        relations, rows = self.relations(), []
        for i, j in combinations(range(len(self.terms)), 2):
            a, b = (i, j) if self.general.estimates[i] >= self.general.estimates[j] else (j, i)
            at = next((level for level in range(3) if relations[level, a, b] == 1), 2)
            row = {
                "term": self.terms[a],
                "against": self.terms[b],
                "level": self.levels[at],
                "proportion": self.complete[a, b],
            }
            if self.reproducibility is not None:
                row["reproducibility"] = self.reproducibility[at, a, b]
            rows.append(row)
        return rows

    def average_coefficients(self) -> pd.DataFrame:
        """Average coefficient of each driver over the models of each size, in units of outcome per unit of driver."""
        if len(self.moments.names) != 1 + len(self.terms):
            raise ModelError("average coefficients are those of single drivers, without covariates.")
        k = len(self.terms)
        values = subsets.average_coefficients(self.moments.cov).reshape(-1)
        return pd.DataFrame(
            {"term": np.repeat(self.terms, k), "n_drivers": np.tile(np.arange(1, k + 1), k), "estimate": values}
        )

    def whole(self) -> dict[str, Any]:
        pairs = self.tidy()
        settled = pairs["level"] == "complete"
        row = {**self.general.whole(), "n_pairs": len(pairs), "n_dominant": int(settled.sum())}
        if self.reproducibility is not None:
            again = pairs["reproducibility"] >= self.general.conf_level
            row["n_dominant_again"] = int((settled & again).sum())
        return row


def _sizes(result: Importance, players: str) -> tuple[int, ...]:
    """Drivers of each player."""
    return tuple(map(len, result.members.values())) if players == "blocks" else (1,) * len(result.terms)


def dominance(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    players: str = "drivers",
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
    n_draws: int | None = None,
    seed: int = 1,
) -> Dominance:
    """Dominance analysis: in which models does one driver add more than another?

    A driver dominates another *completely* if it adds more in every model of the others, *conditionally* if it adds more
    on average in models of every size, *generally* if it adds more on average over sizes (that average is lmg).

    Parameters
    ----------
    data, outcome, drivers, players, covariates, draws, conf_level, n_draws, seed
        As for `importance`; with draws, each pair's dominance gets its reproducibility (Azen & Budescu 2003).

    Returns
    -------
    Dominance
        `tidy()` has a row for every two drivers: complete, conditional, general or none.

    Raises
    ------
    ModelError
        Above 24 players, where all models can no longer be compared; use `importance` with method "lmg".

    References
    ----------
    Azen, R. & Budescu, D. V. (2003). The dominance analysis approach for comparing predictors in multiple regression.
    Psychological Methods 8, 129–148. doi:10.1037/1082-989X.8.2.129

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation")
    >>> found = dominance(table.moments(["CUSL", "LIKE", "COMP", "QUAL"]), "CUSL", ["LIKE", "COMP", "QUAL"])
    >>> found.tidy()[["term", "against", "level"]].values.tolist()
    [['LIKE', 'COMP', 'complete'], ['LIKE', 'QUAL', 'complete'], ['QUAL', 'COMP', 'complete']]
    """
    check_known("players", players, ("drivers", "blocks"))
    outcome, drivers, covariates = by_name(data, outcome, drivers, covariates)
    general, sizes, sample, drawn = _divided(
        "dominance", data, outcome, drivers, players, covariates, draws, conf_level, n_draws, seed
    )
    if len(sizes) > _MOST_COMPLETE:
        raise ModelError(
            f"complete dominance compares 2^{len(sizes)} models; above {_MOST_COMPLETE} players use importance(method='lmg'), or players='blocks'. "
            f"{instead()}"
        )
    conditional, complete = _levels(sample, general.covariates, sizes)
    reproducibility = None
    if drawn is not None:
        drawn_conditional, drawn_complete = _levels(usable_draws(drawn)[0], general.covariates, sizes)
        relations = _relations(drawn_complete, drawn_conditional, drawn_conditional.mean(axis=-1))
        reproducibility = (relations == 1).mean(axis=1)
    return Dominance(general, conditional, complete, reproducibility, sample, general.provenance)


def _divided(
    method: str,
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    players: str,
    covariates: Sequence[str],
    draws: Moments | None,
    conf_level: float,
    n_draws: int | None,
    seed: int,
) -> tuple[Importance, tuple[int, ...], Moments, Moments | None]:
    """Importance by a method, the size of each player, and moments and draws of outcome, drivers and covariates alone."""
    moments, draws = moments_of(data, [outcome, *_names(drivers), *covariates], draws, n_draws=n_draws, seed=seed)
    options: dict[str, Any] = {"method": method, "players": players, "covariates": covariates, "conf_level": conf_level}
    found = importance(moments, outcome, drivers, draws=draws, **options)
    names = [outcome, *flatten(found.members), *covariates]
    return found, _sizes(found, players), moments.select(names), None if draws is None else draws.select(names)


def _names(drivers: Mapping[str, Sequence[str]] | Sequence[str]) -> list[str]:
    return flatten(drivers if isinstance(drivers, Mapping) else {name: (name,) for name in drivers})


def _levels(m: Moments, covariates: Sequence[str], sizes: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Conditional dominance in units of R², and proportions of complete dominance.  (..., k, k) each."""
    R, left = beside(m, covariates)
    per_chunk = max(1, (1 << 22) >> len(sizes))  # draws at a time, so that memory stays flat
    R = R.reshape(-1, *R.shape[-2:])
    parts = [
        (
            subsets.conditional_dominance(R[at : at + per_chunk], sizes),
            subsets.complete_dominance(R[at : at + per_chunk], sizes),
        )
        for at in range(0, len(R), per_chunk)
    ]
    conditional, complete = (
        np.concatenate(column).reshape(*m.batch, len(sizes), len(sizes)) for column in zip(*parts, strict=True)
    )
    return conditional * np.asarray(left)[..., None, None], complete


def _relations(complete: FloatArray, conditional: FloatArray, general: FloatArray) -> FloatArray:
    """1 where the row dominates the column, 0 where it is dominated, 0.5 where neither.  (3, ..., k, k)."""
    gaps = conditional[..., :, None, :] - conditional[..., None, :, :]
    by_size = np.where((gaps > 0).all(axis=-1), 1.0, np.where((gaps < 0).all(axis=-1), 0.0, 0.5))
    lead = general[..., :, None] - general[..., None, :]
    overall = np.where(lead > 0, 1.0, np.where(lead < 0, 0.0, 0.5))
    in_every = np.where(complete == 1, 1.0, np.where(np.swapaxes(complete, -1, -2) == 1, 0.0, 0.5))
    return np.stack([in_every, by_size, overall])


@dataclass(frozen=True, eq=False)
class Commonality(Result):
    """What each set of drivers explains together that no other driver explains; the coefficients sum to R².

    A negative coefficient means that the drivers of the set suppress what is irrelevant in each other.
    """

    sets: tuple[tuple[str, ...], ...]
    drivers: tuple[str, ...]
    coefficients: FloatArray
    r_squared: float
    n: int
    provenance: Provenance
    draw_coefficients: FloatArray | None = None
    conf_level: float = 0.95

    def __post_init__(self) -> None:
        if abs(self.coefficients.sum() - self.r_squared) > 1e-8:
            raise ModelError(
                f"commonality: the parts sum to {self.coefficients.sum():.10f}, not to R² {self.r_squared:.10f}."
            )

    def columns(self) -> pd.DataFrame:
        """One row a set of drivers, its names joined by " + "."""
        frame = pd.DataFrame({"term": [" + ".join(names) for names in self.sets], "estimate": self.coefficients})
        if self.draw_coefficients is not None:
            frame["conf_low"], frame["conf_high"] = intervals.interval(self.draw_coefficients, self.conf_level)
        return frame.assign(share=self.coefficients / self.r_squared)

    def whole(self) -> dict[str, Any]:
        return {"r_squared": self.r_squared, "n": self.n, "conf_level": self.conf_level}

    def drivers_tidy(self) -> pd.DataFrame:
        """For each driver what it explains uniquely, in common with others, and alone (the sum, its squared correlation)."""
        holds = np.array([[driver in names for names in self.sets] for driver in self.drivers])
        unique = np.array([self.coefficients[self.sets.index((driver,))] for driver in self.drivers])
        total = holds @ self.coefficients
        return pd.DataFrame({"term": self.drivers, "unique": unique, "common": total - unique, "estimate": total})


def commonality(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    players: str = "drivers",
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
    n_draws: int | None = None,
    seed: int = 1,
) -> Commonality:
    """Commonality analysis: R² divided into what each driver explains alone and what sets of drivers explain in common.

    It misleads where there are many drivers: 2^k − 1 parts, most of them noise; use blocks as players then.

    Parameters
    ----------
    data, outcome, drivers, players, covariates, draws, conf_level, n_draws, seed
        As for `importance`.

    Returns
    -------
    Commonality
        `tidy()` has a row for each set of drivers, in units of R²; they add up to R².

    Raises
    ------
    ModelError
        For more players than their 2^k parts can be read; take blocks as players then.

    References
    ----------
    Nimon, K. & Reio, T. (2011). Regression commonality analysis. Human Resource Development Review 10, 329–340.
    doi:10.1177/1534484311411077

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation")
    >>> found = commonality(table.moments(["CUSL", "LIKE", "COMP"]), "CUSL", ["LIKE", "COMP"])
    >>> found.tidy().round(3)[["term", "estimate"]].values.tolist()
    [['LIKE', 0.189], ['COMP', 0.004], ['LIKE + COMP', 0.189]]
    """
    outcome, drivers, covariates = by_name(data, outcome, drivers, covariates)
    base, sizes, sample, drawn = _divided(
        "first", data, outcome, drivers, players, covariates, draws, conf_level, n_draws, seed
    )
    if len(sizes) > _MOST_COMMON:
        raise ModelError(
            f"commonality has 2^{len(sizes)} parts; above {_MOST_COMMON} players use players='blocks'. {instead()}"
        )
    k = len(sizes)
    order = sorted(range(1, 1 << k), key=lambda subset: (subset.bit_count(), [j for j in range(k) if subset >> j & 1]))

    def coefficients(m: Moments) -> FloatArray:
        R, left = beside(m, base.covariates)
        return subsets.commonality(R, sizes)[..., order] * left[..., None]

    return Commonality(
        sets=tuple(tuple(base.terms[j] for j in range(k) if subset >> j & 1) for subset in order),
        drivers=base.terms,
        coefficients=coefficients(sample),
        r_squared=base.r_squared - base.r_squared_covariates,
        n=base.n,
        provenance=base.provenance,
        conf_level=conf_level,
        draw_coefficients=None if drawn is None else coefficients(usable_draws(drawn)[0]),
    )
