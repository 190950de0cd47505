"""Who is used and who is not: rules that screen respondents out, and counts with small cells withheld."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..codebook import Codebook, Combination, Item
from ..core import MIN_CELL, RULES, BoolArray, Provenance, Result, pd
from ..kernels import FloatArray

# ---- Who answered and what they answered: counts of a survey, with small cells withheld.

#: Steps of a `Flow` that are no rule of `SCREENS`.
STEPS = ("asked", "unweighted", "unclustered", "incomplete", "used")


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
    """Who is used for a model, and what was left out, variable by variable; `steps` as in `flow()`.

    Attributes
    ----------
    steps : mapping of str → int
        What `flow()` counts, in order.
    cluster : str
        Column of clusters.

    See Also
    --------
    loyaltylab.survey.Survey : `sample()`.
    """

    steps: Mapping[str, int]
    cluster: str = ""

    @property
    def part_incomplete(self) -> float:
        """The part of all rows that is left out for want of an answer alone."""
        return self.steps["incomplete"] / self.totals["n_rows"] if self.totals["n_rows"] else 0.0

    def flow(self) -> Flow:
        """From the rows of the file to those used, each step that leaves respondents out counted."""
        rows = pd.DataFrame({"term": [*self.steps], "n": [*self.steps.values()]})
        return Flow(rows, self.totals, self.provenance)


@dataclass(frozen=True, eq=False)
class Flow(_Counts):
    """Who was asked, who was left out by which rule, and who is used; the counts between first and last sum up.

    A row of `tidy()` is a step, with how many respondents it left.

    See Also
    --------
    loyaltylab.survey.Survey : `flow()`.
    """


@dataclass(frozen=True, eq=False)
class Composition(_Counts):
    """Respondents by segment; a count is withheld where it, or what it would give away, is smaller than `min_cell`.

    Attributes
    ----------
    min_cell : int
        Fewer respondents are withheld.

    See Also
    --------
    loyaltylab.survey.Survey : `composition()`.
    """

    min_cell: int = MIN_CELL
    keys = ("term", "segment")


@dataclass(frozen=True, eq=False)
class Distribution(_Counts):
    """Respondents by answer, in whole scale points; a count is withheld where it, or what it would give away, is small.

    Attributes
    ----------
    min_cell : int
        Fewer respondents are withheld.

    See Also
    --------
    loyaltylab.survey.Survey : `distribution()`.
    """

    min_cell: int = MIN_CELL
    keys = ("answer",)

    @property
    def name(self) -> str:
        """The variable whose answers these are."""
        return str(self.totals["term"])


# ---- Which respondents answered carelessly, twice, or in ways that cannot be; who may be left out is the user's choice.


def as_given(frame: pd.DataFrame, item: Item) -> FloatArray:
    """Answers (n,) as they stand in the file: a reversed item turned back."""
    values = pd.to_numeric(frame[item.name], errors="coerce").to_numpy(dtype=float)
    return item.range[0] + item.range[1] - values if item.reverse and item.range else values


def formats(book: Codebook, frame: pd.DataFrame) -> dict[tuple[float, float], list[Item]]:
    """Items of the file by their range, where enough share one to tell a straight line from agreement."""
    found: dict[tuple[float, float], list[Item]] = {}
    for item in book.items.values():
        if item.range and item.range[1] - item.range[0] > 1 and item.name in frame:  # ticking nothing is an answer
            found.setdefault(item.range, []).append(item)
    return {span: items for span, items in found.items() if len(items) >= RULES["straight_items"][0]}


def straight_lines(frame: pd.DataFrame, items: Iterable[Item]) -> BoolArray:
    """Who gave one and the same answer to all of these items, having answered eight or more."""
    low, high, count = np.full(len(frame), np.inf), np.full(len(frame), -np.inf), np.zeros(len(frame), dtype=int)
    for item in items:
        values = as_given(frame, item)
        low, high = np.fmin(low, values), np.fmax(high, values)
        count += ~np.isnan(values)
    return (low == high) & (count >= RULES["straight_items"][0])


def straight_lining(frame: pd.DataFrame, book: Codebook) -> BoolArray:
    """Who gave one and the same answer to every item of a response format (eight items or more)."""
    found = [straight_lines(frame, items) for items in formats(book, frame).values()]
    return np.any([np.zeros(len(frame), dtype=bool), *found], axis=0)


def median_time(frame: pd.DataFrame, book: Codebook) -> tuple[str, float]:
    """Column of the durations and their median; nothing where the codebook names none."""
    for name in book.names("duration"):
        if name in frame and frame[name].notna().any():
            return name, float(frame[name].median())
    return "", float("nan")


def speeding(frame: pd.DataFrame, book: Codebook) -> BoolArray:
    """Who took less than half the median time."""
    name, median = median_time(frame, book)
    none = np.zeros(len(frame), dtype=bool)
    return (frame[name] < RULES["speed"][0] * median).to_numpy(dtype=bool) if name else none


def same_answers(frame: pd.DataFrame, book: Codebook) -> BoolArray:
    """Whose answers to all items are those of an earlier row; straight lines and near-empty rows do not count."""
    items = [item for item in book.items.values() if item.name in frame and (item.range or item.values)]
    # ticks are the same by chance
    graded = [item for item in items if not item.range or item.range[1] - item.range[0] > 1]
    if len(graded) < RULES["same_items"][0]:
        return np.zeros(len(frame), dtype=bool)
    answered = np.zeros(len(frame), dtype=int)
    mixed = np.zeros(len(frame), dtype=np.uint64)
    for item in items:
        values = _numbers(frame[item.name]) + 0.0  # −0 is 0
        answered += ~np.isnan(values)
        bits = np.where(np.isnan(values), -1.5, values).view(np.uint64)
        mixed = (mixed ^ bits ^ (bits >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    first = np.zeros(len(frame), dtype=bool)
    first[np.unique(mixed, return_index=True)[1]] = True
    return ~first & (answered >= RULES["same_items"][0]) & ~straight_lining(frame, book)


def _numbers(column: pd.Series) -> FloatArray:
    """Answers as numbers, texts by their place among the texts found."""
    from pandas.api.types import is_numeric_dtype

    if is_numeric_dtype(column):
        return column.to_numpy(dtype=float)
    codes = column.astype("category").cat.codes.to_numpy(dtype=float)
    return np.where(codes < 0, np.nan, codes)


def repeated(ids: pd.Series) -> BoolArray:
    """Rows whose respondent has an earlier row; who has no number is nobody's double."""
    return (ids.duplicated() & ids.notna()).to_numpy()


