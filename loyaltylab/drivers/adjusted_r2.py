"""`explained()`: how much sets of drivers explain, without the optimism of many drivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contrasts import equivalent_to
from ..core import DataError, Provenance, Result, listed
from .decomposition import Importance


@dataclass(frozen=True, eq=False)
class Explained(Result):
    """Adjusted R² of several sets of drivers, with the intervals of R² in the population (`Importance.r_squared_ends`).

    Attributes
    ----------
    results : dict of str → Importance
        Name of the set → importance.

    See Also
    --------
    loyaltylab.drivers.explained : Makes it.
    """

    results: dict[str, Importance]

    @property
    def provenance(self) -> Provenance:
        return Provenance.merge([result.provenance for result in self.results.values()])

    @property
    def conf_level(self) -> float:
        return next(iter(self.results.values())).conf_level

    def __repr__(self) -> str:
        rows = self.tidy()
        parts = ", ".join(f"{row.term} {row.estimate:.3f}" for row in rows.itertuples())
        return f"Explained, adjusted R²: {parts}"

    def verdict(self, term: str, claimed: float, *, some: bool = False) -> str:
        """Where a claimed part stands: "above" or "below" the whole interval, or this "holds" it, or what is as good as it.

        As good as the claimed part is what differs from it by less than matters, see `equivalent_to`. Where only `some` of
        the drivers that the claim is about were asked, that they explain less leaves it "open".
        """
        found = self.value(term)
        assert found.conf_low is not None and found.conf_high is not None  # explained() asks for draws
        low, high = equivalent_to(claimed, "r_squared")
        if low > found.conf_high:
            return "open" if some else "above"
        return "below" if high < found.conf_low else "holds"

    def columns(self) -> list[dict[str, Any]]:
        return [_row(name, result) for name, result in self.results.items()]

    def whole(self) -> dict[str, Any]:
        return {"conf_level": self.conf_level}


def explained(results: Mapping[str, Importance]) -> Explained:
    """How much of its outcome each set of drivers explains.

    Parameters
    ----------
    results : mapping of what the set is called → its importance, with draws
        Their outcomes may differ.

    Returns
    -------
    Explained
        `tidy()` has a row for each set: adjusted R², with the interval of R² in the population.

    Raises
    ------
    DataError
        For an importance without draws.

    Examples
    --------
    >>> from loyaltylab import importance, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", "Excellence", "Efficiency", "EconomicValue"]
    >>> imp = importance(table.moments(used), used[0], used[1:], draws=table.draws(used, n_draws=500, seed=1))
    >>> found = explained({"functional": imp})
    >>> found, found.verdict("functional", 0.65), found.verdict("functional", 0.65, some=True)
    (Explained, adjusted R²: functional 0.417, 'above', 'open')
    """
    if bare := [name for name, result in results.items() if result.draw_r_squared is None]:
        raise DataError(f"{listed(bare)}: has no draws, so no interval; give importance() its draws=.")
    return Explained(dict(results))


def _row(name: str, result: Importance) -> dict[str, Any]:
    low, high = result.r_squared_ends
    p = sum(map(len, result.members.values()))
    return {
        "term": name,
        "outcome": result.outcome,
        "estimate": max(0.0, float(result.stat("r_squared_adjusted").value)),
        "conf_low": low,
        "conf_high": high,
        "r_squared": result.r_squared,
        "n_drivers": p,
        "n_models": float(2**p),
        "n": result.n,
    }
