"""`Assumption`: a number nobody measured; and inputs, assumed or measured, drawn so that uncertainty is carried through.

Money is never in a survey. Every number set by hand is an assumption, and a result that rests on one is synthetic.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import DataError, Provenance, Quantity, Result, brief, check_known, tr, unknown
from ...kernels import FloatArray, critical, interval

if TYPE_CHECKING:
    pass

__all__ = ["BOUNDS", "Assumption", "Given", "Input", "Modelled", "assumed", "check_value", "drawn_inputs"]

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
    """One input: `values` (1 + draws,), the most likely value first."""

    values: FloatArray
    said: str
    evidence: Provenance | None = None

    @property
    def varies(self) -> bool:
        """Whether anything is left open."""
        return bool(np.ptp(self.values) > 0)


class Modelled(Result):
    """A result computed from inputs; it can be computed again with one of them changed."""

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
    said = tuple(f"{name}: {each.said}" for name, each in inputs.items())
    origins = [each.evidence for each in inputs.values() if each.evidence]
    if len(origins) < len(inputs):
        origins.append(Provenance("synthetic", tr("assumptions set by the reader, no evidence"), steps=said))
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
    said = f"assumed {a.mode:g}" if fixed else f"assumed {a.low:g} to {a.high:g}, most likely {a.mode:g} ({a.shape})"
    return Input(np.concatenate([[a.mode], a.draw(rng, n)]), said)


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
