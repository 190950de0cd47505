"""Customer lifetime value from stated assumptions, and how it moves when one of them does: curve, break-even, tornado."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, cast

import numpy as np

from ..core import DataError, ModelError, Provenance, Quantity, Result, brief, check_known, listed, pd, tr, unknown
from ..kernels import FloatArray, critical, interval

# ---- `Assumption`: a number nobody measured; and inputs, assumed or measured, drawn so that uncertainty is carried through.
#
# Money is never in a survey. Every number set by hand is an assumption, and a result that rests on one is synthetic.

SHAPES = ("triangular", "pert")
#: Lowest and highest value of each input, and whether these two are allowed themselves.
BOUNDS: dict[str, tuple[float, float, bool, bool]] = {
    "margin": (0, np.inf, True, False),
    "retention": (0, 1, True, False),
    "discount": (0, np.inf, False, False),
    "acquisition": (0, np.inf, True, False),
    "multiple": (0, np.inf, True, False),
    "referral": (0, np.inf, True, False),
    "spend_ratio": (0, np.inf, True, False),
    "upkeep": (0, np.inf, True, False),
    "slope": (-np.inf, np.inf, False, False),
    "lift": (-np.inf, np.inf, False, False),
    "cost": (0, np.inf, True, False),
    "per_point": (0, 1, True, True),
}


@dataclass(frozen=True)
class Assumption:
    """A number nobody measured: its lowest, most likely and highest value.

    Parameters
    ----------
    low, mode, high : float
        In this order; equal where nothing is left open.
    shape : {"triangular", "pert"}
        How it is spread between them; PERT is the beta distribution with mean (low + 4 · mode + high) / 6.

    Examples
    --------
    >>> Assumption(0, 0.33, 0.67)
    Assumption(low=0, mode=0.33, high=0.67, shape='triangular')
    >>> Assumption(0.7, 0.33, 0.67)
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.DataError: an assumption runs from its lowest over its most likely to its highest value, and 0.7, 0.33, 0.67 does not.
    """

    low: float
    mode: float
    high: float
    shape: str = "triangular"

    def __post_init__(self) -> None:
        check_known("shape", self.shape, SHAPES)
        if not np.isfinite([self.low, self.mode, self.high]).all() or not self.low <= self.mode <= self.high:
            raise DataError(
                "an assumption runs from its lowest over its most likely to its highest value, and "
                f"{self.low:g}, {self.mode:g}, {self.high:g} does not."
            )

    def draw(self, rng: np.random.Generator, n: int) -> FloatArray:
        """So many draws (n,)."""
        width = self.high - self.low
        if width == 0:
            return np.full(n, float(self.mode))
        if self.shape == "triangular":
            return rng.triangular(self.low, self.mode, self.high, n)
        peak = (self.mode - self.low) / width
        return self.low + width * rng.beta(1 + 4 * peak, 5 - 4 * peak, n)

    def plus(self, number: float) -> Assumption:
        """The same, so much higher."""
        return Assumption(self.low + number, self.mode + number, self.high + number, self.shape)


def assumed(name: str, words: Sequence[str]) -> Assumption:
    """An assumption as a report's parameter gives it: one number, or lowest, most likely and highest.

    Parameters
    ----------
    name : str
        What the parameter is called, for messages.
    words : sequence of str
        One number, or three in order.

    Returns
    -------
    Assumption
        A fixed number, or a distribution between the lowest and the highest.

    Examples
    --------
    >>> assumed("margin", ["40", "60", "90"])
    Assumption(low=40.0, mode=60.0, high=90.0, shape='triangular')
    >>> assumed("margin", ["much"])
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.DataError: margin is ['much']; give one number, or three: lowest, most likely and highest, as in [1, 2, 3].
    """
    try:
        return _assumption(name, [float(word) for word in words])
    except ValueError:
        return _assumption(name, words)


#: What an input may be: a number, its three numbers, an assumption, or a measured quantity with its interval.
Given = float | Sequence[float] | Assumption | Quantity


@dataclass(frozen=True, eq=False)
class Input:
    """One input, `assumed` or measured: `values` (1 + draws,), the most likely value first."""

    values: FloatArray
    description: str
    evidence: Provenance | None = None
    assumed: Assumption | None = None

    @property
    def varies(self) -> bool:
        """Whether anything is left open."""
        return bool(np.ptp(self.values) > 0)


class Modelled(Result):
    """A result computed from inputs; it can be computed again with one of them changed."""

    assumed: ClassVar[bool] = True
    inputs: dict[str, Input]
    conf_level: float

    def total(self, changed: Mapping[str, FloatArray], term: str = "") -> FloatArray:
        """The outcome (1 + draws,) with these inputs in place of its own."""
        raise NotImplementedError

    def values(self, changed: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """All inputs, these in place of their own."""
        if wrong := [name for name in changed if name not in self.inputs]:
            raise unknown("input", wrong[0], self.inputs)
        return {name: given.values for name, given in self.inputs.items()} | dict(changed)

    def given(self, name: str) -> Quantity:
        """The most likely value of an input, ready for prose."""
        check_known("input", name, self.inputs)
        value = float(self.inputs[name].values[0])
        return Quantity(value, None, None, None, f"{self.__class__.__name__}: input {name}", self.provenance)

    @property
    def ranges(self) -> dict[str, tuple[float, float, float]]:
        """Lowest, most likely and highest value of each input that was assumed and left open."""
        assumed = {name: one.assumed for name, one in self.inputs.items() if one.assumed and one.varies}
        return {name: (one.low, one.mode, one.high) for name, one in assumed.items()}

    def supposing(self, set_to: Mapping[str, float]) -> Self:
        """The same with these inputs each set to one number; the others stay as they were drawn."""
        inputs, provenance = dict(self.inputs), self.provenance
        for name, value in set_to.items():
            check_known("input", name, inputs)
            inputs[name] = _input(name, value, np.random.default_rng(0), len(inputs[name].values) - 1)
            provenance = provenance.then(f"{name} set to {value:g}")
        return replace(cast("Any", self), inputs=inputs, provenance=provenance)

    def row(self, drawn: FloatArray) -> dict[str, float]:
        """Estimate and interval of (1 + draws,)."""
        low, high = interval(drawn[1:, None], self.conf_level)[:, 0]
        return {"estimate": float(drawn[0]), "conf_low": float(low), "conf_high": float(high)}


def drawn_inputs(given: Mapping[str, Given], *, n_draws: int, seed: int) -> tuple[dict[str, Input], Provenance]:
    """Each input drawn on its own, and what the whole rests on.

    An input has the same draws whatever else is drawn, so that two values which share it can be compared. The part of a
    name before a colon says what kind of input it is.

    Raises
    ------
    DataError
        For a value an input cannot have.
    """
    if n_draws < 100:
        raise DataError(f"{n_draws} draws are too few for an interval; ask for at least 100.")
    inputs = {
        name: _input(name, value, np.random.default_rng([seed, zlib.crc32(name.encode())]), n_draws)
        for name, value in given.items()
    }
    steps = tuple(f"{name}: {each.description}" for name, each in inputs.items())
    origins = [each.evidence for each in inputs.values() if each.evidence]
    if len(origins) < len(inputs):
        origins.append(Provenance("synthetic", tr("assumptions set by the reader, no evidence"), steps=steps))
    return inputs, Provenance.merge(origins).then(f"{n_draws:,} draws of the inputs, seed {seed}")


def _input(name: str, given: Given, rng: np.random.Generator, n: int) -> Input:
    if isinstance(given, Quantity):
        if given.conf_low is None or given.conf_high is None:
            raise DataError(f"{name}: {given.origin} has no interval, so its uncertainty cannot be carried through.")
        check_value(name, (given.conf_low, given.value, given.conf_high))
        half = critical(given.conf_level or 0.95)
        drawn = rng.normal(given.value, (given.conf_high - given.conf_low) / 2 / half, n)
        low, high, _, at_high = BOUNDS[name.split(":")[0]]
        drawn = np.clip(drawn, low, high if at_high else np.nextafter(high, -np.inf))
        return Input(np.concatenate([[given.value], drawn]), f"measured, {given.origin}", given.provenance)
    a = given if isinstance(given, Assumption) else _assumption(name, given)
    check_value(name, (a.low, a.mode, a.high))
    fixed = a.low == a.high
    description = (
        f"assumed {a.mode:g}" if fixed else f"assumed {a.low:g} to {a.high:g}, most likely {a.mode:g} ({a.shape})"
    )
    return Input(np.concatenate([[a.mode], a.draw(rng, n)]), description, assumed=a)


def _assumption(name: str, given: float | Sequence[Any]) -> Assumption:
    numbers = [given] if isinstance(given, (int, float)) else list(given)
    if len(numbers) not in (1, 3) or any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in numbers):
        raise DataError(
            f"{name} is {brief(given)}; give one number, or three: lowest, most likely and highest, as in [1, 2, 3]."
        )
    return Assumption(*(numbers * 3 if len(numbers) == 1 else numbers))


def check_value(name: str, values: Sequence[float]) -> None:
    """Refuse a value that an input cannot have."""
    low, high, at_low, at_high = BOUNDS[name.split(":")[0]]
    for value in values:
        inside = (value >= low if at_low else value > low) and (value <= high if at_high else value < high)
        if not inside:
            floor = f"at least {low:g}" if at_low else f"above {low:g}"
            roof = "" if high == np.inf else f" and {'at most' if at_high else 'below'} {high:g}"
            raise DataError(f"{name} is {value:g}; it must be {floor}{roof}.")


# ---- `lifetime_value()`: what a customer won today is worth, the sum of its parts.


def discounted(retention: FloatArray, discount: FloatArray, horizon: int | None) -> tuple[FloatArray, FloatArray]:
    """Expected renewals and expected mid-year payments, discounted: Σ qᵗ and Σ rᵗ⁻¹ / (1 + d)ᵗ⁻⁰·⁵, t = 1 … horizon.

    q = r / (1 + d); without a horizon Σ qᵗ = r / (1 + d − r), the margin multiple of Gupta & Lehmann.
    """
    q = retention / (1 + discount)
    years = (1 if horizon is None else 1 - q**horizon) / (1 - q)
    return q * years, years / np.sqrt(1 + discount)


@dataclass(frozen=True, eq=False)
class LifetimeValue(Modelled):
    """Value of a customer won today, in money of today: the sum of its parts, costs being negative.

    `estimate` is at the most likely inputs; the interval holds the middle of the draws.

    Attributes
    ----------
    inputs : dict of str → Input
        Name → its draws, the most likely value first.
    horizon : int, optional
        Years counted; none is for ever.
    n_draws : int
        Draws behind the intervals.

    See Also
    --------
    loyaltylab.loyalty.lifetime_value : Makes it.
    """

    inputs: dict[str, Input]
    horizon: int | None
    n_draws: int
    provenance: Provenance
    conf_level: float = 0.95

    def __post_init__(self) -> None:
        parts = self.parts({})
        if not np.allclose(sum(v for name, v in parts.items() if name != "value"), parts["value"]):
            raise ModelError("the parts of this lifetime value do not add up; do not use it.")

    def parts(self, changed: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Each part (1 + draws,), and `value`, computed by itself."""
        x = self.values(changed)
        renewals, payments = discounted(x["retention"], x["discount"], self.horizon)
        cost = x["acquisition"] * x["multiple"]
        return {
            "first_year": x["margin"] + 0 * renewals,
            "later_years": x["margin"] * renewals,
            "extra_spend": x["margin"] * (x["spend_ratio"] - 1) * renewals,
            "referral": x["referral"] * renewals,
            "acquisition": -cost + 0 * renewals,
            "upkeep": -x["upkeep"] * payments,
            "value": x["margin"] + (x["margin"] * x["spend_ratio"] + x["referral"]) * renewals - cost - x["upkeep"] * payments,
        }  # fmt: skip

    def total(self, changed: Mapping[str, FloatArray], term: str = "") -> FloatArray:
        return self.parts(changed)[term or "value"]

    def columns(self) -> list[dict[str, Any]]:
        return [{"term": name, **self.row(drawn)} for name, drawn in self.parts({}).items()]

    def whole(self) -> dict[str, Any]:
        value = self.total({})
        below = float((value[1:] < 0).mean())
        return self.row(value) | {"part_below_zero": below, "n_draws": self.n_draws, "conf_level": self.conf_level}  # fmt: skip


