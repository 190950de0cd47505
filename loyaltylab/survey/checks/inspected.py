"""What every check may look at: the raw table, its codebook, the recoded answers and their correlations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...codebook import Codebook, Item, Scale
from ...core import MIN_CELL
from ...kernels import FloatArray, pairwise
from ..files.raw_table import RawTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Inspected"]


@dataclass(frozen=True, eq=False)
class Inspected:
    """A survey file under inspection; answers that cannot be are blank in `frame`, scales are scored."""

    table: RawTable
    book: Codebook
    frame: pd.DataFrame
    min_cell: int = MIN_CELL

    @property
    def raw(self) -> pd.DataFrame:
        """The cells as they stand in the file."""
        return self.table.frame

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items of the codebook that the file has."""
        return {name: item for name, item in self.book.items.items() if name in self.frame}

    @cached_property
    def answers(self) -> list[str]:
        """Items answered with a number on a scale, anything but the design."""
        return [
            name
            for name, item in self.items.items()
            if item.role in ("", "driver", "outcome", "covariate") and not item.values
        ]

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """Scales of two items or more that are all in the file; items and sum are answered in more than one way."""
        varies = {name for name in self.answers if self.cov([name])[0, 0] > 0}
        scales = {n: s for n, s in self.book.scales.items() if len(s.items) > 1 and varies >= {*s.items}}
        return {name: scale for name, scale in scales.items() if self.cov(scale.items).sum() > 1e-6}

    @cached_property
    def _together(self) -> tuple[FloatArray, FloatArray]:
        return pairwise([self.frame[name].to_numpy(dtype=float) for name in self.answers])

    def cov(self, names: Iterable[str]) -> FloatArray:
        """Covariances (k, k) of items over whoever answered both of a pair."""
        at = [self.answers.index(name) for name in names]
        return self._together[1][np.ix_(at, at)]

    def corr(self, names: Sequence[str]) -> FloatArray:
        """Correlations (k, k) over whoever answered both of a pair; not a number with a constant."""
        S = self.cov(names)
        with np.errstate(invalid="ignore", divide="ignore"):
            return S / np.sqrt(np.outer(np.diag(S), np.diag(S)))

    def n_of(self, scale: Scale) -> int:
        """Fewest respondents behind a correlation within the scale."""
        at = [self.answers.index(name) for name in scale.items]
        return int(self._together[0][np.ix_(at, at)].min())
