"""Answers as they stand in a file, turned into numbers as the codebook says; what cannot be is found, not guessed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .codebook import Item
from .errors import listed
from .findings import Finding
from .linalg import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["recoded"]


def recoded(raw: pd.DataFrame, items: Iterable[Item]) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Columns of answers: missing codes blank, reversed items turned round; and every answer that cannot be.

    An answer that cannot be is blank in the columns, so that one who only looks can look further.
    """
    found: list[Finding] = []
    return {item.name: _recoded(raw[item.name], item, found) for item in items}, found


def _recoded(column: pd.Series, item: Item, found: list[Finding]) -> pd.Series:
    import pandas as pd

    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        column = column.astype("boolean")  # yes and no with gaps between
    plain = pd.api.types.is_numeric_dtype(column)
    if not plain:
        text = column.astype(str).str.strip()
        codes = {str(code) for code in item.missing} | {"", "nan", "None", "NaN", "<NA>"}
        column = text.mask(text.isin(codes))
    as_text = item.role in ("segment", "respondent", "cluster")
    if item.role in ("cluster", "respondent") or (as_text and _is_text(column)):
        return column
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan, copy=True)
    odd = np.isnan(values) & column.notna().to_numpy() if not plain else np.zeros(0, dtype=bool)
    if odd.any():
        texts = listed(sorted(map(_quoted, column[odd].unique())), limit=3)
        found.append(Finding("text_among_numbers", item.name, int(odd.sum()), {"n_all": len(column), "found": texts}))
    for code in item.missing:
        if not isinstance(code, str):
            values[values == code] = np.nan
    outside = _outside(values, item)
    if outside.any():
        shown = listed((f"{value:g}" for value in np.unique(values[outside])), limit=5)
        fields = {"n_all": len(column), "found": shown, "allowed": _allowed(item)}
        found.append(Finding("outside_range", item.name, int(outside.sum()), fields))
        values[outside] = np.nan
    if item.reverse and item.range:
        values = item.range[0] + item.range[1] - values
    return pd.Series(values, column.index, name=item.name)


def _quoted(text: object) -> str:
    """A stray code as it stands; an answer in someone's own words is not repeated."""
    return repr(text) if len(str(text)) <= 20 else "a longer text"


def _outside(numbers: FloatArray, item: Item) -> np.ndarray:
    """Which answers (n,) are none of the codes, or not within the range; infinity never is."""
    if _codes(item):
        return ~np.isnan(numbers) & ~np.isin(numbers, _codes(item))
    low, high = item.range or (-np.finfo(float).max, np.finfo(float).max)
    return (numbers < low) | (numbers > high)


def _codes(item: Item) -> list[float]:
    return sorted(item.values) if item.values and all(isinstance(v, (int, float)) for v in item.values) else []


def _allowed(item: Item) -> dict[str, str]:
    if codes := _codes(item):
        return dict.fromkeys(("en", "nl"), listed(codes))
    if not item.range:
        return {"en": "any finite number", "nl": "elk eindig getal"}
    low, high = (f"{end:g}" for end in item.range)
    return {"en": f"{low} to {high}", "nl": f"{low} tot {high}"}


def _is_text(column: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.to_numeric(column.dropna(), errors="coerce").isna().any())
