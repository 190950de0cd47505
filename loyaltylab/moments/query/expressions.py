"""The codebook's answers as expressions of a database: what `recoded` and `scored` do to the columns of a file.

The codebook is the one definition of an answer, whichever door it comes in by; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_
from typing import Any

import numpy as np

from ...codebook import Codebook, Item
from ...core import DataError, check_known, unknown
from .keys import engine_of, no_nan

__all__ = ["FINITE", "Variable", "items_of", "number", "variables"]

#: Engines in which text that is no number becomes null when it is cast; in others it would stop the query.
_CASTS_TO_NULL = ("duckdb", "pyspark", "databricks", "bigquery", "trino", "clickhouse", "mssql")
#: The largest number that is not infinite, or nearly.
FINITE = 1.7e308
_NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"


@dataclass(frozen=True)
class Variable:
    """A variable of the query: its value where `valid` holds (where it is null it does not), and its range."""

    value: Any
    valid: Any
    range: tuple[float, float] | None

    @property
    def masked(self) -> Any:
        """The value, null where there is none."""
        import ibis

        return self.valid.ifelse(self.value, ibis.null(self.value.type()))


def items_of(table: Any, book: Codebook, names: Sequence[str]) -> dict[str, Item]:
    """The items that these variables are made of, all of them columns of the table."""
    found: dict[str, Item] = {}
    for name in names:
        members = book.scales[name].items if name in book.scales else (name,)
        if not members:
            raise DataError(f"'{name}': the codebook names no items for it; its source prints it only as a whole.")
        for member in members:
            found[member] = book.items[member] if member in book.items else book.variable(member)  # type: ignore[assignment]
            if member not in table.columns:
                wanted = f"'{name}' needs column '{member}'" if name != member else f"column '{member}'"
                raise unknown("column", member, table.columns, f"{wanted}, and the table does not have it.")
    return found


def variables(table: Any, book: Codebook, names: Sequence[str]) -> tuple[list[Variable], dict[str, Any]]:
    """The variables, and for each item whether its answer cannot be."""
    found = {name: _answer(table, item) for name, item in items_of(table, book, names).items()}
    answers = {name: answer for name, (answer, _) in found.items()}
    odd = {name: flag for name, (_, flag) in found.items()}
    return [_score(book, name, answers) if name in book.scales else answers[name] for name in names], odd


def _answer(table: Any, item: Item) -> tuple[Variable, Any]:
    """An answer as `recoded` makes it, and whether it is one that cannot be."""
    import ibis

    column = table[item.name]
    text = column.type().is_string()
    if text:
        gone = [str(code) for code in item.missing] + ["", "nan", "None", "NaN", "<NA>"]
        plain = column.strip()
        plain = (column.isnull() | plain.isin(gone)).ifelse(ibis.null("string"), plain)
        value = _as_number(plain)
    else:
        value = column if column.type().is_integer() else no_nan(column.cast("float64"))
    inside = _inside(value, item)
    codes = [float(code) for code in item.missing if not isinstance(code, str)]
    low, high = item.range or (-np.inf, np.inf)
    within = [code for code in codes if low <= code <= high or item.values]
    valid = inside & ~value.isin(_plain(within, value)) if within else inside
    odd = ~inside & ~value.isin(_plain(codes, value)) if codes else ~inside
    odd = (plain.notnull() & value.isnull()) | odd if text else odd
    if item.reverse and item.range:
        low, high = _plain([float(end) for end in item.range], value)
        value = (value.cast("int64") if value.type().is_integer() else value) * -1 + (low + high)
    return Variable(value, valid, None if item.range is None else (item.range[0], item.range[1])), odd


def _plain(values: Sequence[float], column: Any) -> list[Any]:
    """Whole numbers as such for a column of whole numbers, which an engine compares without a cast."""
    return [int(v) if column.type().is_integer() and float(v).is_integer() else float(v) for v in values]


def _as_number(text: Any) -> Any:
    """Text as a number; null where it is none."""
    import ibis

    if engine_of(text) in _CASTS_TO_NULL:
        return text.try_cast("float64")
    return text.re_search(_NUMBER).ifelse(text, ibis.null("string")).cast("float64")


def _inside(value: Any, item: Item) -> Any:
    if item.values and all(isinstance(v, int | float) for v in item.values):
        return value.isin(_plain([float(v) for v in item.values], value))
    low, high = _plain([float(end) for end in item.range or (-FINITE, FINITE)], value)
    return (value >= low) & (value <= high)


def _score(book: Codebook, name: str, answers: dict[str, Variable]) -> Variable:
    """A scale's score as `scored` makes it: the mean of the answered items of those who answered enough."""
    scale = book.scales[name]
    items = [answers[member] for member in scale.items]
    range_ = book.range_of(name)
    if scale.min_answered >= len(items):
        total = reduce(add, [item.value.cast("float64") for item in items])
        return Variable(total / float(len(items)), reduce(and_, [item.valid for item in items]), range_)
    total = reduce(add, [item.masked.cast("float64").fill_null(0.0) for item in items])
    count = reduce(add, [item.valid.ifelse(1, 0) for item in items])
    return Variable(total / count.cast("float64"), count >= max(scale.min_answered, 1), range_)


def number(table: Any, name: str) -> Any:
    """A column of weights, as numbers."""
    check_known("weight column", name, table.columns)
    return table[name].cast("float64")