def lifetime_value(
    margin: Given,
    retention: Given,
    *,
    discount: Given,
    acquisition: Given = 0,
    multiple: Given = 1,
    referral: Given = 0,
    spend_ratio: Given = 1,
    upkeep: Given = 0,
    horizon: int | None = None,
    n_draws: int = 2000,
    seed: int = 1,
    conf_level: float = 0.95,
) -> LifetimeValue:
    """Expected value of a customer won today, if the same part of customers stays every year.

    margin − acquisition · multiple + (margin · spend_ratio + referral) · Σ rᵗ / (1 + d)ᵗ − upkeep · Σ rᵗ⁻¹ / (1 + d)ᵗ⁻⁰·⁵

    with t = 1 … horizon: the first year's margin comes at once, that of later years from those who stayed, and upkeep
    (what a loyalty programme costs) halfway every year.

    Parameters
    ----------
    margin, referral, upkeep : number, three numbers, Assumption or Quantity
        Money per customer a year, 0 or more. A plain number is an assumption too, one that leaves nothing open.
    retention : the same
        Part of the customers that stays until the next year, 0 to below 1.
    discount : the same
        Above 0 a year.
    acquisition, multiple : the same
        Cost of keeping a customer once, and how many times that it costs to win one.
    spend_ratio : the same
        What an existing customer spends against one in the first year.
    horizon : int or None
        Renewals that are counted, 0 or more; None for all.
    n_draws, seed : int
        Draws of the inputs that have a range, and their seed.
    conf_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    LifetimeValue
        The value and its interval, in money; `value_at`, `tornado` and `break_even` look into it.

    Raises
    ------
    DataError
        For an input that cannot have its value, and a horizon that is not a whole number.

    Notes
    -----
    Equals the worked example of Berger & Nasr (case 1: 568.78), the margin multiples of Gupta & Lehmann, and the mean of
    customers simulated one by one. Inputs are drawn independently of each other.

    References
    ----------
    Berger, P. D., & Nasr, N. I. (1998). Customer lifetime value: Marketing models and applications. Journal of Interactive
    Marketing 12(1), 17–30. doi:10.1002/(SICI)1520-6653(199824)12:1<17::AID-DIR3>3.0.CO;2-K
    Gupta, S., & Lehmann, D. R. (2003). Customers as assets. Journal of Interactive Marketing 17(1), 9–24.
    doi:10.1002/dir.10045

    Examples
    --------
    >>> worth = lifetime_value(60, 0.8, discount=0.1, acquisition=15, multiple=7, spend_ratio=[1, 1.33, 1.67])
    >>> worth
    LifetimeValue, 7 rows by term: estimate 167.8 (125.2 to 210.9), part_below_zero 0, n_draws 2,000
    >>> worth.provenance.tier
    'synthetic'
    >>> lifetime_value(60, 1, discount=0.1)
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.DataError: retention is 1; it must be at least 0 and below 1.
    """
    check_horizon(horizon)
    given = {
        "margin": margin,
        "retention": retention,
        "discount": discount,
        "acquisition": acquisition,
        "multiple": multiple,
        "referral": referral,
        "spend_ratio": spend_ratio,
        "upkeep": upkeep,
    }
    inputs, provenance = drawn_inputs(given, n_draws=n_draws, seed=seed)
    return LifetimeValue(inputs, horizon, n_draws, provenance, conf_level)


