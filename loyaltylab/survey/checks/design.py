"""Checks of the design: enough respondents, sound weights, clusters, segments of some size."""

from __future__ import annotations

from collections.abc import Iterator

from ...codebook import Finding
from ...core import RULES
from .inspected import Inspected

__all__ = [
    "clustered_rows",
    "few_rows_for_shares",
    "few_rows_per_driver",
    "lost_rows",
    "missing_cluster",
    "missing_weight",
    "more_drivers_than_rows",
    "negative_weight",
    "tiny_segment",
    "unused_weight",
    "weight_effect",
    "zero_weights",
]


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
