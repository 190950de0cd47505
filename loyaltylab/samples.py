"""Who answered and what they answered: counts of a survey, with small cells withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .codebook import Scale
from .provenance import Provenance
from .results import Result

if TYPE_CHECKING:
    import pandas as pd

    from .survey import Survey

__all__ = ["MIN_CELL", "Composition", "Distribution", "Sample"]

#: Groups of fewer respondents than this are not shown: a rule of thumb of statistical offices (Hundepool et al. 2012,
#: Statistical Disclosure Control, doi:10.1002/9781118348239).
MIN_CELL = 10


@dataclass(frozen=True, eq=False)
class Sample(Result):
    """Who is used for a model, and what was left out, variable by variable."""

    survey: Survey
    names: tuple[str, ...]

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        survey, filled = self.survey, self.survey.missing == "item_mean"
        variables = [survey.codebook.variable(name) for name in self.names]
        cells = [
            sum(survey.cells_missing.get(i, 0) for i in v.items) if isinstance(v, Scale) else None for v in variables
        ]
        return pd.DataFrame(
            {
                "term": self.names,
                "n_cells_missing": [
                    int(survey.frame[v.name].isna().sum()) if c is None else c
                    for v, c in zip(variables, cells, strict=True)
                ],
                "n_filled": [(c or 0) if filled else 0 for c in cells],
                "n_missing": [int(survey.frame[name].isna().sum()) for name in self.names],
            }
        )

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        m = self.survey.moments(self.names)
        rows = len(self.survey.frame)
        used = int(m.n)
        counts = {"n_rows": rows, "n_complete": used, "n_left_out": rows - used, "n_effective": float(m.n_eff)}
        return pd.DataFrame(
            {key: [value] for key, value in (counts | {"n_filled": int(self.tidy()["n_filled"].sum())}).items()}
        )


@dataclass(frozen=True, eq=False)
class Composition(Result):
    """Respondents by segment; segments smaller than `MIN_CELL` are not shown."""

    survey: Survey
    names: tuple[str, ...]
    segments: tuple[str, ...]
    keys = ("term", "segment")

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        frame = self.survey.frame
        complete = frame[list(self.names)].notna().all(axis=1)
        rows = []
        for segment in self.segments:
            for code, label in self.survey.segment_values(self.survey.segment(segment)).items():
                here = frame[segment] == code
                if here.sum() >= MIN_CELL:
                    rows.append((segment, label["en"], int(here.sum()), int((here & complete).sum())))
        return pd.DataFrame(rows, columns=["term", "segment", "n_rows", "n_complete"])

    def glance(self) -> pd.DataFrame:
        return self.survey.sample(self.names).glance()


@dataclass(frozen=True, eq=False)
class Distribution(Result):
    """Respondents by answer, in whole scale points; where a cell is smaller than `min_cell` its count is withheld.

    A single withheld cell could be worked out from the total, so then the next smallest is withheld with it.
    """

    survey: Survey
    name: str
    min_cell: int = MIN_CELL
    keys = ("answer",)

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        frame, variable = self.survey.frame, self.survey.codebook.variable(self.name)
        answers = np.floor(frame[self.name].dropna() + 0.5).astype(int)
        item = self.survey.codebook.items[variable.items[0]] if isinstance(variable, Scale) else variable
        low, high = item.range or (answers.min(), answers.max())
        weight = frame[self.survey.weight][answers.index] if self.survey.weight else pd.Series(1.0, answers.index)
        points = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        n = np.array([int((answers == point).sum()) for point in points])
        share = np.array([weight[answers == point].sum() for point in points]) / weight.sum()
        hidden = (n > 0) & (n < self.min_cell)
        if hidden.sum() == 1 and (n >= self.min_cell).any():
            hidden[np.argmin(np.where(n >= self.min_cell, n, n.max() + 1))] = True
        shown = {
            "answer": [str(point) for point in points],
            "n": np.where(hidden, np.nan, n),
            "share": np.where(hidden, np.nan, share),
        }
        return pd.DataFrame(shown)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"term": [self.name], "n": [int(self.survey.frame[self.name].notna().sum())]})
