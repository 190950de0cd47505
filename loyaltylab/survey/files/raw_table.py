"""Any survey file as one raw table: its cells, headers, labels and missing marks as they stand, and how it was read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import repeat
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ...core import DataError, as_number, beside, expanded, listed, pd, sha256
from ..vocabulary import called
from .excel import read_workbook
from .text import (
    MOST_CELLS,
    MOST_TITLES,
    Detected,
    decimals,
    decoded,
    delimiter_of,
    parsed,
    refuse_large,
    refuse_wide,
    ticks,
    without_title,
)

#: Suffix → the kind its content must be of.
KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".sav": "sav",
    ".zsav": "sav",
    ".por": "por",
    ".xpt": "xpt",
    ".dta": "dta",
    ".parquet": "parquet",
}
READABLE = tuple(KINDS)
WORDS = {
    "csv": "a text table",
    "xlsx": "an Excel workbook",
    "sav": "an SPSS file",
    "por": "an SPSS portable file",
    "xpt": "a SAS transport file",
    "dta": "a Stata file",
    "parquet": "a parquet file",
}
#: What is recognised only to be refused: first bytes → what it is, what to do.
FOREIGN = {
    b"\xd0\xcf\x11\xe0": ("an old Excel file (.xls) or a workbook with a password", "Save it as .xlsx, no password"),
    b"%PDF": ("a PDF document", "Export the answers as csv or xlsx"),
    b"\x1f\x8b": ("a compressed file (gzip)", "Unpack it first"),
    b"{\\rtf": ("a text document (RTF)", "Save it as plain csv"),
    b"SQLite format 3": ("a database (SQLite)", "Export the table as csv"),
    b"ARROW1": ("a feather file", "Save it as .parquet"),
}
JSON = re.compile(rb'\s*(\[\s*)?\{\s*"')
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
DAMAGED = "the file is damaged or cut off. Export or download it again."


@dataclass(frozen=True, eq=False)
class RawTable:
    """The cells of a file before any codebook, and what the file itself says about them.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; codes as they stand in the file, user-missing codes among them.
    labels : dict
        Column → code → value label, of SPSS and Stata files.
    titles : dict
        Column → the question, of the same.
    missing : dict
        Column → codes, and (lowest, highest) ranges of codes, that the file marks as missing.
    doubts : dict
        Column → why its numbers cannot be read with certainty.
    padded : tuple of str
        Columns whose header had blanks around it, taken off here.
    is_simulated : bool
        Whether the file itself says that its respondents are simulated.

    Examples
    --------
    >>> import pandas as pd
    >>> table = RawTable(pd.DataFrame({"joy": [4, 9, 98]}), "a.sav", missing={"joy": (9, (97, 99))})
    >>> answers, step = table.answers(["joy"])
    >>> answers["joy"].tolist(), step
    ([4.0, nan, nan], 'blank because the file marks them as missing: joy 2')
    """

    frame: pd.DataFrame
    name: str
    sha256: str = ""
    detected: Detected = field(default_factory=Detected)
    labels: dict[str, dict[Any, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    missing: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    padded: tuple[str, ...] = ()
    is_simulated: bool = False

    def answers(self, columns: Iterable[str]) -> tuple[pd.DataFrame, str]:
        """The frame with the user-missing answers of `columns` blank, and a step that counts them.

        Raises
        ------
        DataError
            If one of `columns` is in doubt; all of them at once.
        """
        columns = [name for name in dict.fromkeys(columns) if name in self.frame]
        if wrong := [self.doubts[name] for name in columns if name in self.doubts]:
            raise DataError(f"{self.name}: " + "\n".join(wrong))
        counts = self.marked(columns)
        if not counts:
            return self.frame, ""
        frame = self.frame.assign(**{name: _blanked(self.frame[name], self._mask(name)) for name in counts})
        said = listed(f"{name} {count}" for name, count in counts.items())
        return frame, f"blank because the file marks them as missing: {said}"

    def marked(self, columns: Iterable[str]) -> dict[str, int]:
        """Column → how many of its answers the file marks as missing, where there are any."""
        counts = {name: int(self._mask(name).sum()) for name in columns if name in self.missing and name in self.frame}
        return {name: count for name, count in counts.items() if count}

    def _mask(self, name: str) -> pd.Series:
        column = self.frame[name]
        codes = [code for code in self.missing[name] if not isinstance(code, tuple)]
        marked = column.isin(codes)
        for low, high in (code for code in self.missing[name] if isinstance(code, tuple)):
            marked |= column.between(low, high)
        return marked


def _blanked(column: pd.Series, mask: pd.Series) -> pd.Series:
    column = column.mask(mask)
    if column.dtype != object:
        return column
    numbers = pd.to_numeric(column, errors="coerce")  # Stata's .a to .z stood among numbers
    return numbers if numbers.notna().equals(column.notna()) else column


def raw_of_frame(frame: pd.DataFrame) -> RawTable:
    """A data frame as the table of a file: headers as texts, each once; headers of two rows joined.

    >>> import pandas as pd
    >>> raw_of_frame(pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("q1", "Response"), ("q2", "price")]))).frame
       q1  q2 - price
    0   1           2
    """
    refuse_wide("data frame", frame.shape[1])
    if isinstance(frame.columns, pd.MultiIndex):
        rows = [["" if str(cell).startswith("Unnamed:") else str(cell) for cell in row] for row in frame.columns]
        headers = [_joined(row[0], " - ".join(filter(None, row[1:]))) for row in rows]
    else:
        headers = [str(header) for header in frame.columns]
        if _second_headers(frame):
            headers = ["" if re.fullmatch(r"Unnamed: \d+", header) else header for header in headers]
    table = _with_commas(_with_headers(_without_blank_rows(RawTable(_dense(frame), "data frame")), headers))
    return _without_summaries(table)


def _dense(frame: pd.DataFrame) -> pd.DataFrame:
    """With every cell in its place; numbers with an imaginary part are no answers."""
    if odd := [str(name) for name, dtype in frame.dtypes.items() if getattr(dtype, "kind", "") == "c"]:
        raise DataError(
            f"data frame: {listed(odd)}: holds complex numbers. Give their real part, such as frame['x'].values.real."
        )
    if not any(pd.api.types.is_extension_array_dtype(dtype) for dtype in frame.dtypes):
        return frame
    return frame.apply(_plain)


def _plain(column: pd.Series) -> pd.Series:
    """A column that pandas keeps in a way of its own (sparse, or with `pd.NA`) as NumPy would, blanks as NaN."""
    dtype = column.dtype
    if isinstance(dtype, pd.SparseDtype):
        return column.sparse.to_dense()
    if not pd.api.types.is_extension_array_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype) or not column.hasnans:
        return column
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return pd.Series(column.to_numpy(dtype=float, na_value=np.nan), column.index, name=column.name)
    return column.astype(object).where(column.notna(), np.nan)


def _without_blank_rows(table: RawTable) -> RawTable:
    """Without rows in which nobody answered anything."""
    frame = table.frame
    if not frame.shape[1]:
        return table
    rows = np.arange(len(frame))
    for place in range(frame.shape[1]):  # ever fewer are left to look at
        rows = rows[frame.iloc[rows, place].map(_is_blank).to_numpy(dtype=bool)]
        if not len(rows):
            return table
    if len(rows) == len(frame):
        return table
    told = replace(
        table.detected, notes=(*table.detected.notes, f"{len(rows)} blank row{'s' * (len(rows) > 1)} left out")
    )
    kept = np.ones(len(frame), dtype=bool)
    kept[rows] = False
    return replace(table, frame=frame[kept], detected=told)


def _with_commas(table: RawTable) -> RawTable:
    """With decimal commas in columns of text as points, as in a text file."""
    from pandas.api.types import infer_dtype

    texts = [name for name in table.frame if infer_dtype(table.frame[name], skipna=True) == "string"]
    read, sign, doubts = decimals(table.frame[texts].fillna(""), ",")
    if sign != ",":
        return replace(table, doubts=doubts)
    told = replace(table.detected, decimal=sign)
    return replace(table, frame=table.frame.assign(**dict(read.items())), detected=told, doubts=doubts)


def refuse_no_path(data: str | Path) -> str | Path:
    """A path or name as it is; anything else is refused in words."""
    if not isinstance(data, (str, PathLike)):
        raise DataError(f"data is a {type(data).__name__}; give the path of a file, or a pandas DataFrame.")
    return data


def check_file(path: str | Path) -> Path:
    """The path of a file of answers, which is there; of one that is not, the one beside it that was probably meant."""
    path = expanded(refuse_no_path(path))
    if path.is_file():
        return path
    raise DataError(
        f"'{path}' is not a file here (the current folder is '{Path.cwd().name}'){beside(path, KINDS)} "
        f"Give the path of a file that ends in one of {', '.join(KINDS)}."
    )


def read_raw(path: str | Path, *, sheet: str | None = None, encoding: str = "") -> RawTable:
    """The table in a csv, xlsx, SPSS, SAS transport, Stata or parquet file.

    Encoding, delimiter and decimal sign of a text file are found from its content and reported in `detected`. A file
    is read as what its content is, and refused where its name says something else.

    Parameters
    ----------
    sheet : str, optional
        Sheet of a workbook; needed only where several hold something.
    encoding : str, optional
        Of a text file, such as cp1250, where what is found in its content is wrong.

    Raises
    ------
    DataError
        For anything that is not one whole table with a header row; the message says how to mend it.
    UnknownName
        For a sheet that is not there, listing those that are.
    """
    path = check_file(path)
    suffix = path.suffix.lower()
    if suffix not in KINDS and suffix != ".xls":
        raise DataError(
            f"{path.name}: files of type '{path.suffix}' are not read. Save it as one of {', '.join(KINDS)}."
        )
    try:
        kind = _kind_of(path, suffix)
    except OSError as error:
        raise DataError(
            f"{path.name}: cannot be opened ({error.strerror}). Give yourself the right to read it, or copy it first."
        ) from None
    if sheet is not None and kind != "xlsx":
        raise DataError(f"{path.name}: is {WORDS[kind]} and has no sheets. Leave sheet out.")
    if encoding and kind != "csv":
        raise DataError(f"{path.name}: is {WORDS[kind]}, which knows its own encoding. Leave encoding out.")
    if kind == "csv":
        refuse_large(path.name, size=path.stat().st_size)
        table = raw_of_text(path.read_bytes(), path.name, encoding)
    elif kind == "xlsx":
        headers, frame, found = read_workbook(path, sheet)
        table = _without_summaries(_with_headers(RawTable(frame, path.name, detected=found), headers))
    elif kind == "parquet":
        table = _read_parquet(path)
    else:
        table = _read_labelled(path, kind)
    if table.frame.empty:
        raise DataError(f"{path.name}: has headers but no rows.")
    return replace(table, sha256=sha256(path))


def _kind_of(path: Path, suffix: str) -> str:
    """What the content is, if the suffix agrees."""
    stated = KINDS.get(suffix, "xls")
    with open(path, "rb") as file:
        head = file.read(4096)
    refused = f"{path.name}: cannot be read as {suffix[1:]}: "
    if not head.strip():
        raise DataError(f"{refused}the file is empty. Export or download it again.")
    found, todo = _sniffed(path, head)
    if found not in WORDS:
        raise DataError(f"{refused}by its content it is {found}. {todo}.")
    if found != stated:
        right = next(name for name, kind in KINDS.items() if kind == found)
        raise DataError(f"{refused}by its content it is {WORDS[found]}. Rename it so that it ends in {right}.")
    return found


def _sniffed(path: Path, head: bytes) -> tuple[str, str]:
    """The kind of a file by its first bytes; for one that is not read, what it is and what to do."""
    for magic, (what, todo) in FOREIGN.items():
        if head.startswith(magic):
            return what, todo
    if JSON.match(head):
        return "JSON", "Export the answers as csv or xlsx"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if head.startswith(b"PAR1"):
        return "parquet", ""
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav", ""
    if b"SPSS PORT FILE" in head[:500]:
        return "por", ""
    if head.startswith(b"HEADER RECORD*******LIB"):
        return "xpt", ""
    if head.startswith(b"<stata_dta>") or (
        105 <= head[0] <= 115 and head[1:2] in (b"\x01", b"\x02") and head[2:3] == b"\x01"
    ):
        return "dta", ""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<div", b"<style")):
        return "a web page (HTML)", "Open it in a spreadsheet and save it as .xlsx"
    if start.startswith(b"<?xml"):
        return "XML", "Open it in a spreadsheet and save it as .xlsx"
    return "csv", ""


def _zipped(path: Path) -> tuple[str, str]:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        if KINDS.get(path.suffix.lower()) == "xlsx":
            raise DataError(f"{path.name}: cannot be read as xlsx: {DAMAGED}") from None
        return "a zip archive, damaged or cut off", "Export or download it again"
    if "xl/workbook.xml" in names:
        return "xlsx", ""
    if "mimetype" in names:
        return "an OpenDocument file", "Save it as .xlsx"
    return "a zip archive", "Unpack it first"


def raw_of_text(content: bytes, name: str, encoding: str = "") -> RawTable:
    """The content of a text file as its table, read as `read_raw` reads it."""
    text, encoding = decoded(content, name, encoding)
    notes: tuple[str, ...] = ()
    told, _, rest = text.partition("\n")
    told = told.strip("\r ").removeprefix('"').removesuffix('"')
    if told.lower().startswith("sep=") and len(told) == 5:  # Excel's own line, which says what it is
        text, delimiter = "\n" + rest, told[4]
        if delimiter not in {",", ";", "\t", "|"}:
            raise DataError(f"{name}: line 1 says sep={delimiter}. Possible: a comma, semicolon, tab or pipe.")
        titles = 0
    else:
        below, titles = without_title(text)
        delimiter = delimiter_of(below, name)
        if titles:
            headers, frame, _ = parsed(below, name, delimiter)
            titles *= _heads(headers, frame)
        text = below if titles else text
        delimiter = delimiter if titles else delimiter_of(text, name)
    headers, frame, notes = parsed(text, name, delimiter)
    found = Detected("csv", encoding, delimiter, ".", notes=notes)
    table = _with_headers(RawTable(frame, name, detected=_titled(found, titles)), headers)
    signs = any(sign in text for sign in ".," if sign != delimiter or '"' in text)  # within a cell
    frame, sign, doubts = decimals(table.frame, delimiter) if signs else (table.frame, ".", {})
    found = replace(table.detected, decimal=sign)
    if signs and delimiter == "," and (listing := [name for name in frame if ticks(frame[name])]):
        found = replace(
            found, notes=(*found.notes, f"answers such as 1,3 read as two codes, not as decimals: {listed(listing)}")
        )
    return _without_summaries(replace(table, frame=frame, detected=found, doubts=doubts))


def _heads(headers: list[str], frame: pd.DataFrame) -> bool:
    """Whether a row can only be that of the headers: a text of its own in every column, above what they head."""
    texts = [str(header).strip() for header in headers]
    if len(texts) < 3 or not all(texts) or any(map(_is_number, texts)) or len({*map(str.casefold, texts)}) < len(texts):
        return False
    whole = pd.concat([pd.DataFrame([texts], columns=frame.columns, dtype=object), frame.astype(object)])
    return _second_headers(whole) is not None


def _titled(found: Detected, titles: int) -> Detected:
    """What was detected, and that rows above the headers were left out."""
    if not titles:
        return found
    rows = "a row with a title" if titles == 1 else f"{titles} rows with a title"
    return replace(found, notes=(f"{rows} above the headers left out", *found.notes), beside=(rows, *found.beside))


def _below_title(table: RawTable, headers: list[str]) -> tuple[RawTable, list[str]]:
    """The table and its headers, where one text alone stands in the rows above them and nothing else can be meant."""
    frame, first, titles = table.frame, [*headers], 0
    while titles < MOST_TITLES and len(first) > 2 and len({cell.strip() for cell in first} - {""}) == 1 and len(frame):
        first = ["" if _is_blank(cell) else str(cell) for cell in frame.iloc[0]]
        frame, titles = frame.iloc[1:].reset_index(drop=True), titles + 1
    filled = [place for place, cell in enumerate(first) if cell.strip()]
    empty = [place for place in range(len(first)) if place not in filled]
    if not titles or not all(_is_blank(cell) for place in empty for cell in frame.iloc[:, place]):
        return table, headers
    if not _heads([first[place] for place in filled], frame.iloc[:, filled]):
        return table, headers
    frame = frame.apply(lambda column: pd.Series(column.tolist(), column.index, name=column.name).infer_objects())
    return replace(table, frame=frame, detected=_titled(table.detected, titles)), first


def _with_headers(table: RawTable, headers: list[str]) -> RawTable:
    """The table with clean headers, and what stands in a second or third row of them as titles."""
    table, headers = _below_title(table, headers)
    second = _second_headers(table.frame)
    if second is None:
        return _tidied(table, headers)
    keys = len(table.frame) > 1 and table.frame.iloc[1].astype(str).str.startswith('{"ImportId"').all()
    notes = (
        "two rows of Qualtrics under the headers left out"
        if keys
        else "second row read as question texts, not as answers"
    )
    beside = "two rows of Qualtrics under its headers" if keys else "question texts in its second row"
    told = replace(table.detected, notes=(*table.detected.notes, notes), beside=(*table.detected.beside, beside))
    body = table.frame.iloc[2 if keys else 1 :].reset_index(drop=True).infer_objects()
    if 1 < sum(bool(header.strip()) for header in headers) < len(headers):
        # SurveyMonkey: a question over several columns
        headers, second = _spread(headers, second)
    titles = {header.strip(): text for header, text in zip(headers, second, strict=True) if text and text != header}
    return replace(_tidied(replace(table, frame=_numbers_again(body), detected=told), headers), titles=titles)


def _numbers_again(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of a workbook that are numbers now that their text is off."""
    return frame.apply(lambda column: column.infer_objects()) if len(frame.columns) else frame


