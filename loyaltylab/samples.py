"""Who answered and what they answered: counts of a survey, with small cells withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .cells import withheld
from .codebook import Scale
from .provenance import Provenance
from .results import Result

if TYPE_CHECKING:
    import pandas as pd

    from .survey import Survey

__all__ = ["MIN_CELL", "STEPS", "Composition", "Distribution", "Flow", "Sample"]

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
        excluded = sum(self.survey.excluded.values())
        rows, used = len(self.survey.frame) + excluded, int(m.n)
        counts = {"n_rows": rows, "n_excluded": excluded, "n_complete": used, "n_left_out": rows - used}
        counts |= {"n_effective": float(m.n_eff), "n_filled": int(self.tidy()["n_filled"].sum())}
        return pd.DataFrame({key: [value] for key, value in counts.items()})

    def flow(self) -> Flow:
        """From the rows of the file to those used, each step that leaves respondents out counted."""
        return Flow(self)


#: Steps of a `Flow` that are no rule of `SCREENS`.
STEPS = ("asked", "unweighted", "incomplete", "used")


@dataclass(frozen=True, eq=False)
class Flow(Result):
    """Who was asked, who was left out by which rule, and who is used; the counts between first and last sum up."""

    sample: Sample

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.sample.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        survey, whole = self.sample.survey, self.sample.glance().iloc[0]
        no_weight = int(survey.frame[survey.weight].isna().sum()) if survey.weight else 0
        incomplete = int(whole["n_left_out"] - whole["n_excluded"]) - no_weight
        steps = {"asked": int(whole["n_rows"]), **survey.excluded}
        steps |= {"unweighted": no_weight} if no_weight else {}
        steps |= {"incomplete": incomplete, "used": int(whole["n_complete"])}
        return pd.DataFrame({"term": [*steps], "n": [*steps.values()]})

    def glance(self) -> pd.DataFrame:
        return self.sample.glance()


@dataclass(frozen=True, eq=False)
class Composition(Result):
    """Respondents by segment; a count is withheld where it, or what it would give away, is smaller than `min_cell`."""

    survey: Survey
    names: tuple[str, ...]
    segments: tuple[str, ...]
    min_cell: int = MIN_CELL
    keys = ("term", "segment")

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.survey.provenance

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        frame = self.survey.frame
        complete = frame[list(self.names)].notna().all(axis=1).to_numpy()
        parts = [pd.DataFrame(columns=["term", "segment", "n_rows", "n_complete"])]
        for segment in self.segments:
            values = self.survey.segment_values(self.survey.segment(segment))
            here = np.array([np.ones(len(frame), bool), *((frame[segment] == code).to_numpy() for code in values)])
            n = np.stack([here.sum(axis=1), (here & complete).sum(axis=1)], axis=1)
            small = np.concatenate([withheld(n[:, [j]], self.min_cell) for j in range(2)], axis=1)
            shown = np.where(small[:, :1] | small, np.nan, n)[1:]
            labels = [label["en"] for label in values.values()]
            rows = {"term": segment, "segment": labels, "n_rows": shown[:, 0], "n_complete": shown[:, 1]}
            parts.append(pd.DataFrame(rows))
        return pd.concat(parts[1:] or parts, ignore_index=True)

    def glance(self) -> pd.DataFrame:
        return self.survey.sample(self.names).glance()


@dataclass(frozen=True, eq=False)
class Distribution(Result):
    """Respondents by answer, in whole scale points; a count is withheld where it, or what it would give away, is small."""

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
        hidden = withheld(n[None], self.min_cell)[0]
        shown = {
            "answer": [str(point) for point in points],
            "n": np.where(hidden, np.nan, n),
            "share": np.where(hidden, np.nan, share),
        }
        return pd.DataFrame(shown)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"term": [self.name], "n": [int(self.survey.frame[self.name].notna().sum())]})
