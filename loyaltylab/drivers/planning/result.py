"""`Plan` and `Plans`: what a study that is still to be done can be expected to show, in numbers and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ...contrasts import proportion_interval
from ...core import ModelError, Provenance, Quantity, Result, listed, pd, tr
from ...kernels import FloatArray, critical
from ...kernels import power as kernels
from ..decomposition import Importance
from ..methods import METHODS


@dataclass(frozen=True, eq=False)
class Plan(Result):
    """Power and precision of the contrast of two blocks, for each size of a study that is still to be done.

    `contrast` has the block first that is ahead in the assumed world. Of the m sizes: hits (m, 3) counts the simulated
    studies whose interval lies above zero, below zero, and that have the right block first; covered (m,) those whose
    interval holds the difference as measured; widths and width_errors (m, 3) are the mean interval widths of the
    difference and of both shares, with their Monte Carlo errors. Every interval here is about the simulation: it
    shrinks with more simulated studies, not with more respondents.

    Attributes
    ----------
    n : sequence of int
        Sizes of a study.
    n_effective : array
        Of each size.
    hits : array of int
        (m, 3), studies above zero, below zero, and with the right block first.
    covered : array of int
        (m,), studies whose interval holds the truth.
    widths, width_errors : array
        (m, 3), mean widths of the intervals, and their simulation error.
    model : Importance
        Importance in the assumed world.
    measured : Importance
        Importance as it would be measured.
    contrast : (str, str)
        The block first that is ahead.
    assumptions : dict of str → float
        Name → value.
    target : float
        Power wished for.
    margin_of_error : float
        Wished for, in shares.
    n_simulations : int
        Studies simulated at each size.
    n_draws : int
        Draws behind the intervals.

    See Also
    --------
    loyaltylab.drivers.plan : Makes it.
    """

    n: tuple[int, ...]
    n_effective: FloatArray
    hits: npt.NDArray[np.int64]
    covered: npt.NDArray[np.int64]
    widths: FloatArray
    width_errors: FloatArray
    model: Importance
    measured: Importance
    contrast: tuple[str, str]
    assumptions: dict[str, float]
    target: float
    margin_of_error: float
    n_simulations: int
    n_draws: int
    conf_level: float
    provenance: Provenance

    def __post_init__(self) -> None:
        if (self.hits[:, :2].sum(axis=1) > self.n_simulations).any():
            raise ModelError("more studies reached a verdict than were simulated; do not use this plan.")

    def __repr__(self) -> str:
        a, b = self.contrast
        needed = self.needed[0]
        needed_text = {
            "within": f"about {needed:,.0f}",
            "beyond": f"more than {max(self.n):,}",
            "below": f"at most {min(self.n):,}",
        }
        return (
            f"Plan({self.model.method}) to tell '{a}' from '{b}' with power {self.target:g}: {needed_text[self.verdict]} "
            f"respondents, {self.n_simulations:,} simulated studies a size"
        )

    def columns(self) -> dict[str, Any]:
        rates = self.hits / self.n_simulations
        ends = [self._wilson(int(hits)) for hits in self.hits[:, 0]]
        return {
            "term": [str(n) for n in self.n],
            "n": self.n,
            "n_effective": self.n_effective,
            "power": rates[:, 0],
            "power_conf_low": [low for low, _ in ends],
            "power_conf_high": [high for _, high in ends],
            "wrong_side": rates[:, 1],
            "right_first": rates[:, 2],
            "coverage": self.covered / self.n_simulations,
            "width": self.widths[:, 0],
            "share_width": self.widths[:, 1],
            "share_width_against": self.widths[:, 2],
        }

    def whole(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "outcome": self.model.outcome,
            "method": self.model.method,
            "term": self.contrast[0],
            "against": self.contrast[1],
            "estimate": self.model.contrast(*self.contrast).estimate,
            "measured": self.measured.contrast(*self.contrast).estimate,
            "r_squared": self.measured.r_squared,
            **self.assumptions,
            "target": self.target,
            "margin_of_error": self.margin_of_error,
            "n_smallest": min(self.n),
            "n_largest": max(self.n),
            "n_simulations": self.n_simulations,
            "n_draws": self.n_draws,
            "conf_level": self.conf_level,
            "verdict": self.verdict,
            "verdict_width": self.verdict_width,
        }
        for name, values in (("n_needed", self.needed), ("n_for_width", self.needed_for_width)):
            row |= {name: values[0], f"{name}_conf_low": values[1], f"{name}_conf_high": values[2]}
        return row

    @cached_property
    def needed(self) -> FloatArray:
        """Respondents for the wished power and the interval of that number (3,); not numbers outside the sizes."""
        found = (
            kernels.crossing(np.sqrt(self.n), self.hits[:, 0], self.n_simulations, self.target, self.conf_level) ** 2
        )
        return to_ask(found) if min(self.n) <= found[0] <= max(self.n) else np.full(3, np.nan)

    @cached_property
    def needed_for_width(self) -> FloatArray:
        """The same for the wished half-width of the interval of the difference, read between two sizes."""
        order, wished = np.argsort(self.widths[:, 0]), np.log(2 * self.margin_of_error)
        x, y = np.log(self.widths[order, 0]), np.log(np.array(self.n, dtype=float)[order])
        if not x[0] <= wished <= x[-1]:
            return np.full(3, np.nan)
        error = (self.width_errors / self.widths)[:, 0].max() * 2 * critical(self.conf_level)  # width ~ n^-½
        return to_ask(np.exp(np.interp(wished, x, y) + error * np.array([0, -1, 1])))

    @property
    def verdict(self) -> str:
        """Where the size for the wished power lies: "within" the sizes tried, "beyond" the largest, "below" the smallest."""
        if self.needed[0] == self.needed[0]:
            return "within"
        return "below" if self.hits[np.argmin(self.n), 0] >= self.target * self.n_simulations else "beyond"

    @property
    def verdict_width(self) -> str:
        """The same for the wished half-width."""
        if self.needed_for_width[0] == self.needed_for_width[0]:
            return "within"
        return "below" if self.widths[np.argmin(self.n), 0] <= 2 * self.margin_of_error else "beyond"

    @property
    def reversed(self) -> bool:
        """Whether unequal reliabilities hide the assumed difference or turn it around, so that no n shows it."""
        return self.measured.contrast(*self.contrast).estimate <= 0

    @property
    def finding(self) -> str:
        """The word "reversed" where no number of respondents shows the difference, else the verdict."""
        return "reversed" if self.reversed else self.verdict

    @property
    def nearest(self) -> str:
        """The size tried (a term) that comes nearest to the wished power where none gives it: the smallest or the largest."""
        return str((min if self.verdict == "below" else max)(self.n))

    @property
    def halfway(self) -> str:
        """The size tried (a term) whose power is nearest to half the wished one."""
        far = np.abs(self.hits[:, 0] / self.n_simulations - self.target / 2)
        return str(self.n[int(far.argmin())])

    # ---- in words -------------------------------------------------------------------------------------------------

    def template(self, language: str) -> str:
        """The sentences for a methods section with {fields}, which `facts` fills."""
        given = {
            "reversed" if self.reversed else "measured": self.assumptions["reliability"] < 1,
            "clustered": self.assumptions["design_effect"] > 1,
            "rows": self.assumptions["rows_effect"] > 1.005,
            "missing": self.assumptions["missing"] > 0,
        }
        needed_text = [name for name, holds in given.items() if holds]
        parts = ["assumed", *needed_text, self.verdict, f"width_{self.verdict_width}", "simulated"]
        return " ".join(_SENTENCES[part][language] for part in parts)

    def facts(self, labels: Mapping[str, str], language: str = "en") -> dict[str, Quantity | str]:
        """Every number of `glance()`, and the names, ready for prose."""
        a, b = self.contrast
        numbers = self.glance().select_dtypes("number").columns
        return {name: self.stat(name) for name in numbers} | {
            "a": labels.get(a, a),
            "b": labels.get(b, b),
            "outcome": labels.get(self.model.outcome, self.model.outcome),
            "method": METHODS[self.model.method].label[language],
        }

    def sentence(self, language: str = "en", labels: Mapping[str, str] | None = None) -> str:
        """How the sample size was planned, for a methods section."""
        facts = self.facts(labels or {}, language)
        return self.template(language).format(
            **{
                name: _Worded(value, language) if isinstance(value, Quantity) else value
                for name, value in facts.items()
            }
        )

    def _wilson(self, hits: int) -> tuple[float, float]:
        found = proportion_interval(hits, self.n_simulations, conf_level=self.conf_level, provenance=self.provenance)
        row = found.tidy().iloc[0]
        return float(row["conf_low"]), float(row["conf_high"])


def to_ask(n: FloatArray) -> FloatArray:
    """Respondents rounded up to three digits: nobody asks for 14,731 of them. What is no finite number stays as it is."""
    finite = np.where(np.isfinite(n), np.maximum(n, 1), 1)
    digits = 10.0 ** np.maximum(np.floor(np.log10(finite)) - 2, 0)
    return np.where(np.isfinite(n), np.ceil(finite / digits) * digits, n)


@dataclass(frozen=True, eq=False)
class Plans(Result):
    """The same study planned under several assumptions, by name; `compare_plans` makes it.

    Attributes
    ----------
    plans : dict of str → Plan
        Name → plan.

    See Also
    --------
    loyaltylab.drivers.compare_plans : Makes it.
    """

    plans: dict[str, Plan]
    provenance: Provenance
    conf_level: float

    def columns(self) -> pd.DataFrame:
        rows = pd.concat([each.glance() for each in self.plans.values()], ignore_index=True)
        return rows[_COMPARED].assign(term=list(self.plans))

    def whole(self) -> dict[str, Any]:
        found = self.tidy()["n_needed"]
        return {"n_needed_least": found.min(), "n_needed_most": found.max()}


_COMPARED = [
    *("term", "estimate", "measured", "reliability", "design_effect", "missing", "n_smallest", "n_largest"),
    *("n_needed", "n_needed_conf_low", "n_needed_conf_high", "verdict"),
    *("n_for_width", "n_for_width_conf_low", "n_for_width_conf_high", "verdict_width"),
]


def compare_plans(plans: Mapping[str, Plan]) -> Plans:
    """Plans side by side, by the name of what each assumes; the first is the one the others are held against.

    Parameters
    ----------
    plans : mapping of name → Plan
        As `plan` gives each.

    Returns
    -------
    Plans
        `tidy()` has a row for each plan.

    Raises
    ------
    ModelError
        Where they do not plan for the same power, width and level.

    Examples
    --------
    >>> from loyaltylab import plan, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks("emotional", "rational")
    >>> moments = table.moments(["AttLoyalty", *(name for names in blocks.values() for name in names)])
    >>> one, other = (plan(moments, "AttLoyalty", blocks, n=n, n_simulations=100, n_draws=100) for n in ((200, 400), (200, 500)))
    >>> compare_plans({"one": one, "other": other}).tidy()["term"].tolist()
    ['one', 'other']
    """
    wished = {(each.target, each.margin_of_error, each.conf_level) for each in plans.values()}
    if len(wished) != 1:
        raise ModelError(
            f"{listed(plans)}: plans are compared for one power, half-width and conf_level, not {len(wished)}."
        )
    origin = Provenance.merge([each.provenance for each in plans.values()])
    return Plans(dict(plans), origin, next(iter(plans.values())).conf_level)


@dataclass(frozen=True)
class _Worded:
    quantity: Quantity
    language: str

    def __format__(self, spec: str) -> str:
        return self.quantity.text(spec, self.language)


_SENTENCES = {
    "assumed": tr(
        "The sample size was planned by simulation. We assumed that of the explained variance of {outcome}, {a} drivers account for {estimate:.1pp} percentage points more than {b} ones ({method})."
    ),
    "measured": tr(
        "With scales of which the least reliable has a reliability of {reliability:.2f}, that difference is measured as {measured:.1pp} percentage points."
    ),
    "reversed": tr(
        "With scales of which the least reliable has a reliability of {reliability:.2f}, that difference is measured as {measured:+.1pp} percentage points: the unequal reliabilities hide it or turn it around, and more respondents do not mend that."
    ),
    "clustered": tr(
        "With clusters of {cluster_size:.3g} respondents and an intraclass correlation of {icc:.2f}, weights and strata allowed for, we reckon with a design effect of {design_effect:.2f}."
    ),
    "rows": tr(
        "In the answers of the pilot the variance of that difference is {rows_effect:.2f} times what normal theory makes it; the sizes allow for that."
    ),
    "missing": tr("Of all respondents, {missing:.0%} are expected to be incomplete."),
    "within": tr(
        "With {n_needed:ci,.0f} respondents, {target:.0%} of such studies show this: their {conf_level:.0%} interval of the difference lies wholly above zero."
    ),
    "beyond": tr(
        "Even with {n_largest:,d} respondents, fewer than {target:.0%} of such studies show this: a {conf_level:.0%} interval of the difference that lies wholly above zero."
    ),
    "below": tr(
        "With {n_smallest:,d} respondents, {target:.0%} of such studies or more already show this: a {conf_level:.0%} interval of the difference that lies wholly above zero."
    ),
    "width_within": tr(
        "With {n_for_width:ci,.0f} respondents the difference is known to within {margin_of_error:.0pp} percentage points either way, on average."
    ),
    "width_beyond": tr(
        "Even with {n_largest:,d} respondents the difference is not known to within {margin_of_error:.0pp} percentage points either way, on average."
    ),
    "width_below": tr(
        "With {n_smallest:,d} respondents the difference is already known to within {margin_of_error:.0pp} percentage points either way, on average."
    ),
    "simulated": tr(
        "Each size rests on {n_simulations:,d} simulated studies with {n_draws:,d} draws for the interval of each, under normal theory; intervals of a number of respondents are the simulation's own error."
    ),
}
