"""The sums that moments are made of, by an aggregate query in whatever engine Ibis speaks; no row leaves it.

A first query counts what cannot be; the second sums who is complete, filtered before anything is multiplied. Answers in
whole numbers are summed as whole numbers: exact, and a third of the time. The codebook is the one definition of an answer:
what `recoded` and `scored` do to columns of a file stands here as expressions of a database, and a test holds the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from operator import add, and_
from typing import TYPE_CHECKING, Any

import numpy as np

from .codebook import Codebook, Item
from .errors import DataError, listed, unknown
from .keys import engine_of, hashed, no_nan
from .linalg import FloatArray

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Sums", "counted", "fingerprint", "summed_by_query"]

#: Engines in which text that is no number becomes null when it is cast; in others it would stop the query.
_CASTS_TO_NULL = ("duckdb", "pyspark", "databricks", "bigquery", "trino", "clickhouse", "mssql")
_NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
#: Widest range of whole numbers whose doubled products fit in 32 bits.
_WIDEST = 20_000


@dataclass(frozen=True)
class Sums:
    """weight, n, Σw², mean and scatter of each set, with the sets' keys, the rows that were looked at and the queries."""

    keys: list[Any]
    weight: FloatArray
    n: FloatArray
    sum_w2: FloatArray
    mean: FloatArray
    scatter: FloatArray
    n_rows: int
    queries: tuple[str, ...]


@dataclass(frozen=True)
class _Variable:
    """A variable of the query: its value where `valid` holds (where it is null it does not), and its range."""

    value: Any
    valid: Any
    range: tuple[float, float] | None

    @property
    def masked(self) -> Any:
        """The value, null where there is none."""
        import ibis

        return self.valid.ifelse(self.value, ibis.null(self.value.type()))

    @property
    def whole(self) -> bool:
        """Whether it is summed in whole numbers."""
        return bool(
            self.range
            and self.value.type().is_integer()
            and _whole(self.range)
            and self.range[1] - self.range[0] <= _WIDEST
        )

    def about(self, centre: float) -> Any:
        """Distance to the centre; twice that for whole numbers, so that a middle of 3.5 stays whole."""
        if self.whole:
            return self.value.cast("int32") * 2 - int(2 * centre)
        return self.value.cast("float64") - centre


def summed_by_query(
    table: ir.Table,
    book: Codebook,
    names: Sequence[str],
    *,
    weight: str | None = None,
    by: str | None = None,
    unit: str | None = None,
    groups: int = 256,
) -> Sums:
    """Sums over the rows complete on `names`: one set for each value of `by`, for each hashed group of `unit`, or one.

    Values are taken about the middle of their range (without one, about their mean), so that nothing cancels: Σ w (x − c) and
    Σ w (x − c)(y − c) are summed in the engine, and centred on the mean here.
    """
    names = list(names)
    variables, odd = _variables(table, book, names)
    key, blank = _key(table, by, unit, groups)
    complete = reduce(and_, [variable.valid for variable in variables])
    checks = {f"odd_{item}": flag for item, flag in odd.items()} | {"n": complete}
    if weight:
        w = _number(table, weight)
        checks["bad"] = complete & (w.isnull() | ~(w > 0) | w.isinf() | w.isnan())
    if key is not None:
        checks["blank"] = complete & blank
    first = table.aggregate(
        n_rows=table.count(),
        **{name: table.count(where=check) for name, check in checks.items()},
        **{f"m{i}": v.value.cast("float64").mean(where=v.valid) for i, v in enumerate(variables) if v.range is None},
    )
    found = _answered(first).iloc[0]
    _refuse(found, list(odd), names, weight, by or unit)
    centre = [
        sum(v.range) / 2 if v.range else float(_kept(np.array(float(found[f"m{i}"])))) for i, v in enumerate(variables)
    ]
    columns = {f"z{i}": v.about(c) for i, (v, c) in enumerate(zip(variables, centre, strict=True))}
    columns |= {"w": w} if weight else {}
    columns |= {"key": key} if key is not None else {}
    asked = _sums(table.filter(complete).select(**columns), len(names), weighted=bool(weight), keyed=key is not None)
    scale = np.array([0.5 if v.whole else 1.0 for v in variables])
    queries = (_text_of(first), _text_of(asked))
    return _centred(_answered(asked), np.array(centre), scale, key is not None, int(found["n_rows"]), queries)


