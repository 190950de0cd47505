"""The sums that moments are made of, from a table in whatever engine Ibis speaks.

An engine elsewhere sums by one aggregate query, so that no row leaves it. One inside this process hands over its rows in
batches, which are read by the code that reads files (`batches`): half the work of the same sums in SQL.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import reduce
from hashlib import sha256
from operator import add, and_, or_
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..codebook import Codebook, Item, recoded, scored
from ..core import DataError, check_known, how_many, listed, pd, refuse_incomplete, unknown
from ..kernels import FloatArray
from .rows import LARGEST_WEIGHT

if TYPE_CHECKING:
    import ibis.expr.types as ir

# ---- Sums over the rows that an engine inside this process hands over, batch by batch, read as the rows of a file are.

_T = TypeVar("_T")

#: Rows at a time: few enough that memory stays small, many enough that a product of each set is worth its call.
_ROWS = 200_000
#: Multiplications up to which OpenBLAS uses one thread.
_NO_THREADS = 262_144


@dataclass(frozen=True)
class Totals:
    """Σ1, Σw, Σw², Σ w z (sets × k) and Σ w z zᵀ (sets × k × k) for each key, z being the distance to the centre.

    With the rows that were looked at, the weights that cannot be, and of each item the answers that cannot.
    """

    keys: list[Any]
    n: FloatArray
    w: FloatArray
    w2: FloatArray
    sums: FloatArray
    products: FloatArray
    centre: FloatArray
    n_rows: int
    bad: int = 0
    odd: Mapping[str, int] = field(default_factory=dict)


def in_batches(rows: Any, book: Codebook, items: Mapping[str, Item], names: Sequence[str]) -> Totals:
    """Sums over the rows complete on `names`, by ` key` and weighted by ` weight` where there are such columns.

    Half the processor time of the same sums in SQL, in memory that does not grow with the rows (`python -m tests.benchmarks rows`).
    """
    k, weighted, keyed = len(names), " weight" in rows.columns, " key" in rows.columns
    places: dict[Any, int] = {}
    total = np.zeros((0, k + 1, 3 + k))  # of each set n, Σw, Σw² and under them nothing; Σ w z, and under it Σ w z zᵀ
    odd: Counter[str] = Counter()
    n_rows = bad = 0
    centre, ones_and_z = np.zeros(k), np.ones((k + 1, _ROWS))
    batches = rows.to_pyarrow_batches(chunk_size=_ROWS)
    for batch, frame, strange in _ahead(_read(batch, book, items) for batch in batches):
        centre = centre if n_rows else _middle(frame, book, names)
        odd, n_rows = odd + strange, n_rows + batch.num_rows
        values = [frame[name].to_numpy(dtype=float) for name in names]
        order = np.flatnonzero(_complete(values))
        keys, order, ends = _sets(batch.column(" key"), order) if keyed else ([None], order, [len(order)])
        at = [places.setdefault(key, len(places)) for key in keys]
        total = np.concatenate([total, np.zeros((len(places) - len(total), k + 1, 3 + k))])
        z = ones_and_z[:, : len(order)]
        for row, x, c in zip(z[1:], values, centre, strict=True):
            np.take(x, order, out=row, mode="clip")
            row -= c
        w = np.ones(len(order))
        if weighted:
            w = np.asarray(batch.column(" weight").to_numpy(zero_copy_only=False), dtype=float)[order]
            bad += int(np.count_nonzero(~((w > 0) & (w <= LARGEST_WEIGHT))))
        for place, start, end in zip(at, [0, *ends], ends, strict=False):
            own, heavy = z[:, start:end], w[start:end]
            total[place, :, 3:] += _product(own * heavy if weighted else own, own[1:])
            total[place, 0, :3] += end - start, heavy.sum(), np.square(heavy).sum()
    sums = (*np.moveaxis(total[:, 0, :3], -1, 0), total[:, 0, 3:], total[:, 1:, 3:])
    return Totals([*places], *sums, centre, n_rows, bad, odd)


def _read(batch: Any, book: Codebook, items: Mapping[str, Item]) -> tuple[Any, pd.DataFrame, Counter[str]]:
    """A batch with its items and scales, and of each item the answers that cannot be."""
    columns, problems = recoded(batch.select([*items]).to_pandas(split_blocks=True), items.values())
    odd: Counter[str] = Counter()
    for problem in problems:
        odd[problem.where] += (problem.n_rows or 0) * (problem.severity == "error")
    return batch, scored(columns, book)[0], odd


def _ahead(parts: Iterator[_T]) -> Iterator[_T]:
    """The parts, each made by another thread while the one before it is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = thread.submit(next, parts, None)
            yield part