def repeated_respondent(frame: pd.DataFrame, book: Codebook) -> BoolArray:
    """Rows whose respondent has an earlier row, by any of the columns that number them."""
    found = [repeated(frame[name]) for name in book.names("respondent") if name in frame]
    return np.any([np.zeros(len(frame), dtype=bool), *found], axis=0)


def impossible(frame: pd.DataFrame, book: Codebook) -> BoolArray:
    """Whose answers cannot go together, by any of the codebook's combinations."""
    found = [combined(frame, book, combination) for combination in book.impossible.values()]
    return np.any([np.zeros(len(frame), dtype=bool), *found], axis=0)


def combined(frame: pd.DataFrame, book: Codebook, combination: Combination) -> BoolArray:
    """Who gave all the answers of one combination."""
    met = np.ones(len(frame), dtype=bool)
    for name, given in combination.answers.items():
        if name not in frame:
            return np.zeros(len(frame), dtype=bool)
        met &= _given(frame, book.items[name], given)
    return met


def _given(frame: pd.DataFrame, item: Item, given: Any) -> BoolArray:
    if isinstance(given, dict):
        values = as_given(frame, item)
        return np.asarray((values >= given.get("from", -np.inf)) & (values <= given.get("to", np.inf)))
    return frame[item.name].isin(given).to_numpy() if not item.range else np.isin(as_given(frame, item), given)


#: Rule → who it concerns. Nobody is left out unless the user names the rule.
SCREENS: dict[str, Callable[[pd.DataFrame, Codebook], BoolArray]] = {
    "straight_lining": straight_lining,
    "speeding": speeding,
    "same_answers": same_answers,
    "repeated_respondent": repeated_respondent,
    "impossible": impossible,
}
