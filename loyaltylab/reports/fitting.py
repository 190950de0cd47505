"""Which reports run on a file, on how many respondents, and what to add to the codebook for those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..codebook import Findings, flatten
from ..core import LANGUAGES, LoyaltyLabError, ModelError, expanded, tr
from ..drivers import few, world_with
from ..loyalty import chain
from ..moments import Moments
from ..survey import check_survey
from .running.parameters import list_reports, read_notebook

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
#: Reports that need an outcome alone, and the one that needs to know which variables stand on a way.
_OUTCOME_ALONE, _WAY = ("satisfaction", "conscious_unconscious"), "heart_head_wallet"
#: The report whose model is of the means of blocks.
_MEANS = "economics"
#: The report that takes something off every correlation, that of the outcome too.
_APART = "robustness"
#: The report that asks of each question of the first block by itself.
_SINGLE = "emotions"
#: The report that assumes another difference between two blocks than the data have.
_PLAN = "plan_your_study"
_CHAIN = tr("chain: heart and head, the driver or scale that stands for each")
#: Errors that stop a model, or an analysis that names a weight, and no report that takes neither.
_OF_A_MODEL = ("more_drivers_than_rows", "negative_weight", "zero_weights")


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
    n, why = _of_file(name, found)
    if why:
        return Fit(name, False, n, why)
    wanted = [metric for metric in _METRICS.get(name, ()) if metric not in found.model["metrics"]]
    more = tr("tells more with metric: {metric}").filled(metric=wanted[0]) if wanted else dict.fromkeys(LANGUAGES, "")
    return Fit(name, True, n, more)


def _of_file(name: str, found: Findings) -> tuple[int, Mapping[str, str]]:
    """How many rows a report would use, and why it cannot be made, by language; nothing where it can."""
    model = found.model
    if any(one.severity == "error" and one.check not in _OF_A_MODEL for one in found.found):
        return 0, tr("mend the errors above first")
    if name in _ANY_FILE:
        return found.n_all, {}
    if not model["outcome"]:
        return 0, tr("role: outcome on the question to be explained")
    if name in _OUTCOME_ALONE:
        return model["n_outcome"], {}
    if len(model["blocks"]) < 2:
        return 0, tr("role: driver, block: … on questions of two blocks")
    blocks, outcome = model["book"].blocks(), model["outcome"]
    drivers = flatten(blocks)
    if name == _MEANS:
        return model["n_complete"], model["refusal"]([outcome, *drivers], blocks)
    if name == _WAY:
        try:
            way = chain(model["book"])
        except LoyaltyLabError:
            return 0, _CHAIN
        after = [way.after] if way.after and not model["refusal"]([way.wallet, way.after]) else []
        drivers, outcome = [way.heart, *way.head, *after], way.wallet
    if name == _SINGLE:
        book, first = model["book"], next(iter(blocks.values()))
        asked = dict.fromkeys(item for driver in first for item in book.items_of(driver))
        if len(asked) > len(first) and (why := model["refusal"]([outcome, *asked])):
            return model["n_complete"], why
    why = model["refusal"]([outcome, *drivers], apart=name == _APART)
    return model["n_complete"], why or (_beyond(model, outcome, blocks) if name == _PLAN and few(drivers) else {})


def _beyond(model: Mapping[str, Any], outcome: str, blocks: Mapping[str, list[str]]) -> Mapping[str, str]:
    """Why the difference that a plan assumes unless told otherwise cannot be had in these data; nothing where it can."""
    wanted = read_notebook(_PLAN).parameters["difference"].default
    try:
        world_with(Moments.from_frame(model["frame"][[outcome, *flatten(blocks)]]), outcome, blocks, difference=wanted)
    except ModelError:
        return tr("these blocks cannot be made to differ by {difference}; give another with -p difference=").filled(
            difference=f"{wanted:g}"
        )
    return {}
