"""Which reports run on a file, on how many respondents, and what to add to the codebook for those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..codebook import Findings
from ..core import LANGUAGES, LoyaltyLabError, expanded, tr
from ..survey import check_survey
from .running.parameters import list_reports

#: Reports that take no answers of a file.
_NO_FILE = ("published_models",)
#: Reports that need no outcome and no drivers.
_ANY_FILE = ("measures", "claims")
#: Report → the questions of loyalty metrics it tells more with.
_METRICS = {
    "measures": ("satisfaction", "repurchase", "recommend", "effort"),
    "satisfaction": ("satisfaction", "repurchase"),
    "conscious_unconscious": ("satisfaction",),
    "economics": ("repurchase",),
    "value": ("recommend",),
}
#: Report → fewest respondents it can be made of; ten, from which can be drawn, where it is not said.
_FEWEST = {"robustness": 100, "satisfaction": 0, "conscious_unconscious": 0}


@dataclass(frozen=True)
class Fit:
    """Whether a report runs on a file, on how many rows, and what to add: what is missing, or what would tell more.

    Attributes
    ----------
    report : str
        Its name.
    runs : bool
        Whether it runs on the file.
    n : int
        Rows it would use.
    todo : mapping of str → str
        What to add, by language.

    See Also
    --------
    loyaltylab.reports.reports_on : Makes them.
    """

    report: str
    runs: bool
    n: int
    todo: Mapping[str, str]


def reports_on(found: Findings) -> list[Fit]:
    """Every report with what a file and its codebook give it.

    Parameters
    ----------
    found : Findings
        As `check_survey` gives them.

    Returns
    -------
    list of Fit
        In the order of the reports, each with what it lacks.

    Examples
    --------
    >>> import loyaltylab as ll
    >>> fits = reports_on(ll.check_survey("simulated n=200", "loyalty"))
    >>> [fit.report for fit in fits if not fit.runs]
    []
    """
    return [_fit(name, found) for name in list_reports() if name not in _NO_FILE]


def left_out(given: Mapping[str, Any]) -> dict[str, str]:
    """Report → why it cannot be made of the file of answers that is given as data; of any other data nothing is known before."""
    data, codebook = str(given.get("data", "")), str(given.get("codebook", ""))
    if not expanded(data).is_file() or Path(data).suffix == ".yml":
        return {}
    found = dict.fromkeys(_NO_FILE, "it takes models that papers print, not answers")
    if {"outcome", "blocks"} & {*given}:
        return found
    try:
        checked = check_survey(data, codebook)
    except LoyaltyLabError:  # each report says so itself
        return found
    lacking = {fit.report: fit.todo["en"] for fit in reports_on(checked) if checked.ok and not fit.runs}
    return found | {name: f"the codebook lacks {todo}" if "role" in todo else todo for name, todo in lacking.items()}


def _fit(name: str, found: Findings) -> Fit:
    model = found.model
    n = found.n_all if name in _ANY_FILE else model["n_complete"]
    least = max(model["n_drivers"] + 2, _FEWEST.get(name, 10))
    if not found.ok:
        return Fit(name, False, 0, tr("mend the errors above first"))
    if name not in _ANY_FILE:
        if not model["outcome"]:
            return Fit(name, False, 0, tr("role: outcome on the question to be explained"))
        if len(model["blocks"]) < 2:
            return Fit(name, False, 0, tr("role: driver, block: … on questions of two blocks"))
        if n < least:
            todo = tr("{n} complete respondents; it takes {least}").filled(n=f"{n:,}", least=f"{least:,}")
            return Fit(name, False, n, todo)
    wanted = [metric for metric in _METRICS.get(name, ()) if metric not in model["metrics"]]
    more = tr("tells more with metric: {metric}").filled(metric=wanted[0]) if wanted else dict.fromkeys(LANGUAGES, "")
    return Fit(name, True, n, more)
