"""`Warehouse`: a table of answers that stays where it is; a database or Spark makes the sums, and no row comes here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from glob import glob
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from ..codebook import Codebook, Item, group_of, options, read_codebook
from ..core import (
    NOBODY,
    SIMULATED,
    DataError,
    Provenance,
    UnknownName,
    as_number,
    beside,
    check_known,
    expanded,
    how_many,
    listed,
    pd,
    refuse_few_others,
    sha256,
    unknown,
)
from ..moments import (
    GROUPS,
    Counts,
    Moments,
    answered,
    between_clusters,
    counted,
    fingerprint,
    found_any,
    n_by,
    n_by_several,
    n_complete,
    no_nan,
)
from .files.cells import BETWEEN, several_in_cells
from .files.raw_table import raw_of_text
from .files.survey_tools import NO_WORDS, in_codes, item_names, matched, renamed
from .files.text import columns_of, decoded, refuse_wide
from .mark import MOST_CODES, MOST_ROWS, bear_mark, is_named
from .scoring import design_column
from .survey import one_segment, one_value
from .vocabulary import listed_in

if TYPE_CHECKING:
    import ibis.expr.types as ir

# ---- Addresses of tables that stay where they are: what may be printed of them, and what must come from the environment.

SCHEMES = ("duckdb:", "spark:")
_FROM_ENVIRONMENT = r"\$\{(\w+)\}"
_SECRET = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)


def is_warehouse(data: str) -> bool:
    """Whether this names a table that stays where it is: `duckdb:…`, `spark:…`, or an address with `://`.

    Parameters
    ----------
    data : str
        As `read_data` takes it.

    Returns
    -------
    bool
        No file or database is opened.

    Examples
    --------
    >>> is_warehouse("duckdb:answers/"), is_warehouse("answers.csv")
    (True, False)
    """
    return data.startswith(SCHEMES) or "://" in data


def parted(address: str) -> tuple[str, str, str, str, str]:
    """Scheme, user and password, place, options and table of an address with `://`, whatever signs a password holds.

    >>> parted("postgres://me:p#?@host/base?sslmode=require#wave")
    ('postgres', 'me:p#?', 'host/base', 'sslmode=require', 'wave')
    """
    scheme, _, rest = address.partition("://")
    user, at, rest = rest.rpartition("@")
    place, _, table = rest.partition("#")
    place, _, options = place.partition("?")
    return scheme, user if at else "", place, options, table


def shown_address(data: str) -> str:
    """An address as it may be printed: without user, password or options, and without the folders before a file.

    Parameters
    ----------
    data : str
        An address, as `read_warehouse` takes it.

    Returns
    -------
    str
        For a page, a manifest or a message.

    Examples
    --------
    >>> shown_address("postgres://me:${PGPASSWORD}@host/base?sslmode=require#wave")
    'postgres://host/base#wave'
    >>> shown_address("duckdb:/home/me/answers.duckdb#wave")
    'duckdb:answers.duckdb#wave'
    """
    if "://" in data:
        scheme, _, place, _, table = parted(data)
        place = Path(place).name if place.startswith("/") else place
        return f"{scheme}://{place}" + (f"#{table}" if table else "")
    engine, _, rest = data.partition(":")
    path, _, table = rest.partition("#")
    name = "/".join(Path(path).parts[-2:]) if any(sign in path for sign in "*?") else Path(path).name
    return f"{engine}:{name}" + (f"#{table}" if table else "")


def local_files(data: str) -> list[Path]:
    """The files behind a local address, in order; none for a database elsewhere."""
    if "://" in data or not data.startswith(SCHEMES):
        return []
    return matching(data.partition(":")[2].partition("#")[0])


def matching(path: str) -> list[Path]:
    """The parquet and csv files of a folder that is named, or the files of a pattern, in order."""
    where = expanded(path)
    if where.is_dir():
        if not where.name.strip("."):  # the folder one happens to be in, or above it
            return []
        found = sorted([*where.glob("*.parquet"), *where.glob("*.csv")])
    else:
        found = sorted(Path(file) for file in glob(str(where)))
    return [file for file in found if file.is_file()]


def refuse_secrets(data: str) -> None:
    """A password, token or key that is written out, in front of the host or among the options, is refused."""
    _, user, _, options, _ = parted(data)
    written = [("password", user.partition(":")[2])] if ":" in user else []
    written += [(name, value) for name, value in parse_qsl(options) if _SECRET.search(name)]
    for name, value in written:
        if value and not re.fullmatch(_FROM_ENVIRONMENT, value):
            raise DataError(
                f"{shown_address(data)}: a {name} is written out in this address, and it would end up in the report. "
                "Write ${NAME} in its place and put it in the environment."
            )


def filled(data: str) -> str:
    """The address with what stands in `${…}` taken from the environment, any sign allowed; its table left out."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise DataError(f"{shown_address(data)}: the environment has no {match[1]}.")
        return quote(os.environ[match[1]], safe="")

    scheme, user, place, options, _ = parted(data)
    address = f"{scheme}://{user}{'@' * bool(user)}{place}" + (f"?{options}" if options else "")
    return re.sub(_FROM_ENVIRONMENT, value, address)


