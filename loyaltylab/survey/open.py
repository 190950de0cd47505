"""What a report runs on, by name or by file: a `Survey` of answers, simulated respondents, or a published table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from ..codebook import Codebook, flatten, read_codebook
from ..core import (
    DataError,
    UnknownName,
    available,
    check_known,
    expanded,
    find,
    home,
    listed,
    read_yaml,
    refuse_handful,
    the_one_called,
    tr,
    unknown,
)
from ..moments import Moments, by_name, composites
from .database import Warehouse, is_warehouse, local_files, read_warehouse, shown_address, warehouse_columns
from .files.raw_table import READABLE, check_file, read_raw
from .samples import SCREENS
from .scoring import read_survey
from .simulation import asked_for, simulate
from .survey import Survey, one_value
from .table import PublishedTable, read_table


def is_simulated(data: str) -> bool:
    """Whether this asks for simulated respondents: `simulated`, or `simulated n=2000 seed=7`."""
    return data.split()[:1] == ["simulated"] and not expanded(data).is_file()


def input_files(data: str, codebook: str = "") -> dict[str, Path]:
    """The files `read_data(data, codebook)` would read, as far as they are there: "data" and "codebook".

    Parameters
    ----------
    data : str
        As `read_data` takes it.
    codebook : str
        As `read_data` takes it.

    Returns
    -------
    dict of str → Path
        What a report keeps the hash of.

    Examples
    --------
    >>> sorted((role, file.name) for role, file in input_files("hedonic_utilitarian").items())
    [('codebook', 'hedonic_utilitarian.yml'), ('data', 'hedonic_utilitarian.yml')]
    """
    books, tables = available("data/codebooks", ".yml"), available("data/published", ".yml")
    if is_warehouse(data):
        found = {f"data {number}" if number > 1 else "data": file for number, file in enumerate(local_files(data), 1)}
        book = books.get(codebook) or expanded(codebook)
        return found | ({"codebook": book} if book.is_file() else {})
    known = {book.rows["name"]: book for book in _books_with_rows()}
    path, book = expanded(data), codebook
    if is_simulated(data):
        asked_for(data)  # words that ask for nothing are refused
        path, book = home() / "data" / "calibration.yml", codebook or "loyalty"
    elif not path.is_file() and data in known:
        book = codebook or known[data].name
        path = _package_file(known[data]) or tables[known[data].table]
    elif not path.is_file():
        path = tables.get(data, path)
    if path.is_file() and path.suffix == ".yml" and not is_simulated(data):
        book = str(read_yaml(path).get("codebook", ""))
    found = {
        "data": path,
        "codebook": books.get(book) or (find("codebook", book, "data/codebooks", ".yml") if book else Path()),
    }
    return {name: file for name, file in found.items() if file.is_file()}


def refuse_misspelt(
    data: str, codebook: str = "", asked: Iterable[tuple[str, str]] = (), *, sheet: str = "", encoding: str = ""
) -> None:
    """Refuses, before anything is computed, a file that is not there or lacks a codebook, and names that do not exist.

    Parameters
    ----------
    data : str
        As `read_data` takes it.
    codebook : str
        As `read_data` takes it.
    asked : sequence of (kind, name)
        A "block" or "segment" is one of the codebook, a "condition" a segment with one of its values, as in
        `servicetype=prepaid`; a "column" one of the codebook or of the data; a "rule" one of `Survey.excluding`; any other
        kind is an item or scale of the codebook. A label will do for a name.
    sheet, encoding : str
        As `read_data` takes them.

    Raises
    ------
    DataError, UnknownName, CodebookError
        With what was probably meant.

    Examples
    --------
    >>> refuse_misspelt("hedonic_utilitarian", asked=[("outcome", "BehLoyaltie")])
    Traceback (most recent call last):
    loyaltylab.core.errors.UnknownName: variable 'BehLoyaltie' does not exist; did you mean 'BehLoyalty'? Possible: VisualAppeal, Entertainment, Escapism, Enjoyment, Excellence, Efficiency, EconomicValue, AttLoyalty, BehLoyalty. They are defined in the codebook 'hedonic_utilitarian'.
    """
    known = {book.rows["name"] for book in _books_with_rows()} | set(available("data/published", ".yml"))
    path = expanded(data)
    elsewhere = is_warehouse(data) or is_simulated(data) or data in known
    if not elsewhere and path.suffix and path.suffix != ".yml" and not path.is_file():
        check_file(path)  # raises
    if not elsewhere and path.suffix.lower() in READABLE and not codebook:
        raise _lacks_codebook(data)
    files = input_files(data, codebook)
    if "codebook" not in files:
        if codebook:
            read_codebook(codebook)  # raises
        return
    book = _book(files["codebook"])
    of = f"They are defined in the codebook '{book.name}'."
    segments = {segment: book.called[segment] for segment in book.names("segment")}
    columns: list[str] = []
    for kind, name in asked:
        if kind == "block":
            the_one_called(kind, name, {block: book.called[block] for block in book.block_labels}, of)
        elif kind == "rule":
            check_known(kind, name, SCREENS)
        elif kind == "column" and name not in book.items:
            if not columns:
                where, columns = _columns(data, files.get("data"), book, sheet, encoding)
            called = {column: book.called.get(column, ()) for column in columns}
            the_one_called(kind, name, called, f"These are the columns of {where}.")
        elif kind == "condition":
            segment, _, value = (part.strip() for part in name.partition("="))
            segment = the_one_called("segment", segment, segments, of)
            if values := book.items[segment].values:
                one_value(segment, value, values)
        elif kind == "segment" and name not in book.items:
            the_one_called(kind, name, segments, of)
        else:
            book.named(name)


def _columns(data: str, file: Path | None, book: Codebook, sheet: str, encoding: str) -> tuple[str, list[str]]:
    """Where the answers are, and what the columns are called there; where no rows stand, those that the codebook describes."""
    if is_warehouse(data):
        return shown_address(data), warehouse_columns(data)
    if file and file.suffix.lower() in READABLE:
        return file.name, [*map(str, read_raw(file, sheet=sheet or None, encoding=encoding).frame)]
    return data, [*book.items]


def _lacks_codebook(data: str) -> UnknownName:
    return UnknownName(
        f"'{data}' needs a codebook that says what its columns mean; give codebook=, or draft one: "
        f"loyaltylab codebook draft {data}"
    )


def read_data(
    data: str,
    codebook: str = "",
    *,
    weight: str = "",
    cluster: str = "",
    strata: str = "",
    missing: str = "listwise",
    only: str = "",
    exclude: Sequence[str] = (),
    sheet: str = "",
    encoding: str = "",
) -> Survey | PublishedTable | Warehouse:
    """The evidence a report runs on: a file of answers, rows known by name (`corp_rep`), a database, or a published table.

    Simulated respondents, which are no evidence, come by the name `simulated`, or `simulated n=2000 seed=7`.

    Where rows known by name are not installed, the table their source prints stands in, and its `note` says so. Both
    answer `moments(names)`, `draws(names)` and `codebook`; only a survey `has_rows`.

    Parameters
    ----------
    data : str
        Path of a file of answers, or a name: rows, a published table, an address of a database, `simulated`.
    codebook : str
        Path or name of its codebook; the one that belongs to the data if left out.
    weight, cluster, strata : str
        Columns of the design; those of the codebook if left out.
    missing : {"listwise", "item_mean", "imputed"}
        What becomes of a scale of which an item was not answered.
    only : str
        The respondents of one segment, as in `servicetype=prepaid`.
    exclude : sequence of str
        Rules of `Survey.excluding`, such as `straight_lining`; nobody is excluded unless you name one.
    sheet, encoding : str
        Sheet of a workbook, where several hold something; encoding of a text file, where what is found is wrong.

    Returns
    -------
    Survey, PublishedTable or Warehouse
        A survey where there are rows here, a table where a source printed one, a warehouse where the rows stay in a
        database.

    Raises
    ------
    UnknownName
        Listing what there is.

    Examples
    --------
    >>> read_data("simulated n=200 seed=1").moments(["LOYALTY", "EMOTION"])
    Moments of 2 variables: LOYALTY, EMOTION; n = 200; sample
    """
    design: dict[str, Any] = {
        "weight": weight or None,
        "cluster": cluster or None,
        "strata": strata or None,
        "missing": missing,
    }
    known = {book.rows["name"]: book for book in _books_with_rows()}
    tables = available("data/published", ".yml")
    if is_warehouse(data):
        return _where_it_is(data, codebook, design, only, [*exclude, *filter(None, (sheet, encoding))])
    if is_simulated(data):
        options = {name: value for name, value in design.items() if name != "missing"}
        options |= {"missing_rule": missing, "codebook": codebook or "loyalty"}
        return _chosen(simulate(**asked_for(data), **options), only, exclude)
    if data in known and not expanded(data).is_file():
        book = known[data]
        path = _package_file(book)
        if path is not None:
            survey = read_survey(path, read_codebook(codebook) if codebook else book, **design)
            return _chosen(survey, only, exclude)
        table = read_table(book.table)
        note = tr(
            "The rows of {data} come with the package {package}, which is not installed here. This report runs on a published correlation table of the same study instead."
        )
        table = replace(table, note=note.filled(data=data, package=book.rows["package"]))
    elif Path(data).suffix in READABLE or (expanded(data).is_file() and Path(data).suffix != ".yml"):
        check_file(data)
        if not codebook:
            raise _lacks_codebook(data)
        survey = read_survey(data, codebook, sheet=sheet or None, encoding=encoding, **design)
        return _chosen(survey, only, exclude)
    elif data in tables or Path(data).suffix == ".yml":
        table = read_table(data)
    else:
        raise unknown(
            "data",
            data,
            dict.fromkeys([*known, "simulated", *tables]),
            "Or give the path of a file of answers (csv, xlsx, sav, dta, parquet), with its codebook.",
        )
    if asked := [
        name
        for name, value in (
            ("weight", weight),
            ("cluster", cluster),
            ("strata", strata),
            ("segment filter", only),
            ("exclude", exclude),
            ("sheet", sheet),
            ("encoding", encoding),
        )
        if value
    ]:
        raise DataError(
            f"{listed(asked)}: the published table '{table.name}' has no respondents to weight, group or choose from."
        )
    return table


def _where_it_is(data: str, codebook: str, design: dict[str, Any], only: str, exclude: Sequence[str]) -> Warehouse:
    """A table that stays where it is; what only rows allow is refused."""
    if not codebook:
        raise UnknownName(
            f"'{shown_address(data)}' needs a codebook that says what its columns mean; give codebook=, a file in YAML. What may "
            "stand in it: loyaltylab codebook schema"
        )
    filled = design["missing"]
    rows_only = {"strata": design["strata"], filled: filled != "listwise", "exclude or sheet": exclude}
    if asked := [name for name, value in rows_only.items() if value]:
        raise DataError(
            f"{shown_address(data)}: {listed(asked)} takes the rows of respondents, and a database gives sums only; "
            "leave it out, or read a file of rows."
        )
    found = read_warehouse(data, codebook, weight=design["weight"], cluster=design["cluster"])
    return _checked(found, found.only(only), only) if only else found


def _chosen(survey: Survey, only: str, exclude: Sequence[str]) -> Survey:
    """The respondents a report is about; refused where it would show who a handful of them, or of the others, are."""
    everyone = survey.excluding(*exclude)
    return _checked(everyone, survey.only(only).excluding(*exclude), only) if only else everyone


Some = TypeVar("Some", Survey, Warehouse)


def _checked(everyone: Some, chosen: Some, only: str) -> Some:
    """The chosen ones, where they and those left out are more than a handful."""
    name, value = everyone.condition(only)
    sizes = everyone.sizes(name)
    refuse_handful(f"only {only}", sizes, value, everyone.n_rows)
    return chosen


def _books_with_rows() -> list[Codebook]:
    found = available("data/codebooks", ".yml").values()
    return [book for path in found if (book := _book(path)).rows]


def _book(path: Path) -> Codebook:
    return _book_as_it_is(path, path.stat().st_mtime_ns, path.stat().st_size)


@lru_cache(maxsize=64)
def _book_as_it_is(path: Path, changed: int, size: int) -> Codebook:
    """A codebook, read again only when its file changed: a sweep asks for it once a run."""
    return read_codebook(path)


def _package_file(book: Codebook) -> Path | None:
    """A data file inside an installed package; the package itself is not imported."""
    spec = find_spec(book.rows["package"])
    path = Path(spec.origin).parent / book.rows["file"] if spec and spec.origin else None
    return path if path and path.is_file() else None


def block_means(
    evidence: Survey | PublishedTable | Warehouse,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    *,
    n_draws: int = 2000,
    seed: int = 1,
) -> tuple[Moments, Moments]:
    """Moments, and draws of them, of an outcome and of the mean of each block's drivers; of standardised ones where ranges differ.

    Parameters
    ----------
    evidence : Survey, PublishedTable or Warehouse
        What `read_data` gives.
    outcome : str
        Name of the variable to explain.
    blocks : mapping of block → drivers
        Names of the drivers, by block.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.

    Returns
    -------
    (Moments, Moments)
        One set, and its draws: the outcome first, then a variable for each block.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> means, draws = block_means(table, "BehLoyalty", table.codebook.blocks(), n_draws=100)
    >>> means.names, draws.corr.shape
    (('BehLoyalty', 'emotional', 'rational'), (100, 3, 3))
    """
    outcome, blocks = by_name(evidence, outcome, blocks, of="codebook")
    used = [outcome, *flatten(blocks)]
    how: dict[str, Any] = {"keep": [outcome], "standardised": evidence.codebook.mixed_ranges(used[1:])}
    drawn = evidence.draws(used, n_draws=n_draws, seed=seed)
    return composites(evidence.moments(used), blocks, **how), composites(drawn, blocks, **how)
