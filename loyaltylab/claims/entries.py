"""The entries of the claims file, each checked: what a claim must have, what it may have, and the values it can take."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..codebook import LANGUAGES
from ..core import CodebookError, available, brief, listed, read_references, tr, unknown

__all__ = ["GRADES", "KINDS", "UNITS", "WrongEntry", "check_claim", "report_names"]

#: How far to trust a claim, best first.
GRADES = {
    "A": tr("peer-reviewed or recomputable"),
    "B": tr("the publisher's own"),
    "C": tr("secondary press"),
    "D": tr("source not traced"),
    "F": tr("shown to be untraceable"),
}
#: What the figures of a claim are, and the range they may have.
UNITS: dict[str, tuple[float, float]] = {
    "correlation": (-1, 1),
    "share": (-1, 1),
    "ratio": (0, math.inf),
    "points": (-100, 100),
    "count": (0, math.inf),
    "money": (0, math.inf),
}
#: The kinds of statistic a claim may be about; its figures, if any, have one of these units (none named: any).
KINDS: dict[str, dict[str, Any]] = {
    "correlation": {"units": ("correlation",)},
    "correlation_difference": {
        "units": ("correlation",),
    },
    "proportion": {"units": ("share",)},
    "proportion_difference": {
        "units": ("share",),
    },
    "ratio": {"units": ("ratio", "share", "money")},
    "ordering": {},
    "equivalence": {},
    "trend": {},
    "explained_share": {"units": ("share",)},
    "curve": {},
    "definition": {},
    "list": {},
}
_BOTH = ("statement", "source", "reason", "changed", "needs", "untested")
_REQUIRED = {"statement", "source", "grade", "reason", "kind", "references", "needs"}
_MAY = {"article", "counter", "unit", "n", "values", "changed", "report", "untested", "test"}
#: More respondents than there are people is a slip.
_MOST = 10**10
_NEVER_NEGATIVE = ("proportion", "explained_share")


class WrongEntry(CodebookError):
    """An entry that cannot be: the keys that lead to it, and what is wrong there."""

    def __init__(self, keys: Iterable[str], what: object) -> None:
        self.keys = tuple(keys)
        super().__init__(str(what))


def report_names() -> list[str]:
    """The reports that come with the project: notebooks without the number before their name."""
    return [re.sub(r"^\d+_", "", stem) for stem in available("notebooks", ".ipynb")]


def check_claim(entry: Any, articles: Mapping[str, Any]) -> None:
    """Refuses a claim that lacks something, has something unknown, or says what cannot be.

    Raises
    ------
    WrongEntry
        With the keys within the claim that lead to what is wrong.
    """
    if not isinstance(entry, dict):
        raise WrongEntry([], "is not a mapping of entries.")
    have = f"a claim has {', '.join(sorted(_REQUIRED))}, and may have {', '.join(sorted(_MAY))}."
    for key in entry:
        if key not in _REQUIRED | _MAY:
            raise WrongEntry([key], unknown("entry", key, sorted(_REQUIRED | _MAY)))
    if lacking := sorted(_REQUIRED - set(entry)):
        raise WrongEntry([], f"lacks '{lacking[0]}'; {have}")
    for key in _BOTH:
        if key in entry:
            check_texts([key], entry[key])
    options: dict[str, Iterable[str]] = {"grade": GRADES, "article": articles, "unit": UNITS, "kind": KINDS}
    options["report"] = report_names() if "report" in entry else ()
    for key, allowed in options.items():
        if key in entry and (not isinstance(entry[key], str) or entry[key] not in allowed):
            raise WrongEntry([key], unknown(key, entry[key], allowed))
    _check_figures(entry)
    _check_rest(entry)


def check_texts(keys: list[str], text: Any) -> None:
    """A text in each language, neither of them empty."""
    if (
        not isinstance(text, dict)
        or sorted(map(str, text)) != sorted(LANGUAGES)
        or not all(isinstance(t, str) and t.strip() for t in text.values())
    ):
        raise WrongEntry(keys, f"needs a text in each of {listed(LANGUAGES)}.")


def _check_figures(entry: Mapping[str, Any]) -> None:
    """The reported figures, within what their kind and unit allow, and n."""
    n, values, unit, kind = entry.get("n"), entry.get("values", {}), entry.get("unit", ""), entry["kind"]
    if "n" in entry and (isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= _MOST):
        raise WrongEntry(["n"], f"is {brief(n)}; it is a whole number of respondents, or left out where none is known.")
    if bool(values) != bool(unit):
        missing, given = ("values", "unit") if unit else ("unit", "values")
        raise WrongEntry([given], f"stands without '{missing}': figures have a unit and a unit has figures.")
    if unit and unit not in (units := KINDS[kind].get("units", UNITS)):
        raise WrongEntry(["unit"], f"'{unit}' cannot be that of a {kind}. Possible: {listed(units)}.")
    if not isinstance(values, dict):
        raise WrongEntry(["values"], f"is {brief(values)}; it holds figures by name, each with value and label.")
    for key, figure in values.items():
        if not isinstance(figure, dict) or sorted(map(str, figure)) != ["label", "value"]:
            raise WrongEntry(["values", key], "needs 'value' and 'label', and nothing else.")
        check_texts(["values", key, "label"], figure["label"])
        number, (low, high) = figure["value"], UNITS[unit]
        low = max(low, 0) if kind in _NEVER_NEGATIVE else low
        possible = isinstance(number, (int, float)) and not isinstance(number, bool) and low <= number <= high
        if not possible or math.isinf(number) or (unit == "count" and number != int(number)):
            between = f"lies between {low:g} and {high:g}" if high < math.inf else f"is a number from {low:g}"
            whole = "whole " if unit == "count" else ""
            raise WrongEntry(["values", key, "value"], f"{brief(number)} cannot be a {whole}{unit}, which {between}.")


def _check_rest(entry: Mapping[str, Any]) -> None:
    """The literature it names, the one report that tests it or why none can, and whether it stands against the articles."""
    named, known = entry["references"], read_references()
    if not isinstance(named, list) or len({*map(str, named)}) < len(named):
        raise WrongEntry(["references"], f"is {brief(named)}; it is a list of keys of references.bib, each once.")
    for key in named:
        if not isinstance(key, str) or key not in known:
            raise WrongEntry(["references"], unknown("reference", key, known, "They are in references.bib."))
    if not named and entry["grade"] in ("ABC" if "article" not in entry else "AB"):
        raise WrongEntry(["references"], f"is empty, and grade {entry['grade']} rests on a source that can be named.")
    if ("report" in entry) == ("untested" in entry):
        found = "both stand here" if "report" in entry else "neither stands here"
        raise WrongEntry([], f"needs 'report', which tests it, or 'untested', why none can; {found}.")
    if not isinstance(entry.get("counter", False), bool):
        raise WrongEntry(["counter"], f"is {brief(entry['counter'])}; allowed: true, false.")
    test = entry.get("test", {})
    if not isinstance(test, dict) or not all(isinstance(key, str) for key in test):
        raise WrongEntry(["test"], f"is {brief(test)}; it holds entries of the form 'name: value'.")