def check_horizon(horizon: int | None) -> None:
    """Refuse a horizon that is no number of renewals."""
    if horizon is not None and (isinstance(horizon, bool) or not isinstance(horizon, int) or horizon < 0):
        raise DataError(f"horizon is {brief(horizon)}; it is a whole number of renewals, 0 or more, or None for all.")


# ---- Over the values of an input: `value_at()`, where an outcome is zero: `break_even()`, and what moves it: `tornado()`.


@dataclass(frozen=True, eq=False)
class ValueCurve(Result):
    """An outcome over the values of one input, the others as they were drawn.

    Attributes
    ----------
    name : str
        What a figure calls the outcome.
    of : str
        The input.
    rows : (dict of str → float, ...)
        Those of `tidy()`.

    See Also
    --------
    loyaltylab.loyalty.value_at : Makes it.
    """

    assumed: ClassVar[bool] = True
    name: str
    of: str
    rows: tuple[dict[str, float], ...]
    provenance: Provenance
    conf_level: float
    keys = ("term", "set_to")

    def columns(self) -> list[dict[str, Any]]:
        return [{"term": self.name, **row} for row in self.rows]

    def whole(self) -> dict[str, Any]:
        frame = self.tidy()["estimate"]
        return {"lowest": frame.min(), "highest": frame.max(), "conf_level": self.conf_level}


