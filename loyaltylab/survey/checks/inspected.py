"""What every check may look at: the raw table, its codebook, the recoded answers and their correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...codebook import Codebook, Item, Scale
from ...core import MIN_CELL, pd
from ...kernels import FloatArray, pairwise
from ..files.raw_table import RawTable


@dataclass(frozen=True, eq=False)
class Inspected:
    """A survey file under inspection; answers that cannot be are blank in `frame`, scales are scored.

    `guessed` holds, of a codebook that was drafted here, item → why codes of it were taken for no answer.
    """

    table: RawTable
    book: Codebook
    frame: pd.DataFrame
    min_cell: int = MIN_CELL
    guessed: Mapping[str, str] = field(default_factory=dict)

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
        """Scales of two items or more that are all in the file; items and sum vary among those who answered them all."""
        whole = {n: s for n, s in self.book.scales.items() if len(s.items) > 1 and {*self.answers} >= {*s.items}}
        covs = {name: self.scale_cov(scale) for name, scale in whole.items()}
        return {n: s for n, s in whole.items() if (np.diag(covs[n]) > 0).all() and covs[n].sum() > 1e-6}

    @cached_property
    def _together(self) -> FloatArray:
        return pairwise([self.frame[name].to_numpy(dtype=float) for name in self.answers])[2]

    def corr(self, names: Sequence[str]) -> FloatArray:
        """Correlations (k, k), each over whoever answered both, with their own standard deviations; not a number with a constant."""
        at = [self.answers.index(name) for name in names]
        return self._together[np.ix_(at, at)]

    def scale_cov(self, scale: Scale) -> FloatArray:
        """Covariances (k, k) of a scale's items over the respondents who answered all of them; of fewer than three, nothing."""
        whole = self.frame[list(scale.items)].dropna().to_numpy(dtype=float)
        return np.cov(whole.T) if len(whole) > 2 else np.full((len(scale.items),) * 2, np.nan)

    def n_of(self, scale: Scale) -> int:
        """Respondents who answered every item of the scale."""
        return int(self.frame[list(scale.items)].notna().all(axis=1).sum())
