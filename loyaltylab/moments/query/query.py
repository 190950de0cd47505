"""The sums that moments are made of, from a table in whatever engine Ibis speaks.

An engine elsewhere sums by one aggregate query, so that no row leaves it. One inside this process hands over its rows in
batches, which are read by the code that reads files (`batches`): half the work of the same sums in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from hashlib import sha256
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import numpy as np

from ...codebook import Codebook
from ...core import DataError, check_known, listed
from ...kernels import FloatArray
from .batches import Totals, in_batches
from .expressions import FINITE, Variable, items_of, number, variables
from .keys import engine_of, hashed, no_nan

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Sums", "aggregate", "counted", "fingerprint", "found_any", "summed_by_query"]

#: Engines inside this process: their rows are here anyway.
_IN_PROCESS = ("duckdb",)


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
    Σ w (x − c)(y − c) are summed, exactly for whole numbers, and centred on the mean here.
    """
    names, key = list(names), _key(table, by, unit, groups)
    summed = _summed_here if engine_of(table) in _IN_PROCESS else _summed_there
    totals, asked = summed(table, book, names, weight, key)
    _refuse(totals, names, weight, by or unit)
    return _centred(totals, key is not None, tuple(map(_text_of, asked)))


def _summed_here(
    table: Any, book: Codebook, names: list[str], weight: str | None, key: Any
) -> tuple[Totals, list[Any]]:
    """The rows come in batches, and are read by the code that reads files."""
    items = items_of(table, book, names)
    columns = {name: table[name] for name in items}
    columns |= {" weight": number(table, weight)} if weight else {}
    columns |= {" key": key} if key is not None else {}
    rows = table.select(**columns)
    return _refusing(rows, lambda: in_batches(rows, book, items, names)), [rows]


def _summed_there(
    table: Any, book: Codebook, names: list[str], weight: str | None, key: Any
) -> tuple[Totals, list[Any]]:
    """One query for all sums; the middle of what has no range is asked before, and which answers cannot be only if some."""
    found, odd = variables(table, book, names)
    first = table.aggregate(
        n_rows=table.count(),
        **{f"m{i}": v.value.cast("float64").mean(where=v.valid) for i, v in enumerate(found) if v.range is None},
    )
    known = _answered(first).iloc[0]
    centre = np.array(
        [sum(v.range) / 2 if v.range else float(_kept(np.array(known[f"m{i}"], float))) for i, v in enumerate(found)]
    )
    sums = aggregate(table, found, odd, centre, weight, key)
    totals = _totals(_answered(sums), centre, int(known["n_rows"]))
    if totals.odd:
        each = table.aggregate(**{item: table.count(where=flag) for item, flag in odd.items()})
        counts = {item: int(n) for item, n in _answered(each).iloc[0].items() if n}
        totals = replace(totals, odd=counts)
    return totals, [first, sums]


def aggregate(
    table: Any, found: Sequence[Variable], odd: Mapping[str, Any], centre: FloatArray, weight: str | None, key: Any
) -> Any:
    """The query of the sums over who is complete: 1, w, w², w z and w z zᵀ; and how many answers and weights cannot be.

    Rows are filtered before anything is multiplied. A row with an answer that cannot be is let in to be counted; where
    there is one, the sums are not used.
    """
    strange = reduce(or_, [flag.fill_null(False) for flag in odd.values()])
    columns = {f"x{i}": v.value.cast("float64") - float(c) for i, (v, c) in enumerate(zip(found, centre, strict=True))}
    columns |= {"w": number(table, weight)} if weight else {}
    columns |= {"key": key} if key is not None else {}
    kept = table.filter(reduce(and_, [v.valid for v in found]) | strange).select(odd=strange, **columns)
    sums = {"n": kept.count(), "odd": kept.count(where=kept.odd)}
    if weight:
        w = kept.w
        sums |= {"w": w.sum(), "w2": (w * w).sum()}
        sums["bad"] = kept.count(where=w.isnull() | ~((w > 0) & (w <= FINITE)))
    for i in range(len(found)):
        about = kept.w * kept[f"x{i}"] if weight else kept[f"x{i}"]
        sums[f"s{i}"] = about.sum()
        sums |= {f"p{i}_{j}": (about * kept[f"x{j}"]).sum() for j in range(i + 1)}
    return (kept if key is None else kept.group_by("key")).aggregate(**sums)


