"""What if a driver went together with the outcome more, or less? A table changed by hand: for learning, never evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any

import numpy as np

from ..core import MatrixError, ModelError, Provenance, Result, listed, pd, taken_from, tr
from ..kernels import entry_bounds
from ..moments import Moments, by_name
from .decomposition import Importance, importance


def possible_correlations(moments: Moments, outcome: str, driver: str) -> tuple[float, float]:
    """Lowest and highest correlation of a driver with the outcome that the other correlations allow.

    Parameters
    ----------
    moments : Moments
        Of the outcome and all drivers, as `survey.moments(names)` gives them.
    outcome : str
        Name of the variable to explain.
    driver : str
        The driver whose correlation may move.

    Returns
    -------
    (float, float)
        Between −1 and 1.

    Raises
    ------
    ModelError
        Where the moments are more than one set, or the other variables determine each other.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> m = read_table("hedonic_utilitarian").moments(["AttLoyalty", "Enjoyment", "Excellence"])
    >>> [round(end, 2) for end in possible_correlations(m, "AttLoyalty", "Enjoyment")]
    [-0.48, 0.96]
    """
    outcome, driver = by_name(moments, outcome, driver, of="moments")
    _check(moments, outcome, [driver])
    i, j = moments.index([outcome, driver])
    try:
        return entry_bounds(moments.corr, i, j)
    except np.linalg.LinAlgError:
        others = [name for name in moments.names if name not in (outcome, driver)]
        raise ModelError(f"{listed(others)} determine each other, so no range can be given. Leave one out.") from None


def what_if(moments: Moments, outcome: str, driver: str, *, correlation: float) -> Moments:
    """The same table with another correlation between one driver and the outcome; its tier is synthetic.

    Means, standard deviations, n and all other correlations stay. The result was seen by nobody: it shows how a method
    works and what a conclusion hangs on, and is no evidence.

    Parameters
    ----------
    moments : Moments
        One set, holding the outcome and the driver.
    outcome, driver : str
        The two whose correlation is changed.
    correlation : float
        The new one, between −1 and 1.

    Returns
    -------
    Moments
        Of the same variables.

    Raises
    ------
    MatrixError
        Where no data can have it beside the other correlations; the message gives the range that they allow.

    Notes
    -----
    Checked against the smallest eigenvalue of random correlation matrices just inside and outside the range.

    References
    ----------
    Olkin, I. (1981). Range restrictions for product-moment correlation matrices. Psychometrika 46, 469–472.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> m = read_table("hedonic_utilitarian").moments(["AttLoyalty", "Enjoyment", "Excellence"])
    >>> changed = what_if(m, "AttLoyalty", "Enjoyment", correlation=0.2)
    >>> changed.corr[0].round(2).tolist(), changed.provenance.tier
    ([1.0, 0.2, 0.63], 'synthetic')
    >>> what_if(m, "AttLoyalty", "Enjoyment", correlation=-0.6)
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.MatrixError: no data can have a correlation of -0.6 between Enjoyment and AttLoyalty: the other correlations leave it between -0.478 and 0.957.
    """
    outcome, driver = by_name(moments, outcome, driver, of="moments")
    return _changed(moments, outcome, {driver: correlation})


@dataclass(frozen=True, eq=False)
class Hypothetical(Result):
    """Shares in a table changed by hand, beside those in the table as it was found; neither has an interval here.

    Attributes
    ----------
    after, before : Importance
        As changed, and as found.
    correlations, correlations_found : mapping of str → float
        Driver → correlation with the outcome.
    changed : sequence of str
        Drivers whose correlation was set.

    See Also
    --------
    loyaltylab.drivers.hypothetical : Makes it.
    """

    after: Importance
    before: Importance
    correlations: Mapping[str, float]
    correlations_found: Mapping[str, float]
    changed: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.after.terms != self.before.terms or self.after.provenance.tier != "synthetic":
            raise ModelError("a table changed by hand is about the same drivers and is synthetic; do not use this.")

    def __repr__(self) -> str:
        changes = listed(f"{name} {self.correlations[name]:.2f}" for name in self.changed)
        return f"Hypothetical shares of {len(self.after.terms)} drivers of '{self.after.outcome}'; changed by hand: {changes}"

    provenance = taken_from("after.provenance")

    def columns(self) -> pd.DataFrame:
        frame = self.after.tidy()[["term", "block", "share", "rank"]]
        return frame.assign(
            share_found=self.before.shares,
            correlation=[self.correlations[name] for name in frame["term"]],
            correlation_found=[self.correlations_found[name] for name in frame["term"]],
        )

    def whole(self) -> dict[str, Any]:
        return {**self.after.whole(), "r_squared_found": self.before.r_squared}


def hypothetical(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    correlations: Mapping[str, float],
    *,
    method: str = "lmg",
    covariates: Sequence[str] = (),
) -> Hypothetical:
    """Importance if some drivers correlated otherwise with the outcome, beside importance as it was found.

    Parameters
    ----------
    moments, outcome, drivers, method, covariates
        As for `importance`.
    correlations : mapping of driver → correlation
        Those that are changed, all at once; the other correlations stay.

    Returns
    -------
    Hypothetical
        `tidy()` has a row for each driver, as found and as imagined; the tier is synthetic.

    Raises
    ------
    MatrixError
        Where no data can have these correlations together.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> m = read_table("hedonic_utilitarian").moments(["AttLoyalty", "Enjoyment", "Excellence"])
    >>> hypothetical(m, "AttLoyalty", ["Enjoyment", "Excellence"], {"Excellence": 0.42}).tidy()["share"].tolist()
    [0.5, 0.5]
    """
    outcome, drivers, covariates = by_name(moments, outcome, drivers, covariates, of="moments")
    correlations = {by_name(moments, name): r for name, r in correlations.items()}
    model = {"outcome": outcome, "drivers": drivers, "method": method, "covariates": covariates}
    after = importance(_changed(moments, outcome, correlations), **model)
    rows = moments.corr[moments.index([outcome])[0]]
    found = dict(zip(moments.names, rows.tolist(), strict=True))
    return Hypothetical(after, importance(moments, **model), {**found, **correlations}, found, tuple(correlations))


@dataclass(frozen=True, eq=False)
class TurningPoint(Result):
    """The weakest correlation with the outcome at which a driver is still first, and who overtakes it below that.

    `estimate` is not a number, and `against` the driver itself, where it stays first down to no correlation at all or to
    the last one that is possible.
    """

    driver: str
    against: str
    estimate: float
    correlation_found: float
    n: int
    provenance: Provenance

    def columns(self) -> list[dict[str, Any]]:
        row = {"term": self.driver, "against": self.against, "estimate": self.estimate}
        return [row | {"correlation_found": self.correlation_found}]

    def whole(self) -> dict[str, Any]:
        return {"n": self.n}

    @property
    def verdict(self) -> str:
        """The word "overtaken", or "never"."""
        return "overtaken" if self.estimate == self.estimate else "never"


def turning_point(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    driver: str,
    *,
    method: str = "lmg",
    covariates: Sequence[str] = (),
) -> TurningPoint:
    """How much weaker the first driver's correlation with the outcome may be before another comes first.

    The correlation is brought towards zero in steps of 0.01, all others staying as they are.

    Parameters
    ----------
    moments : Moments
        Of the outcome and all drivers, as `survey.moments(names)` gives them.
    outcome : str
        Name of the variable to explain.
    drivers : sequence, or mapping of block → drivers
        Names of the drivers.
    driver : str
        The one that comes first.
    method : str
        One of `METHODS`; its label says how it divides.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.

    Returns
    -------
    TurningPoint
        The weakest correlation at which the driver is still first, and who overtakes it below that.

    Raises
    ------
    ModelError
        Where the driver is not first to begin with.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> m = read_table("hedonic_utilitarian").moments(["AttLoyalty", "Enjoyment", "Excellence"])
    >>> turning_point(m, "AttLoyalty", ["Enjoyment", "Excellence"], "Excellence").tidy().values.tolist()
    [['Excellence', 'Enjoyment', 0.43, 0.63]]
    """
    outcome, drivers, driver, covariates = by_name(moments, outcome, drivers, driver, covariates, of="moments")
    model = {"method": method, "covariates": covariates}
    found = importance(moments, outcome, drivers, **model)
    r = float(moments.corr[tuple(moments.index([outcome, driver]))])
    if driver not in found.terms or _first(found) != driver:
        raise ModelError(f"{driver} is not the first driver of {outcome} here; {_first(found)} is.")
    low, high = possible_correlations(moments, outcome, driver)
    still, steps = r, np.sign(r) * np.arange(floor(abs(r) * 100 - 1e-9), -1, -1) / 100
    provenance = what_if(moments, outcome, driver, correlation=r).provenance
    for step in steps[(steps > low) & (steps < high)].tolist():
        now = importance(what_if(moments, outcome, driver, correlation=step), outcome, drivers, **model)
        if _first(now) != driver:
            return TurningPoint(driver, _first(now), still, r, found.n, provenance)
        still = step
    return TurningPoint(driver, driver, float("nan"), r, found.n, provenance)


def _first(result: Importance) -> str:
    """The driver with the largest estimate; of equals to 1e-10, the one named first."""
    return result.terms[int(np.argmax(result.estimates.round(10)))]


def _check(moments: Moments, outcome: str, drivers: Sequence[str]) -> None:
    if moments.batch:
        raise ModelError("a correlation is changed in one set of moments; pick one, as in moments['prepaid'].")
    moments.index([outcome, *drivers])
    if outcome in drivers:
        raise ModelError(f"{outcome} is the outcome itself; name a driver whose correlation with it is changed.")


def _changed(moments: Moments, outcome: str, correlations: Mapping[str, float]) -> Moments:
    """The moments with these correlations of drivers with the outcome, if data can have them."""
    _check(moments, outcome, list(correlations))
    if bad := [name for name, r in correlations.items() if not -1 <= r <= 1]:
        raise ModelError(f"the correlation of {bad[0]} is {correlations[bad[0]]}; it is a number between -1 and 1.")
    o, at = moments.index([outcome])[0], moments.index(correlations)
    R = moments.corr.copy()
    R[o, at] = R[at, o] = list(correlations.values())
    if np.linalg.eigvalsh(R)[0] < -1e-10:
        raise MatrixError(_impossible(R, o, at, outcome, correlations))
    sd = np.sqrt(np.diagonal(moments.scatter))
    kept = moments.scatter.copy()
    kept[o, at] = kept[at, o] = R[o, at] * sd[o] * sd[at]
    changes = listed(f"{driver} {r:g} (it was {moments.corr[o, j]:.3f})" for j, (driver, r) in zip(at, correlations.items(), strict=True))  # fmt: skip
    made = tr("a table changed by hand, which nobody observed; made from: {source}")
    source = made.filled(source=moments.provenance.source)
    provenance = replace(moments.provenance, tier="synthetic", source=source)
    return replace(moments, scatter=kept, provenance=provenance.then(f"correlations with {outcome} set to: {changes}"))


def _impossible(R: np.ndarray, o: int, at: Sequence[int], outcome: str, correlations: Mapping[str, float]) -> str:
    """What is wrong with the new correlations, and the range that is left to one of them."""
    for j, (driver, r) in reversed(list(zip(at, correlations.items(), strict=True))):
        try:
            low, high = entry_bounds(R, o, j)
        except np.linalg.LinAlgError:
            continue
        if low == low:
            room = f"the other correlations leave it between {ceil(low * 1000) / 1000:g} and {floor(high * 1000) / 1000:g}."
            return f"no data can have a correlation of {r:g} between {driver} and {outcome}: {room}"
    changes = listed(f"{driver} {r:g}" for driver, r in correlations.items())
    return f"no data can have these correlations with {outcome} together: {changes}. Bring two or more of them nearer to what was found."
