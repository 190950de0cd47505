"""From rows to a `Survey`: recoded, reversed and scored as the codebook says, or refused in words that mend it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..codebook import Codebook, read_codebook, recoded, scored
from ..core import NOBODY, SIMULATED, DataError, Provenance, check_known, how_many, listed, pd, the_one_called
from ..moments import LARGEST_WEIGHT
from .files.raw_table import RawTable, raw_of_frame, read_raw
from .files.survey_tools import from_field
from .gaps import ImputedSurvey
from .mark import is_marked
from .survey import Survey

MOST_LINES = 10  # columns named in one message
MISSING_RULES = {
    "listwise": "a respondent without a score on a variable of the model is left out of that model",
    "item_mean": "an unanswered item gets the mean of those who answered it, as some printed results do",
    "imputed": "nobody who answered something is left out; a normal model of all variables allows for the gaps",
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
    encoding: str = "",
) -> Survey:
    """Answers from a csv, xlsx, SPSS, SAS transport, Stata or parquet file (or a frame), recoded and scored as the codebook says.

    Parameters
    ----------
    data : path or DataFrame
        One row per respondent; the column headers are the item names of the codebook, or what ODK, KoBo, LimeSurvey or
        Qualtrics make of them (see `from_field`).
    codebook : name, path or Codebook
        What the columns mean.
    weight, cluster, strata : str, optional
        Columns of the design. Nothing is weighted unless you name the weight.
    missing : {"listwise", "item_mean", "imputed"}
        What happens to an unanswered item (see `MISSING_RULES`); filled-in answers are counted.
    source : str, optional
        One line on who was asked, when and how; the codebook's if left out.
    sheet : str, optional
        Sheet of a workbook, where several hold something.
    encoding : str, optional
        Of a text file, such as cp1250, where what is found in its content is wrong.

    Returns
    -------
    Survey
        With its codebook and design; `moments(names)` and `draws(names)` serve every linear method.

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
    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    check_known("missing rule", missing, MISSING_RULES)
    table = raw_of_frame(data) if isinstance(data, pd.DataFrame) else read_raw(data, sheet=sheet, encoding=encoding)
    table = from_field(table, book)
    raw, name = table.frame, table.name
    weight, cluster, strata = (
        column and design_column(role, column, book, raw.columns)
        for role, column in (("weight", weight), ("cluster", cluster), ("strata", strata))
    )
    provenance = origin_of(table, book, source)
    if table.detected.step:
        provenance = provenance.then(table.detected.step)

    items = {item.name: item for item in book.items.values() if item.name in raw.columns}
    if not items:
        raise no_columns(table, book)
    raw, step = table.answers([*items, *filter(None, (weight, cluster, strata))])
    if step:
        provenance = provenance.then(step)
    columns, problems = recoded(raw, items.values())
    columns |= {extra: _or_blank(raw[extra]) for extra in (weight, cluster, strata) if extra and extra not in columns}
    for told in [problem for problem in problems if problem.severity != "error"]:
        provenance = provenance.then(f"{told.where}: {how_many(told.n_rows or 0, len(raw))} {told.what()}")
    if weight:
        columns[weight] = _weights(columns[weight], name)
    if problems := [problem for problem in problems if problem.severity == "error"]:
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
    frame, excluded, provenance = _by_design(frame, name, weight, {"cluster": cluster, "strata": strata}, provenance)
    made = ImputedSurvey if missing == "imputed" else Survey
    design = weight or None, cluster or None, strata or None
    return made(frame, book, provenance, *design, missing, blank, unavailable, excluded)


def _by_design(
    frame: pd.DataFrame, name: str, weight: str | None, units: dict[str, str | None], provenance: Provenance
) -> tuple[pd.DataFrame, dict[str, int], Provenance]:
    """The rows that have a weight, a cluster and a stratum where these are named; how many have none, by what is blank."""
    excluded: dict[str, int] = {}
    for what, column in {"weight": weight, **units}.items():
        blank = frame[column].isna() if column else None
        if blank is None or not blank.any():
            continue
        if blank.all():
            raise DataError(f"{name}: {what} '{column}' is blank in every row. Leave it out.")
        key = "unweighted" if what == "weight" else "unclustered"
        excluded[key] = excluded.get(key, 0) + int(blank.sum())
        provenance = provenance.then(f"left out, for {what} {column} is blank: {blank.sum():,} of {len(frame):,} rows")
        frame = frame[~blank]
    return frame, excluded, provenance


def _or_blank(column: pd.Series) -> pd.Series:
    """A column of the design that the codebook does not describe, a cell without text being a blank one."""
    text = not pd.api.types.is_numeric_dtype(column)
    return column.mask(column.astype(str).str.strip() == "") if text else column


def design_column(role: str, asked: str, book: Codebook, columns: Iterable[str]) -> str:
    """The column of weights, clusters or strata that is asked for by its header, or by its label in the codebook."""
    known = {str(column): book.called.get(str(column), ()) for column in columns}
    return the_one_called(f"{role} column", asked, known, possible=book.names(role) or known)


def _weights(column: pd.Series, name: str) -> pd.Series:
    """Weights as numbers that can be squared and summed."""
    found = pd.to_numeric(column, errors="coerce")
    if text := int((found.isna() & column.notna()).sum()):
        raise DataError(
            f"{name}: the weight '{column.name}' holds text in {how_many(text, len(column))} of {len(column):,} rows. Name a column of numbers."
        )
    if found.max() > LARGEST_WEIGHT:
        raise DataError(
            f"{name}: the weight '{column.name}' reaches {found.max():g}; allowed: up to {LARGEST_WEIGHT:g}. Divide it by its mean."
        )
    if found.max() <= 0:
        raise DataError(f"{name}: the weight '{column.name}' is above zero in no row. Leave it out.")
    return found


def origin_of(table: RawTable, book: Codebook, source: str | None = None) -> Provenance:
    """Where a file's answers come from: what its codebook says, but never more than synthetic if nobody gave them."""
    if book.tier != "synthetic" and (table.is_simulated or _simulated(table.frame, book)):
        return Provenance("synthetic", NOBODY, sha256=table.sha256)
    return Provenance(book.tier, source or book.source, book.citation, table.sha256)


def _simulated(frame: pd.DataFrame, book: Codebook) -> bool:
    """Whether any respondent's number, or the answers themselves, say that they do not exist, whatever the codebook says."""
    ids = [item.name for item in book.items.values() if item.role == "respondent" and item.name in frame]
    return any(frame[name].astype(str).str.startswith(SIMULATED).any() for name in ids) or is_marked(frame)


def no_columns(table: RawTable, book: Codebook) -> DataError:
    """What to say of a file and a codebook that have nothing in common."""
    return DataError(
        f"{table.name}: none of its columns is in the codebook '{book.name}'. "
        f"The file has {listed(table.frame.columns)}; the codebook has {listed(book.items)}."
    )
