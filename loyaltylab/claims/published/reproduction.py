"""`reproduce()`: every number a source prints for its path model beside ours from its table; `against_rows()`: the table beside rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...core import RULES, DataError, Provenance, Result, listed, pd
from ...kernels import FloatArray, decimals_apart, rounding_range
from ...kernels import paths as path_kernels
from ...models import PathModel, path_model
from ...moments import Moments
from ...survey import Survey
from .models import PublishedModel

#: How near ours is to what is printed, best first.
AGREEMENT = ("equal", "rounding", "close", "differs")
Key = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Reproduction(Result):
    """Printed numbers beside ours, with how far ours can move within the rounding of the table, and a verdict.

    Rows are (group of printed numbers, term, outcome, effect). `paths` is the model's own arrows, computed whole;
    `by_group` the arrows of each group.

    The verdict is *equal* where ours, rounded to the printed digits, is what is printed; *rounding* where some table that
    prints alike gives it; *close* where it is off by less than the rule `reproduction`; else *differs*.

    Attributes
    ----------
    model : PublishedModel
        As `read_model` gives it.
    paths : PathModel
        The model's own arrows, computed whole.
    by_group : sequence of PathModel
        The arrows of each group of printed numbers.
    ranges : sequence of array
        How far ours can move within the rounding of the table.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    conf_level : float
        Level of the intervals, between 0 and 1.

    See Also
    --------
    loyaltylab.claims.reproduce : Makes it.
    """

    model: PublishedModel
    paths: PathModel
    by_group: tuple[PathModel, ...]
    ranges: tuple[FloatArray, ...]
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("group", "term", "outcome", "effect")

    @property
    def has_printed_intervals(self) -> bool:
        """Whether the source prints intervals, in the form that ours have."""
        same = self.frame[~self.frame["other"]]
        return bool((same["printed_conf_high"] - same["printed_conf_low"]).notna().any())

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of `tidy()`, computed once."""
        rows: list[dict[str, Any]] = []
        for i, (group, paths, (low, high)) in enumerate(
            zip(self.model.printed, self.by_group, self.ranges, strict=True), 1
        ):
            ours = _found(paths)
            for (key, (value, *ends)), *reach in zip(group.values.items(), low, high, strict=True):
                estimate, conf_low, conf_high = ours[key]
                row = {"group": str(i), "term": key[0], "outcome": key[1], "effect": key[2], "printed": value}
                row |= {"printed_conf_low": ends[0], "printed_conf_high": ends[1], "decimals": group.decimals}
                row |= {"estimate": estimate, "conf_low": conf_low, "conf_high": conf_high, "off": estimate - value}
                row |= {"rounding_low": reach[0], "rounding_high": reach[1], "other": bool(group.other)}
                row |= {"verdict": _verdict(estimate, value, group.decimals, (reach[0], reach[1]))}
                rows.append(row)
        frame = pd.DataFrame(rows)
        ends = ["printed_conf_low", "printed_conf_high"]
        return frame.assign(**{name: frame[name].astype(float) for name in ends})

    def columns(self) -> pd.DataFrame:
        return self.frame

    def whole(self) -> dict[str, Any]:
        same = self.frame[~self.frame["other"]]
        width = (same["printed_conf_high"] - same["printed_conf_low"]) / (same["conf_high"] - same["conf_low"])
        row = {"n": self.paths.n, **_counts(self.frame), "printed_width_ratio": float(width.median())}
        row |= {"conf_level": self.conf_level}
        return row


