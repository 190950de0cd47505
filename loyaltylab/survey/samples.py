"""Who answered and what they answered: counts of a survey, with small cells withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core import MIN_CELL, Provenance, Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STEPS", "Composition", "Distribution", "Flow", "Sample"]
#: Steps of a `Flow` that are no rule of `SCREENS`.
STEPS = ("asked", "unweighted", "incomplete", "used")


@dataclass(frozen=True, eq=False)
class _Counts(Result):
    """Counts as they were made, without the answers: `rows` is `tidy()`, `totals` is `glance()`."""

    rows: pd.DataFrame
    totals: Mapping[str, Any]
    provenance: Provenance

    def columns(self) -> pd.DataFrame:
        return self.rows

    def whole(self) -> Mapping[str, Any]:
        return self.totals


@dataclass(frozen=True, eq=False)
class Sample(_Counts):
    """Who is used for a model, and what was left out, variable by variable; `steps` as in `flow()`."""

    steps: Mapping[str, int]

    def flow(self) -> Flow:
        """From the rows of the file to those used, each step that leaves respondents out counted."""
        import pandas as pd

        rows = pd.DataFrame({"term": [*self.steps], "n": [*self.steps.values()]})
        return Flow(rows, self.totals, self.provenance)


@dataclass(frozen=True, eq=False)
class Flow(_Counts):
    """Who was asked, who was left out by which rule, and who is used; the counts between first and last sum up."""


@dataclass(frozen=True, eq=False)
class Composition(_Counts):
    """Respondents by segment; a count is withheld where it, or what it would give away, is smaller than `min_cell`."""

    min_cell: int = MIN_CELL
    keys = ("term", "segment")


@dataclass(frozen=True, eq=False)
class Distribution(_Counts):
    """Respondents by answer, in whole scale points; a count is withheld where it, or what it would give away, is small."""

    min_cell: int = MIN_CELL
    keys = ("answer",)

    @property
    def name(self) -> str:
        """The variable whose answers these are."""
        return str(self.totals["term"])