#: Rows that tell a box to tick from a rating, and bytes at either end of a text file that tell how it is laid out.
SAMPLE, AT_ENDS = 1000, 2**18
#: A column with more different texts than this holds no answers in words.
MOST_WORDS = 200
_NEEDS_ROWS = "needs the answers of respondents one by one, and a database gives sums only; take a sample of rows into a file for it."


@dataclass(frozen=True, eq=False)
class Warehouse:
    """A table in a database, or a folder of files, with the codebook that says what its columns mean.

    It answers the same questions as a `Survey` (`moments`, `draws`, `codebook`) except those that need
    rows, which it refuses in words. Made by `read_warehouse`.

    Attributes
    ----------
    table : ibis table
        Where the answers stay.
    unit : str or None
        Column that identifies respondents, or clusters of them, whose hashed groups intervals are made of; without one
        draws follow normal theory.
    groups : int
        Number of hashed groups: 16, 256 or 4096.
    asked : dict
        Sums the database gave before.

    See Also
    --------
    loyaltylab.survey.read_warehouse : Makes it.
    """

    name: str
    table: ir.Table
    codebook: Codebook
    provenance: Provenance
    weight: str | None = None
    unit: str | None = None
    groups: int = 256
    note: dict[str, str] | None = None
    asked: dict[Any, Any] = field(default_factory=dict, repr=False)
    #: The respondents that `only` left out: what is shown of the others must not give away a handful of them.
    others: ir.Table | None = field(default=None, repr=False)
    #: Column of clusters that the errors of shares follow, where one was named; `unit` may be one of respondents.
    cluster: str | None = None
    has_rows = False

    def __repr__(self) -> str:
        design = f"; weight {self.weight}" if self.weight else ""
        drawn = f"{self.groups} hashed groups of {self.unit}" if self.unit else "normal theory"
        return f"Warehouse '{self.name}', codebook '{self.codebook.name}'{design}; intervals: {drawn}"

    def has(self, name: str) -> bool:
        """Whether the table has this item, or every item of this scale."""
        try:
            name = self.named(name)
        except UnknownName:
            return False
        if name in self.codebook.scales:
            items = self.codebook.scales[name].items
            return bool(items) and all(item in self.table.columns for item in items)
        return name in self.table.columns and name in self.codebook.items

    def named(self, asked: str) -> str:
        """The name of the item or scale that is asked for by its name or its label."""
        return self.codebook.named(asked)

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of the respondents who are complete on these variables, from one aggregate query."""
        return self._moments(names)

    def moments_by(self, names: Iterable[str], by: str) -> Moments:
        """The same for each value of a column, as the leading axis; values with nobody complete are not in it."""
        return self._moments(names, by=by)

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Bootstrap draws of hashed groups of respondents; without a column to hash, Wishart draws (normal theory).

        Groups of about n / 256 respondents are drawn whole, 256 of them with replacement. A standard error from G groups
        is itself uncertain by about 1 / √(2 (G − 1)): 4% at 256, 18% at 16, 1% at 4096 (`python -m tests.benchmarks rows`).

        References
        ----------
        Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap (grouped jackknife, ch. 11). Chapman & Hall.
        """
        if self.unit is None:
            return self.moments(names).draws(n_draws=n_draws, seed=seed)
        sets = self._moments(names, unit=self.unit)
        drawn = sets.draws(n_draws=n_draws, seed=seed)
        is_cluster = self.unit in (self.cluster, *self.codebook.names("cluster"))
        of = f"clusters ({self.unit})" if is_cluster else "respondents"
        how = f"{n_draws:,} bootstrap draws of {len(sets.n):,} groups of {of}, seed {seed}"
        origin = drawn.provenance
        return replace(drawn, scheme=how, provenance=replace(origin, steps=(*origin.steps[:-1], how)))

    def jackknife(self, names: Iterable[str]) -> Moments:
        """Moments without each hashed group of respondents in turn; BCa intervals need them.

        Raises
        ------
        DataError
            Without a column to hash: respondents cannot be left out one by one.
        """
        if self.unit is None:
            raise DataError(
                f"{self.name}: a jackknife leaves out groups of respondents; name the column that tells them apart (unit=), "
                "or use another kind of interval."
            )
        return self._moments(names, unit=self.unit).without_each()

    def counts(self, item: str) -> Counts:
        """How often each answer to one item was given, from one aggregate query."""
        item = self.named(item)
        if ("counts", item) not in self.asked:
            self._refuse_few_others([item])
            self.asked["counts", item] = counted(self.table, self.codebook, item, weight=self.weight)
        return self.asked["counts", item]

    def between_clusters(self, item: str, values: Mapping[float, float]) -> tuple[int, float]:
        """Number of clusters that answered an item, and the sum of squares of their totals of what its answers stand for."""
        if self.cluster is None:
            raise DataError(f"{self.name}: no column of clusters was named; give it as cluster=.")
        return between_clusters(self.table, self.codebook, self.named(item), values, self.cluster, weight=self.weight)

    def only(self, condition: str) -> Warehouse:
        """The respondents of one segment, as in `servicetype=prepaid`; by code or by label."""
        name, code = self.condition(condition)
        value = condition.partition("=")[2].strip()
        column = self.table[name]
        is_it = column == code if column.type().is_string() == isinstance(code, str) else _alike(column, code)
        kept, others = self.table.filter(is_it), self.table.filter(~is_it.fill_null(False))
        origin = self.provenance.then(f"only {name} = {value}")
        return replace(self, table=kept, others=others, asked={}, provenance=origin)

    def condition(self, text: str) -> tuple[str, Any]:
        """Segment and code that a condition such as `servicetype=prepaid` means, by names or by labels."""
        asked, _, value = (part.strip() for part in text.partition("="))
        item = one_segment(self.codebook, asked, self.table.columns)
        values = item.values or {
            code: {"en": f"{code:g}" if isinstance(code, float) else str(code)} for code in self.sizes(item.name)
        }
        return item.name, one_value(item.name, value, values)

    def sizes(self, name: str) -> dict[Any, int]:
        """Respondents by the code of a segment, from one query."""
        found, item = n_by(self.table, name), self.codebook.items[name]
        found.pop(None, None)
        if not item.values:
            return dict(sorted(found.items()))  # an engine gives them in any order
        of = group_of(found, item)
        return {code: sum(n for answer, n in found.items() if of[answer] == code) for code in item.values}

    @property
    def n_rows(self) -> int:
        """How many respondents there are."""
        return int(answered(self.table.count()))

    def _moments(self, names: Iterable[str], by: str | None = None, unit: str | None = None) -> Moments:
        """From the table, or as it was answered before: a report asks for the same sums more than once."""
        key = (tuple(map(self.named, names)), by, unit)
        if key not in self.asked:
            self._refuse_few_others(key[0])
            options: dict[str, Any] = {"weight": self.weight, "by": by, "unit": unit, "groups": self.groups}
            found = Moments.from_query(self.table, key[0], self.codebook, **options, provenance=self.provenance)
            self.asked[key] = found
        return self.asked[key]

    def _refuse_few_others(self, names: Sequence[str]) -> None:
        if self.others is not None:
            refuse_few_others(names, n_complete(self.others, self.codebook, names))

    def __getattr__(self, name: str) -> Any:
        if name in (
            "frame",
            "sample",
            "composition",
            "distribution",
            "excluding",
            "present",
            "reach",
            "segment",
            "segment_values",
            "split",
            "with_indicators",
            "with_means",
            "with_product",
        ):
            raise DataError(f"{'this' if name == 'frame' else repr(name)} {_NEEDS_ROWS}")
        raise AttributeError(f"'Warehouse' has no '{name}'")


