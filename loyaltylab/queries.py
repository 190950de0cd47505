"""One aggregate query for the sums that moments are made of, in whatever engine Ibis speaks; no row leaves it.

The codebook is the one definition of an answer: what `recoded` and `scored` do to columns of a file stands here as
expressions of a database, and a test holds the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
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


@dataclass(frozen=True)
class Sums:
    """weight, n, Σw², mean and scatter of each set, with the sets' keys, the rows that were looked at and the query."""

    keys: list[Any]
    weight: FloatArray
    n: FloatArray
    sum_w2: FloatArray
    mean: FloatArray
    scatter: FloatArray
    n_rows: int
    query: str


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

    Values are taken about the middle of their range (without one, about their mean, which takes a query more), so that
    nothing cancels: Σ w (x − c) and Σ w (x − c)(y − c) are summed in the engine, and centred on the mean here.
    """
    names = list(names)
    values, odd = _variables(table, book, names)
    key, blank = _key(table, by, unit, groups)
    columns = {f"v{i}": value for i, value in enumerate(values)} | {f"odd_{item}": flag for item, flag in odd.items()}
    if weight:
        columns["weight"] = _number(table, weight)
    if key is not None:
        columns |= {"key": key, "blank": blank}
    answers = table.select(**columns)
    centre = [_middle(book, name) for name in names]
    if None in centre:
        found = answers.aggregate(**{f"m{i}": answers[f"v{i}"].mean() for i, c in enumerate(centre) if c is None})
        found = _answered(found)
        centre = [float(found[f"m{i}"][0] or 0.0) if c is None else c for i, c in enumerate(centre)]
    kept = _kept_rows(answers, centre, list(odd), weighted=bool(weight), keyed=key is not None)
    sums = _sums(kept, len(names), list(odd), weighted=bool(weight), keyed=key is not None)
    grouped = kept if key is None else kept.group_by("key")
    asked = grouped.aggregate(**sums)
    frame = _answered(asked)
    _refuse(frame, [*odd], weight, by or unit)
    return _centred(frame, np.array(centre), key is not None, names, _text_of(asked))


def counted(table: ir.Table, book: Codebook, item: str, *, weight: str | None = None) -> dict[float, tuple[float, int]]:
    """Answer → (sum of weights, respondents) of one item, recoded."""
    (value,), odd = _variables(table, book, [item])
    w = _number(table, weight) if weight else value * 0 + 1
    frame = (
        table.mutate(loyaltylab_answer=value, loyaltylab_w=w, loyaltylab_odd=next(iter(odd.values())))
        .group_by("loyaltylab_answer")
        .aggregate(w=lambda t: t.loyaltylab_w.sum(), n=lambda t: t.count(), odd=lambda t: t.loyaltylab_odd.ifelse(1, 0).sum())
        .to_pandas()
    )  # fmt: skip
    _refuse(frame.rename(columns={"odd": f"odd_{item}"}), [item], None, None)
    frame = frame.dropna(subset=["loyaltylab_answer"]).sort_values("loyaltylab_answer")
    return {float(a): (float(w), int(n)) for a, w, n in frame[["loyaltylab_answer", "w", "n"]].to_numpy().tolist()}


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
            sums |= {
                f"s{i}": column.length().sum(),
                f"q{i}": column.nunique(),
                f"l{i}": column.min(),
                f"h{i}": column.max(),
            }
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


def _variables(table: Any, book: Codebook, names: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """The expression of each variable, and of each item whether its answer cannot be."""
    answers: dict[str, Any] = {}
    odd: dict[str, Any] = {}
    for name in names:
        members = book.scales[name].items if name in book.scales else (name,)
        if name in book.scales and not members:
            raise DataError(f"'{name}': the codebook names no items for it; its source prints it only as a whole.")
        for member in members:
            if member not in answers:
                answers[member], odd[member] = _answer(table, _item(table, book, member, name))
    return [_score(book, name, answers) for name in names], odd


def _item(table: Any, book: Codebook, member: str, name: str) -> Item:
    item = book.variable(member) if member not in book.items else book.items[member]
    if member not in table.columns:
        wanted = f"'{name}' needs column '{member}'" if name != member else f"column '{member}'"
        raise unknown("column", member, table.columns, f"{wanted}, and the table does not have it.")
    return item  # type: ignore[return-value]


def _answer(table: Any, item: Item) -> tuple[Any, Any]:
    """An answer as `recoded` makes it, and whether it is one that cannot be."""
    import ibis

    column = table[item.name]
    missing_text = [str(code) for code in item.missing] + ["", "nan", "None", "NaN", "<NA>"]
    if column.type().is_string():
        plain = column.strip()
        plain = (column.isnull() | plain.isin(missing_text)).ifelse(ibis.null("string"), plain)
        value = _as_number(plain)
        text = plain.notnull() & value.isnull()
    else:
        value = column.cast("float64")
        if column.type().is_floating():
            value = value.isnan().ifelse(ibis.null("float64"), value)
        text = ibis.literal(False)
    codes = [float(code) for code in item.missing if not isinstance(code, str)]
    if codes:
        value = value.isin(codes).ifelse(ibis.null("float64"), value)
    outside = _outside(value, item)
    odd = text | outside.fill_null(False)
    if item.reverse and item.range:
        value = item.range[0] + item.range[1] - value
    return value, odd


def _as_number(text: Any) -> Any:
    """Text as a number; null where it is none."""
    import ibis

    if engine_of(text) in _CASTS_TO_NULL:
        return text.try_cast("float64")
    return text.re_search(_NUMBER).ifelse(text, ibis.null("string")).cast("float64")


def _outside(value: Any, item: Item) -> Any:
    codes = (
        [float(v) for v in item.values] if item.values and all(isinstance(v, int | float) for v in item.values) else []
    )
    if codes:
        return ~value.isin(codes)
    low, high = item.range or (-1.7e308, 1.7e308)
    return (value < low) | (value > high)


def _score(book: Codebook, name: str, answers: dict[str, Any]) -> Any:
    """A scale's score as `scored` makes it: the mean of the answered items of those who answered enough."""
    import ibis

    if name not in book.scales:
        return answers[name]
    scale = book.scales[name]
    total = sum(answers[member].fill_null(0.0) for member in scale.items)
    count = sum(answers[member].notnull().ifelse(1, 0) for member in scale.items)
    return (count >= max(scale.min_answered, 1)).ifelse(total / count.cast("float64"), ibis.null("float64"))


