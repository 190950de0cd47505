"""From a file to a `Survey`: read, recoded, reversed and scored as the codebook says, or refused in words that mend it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .codebook import Codebook, Item, Scale, read_codebook
from .errors import DataError, UnknownName, listed, unknown
from .files import available, find, read_yaml
from .provenance import Provenance
from .published import PublishedTable, read_table
from .survey import Survey
from .tables import READABLE, RawTable, read_raw

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MISSING_RULES", "input_files", "read_data", "read_survey"]

MISSING_RULES = {
    "listwise": "a respondent without a score on a variable of the model is left out of that model",
    "item_mean": "an unanswered item gets the mean of those who answered it, as some printed results do",
}


def read_survey(
    data: str | Path | pd.DataFrame,
    codebook: str | Path | Codebook,
    *,
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    missing: str = "listwise",
    source: str | None = None,
    sheet: str | None = None,
) -> Survey:
    """Answers from a csv, xlsx, SPSS, Stata or parquet file (or a frame), recoded and scored as the codebook says.

    Parameters
    ----------
    data : path or DataFrame
        One row per respondent; the column headers are the item names of the codebook.
    codebook : name, path or Codebook
    weight, cluster, strata : str, optional
        Columns of the design. Nothing is weighted unless you name the weight.
    missing : {"listwise", "item_mean"}
        What happens to an unanswered item (see `MISSING_RULES`); filled-in answers are counted.
    sheet : str, optional
        Sheet of a workbook, where several hold something.

    Raises
    ------
    DataError
        For text among numbers, an answer outside its range, duplicate headers; all at once, each with its column.

    Examples
    --------
    >>> import pandas as pd
    >>> book = read_codebook("mobi")
    >>> rows = pd.DataFrame({name: [7, 9, 4, 8, 6] for name in book.items})
    >>> survey = read_survey(rows, book)
    >>> survey
    Survey of 5 respondents, codebook 'mobi'; listwise
    >>> survey.frame["LOY"].tolist()
    [7.0, 9.0, 4.0, 8.0, 6.0]
    """
    import pandas as pd

    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    if missing not in MISSING_RULES:
        raise unknown("missing rule", missing, MISSING_RULES)
    table = RawTable(data, "data frame") if isinstance(data, pd.DataFrame) else read_raw(data, sheet=sheet)
    raw, name = table.frame, table.name
    for role, column in (("weight", weight), ("cluster", cluster), ("strata", strata)):
        if column and column not in raw.columns:
            raise unknown(f"{role} column", column, book.names(role) or raw.columns)
    origin = source or book.source
    provenance = Provenance(book.tier, origin, book.citation, table.sha256)
    if table.detected.step:
        provenance = provenance.then(table.detected.step)

    items = {item.name: item for item in book.items.values() if item.name in raw.columns}
    if not items:
        raise DataError(
            f"{name}: none of its columns is in the codebook '{book.name}'. The file has {listed(raw.columns)}; the codebook has {listed(book.items)}."
        )
    raw, step = table.answers([*items, *filter(None, (weight, cluster, strata))])
    if step:
        provenance = provenance.then(step)
    problems: list[str] = []
    columns = {item.name: _recoded(raw[item.name], item, problems) for item in items.values()}
    columns |= {extra: raw[extra] for extra in (weight, cluster, strata) if extra and extra not in columns}
    if problems:
        raise DataError(f"{name}: " + "\n".join(problems))
    frame = pd.DataFrame(columns)
    members = {member for scale in book.scales.values() for member in scale.items if member in frame}
    blank = {member: int(frame[member].isna().sum()) for member in sorted(members)}
    if missing == "item_mean":
        frame = frame.fillna({member: frame[member].mean() for member in members})
        provenance = provenance.then(f"{sum(blank.values())} unanswered items filled with the item mean")
    unavailable = {}
    for scale in book.scales.values():
        if absent := [member for member in scale.items if member not in frame]:
            unavailable[scale.name] = f"the file has no column {listed(absent)}"
        elif not scale.items:
            unavailable[scale.name] = "the codebook names no items for it; its source prints it only as a whole"
        else:
            frame[scale.name] = _scored(frame, scale)
    return Survey(frame, book, provenance, weight or None, cluster or None, strata or None, missing, blank, unavailable)


def input_files(data: str, codebook: str = "") -> dict[str, Path]:
    """The files `read_data(data, codebook)` would read, as far as they are there: "data" and "codebook"."""
    books, tables = available("data/codebooks", ".yml"), available("data/published", ".yml")
    known = {book.rows["name"]: book for book in _books_with_rows()}
    path, book = Path(data).expanduser(), codebook
    if not path.is_file() and data in known:
        book = codebook or known[data].name
        path = _package_file(known[data]) or tables[known[data].table]
    elif not path.is_file():
        path = tables.get(data, path)
    if path.is_file() and path.suffix == ".yml":
        book = str(read_yaml(path).get("codebook", ""))
    found = {
        "data": path,
        "codebook": books.get(book) or (find("codebook", book, "data/codebooks", ".yml") if book else Path()),
    }
    return {name: file for name, file in found.items() if file.is_file()}


def read_data(
    data: str,
    codebook: str = "",
    *,
    weight: str = "",
    cluster: str = "",
    strata: str = "",
    missing: str = "listwise",
    only: str = "",
) -> Survey | PublishedTable:
    """The evidence a report runs on: a file of answers, rows known by name (`corp_rep`), or a published table.

    Where rows known by name are not installed, the table their source prints stands in, and its `note` says so. Both
    answer `moments(names)`, `draws(names)` and `codebook`; only a survey `has_rows`.

    Raises
    ------
    UnknownName
        Listing what there is.
    """
    design = {"weight": weight or None, "cluster": cluster or None, "strata": strata or None, "missing": missing}
    known = {book.rows["name"]: book for book in _books_with_rows()}
    tables = available("data/published", ".yml")
    if data in known and not Path(data).is_file():
        book = known[data]
        path = _package_file(book)
        if path is not None:
            survey = read_survey(path, read_codebook(codebook) if codebook else book, **design)
            return survey.only(only) if only else survey
        table = read_table(book.table)
        en = f"The rows of {data} come with the package {book.rows['package']}, which is not installed here. This report runs on a published correlation table of the same study instead."
        nl = f"De rijen van {data} komen uit het pakket {book.rows['package']}, dat hier niet is geïnstalleerd. Dit rapport gebruikt daarom een gepubliceerde correlatietabel van hetzelfde onderzoek."
        table = replace(table, note={"en": en, "nl": nl})
    elif Path(data).suffix in READABLE or (Path(data).is_file() and Path(data).suffix != ".yml"):
        if not codebook:
            raise UnknownName(
                f"'{data}' needs a codebook that says what its columns mean; give codebook= (see data/README.md)."
            )
        survey = read_survey(data, codebook, **design)
        return survey.only(only) if only else survey
    elif data in tables or Path(data).suffix == ".yml":
        table = read_table(data)
    else:
        raise unknown(
            "data",
            data,
            [*known, *tables],
            "Or give the path of a file of answers (csv, xlsx, sav, dta, parquet), with its codebook.",
        )
    if asked := [
        name
        for name, value in (("weight", weight), ("cluster", cluster), ("strata", strata), ("segment filter", only))
        if value
    ]:
        raise DataError(
            f"{listed(asked)}: the published table '{table.name}' has no respondents to weight, group or choose from."
        )
    return table


def _books_with_rows() -> list[Codebook]:
    return [book for name in available("data/codebooks", ".yml") if (book := read_codebook(name)).rows]


def _package_file(book: Codebook) -> Path | None:
    """A data file inside an installed package; the package itself is not imported."""
    spec = find_spec(book.rows["package"])
    path = Path(spec.origin).parent / book.rows["file"] if spec and spec.origin else None
    return path if path and path.is_file() else None


def _recoded(column: pd.Series, item: Item, problems: list[str]) -> pd.Series:
    """Answers as numbers, missing codes blank, reversed items turned round; what is wrong goes to `problems`."""
    import pandas as pd

    text = column.astype(str).str.strip() if not pd.api.types.is_numeric_dtype(column) else None
    codes = {str(code) for code in item.missing} | {""}
    if text is not None:
        column = text.mask(text.isin(codes | {"nan", "None", "NaN", "<NA>"}))
    if item.role == "cluster" or (item.role == "segment" and _is_text(column)):
        return column
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    numbers = numbers.mask(numbers.isin([code for code in item.missing if not isinstance(code, str)]))
    odd = column[numbers.isna() & column.notna() & ~pd.to_numeric(column, errors="coerce").isin(item.missing)]
    if len(odd):
        problems.append(
            f"column '{item.name}' holds text in {len(odd):,} of {len(column):,} rows ({listed(sorted(map(repr, odd.unique())), limit=3)}). "
            f"If it means 'no answer', add it to the missing codes of {item.name} in the codebook."
        )
    allowed = sorted(item.values) if item.values and all(isinstance(v, (int, float)) for v in item.values) else None
    outside = numbers.notna() & (
        ~numbers.isin(allowed) if allowed else ~numbers.between(*(item.range or (-np.inf, np.inf)))
    )
    if outside.any():
        span = listed(allowed) if allowed else f"{item.range[0]:g} to {item.range[1]:g}" if item.range else ""
        found = listed((f"{value:g}" for value in sorted(numbers[outside].unique())), limit=5)
        problems.append(
            f"column '{item.name}' holds {found} in {int(outside.sum()):,} of {len(column):,} rows; the codebook allows {span}. "
            f"If it means 'no answer', add it to the missing codes of {item.name}; otherwise correct its range or the file."
        )
    return item.range[0] + item.range[1] - numbers if item.reverse and item.range else numbers


def _is_text(column: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.to_numeric(column.dropna(), errors="coerce").isna().any())


def _scored(frame: pd.DataFrame, scale: Scale) -> pd.Series:
    """Mean of the answered items, for those who answered enough of them."""
    items = frame[list(scale.items)]
    return items.mean(axis=1).where(items.notna().sum(axis=1) >= scale.min_answered)
