"""`collinearity()`: how far drivers are determined by each other, and when that is too far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import RULES, ModelError, Result, listed, provenance_of
from ..kernels import dependent_set
from ..moments import Moments, by_name


@dataclass(frozen=True, eq=False)
class Collinearity(Result):
    """How far each driver is determined by the others: variance inflation, its inverse, and the condition number.

    Attributes
    ----------
    moments : Moments
        Of the drivers.

    See Also
    --------
    loyaltylab.models.collinearity : Makes it.
    """

    moments: Moments

    provenance = provenance_of("moments")

    @property
    def most_inflated(self) -> str:
        """The driver that can be told from the others least."""
        return str(self.tidy().sort_values("vif")["term"].iloc[-1])

    def columns(self) -> dict[str, Any]:
        vif = np.diagonal(np.linalg.inv(self.moments.corr))
        verdict = np.where(vif > RULES["variance_inflation"][0], "inflated", "apart")
        facts = {"vif": vif, "own_part": 1 / vif, "inflation": np.sqrt(vif), "verdict": verdict}
        return {"term": self.moments.names, **facts}

    def whole(self) -> dict[str, Any]:
        values = np.linalg.eigvalsh(self.moments.corr)
        data = self.tidy()
        return {
            "condition_number": float(values[-1] / values[0]),
            "condition_index": float(np.sqrt(values[-1] / values[0])),
            "vif": data["vif"].max(),
            "inflation": data["inflation"].max(),
            "n_inflated": int((data["verdict"] == "inflated").sum()),
            "n_drivers": len(data),
            "n": int(self.moments.n),
        }


def collinearity(moments: Moments, drivers: Iterable[str]) -> Collinearity:
    """Variance inflation of each driver, and the condition number of their correlation matrix.

    `inflation` is the square root of the variance inflation: by how much the interval of a driver's coefficient is wider than
    if it were uncorrelated with the others. `condition_number` is the largest eigenvalue of the correlation matrix over the
    smallest, `condition_index` its root. `verdict` follows the rule `variance_inflation` of `RULES`; there is one for
    `condition_index` too. Both are usual, and contested.

    Parameters
    ----------
    moments : Moments
        Of these drivers at least.
    drivers : iterable of str
        Two or more.

    Returns
    -------
    Collinearity
        `tidy()` has a row for each driver; 1 is no inflation.

    Raises
    ------
    ModelError
        Where a driver is determined exactly by others, naming them; for a single driver.

    Notes
    -----
    Equals R's `car::vif`, and `kappa(R, exact = TRUE)` of the correlation matrix, on swiss and attitude to 1e-10.
    `variance_inflation_factor` of statsmodels takes rows, one driver at a time, without weights; moments and printed tables
    have no rows.

    References
    ----------
    O'Brien, R. M. (2007). A caution regarding rules of thumb for variance inflation factors. Quality & Quantity 41,
    673–690. doi:10.1007/s11135-006-9018-6
    Belsley, D. A., Kuh, E., & Welsch, R. E. (1980). Regression Diagnostics. Wiley. doi:10.1002/0471725153

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> collinearity(read_table("hedonic_utilitarian").everything, ["Escapism", "Enjoyment", "Efficiency"])
    Collinearity, 3 rows by term: condition_number 6.017, condition_index 2.453, vif 1.981, inflation 1.407,
        n_inflated 0, n_drivers 3
    """
    drivers = by_name(moments, drivers, of="moments")
    m = moments.select(list(drivers))
    if len(m.names) < 2:
        raise ModelError("collinearity is about at least two drivers.")
    if tied := dependent_set(m.corr):
        raise ModelError(
            f"{listed(m.names[i] for i in tied)}: each is determined exactly by the others. Leave one out."
        )
    return Collinearity(m)
