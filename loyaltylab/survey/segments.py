"""Who answered the items of a loyalty metric, in segments, and whether an item fits the metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..codebook import Item, Scale
from ..core import BoolArray, DataError, Provenance, how_many, listed, pd
from ..kernels import FloatArray
from ..moments import Design, by_name, complete
from .survey import source_of

if TYPE_CHECKING:
    from .survey import Survey

#: Name of the row about everyone.
ALL = "all"
#: Segments whose scores fit a computer of 8 GB with their covariances, for some ten outcomes at once.
MOST_SEGMENTS = 1_000


@dataclass(frozen=True, eq=False)
class Answers:
    """The complete rows of a survey, and who is in which segment; member (s, n), its first row everyone.

    Attributes
    ----------
    frame : DataFrame
        The complete rows.
    design : Design
        How the rows were sampled.
    segments : sequence of str
        Names of the groups.
    member : array of bool
        (s, n), its first row everyone.
    by_unit : bool
        Whether there are clusters or strata.
    n_left_out : int
        Respondents left out.
    provenance : Provenance
        Where the numbers came from, and what was done to them.

    See Also
    --------
    loyaltylab.survey.answers_of : Makes it.
    """

    frame: pd.DataFrame
    design: Design
    segments: tuple[str, ...]
    member: BoolArray
    by_unit: bool
    n_left_out: int
    provenance: Provenance

    def __getitem__(self, name: str) -> FloatArray:
        return self.frame[name].to_numpy(dtype=float)


def answers_of(survey: Survey, names: Sequence[str], by: str | None) -> Answers:
    """The respondents complete on these variables, in segments.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    names : sequence of str
        Items and scales that must be answered.
    by : str, optional
        A segment, or None for everyone alone.

    Returns
    -------
    Answers
        With a row of `member` for everyone and for each group.

    Raises
    ------
    UnknownName, DataError
        For an absent variable or segment, a segment of more than 1,000 groups, or two groups of one label.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> answers = answers_of(simulate(n=500, seed=1), ["LOYALTY"], "sector")
    >>> answers.segments, answers.member.shape
    (('all', 'retail', 'financial services', 'automotive', 'telecom', 'other sector'), (6, 499))
    """
    names, by = by_name(survey, names, by, of="answers")
    source = source_of(survey, None, None, None, None)
    used, design = complete(source, survey.present(names))
    segments, member = [ALL], [np.ones(len(used), dtype=bool)]
    if by is not None:
        values = survey.segment_values(survey.segment(by))
        if len(values) > MOST_SEGMENTS:
            raise DataError(
                f"'{by}' has {len(values):,} groups; scores by segment hold the covariance of every two and allow "
                f"{MOST_SEGMENTS:,}. Use group_means(), which takes any number, or by=None."
            )
        for code, label in values.items():
            segments.append(label["en"])
            member.append((used[by] == code).to_numpy(dtype=bool))
    if len(set(segments)) < len(segments):
        raise DataError(f"two segments of '{by}' have the same label, or one is called '{ALL}'; rename it.")
    left_out = len(survey.frame) - len(used)
    by_unit, origin = bool(source.cluster or source.strata), survey.provenance.then(design.step)
    return Answers(used, design, tuple(segments), np.stack(member), by_unit, left_out, origin)


def range_of(survey: Survey, name: str) -> tuple[float, float]:
    """Lowest and highest possible answer of an item, or of the items of a scale.

    Parameters
    ----------
    survey : Survey
        Whose codebook says it.
    name : str
        An item or scale.

    Returns
    -------
    (float, float)
        In scale points.

    Raises
    ------
    UnknownName, DataError
        For an absent variable, or one without a range in the codebook.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> range_of(simulate(n=200, seed=1), "recommend")
    (0, 10)
    """
    name = by_name(survey, name, of="answers")
    survey.present([name])
    variable = survey.codebook.variable(name)
    item = survey.codebook.items[variable.items[0]] if isinstance(variable, Scale) and variable.items else variable
    if not isinstance(item, Item) or item.range is None:
        raise DataError(f"'{name}' has no range in the codebook '{survey.codebook.name}'; give it one, such as [1, 7].")
    return item.range


def whole_points(
    survey: Survey, name: str, allowed: Sequence[tuple[float, float]] = (), what: str = ""
) -> tuple[float, float]:
    """Range of an item answered in whole points, refused where `what` needs another range.

    Parameters
    ----------
    survey : Survey
        Whose codebook says it.
    name : str
        An item.
    allowed : sequence of (float, float)
        Ranges that will do; any where it is empty.
    what : str
        What needs them, for the sentence.

    Returns
    -------
    (float, float)
        Lowest and highest possible answer.

    Raises
    ------
    DataError
        For a scale, an answer between two points, or a range that does not fit, listing the items that do.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> whole_points(simulate(n=200, seed=1), "recommend", [(0, 10)], "a promoter score")
    (0, 10)
    """
    name = by_name(survey, name, of="answers")
    span = range_of(survey, name)
    if name in survey.codebook.scales:
        raise DataError(f"'{name}' is a scale, a mean of several items; name one of its items instead.")
    if allowed and span not in allowed:
        fits = [i.name for i in survey.codebook.items.values() if i.range in allowed and i.name in survey.frame]
        needs = " or ".join(f"{low:g} to {high:g}" for low, high in allowed)
        raise DataError(
            f"'{name}' is answered from {span[0]:g} to {span[1]:g} in the codebook '{survey.codebook.name}'; {what} needs "
            f"{needs}. Items that fit: {listed(fits)}."
        )
    answers = survey.frame[name].dropna().to_numpy(dtype=float)
    if odd := int(((answers - span[0]) % 1 != 0).sum()):
        raise DataError(between_points(name, odd, len(answers)))
    if outside := int(((answers < span[0]) | (answers > span[1])).sum()):
        raise DataError(
            f"'{name}' holds {how_many(outside, len(answers))} answers outside {span[0]:g} to {span[1]:g}; correct the file."
        )
    return span


def between_points(name: str, n: int, of: int) -> str:
    """What is said of answers between two scale points.

    Parameters
    ----------
    name : str
        The item.
    n, of : int
        How many there are, of how many answers.

    Returns
    -------
    str
        A sentence, in which a handful is not counted.

    Examples
    --------
    >>> between_points("stay", 30, 480)
    "'stay' holds 30 answers between two scale points; boxes need answers as they were given."
    """
    return f"'{name}' holds {how_many(n, of)} answers between two scale points; boxes need answers as they were given."
