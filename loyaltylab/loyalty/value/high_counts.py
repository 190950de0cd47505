"""How many elements of value a customer scores highly, and how the promoter score goes with that number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...codebook import Codebook
from ...contrasts import Inference, from_std_error, inferred
from ...core import LANGUAGES, MIN_CELL, RULES, DataError, ModelError, Provenance, Result, tr
from ...kernels import FloatArray, critical
from ...survey import Survey, range_of
from ..levels import with_segment
from ..metrics import likert_summary, net_promoter
from ..scores import Score, line_through

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HighCounts", "ScoreRatio", "high_counts", "high_from", "score_of", "score_ratio"]

SEGMENT = "n_high_elements"


@dataclass(frozen=True, eq=False)
class HighCounts(Result):
    """The score of customers by the number of elements they score highly, with the straight line through the groups.

    `slope` is the change of the score for one element more, or None where fewer than two groups can be shown; `n_falls`
    counts neighbours between which it falls.
    """

    score: Score
    counts: FloatArray
    slope: Inference | None
    n_items: int
    n_merged: int
    smallest: int
    n_left_out: int

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.score.provenance

    @property
    def conf_level(self) -> float:
        return self.score.conf_level

    keys = ("segment",)

    def __repr__(self) -> str:
        slope = "no trend" if self.slope is None else f"{self.slope.estimate:+.3g} for one more"
        return f"HighCounts of {self.n_items} elements in {len(self.counts)} groups ({self.score.measure}): {slope}"

    @property
    def verdict(self) -> str:
        """The word "rises" or "falls" where the whole interval of the slope lies on one side of zero, else "undecided".

        It is "withheld" where fewer than two groups can be shown.
        """
        if self.slope is None:
            return "withheld"
        return "rises" if self.slope.conf_low > 0 else "falls" if self.slope.conf_high < 0 else "undecided"

    @property
    def is_net(self) -> bool:
        """Whether the score is a net promoter score, or else a mean answer."""
        return self.score.limits == (-100.0, 100.0)

    def tidy(self) -> pd.DataFrame:
        data = self.score.tidy()
        data = data[data["segment"] != "all"].reset_index(drop=True)
        return data.assign(mean_count=self.counts)

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        shown = self.tidy()["estimate"].dropna().to_numpy()
        columns = {
            "slope": "estimate",
            "slope_conf_low": "conf_low",
            "slope_conf_high": "conf_high",
            "p_value": "p_value",
        }
        row = {
            "measure": self.score.measure,
            **{name: float("nan") if self.slope is None else getattr(self.slope, of) for name, of in columns.items()},
            "n_falls": int((np.diff(shown) < 0).sum()),
            "n_groups": len(self.counts),
            "n_merged": self.n_merged,
            "smallest": self.smallest,
            "n_items": self.n_items,
            "n": int(self.score.n[0]),
            "n_left_out": self.n_left_out,
            "conf_level": self.conf_level,
        }
        return pd.DataFrame({key: [value] for key, value in row.items()})


@dataclass(frozen=True, eq=False)
class ScoreRatio(Result):
    """How many times one score is another, where that means anything.

    `verdict` is "none" where a score is not above zero, "unbounded" where the lower score may be zero, so that no
    interval has ends (Fieller 1954), and "bounded" otherwise.
    """

    a: str
    b: str
    estimate: float
    conf_low: float
    conf_high: float
    verdict: str
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "against")

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        row = {"term": self.a, "against": self.b, "estimate": self.estimate, "conf_low": self.conf_low}
        row |= {"conf_high": self.conf_high, "verdict": self.verdict}
        return pd.DataFrame({key: [value] for key, value in row.items()})

    @property
    def quantity(self) -> Any:
        """The ratio for prose."""
        return self.value((self.a, self.b))

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({"verdict": [self.verdict], "conf_level": [self.conf_level]})


def high_from(codebook: Codebook, item: str) -> float:
    """The lowest answer that counts as high: the whole answer nearest to the rule `high_element` of `RULES`.

    >>> from loyaltylab import read_codebook
    >>> high_from(read_codebook("loyalty"), "elem_quality"), high_from(read_codebook("corporate_reputation"), "qual_1")
    (8.0, 6.0)
    """
    ends = codebook.range_of(item)
    if ends is None:
        raise DataError(f"'{item}' has no range in the codebook '{codebook.name}'; give it one, such as [0, 10].")
    low, high = ends
    return float(np.floor(low + RULES["high_element"][0] * (high - low) + 0.5))


def high_counts(
    survey: Survey,
    items: Sequence[str],
    outcome: str,
    *,
    at_least: float | None = None,
    cuts: Sequence[int] = (),
    smallest: int | None = None,
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> HighCounts:
    """Score of the outcome by the number of elements that a respondent scores highly.

    Parameters
    ----------
    items : sequence of str
        The elements. Who left one of them open has no number, is not used, and is counted.
    outcome : str
        An item answered from 0 to 10 gives the net promoter score, in points; anything else its mean, in scale points.
    at_least : float, optional
        Lowest answer to an element that counts as high; see `high_from` without it.
    cuts : sequence of int
        Lowest number of each group, such as 0, 1, 2, 4. Without it neighbouring numbers are put together until each
        group has `smallest` respondents: without that too, an eighth of those used and at least 60.
    min_cell : int
        As in `net_promoter`.

    Returns
    -------
    HighCounts
        The slope is that of a weighted straight line through the groups, with the error that follows from theirs.

    Raises
    ------
    DataError
        For cuts that do not rise from 0, an element without a range, or a survey in which nobody answered everything.

    References
    ----------
    Almquist, E., Senior, J., & Bloch, N. (2016). The elements of value. Harvard Business Review 94(9), 46–53.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=800 seed=1")
    >>> items = survey.codebook.of_module("elements")
    >>> found = high_counts(survey, items, "recommend", cuts=[0, 1, 4])
    >>> found.tidy()["segment"].tolist(), found.verdict
    (['0', '1–3', '4–30'], 'rises')
    """
    items = list(survey.present(items))
    limits = np.array([high_from(survey.codebook, item) if at_least is None else at_least for item in items])
    answers = survey.frame[items].to_numpy(dtype=float)
    asked = survey.frame[outcome].notna().to_numpy() & ~np.isnan(answers).any(axis=1)
    counts = np.where(asked, (answers >= limits).sum(axis=1), np.nan)
    if not asked.any():
        raise DataError(f"nobody answered '{outcome}' and all {len(items)} elements; fewer elements may help.")
    smallest = max(60, int(asked.sum()) // 8) if smallest is None else smallest
    starts = _starts(counts[asked], cuts, smallest, len(items))
    names = _names(starts, len(items))
    codes = np.where(asked, np.digitize(np.nan_to_num(counts), starts) - 1.0, np.nan)
    if (codes[asked] < 0).any():
        raise DataError(f"cuts is {list(cuts)}; the first is 0, so that everyone has a group.")
    label = tr("Highly scored elements")
    grouped = with_segment(survey, SEGMENT, label, codes, [dict.fromkeys(LANGUAGES, name) for name in names])
    left_out = int((~asked).sum())
    step = f"left out of the count: {left_out:,} with an element or the outcome unanswered"
    used = replace(grouped, frame=grouped.frame[asked].copy(), provenance=survey.provenance.then(step) if left_out else survey.provenance)  # fmt: skip
    score = score_of(used, outcome, SEGMENT, conf_level, min_cell)
    means = np.array([counts[codes == at].mean() if (codes == at).any() else np.nan for at in range(len(names))])
    shown = [at for at, name in enumerate(names) if score.is_shown(outcome, name)]
    slope = _slope(score, outcome, [names[at] for at in shown], means[shown])
    distinct = len(np.unique(counts[asked]))
    return HighCounts(score, means, slope, len(items), distinct - len(names), smallest, left_out)


def score_of(survey: Survey, outcome: str, by: str, conf_level: float, min_cell: int) -> Score:
    """The net promoter score where the outcome is an item answered from 0 to 10, else the mean answer; by group."""
    options: dict[str, Any] = {"by": by, "conf_level": conf_level, "min_cell": min_cell}
    net = range_of(survey, outcome) == (0, 10) and outcome in survey.codebook.items
    return net_promoter(survey, outcome, **options) if net else likert_summary(survey, outcome, **options)


def _starts(counts: FloatArray, cuts: Sequence[int], smallest: int, most: int) -> list[int]:
    """Lowest number of each group: as told, or merged from below until each has enough; what is left joins the last."""
    if cuts:
        starts = [int(cut) for cut in cuts]
        if starts != sorted(set(starts)) or starts[0] < 0 or starts[-1] > most:
            raise DataError(f"cuts is {starts}; allowed: whole numbers that rise, from 0 to {most}.")
        return starts
    starts, held = [0], 0
    for number in range(most + 1):
        held += int((counts == number).sum())
        if held >= smallest and number < most:
            starts.append(number + 1)
            held = 0
    return starts if held >= smallest or len(starts) == 1 else starts[:-1]


def _names(starts: Sequence[int], most: int) -> list[str]:
    ends = [*(start - 1 for start in starts[1:]), most]
    return [f"{a}" if a >= b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]


def _slope(score: Score, outcome: str, groups: Sequence[str], at: FloatArray) -> Inference | None:
    """Weighted straight line through the groups' scores; its error follows from theirs (design included)."""
    if len(groups) < 2:
        return None
    rows = [score.index.index((outcome, group)) for group in groups]
    slope, error = line_through(score, rows, at)
    if not error > 0:
        raise ModelError("nobody differs within the groups, so the trend has no standard error.")
    numbers = from_std_error(slope, error, conf_level=score.conf_level)
    labels = (score.measure, "highly scored elements")
    n = float(score.n[rows].sum())
    return inferred(
        labels, "slope", "weighted line through groups", n, score.provenance, score.conf_level, 0.0, numbers
    )