def _totals(frame: Any, centre: FloatArray, n_rows: int) -> Totals:
    """The engine's answer as arrays, a set a row."""
    k = len(centre)
    n = frame["n"].to_numpy(dtype=float)
    w, w2 = (frame[name].to_numpy(dtype=float) if name in frame else n for name in ("w", "w2"))
    products = np.empty((len(frame), k, k))
    for i in range(k):
        for j in range(i + 1):
            products[:, i, j] = products[:, j, i] = frame[f"p{i}_{j}"].to_numpy(dtype=float)
    sums = np.stack([frame[f"s{i}"].to_numpy(dtype=float) for i in range(k)], axis=-1)
    keys = frame["key"].tolist() if "key" in frame else [None]
    bad, strange = (int(frame[name].sum()) if name in frame else 0 for name in ("bad", "odd"))
    odd = {"": strange} if strange else {}
    return Totals(keys, n, w, w2, sums, products, centre, n_rows, bad, odd)


def counted(table: ir.Table, book: Codebook, item: str, *, weight: str | None = None) -> dict[float, tuple[float, int]]:
    """Answer → (sum of weights, respondents) of one item, recoded."""
    import ibis

    (variable,), odd = variables(table, book, [item])
    w = number(table, weight) if weight else ibis.literal(1.0)
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


def found_any(flag: Any) -> bool:
    """Whether it holds of any row; an engine stops at the first."""
    return bool(len(_answered(flag.as_table().filter(flag).limit(1))))


def _answered(expression: Any) -> Any:
    """The answer of the engine as a table."""
    return _refusing(expression, expression.to_pandas)


def _refusing(expression: Any, ask: Callable[[], Any]) -> Any:
    """What the engine answers; what it refuses is said in its own words."""
    try:
        return ask()
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


# ---- what cannot be -----------------------------------------------------------------------------------------------------


def _key(table: Any, by: str | None, unit: str | None, groups: int) -> Any:
    """What sets are told apart by; null where it is blank."""
    if by and unit:
        raise DataError("sets are told apart by a segment or by hashed units, not by both at once.")
    name = by or unit
    if name is None:
        return None
    check_known("column", name, table.columns)
    return no_nan(table[name]) if by else hashed(table[name], groups)


def _odd(counts: Mapping[str, int]) -> str:
    lines = [
        f"'{item}': {count:,} answers are no number or outside the codebook's range." for item, count in counts.items()
    ]
    return " ".join(lines) + " Correct the table or the codebook, or name the code as missing."


def _refuse(totals: Totals, names: Sequence[str], weight: str | None, key: str | None) -> None:
    """Answers, weights and keys that cannot be are counted, and nothing is computed of them."""
    import pandas as pd

    if totals.odd:
        raise DataError(_odd(totals.odd))
    n = int(totals.n.sum())
    if n < 2:
        raise DataError(f"{n} of {totals.n_rows:,} rows are complete on {listed(names)}; at least 2 are needed.")
    if totals.bad:
        raise DataError(
            f"weight '{weight}' is missing, zero, negative or infinite in {totals.bad:,} of {n:,} rows. Correct or remove those rows."
        )
    if key and (blank := int(totals.n[pd.isna(np.array(totals.keys, dtype=object))].sum())):
        raise DataError(f"'{key}' is blank in {blank:,} rows. Give those rows a value or remove them.")


def _kept(values: FloatArray) -> FloatArray:
    """Sums to 43 bits (13 digits): what is beyond depends on the order in which an engine happened to add."""
    part, exponent = np.frexp(values)
    return np.ldexp(np.round(part * 2.0**43) / 2.0**43, exponent)


def _centred(totals: Totals, sets: bool, queries: tuple[str, ...]) -> Sums:
    order = sorted(range(len(totals.keys)), key=lambda i: str(totals.keys[i]))
    n, weight, w2, shift, products = (
        _kept(part[order]) for part in (totals.n, totals.w, totals.w2, totals.sums, totals.products)
    )
    shift = shift / weight[:, None]
    scatter = products - weight[:, None, None] * shift[:, :, None] * shift[:, None, :]
    keys = [totals.keys[i] for i in order] if sets else []
    return Sums(keys, weight, n, w2, totals.centre + shift, scatter, totals.n_rows, queries)