def value_at(result: Modelled, of: str, values: Sequence[float], *, name: str = "value", term: str = "") -> ValueCurve:
    """The outcome at each of these values of one input, with its interval; `name` is what a figure calls it.

    Parameters
    ----------
    result : LifetimeValue or ProgrammeReturn
        As `lifetime_value` or `programme_return` gives it.
    of : str
        The input that moves.
    values : sequence of float
        Its values.
    name : str
        What a figure calls the curve.
    term : str
        Which of several outcomes.

    Returns
    -------
    ValueCurve
        `tidy()` has a row for each value.

    Raises
    ------
    DataError
        Where no value is given.

    Examples
    --------
    >>> from loyaltylab import lifetime_value
    >>> curve = value_at(lifetime_value(60, 0.8, discount=0.1), "retention", [0, 0.5])
    >>> curve.tidy()["estimate"].round(2).tolist()
    [60.0, 110.0]
    """
    if not len(values):
        raise DataError(f"no value of {of} is given; name at least one of {listed([0.5, 0.9])}, say.")
    own = result.values({})
    check_known("input", of, own)
    check_value(of, list(values))
    rows = tuple(
        {"set_to": float(at), **result.row(result.total({of: np.full_like(own[of], at)}, term))} for at in values
    )
    return ValueCurve(name, of, rows, result.provenance.then(f"{of} set to each value"), result.conf_level)