def score_ratio(score: Score, first: str, second: str) -> ScoreRatio:
    """How many times the score of one group is that of another, with Fieller's interval where it has ends.

    A ratio needs a scale with a true zero. A net promoter score has none: it may be 0 or negative, and then "20 times"
    says nothing; near 0 the ratio can be made as large as one likes.

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B 16, 175–185.
    doi:10.1111/j.2517-6161.1954.tb00159.x

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, net_promoter, read_survey
    >>> from loyaltylab.codebook import Item
    >>> app = Item("app", {"en": "App"}, role="segment", values={0: {"en": "no", "nl": "nee"}, 1: {"en": "yes", "nl": "ja"}})
    >>> items = {"recommend": Item("recommend", {"en": "Recommend"}, range=(0, 10)), "app": app}
    >>> rows = pd.DataFrame({"recommend": [10] * 45 + [3] * 15 + [10] * 31 + [3] * 29, "app": [1] * 60 + [0] * 60})
    >>> score = net_promoter(read_survey(rows, Codebook("shop", {}, items, {}, {"en": "", "nl": ""})), "recommend", by="app")
    >>> found = score_ratio(score, "yes", "no")
    >>> f"{found.estimate:.0f}", found.verdict
    ('15', 'unbounded')
    """
    i, j = score._row(first), score._row(second)
    a, b, V = score.estimates[i], score.estimates[j], score.covariances
    facts = {"provenance": score.provenance, "conf_level": score.conf_level}
    if a <= 0 or b <= 0:
        return ScoreRatio(first, second, np.nan, np.nan, np.nan, "none", **facts)
    z2 = float(critical(score.conf_level)) ** 2
    A, B, C = b**2 - z2 * V[j, j], a * b - z2 * V[i, j], a**2 - z2 * V[i, i]
    if A <= 0:
        return ScoreRatio(first, second, float(a / b), np.nan, np.nan, "unbounded", **facts)
    half = np.sqrt(max(B**2 - A * C, 0.0))
    return ScoreRatio(first, second, float(a / b), float((B - half) / A), float((B + half) / A), "bounded", **facts)