def _second_headers(frame: pd.DataFrame) -> list[str] | None:
    """The first row, where it is no respondent: texts above numbers, or above answers that all return and are never these."""
    if len(frame) < 3 or any(
        _is_numeric(dtype) and pd.notna(frame.iloc[0, at]) for at, dtype in enumerate(frame.dtypes)
    ):
        return None
    first = ["" if _is_blank(cell) else " ".join(str(cell).split()) for cell in frame.iloc[0]]
    if frame.iloc[1].astype(str).str.startswith('{"ImportId"').all():
        return first
    above = {"number": 0, "answer": 0}
    for place, text in sorted(enumerate(first), key=lambda one: not _is_number(one[1])):  # one of these settles it
        cells = _texts(frame.iloc[1:, place])
        total, numbers = cells.total(), sum(count for cell, count in cells.items() if _is_number(cell))
        if total and numbers >= 0.9 * total:
            if text and _is_number(text):
                return None
            above["number"] += bool(text)
        elif total >= 10 and 3 * len(cells) <= total:
            if text in cells and set(cells) != {text}:  # a box to tick holds its own words
                return None
            above["answer"] += bool(text)
    return first if above["number"] >= 2 or (above["number"] and len(first) == 1) or sum(above.values()) >= 3 else None


def _texts(column: pd.Series) -> Counter[str]:
    """How often each text, or number as a text, stands in a column; blanks do not count."""
    found: Counter[str] = Counter()
    texts = pd.api.types.infer_dtype(column, skipna=True) == "string"  # each of the same looked at once
    for cell, count in column.value_counts().items() if texts else zip(column, repeat(1)):
        if not _is_blank(cell):
            found[str(cell).strip()] += count
    return found