@dataclass(frozen=True, eq=False)
class BreakEven(Result):
    """The value of one input at which an outcome is zero. Where the most likely value has none between the bounds, the
    estimate is not a number, and the verdict says on which side of zero the outcome stays.
    """

    assumed: ClassVar[bool] = True
    term: str
    estimate: float
    conf_low: float
    conf_high: float
    verdict: str
    proportion: float
    bounds: tuple[float, float]
    provenance: Provenance
    conf_level: float

    def columns(self) -> list[dict[str, Any]]:
        return [{"term": self.term, "estimate": self.estimate, "conf_low": self.conf_low, "conf_high": self.conf_high, "verdict": self.verdict}]  # fmt: skip

    def whole(self) -> dict[str, Any]:
        return {"lowest": self.bounds[0], "highest": self.bounds[1], "part_breaking_even": self.proportion, "conf_level": self.conf_level}  # fmt: skip


def break_even(result: Modelled, of: str, *, between: tuple[float, float], term: str = "") -> BreakEven:
    """At which value of one input the outcome is zero, by halving, in every draw.

    Parameters
    ----------
    result : Modelled
        Of `lifetime_value` or `programme_return`.
    of : str
        An input the outcome only rises, or only falls with.
    between : (float, float)
        Where to look. A draw that is not zero in there counts as the nearer bound.
    term : str
        Which outcome, such as one of two programmes; empty for the main one.

    Returns
    -------
    BreakEven
        The value with its interval; not a number where there is none between the bounds.

    Raises
    ------
    DataError, UnknownName
        For an input there is not, or bounds outside the values it can have.

    Examples
    --------
    >>> from loyaltylab import lifetime_value
    >>> worth = lifetime_value(60, 0.8, discount=0.1, acquisition=[10, 20, 30])
    >>> round(break_even(worth, "multiple", between=(0, 50)).estimate, 6)
    11.0
    """
    own = result.values({})
    check_known("input", of, own)
    low, high = (np.full_like(own[of], float(end)) for end in between)
    lowest, highest, *_ = BOUNDS[of.split(":")[0]]
    if not lowest <= between[0] < between[1] <= highest:
        raise DataError(f"look for {of} from low to high, within {lowest:g} and {highest:g}; {between} is not.")
    at_low, at_high = (result.total({of: end}, term) for end in (low, high))
    rises, inside = at_high > at_low, np.sign(at_low) != np.sign(at_high)
    for _ in range(60):
        middle = (low + high) / 2
        beyond = (result.total({of: middle}, term) > 0) == rises
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    root = (low + high) / 2
    ends = interval(root[1:, None], result.conf_level)[:, 0]
    verdict = "within" if inside[0] else "above" if at_low[0] > 0 else "below"
    provenance = result.provenance.then(f"break-even of {of}")
    return BreakEven(of, float(root[0]) if inside[0] else np.nan, float(ends[0]), float(ends[1]), verdict, float(inside[1:].mean()), between, provenance, result.conf_level)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tornado(Result):
    """How far an outcome moves when one input goes from the low to the high end of its range, the others staying.

    Attributes
    ----------
    base : float
        Outcome at the most likely inputs.
    rows : (dict of str → float or str, ...)
        Those of `tidy()`.

    See Also
    --------
    loyaltylab.loyalty.tornado : Makes it.
    """

    assumed: ClassVar[bool] = True
    base: float
    rows: tuple[dict[str, float | str], ...]
    provenance: Provenance
    conf_level: float

    @property
    def first(self) -> str:
        """The input with the largest swing."""
        return str(max(self.rows, key=lambda row: float(row["swing"]))["term"])

    def columns(self) -> pd.DataFrame:
        return pd.DataFrame([*self.rows]).sort_values("swing", ascending=False, kind="stable", ignore_index=True)

    def whole(self) -> dict[str, Any]:
        first = self.tidy().iloc[0]
        return {"estimate": self.base, "first": first["term"], "swing": first["swing"], "conf_level": self.conf_level}  # fmt: skip


