"""Checks of the columns and their answers: are they there, do they vary, are two of them one, do codes mean no answer?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np

from ...codebook import Finding
from ...core import RULES, listed, tr
from ...kernels import FloatArray
from ..computed import computed
from ..vocabulary import called
from .inspected import Inspected


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


#: Codes that surveys use for no answer.
USUAL = (-999, -99, -98, -97, -9, -8, -7, -1, 9, 88, 96, 97, 98, 99, 888, 996, 997, 998, 999, 9999)


def marked_missing(seen: Inspected) -> Iterator[Finding]:
    """Answers the file itself marks as missing."""
    for name, count in seen.table.marked(seen.items).items():
        yield Finding("marked_missing", name, count)


def guessed_missing(seen: Inspected) -> Iterator[Finding]:
    """Codes that a draft takes for no answer, and which the file does not mark so: each with its count."""
    for name, why in seen.guessed.items():
        marked = seen.table.missing.get(name, ())
        codes = [code for code in seen.items[name].missing if code not in marked] if name in seen.items else []
        column = seen.raw[name].astype(str).str.strip().str.removesuffix(".0") if codes else None
        counts = {f"{code:g}" if not isinstance(code, str) else code: 0 for code in codes}
        if column is not None:
            counts = {code: int((column == code).sum()) for code in counts}
        if found := {code: count for code, count in counts.items() if count}:
            fields = {"codes": ", ".join(found), "why": why}
            yield Finding("guessed_missing", name, sum(found.values()), fields)


def alike_answers(seen: Inspected) -> Iterator[Finding]:
    """Groups whose names are the same but for capitals, blanks and how a letter is composed: north, North and NORTH."""
    for name, item in seen.items.items():
        if item.role != "segment" or item.values:
            continue
        counts = seen.frame[name].value_counts()
        alike: dict[str, list[str]] = {}
        for answer in counts.index:
            if isinstance(answer, str):
                alike.setdefault(unicodedata.normalize("NFC", " ".join(answer.split()).casefold()), []).append(answer)
        if several := [answers for answers in alike.values() if len(answers) > 1]:
            shown = listed((repr(answer) for answers in several for answer in sorted(answers)), limit=5)
            yield Finding(
                "alike_answers", name, int(sum(counts[answer] for part in several for answer in part)), {"found": shown}
            )


def two_answers(seen: Inspected) -> Iterator[Finding]:
    """Questions with a scale of four steps or more that are answered with 0 and 1 only, as boxes to tick are."""
    for name in seen.answers:
        span, values = seen.items[name].range, seen.frame[name].dropna()
        if span and span[1] - span[0] >= 3 and len(values) >= 20 and set(values.unique()) == {0, 1}:
            yield Finding("two_answers", name, len(values), {"low": span[0], "high": span[1]})


def labelled_missing(seen: Inspected) -> Iterator[Finding]:
    """Codes labelled as no answer that the codebook takes for answers."""
    for name, labels in seen.table.labels.items():
        if name not in seen.items:
            continue
        for code, label in labels.items():
            if isinstance(code, (int, float)) and called("labelled_no_answer", r"\b{}\b").search(str(label)):
                count = int((_as_in_the_file(seen, name) == code).sum())
                if count:
                    yield Finding("labelled_missing", name, count, {"code": code, "label": str(label)})


def _as_in_the_file(seen: Inspected, name: str) -> np.ndarray:
    """Codes (n,) that count as answers."""
    item, column = seen.items[name], seen.frame[name]
    if column.dtype.kind != "f":
        return np.full(len(column), np.nan)
    values = column.to_numpy()
    return item.range[0] + item.range[1] - values if item.reverse and item.range else values


def likely_missing(seen: Inspected) -> Iterator[Finding]:
    """Usual missing codes that stand apart, in items for which the codebook gives no range."""
    for name in seen.answers:
        if seen.items[name].range:
            continue
        values, counts = np.unique(seen.frame[name].dropna().to_numpy(dtype=float), return_counts=True)
        rest = values[~np.isin(values, USUAL)]
        if len(rest) < 2:
            continue
        step = max(2.0, 0.05 * (rest[-1] - rest[0]))
        for code, count in zip(values, counts, strict=True):
            if code in USUAL and np.abs(rest - code).min() >= step and not rest[0] <= code <= rest[-1]:
                fields = {"code": float(code), "low": float(rest[0]), "high": float(rest[-1])}
                yield Finding("likely_missing", name, int(count), fields)


def nonresponse(seen: Inspected) -> Iterator[Finding]:
    """Items that more than a tenth did not answer; who left a box blank and was not asked answered nothing."""
    rule = RULES["nonresponse"][0]
    boxes = {box for one in seen.book.sets.values() for box in one.items}
    for name in [name for name in seen.answers if name not in boxes]:
        gone = int(seen.frame[name].isna().sum())
        if rule < gone / len(seen.frame) < 1:
            yield Finding("nonresponse", name, gone, {"part": gone / len(seen.frame), "rule": rule})
