"""Over the values of an input: `value_at()`, where an outcome is zero: `break_even()`, and what moves it: `tornado()`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import DataError, ModelError, Provenance, Result, check_known, listed
from ...kernels import FloatArray, interval
from .assumptions import BOUNDS, Modelled, check_value

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BreakEven", "Tornado", "ValueCurve", "break_even", "tornado", "value_at"]


@dataclass(frozen=True, eq=False)
class ValueCurve(Result):
    """An outcome over the values of one input, the others as they were drawn."""

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
    of : str
        An input the outcome only rises, or only falls with.
    between : (float, float)
        Where to look. A draw that is not zero in there counts as the nearer bound.
    term : str
        Which outcome, such as one of two programmes; empty for the main one.

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
    """How far an outcome moves when one input goes from the low to the high end of its range, the others staying."""

    base: float
    rows: tuple[dict[str, float | str], ...]
    provenance: Provenance
    conf_level: float

    @property
    def first(self) -> str:
        """The input with the largest swing."""
        return str(max(self.rows, key=lambda row: float(row["swing"]))["term"])

    def columns(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame([*self.rows]).sort_values("swing", ascending=False, kind="stable", ignore_index=True)

    def whole(self) -> dict[str, Any]:
        first = self.tidy().iloc[0]
        return {"estimate": self.base, "first": first["term"], "swing": first["swing"], "conf_level": self.conf_level}  # fmt: skip


def tornado(result: Modelled, *, term: str = "") -> Tornado:
    """Swing of the outcome over the range of each input, and its part in the squared rank correlations with the outcome.

    The range is the interval of the input's draws. Inputs that leave nothing open are not listed.

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
    import pandas as pd

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