def read_warehouse(
    data: str | ir.Table,
    codebook: str | Path | Codebook,
    *,
    weight: str | None = None,
    cluster: str | None = None,
    unit: str | None = None,
    groups: int = 256,
    source: str | None = None,
) -> Warehouse:
    """A table of answers in a database, or files that an engine reads in place.

    Parameters
    ----------
    data : str or Ibis table
        - `duckdb:answers.duckdb#wave1`: a table of a DuckDB file;
        - `duckdb:answers/` or `duckdb:answers/*.parquet`: a folder or pattern of parquet or csv files;
        - `spark:answers/`: the same files, read by Spark (needs pyspark and Java);
        - `postgres://user:${PGPASSWORD}@host/base#table`, and any other address Ibis knows. What stands in `${…}` comes
          from the environment; a password that is written out is refused, for it would end up in a report.
    codebook : name, path or Codebook
        What the columns mean.
    weight : str, optional
        Column of survey weights.
    cluster : str, optional
        Column of clusters, which every error follows, as that of a file does; a `unit` that is named and that the codebook
        calls a cluster will do.
    unit : str, optional
        Column of respondents or clusters to hash; `cluster` if that is named, or else the codebook's item with role cluster or
        respondent where there is one.
    groups : {16, 256, 4096}
        Hashed groups that intervals are made of.
    source : str, optional
        One line on who was asked, when and how; the codebook's if left out.

    Returns
    -------
    Warehouse
        `moments(names)` and `draws(names)` are queries that sum.

    Raises
    ------
    DataError, UnknownName
        For an engine that is not installed, an address that cannot be reached, a table or column that is absent.

    Examples
    --------
    >>> import ibis, pandas as pd                                                # doctest: +SKIP
    >>> answers = read_warehouse("duckdb:answers/*.parquet", "mobi")            # doctest: +SKIP
    >>> answers.moments(["LOY", "SAT"]).corr                                     # doctest: +SKIP
    """
    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    table, name = (_opened(data), shown_address(data)) if isinstance(data, str) else (data, "table")
    if groups not in GROUPS:
        raise DataError(f"groups is {groups}; allowed: {listed(GROUPS)}.")
    refuse_wide(name, len(table.columns))
    files = local_files(data) if isinstance(data, str) else []
    names = matched(table.columns, book)
    if names:  # who ticked a box tells it from a rating of that name
        names = item_names(answered(table.limit(SAMPLE)), book, name)
        table = table.rename({item: header for header, item in names.items()})
    here = set(table.columns)
    if not here & set(book.items):
        raise DataError(
            f"{name}: none of its columns is in the codebook '{book.name}'. The table has {listed(sorted(here))}."
        )
    for file in files:
        if file.suffix == ".csv":
            _refuse_unlike_a_file(file, book, str(data).partition(":")[0])
    _refuse_summaries(table, book, name)
    table, several = _unfolded(table, book)
    table, boxes = _with_boxes(table, book, name)
    table, worded = _in_codes(table, book, name)
    weight = weight and design_column("weight", weight, book, sorted(here))
    cluster, unit = (name and design_column("cluster", name, book, sorted(here)) for name in (cluster, unit))
    cluster = cluster or (unit if unit in book.names("cluster") else None)
    unit = cluster or unit
    named = [item for role in ("cluster", "respondent") for item in book.names(role) if item in here]
    step = f"aggregated where it is: {name}" + (f" ({listed(file.name for file in files)})" if len(files) > 1 else "")
    origin = Provenance(book.tier, source or book.source, book.citation)
    if book.tier != "synthetic" and _simulated(table, book):
        origin = Provenance("synthetic", NOBODY)
    origin, unit = origin.then(step), unit or next(iter(named), None)
    if names:
        origin = origin.then(renamed(names))
    for told in several + boxes:
        origin = origin.then(told)
    if worded:
        origin = origin.then(f"answers in words read as codes: {listed(worded)}")
    if weight and table[weight].type().is_string():
        _refuse_text(table, weight, name)
    for what, column in (("weight", weight), ("unit", unit), ("cluster", cluster if cluster != unit else None)):
        if column and found_any(blank := _is_blank(table[column])):
            table = table.filter(~blank)
            origin = origin.then(f"left out: rows whose {what} {column} is blank")
    return Warehouse(name, table, book, origin, weight, unit, groups, cluster=cluster)