def _is_numeric(dtype: Any) -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(dtype))


def _is_blank(cell: Any) -> bool:
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+([.,]\d+)?%?", text.strip()))


def _spread(headers: list[str], second: list[str]) -> tuple[list[str], list[str]]:
    """Headers and titles of a file whose first row names a question once, and the second each of its columns."""
    names, question = [], ""
    for place, header in enumerate(headers):
        question = header.strip() or question
        shared = not header.strip() or (place + 1 < len(headers) and not headers[place + 1].strip())
        names.append(_joined(question, second[place] if shared else ""))
    return names, names


def _joined(question: str, part: str) -> str:
    """A question and what one of its columns asks, if that says anything.

    >>> _joined("How satisfied are you with", "Price"), _joined("Age", "Open-Ended Response")
    ('How satisfied are you with - Price', 'Age')
    """
    says = part.strip() and not called("response").fullmatch(part.strip())
    return f"{question.strip()} - {part.strip()}" if says and question.strip() else question.strip() or part.strip()


def _without_summaries(table: RawTable) -> RawTable:
    """Without rows at the end that hold the means, sums or counts of those above them, which are no respondents."""
    frame, gone = table.frame, 0
    if len(frame) < 4 or frame.shape[1] < 2:
        return table
    tail = frame.tail(200)
    while (
        gone < 4 and len(frame) - gone > 3 and _summary(frame.iloc[: len(frame) - gone], tail.iloc[: len(tail) - gone])
    ):
        gone += 1
    if not gone:
        return table
    note = f"the last {'row' if gone == 1 else f'{gone} rows'} left out, which summarise{'s' * (gone == 1)} those above"
    kept = frame.iloc[:-gone]
    kept = kept.apply(lambda c: c if c.dtype != object else pd.Series(c.tolist(), c.index, name=c.name).infer_objects())
    beside = "a last row that summarises those above" if gone == 1 else "last rows that summarise those above"
    found = table.detected
    told = replace(found, notes=(*found.notes, note), beside=(*found.beside, beside))
    return replace(table, frame=kept, detected=told)


