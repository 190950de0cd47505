"""`leads()`: is the emotional block ahead of the rational one, in each published model and for each of its outcomes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any

from ...codebook import flatten
from ...contrasts import Heterogeneity, Inference, heterogeneity
from ...core import DataError, Provenance, Result, pd
from ...drivers import Contrast, Importance, importance
from .models import PublishedModel

_A, _B = "emotional", "rational"


@dataclass(frozen=True, eq=False)
class Leads(Result):
    """Share of the emotional block less that of the rational one; a row for each model and outcome.

    The verdict is *ahead* or *behind* where the whole interval lies on one side of zero, else *undecided*.

    Attributes
    ----------
    models : sequence of PublishedModel
        As `read_model` gives them.
    importances : dict of (str, str) → Importance
        (model, outcome) → importance.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    conf_level : float
        Level of the intervals, between 0 and 1.

    See Also
    --------
    loyaltylab.claims.leads : Makes it.
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

    @cached_property
    def samples(self) -> dict[str, list[PublishedModel]]:
        """The models by whose answers they rest on: those of the same rows or the same table are one sample."""
        found: dict[str, list[PublishedModel]] = {}
        for model in self.models:
            found.setdefault(model.rows or model.table.name, []).append(model)
        return found

    def sample_labels(self, language: str = "en") -> dict[str, str]:
        """Each sample by the title of its model, or of its codebook where several models rest on it."""
        return {
            sample: (models[0] if len(models) == 1 else models[0].table.codebook).title[language]
            for sample, models in self.samples.items()
        }

    @cached_property
    def pooled(self) -> Heterogeneity | None:
        """The mean lead over independent samples of respondents, each counted once; None where there is one sample alone.

        The comparisons of a sample are averaged, with the mean of their standard errors: as if perfectly correlated, so that
        asking the same respondents twice makes nothing surer (Borenstein et al. 2009, ch. 24). Samples may truly differ, and
        the interval is that of Hartung & Knapp, within −1 and 1.

        References
        ----------
        Borenstein, M., Hedges, L. V., Higgins, J. P. T. & Rothstein, H. R. (2009). Introduction to Meta-Analysis. Wiley.
        doi:10.1002/9780470743386
        """
        if len(self.samples) < 2:
            return None
        by_sample = {}
        for sample, models in self.samples.items():
            names = [model.name for model in models]
            leads = [contrast for (name, _), contrast in self.contrasts.items() if name in names]
            by_sample[sample] = Inference(
                _A,
                _B,
                estimate=fmean(lead.estimate for lead in leads),
                measure="difference of shares",
                method="mean of the comparisons of one sample",
                n=max(lead.n for lead in leads),
                provenance=Provenance.merge([lead.provenance for lead in leads]),
                std_error=fmean(lead.row["std_error"] for lead in leads),
            )
        return heterogeneity(by_sample, conf_level=self.conf_level, interval="hartung_knapp", possible=(-1.0, 1.0))

    def columns(self) -> pd.DataFrame:
        return self.frame

    def whole(self) -> dict[str, Any]:
        verdicts = self.frame["verdict"]
        row = {f"n_{name}": int((verdicts == name).sum()) for name in ("ahead", "behind", "undecided")}
        row |= {"n_compared": len(verdicts), "n_not_ahead": int((verdicts != "ahead").sum())}
        return row

    @property
    def finding(self) -> str:
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
        From `read_model`; each is computed on its own, and `Leads.pooled` is the mean over their samples.
    method : str
        One that adds up, see `METHODS`.
    n_draws, seed : int
        Wishart draws behind the intervals.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Leads
        Differences of shares of R², −1 to 1.

    Raises
    ------
    DataError
        For no model.

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
