"""One sheet of an Excel workbook as headers and cells."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from ...core import DataError, listed, pd, unknown
from .text import Detected, refuse_large, refuse_wide

#: Cells of a sheet: Excel's own take several times the memory of other files'.
MOST_CELLS = 20_000_000
#: What the zip, XML and workbook readers raise on a damaged file; a ParseError is a SyntaxError.
BROKEN = (
    BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    SyntaxError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+\d+:[A-Z]+\d+)"')
UNSAVED = re.compile(rb"<c ([^>]*)>\s*<f(?:[^>]*/>|(?:\s[^>]*)?>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def read_workbook(path: Path, sheet: str | None = None) -> tuple[list[str], pd.DataFrame, Detected]:
    """Headers and cells of the named sheet, or of the only one that holds something; a formula gives its saved value.

    Raises
    ------
    DataError
        For a damaged file, several sheets with something in them, or a formula whose value was never saved.
    UnknownName
        For a sheet that is not there.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(path) as archive:
            refuse_large(path.name, size=sum(part.file_size for part in archive.infolist()))
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheets = {tab.title: tab for tab in book.worksheets}
            if sheet is not None and sheet not in sheets:
                raise unknown(f"{path.name}: sheet", sheet, sheets)
            name, rows, notes = _chosen(path.name, sheets, sheet)
        finally:
            book.close()
        if areas := _merged(path, sheets[name]):
            rows = _filled(rows, areas)
            notes = (*notes, f"{len(areas)} merged cell{'s' * (len(areas) > 1)} filled with what stands in them")
        if gap := _unsaved_formula(path):
            raise DataError(
                f"{path.name}: cell {gap} holds a formula without a saved value. Open the file in Excel, save it, and try again."
            )
    except (InvalidFileException, *BROKEN):
        raise DataError(
            f"{path.name}: cannot be read as xlsx: the file is damaged or cut off. Export or download it again."
        ) from None
    refuse_wide(path.name, max(map(len, rows)))
    headers, frame, lost = _framed(rows)
    return headers, frame, Detected("xlsx", sheet=name, notes=(*notes, *lost))


def _chosen(file: str, sheets: dict[str, Any], sheet: str | None) -> tuple[str, list[list[Any]], tuple[str, ...]]:
    if sheet is not None:
        if rows := _rows(sheets[sheet]):
            return sheet, rows, (f"read from sheet '{sheet}'",)
        raise DataError(f"{file}: sheet '{sheet}' is empty. Give another one of: {listed(sheets)}.")
    full = {title: rows for title, tab in sheets.items() if (rows := _rows(tab))}
    shown = [title for title in full if sheets[title].sheet_state == "visible"]
    if len(shown) > 1:
        raise DataError(
            f"{file}: sheets {listed(repr(title) for title in shown)} all hold something. Give sheet= with the name of one of them, or save that one as a file of its own."
        )
    if not full:
        raise DataError(f"{file}: none of its sheets holds anything. Export it again.")
    name = shown[0] if shown else next(iter(full))
    hidden = [title for title in full if title != name]
    notes = (f"hidden sheet {listed(repr(title) for title in hidden)} left aside",) if hidden else ()
    return name, full[name], notes


def _merged(path: Path, tab: Any) -> list[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of the merged cells under the headers of a sheet, counted from 1.

    As its part of the file says: openpyxl would make a cell for every place of an area, which may be all of the sheet.
    """
    from openpyxl.utils import range_boundaries

    with ZipFile(path) as archive:
        refs = MERGED.findall(archive.read(tab._worksheet_path))
    areas = [range_boundaries(ref.decode()) for ref in refs]
    return sorted(area for area in areas if area[1] > 1)


def _filled(rows: list[list[Any]], areas: list[tuple[int, int, int, int]]) -> list[list[Any]]:
    """The rows with what stands in the first of merged cells in all of them, as far as the table goes."""
    widest = max(map(len, rows))
    for left, top, right, bottom in areas:
        right = min(right, widest)
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        value = rows[top - 1][left - 1]
        for row in rows[top - 1 : bottom]:
            row += [None] * (right - len(row))
            row[left - 1 : right] = [value] * (right - left + 1)
    return rows


def _rows(tab: Any) -> list[list[Any]]:
    """The rows down to the last that holds something, each as far as it does: a cell with a format and no value is none."""
    from openpyxl.utils import get_column_letter

    tab.reset_dimensions()  # some exports state the wrong size
    rows: list[list[Any]] = []
    cells = filled = 0
    for row in tab.iter_rows(values_only=True):
        width = next((at for at in range(len(row), 0, -1) if not _blank(row[at - 1])), 0)
        rows.append(list(row[:width]))
        cells, filled = cells + width, len(rows) if width else filled
        refuse_large(f"sheet '{tab.title}'", cells=cells, most_cells=MOST_CELLS, where=f" by row {len(rows):,}")
    del rows[filled:]
    widest = max(map(len, rows), default=0)
    refuse_large(
        f"sheet '{tab.title}'",
        cells=widest * len(rows),
        most_cells=MOST_CELLS,
        where=f" ({len(rows):,} rows of {widest:,} columns, to cell {get_column_letter(widest or 1)}{len(rows)})",
    )
    return rows


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _framed(rows: list[list[Any]]) -> tuple[list[str], pd.DataFrame, tuple[str, ...]]:
    width = max(len(row) for row in rows)
    rows = [row + [None] * (width - len(row)) for row in rows]
    top, *body = [row for row in rows if not all(_blank(cell) for cell in row)] or rows
    headers = ["" if _blank(cell) else str(cell) for cell in top]
    lost = len(rows) - 1 - len(body)
    notes = (f"{lost} empty row{'s' * (lost > 1)} left out",) if lost else ()
    frame = pd.DataFrame(body, columns=range(width), dtype=object)
    return headers, frame.infer_objects(), notes


def _unsaved_formula(path: Path) -> str:
    """Address of the first formula that has no value beside it; "" if all have one.

    A program that writes formulas does not compute them: read as they are, such cells would be blank in silence.
    """
    with ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                for attributes in UNSAVED.findall(archive.read(name)):
                    if b't="str"' not in attributes:  # a text that is empty is a value
                        return re.search(rb'r="(\w+)"', attributes)[1].decode()
    return ""