def _summary(frame: pd.DataFrame, tail: pd.DataFrame) -> bool:
    """Whether the last row is made of those above it: not one of its numbers need be an answer."""
    last = tail.iloc[-1]
    named = any(isinstance(cell, str) and called("summary").fullmatch(cell.strip()) for cell in last)
    values = {place: float(cell) for place, cell in enumerate(map(_number, last)) if cell is not None}
    odd = [place for place, value in values.items() if value % 1]
    if not values and named:
        return sum(not _is_blank(cell) for cell in last) == 1  # a name beside nothing
    if len(values) < 2 - named or not (named or odd):
        return False
    above, strange = {}, 0
    for place, value in values.items():
        numbers = pd.to_numeric(frame.iloc[:-1, place], errors="coerce").to_numpy(float, na_value=np.nan)
        numbers = numbers[~np.isnan(numbers)]
        if len(numbers) < 3 or not (np.isfinite(numbers) & (numbers == np.rint(numbers))).all():
            continue
        above[place] = numbers
        strange += bool(value % 1) or not numbers.min() <= value <= numbers.max()
    if not strange:
        return False
    made = 0
    for place, numbers in above.items():
        value = values[place]
        digits = len(repr(value).partition(".")[2].rstrip("0"))
        facts = (numbers.mean(), numbers.sum(), len(numbers), numbers.std(ddof=1), np.median(numbers))
        made += any(abs(value - fact) <= 0.51 * 10.0**-digits + 1e-9 * abs(fact) for fact in facts)
    return made >= max(2, 0.8 * len(values)) or (named and strange >= 0.5 * len(values))


