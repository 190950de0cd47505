"""Answers as they stand in a file, turned into numbers as the codebook says; what cannot be is found, not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import LANGUAGES, as_number, listed, pd, tr
from .book import Codebook
from .entries import Item
from .findings import Finding

#: Code of the group of those whose answer is none of the `values` of a segment, and its label.
NOT_LISTED, UNLISTED = "(not listed)", tr("not listed")
#: What stands for no number where a number should be; as an answer of a segment each is a text like another.
NO_NUMBER = ("nan", "None", "NaN", "<NA>")
_MONTH = "(jan|feb|mar|mrt|maa|apr|may|mei|jun|jul|aug|sep|oct|okt|nov|dec)[a-z]*"
#: What a spreadsheet makes of answers such as 1-2 and 3/5: a day.
DATED = re.compile(
    rf"\d{{4}}-\d\d-\d\d( \d\d:\d\d:\d\d)?|\d{{1,2}}[-/. ]{_MONTH}([-/. ]\d{{2,4}})?|{_MONTH}[-/. ]\d{{1,4}}",
    re.IGNORECASE,
)
#: A group that many people named may be said; an answer of one person may not.
_MANY = 10


def recoded(raw: pd.DataFrame, items: Iterable[Item]) -> tuple[dict[str, pd.Series], list[Finding]]:
    """Columns of answers: missing codes blank, reversed items turned round; and every answer that cannot be, or is not listed.

    An answer that cannot be is blank in the columns, so that one who only looks can look further.

    Parameters
    ----------
    raw : DataFrame
        The cells as they stand in the file, a column for each item.
    items : sequence of Item
        What their columns mean.

    Returns
    -------
    (dict of str → Series, list of Finding)
        Name → answers, with blanks as not a number; and what does not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import read_codebook
    >>> book = read_codebook("mobi")
    >>> name = next(iter(book.items))
    >>> columns, found = recoded(pd.DataFrame({name: [1, 7, 99]}), [book.items[name]])
    >>> columns[name].tolist(), len(found)
    ([1.0, 7.0, nan], 1)
    """
    found: list[Finding] = []
    return {item.name: _recoded(raw[item.name], item, found) for item in items}, found


def scored(columns: dict[str, pd.Series], book: Codebook) -> tuple[pd.DataFrame, dict[str, str]]:
    """A frame of the columns and every scale that can be scored from them; of the others, why not.

    A score is the mean of the answered items, for those who answered enough of them.

    Parameters
    ----------
    columns : dict of str → Series
        Item → answers, as `recoded` gives them.
    book : Codebook
        What the columns mean.

    Returns
    -------
    (DataFrame, dict of str → str)
        Items and scales; and the scales that cannot be scored, each with the reason.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import read_codebook
    >>> book = read_codebook("mobi")
    >>> columns = {name: pd.Series([4.0, 6.0]) for name in book.scales["LOY"].items}
    >>> frame, unavailable = scored(columns, book)
    >>> frame["LOY"].tolist(), "SAT" in unavailable
    ([4.0, 6.0], True)
    """
    unavailable, scores = {}, {}
    for scale in book.scales.values():
        if absent := [member for member in scale.items if member not in columns]:
            unavailable[scale.name] = f"the file has no column {listed(absent)}"
        elif not scale.items:
            unavailable[scale.name] = "the codebook names no items for it; its source prints it only as a whole"
        else:
            total, count = np.zeros(len(columns[scale.items[0]])), 0
            for member in scale.items:
                answers = columns[member].to_numpy(dtype=float)
                there = ~np.isnan(answers)
                total, count = total + np.where(there, answers, 0.0), count + there
            with np.errstate(invalid="ignore", divide="ignore"):
                scores[scale.name] = np.where(count >= scale.min_answered, total / count, np.nan)
    return pd.DataFrame({**columns, **scores}, copy=False), unavailable


def _recoded(column: pd.Series, item: Item, found: list[Finding]) -> pd.Series:
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "boolean":
        column = column.astype("boolean")  # yes and no with gaps between
    plain = pd.api.types.is_numeric_dtype(column)
    as_text = item.role in ("segment", "respondent", "cluster")
    if not plain:
        text = column.astype(str).str.strip()
        codes = {str(code) for code in item.missing} | {"", *(() if as_text else NO_NUMBER)}
        column = text.mask(text.isin(codes) | column.isna())
    if item.role == "segment" and item.values and not (plain and _codes(item)):
        return _in_groups(column, item, found)
    if item.role in ("cluster", "respondent") or (as_text and _is_text(column)):
        return column
    numbers = _numbers(column)
    whole = isinstance(numbers.dtype, np.dtype) and numbers.dtype.kind in "iu"
    answers = numbers.to_numpy() if whole else numbers.to_numpy(dtype=float, na_value=np.nan)
    odd = np.isnan(answers) & column.notna().to_numpy() if not plain else np.zeros(0, dtype=bool)
    if odd.any():
        texts = listed(sorted(map(_quoted, column[odd].unique())), limit=3)
        fields = {"n_all": len(column), "found": texts, "remedy": _remedy(column[odd], len(column), item)}
        found.append(Finding("text_among_numbers", item.name, int(odd.sum()), fields))
    none = np.zeros(len(answers), dtype=bool)
    for code in item.missing:
        if not isinstance(code, str):
            none |= answers == _alike(code, whole)
    outside = _outside(answers, item, whole) & ~none
    if outside.any():
        shown = listed((f"{value:g}" for value in np.unique(answers[outside]).astype(float)), limit=5)
        n = int(outside.sum())
        fields = {"n_all": len(column), "found": shown, "allowed": _allowed(item)}
        fields["remedy"] = _outside_remedy(n, len(column), item)
        found.append(Finding("outside_range", item.name, n, fields))
        none |= outside
    values = answers.astype(float)
    if none.any():
        values[none] = np.nan
    if item.reverse and item.range:
        values = item.range[0] + item.range[1] - values
    return pd.Series(values, column.index, name=item.name, copy=False)


def _in_groups(column: pd.Series, item: Item, found: list[Finding]) -> pd.Series:
    """A segment by the codes of its `values`, a text as it stands, else a number as a number: 01 is 1 where 1 is listed."""
    blank = {as_number(code) for code in item.missing} - {None}
    counts = column.value_counts()
    of = {cell: code for cell, code in group_of(counts.index, item).items() if as_number(cell) not in blank}
    strange = {cell: int(counts[cell]) for cell, code in of.items() if code is None}
    if strange:
        n = sum(strange.values())
        many = [repr(str(cell)) for cell, count in strange.items() if count >= _MANY]
        shown = listed(sorted(many), limit=5) if many else f"{len(strange):,}"
        fields = {"n_all": len(column), "found": shown, "allowed": dict.fromkeys(LANGUAGES, listed(item.values))}
        fields["remedy"] = _outside_remedy(n, len(column), item)
        refused = len(strange) == len(of) or (_codes(item) and all(as_number(cell) is not None for cell in strange))
        if refused:
            fields["found"] = listed((f"{cell}" for cell in sorted(strange, key=str)), limit=5)
        found.append(Finding("outside_range" if refused else "unlisted_answer", item.name, n, fields))
        of |= dict.fromkeys(strange, None if refused else NOT_LISTED)
    grouped = column.map(lambda cell: of.get(cell) if cell == cell else None).astype(object)
    grouped = grouped.where(grouped.notna(), np.nan)
    return pd.to_numeric(grouped) if _codes(item) and grouped.map(_is_code).all() else grouped


def group_of(cells: Iterable[Any], item: Item) -> dict[Any, Any]:
    """Answer → the code among the `values` of a segment that it is: as a text, else as a number; None where it is none.

    Parameters
    ----------
    cells : iterable
        Answers as they stand in a file or a database.
    item : Item
        The segment.

    Returns
    -------
    dict of Any → Any
        In the order of the answers.

    Examples
    --------
    >>> from loyaltylab.codebook import Item
    >>> group_of(["01", "2", "x"], Item("land", {"en": "Land"}, values={1: {"en": "North"}, "02": {"en": "South"}}))
    {'01': 1, '2': '02', 'x': None}
    """
    texts, numbers = {str(code): code for code in item.values}, {}
    for code in item.values:
        if (number := as_number(code)) is not None:
            numbers.setdefault(number, code)
    return {cell: texts.get(str(cell), numbers.get(as_number(cell))) for cell in cells}


def _is_code(cell: Any) -> bool:
    return isinstance(cell, (int, float))


def _remedy(odd: pd.Series, n_all: int, item: Item) -> dict[str, str]:
    """What to do about texts where numbers should be, which depends on how many they are, and on what."""
    words = tr(
        "These are answers in words: give each its number under 'labels' of a format, or 'values', in the codebook; loyaltylab codebook draft proposes them."
    )
    dates = tr("A spreadsheet has taken answers for dates: set the column to text there, enter them again and export.")
    few = tr(
        "If it means 'no answer', add it to the missing codes of {where} in the codebook; otherwise correct it in the file."
    ).filled(where=item.name)
    if all(DATED.fullmatch(str(text)) for text in odd.unique()):
        return dates
    return words if 2 * len(odd) >= n_all and len(odd) > 1 else few


def _outside_remedy(n: int, n_all: int, item: Item) -> dict[str, str]:
    """What to do about answers that the codebook does not allow: where most are, it is the codebook that is wrong."""
    few = tr(
        "If it means 'no answer', add it to the missing codes of {where}; otherwise correct its range or the file."
    )
    most = tr("Most answers are: correct the range or the values of {where} in the codebook.")
    return (most if 2 * n > n_all and n > 1 else few).filled(where=item.name)


def _quoted(text: object) -> str:
    """A stray code as it stands; an answer in someone's own words is not repeated."""
    return repr(text) if len(str(text)) <= 20 else "a longer text"