def counted(table: ir.Table, book: Codebook, item: str, *, weight: str | None = None) -> dict[float, tuple[float, int]]:
    """Answer → (sum of weights, respondents) of one item, recoded."""
    import ibis

    (variable,), odd = _variables(table, book, [item])
    w = _number(table, weight) if weight else ibis.literal(1.0)
    columns = {"answer": variable.masked.cast("float64"), "w": w, "odd": odd[item].fill_null(False).ifelse(1, 0)}
    answers = table.select(**columns)
    frame = _answered(answers.group_by("answer").aggregate(w=answers.w.sum(), n=answers.count(), odd=answers.odd.sum()))
    if count := int(frame["odd"].sum()):
        raise DataError(_odd({item: count}))
    frame = frame.dropna(subset=["answer"]).sort_values("answer")
    return {float(a): (float(w), int(n)) for a, w, n in frame[["answer", "w", "n"]].to_numpy().tolist()}


def fingerprint(table: ir.Table, book: Codebook) -> str:
    """What stands in for a file's hash: sha256 of how many rows there are, and of the answers, sum and squares by column."""
    sums = {"rows": table.count()}
    for i, name in enumerate(sorted({*book.items} & {*table.columns})):
        column = table[name]
        sums[f"n{i}"] = column.count()
        if column.type().is_numeric():
            value = no_nan(column).cast("float64")
            sums |= {f"s{i}": value.sum(), f"q{i}": (value * value).sum()}
        elif column.type().is_string():
            sums |= {f"s{i}": column.length().sum(), f"q{i}": column.nunique()}
            sums |= {f"l{i}": column.min(), f"h{i}": column.max()}
    found = _answered(table.aggregate(**sums)).iloc[0]
    values = [f"{value:.12g}" if isinstance(value, float) else str(value) for value in found.tolist()]
    return sha256("\n".join(values).encode()).hexdigest()


def _answered(expression: Any) -> Any:
    """The answer of the engine; what it refuses is said in its own words."""
    try:
        return expression.to_pandas()
    except Exception as error:  # every engine has its own kinds
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "without a reason"
        raise DataError(
            f"{engine_of(expression)} did not answer the query ({type(error).__name__}: {reason}). "
            "Check that the columns are numbers or text and that you may read them."
        ) from error


def _text_of(expression: Any) -> str:
    """The query as the engine is asked it; a table that was never in a database has no name."""
    import ibis

    text = " ".join(str(ibis.to_sql(expression)).split())
    return re.sub(r"ibis_\w*memtable_\w+", "answers", text)


# ---- the codebook, as expressions ---------------------------------------------------------------------------------------


def _variables(table: Any, book: Codebook, names: Sequence[str]) -> tuple[list[_Variable], dict[str, Any]]:
    """The variables, and for each item whether its answer cannot be."""
    answers: dict[str, _Variable] = {}
    odd: dict[str, Any] = {}
    for name in names:
        members = book.scales[name].items if name in book.scales else (name,)
        if name in book.scales and not members:
            raise DataError(f"'{name}': the codebook names no items for it; its source prints it only as a whole.")
        for member in members:
            if member not in answers:
                answers[member], odd[member] = _answer(table, _item(table, book, member, name))
    return [_score(book, name, answers) if name in book.scales else answers[name] for name in names], odd


def _item(table: Any, book: Codebook, member: str, name: str) -> Item:
    item = book.variable(member) if member not in book.items else book.items[member]
    if member not in table.columns:
        wanted = f"'{name}' needs column '{member}'" if name != member else f"column '{member}'"
        raise unknown("column", member, table.columns, f"{wanted}, and the table does not have it.")
    return item  # type: ignore[return-value]


def _answer(table: Any, item: Item) -> tuple[_Variable, Any]:
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
    return _Variable(value, valid, None if item.range is None else (item.range[0], item.range[1])), odd


def _whole(values: Sequence[float]) -> bool:
    return all(float(value).is_integer() for value in values)


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
    low, high = _plain([float(end) for end in item.range or (-1.7e308, 1.7e308)], value)
    return (value >= low) & (value <= high)