@dataclass(frozen=True, eq=False)
class Reproductions(Result):
    """Several reproductions together: how many printed numbers come back, by model and over all.

    Attributes
    ----------
    parts : sequence of Reproduction
        One for each model.
    provenance : Provenance
        Where the numbers came from, and what was done to them.

    See Also
    --------
    loyaltylab.claims.reproductions : Makes it.
    """

    parts: tuple[Reproduction, ...]
    provenance: Provenance

    @property
    def finding(self) -> str:
        """Whether the printed numbers come back: the *whole* of them, all but those computed in another *form*, or *some*;
        *simulated* of samples that nobody answered."""
        if self.provenance.tier == "synthetic":
            return "simulated"
        differs = self.frame[self.frame["verdict"] == "differs"]
        return "whole" if differs.empty else "form" if differs["other"].all() else "some"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows, with the model as `segment`."""
        return pd.concat([part.frame.assign(segment=part.model.name) for part in self.parts], ignore_index=True)

    def columns(self) -> list[dict[str, Any]]:
        return [{"term": part.model.name, "n": part.paths.n, **_counts(part.frame)} for part in self.parts]

    def whole(self) -> dict[str, Any]:
        return {"n_printed_models": len(self.parts), **_counts(self.frame)}


def reproduce(model: PublishedModel, *, n_draws: int = 2000, seed: int = 1, conf_level: float = 0.95) -> Reproduction:
    """Every printed number of a published path model beside ours, from its correlation table alone.

    Parameters
    ----------
    model : PublishedModel
        From `read_model`.
    n_draws, seed : int
        Wishart draws behind the intervals: normal theory, for a table has no rows to resample.
    conf_level : float
        Between 0 and 1.

    Returns
    -------
    Reproduction
        Standardised effects and R²; `lowest` and `highest` are how far ours can move within the rounding of the table.

    Raises
    ------
    ModelError, DataError
        As `path_model` does.

    Notes
    -----
    Where the printed variables are weighted composites, their weights are taken as known: they were estimated from the
    same respondents, and the intervals leave that uncertainty out. A source that resampled the respondents and estimated
    the weights anew has it in its own intervals.

    The bound between *close* and *differs*, an error of a tenth of what is printed, is that between minor and major
    numerical errors in Hardwicke et al. (2018).

    References
    ----------
    Hardwicke, T. E., et al. (2018). Data availability, reusability, and analytic reproducibility. Royal Society Open
    Science 5, 180448. doi:10.1098/rsos.180448

    Examples
    --------
    >>> from loyaltylab.claims import read_model
    >>> found = reproduce(read_model("corporate_reputation_simple"), n_draws=200)
    >>> found
    Reproduction, 7 rows by group, term, outcome, effect: n 344, n_printed 7, n_to_digit 7, n_rounding 0,
        n_close 0, n_differs 0
    >>> f"{found.value(('1', 'LIKE', 'CUSL', 'direct'), 'printed'):.3f}"
    '0.342'
    """
    everything = model.table.everything
    drawn = everything.draws(n_draws=n_draws, seed=seed)

    def computed(paths: Mapping[str, tuple[str, ...]]) -> PathModel:
        names = dict.fromkeys(name for outcome, ps in paths.items() for name in (*ps, outcome))
        return path_model(model.moments(names), paths, draws=model.made(drawn, names), conf_level=conf_level)

    own = computed(model.paths)
    by_group = tuple(own if g.paths == model.paths else computed(g.paths) for g in model.printed)
    half = 0.5 * 10.0**-model.table.decimals if model.table.decimals < 16 else 0.0
    ranges = tuple(
        np.stack(rounding_range(_kernel(model, group.paths, tuple(group.values)), everything.corr, half))
        for group in model.printed
    )
    return Reproduction(model, own, by_group, ranges, own.provenance, conf_level)


def reproductions(*parts: Reproduction) -> Reproductions:
    """Reproductions of several models as one result, for the figure that shows them all.

    Parameters
    ----------
    *parts : Reproduction
        As `reproduce` gives them.

    Returns
    -------
    Reproductions
        `tidy()` says by model, and over all, how many printed numbers come back.

    Raises
    ------
    DataError
        For none.

    Examples
    --------
    >>> from loyaltylab.claims import read_model, reproduce
    >>> models = [read_model(name) for name in ("ecsi_mobile", "corporate_reputation_simple")]
    >>> found = reproductions(*(reproduce(model, n_draws=100, seed=1) for model in models))
    >>> len(found.parts)
    2
    """
    if not parts:
        raise DataError("there is no reproduction to put together; give at least one.")
    return Reproductions(parts, Provenance.merge([part.provenance for part in parts]))


def _kernel(
    model: PublishedModel, paths: Mapping[str, tuple[str, ...]], keys: tuple[Key, ...]
) -> Callable[[FloatArray], FloatArray]:
    """Correlations of the table's variables (m, k, k) → the numbers of a group (m, q)."""
    ordered = [*dict.fromkeys(name for outcome, ps in paths.items() for name in (*ps, outcome))]
    printed = list(model.table.everything.names)
    map_ = np.zeros((len(ordered), len(printed)))
    for row, name in enumerate(ordered):
        members = model.composites.get(name, (name,))
        map_[row, [printed.index(member) for member in members]] = 1 / len(members)
    plan = [(ordered.index(o), tuple(ordered.index(p) for p in ps)) for o, ps in paths.items()]
    outcomes = list(paths)

    def kernel(R: FloatArray) -> FloatArray:
        S = path_kernels.standardised(map_ @ R @ map_.T)
        B = path_kernels.coefficients(S, plan)
        T, r2 = path_kernels.totals(B), path_kernels.r_squared(S, B, plan)
        parts = []
        for term, outcome, effect in keys:
            if effect == "r_squared":
                parts.append(r2[:, outcomes.index(outcome)])
                continue
            at = (slice(None), ordered.index(outcome), ordered.index(term))
            parts.append({"direct": B[at], "total": T[at], "indirect": T[at] - B[at]}[effect])
        return np.stack(parts, axis=-1)

    return kernel