def _outside(answers: npt.NDArray[Any], item: Item, whole: bool) -> npt.NDArray[np.bool_]:
    """Which answers (n,) are none of the codes, or not within the range; infinity never is."""
    if codes := _codes(item):
        return ~np.isnan(answers) & ~np.isin(answers, [_alike(code, whole) for code in codes])
    low, high = item.range or (-np.finfo(float).max, np.finfo(float).max)
    return (answers < _alike(low, whole)) | (answers > _alike(high, whole))


def _alike(number: float, whole: bool) -> float:
    """A whole number as such where answers are whole: a column of single bytes is compared as bytes."""
    return int(number) if whole and float(number).is_integer() else number


def _codes(item: Item) -> list[float]:
    return sorted(item.values) if item.values and all(isinstance(v, (int, float)) for v in item.values) else []


def _allowed(item: Item) -> dict[str, str]:
    if codes := _codes(item):
        return dict.fromkeys(LANGUAGES, listed(codes))
    if not item.range:
        return tr("any finite number")
    low, high = (f"{end:g}" for end in item.range)
    return tr("{low} to {high}").filled(low=low, high=high)


def _is_text(column: pd.Series) -> bool:
    return bool(_numbers(column.dropna()).isna().any())


def _numbers(column: pd.Series) -> pd.Series:
    """A column as numbers, nothing for what is none; a text that returns is read once."""
    if pd.api.types.is_numeric_dtype(column):
        return pd.to_numeric(column, errors="coerce")
    codes, texts = pd.factorize(column)
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy()
    if (codes < 0).any():
        numbers = np.append(numbers.astype(float), np.nan)  # which a blank's -1 points at
    return pd.Series(numbers[codes], column.index)
