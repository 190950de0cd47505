"""Checks of the columns: are they there, do they vary, are two of them one?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...codebook import Finding
from ...core import listed, tr
from ...kernels import FloatArray
from ..computed import computed
from .inspected import Inspected

__all__ = [
    "absent_column",
    "computed_column",
    "constant_column",
    "empty_column",
    "formula_cell",
    "how_read",
    "padded_header",
    "same_column",
    "unknown_column",
]


def how_read(seen: Inspected) -> Iterator[Finding]:
    """Encoding, delimiter, decimal sign, and what was left out, where any of it is not the usual."""
    if step := seen.table.detected.step:
        yield Finding("how_read", fields={"how": step})


def padded_header(seen: Inspected) -> Iterator[Finding]:
    """Headers with blanks around them, of the columns that are used."""
    for name in [name for name in seen.table.padded if name in seen.items]:
        yield Finding("padded_header", name)


def absent_column(seen: Inspected) -> Iterator[Finding]:
    """Items of the codebook that the file does not have, and the scales that fall with them."""
    for name in seen.book.items:
        if name not in seen.raw:
            lost = [scale.name for scale in seen.book.scales.values() if name in scale.items]
            scales = tr(", so {scales} cannot be scored").filled(scales=listed(lost)) if lost else ""
            yield Finding("absent_column", name, fields={"scales": scales})


def unknown_column(seen: Inspected) -> Iterator[Finding]:
    """Columns the codebook does not know."""
    if left := [str(name) for name in seen.raw.columns if name not in seen.book.items]:
        shown = ", ".join(left[:5]) + (", …" if len(left) > 5 else "")
        yield Finding("unknown_column", fields={"n_columns": len(left), "columns": shown})


def empty_column(seen: Inspected) -> Iterator[Finding]:
    """Items without one answer."""
    for name in seen.items:
        if seen.frame[name].isna().all():
            yield Finding("empty_column", name, len(seen.frame))


def constant_column(seen: Inspected) -> Iterator[Finding]:
    """Items answered in one way only."""
    for name in seen.answers:
        values = seen.frame[name]
        if values.notna().sum() > 1 and values.min() == values.max():
            yield Finding("constant_column", name, int(values.notna().sum()), {"value": float(values.min())})


def same_column(seen: Inspected) -> Iterator[Finding]:
    """Items whose answers follow from those of another, in every row: copies, mirror images, recodings."""
    names = seen.answers
    R = np.nan_to_num(seen.corr(names)) if names else np.zeros((0, 0))
    for i, j in zip(*np.nonzero(np.tril(np.abs(R) > 0.8, -1)), strict=True):
        x, y = (seen.frame[names[k]].to_numpy(dtype=float) for k in (i, j))
        both = ~np.isnan(x) & ~np.isnan(y)
        points = max(len(np.unique(x[both])), len(np.unique(y[both])))
        if both.sum() < 5 * points or (np.isnan(x) != np.isnan(y)).any():
            continue
        if len(np.unique(np.stack([x[both], y[both]]), axis=1).T) == points:
            yield Finding("same_column", names[i], int(both.sum()), {"other": names[j], "how": _relation(x, y)})


def _relation(x: FloatArray, y: FloatArray) -> dict[str, str]:
    """In words how x (n,) follows from y (n,)."""
    if np.array_equal(x, y, equal_nan=True):
        return tr("the same answer")
    if np.nanmax(x + y) == np.nanmin(x + y):
        return tr("the mirror image")
    return tr("a recoding of it")


def computed_column(seen: Inspected) -> Iterator[Finding]:
    """Columns that are the mean or the sum of others: a score beside the questions it is made of."""
    for one in computed(seen.frame[seen.answers]):
        yield Finding("computed_column", one.name, one.n, {"how": one.how, "items": listed(one.items)})


def formula_cell(seen: Inspected) -> Iterator[Finding]:
    """Texts of a segment, cluster or respondent that a spreadsheet would run."""
    for name in seen.items:
        column = seen.raw[name]
        if column.dtype.kind not in "OUST" and str(column.dtype) != "str":
            continue
        text = column.dropna().astype(str).str.strip()
        signs = text.str.match(r"[+-]") & text.str.contains(r"[(!|:&^]|[A-Za-z]+\d")  # -oth- asks for nothing, -A1 does
        risky = text.str.match(r"[=@]") | signs & ~text.str.fullmatch(r"[+-]?[\d.,]+([eE][+-]?\d+)?")
        if risky.any():
            yield Finding("formula_cell", name, int(risky.sum()))