def _found(paths: PathModel) -> dict[Key, tuple[float, float, float]]:
    """Every effect and R² of a path model with its interval."""
    columns = ["estimate", "conf_low", "conf_high"]
    effects = paths.frame[paths.frame["route"] == ""]
    rows = zip(effects["term"], effects["outcome"], effects["effect"], effects[columns].to_numpy(), strict=True)
    found = {(term, outcome, effect): tuple(values) for term, outcome, effect, values in rows}
    explained = paths.explained().tidy()
    fits = zip(explained["term"], explained[columns].to_numpy(), strict=True)
    return found | {("", name, "r_squared"): tuple(values) for name, values in fits}


def _verdict(ours: float, printed: float, decimals: int, reach: tuple[float, float]) -> str:
    if not decimals_apart(ours, printed, decimals):
        return "equal"
    half = 0.5 * 10.0**-decimals + 1e-12
    if reach[0] <= printed + half and printed - half <= reach[1]:
        return "rounding"
    return "close" if abs(ours - printed) < RULES["reproduction"][0] * abs(printed) else "differs"


def _counts(frame: pd.DataFrame) -> dict[str, Any]:
    found = frame["verdict"].value_counts()
    names = {"equal": "n_to_digit"}
    counts = {names.get(verdict, f"n_{verdict}"): int(found.get(verdict, 0)) for verdict in AGREEMENT}
    same = frame[~frame["other"]]
    return {
        "n_printed": len(frame),
        **counts,
        "n_returned": counts["n_to_digit"] + counts["n_rounding"],
        "n_other": int(frame["other"].sum()),
        "n_differs_same": int((same["verdict"] == "differs").sum()),
        "largest_off": float(frame["off"].abs().max()),
    }


