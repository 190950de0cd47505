"""`leads()`: is the emotional block ahead of the rational one, in each published model and for each of its outcomes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...codebook import flatten
from ...core import DataError, Provenance, Result
from ...drivers import Contrast, Importance, importance
from .models import PublishedModel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Leads", "leads"]

_A, _B = "emotional", "rational"


@dataclass(frozen=True, eq=False)
class Leads(Result):
    """Share of the emotional block less that of the rational one; a row for each model and outcome.

    The verdict is *ahead* or *behind* where the whole interval lies on one side of zero, else *undecided*.
    """

    models: tuple[PublishedModel, ...]
    importances: dict[tuple[str, str], Importance]
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("segment", "outcome")

    @cached_property
    def contrasts(self) -> dict[tuple[str, str], Contrast]:
        """The difference of the shares by model and outcome."""
        return {key: found.contrast(_A, _B) for key, found in self.importances.items()}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of `tidy()`, computed once."""
        import pandas as pd

        rows = []
        for (model, outcome), contrast in self.contrasts.items():
            low, high = contrast.ends
            row = {
                "segment": model,
                "outcome": outcome,
                "estimate": contrast.estimate,
                "conf_low": low,
                "conf_high": high,
            }
            rows.append(row | {"verdict": "ahead" if low > 0 else "behind" if high < 0 else "undecided"})
        return pd.DataFrame(rows)

    def columns(self) -> pd.DataFrame:
        return self.frame

    def whole(self) -> dict[str, Any]:
        verdicts = self.frame["verdict"]
        row = {f"n_{name}": int((verdicts == name).sum()) for name in ("ahead", "behind", "undecided")}
        row |= {"n_compared": len(verdicts), "n_not_ahead": int((verdicts != "ahead").sum())}
        return row

    @property
    def told(self) -> str:
        """What may be told of all together: the emotional block is ahead in *all*, in *some*, in *none* of which all are
        undecided, or in none and *behind* somewhere; *simulated* of samples that nobody answered, whatever was found."""
        if self.provenance.tier == "synthetic":
            return "simulated"
        verdicts = set(self.frame["verdict"])
        if "ahead" in verdicts:
            return "all" if verdicts == {"ahead"} else "some"
        return "behind" if "behind" in verdicts else "none"

    @property
    def lowest(self) -> tuple[str, str]:
        """The model and outcome where the emotional block does worst."""
        return min(self.contrasts, key=lambda key: self.contrasts[key].estimate)

    def verdict(self, model: str, outcome: str) -> str:
        """*ahead*, *behind* or *undecided* in one comparison."""
        return str(self.frame.set_index(list(self.keys)).loc[(model, outcome), "verdict"])

    def of(self, model: str) -> dict[str, Importance]:
        """The importances of one model, by outcome."""
        return {outcome: found for (name, outcome), found in self.importances.items() if name == model}

    def first(self, model: str, outcome: str) -> str:
        """The driver with the largest share."""
        return self.importances[model, outcome].strongest


def leads(
    models: Sequence[PublishedModel],
    *,
    method: str = "lmg",
    n_draws: int = 2000,
    seed: int = 1,
    conf_level: float = 0.95,
) -> Leads:
    """Importance of the drivers in each published model, and the lead of the emotional block over the rational one.

    Parameters
    ----------
    models : sequence of PublishedModel
        From `read_model`; each is computed on its own, nothing is pooled.
    method : str
        One that adds up, see `METHODS`.
    n_draws, seed : int
        Wishart draws behind the intervals.

    Returns
    -------
    Leads
        Differences of shares of R², −1 to 1.

    Examples
    --------
    >>> from loyaltylab.claims import read_model
    >>> leads([read_model("hedonic_utilitarian")], n_draws=500)
    Leads, 2 rows by segment, outcome: n_ahead 0, n_behind 0, n_undecided 2, n_compared 2, n_not_ahead 2
    """
    if not models:
        raise DataError("there is no model to compute; give at least one.")
    found = {}
    for model in models:
        for outcome in model.outcomes:
            used = [outcome, *flatten(model.blocks)]
            found[model.name, outcome] = importance(
                model.moments(used),
                outcome,
                model.blocks,
                method=method,
                draws=model.draws(used, n_draws=n_draws, seed=seed),
                conf_level=conf_level,
            )
    origin = Provenance.merge([one.provenance for one in found.values()])
    return Leads(tuple(models), found, origin, conf_level)