def tornado(result: Modelled, *, term: str = "") -> Tornado:
    """Swing of the outcome over the range of each input, and its part in the squared rank correlations with the outcome.

    The range is the interval of the input's draws. Inputs that leave nothing open are not listed.

    Parameters
    ----------
    result : LifetimeValue or ProgrammeReturn
        As `lifetime_value` or `programme_return` gives it.
    term : str
        Which of several outcomes; the difference or the only one if left out.

    Returns
    -------
    Tornado
        `tidy()` has a row for each input.

    Raises
    ------
    ModelError
        Where every input is one number.

    References
    ----------
    Saltelli, A., et al. (2008). Global sensitivity analysis: The primer. Wiley. doi:10.1002/9780470725184

    Examples
    --------
    >>> from loyaltylab import lifetime_value
    >>> worth = lifetime_value(60, [0.6, 0.8, 0.9], discount=0.1, acquisition=[10, 20, 30])
    >>> tornado(worth).tidy()["term"].tolist()
    ['retention', 'acquisition']
    """

    def rank(values: FloatArray) -> FloatArray:
        return pd.Series(values[1:]).rank().to_numpy()

    varied = {name: given.values for name, given in result.inputs.items() if given.varies}
    if not varied:
        raise ModelError("every input is one number, so nothing can move the outcome. Give at least one a range.")
    outcome, point = result.total({}, term), {name: given.values[:1] for name, given in result.inputs.items()}
    ranked = rank(outcome)
    flat = bool(np.ptp(ranked) == 0)
    rho = {name: 0.0 if flat else float(np.corrcoef(rank(v), ranked)[0, 1]) for name, v in varied.items()}
    whole = sum(r**2 for r in rho.values()) or 1.0
    rows = []
    for name, values in varied.items():
        ends = interval(values[1:, None], result.conf_level)[:, 0]
        at_low, at_high = (float(result.total({**point, name: ends[i : i + 1]}, term)[0]) for i in (0, 1))
        rows.append({"term": name, "assumed_low": float(ends[0]), "assumed_high": float(ends[1]), "at_low": at_low, "at_high": at_high, "swing": abs(at_high - at_low), "correlation": rho[name], "share": rho[name] ** 2 / whole})  # fmt: skip
    return Tornado(float(outcome[0]), tuple(rows), result.provenance.then("one input at a time"), result.conf_level)