def _number(cell: Any) -> float | None:
    return None if isinstance(cell, bool) or _is_blank(cell) else as_number(cell)


def _tidied(table: RawTable, headers: list[str]) -> RawTable:
    """The table with clean headers, without columns that hold neither header nor answer; refused if one is missing."""
    given = [str(header).removeprefix("\ufeff") for header in headers]
    headers = [header.strip().strip(INVISIBLE).strip() for header in given]
    padded = tuple(header for header, own in zip(headers, given, strict=True) if header and header != own)
    frame, notes = table.frame, list(table.detected.notes)
    blank = [place for place, header in enumerate(headers) if not header]
    filled = {place for place in blank if (frame.iloc[:, place].fillna("").astype(str).str.strip() != "").any()}
    if filled == {0} and len(headers) > 1 and _counts_rows(frame.iloc[:, 0]):  # as R and pandas write them
        filled = set()
        notes.append("row numbers without a header left out")
        if len(blank) > 1:
            notes.append(_left_out(len(blank) - 1))
    elif blank and not filled:
        notes.append(_left_out(len(blank)))
    if filled:
        where = listed(place + 1 for place in sorted(filled))
        if len(blank) == len(headers) - 1 > 1:
            raise DataError(
                f"{table.name}: its first row holds one text, as a title does. Delete what stands above the row of column names."
            )
        raise DataError(
            f"{table.name}: column {where} (counted from the left) holds answers but has no header. Give it a name in the first row."
        )
    kept = [place for place, header in enumerate(headers) if header]
    if not kept:
        raise DataError(f"{table.name}: its first row is empty. Put the column names there.")
    headers = [headers[place] for place in kept]
    if len(set(headers)) < len(headers):
        twice = sorted({header for header in headers if headers.count(header) > 1})
        raise DataError(
            f"{table.name}: the header {listed(repr(h) for h in twice)} stands more than once. Rename one of the columns."
        )
    frame = frame.iloc[:, kept] if len(kept) < frame.shape[1] else frame
    frame = frame.set_axis(headers, axis=1)
    return replace(table, frame=frame, padded=padded, detected=replace(table.detected, notes=tuple(notes)))


