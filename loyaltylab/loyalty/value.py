"""Elements of value: the map of a questionnaire, and whether customers who score more of them highly are more loyal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from msgspec.structs import asdict

from ..codebook import Codebook
from ..contrasts import Inference, from_std_error, inferred
from ..core import (
    LANGUAGES,
    MIN_CELL,
    RULES,
    DataError,
    Entry,
    EntryFile,
    ModelError,
    Names,
    Provenance,
    Quantity,
    Result,
    Translated,
    home,
    listed,
    pd,
    read_yaml,
    sha256,
    taken_from,
    tr,
)
from ..kernels import FloatArray, critical
from ..moments import by_name
from ..survey import Survey, range_of
from .levels import with_segment
from .metrics import likert_summary, net_promoter, top_box
from .scores import Score, line_through

# ---- How many elements of value a customer scores highly, and how the promoter score goes with that number.

SEGMENT = "n_high_elements"


@dataclass(frozen=True, eq=False)
class HighCounts(Result):
    """The score of customers by the number of elements they score highly, with the straight line through the groups.

    `slope` is the change of the score for one element more, or None where fewer than two groups can be shown; `n_falls`
    counts neighbours between which it falls.

    Attributes
    ----------
    score : Score
        By group.
    counts : array
        Mean number of high elements, by group.
    slope : Inference, optional
        Change of the score for one element more; None where there is no line.
    n_items : int
        Elements asked.
    n_merged : int
        Numbers put together with a neighbour.
    smallest : int
        Fewest respondents of a group.
    n_left_out : int
        Respondents left out.

    See Also
    --------
    loyaltylab.loyalty.high_counts : Makes it.
    """

    score: Score
    counts: FloatArray
    slope: Inference | None
    n_items: int
    n_merged: int
    smallest: int
    n_left_out: int

    provenance = taken_from("score.provenance")
    conf_level = taken_from("score.conf_level")

    keys = ("segment",)
    shown = ("measure", "slope", "n_falls", "n_groups", "n_items")

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

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups by their number of high elements, lowest first, such as "0" and "1–3"; none where one may not be shown."""
        data = self.tidy()
        return () if data["estimate"].isna().any() else tuple(data["segment"])

    def above(self, group: str, other: str) -> Quantity:
        """How far the score of one group is above that of another."""
        return self.score.contrast(group, other).quantity

    def columns(self) -> pd.DataFrame:
        data = self.score.tidy()
        data = data[data["segment"] != "all"].reset_index(drop=True)
        return data.assign(mean_count=self.counts)

    def whole(self) -> dict[str, Any]:
        shown = self.tidy()["estimate"].dropna().to_numpy()
        columns = {
            "slope": "estimate",
            "slope_conf_low": "conf_low",
            "slope_conf_high": "conf_high",
            "p_value": "p_value",
        }
        return {
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

    def columns(self) -> dict[str, Any]:
        row = {"term": self.a, "against": self.b, "estimate": self.estimate, "conf_low": self.conf_low}
        row |= {"conf_high": self.conf_high, "verdict": self.verdict}
        return {key: [value] for key, value in row.items()}

    @property
    def quantity(self) -> Any:
        """The ratio for prose."""
        return self.value((self.a, self.b))

    def whole(self) -> dict[str, Any]:
        return {"verdict": self.verdict, "conf_level": self.conf_level}


def high_from(codebook: Codebook, item: str) -> float:
    """The lowest answer that counts as high: the whole answer nearest to the rule `high_element` of `RULES`.

    Parameters
    ----------
    codebook : Codebook
        As `read_codebook` gives it.
    item : str
        A question with a range.

    Returns
    -------
    float
        In scale points.

    Raises
    ------
    DataError
        For a question without a range.

    Examples
    --------
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
    survey : Survey
        Its weights, clusters and strata are respected.
    items : sequence of str
        The elements. Who left one of them open has no number, is not used, and is counted.
    outcome : str
        An item answered from 0 to 10 gives the net promoter score, in points; anything else its mean, in scale points.
    at_least : float, optional
        Lowest answer to an element that counts as high; see `high_from` without it.
    cuts : sequence of int
        Lowest number of each group, such as 0, 1, 2, 4. Without it neighbouring numbers are put together until each
        group has `smallest` respondents: without that too, an eighth of those used and at least 60.
    smallest : int, optional
        Fewest respondents of a group; that of `min_cell` unless given.
    conf_level : float
        Level of the intervals, between 0 and 1.
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
    items, outcome = by_name(survey, items, outcome, of="answers")
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
    starts, in_group = [0], 0
    for number in range(most + 1):
        in_group += int((counts == number).sum())
        if in_group >= smallest and number < most:
            starts.append(number + 1)
            in_group = 0
    return starts if in_group >= smallest or len(starts) == 1 else starts[:-1]


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

    Parameters
    ----------
    score : Score
        By segment.
    first, second : str
        The group that is compared, and the one it is divided by.

    Returns
    -------
    ScoreRatio
        The ratio, and its interval, which may have no end.

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


# ---- `high_companies()`: how many elements each company does well on, by the rule that at least half of its customers say so.


@dataclass(frozen=True, eq=False)
class HighCompanies(Result):
    """For each company the number of high elements, the number that surely and possibly are, and its score.

    An element surely is high where the whole interval of its share lies at or above the rule, possibly where the interval
    reaches it. `conf_low` and `conf_high` are those of the score.

    Attributes
    ----------
    score : Score
        By group.
    companies : sequence of str
        Their names.
    counts : array
        High elements of each.
    surely, possibly : array
        How many surely and possibly are.
    n_items : int
        Elements asked.

    See Also
    --------
    loyaltylab.loyalty.high_companies : Makes it.
    """

    score: Score
    companies: tuple[str, ...]
    counts: FloatArray
    surely: FloatArray
    possibly: FloatArray
    n_items: int
    keys = ("segment",)

    provenance = taken_from("score.provenance")
    conf_level = taken_from("score.conf_level")

    @property
    def best(self) -> str:
        """The company with the highest score."""
        return str(self.tidy().sort_values("estimate")["segment"].iloc[-1])

    def columns(self) -> pd.DataFrame:
        rows = self.score.tidy().set_index("segment").loc[list(self.companies)].reset_index()
        columns = ["segment", "estimate", "conf_low", "conf_high", "n"]
        return rows[columns].assign(n_high_elements=self.counts, n_surely=self.surely, n_possibly=self.possibly)

    def whole(self) -> dict[str, Any]:
        return {
            "n_groups": len(self.companies),
            "lowest_count": float(self.counts.min()),
            "highest_count": float(self.counts.max()),
            "n_items": self.n_items,
            "conf_level": self.conf_level,
        }


def high_companies(
    survey: Survey, items: Sequence[str], outcome: str, by: str, *, conf_level: float = 0.95, min_cell: int = MIN_CELL
) -> HighCompanies:
    """How many elements each company does well on, and how its customers answer the outcome.

    An element is high for a company where at least the part `high_company` of `RULES` of its customers answer from
    `high_from` upwards. A company is one value of the segment `by`; those of fewer than `min_cell` customers are left out.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    items : sequence of str
        The elements; of each the customers who answered it.
    outcome : str
        As in `high_counts`.
    by : str
        The segment that says whose customer someone is.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        Groups of fewer respondents are withheld.

    Returns
    -------
    HighCompanies
        `tidy()` has a row for each company that is large enough.

    Raises
    ------
    DataError
        Where no company has enough customers.

    References
    ----------
    Almquist, E., Senior, J., & Bloch, N. (2016). The elements of value. Harvard Business Review 94(9), 46–53.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> from loyaltylab.codebook import Item
    >>> shop = Item("shop", {"en": "Shop"}, role="segment", values={1: {"en": "A", "nl": "A"}, 2: {"en": "B", "nl": "B"}})
    >>> items = {name: Item(name, {"en": name}, range=(0, 10)) for name in ("fast", "cheap", "recommend")}
    >>> rows = pd.DataFrame({"fast": [9] * 50 + [3] * 40 + [8] * 10, "cheap": [8] * 40 + [2] * 60,
    ...     "recommend": [10, 9, 8, 3] * 25, "shop": [1] * 50 + [2] * 50})
    >>> high_companies(read_survey(rows, Codebook("shops", {}, items | {"shop": shop}, {}, {"en": "", "nl": ""})),
    ...     ["fast", "cheap"], "recommend", "shop")
    HighCompanies, 2 rows by segment: n_groups 2, lowest_count 0, highest_count 2, n_items 2
    """
    items, outcome, by = by_name(survey, items, outcome, by, of="answers")
    items, half = list(survey.present(items)), RULES["high_company"][0]
    score = score_of(survey, outcome, by, conf_level, min_cell)
    companies = tuple(key[-1] for key in score.index[1:] if score.is_shown(*key))
    if not companies:
        raise DataError(f"no value of '{by}' has {min_cell} respondents who answered '{outcome}'.")
    ends: list[Any] = []
    for item in items:
        highest = survey.codebook.range_of(item)
        assert highest is not None  # high_from() asks for a range
        boxes = int(highest[1] - high_from(survey.codebook, item) + 1)
        shares = top_box(survey, item, boxes=boxes, by=by, conf_level=conf_level, min_cell=0).tidy()
        ends.append(shares.set_index("segment").loc[list(companies), ["estimate", "conf_low", "conf_high"]])
    values = np.stack([frame.to_numpy() for frame in ends]) >= half  # (items, companies, 3)
    counts, surely, possibly = values.sum(axis=0).T.astype(float)
    return HighCompanies(score, companies, counts, surely, possibly, len(items))


# ---- Elements of value in four levels and pillars of experience: which questions of a codebook stand for them, as written down.


@dataclass(frozen=True, eq=False)
class ValueMap(Result):
    """Which questions of one codebook stand for the elements of value and the pillars; a choice, and no finding.

    Attributes
    ----------
    levels : dict
        Level → its questions.
    pillars : dict
        Pillar → its question, for those that were asked.
    sides : dict
        Pillar → "emotional" or "rational", as Capgemini's split would have it; KPMG calls all of them emotional.
    elsewhere : dict
        Question → the level another reader may put it in.
    quality : str
        The question nearest to the element quality; empty where there is none.
    company : str
        The segment that tells companies apart; empty where there is one company, or it is not known.
    stand_ins : bool
        Whether other things were asked and these come nearest.
    published : dict
        Level → number of elements in the source.
    has_elements : bool
        Whether the levels are those of elements of value, and not the blocks of a codebook.

    See Also
    --------
    loyaltylab.loyalty.read_value_map : Makes it.
    """

    codebook: str
    levels: dict[str, tuple[str, ...]]
    pillars: dict[str, str]
    sides: dict[str, str]
    elsewhere: dict[str, str]
    quality: str
    company: str
    stand_ins: bool
    published: dict[str, int]
    level_labels: dict[str, dict[str, str]]
    pillar_labels: dict[str, dict[str, str]]
    provenance: Provenance
    has_elements: bool = True

    @property
    def lacks_pillars(self) -> bool:
        """Whether some of the pillars that the source names were not asked about."""
        return len(self.pillars) < len(self.sides)

    def labels(self, language: str = "en") -> dict[str, str]:
        """Levels and pillars → what they are called."""
        return {name: label[language] for name, label in (self.level_labels | self.pillar_labels).items()}

    def kept(self, has: Callable[[str], bool]) -> ValueMap:
        """The map without questions that the data lack, as `survey.has` tells."""
        from dataclasses import replace

        levels = {name: tuple(filter(has, members)) for name, members in self.levels.items()}
        return replace(
            self,
            levels={name: members for name, members in levels.items() if members},
            pillars={name: item for name, item in self.pillars.items() if has(item)},
            quality=self.quality if self.quality and has(self.quality) else "",
            company=self.company if self.company and has(self.company) else "",
        )

    @property
    def compared(self) -> tuple[str, ...]:
        """Emotional and functional value, which are set against each other; none where one of them was not asked."""
        return ("emotional", "functional") if {"emotional", "functional"} <= set(self.levels) else ()

    @property
    def is_complete(self) -> bool:
        """Whether as many questions stand for elements as the source has elements."""
        return sum(map(len, self.levels.values())) >= sum(self.published.values())

    def of_blocks(self, blocks: Mapping[str, Sequence[str]]) -> ValueMap:
        """The same with blocks of drivers for levels: they are no elements of value, and nothing is known of pillars."""
        levels = {name: tuple(members) for name, members in blocks.items()}
        nothing: dict[str, Any] = {name: {} for name in ("pillars", "elsewhere", "level_labels", "pillar_labels")}
        return replace(self, levels=levels, quality="", stand_ins=False, has_elements=False, **nothing)

    def questions(self, labels: Mapping[str, str], language: str = "en") -> dict[str, str]:
        """Question of a pillar → what the pillar is called, with what was asked where that is a stand-in."""
        names = {item: self.pillar_labels[pillar][language] for pillar, item in self.pillars.items()}
        return {item: f"{name} ({labels[item]})" if self.stand_ins else name for item, name in names.items()}

    def moved(self, towards: str) -> dict[str, tuple[str, ...]]:
        """The levels with every contested question that may stand in the level `towards` put there."""
        goes = {item for item, level in self.elsewhere.items() if level == towards}
        found = {
            level: tuple(item for item in members if item not in goes or level == towards)
            for level, members in self.levels.items()
        }
        here = [item for members in self.levels.values() for item in members if item in goes]
        found[towards] = tuple(dict.fromkeys([*found.get(towards, ()), *here]))
        return {level: members for level, members in found.items() if members}

    def pillar_blocks(self) -> dict[str, tuple[str, ...]]:
        """Emotional and rational → the questions of the pillars Capgemini's split would put there."""
        found: dict[str, tuple[str, ...]] = {}
        for side in ("emotional", "rational"):
            members = tuple(item for name, item in self.pillars.items() if self.sides[name] == side)
            if members:
                found[side] = members
        return found

    def columns(self) -> pd.DataFrame:
        rows = [(level, len(self.levels.get(level, ())), n) for level, n in self.published.items()]
        return pd.DataFrame(rows, columns=["term", "n_drivers", "n_elements"])

    def whole(self) -> dict[str, Any]:
        return {
            "n_drivers": sum(map(len, self.levels.values())),
            "n_levels": len(self.levels),
            "n_elements": sum(self.published.values()),
            "n_pillars": len(self.pillars),
            "n_pillars_named": len(self.sides),
        }


class Level(Entry, frozen=True):
    """A level of elements, and how many the source has there."""

    n: int
    label: Translated


class Pillar(Entry, frozen=True):
    """A pillar of experience, and the side where Capgemini's split would put it."""

    side: Literal["emotional", "rational"]
    label: Translated


class MapEntry(Entry, frozen=True, kw_only=True):
    """A map of one codebook: which questions stand for the levels and pillars."""

    levels: dict[str, Names]
    pillars: dict[str, str]
    elsewhere: dict[str, str]
    quality: str
    stand_ins: bool
    company: str = ""


class ValueFile(Entry, frozen=True):
    """A file of value: the elements, the pillars and what stands for them."""

    source: Translated
    levels: dict[str, Level]
    pillars: dict[str, Pillar]
    codebooks: dict[str, MapEntry]


_FILE = EntryFile("value.yml")


@lru_cache
def _file() -> tuple[ValueFile, str]:
    path = home() / "data" / "value.yml"
    return _FILE.read(ValueFile, read_yaml(path)), sha256(path)


def read_value_map(codebook: Codebook) -> ValueMap:
    """What `data/value.yml` says about a codebook.

    A codebook it does not name has no levels and no pillars: take its own blocks instead.

    Parameters
    ----------
    codebook : Codebook
        As `read_codebook` gives it.

    Returns
    -------
    ValueMap
        Levels, pillars and what was asked for each; the codebook's own blocks where the file does not name it.

    Raises
    ------
    CodebookError
        Naming the question or level of the file that does not exist.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> read_value_map(read_codebook("loyalty"))
    ValueMap, 4 rows by term: n_drivers 30, n_levels 4, n_elements 30, n_pillars 6, n_pillars_named 6
    >>> read_value_map(read_codebook("corporate_reputation")).levels["life_changing"]
    ('like_1', 'attr_2')
    """
    found, digest = _file()
    entry = found.codebooks.get(codebook.name)
    common = {
        "codebook": codebook.name,
        "sides": {name: pillar.side for name, pillar in found.pillars.items()},
        "published": {name: level.n for name, level in found.levels.items()},
        "level_labels": {name: level.label for name, level in found.levels.items()},
        "pillar_labels": {name: pillar.label for name, pillar in found.pillars.items()},
        "provenance": Provenance("published", found.source, sha256=digest),
    }
    if entry is None:
        return ValueMap(levels={}, pillars={}, elsewhere={}, quality="", company="", stand_ins=False, **common)
    levels = {
        level: tuple(item for name in members for item in codebook.items_of(name) or (name,))
        for level, members in entry.levels.items()
    }
    _check(entry, levels, found.levels, found.pillars, codebook.name)
    return ValueMap(**{**asdict(entry), "levels": levels}, **common)


def _check(
    entry: MapEntry, members: Mapping[str, Sequence[str]], levels: Iterable[str], pillars: Iterable[str], name: str
) -> None:
    """Refuse a level, pillar or question that does not exist, and a question in two levels."""
    where, items = ("codebooks", name), [item for level in members.values() for item in level]
    for key, given, known in (
        ("levels", members, levels),
        ("elsewhere", entry.elsewhere.values(), levels),
        ("pillars", entry.pillars, pillars),
        ("elsewhere", entry.elsewhere, items),
        ("quality", filter(None, [entry.quality]), items),
    ):
        for one in given:
            _FILE.known(one, known, *where, key)
    if twice := {item for item in items if items.count(item) > 1}:
        raise _FILE.wrong(f"has {listed(sorted(twice))} in two of them", *where, "levels")
