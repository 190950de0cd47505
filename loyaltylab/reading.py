"""From a file to a `Survey`: read, recoded, reversed and scored as the codebook says, or refused in words that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .codebook import Codebook, read_codebook
from .errors import DataError, UnknownName, listed, unknown
from .fieldwork import from_field
from .files import available, find, read_yaml
from .provenance import Provenance
from .published import PublishedTable, read_table
from .recoding import recoded
from .samples import MIN_CELL
from .survey import Survey
from .tables import READABLE, RawTable, read_raw

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MISSING_RULES", "input_files", "read_data", "read_survey", "scored"]

MOST_LINES = 10  # columns named in one message
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
        One row per respondent; the column headers are the item names of the codebook, or what ODK, KoBo, LimeSurvey or
        Qualtrics make of them (see `from_field`).
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
    if isinstance(data, pd.DataFrame):
        table = RawTable(data, "data frame")
    else:
        table = from_field(read_raw(data, sheet=sheet), book)
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
        raise no_columns(table, book)
    raw, step = table.answers([*items, *filter(None, (weight, cluster, strata))])
    if step:
        provenance = provenance.then(step)
    columns, problems = recoded(raw, items.values())
    columns |= {extra: raw[extra] for extra in (weight, cluster, strata) if extra and extra not in columns}
    if problems:
        lines = [str(problem) for problem in problems[:MOST_LINES]]
        if (more := len(problems) - MOST_LINES) > 0:
            lines.append(f"and {more} more columns; loyaltylab check lists them all.")
        raise DataError(f"{name}: " + "\n".join(lines))
    members = sorted({member for scale in book.scales.values() for member in scale.items if member in columns})
    blank = {member: int(columns[member].isna().sum()) for member in members}
    if missing == "item_mean":
        columns |= {member: columns[member].fillna(columns[member].mean()) for member in members}
        provenance = provenance.then(f"{sum(blank.values())} unanswered items filled with the item mean")
    frame, unavailable = scored(columns, book)
    return Survey(frame, book, provenance, weight or None, cluster or None, strata or None, missing, blank, unavailable)


def no_columns(table: RawTable, book: Codebook) -> DataError:
    """What to say of a file and a codebook that have nothing in common."""
    return DataError(
        f"{table.name}: none of its columns is in the codebook '{book.name}'. "
        f"The file has {listed(table.frame.columns)}; the codebook has {listed(book.items)}."
    )


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
    exclude: Sequence[str] = (),
    sheet: str = "",
) -> Survey | PublishedTable:
    """The evidence a report runs on: a file of answers, rows known by name (`corp_rep`), or a published table.

    Where rows known by name are not installed, the table their source prints stands in, and its `note` says so. Both
    answer `moments(names)`, `draws(names)` and `codebook`; only a survey `has_rows`.

    Parameters
    ----------
    only : str
        The respondents of one segment, as in `servicetype=prepaid`.
    exclude : sequence of str
        Rules of `Survey.excluding`, such as `straight_lining`; nobody is excluded unless you name one.
    sheet : str
        Sheet of a workbook, where several hold something.

    Raises
    ------
    UnknownName
        Listing what there is.
    """
    design: dict[str, Any] = {
        "weight": weight or None,
        "cluster": cluster or None,
        "strata": strata or None,
        "missing": missing,
    }
    known = {book.rows["name"]: book for book in _books_with_rows()}
    tables = available("data/published", ".yml")
    if data in known and not Path(data).is_file():
        book = known[data]
        path = _package_file(book)
        if path is not None:
            survey = read_survey(path, read_codebook(codebook) if codebook else book, **design)
            return _chosen(survey, only, exclude)
        table = read_table(book.table)
        en = f"The rows of {data} come with the package {book.rows['package']}, which is not installed here. This report runs on a published correlation table of the same study instead."
        nl = f"De rijen van {data} komen uit het pakket {book.rows['package']}, dat hier niet is geïnstalleerd. Dit rapport gebruikt daarom een gepubliceerde correlatietabel van hetzelfde onderzoek."
        table = replace(table, note={"en": en, "nl": nl})
    elif Path(data).suffix in READABLE or (Path(data).is_file() and Path(data).suffix != ".yml"):
        if not codebook:
            raise UnknownName(
                f"'{data}' needs a codebook that says what its columns mean; give codebook= (see data/README.md)."
            )
        survey = read_survey(data, codebook, sheet=sheet or None, **design)
        return _chosen(survey, only, exclude)
    elif data in tables or Path(data).suffix == ".yml":
        table = read_table(data)
    else:
        raise unknown(
            "data",
            data,
            dict.fromkeys([*known, *tables]),
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
        )
        if value
    ]:
        raise DataError(
            f"{listed(asked)}: the published table '{table.name}' has no respondents to weight, group or choose from."
        )
    return table


def _chosen(survey: Survey, only: str, exclude: Sequence[str]) -> Survey:
    """The respondents a report is about; refused where they are so few that it would show who they are."""
    chosen = (survey.only(only) if only else survey).excluding(*exclude)
    if only and len(chosen.frame) < MIN_CELL:
        raise DataError(
            f"only {only}: fewer than {MIN_CELL} respondents are left, and a report on so few shows who they are. "
            "Choose a larger group."
        )
    return chosen


def _books_with_rows() -> list[Codebook]:
    return [book for name in available("data/codebooks", ".yml") if (book := read_codebook(name)).rows]


def _package_file(book: Codebook) -> Path | None:
    """A data file inside an installed package; the package itself is not imported."""
    spec = find_spec(book.rows["package"])
    path = Path(spec.origin).parent / book.rows["file"] if spec and spec.origin else None
    return path if path and path.is_file() else None


def scored(columns: dict[str, pd.Series], book: Codebook) -> tuple[pd.DataFrame, dict[str, str]]:
    """A frame of the columns and every scale that can be scored from them; of the others, why not.

    A score is the mean of the answered items, for those who answered enough of them.
    """
    import pandas as pd

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