def _middle(frame: pd.DataFrame, book: Codebook, names: Sequence[str]) -> FloatArray:
    """The middle of each variable's range; without one, the mean of the first batch."""
    ranges = [book.range_of(name) for name in names]
    return np.nan_to_num(
        [sum(ends) / 2 if ends else frame[name].mean() for name, ends in zip(names, ranges, strict=True)]
    )


def _complete(values: Sequence[FloatArray]) -> npt.NDArray[np.bool_]:
    blank = values[0].copy()
    for x in values[1:]:
        blank += x  # NaN where one of them is
    return ~np.isnan(blank)


def _product(a: FloatArray, b: FloatArray) -> FloatArray:
    """a bᵀ in pieces for which BLAS starts no threads of its own; they would wait for work where DuckDB has some."""
    size = max(1, _NO_THREADS // (len(a) * len(b)))
    whole = a.shape[1] // size * size
    pieces, others = (x[:, :whole].reshape(len(x), -1, size).transpose(1, 0, 2) for x in (a, b))
    return (pieces @ others.transpose(0, 2, 1)).sum(axis=0) + a[:, whole:] @ b[:, whole:].T


def _sets(column: Any, order: npt.NDArray[np.intp]) -> tuple[list[Any], npt.NDArray[np.intp], list[int]]:
    """The keys of these rows, an order in which those of a key stand together, and where each ends."""
    found = column.take(order).dictionary_encode(null_encoding="encode")
    keys = found.dictionary.to_pylist()
    codes = found.indices.to_numpy().astype("uint16" if len(keys) < 65_536 else "int64")
    ends = np.cumsum(np.bincount(codes, minlength=len(keys))).tolist()
    return keys, order[np.argsort(codes, kind="stable")], ends


# ---- Keys of respondents in a database, hashed into groups that are the same in every engine.

#: Numbers of groups that respondents can be hashed into.
GROUPS = (16, 256, 4096)
#: The greatest below 2²⁶: squares of what is left of it are whole in doubles too, by which SQLite divides.
PRIME = 67_108_859
#: Engines that hold no NaN.
_NO_NAN = ("sqlite", "mssql", "exasol")
#: Engines whose md5 is hexadecimal text.
_MD5_TEXT = ("duckdb", "pyspark", "databricks", "postgres", "snowflake", "mysql")


def hashed(column: Any, groups: int) -> Any:
    """The group of a respondent or cluster: the same in every engine. Numbers by arithmetic, text by md5.

    Numbers are squared twice modulo the prime 2²⁶ − 5: neighbours must land in groups that have nothing to do with each
    other. Groups that take turns along the numbers would be systematic samples of them, and where numbers follow the answers
    (a table sorted by country, a panel that grew) their means would differ too little.
    """
    if groups not in GROUPS:
        raise DataError(f"groups is {groups}; allowed: {listed(GROUPS)}.")
    kind = column.type()
    if kind.is_numeric():
        whole = column if kind.is_integer() else no_nan(column).floor()
        mixed = whole % PRIME if kind.is_unsigned_integer() else whole.cast("int64").abs() % PRIME
        mixed = mixed.cast("int64")
        for step in (11, 2017):
            mixed = (mixed * 48271 + step) % PRIME
            mixed = (mixed * mixed) % PRIME
        return mixed % groups
    if not (kind.is_string() or kind.is_uuid()):
        raise DataError(f"'{column.get_name()}' is of type {kind}; respondents are told apart by numbers or by text.")
    return _md5(column.cast("string")).left({16: 1, 256: 2, 4096: 3}[groups])


def no_nan(column: Any) -> Any:
    """The column with null for what is no number, in engines that tell the two apart.

    Parameters
    ----------
    column : Column
        Of any table.

    Returns
    -------
    Column
        The same where it holds no decimals.

    Examples
    --------
    >>> import ibis
    >>> no_nan(ibis.memtable({"stay": [1, 9]})["stay"]).to_pandas().tolist()
    [1, 9]
    """
    import ibis

    if not column.type().is_floating() or engine_of(column) in _NO_NAN:
        return column
    return column.isnan().ifelse(ibis.null("float64"), column)


def _md5(text: Any) -> Any:
    """The engine's own md5, as hexadecimal text."""
    import ibis

    @ibis.udf.scalar.builtin
    def md5(text: str) -> str:  # type: ignore[empty-body]
        """Text in most engines."""

    @ibis.udf.scalar.builtin(name="md5")
    def md5_bytes(text: str) -> bytes:  # type: ignore[empty-body]
        """Bytes in BigQuery."""

    @ibis.udf.scalar.builtin
    def to_hex(value: bytes) -> str:  # type: ignore[empty-body]
        """BigQuery's own."""

    engine = engine_of(text)
    if engine == "bigquery":
        return to_hex(md5_bytes(text))
    if engine not in _MD5_TEXT:
        raise DataError(
            f"{engine} hashes no text as the other engines do; give a numeric column of respondents, or one of {listed(_MD5_TEXT)}."
        )
    return md5(text)


def engine_of(expression: Any) -> str:
    """Name of the engine that answers; DuckDB for a table in memory."""
    return str(expression.get_backend().name)


# ---- The codebook's answers as expressions of a database: what `recoded` and `scored` do to the columns of a file.
#
# The codebook is the one definition of an answer, whichever door it comes in by; a test holds the two equal.

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
                needed = f"'{name}' needs column '{member}'." if name != member else ""
                # a box is no question
                meant = {one: f"'{one}'" for one in table.columns if not re.search(r"[/\[]", one)}
                raise unknown("column", member, table.columns, needed, meant=meant)
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
    return answered(rows, lambda: in_batches(rows, book, items, names)), [rows]


def _summed_there(
    table: Any, book: Codebook, names: list[str], weight: str | None, key: Any
) -> tuple[Totals, list[Any]]:
    """One query for all sums; the middle of what has no range is asked before, and which answers cannot be only if some."""
    found, odd = variables(table, book, names)
    first = table.aggregate(
        n_rows=table.count(),
        **{f"m{i}": v.value.cast("float64").mean(where=v.valid) for i, v in enumerate(found) if v.range is None},
    )
    known = answered(first).iloc[0]
    centre = np.array(
        [sum(v.range) / 2 if v.range else float(_kept(np.array(known[f"m{i}"], float))) for i, v in enumerate(found)]
    )
    sums = aggregate(table, found, odd, centre, weight, key)
    totals = _totals(answered(sums), centre, int(known["n_rows"]))
    if totals.odd:
        each = table.aggregate(**{item: table.count(where=flag) for item, flag in odd.items()})
        counts = {item: int(n) for item, n in answered(each).iloc[0].items() if n}
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
        sums["bad"] = kept.count(where=w.isnull() | ~((w > 0) & (w <= LARGEST_WEIGHT)))
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


@dataclass(frozen=True)
class Counts:
    """The answers to one item, in order, and of each Σw, Σw² and the rows that gave it.

    Attributes
    ----------
    answers, weight, sum_w2, n : array (a,)
        Of each answer.
    n_rows : int
        Rows that were looked at, those without an answer among them.

    See Also
    --------
    loyaltylab.moments.counted : Makes it.
    """

    answers: FloatArray
    weight: FloatArray
    sum_w2: FloatArray
    n: npt.NDArray[np.int_]
    n_rows: int


def counted(table: ir.Table, book: Codebook, item: str, *, weight: str | None = None) -> Counts:
    """How often each answer to one item, recoded, was given, as counted and as weighed.

    Parameters
    ----------
    table : Table
        Rows where they are.
    book : Codebook
        What the columns mean.
    item : str
        Name of an item of the codebook.
    weight : str, optional
        Column of survey weights, above 0.

    Returns
    -------
    Counts
        In the order of the answers.

    Raises
    ------
    DataError
        For answers the codebook does not allow, counted; for a weight that cannot be; for fewer than two answers.

    Examples
    --------
    >>> import ibis
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=200, seed=1)
    >>> counts = counted(ibis.memtable(survey.frame), survey.codebook, "recommend")
    >>> int(counts.n.sum()), counts.n_rows
    (189, 200)
    """
    answers = _answers(table, book, item, weight)
    w = answers.w
    sums = {"w": w.sum(), "w2": (w * w).sum(), "n": answers.count(), "odd": answers.odd.sum()}
    sums["bad"] = answers.count(where=w.isnull() | ~((w > 0) & (w <= LARGEST_WEIGHT)))
    frame = answered(answers.group_by("answer").aggregate(**sums))
    if count := int(frame["odd"].sum()):
        raise DataError(_odd({item: count}))
    n_rows, frame = int(frame["n"].sum()), frame.dropna(subset=["answer"]).sort_values("answer")
    n = frame["n"].to_numpy(dtype=int)
    refuse_incomplete(int(n.sum()), n_rows, [item])
    _refuse_weights(weight, int(frame["bad"].sum()), int(n.sum()))
    values, heavy, squares = (frame[name].to_numpy(dtype=float) for name in ("answer", "w", "w2"))
    return Counts(values, _kept(heavy), _kept(squares), n, n_rows)


def between_clusters(
    table: ir.Table,
    book: Codebook,
    item: str,
    values: Mapping[float, float],
    cluster: str,
    *,
    weight: str | None = None,
) -> tuple[int, float]:
    """How many clusters answered an item, and Σ T² of their weighted totals T of a value that each answer stands for.

    What a linearised variance is made of: two numbers come back, whatever the number of clusters.

    Parameters
    ----------
    table : Table
        Rows where they are.
    book : Codebook
        What the columns mean.
    item : str
        Name of an item of the codebook.
    values : mapping of float to float
        Answer → value; another answer counts as 0.
    cluster : str
        Column of clusters.
    weight : str, optional
        Column of survey weights, above 0.

    Returns
    -------
    (int, float)
        Number of clusters, and the sum of squares of their totals.

    Examples
    --------
    >>> import ibis
    >>> from loyaltylab.codebook.book import parsed_codebook
    >>> book = parsed_codebook("{title: t, source: s, items: {stay: {range: [1, 7]}}}", "shop")
    >>> table = ibis.memtable({"stay": [1, 7, 7], "shop": ["a", "a", "b"]})
    >>> between_clusters(table, book, "stay", {7.0: 2.0}, "shop")
    (2, 8.0)
    """
    import ibis

    check_known("cluster column", cluster, table.columns)
    rows = _answers(table, book, item, weight, cluster=no_nan(table[cluster]))
    rows = rows.filter(rows.answer.notnull())
    # as a text that is cast: DuckDB takes a number with a point for a decimal of few digits
    known = {answer: ibis.literal(repr(value)).cast("float64") for answer, value in values.items()}
    worth = rows.answer.cases(*known.items(), else_=ibis.literal("0").cast("float64"))
    each = rows.group_by("cluster").aggregate(total=(rows.w * worth).sum())
    found = answered(each.aggregate(n=each.count(), squares=(each.total * each.total).sum())).iloc[0]
    return int(found["n"]), float(_kept(np.array(found["squares"], float)))


def _answers(table: Any, book: Codebook, item: str, weight: str | None, **more: Any) -> Any:
    """The answer to one item, null where there is none, with its weight and whether it is one that cannot be."""
    import ibis

    (variable,), odd = variables(table, book, [item])
    w = number(table, weight) if weight else ibis.literal(1.0)
    strange = odd[item].fill_null(False).ifelse(1, 0)
    return table.select(answer=variable.masked.cast("float64"), w=w, odd=strange, **more)


def n_by(table: ir.Table, name: str) -> dict[Any, int]:
    """Value → rows of one column; its blanks under None.

    Parameters
    ----------
    table : Table
        Rows where they are.
    name : str
        One of its columns.

    Returns
    -------
    dict of Any → int
        In no fixed order.

    Examples
    --------
    >>> import ibis
    >>> sorted(n_by(ibis.memtable({"sector": ["a", "b", "a"]}), "sector").items())
    [('a', 2), ('b', 1)]
    """
    frame = answered(table.group_by(value=no_nan(table[name])).aggregate(n=table.count()))
    return {None if pd.isna(value) else value: int(n) for value, n in zip(frame["value"], frame["n"], strict=True)}


def n_by_several(table: ir.Table, names: Sequence[str]) -> tuple[Any, Any]:
    """Combinations of answers to some items (c, i), not a number where one is open, and the rows that have each (c,).

    Parameters
    ----------
    table : Table
        Rows where they are.
    names : sequence of str
        Columns of numbers.

    Returns
    -------
    (Any, Any)
        Arrays (c, i) and (c,), in no fixed order.

    Examples
    --------
    >>> import ibis
    >>> answers, n = n_by_several(ibis.memtable({"x": [1, 2, 1], "y": [0, 1, 0]}), ["x", "y"])
    >>> sorted(zip(answers.tolist(), n.tolist()))
    [([1.0, 0.0], 2), ([2.0, 1.0], 1)]
    """
    kept = table.select(**{f"x{i}": no_nan(table[name]).cast("float64") for i, name in enumerate(names)})
    frame = answered(kept.group_by(list(kept.columns)).aggregate(n=kept.count()))
    return frame[list(kept.columns)].to_numpy(dtype=float), frame["n"].to_numpy().astype(np.int64)


def n_complete(table: ir.Table, book: Codebook, names: Sequence[str]) -> int:
    """Rows that are complete on these variables.

    Parameters
    ----------
    table : Table
        Rows where they are.
    book : Codebook
        What the columns mean.
    names : sequence of str
        Items and scales of the codebook.

    Returns
    -------
    int
        A number of rows.

    Examples
    --------
    >>> import ibis
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=200, seed=1)
    >>> table = ibis.memtable(survey.frame)
    >>> n_complete(table, survey.codebook, ["LOYALTY", "EMOTION"])
    200
    """
    found, _ = variables(table, book, names)
    return int(answered(table.aggregate(n=table.count(where=reduce(and_, [v.valid for v in found]))))["n"][0])


def fingerprint(table: ir.Table, book: Codebook) -> str:
    """What stands in for a file's hash: sha256 of how many rows there are, and of the answers, sum and squares by column.

    Parameters
    ----------
    table : Table
        Rows where they are.
    book : Codebook
        What the columns mean.

    Returns
    -------
    str
        Hexadecimal; it changes when an answer does, and hardly ever otherwise.

    Examples
    --------
    >>> import ibis
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=200, seed=1)
    >>> table = ibis.memtable(survey.frame)
    >>> len(fingerprint(table, survey.codebook))
    64
    """
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
    found = answered(table.aggregate(**sums)).iloc[0]
    values = [f"{value:.12g}" if isinstance(value, float) else str(value) for value in found.tolist()]
    return sha256("\n".join(values).encode()).hexdigest()


def found_any(flag: Any) -> bool:
    """Whether it holds of any row; an engine stops at the first.

    Parameters
    ----------
    flag : BooleanColumn
        Of any table.

    Returns
    -------
    bool
        True where one row at least has it.

    Examples
    --------
    >>> import ibis
    >>> found_any(ibis.memtable({"stay": [1, 9]})["stay"] > 7)
    True
    """
    return bool(len(answered(flag.as_table().filter(flag).limit(1))))


def answered(expression: Any, ask: Callable[[], Any] | None = None) -> Any:
    """What an engine answers; what it refuses, or meets only as it reads on, such as a damaged block, is one sentence.

    Parameters
    ----------
    expression : Ibis expression
        What is asked.
    ask : callable, optional
        How, where the answer is to be other than a table or value of pandas.

    Returns
    -------
    Any
        The answer.

    Raises
    ------
    DataError
        With the reason of the engine.

    Examples
    --------
    >>> import ibis
    >>> int(answered(ibis.memtable({"stay": [1, 9]}).count()))
    2
    """
    try:
        return (ask or expression.to_pandas)()
    except Exception as error:  # every engine has its own kinds
        said = (str(error).strip().splitlines() or ["without a reason"])[0]
        said = re.sub(r"[^\s\"']*[/\\](?=[^\s\"'/\\]+)", "", said)  # the folders before a file
        raise DataError(
            f"{engine_of(expression)} did not answer the query ({type(error).__name__}: {said}). "
            "Check that the columns are numbers or text, that you may read them, and that no file is damaged."
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
        f"'{item}': {how_many(count)} answers are no number or outside the codebook's range."
        for item, count in counts.items()
    ]
    return " ".join(lines) + " Correct the table or the codebook, or name the code as missing."


def _refuse(totals: Totals, names: Sequence[str], weight: str | None, key: str | None) -> None:
    """Answers, weights and keys that cannot be are counted, and nothing is computed of them."""
    if totals.odd:
        raise DataError(_odd(totals.odd))
    n = int(totals.n.sum())
    refuse_incomplete(n, totals.n_rows, names)
    _refuse_weights(weight, totals.bad, n)
    if key and (blank := int(totals.n[pd.isna(np.array(totals.keys, dtype=object))].sum())):
        raise DataError(
            f"'{key}' is blank in {how_many(blank, n)} of {n:,} rows. Give those rows a value or remove them."
        )


def _refuse_weights(weight: str | None, bad: int, n: int) -> None:
    if bad:
        raise DataError(
            f"weight '{weight}' is missing, zero, negative or above 1e+12 in {how_many(bad, n)} of {n:,} rows. Correct or remove those rows."
        )


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