def _middle(book: Codebook, name: str) -> float | None:
    """Middle of a variable's range; None where it has none."""
    found = book.range_of(name)
    return None if found is None else (found[0] + found[1]) / 2


def _number(table: Any, name: str) -> Any:
    if name not in table.columns:
        raise unknown("weight column", name, table.columns)
    return table[name].cast("float64")


# ---- the query ----------------------------------------------------------------------------------------------------------


def _kept_rows(answers: Any, centre: list[Any], items: list[str], *, weighted: bool, keyed: bool) -> Any:
    """Distances to the centre of who is complete; who is not counts as nothing."""
    complete = answers.v0.notnull()
    for i in range(1, len(centre)):
        complete = complete & answers[f"v{i}"].notnull()
    one = complete.ifelse(1.0, 0.0)
    columns = {f"z{i}": complete.ifelse(answers[f"v{i}"] - c, 0.0) for i, c in enumerate(centre)} | {"one": one}
    columns |= {f"odd_{item}": answers[f"odd_{item}"].ifelse(1.0, 0.0) for item in items}
    if weighted:
        w = answers.weight
        columns["w"] = complete.ifelse(w.fill_null(0.0), 0.0)
        columns["bad"] = (complete & (w.isnull() | ~(w > 0) | w.isinf() | w.isnan())).ifelse(1.0, 0.0)
    if keyed:
        columns |= {"key": answers.key, "blank": (answers.blank & complete).ifelse(1.0, 0.0)}
    return answers.select(**columns)


def _sums(kept: Any, k: int, items: list[str], *, weighted: bool, keyed: bool) -> dict[str, Any]:
    """What is summed: w, w², w z and w z zᵀ, and what cannot be."""
    w = kept.w if weighted else kept.one
    sums = {"n": kept.one.sum(), "w": w.sum(), "w2": (w * w).sum(), "n_rows": kept.one.count()}
    sums |= {f"odd_{item}": kept[f"odd_{item}"].sum() for item in items}
    sums |= {name: kept[name].sum() for name in ["bad"] * weighted + ["blank"] * keyed}
    for i in range(k):
        about = w * kept[f"z{i}"] if weighted else kept[f"z{i}"]
        sums[f"s{i}"] = about.sum()
        sums |= {f"p{i}_{j}": (about * kept[f"z{j}"]).sum() for j in range(i + 1)}
    return sums


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


def _refuse(frame: Any, items: list[str], weight: str | None, key: str | None) -> None:
    """Answers, weights and keys that cannot be are counted in the same query, and nothing is computed of them."""
    if found := [(item, int(frame[f"odd_{item}"].sum())) for item in items if frame[f"odd_{item}"].sum() > 0]:
        lines = [f"'{item}': {count:,} answers are no number or outside the codebook's range." for item, count in found]
        raise DataError(" ".join(lines) + " Correct the table or the codebook, or name the code as missing.")
    if weight and (bad := int(frame["bad"].sum())):
        raise DataError(
            f"weight '{weight}' is missing, zero, negative or infinite in {bad:,} of {int(frame['n'].sum()):,} rows. "
            "Correct or remove those rows."
        )
    if key and "blank" in frame and (blank := int(frame["blank"].sum())):
        raise DataError(f"'{key}' is blank in {blank:,} rows. Give those rows a value or remove them.")


def _kept(values: FloatArray) -> FloatArray:
    """Sums to 43 bits (13 digits): what is beyond depends on the order in which an engine happened to add."""
    part, exponent = np.frexp(values)
    return np.ldexp(np.round(part * 2.0**43) / 2.0**43, exponent)


def _centred(frame: Any, centre: FloatArray, sets: bool, names: Sequence[str], query: str) -> Sums:
    total, n_rows = int(frame["n"].sum()), int(frame["n_rows"].sum())
    if total < 2:
        raise DataError(f"{total} of {n_rows:,} rows are complete on {listed(names)}; at least 2 are needed.")
    frame = frame[frame["n"] > 0]
    if sets:
        frame = frame.sort_values("key", key=lambda keys: keys.astype(str), ignore_index=True)
    k = len(names)
    weight = _kept(frame["w"].to_numpy(dtype=float))
    shift = _kept(frame[[f"s{i}" for i in range(k)]].to_numpy(dtype=float)) / weight[:, None]
    scatter = np.empty((len(frame), k, k))
    for i in range(k):
        for j in range(i + 1):
            scatter[:, i, j] = scatter[:, j, i] = _kept(frame[f"p{i}_{j}"].to_numpy(dtype=float))
    scatter -= weight[:, None, None] * shift[:, :, None] * shift[:, None, :]
    keys = frame["key"].tolist() if sets else []
    n, w2 = (_kept(frame[name].to_numpy(dtype=float)) for name in ("n", "w2"))
    return Sums(keys, weight, n, w2, centre + shift, scatter, n_rows, query)
