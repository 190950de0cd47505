"""Checks of the respondents: careless, twice in the file or impossible; enough of them, with sound weights and clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...codebook import Finding
from ...core import RULES, listed, pd, tr
from .. import samples
from ..files.survey_tools import leads
from ..vocabulary import called
from .inspected import Inspected


def straight_lining(seen: Inspected) -> Iterator[Finding]:
    """One answer to every item of a response format."""
    for span, items in samples.formats(seen.book, seen.frame).items():
        if count := int(samples.straight_lines(seen.frame, items).sum()):
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


def speeding(seen: Inspected) -> Iterator[Finding]:
    """Far faster than others."""
    if count := int(samples.speeding(seen.frame, seen.book).sum()):
        name, median = samples.median_time(seen.frame, seen.book)
        yield Finding("speeding", name, count, {"median": median})


def same_answers(seen: Inspected) -> Iterator[Finding]:
    """Rows that repeat an earlier one."""
    if count := int(samples.same_answers(seen.frame, seen.book).sum()):
        n_items = sum(bool(item.range or item.values) for item in seen.items.values())
        yield Finding("same_answers", "", count, {"n_items": n_items})


def repeated_respondent(seen: Inspected) -> Iterator[Finding]:
    """Respondents with several rows."""
    for name in seen.book.names("respondent"):
        if name in seen.frame and (count := int(samples.repeated(seen.frame[name]).sum())):
            fields = {"n_units": int(seen.frame[name].nunique()), "n_all": len(seen.frame)}
            yield Finding("repeated_respondent", name, count, fields)


def test_rows(seen: Inspected) -> Iterator[Finding]:
    """Rows that the tool itself calls a preview or a test."""
    for name, texts in _told(seen, "status"):
        of_a_test = texts[texts.map(lambda text: bool(called("test_row").fullmatch(text)))]
        if len(of_a_test):
            yield Finding("test_rows", name, len(of_a_test), {"said": of_a_test.iloc[0]})
            return


def unfinished(seen: Inspected) -> Iterator[Finding]:
    """Rows that the tool itself calls unfinished, by the first column that says so."""
    told: dict[str, Callable[[pd.Series], pd.Series]] = {
        "finished": lambda texts: texts.map(lambda text: bool(called("false").fullmatch(text)) or text == "0"),
        "progress": lambda texts: texts.map(lambda text: text.isdigit() and int(text) < 100),
        "status": lambda texts: texts.map(lambda text: bool(called("unfinished").fullmatch(text))),
        "submitted": lambda texts: texts == "",
    }
    for subject, is_left in told.items():
        for name, texts in _told(seen, subject):
            if 0 < (count := int(is_left(texts).sum())) < len(texts):
                yield Finding("unfinished", name, count)
                return


def _told(seen: Inspected, subject: str) -> Iterator[tuple[str, pd.Series]]:
    """Columns of the file in which a tool says this, with their cells as plain texts."""
    codes = leads(seen.raw)
    for name in seen.raw:
        if called(subject).fullmatch(codes.get(name, name).strip()) and name not in seen.answers:
            yield name, seen.raw[name].fillna("").astype(str).str.strip().str.removesuffix(".0")


def impossible(seen: Inspected) -> Iterator[Finding]:
    """Answers that the codebook says cannot go together."""
    for name, combination in seen.book.impossible.items():
        if count := int(samples.combined(seen.frame, seen.book, combination).sum()):
            yield Finding("impossible", name, count, {"label": combination.label})


def model(seen: Inspected) -> tuple[int, int]:
    """Number of drivers, and of respondents complete on them and an outcome."""
    drivers = [name for name in seen.book.names("driver") if name in seen.frame]
    outcomes = [name for name in seen.book.names("outcome") if name in seen.frame]
    if not drivers or not outcomes:
        return 0, 0
    complete = seen.frame[drivers].notna().all(axis=1)
    return len(drivers), max(int((complete & seen.frame[name].notna()).sum()) for name in outcomes)


def more_drivers_than_rows(seen: Inspected) -> Iterator[Finding]:
    """Too few respondents to fit any model."""
    drivers, rows = model(seen)
    if drivers and rows < drivers + 2:
        yield Finding("more_drivers_than_rows", "", rows, {"n_drivers": drivers, "needed": drivers + 2})


def few_rows_per_driver(seen: Inspected) -> Iterator[Finding]:
    """Fewer than ten respondents for each driver."""
    drivers, rows = model(seen)
    rule = RULES["rows_per_driver"][0]
    if drivers and drivers + 2 <= rows < rule * drivers:
        yield Finding("few_rows_per_driver", "", rows, {"n_drivers": drivers, "rule": rule})


def few_rows_for_shares(seen: Inspected) -> Iterator[Finding]:
    """Fewer respondents than the interval of the largest share needs to hold it as often as it says."""
    drivers, rows = model(seen)
    rule = RULES["steady_shares"][0]
    if drivers > 1 and drivers + 2 <= rows < rule:
        yield Finding("few_rows_for_shares", "", rows, {"rule": rule})


def lost_rows(seen: Inspected) -> Iterator[Finding]:
    """More than a tenth of the rows incomplete on the outcome and all drivers."""
    drivers, rows = model(seen)
    if drivers and (part := 1 - rows / len(seen.frame)) > RULES["nonresponse"][0]:
        outcome = next(name for name in seen.book.names("outcome") if name in seen.frame)
        fields = {"part": part, "n_complete": rows, "outcome": seen.book.label(outcome)}
        yield Finding("lost_rows", "", len(seen.frame) - rows, fields)


def negative_weight(seen: Inspected) -> Iterator[Finding]:
    """Weights below zero."""
    for name in seen.book.names("weight"):
        if name in seen.frame and (count := int((seen.frame[name] < 0).sum())):
            yield Finding("negative_weight", name, count)


def missing_weight(seen: Inspected) -> Iterator[Finding]:
    """Respondents without a weight."""
    for name in seen.book.names("weight"):
        if name in seen.frame and 0 < (count := int(seen.frame[name].isna().sum())) < len(seen.frame):
            yield Finding("missing_weight", name, count)


def missing_cluster(seen: Inspected) -> Iterator[Finding]:
    """Rows that belong to no cluster."""
    for name in seen.book.names("cluster"):
        if name in seen.frame and 0 < (count := int(seen.frame[name].isna().sum())) < len(seen.frame):
            yield Finding("missing_cluster", name, count)


def zero_weights(seen: Inspected) -> Iterator[Finding]:
    """A column of weights that are all zero."""
    for name in seen.book.names("weight"):
        if name in seen.frame and (seen.frame[name].dropna() == 0).all() and seen.frame[name].notna().any():
            yield Finding("zero_weights", name, len(seen.frame))


def weight_effect(seen: Inspected) -> Iterator[Finding]:
    """Weights that cost more than half of the sample."""
    for name in seen.book.names("weight"):
        w = seen.frame[name].dropna() if name in seen.frame else None
        if w is None or w.empty or (w < 0).any() or not w.any():
            continue
        n_effective = float(w.sum() ** 2 / (w**2).sum())
        if (effect := len(w) / n_effective) > RULES["weight_effect"][0]:
            yield Finding("weight_effect", name, len(w), {"n_effective": n_effective, "effect": effect})


def unused_weight(seen: Inspected) -> Iterator[Finding]:
    """A weight, which is used only when it is named."""
    for name in seen.book.names("weight"):
        if name in seen.frame:
            yield Finding("unused_weight", name)


def clustered_rows(seen: Inspected) -> Iterator[Finding]:
    """Rows that belong together."""
    for name in seen.book.names("cluster"):
        if name in seen.frame and 0 < (units := int(seen.frame[name].nunique())) < seen.frame[name].notna().sum():
            yield Finding("clustered_rows", name, fields={"n_units": units, "n_all": len(seen.frame)})


def tiny_segment(seen: Inspected) -> Iterator[Finding]:
    """Groups too small to show."""
    for name in seen.book.names("segment"):
        if name not in seen.frame:
            continue
        sizes = seen.frame[name].value_counts()
        if small := int((sizes < seen.min_cell).sum()):
            yield Finding("tiny_segment", name, fields={"n_segments": small, "min_cell": seen.min_cell})