@dataclass(frozen=True, eq=False)
class AgainstRows(Result):
    """The same arrows from the table and from the rows: effects side by side, and how wide the intervals are.

    Every direct effect, and the total of every pair that has another route. `width_ratio` is the width of the bootstrap interval over that of the Wishart interval, both of the same scores.

    Attributes
    ----------
    model : PublishedModel
        As `read_model` gives it.
    printed : PathModel
        The arrows as computed from the printed table.
    rows : PathModel
        The arrows from the rows, with bootstrap intervals.
    theory : PathModel
        The same, with Wishart intervals.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    conf_level : float
        Level of the intervals, between 0 and 1.

    See Also
    --------
    loyaltylab.claims.against_rows : Makes it.
    """

    model: PublishedModel
    printed: PathModel
    rows: PathModel
    theory: PathModel
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "outcome", "effect")

    def columns(self) -> pd.DataFrame:
        ours, rows, theory = (_distinct(paths.frame) for paths in (self.printed, self.rows, self.theory))
        keys = list(self.keys)
        found = ours[[*keys, "estimate", "conf_low", "conf_high"]].merge(
            rows[[*keys, "estimate", "conf_low", "conf_high"]], on=keys, suffixes=("", "_rows"), validate="1:1"
        )
        width = (rows["conf_high"] - rows["conf_low"]).to_numpy() / (
            theory["conf_high"] - theory["conf_low"]
        ).to_numpy()
        found = found.rename(columns={f"{c}_rows": f"rows_{c}" for c in ("estimate", "conf_low", "conf_high")})
        gap = found["rows_estimate"] - found["estimate"]
        outside = (found["estimate"] < found["rows_conf_low"]) | (found["estimate"] > found["rows_conf_high"])
        return found.assign(off=gap, width_ratio=width, verdict=np.where(outside, "apart", "holds"))

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        return {
            "n": self.printed.n,
            "n_rows": self.rows.n,
            "n_effects": len(data),
            "n_apart": int((data["verdict"] == "apart").sum()),
            "largest_off": float(data["off"].abs().max()),
            "width_ratio": float(data["width_ratio"].median()),
            "width_ratio_low": float(data["width_ratio"].min()),
            "width_ratio_high": float(data["width_ratio"].max()),
            "conf_level": self.conf_level,
        }


def _distinct(frame: pd.DataFrame) -> pd.DataFrame:
    """Direct effects, and totals that are not the direct effect over again."""
    pairs = frame[frame["effect"] == "indirect"][["term", "outcome"]].drop_duplicates()
    longer = set(pairs.itertuples(index=False, name=None))
    total = [
        e == "total" and (t, o) in longer
        for t, o, e in zip(frame["term"], frame["outcome"], frame["effect"], strict=True)
    ]
    return frame[(frame["effect"] == "direct") | np.array(total)]


def against_rows(
    model: PublishedModel, survey: Survey, *, n_draws: int = 2000, seed: int = 1, conf_level: float = 0.95
) -> AgainstRows:
    """The arrows of a published model computed from its table and from rows of the same study.

    Parameters
    ----------
    model : PublishedModel
        As `read_model` gives it.
    survey : Survey
        Rows with the model's variables as scales or items: plain means of items where the table has weighted composites.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    AgainstRows
        `tidy()` has a row for each effect: from the table, from the rows, and the width of both intervals.

    Raises
    ------
    DataError
        Naming the variables that the rows do not have.

    Notes
    -----
    Rows are resampled whole (bootstrap); beside that, Wishart draws of the moments of the same rows tell what normal
    theory would have said. What is left between table and rows is the weighing of items.

    Examples
    --------
    >>> from loyaltylab.claims import read_model
    >>> from loyaltylab import simulate
    >>> against_rows(read_model("ecsi_mobile"), simulate(n=200), n_draws=200)
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.DataError: the rows do not have IMAG, EXPE, QUAL, VAL, SAT, COM, LOY; give rows whose codebook has the variables of 'ecsi_mobile'.
    """
    names = model.variables
    if lacking := [name for name in names if not survey.has(name)]:
        raise DataError(
            f"the rows do not have {listed(lacking)}; give rows whose codebook has the variables of '{model.name}'."
        )
    options: dict[str, Any] = {"n_draws": n_draws, "seed": seed}
    moments = survey.moments(names)

    def computed(sample: Moments, draws: Moments) -> PathModel:
        return path_model(sample, model.paths, draws=draws, conf_level=conf_level)

    table = computed(model.moments(names), model.draws(names, **options))
    rows = computed(moments, survey.draws(names, **options))
    theory = computed(moments, moments.draws(**options))
    return AgainstRows(model, table, rows, theory, Provenance.merge([rows.provenance, table.provenance]), conf_level)
