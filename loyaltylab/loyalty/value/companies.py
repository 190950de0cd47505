"""`high_companies()`: how many elements each company does well on, by the rule that at least half of its customers say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import MIN_CELL, RULES, DataError, Provenance, Result
from ...kernels import FloatArray
from ...survey import Survey
from ..metrics import top_box
from ..scores import Score
from .high_counts import high_from, score_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HighCompanies", "high_companies"]


@dataclass(frozen=True, eq=False)
class HighCompanies(Result):
    """For each company the number of high elements, the number that surely and possibly are, and its score.

    An element surely is high where the whole interval of its share lies at or above the rule, possibly where the interval
    reaches it. `conf_low` and `conf_high` are those of the score.
    """

    score: Score
    companies: tuple[str, ...]
    counts: FloatArray
    surely: FloatArray
    possibly: FloatArray
    n_items: int
    keys = ("segment",)

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.score.provenance

    @property
    def conf_level(self) -> float:
        return self.score.conf_level

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {count:.0f}" for name, count in zip(self.companies, self.counts, strict=True))
        return f"HighCompanies, high elements of {self.n_items}: {said}"

    @property
    def best(self) -> str:
        """The company with the highest score."""
        return str(self.tidy().sort_values("estimate")["segment"].iloc[-1])

    def tidy(self) -> pd.DataFrame:
        rows = self.score.tidy().set_index("segment").loc[list(self.companies)].reset_index()
        columns = ["segment", "estimate", "conf_low", "conf_high", "n"]
        return rows[columns].assign(n_high_elements=self.counts, n_surely=self.surely, n_possibly=self.possibly)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        row = {
            "n_groups": len(self.companies),
            "lowest_count": float(self.counts.min()),
            "highest_count": float(self.counts.max()),
            "n_items": self.n_items,
            "conf_level": self.conf_level,
        }
        return pd.DataFrame({key: [value] for key, value in row.items()})


def high_companies(
    survey: Survey,
    items: Sequence[str],
    outcome: str,
    by: str,
    *,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> HighCompanies:
    """How many elements each company does well on, and how its customers answer the outcome.

    An element is high for a company where at least the part `high_company` of `RULES` of its customers answer from
    `high_from` upwards. A company is one value of the segment `by`; those of fewer than `min_cell` customers are left out.

    Parameters
    ----------
    items : sequence of str
        The elements; of each the customers who answered it.
    outcome : str
        As in `high_counts`.

    Raises
    ------
    DataError
        Where no company has enough customers.

    References
    ----------
    Almquist, E., Senior, J., & Bloch, N. (2016). The elements of value. Harvard Business Review 94(9), 46–53.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> shop = Item("shop", {"en": "Shop"}, role="segment", values={1: {"en": "A", "nl": "A"}, 2: {"en": "B", "nl": "B"}})
    >>> items = {name: Item(name, {"en": name}, range=(0, 10)) for name in ("fast", "cheap", "recommend")}
    >>> rows = pd.DataFrame({"fast": [9] * 50 + [3] * 40 + [8] * 10, "cheap": [8] * 40 + [2] * 60,
    ...     "recommend": [10, 9, 8, 3] * 25, "shop": [1] * 50 + [2] * 50})
    >>> high_companies(read_survey(rows, Codebook("shops", {}, items | {"shop": shop}, {}, {"en": "", "nl": ""})),
    ...     ["fast", "cheap"], "recommend", "shop")
    HighCompanies, high elements of 2: A 2, B 0
    """
    items, half = list(survey.present(items)), RULES["high_company"][0]
    score = score_of(survey, outcome, by, conf_level, min_cell)
    companies = tuple(key[-1] for key in score.index[1:] if score.is_shown(*key))
    if not companies:
        raise DataError(f"no value of '{by}' has {min_cell} respondents who answered '{outcome}'.")
    ends: list[Any] = []
    for item in items:
        highest = survey.codebook.range_of(item)
        assert highest is not None  # high_from() asks for a range
        boxes = int(highest[1] - high_from(survey.codebook, item) + 1)
        shares = top_box(survey, item, boxes=boxes, by=by, conf_level=conf_level, min_cell=0).tidy()
        ends.append(shares.set_index("segment").loc[list(companies), ["estimate", "conf_low", "conf_high"]])
    values = np.stack([frame.to_numpy() for frame in ends]) >= half  # (items, companies, 3)
    counts, surely, possibly = values.sum(axis=0).T.astype(float)
    return HighCompanies(score, companies, counts, surely, possibly, len(items))
