"""Checks of the respondents: careless, too fast, twice in the file, or impossible."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...codebook import Finding
from ...core import listed, pd, tr
from ..files.survey_tools import leads
from ..samples import combined, formats, median_time, repeated, same_answers, speeding, straight_lines
from ..vocabulary import called
from .inspected import Inspected

__all__ = [
    "find_impossible",
    "find_repeated_respondent",
    "find_same_answers",
    "find_speeding",
    "find_straight_lining",
    "find_test_rows",
    "find_unfinished",
    "tick_list",
]


def find_straight_lining(seen: Inspected) -> Iterator[Finding]:
    """One answer to every item of a response format."""
    for span, items in formats(seen.book, seen.frame).items():
        if count := int(straight_lines(seen.frame, items).sum()):
            said = tr("{low} to {high}").filled(low=f"{span[0]:g}", high=f"{span[1]:g}")
            yield Finding("straight_lining", "", count, {"n_items": len(items), "span": said})


def tick_list(seen: Inspected) -> Iterator[Finding]:
    """Questions answered with one of two codes: boxes to tick."""
    spans: dict[tuple[float, float], list[str]] = {}
    for name, item in seen.items.items():
        if item.range and item.range[1] - item.range[0] == 1:
            spans.setdefault(item.range, []).append(name)
    for (low, high), names in spans.items():
        if len(names) >= 3:
            said = tr("{low} and {high}").filled(low=f"{low:g}", high=f"{high:g}")
            yield Finding(
                "tick_list", "", None, {"n_items": len(names), "span": said, "columns": listed(names, limit=5)}
            )


def find_speeding(seen: Inspected) -> Iterator[Finding]:
    """Far faster than others."""
    if count := int(speeding(seen.frame, seen.book).sum()):
        name, median = median_time(seen.frame, seen.book)
        yield Finding("speeding", name, count, {"median": median})


def find_same_answers(seen: Inspected) -> Iterator[Finding]:
    """Rows that repeat an earlier one."""
    if count := int(same_answers(seen.frame, seen.book).sum()):
        n_items = sum(bool(item.range or item.values) for item in seen.items.values())
        yield Finding("same_answers", "", count, {"n_items": n_items})


def find_repeated_respondent(seen: Inspected) -> Iterator[Finding]:
    """Respondents with several rows."""
    for name in seen.book.names("respondent"):
        if name in seen.frame and (count := int(repeated(seen.frame[name]).sum())):
            fields = {"n_units": int(seen.frame[name].nunique()), "n_all": len(seen.frame)}
            yield Finding("repeated_respondent", name, count, fields)


def find_test_rows(seen: Inspected) -> Iterator[Finding]:
    """Rows that the tool itself calls a preview or a test."""
    for name, texts in _told(seen, "status"):
        of_a_test = texts[texts.map(lambda text: bool(called("test_row").fullmatch(text)))]
        if len(of_a_test):
            yield Finding("test_rows", name, len(of_a_test), {"said": of_a_test.iloc[0]})
            return


def find_unfinished(seen: Inspected) -> Iterator[Finding]:
    """Rows that the tool itself calls unfinished, by the first column that says so."""
    told: dict[str, Callable[[pd.Series], pd.Series]] = {
        "finished": lambda texts: texts.map(lambda text: bool(called("false").fullmatch(text)) or text == "0"),
        "progress": lambda texts: texts.map(lambda text: text.isdigit() and int(text) < 100),
        "status": lambda texts: texts.map(lambda text: bool(called("unfinished").fullmatch(text))),
        "submitted": lambda texts: texts == "",
    }
    for subject, unfinished in told.items():
        for name, texts in _told(seen, subject):
            if 0 < (count := int(unfinished(texts).sum())) < len(texts):
                yield Finding("unfinished", name, count)
                return


def _told(seen: Inspected, subject: str) -> Iterator[tuple[str, pd.Series]]:
    """Columns of the file in which a tool says this, with their cells as plain texts."""
    codes = leads(seen.raw)
    for name in seen.raw:
        if called(subject).fullmatch(codes.get(name, name).strip()) and name not in seen.answers:
            yield name, seen.raw[name].fillna("").astype(str).str.strip().str.removesuffix(".0")


def find_impossible(seen: Inspected) -> Iterator[Finding]:
    """Answers that the codebook says cannot go together."""
    for name, combination in seen.book.impossible.items():
        if count := int(combined(seen.frame, seen.book, combination).sum()):
            yield Finding("impossible", name, count, {"label": combination.label})
