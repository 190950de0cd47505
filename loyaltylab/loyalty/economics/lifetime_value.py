"""`lifetime_value()`: what a customer won today is worth, the sum of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core import DataError, ModelError, Provenance, brief
from ...kernels import FloatArray
from .assumptions import Given, Input, Modelled, drawn_inputs

__all__ = ["LifetimeValue", "check_horizon", "discounted", "lifetime_value"]


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