def _is_blank(column: Any) -> Any:
    """Whether a row has no weight or cluster, as a file of the same rows is read."""
    given = no_nan(column)
    return given.isnull() | (given.strip() == "") if given.type().is_string() else given.isnull()


def _refuse_text(table: ir.Table, weight: str, name: str) -> None:
    """A weight that is no number in some rows, as a file's is refused."""
    given = table[weight].strip()
    odd = (given != "") & given.try_cast("float64").isnull()
    n, n_all = answered(table.aggregate(n=table.count(where=odd), n_all=table.count())).iloc[0]
    if n:
        raise DataError(
            f"{name}: the weight '{weight}' holds text in {how_many(int(n), int(n_all))} of {n_all:,} rows. Name a column of numbers."
        )


def _refuse_unlike_a_file(file: Path, book: Codebook, engine: str) -> None:
    """A csv that an engine reads otherwise than a file is read: what is no respondent among the rows, and decimal commas."""
    raw = raw_of_text(_ends_of(file), file.name)
    todo = f"or read the file itself: {file.name} in place of {engine}:{file.name}."
    if raw.detected.beside:
        raise DataError(
            f"{file.name}: has {listed(raw.detected.beside)}, which an engine takes for a respondent. Take it out, {todo}"
        )
    items = [name for name in raw.frame if name in book.items] if raw.detected.decimal == "," else []
    if commas := [name for name in items if (pd.to_numeric(raw.frame[name], errors="coerce") % 1 > 0).any()]:
        has = "has" if len(commas) == 1 else "have"
        raise DataError(
            f"{file.name}: {listed(commas)} {has} decimal commas, which an engine takes for another number or a text. "
            f"Save it with decimal points, {todo}"
        )