def _left_out(count: int) -> str:
    return f"{count} empty column{'s' * (count > 1)} without a header left out"


def _counts_rows(column: pd.Series) -> bool:
    numbers = pd.to_numeric(column, errors="coerce").tolist()
    return numbers in (list(range(len(numbers))), list(range(1, len(numbers) + 1)))


def _read_parquet(path: Path) -> RawTable:
    try:
        import pyarrow.parquet
    except ImportError:
        raise DataError(
            f"{path.name}: reading parquet needs the extra 'parquet': pip install 'loyaltylab[parquet]'."
        ) from None
    try:
        facts = pyarrow.parquet.read_metadata(path)
        refuse_wide(path.name, facts.num_columns)
        refuse_large(path.name, cells=facts.num_rows * facts.num_columns)
        kinds = {field.name: field.type for field in pyarrow.parquet.read_schema(path)}
        texts = [
            name for name, kind in kinds.items() if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)
        ]
        size = 0
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(1000, columns=texts) if texts else ():
            size += batch.nbytes  # one text is stored once, and unfolds to all its rows
            refuse_large(path.name, size=size)
        odd = {name for name, kind in kinds.items() if pyarrow.types.is_nested(kind) or "binary" in str(kind)}
        frame = pd.read_parquet(path, columns=[name for name in kinds if name not in odd] if odd else None)
    except (ValueError, OSError, LookupError, TypeError, AttributeError):
        # pandas' own notes in it may be wrong as well
        raise DataError(f"{path.name}: cannot be read as parquet: {DAMAGED}") from None
    says, doubts = "loyaltylab" in frame.attrs, {}
    for place, name in enumerate(kinds):
        if name in odd:
            frame.insert(min(place, frame.shape[1]), name, None)
            doubts[name] = (
                f"column '{name}' holds {kinds[name]}, and an answer is a number or a text. Unfold it, or leave it out."
            )
    table = RawTable(frame, path.name, detected=Detected("parquet"), doubts=doubts, is_simulated=says)
    return _without_summaries(_tidied(table, [str(name) for name in frame.columns]))