def _score(book: Codebook, name: str, answers: dict[str, _Variable]) -> _Variable:
    """A scale's score as `scored` makes it: the mean of the answered items of those who answered enough."""
    scale = book.scales[name]
    items = [answers[member] for member in scale.items]
    range_ = book.range_of(name)
    if scale.min_answered >= len(items):
        total = reduce(add, [item.value.cast("float64") for item in items])
        return _Variable(total / float(len(items)), reduce(and_, [item.valid for item in items]), range_)
    total = reduce(add, [item.masked.cast("float64").fill_null(0.0) for item in items])
    count = reduce(add, [item.valid.ifelse(1, 0) for item in items])
    return _Variable(total / count.cast("float64"), count >= max(scale.min_answered, 1), range_)


def _number(table: Any, name: str) -> Any:
    if name not in table.columns:
        raise unknown("weight column", name, table.columns)
    return table[name].cast("float64")


# ---- the query ----------------------------------------------------------------------------------------------------------


def _sums(kept: Any, k: int, *, weighted: bool, keyed: bool) -> Any:
    """What is summed of who is complete: 1, w, w², w z and w z zᵀ."""
    sums = {"n": kept.count()}
    if weighted:
        sums |= {"w": kept.w.sum(), "w2": (kept.w * kept.w).sum()}
    for i in range(k):
        z = kept[f"z{i}"]
        about = kept.w * z if weighted else z
        sums[f"s{i}"] = about.sum()
        sums |= {f"p{i}_{j}": (about * kept[f"z{j}"]).sum() for j in range(i + 1)}
    return (kept.group_by("key") if keyed else kept).aggregate(**sums)


def _key(table: Any, by: str | None, unit: str | None, groups: int) -> tuple[Any, Any]:
    """What sets are told apart by, and whether it is blank."""
    if by and unit:
        raise DataError("sets are told apart by a segment or by hashed units, not by both at once.")
    name = by or unit
    if name is None:
        return None, None
    if name not in table.columns:
        raise unknown("column", name, table.columns)
    column = no_nan(table[name])
    return (table[name] if by else hashed(table[name], groups)), column.isnull()


def _odd(counts: dict[str, int]) -> str:
    lines = [
        f"'{item}': {count:,} answers are no number or outside the codebook's range." for item, count in counts.items()
    ]
    return " ".join(lines) + " Correct the table or the codebook, or name the code as missing."


def _refuse(found: Any, items: list[str], names: Sequence[str], weight: str | None, key: str | None) -> None:
    """Answers, weights and keys that cannot be are counted, and nothing is computed of them."""
    if counts := {item: int(found[f"odd_{item}"]) for item in items if found[f"odd_{item}"]}:
        raise DataError(_odd(counts))
    n, n_rows = int(found["n"]), int(found["n_rows"])
    if n < 2:
        raise DataError(f"{n} of {n_rows:,} rows are complete on {listed(names)}; at least 2 are needed.")
    if weight and (bad := int(found["bad"])):
        raise DataError(
            f"weight '{weight}' is missing, zero, negative or infinite in {bad:,} of {n:,} rows. Correct or remove those rows."
        )
    if key and (blank := int(found["blank"])):
        raise DataError(f"'{key}' is blank in {blank:,} rows. Give those rows a value or remove them.")


def _kept(values: FloatArray) -> FloatArray:
    """Sums to 43 bits (13 digits): what is beyond depends on the order in which an engine happened to add."""
    part, exponent = np.frexp(values)
    return np.ldexp(np.round(part * 2.0**43) / 2.0**43, exponent)


def _centred(
    frame: Any, centre: FloatArray, scale: FloatArray, sets: bool, n_rows: int, queries: tuple[str, ...]
) -> Sums:
    if sets:
        frame = frame.sort_values("key", key=lambda keys: keys.astype(str), ignore_index=True)
    k = len(centre)

    def column(name: str) -> FloatArray:
        return _kept(frame[name].to_numpy(dtype=float))

    n = column("n")
    weight, w2 = (column("w"), column("w2")) if "w" in frame else (n, n)
    shift = scale * np.stack([column(f"s{i}") for i in range(k)], axis=-1) / weight[:, None]
    scatter = np.empty((len(frame), k, k))
    for i in range(k):
        for j in range(i + 1):
            scatter[:, i, j] = scatter[:, j, i] = scale[i] * scale[j] * column(f"p{i}_{j}")
    scatter -= weight[:, None, None] * shift[:, :, None] * shift[:, None, :]
    return Sums(frame["key"].tolist() if sets else [], weight, n, w2, centre + shift, scatter, n_rows, queries)