def _refuse_summaries(table: ir.Table, book: Codebook, name: str) -> None:
    """Refuse a row that holds the means of all others: where everybody answered in whole points, no other row has decimals."""
    asked = [item for item, entry in book.items.items() if entry.range and item in table.columns]
    numbers = {
        item: table[item] for item in asked if table[item].type().is_floating() or table[item].type().is_decimal()
    }
    if len(numbers) < 2:
        return
    odd = {item: (number != number.round()).fill_null(False).ifelse(1, 0) for item, number in numbers.items()}
    n_odd = answered(table.aggregate(**{f"x{at}": part.sum() for at, part in enumerate(odd.values())})).iloc[0]
    once = [item for item, n in zip(odd, n_odd, strict=True) if n == 1]  # everybody else answered in whole points
    if len(once) < 2:
        return
    odd_row = reduce(or_, (odd[item] == 1 for item in once))
    rows = answered(table.filter(odd_row).select(once).limit(2)).astype(float)
    if len(rows) != 1:
        return
    others = table.filter(~odd_row)
    means = others.aggregate(**{f"x{at}": others[item].mean() for at, item in enumerate(once)})
    pairs = zip(rows.iloc[0], answered(means).astype(float).iloc[0], strict=True)
    if all(
        abs(value - mean) <= 0.51 * 10.0 ** -len(repr(value).partition(".")[2]) + 1e-9 * abs(mean)
        for value, mean in pairs
    ):
        raise DataError(
            f"{name}: has a row with the averages of {listed(once, limit=5)}, which would count as a respondent. Take it out."
        )


def _ends_of(file: Path) -> bytes:
    """A text file, of a large one the first and the last lines."""
    with file.open("rb") as content:
        if file.stat().st_size <= 4 * AT_ENDS:
            return content.read()
        first = content.read(AT_ENDS).rpartition(b"\n")[0]
        content.seek(-AT_ENDS, os.SEEK_END)
        return first + b"\n" + content.read().partition(b"\n")[2]


def _unfolded(table: ir.Table, book: Codebook) -> tuple[ir.Table, list[str]]:
    """The table with a column for each box of which several are in one cell, as a file of the same answers is read."""
    import ibis

    told = []
    for cells in several_in_cells(book, table.columns):
        raw = table[cells.column].cast("string").strip()
        text = raw.lower()
        apart = ibis.ifelse(text.re_search(cells.blanks), text.re_replace(r"\s+", ","), text.re_replace(BETWEEN, ","))
        rest, marks = ibis.literal(",") + apart + ibis.literal(","), {}
        for box, option in cells.longest_first:
            codes = [str(code) for code in book.items[box].missing]
            missing = raw.isin(codes) if codes else ibis.literal(False)
            blank = (raw.isnull() | (raw == ""), ibis.null("string"))
            marks[box] = ibis.cases(blank, (missing, raw), (rest.contains(f",{option},"), ibis.literal("1")), else_="0")
            rest = rest.replace(f",{option},", ",")
        table = table.mutate(**marks)
        told.append(f"several answers in a cell of {cells.column} read as {len(marks)} boxes")
    return table, told