def _lacks_its_end(path: Path) -> bool:
    """Whether a Stata file that opens with a tag does not close it; older ones have none."""
    content = path.read_bytes()
    return content.startswith(b"<stata_dta>") and not content.rstrip().endswith(b"</stata_dta>")


def _most_rows(path: Path, read: Any) -> int:
    """Rows of a file of pyreadstat's that are read: one more than may be, for not every file says beforehand how many it has."""
    _, facts = read(str(path), metadataonly=True)
    columns = len(facts.column_names)
    refuse_wide(path.name, columns)
    refuse_large(path.name, cells=(facts.number_rows or 0) * columns)
    return MOST_CELLS // max(columns, 1) + 1


def _read_labelled(path: Path, kind: str) -> RawTable:
    """An SPSS, SAS transport or Stata file: codes, not labels; user-missing codes kept and named."""
    import pyreadstat

    read = {
        "sav": partial(pyreadstat.read_sav, user_missing=True),
        "dta": partial(pyreadstat.read_dta, user_missing=True),
        "por": pyreadstat.read_por,
        "xpt": pyreadstat.read_xport,
    }[kind]
    found = Detected(kind)
    try:
        if kind == "dta" and _lacks_its_end(path):
            raise ValueError("cut off")
        try:
            frame, meta = read(str(path), row_limit=_most_rows(path, read))
        except pyreadstat.ReadstatError as error:
            if "convert" not in str(error) and "encoding" not in str(error):
                raise
            read = partial(read, encoding="WINDOWS-1252")
            frame, meta = read(str(path), row_limit=_most_rows(path, read))
            found = replace(found, notes=("texts read as cp1252, for they are not in the encoding the file states",))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError, UnicodeError):
        raise DataError(f"{path.name}: cannot be read as {path.suffix[1:].lower()}: {DAMAGED}") from None
    refuse_large(path.name, cells=len(frame) * frame.shape[1])
    ranges = {
        name: tuple(span["lo"] if span["lo"] == span["hi"] else (span["lo"], span["hi"]) for span in spans)
        for name, spans in (meta.missing_ranges or {}).items()
    }
    values = {name: tuple(codes) for name, codes in (meta.missing_user_values or {}).items()}
    table = RawTable(
        frame,
        path.name,
        detected=found,
        labels={
            name.strip(): {code.strip() if isinstance(code, str) else code: label for code, label in codes.items()}
            for name, codes in meta.variable_value_labels.items()
        },
        titles={name.strip(): title for name, title in meta.column_names_to_labels.items() if title},
        missing={name.strip(): codes for name, codes in (ranges | values).items()},
        is_simulated=(meta.file_label or "").startswith("SYNTHETIC: "),
    )
    return _tidied(table, list(meta.column_names))
