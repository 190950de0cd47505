"""Tactics that are said to call up an emotion, and what the emotion goes together with, if that is taken at its word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..codebook import Codebook
from ..core import (
    DataError,
    Entry,
    EntryFile,
    ModelError,
    Provenance,
    Result,
    Translated,
    home,
    listed,
    read_yaml,
    sha256,
    tr,
)
from ..kernels import FloatArray, intervals
from ..models import ols
from ..moments import Moments, by_name

#: What must hold for a difference between customers to be read as what a tactic brings about.
ASSUMPTIONS = (
    tr("the tactic raises its emotion by as much as is assumed, and raises nothing else"),
    tr("the emotion changes loyalty, not loyalty the emotion, and nothing unasked changes both"),
    tr("the other drivers stay as they are"),
    tr("the relation is straight, also for customers who already answer near the top"),
)


class EmotionEntry(Entry, frozen=True):
    """An emotion: whether it is one of the index, and the question nearest to it, by codebook."""

    label: Translated
    index: bool
    asked: dict[str, str]
    note: str = ""


class TacticEntry(Entry, frozen=True):
    """A tactic, and the emotion it is said to call up."""

    label: Translated
    emotion: str


class TacticsFile(Entry, frozen=True):
    """A file of tactics."""

    source: Translated
    emotions: dict[str, EmotionEntry]
    tactics: dict[str, TacticEntry]


@dataclass(frozen=True)
class Tactic:
    """One tactic and the emotion it is said to call up.

    Attributes
    ----------
    label, emotion_label : dict of str
        What is done, and the emotion, by language.
    in_index : bool
        Whether the emotion is one of the ten of the Emotions Index.
    asked : dict
        Codebook → the question nearest to the emotion.
    """

    name: str
    label: dict[str, str]
    emotion: str
    emotion_label: dict[str, str]
    in_index: bool
    asked: dict[str, str]


@dataclass(frozen=True, eq=False)
class Tactics(Result):
    """The tactics of an article, as told; nothing of it was measured.

    Attributes
    ----------
    tactics : sequence of Tactic
        In the order of the file.

    See Also
    --------
    loyaltylab.loyalty.read_tactics : Makes it.
    """

    tactics: tuple[Tactic, ...]
    provenance: Provenance

    def labels(self, language: str = "en") -> dict[str, str]:
        """Tactic and emotion → what it is called."""
        return {t.emotion: t.emotion_label[language] for t in self.tactics} | {
            t.name: t.label[language] for t in self.tactics
        }

    def drivers(self, codebook: Codebook) -> dict[str, str]:
        """Tactic → the question of this codebook nearest to its emotion, for the tactics that have one."""
        return {t.name: t.asked[codebook.name] for t in self.tactics if codebook.name in t.asked}

    def columns(self) -> dict[str, Any]:
        return {"term": [t.name for t in self.tactics], "driver": [t.emotion for t in self.tactics]}

    def whole(self) -> dict[str, Any]:
        return {"n_tactics": len(self.tactics)}


@lru_cache
def read_tactics() -> Tactics:
    """The tactics of `data/tactics.yml`.

    Returns
    -------
    Tactics
        Emotions, tactics and their sources.

    Raises
    ------
    CodebookError
        Naming the tactic or emotion that is wrong.

    Examples
    --------
    >>> read_tactics()
    Tactics, 8 rows by term: n_tactics 8
    """
    path = home() / "data" / "tactics.yml"
    file = EntryFile(path.name)
    found = file.read(TacticsFile, read_yaml(path))
    tactics = []
    for name, entry in found.tactics.items():
        file.known(entry.emotion, found.emotions, "tactics", name, "emotion")
        emotion = found.emotions[entry.emotion]
        tactics.append(Tactic(name, entry.label, entry.emotion, emotion.label, emotion.index, emotion.asked))
    return Tactics(tuple(tactics), Provenance("published", found.source, sha256=sha256(path)))


@dataclass(frozen=True, eq=False)
class ExpectedChange(Result):
    """Difference in the outcome, in its scale points, that goes with `raised` scale points more on each driver.

    The estimate is `raised` times the coefficient of the driver in a regression on all drivers. It is a difference
    between customers; it becomes an expected change under the `ASSUMPTIONS` only.

    Attributes
    ----------
    terms : sequence of str
        Tactics.
    drivers : sequence of str
        The driver each raises.
    outcome : str
        The variable explained.
    raised : float
        Scale points.
    estimates : array
        In the order of the rows.
    draw_estimates : array
        The same in each draw, along the first axis.
    not_asked : sequence of str
        Tactics whose emotion is no driver.
    n : int
        Respondents.

    See Also
    --------
    loyaltylab.loyalty.expected_change : Makes it.
    """

    terms: tuple[str, ...]
    drivers: tuple[str, ...]
    outcome: str
    raised: float
    estimates: FloatArray
    draw_estimates: FloatArray
    not_asked: tuple[str, ...]
    n: int
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        low, high = intervals.interval(self.draw_estimates, self.conf_level)
        return {
            "term": self.terms,
            "driver": self.drivers,
            "raised": self.raised,
            "estimate": self.estimates,
            "std_error": self.draw_estimates.std(axis=0, ddof=1),
            "conf_low": low,
            "conf_high": high,
        }

    def whole(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "raised": self.raised,
            "n_tactics": len(self.terms),
            "n_not_asked": len(self.not_asked),
            "lowest": float(self.estimates.min()),
            "highest": float(self.estimates.max()),
            "n_above_zero": int((self.tidy()["conf_low"] > 0).sum()),
            "n": self.n,
            "conf_level": self.conf_level,
        }


def expected_change(
    moments: Moments,
    outcome: str,
    drivers: Sequence[str],
    tactics: Tactics,
    codebook: Codebook,
    *,
    raised: float,
    draws: Moments,
    conf_level: float = 0.95,
) -> ExpectedChange:
    """If each tactic raised its emotion by so many scale points: the difference in the outcome that goes with it.

    Parameters
    ----------
    moments : Moments
        One set, in scale points, holding the outcome and the drivers.
    outcome : str
        Name or label of the variable to explain.
    drivers : sequence of names
        All drivers of the regression. A tactic whose emotion is none of them is not computed, and counted.
    tactics : Tactics
        As `read_tactics` gives them.
    codebook : Codebook
        Says which question is nearest to an emotion, and where its answers end.
    raised : float
        Scale points, above 0. An assumption: no source says by how much a tactic raises an emotion.
    draws : Moments
        Draws of the same variables, for the intervals.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    ExpectedChange
        In scale points of the outcome.

    Raises
    ------
    DataError, ModelError
        For moments without means, a `raised` that would take the average customer beyond the end of the scale, drivers
        that determine each other, or tactics none of which can be computed.

    Notes
    -----
    Coefficients equal those of statsmodels `OLS` to 1e-10. The list `ASSUMPTIONS` belongs with every use of the numbers.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=500 seed=1")
    >>> used = ["ATTITUDINAL", "emo_trust", "emo_joy"]
    >>> expected_change(survey.moments(used), used[0], used[1:], read_tactics(), survey.codebook, raised=0.5,
    ...     draws=survey.draws(used, n_draws=200, seed=1))
    ExpectedChange, 2 rows by term: outcome ATTITUDINAL, raised 0.500, n_tactics 2, n_not_asked 6, lowest 0.113,
        highest 0.173
    """
    outcome, drivers = by_name(moments, outcome, drivers, of="moments")
    names = list(drivers)
    if not np.isfinite(raised) or raised <= 0:
        raise ModelError(f"raised is {raised:g}; give scale points above 0, such as 0.5.")
    sample = moments.select([outcome, *names])
    if sample.batch or np.isnan(sample.mean).any():
        raise DataError(
            "an expected change is in scale points; it takes one set of moments with means, and this source prints none."
        )
    asked = {tactic: driver for tactic, driver in tactics.drivers(codebook).items() if driver in names}
    if not asked:
        raise DataError(f"none of the emotions of the tactics is among the drivers {listed(names)}.")
    _check_room(sample, asked, codebook, raised)
    fit = ols(sample, outcome, names, draws=draws, conf_level=conf_level)
    assert fit.drawn is not None  # draws were given
    at = [fit.names.index(driver) for driver in asked.values()]
    result: dict[str, Any] = {
        "estimates": raised * fit.coef[at],
        "draw_estimates": raised * fit.drawn[:, at],
        "not_asked": tuple(t.name for t in tactics.tactics if t.name not in asked),
        "provenance": fit.provenance.then(f"{raised:g} scale points assumed for each tactic"),
    }
    return ExpectedChange(
        tuple(asked), tuple(asked.values()), outcome, raised, n=int(sample.n), conf_level=conf_level, **result
    )


def _check_room(m: Moments, asked: dict[str, str], codebook: Codebook, raised: float) -> None:
    """Refuse a rise that the average customer has no room for."""
    beyond = []
    for driver in dict.fromkeys(asked.values()):
        ends, mean = codebook.range_of(driver), float(m.mean[m.index([driver])[0]])
        if ends and mean + raised > ends[1]:
            beyond.append(f"{driver} (mean {mean:.2f}, highest answer {ends[1]:g})")
    if beyond:
        raise ModelError(
            f"raised is {raised:g}, which takes the average beyond the highest answer of {listed(beyond)}; take less."
        )