def _with_boxes(table: ir.Table, book: Codebook, where: str) -> tuple[ir.Table, list[str]]:
    """The table with the boxes of each set as 1 and 0, as a file of the same answers is read; and what was done."""
    import ibis

    told = []
    for one in book.sets.values():
        boxes = [box for box in one.items if box in table.columns]
        if not boxes:
            continue
        if one.base not in ("any", "all", *table.columns):
            raise DataError(
                f"{where}: the set '{one.name}' has the base '{one.base}', which is not in it. Name another base."
            )
        said = {box: _box(table[box], book.items[box]) for box in boxes}
        bases = {one.base: _box(table[one.base], book.items[one.base])} if one.base in table.columns else {}
        answered = [(box >= 0).fill_null(False) for box in (*said.values(), *bases.values())]
        asked = ibis.or_(ibis.literal(one.base == "all"), *answered)
        unticked = ibis.cases((asked, ibis.literal(0.0)), else_=ibis.null("float64"))
        table = table.mutate(**{name: box.coalesce(unticked).nullif(-1.0) for name, box in said.items()})
        told.append(f"a blank box of {one.name} is not ticked, for those who were asked (base: {one.base})")
    return table, told


def _box(column: Any, item: Item) -> Any:
    """1 for a box that was ticked, whatever stands in it, 0 for a no, -1 for a missing code, and nothing for a blank."""
    import ibis

    text = column.cast("string").strip().lower()
    codes = [f"{str(code).strip().casefold().removesuffix('.0')}{end}" for code in item.missing for end in ("", ".0")]
    no = [*(word for words in listed_in("false") for word in words.split("|")), "0", "0.0"]
    nothing = ibis.null("float64")
    blank = column.isnull() | text.isin(["", "nan"])
    missing = text.isin(codes) if codes else ibis.literal(False)
    return ibis.cases(
        (blank, nothing), (missing, ibis.literal(-1.0)), (text.isin(no), ibis.literal(0.0)), else_=ibis.literal(1.0)
    )


def _in_codes(table: ir.Table, book: Codebook, where: str) -> tuple[ir.Table, list[str]]:
    """The table with answers in words as their codes, as a file of the same answers is read; and the columns with some."""
    found = {}
    for name, item in book.items.items():
        if name not in table.columns or not table[name].type().is_string() or item.role in NO_WORDS:
            continue
        texts = answered(table.select(name).distinct().limit(MOST_WORDS + 1))[name].dropna()
        codes = in_codes(texts, item, options(item, book)) if len(texts) <= MOST_WORDS else {}
        words = [text for text in sorted(texts) if text.strip() not in map(str, ("", *item.missing))]
        if item.range and not codes and words and all(re.fullmatch(r"\s*-?\d+,\d+\s*", word) for word in words):
            raise DataError(
                f"{where}: column '{name}' has decimal commas ({words[0]}), which stand there as texts. Save it with decimal points."
            )
        if item.range and not codes and len(words) > 1 and all(as_number(word) is None for word in words):
            raise DataError(
                f"{where}: column '{name}' holds answers in words ({listed(map(repr, words), limit=3)}). Give each its number "
                "under 'labels' of a format, or 'values', in the codebook."
            )
        if codes:
            found[name] = table[name].cases(*((text, str(code)) for text, code in codes.items()), else_=table[name])
    return (table.mutate(**found) if found else table), [*found]


def _alike(column: Any, code: Any) -> Any:
    """Whether a column holds a code that is written otherwise there: 01 for 1, or 1 for "01"."""
    numbers = column.try_cast("float64") if column.type().is_string() else column.cast("float64")
    try:
        return numbers == float(code)
    except ValueError:
        return column.cast("string") == str(code)


def _simulated(table: ir.Table, book: Codebook) -> bool:
    """Whether any respondent's number, or the answers themselves, say that they do not exist, whatever the codebook says."""
    texts = [
        table[name] for name in book.names("respondent") if name in table.columns and table[name].type().is_string()
    ]
    if any(found_any(text.startswith(SIMULATED)) for text in texts):
        return True
    numeric = [name for name in table.columns if table[name].type().is_numeric()]
    if bear_mark([*filter(is_named, numeric)], lambda names: n_by_several(table, names)):
        return True
    others = [name for name in numeric if not is_named(name)]
    if len(others) < 3 or table.get_backend().name != "duckdb":  # elsewhere a question for each column takes too long
        return False
    sample = table.select(others).limit(MOST_ROWS)
    first = answered(sample, sample.cache)
    values = answered(first.aggregate(**{f"x{at}": first[name].nunique() for at, name in enumerate(others)})).iloc[0]
    few = [name for name, n in zip(others, values, strict=True) if 3 < n <= MOST_CODES]
    return bear_mark(few, lambda names: n_by_several(first, names))


def table_facts(data: str, codebook: str) -> dict[str, str]:
    """Name and fingerprint of a table in a database elsewhere, which has no file to hash; nothing for any other data.

    A report is made again where the answers changed, and only there. Takes one query over all rows.

    Parameters
    ----------
    data : str
        As `read_data` takes it.
    codebook : str
        Name or path.

    Returns
    -------
    dict of str → str
        `name` and `sha256`, or nothing.

    Examples
    --------
    >>> table_facts("mine.csv", "mine.yml")
    {}
    """
    if "://" not in data or not codebook:
        return {}
    with _open_for_a_moment(data) as table:
        return {"name": shown_address(data), "sha256": fingerprint(table, read_codebook(codebook))}


def warehouse_columns(data: str) -> list[str]:
    """What the columns of a table in a database are called."""
    with _open_for_a_moment(data) as table:
        return [*table.columns]


@contextmanager
def _open_for_a_moment(data: str) -> Iterator[ir.Table]:
    """A table whose connection is closed again: a DuckDB file takes one process at a time."""
    table = _opened(data)
    try:
        yield table
    finally:
        table.get_backend().disconnect()


# ---- opening ------------------------------------------------------------------------------------------------------------


def _opened(data: str) -> Any:
    try:
        import ibis
    except ImportError:
        raise DataError(
            f"{shown_address(data)}: reading a database needs the extra 'database': pip install 'loyaltylab[database]'."
        ) from None
    engine, _, rest = data.partition(":")
    if "://" in data:
        return _elsewhere(ibis, data)
    if data.startswith(SCHEMES):
        return _local(ibis, engine, rest)
    raise DataError(f"'{data}' is no address of a table; give duckdb:PATH#TABLE, spark:FOLDER, or an address with ://.")


def _local(ibis: Any, engine: str, rest: str) -> Any:
    path, _, table = rest.partition("#")
    files = matching(path)
    if not expanded(path).name.strip("."):
        raise DataError(
            f"'{engine}:{path}' names no file and no folder. Give one by name: {engine}:answers.parquet, {engine}:answers/, "
            f"or a pattern such as {engine}:answers-*.csv."
        )
    if not files:
        hint = beside(expanded(path), (".parquet", ".csv", ".duckdb", ".db")).removesuffix(".")
        raise DataError(f"{engine}:{Path(path).name}: no such file, and no parquet or csv files there{hint or '.'}")
    refuse_copies(files)
    suffixes = {file.suffix for file in files}
    if suffixes - {".parquet", ".csv"}:
        return _in_base(ibis, files, table)
    if len(suffixes) > 1:
        raise DataError(
            f"{engine}:{Path(path).name}: holds both parquet and csv files; name one kind, as in '*.parquet'."
        )
    if empty := [file.name for file in files if not file.stat().st_size]:
        raise DataError(f"{listed(empty)}: the file is empty. Export or download it again.")
    for file in files:  # an engine takes minutes before it tells how many there are
        refuse_wide(file.name, columns_of(file))
    kind = suffixes.pop()[1:]
    read = {"duckdb": _read_by_duckdb, "spark": _read_by_spark}[engine](ibis, kind)
    try:
        return read([str(file) for file in files])
    except Exception as error:  # every engine has its own kinds
        raise DataError(_unreadable(files, kind, error)) from None


def refuse_copies(files: list[Path]) -> None:
    """Files that are read as one survey hold other respondents each."""
    alike: dict[int, list[Path]] = {}
    for file in files:
        alike.setdefault(file.stat().st_size, []).append(file)
    for candidates in alike.values():
        seen: dict[str, Path] = {}
        for file in candidates if len(candidates) > 1 else ():
            if (first := seen.setdefault(sha256(file), file)) is not file:
                raise DataError(
                    f"{first.name} and {file.name} are the same file twice, and everyone in it would count double. "
                    "Name one of them, or move the copy elsewhere."
                )


def _unreadable(files: list[Path], kind: str, error: Exception) -> str:
    """What is wrong with a file that an engine cannot read, in one sentence."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # Java's reason stands last
    *_, said = lines[0], *re.findall(r"^Caused by: [\w.$]+: (.+)", str(error), re.MULTILINE)
    at = next((file for file in files if str(file) in str(error)), files[0])
    name = at.name
    if kind == "csv" and not (encoding := _encoding(at)).startswith("UTF-8"):
        return f"{name}: its encoding is {encoding}, and an engine reads UTF-8. Save it as UTF-8 csv or as parquet."
    for path in (path for file in files for path in (file.resolve(), file)):
        said = said.replace(str(path), path.name)
    todo = "Save it as UTF-8 csv or as parquet" if kind == "csv" else "It may be damaged or cut off: export it again"
    return f"{name}: cannot be read as {kind} ({said}). {todo}."


def _encoding(file: Path) -> str:
    """What a text file is written in; of one too large to look at, what an engine takes it for."""
    return decoded(file.read_bytes(), file.name)[1] if file.stat().st_size < 2e8 else "UTF-8"


def _in_base(ibis: Any, files: list[Path], table: str) -> Any:
    try:
        connection = _duckdb(ibis, files[0], read_only=True)
    except Exception as error:
        raise DataError(_unreadable(files, "a DuckDB database", error)) from None
    tables = connection.list_tables()
    if not table and len(tables) == 1:
        return connection.table(tables[0])
    if table not in tables:
        raise unknown("table", table or "(none named)", tables, f"Tables of {files[0].name}; name one after #.")
    return connection.table(table)


def _duckdb(ibis: Any, *where: Path, **options: Any) -> Any:
    """DuckDB without its own progress bar, which would stand in reports, that reads on while batches are summed."""
    connection = ibis.duckdb.connect(*where, **options)
    connection.raw_sql("SET enable_progress_bar = false")
    connection.raw_sql("SET streaming_buffer_size = '256MB'")
    connection.raw_sql("SET enable_external_file_cache = false")  # it grows with the files, and the system has its own
    return connection


def _read_by_duckdb(ibis: Any, kind: str) -> Callable[[list[str]], Any]:
    connection = _duckdb(ibis)
    return partial(connection.read_parquet if kind == "parquet" else connection.read_csv, table_name="answers")


def _read_by_spark(ibis: Any, kind: str) -> Callable[[list[str]], Any]:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise DataError("spark: needs pyspark and Java: pip install 'loyaltylab[spark]'.") from None
    builder = SparkSession.builder.appName("loyaltylab")
    if SparkSession.getActiveSession() is None:  # what goes wrong comes back as an error; its log is pages of Java
        builder = builder.config("spark.log.level", "OFF").config("spark.ui.showConsoleProgress", "false")
    try:
        session = builder.getOrCreate()
    except Exception as error:  # no Java, or one it does not run with
        raise DataError(
            f"spark: does not start ({type(error).__name__}). It needs Java 17 or newer: java -version says which one is here."
        ) from None

    def read(files: list[str]) -> Any:
        rows = (
            session.read.parquet(*files)
            if kind == "parquet"
            else session.read.csv(files, header=True, inferSchema=True)
        )
        rows.createOrReplaceTempView("answers")
        return ibis.pyspark.connect(session).table("answers")

    return read


def _elsewhere(ibis: Any, data: str) -> Any:
    refuse_secrets(data)
    scheme, _, place, _, table = parted(data)
    address = filled(data)
    if scheme in ("duckdb", "sqlite"):  # sqlite:///answers.db is a file of this folder, as other tools have it
        file = next((one for one in (place, place.lstrip("/")) if Path(one).is_file()), None)
        if file is None:
            raise DataError(f"{shown_address(data)}: no such file. Give the path of a database that is there.")
        address = address.replace(f"://{place}", f"://{Path(file).resolve().as_posix()}", 1)
    connection = _connected(ibis, data, address)
    if not table:
        raise DataError(f"{shown_address(data)}: name the table after #.")
    tables = connection.list_tables()
    check_known("table", table, tables, f"Tables of {shown_address(data).partition('#')[0]}.")
    return connection.table(table)


def _connected(ibis: Any, data: str, address: str) -> Any:
    try:
        return ibis.connect(address)
    except Exception as error:  # every engine has its own kinds; the words may hold the address with its password
        raise DataError(
            f"{shown_address(data)}: cannot be opened ({type(error).__name__}). Check the address, the password in the "
            "environment, and that Ibis' package for this engine is installed."
        ) from None
