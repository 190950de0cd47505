"""A first codebook from the file alone: `draft_codebook` guesses what each column is, which belong together, and says so."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from unicodedata import category

import numpy as np

from ..codebook import BLOCKS, DATED, NO_RANGE
from ..core import check_known, listed, pd, tr
from ..kernels import alpha, item_rest
from .computed import computed
from .files.cells import Cells, options_of
from .files.raw_table import RawTable, raw_of_frame, read_raw
from .files.survey_tools import leads, numbered
from .vocabulary import WordScale, called, graded, kind_of_words, word_scale

if TYPE_CHECKING:
    from ..kernels import FloatArray

# ---- What a column of an unknown survey probably is, guessed from its header, its labels and how often each answer stands.
#
# No answer of a respondent is kept: a text comes out only if it means "no answer" or at least ten people gave it.

#: Fewer people than this never come out as a group.
FEWEST = 10
#: One row in so many is a stray one: it makes a question no other, and check says which it is.
STRAY = 50
#: A segment with more groups than this is rather left out.
MOST_GROUPS = 20
OPEN = "open or varied text; open answers never appear in a report"
SEVERAL = "several answers in a cell; each option is a box under sets, or has a column of its own"
BLANKS = {"", "nan", "NaN", "<NA>", "NaT"}
_NO_ANSWER = called("no_answer", r"^\W*$|^\W*{}(\b(\W|or|of)+{})*\b[\W\d]*$")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2})?")
NEGATIVE = {-1, -2, -7, -8, -9, -66, -77, -88, -97, -98, -99, -999, -9999}
HIGH = {66, 77, 88, 96, 97, 98, 99, 666, 777, 888, 996, 997, 998, 999, 9997, 9998, 9999, 99999}
SCALES = ((0, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 7), (1, 10), (0, 10))


def _stands_for_none(text: str) -> bool:
    """Whether a text stands for no answer: by its words, or a stop or dash alone; stars and smileys are answers.

    >>> [_stands_for_none(text) for text in ("weet niet", "-", "#DIV/0!", "★★☆", "+", "🙂")]
    [True, True, True, False, False, False]
    """
    return bool(_NO_ANSWER.match(text)) and not any(category(sign) in ("So", "Sm", "Sk") for sign in text.strip("−"))


@dataclass(frozen=True)
class Tally:
    """How often each answer of a column stands in the file.

    Parameters
    ----------
    numbers, texts : dict
        Number, or stripped text that is no number → rows. Blank cells are in neither.
    """

    numbers: dict[float, int]
    texts: dict[str, int]

    @property
    def rows(self) -> int:
        """Rows that hold something."""
        return sum(self.numbers.values()) + sum(self.texts.values())

    def without(self, codes: tuple[Any, ...]) -> Tally:
        """The same without these codes."""
        return Tally(
            {value: count for value, count in self.numbers.items() if value not in codes},
            {text: count for text, count in self.texts.items() if text not in codes},
        )

    @property
    def whole(self) -> bool:
        """Whether it holds numbers, and whole ones only."""
        return bool(self.numbers) and all(value % 1 == 0 for value in self.numbers)


@dataclass
class Guess:
    """What a column probably is; `left_out` says why it is no item at all, `why` the reason of each guess by field.

    `code` is the name without what a tool puts around it: q1 of "q1. How satisfied are you?", price of views/price.
    `stated` are codes that the file itself calls answers: no guess makes them anything else, nor narrows their range.
    `step` is how far its answers lie apart, where its range is that of a battery on a scale of its own; 0 elsewhere.
    """

    name: str
    label: str
    code: str = ""
    range: tuple[float, float] | None = None
    missing: tuple[Any, ...] = ()
    values: dict[Any, str] = field(default_factory=dict)
    role: str = ""
    reverse: bool = False
    left_out: str = ""
    block: str = ""
    metric: str = ""
    format: str = ""
    box_of: str = ""
    made_of: tuple[str, ...] = ()
    stated: tuple[Any, ...] = ()
    step: float = 0
    why: dict[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=lambda: Tally({}, {}))

    @property
    def graded(self) -> bool:
        """Whether it looks like a graded answer: a range of at least four steps, no role."""
        return bool(self.range) and self.steps >= (2 if self.format else 3) and self.role in ("", "outcome")

    @property
    def steps(self) -> float:
        """How many steps its range has, from one end to the other; infinite without one."""
        return (self.range[1] - self.range[0]) / (self.step or 1) if self.range else np.inf

    @property
    def few(self) -> bool:
        """Whether it is answered in a few steps, and not from 0 to 100."""
        return bool(self.range) and (self.range[1] <= 10 or self.steps <= 10)


def tally(column: pd.Series) -> Tally:
    """Count every answer of a column, read as `read_survey` reads it.

    >>> import pandas as pd
    >>> tally(pd.Series(["1", " 1", "BLANK", "", None]))
    Tally(numbers={1.0: 2}, texts={'BLANK': 1})
    """
    try:
        counts = column.value_counts()
    except TypeError:  # lists and the like, which cannot be counted as they are
        counts = column.astype(str).value_counts()
    if pd.api.types.is_numeric_dtype(column):
        return Tally(dict(sorted(zip(counts.index.astype(float), map(int, counts), strict=True))), {})
    texts: Counter[str] = Counter()
    for value, count in counts.items():
        texts[str(value).strip()] += int(count)
    texts = Counter({text: texts[text] for text in sorted(texts) if text not in BLANKS})
    numbers: Counter[float] = Counter()
    for text, number in zip(texts, pd.to_numeric(pd.Series([*texts], dtype=object), errors="coerce"), strict=True):
        numbers[float(number)] += texts[text]
        texts[text] *= bool(np.isnan(number))
    return Tally({value: numbers[value] for value in sorted(numbers) if not np.isnan(value)}, dict(+texts))


def whole(code: Any) -> Any:
    """A code as it is best written: 99, not 99.0."""
    if not isinstance(code, (int, float, np.number)):
        return code
    return int(code) if np.isfinite(code) and code == int(code) else float(code)


def snapped(low: float, high: float, reaches_seven: bool = True) -> tuple[float, float] | None:
    """The common response scale that covers these answers; None where there is none.

    >>> snapped(2, 6), snapped(0, 8), snapped(18, 91), snapped(0, 4000), snapped(-1, 2)
    ((1, 7), (0, 10), (0, 100), None, (-2, 2))
    """
    if (low, high) == (0, 0):
        return (0, 1)
    if low < 0:  # from −3 to 3: what one side has, the other has as well
        top = int(np.ceil(max(-low, high)))
        return (-top, top) if top <= 3 or -low == top <= 10 else None
    if low >= 1 and high == 6 and not reaches_seven:
        return (1, 6)
    if low == 0 and 1 < high <= 6:
        return (0, int(np.ceil(high)))
    for scale in (*SCALES, (0, 100)):
        if scale[0] <= low and high <= scale[1]:
            return scale if high <= 10 or high > 50 else None  # 1 to 33: a list of airlines rather than a scale
    return None


def guess(
    name: str,
    found: Tally,
    labels: dict[Any, str],
    title: str,
    marked: tuple[Any, ...],
    reach: float = 0.0,
    code: str = "",
    tens: bool = False,
) -> Guess:
    """What one column probably is.

    Parameters
    ----------
    labels, title, marked
        Value labels, question and missing codes that the file itself states; empty for most.
    reach : float
        How far below zero other questions of the file are answered: 2 where they go from −2 to 2.
    tens : bool
        Whether most questions of the file are answered up to 10, so that 8 and 9 are answers.
    code : str
        The name without what a tool puts around it, if there is anything.
    """
    label = next(filter(None, (" ".join(re.sub(r"<[^<>]+>", " ", text).split()) for text in (title, name))), name)
    drawn = Guess(name, label, code.strip() or name.strip())
    stated = tuple(whole(code) for code in marked if not isinstance(code, tuple))
    drawn.tally = found = found.without(stated)
    drawn.missing = stated
    if stated:
        drawn.why["missing"] = "the file marks them as missing"
    answers = {
        whole(c): str(label)
        for c, label in labels.items()
        if not _stands_for_none(str(label)) and whole(c) not in stated
    }
    drawn.stated = tuple(code for code in answers if isinstance(code, (int, float)))
    if called("technical").fullmatch(drawn.code) or (
        called("meta").fullmatch(drawn.code) and not _rated(found, answers)
    ):
        drawn.left_out = "date, technical or personal column"
    elif not found.rows:
        drawn.left_out = "no answers"
    elif not np.isfinite(list(found.numbers)).all():
        drawn.left_out = "holds infinite numbers"
    else:
        _codes(drawn, labels, reach, tens)
        _kind(drawn, labels)
    return drawn


def _rated(found: Tally, labels: Mapping[Any, str] = MappingProxyType({})) -> bool:
    """Whether the answers are those of a rating, whatever the header says: a few whole numbers, or labels that grade."""
    few = found.whole and not found.texts and 3 <= len(found.numbers) <= 11 and max(found.numbers) <= 11
    return bool(few and min(found.numbers) >= -5) or (bool(found.numbers) and len(labels) > 2 and graded(labels))


def _codes(drawn: Guess, labels: dict[Any, str], reach: float, tens: bool = False) -> None:
    """Missing codes that one column shows by itself: by a label, as a text, or far away from the rest."""
    found, why = drawn.tally, []
    labelled = tuple(code for code, label in labels.items() if _stands_for_none(str(label)))
    if labelled:
        inside = [c for c in labelled if c in found.numbers or c in found.texts]
        why.append(f"{_shown(inside or labelled)} labelled as no answer")
    texts = tuple(text for text in found.texts if _stands_for_none(text))
    if any(text.strip("+ ") == "" for text in found.texts):  # of + and - each is an answer
        texts = tuple(text for text in texts if set(text) - set("-–−/ "))
    if texts:
        why.append(f"{_shown(texts)} in place of an answer")
    apart = tuple(code for code in _apart(found.without(labelled), reach, tens) if whole(code) not in drawn.stated)
    if apart:
        why.append(f"{_shown(apart)} far from the other answers")
    codes = tuple(dict.fromkeys(whole(code) for code in (*labelled, *apart, *texts) if str(code).strip()))
    drawn.missing = tuple(dict.fromkeys((*drawn.missing, *codes)))
    drawn.tally = found.without(codes)
    if why:
        drawn.why["missing"] = "; ".join(filter(None, (drawn.why.get("missing"), *why)))


def bipolar(found: Tally) -> float:
    """How far a scale goes on both sides of zero, such as 2 for −2 to 2; 0 for any other.

    >>> bipolar(Tally({-2.0: 5, -1.0: 4, 0.0: 9, 1.0: 7, 2.0: 3}, {})), bipolar(Tally({-1.0: 5, 1.0: 4, 2.0: 9}, {}))
    (2.0, 0.0)
    """
    values = set(found.numbers)
    top = max(values, default=0.0)
    both = (
        found.whole
        and 1 < top <= 5
        and min(values) == -top
        and values >= {v for v in range(int(-top), int(top) + 1) if v}
    )
    return top if both else 0.0


def _to_ten(counts: Mapping[str, Tally]) -> bool:
    """Whether most ratings of a file go beyond 9: in such a file 9 is an answer, though few gave it."""
    held = [[v for v in found.numbers if v not in HIGH] for found in counts.values() if not found.texts]
    ratings = [max(values) for values in held if 3 <= len(values) <= 40 and min(values) >= 0 and max(values) <= 10]
    return 2 * sum(top > 9 for top in ratings) > len(ratings)


def _apart(found: Tally, reach: float = 0.0, tens: bool = False) -> tuple[float, ...]:
    """Customary codes among whole numbers that stand apart from all others."""
    if not found.whole:
        return ()
    reach = max(reach, bipolar(found))
    within = reach and max(found.numbers) <= reach and min(found.numbers) >= -reach
    negative = [] if within else [v for v in found.numbers if v < 0]
    codes = negative if set(negative) <= NEGATIVE else []
    rest = [v for v in found.numbers if v >= 0]
    if codes and -1 in codes and (not rest or max(rest) < 2):
        codes = []
    kept = [v for v in rest if v not in HIGH]
    top = _top({v: found.numbers[v] for v in kept})
    codes += [v for v in rest if v in HIGH and (top <= 11 or (v >= 666 and top <= 120))]
    small = [v for v in kept if v not in (8, 9)]
    ends = max(small, default=0)
    by_steps = not tens and (ends in (4, 5) or (ends == 7 and 8 not in kept))
    if sum(found.numbers.values()) >= 20 and len(small) >= 3 and by_steps:
        codes += [v for v in kept if v in (8, 9)]
    return tuple(sorted(codes)) if len(codes) < len(found.numbers) else ()


def _top(counts: Mapping[float, int]) -> float:
    """The highest answer, a stray one in fifty left aside: one 55 among 1 to 5 hides no 99."""
    total, seen = sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= 0.98 * total:
            return value
    return np.inf


def _kind(drawn: Guess, labels: dict[Any, str]) -> None:
    """Role, range or reason to leave it out; the tally is already without missing codes."""
    found, name = drawn.tally, drawn.code
    few = found.whole and max(found.numbers) <= 11
    all_differ = found.whole and found.rows == len(found.numbers)
    if all_differ and found.rows <= 50:  # as few may differ by chance, but not stand in a row
        all_differ = found.rows >= 10 and max(found.numbers) - min(found.numbers) == found.rows - 1
    strays = sum(found.texts.values())
    if strays and STRAY * strays <= found.rows and _rated(Tally(found.numbers, {}), labels):
        drawn.tally = Tally(found.numbers, {})
        _kind(drawn, labels)
        drawn.why["range"] = f"{drawn.why.get('range', '')}; beside texts in {strays} of {found.rows} rows".strip("; ")
    elif strays:
        _text(drawn, labels)
    elif not found.numbers:
        drawn.left_out = "no answers"
    elif called("weight").fullmatch(name) and min(found.numbers) >= 0 and not few:
        drawn.role, drawn.why["role"] = "weight", "its name"
    elif called("duration").fullmatch(name) and not _rated(found, labels):
        drawn.role, drawn.why["role"] = "duration", "its name; in seconds?"
    elif called("cluster").fullmatch(name) and 1 < len(found.numbers) < found.rows and not labels:
        drawn.role, drawn.why["role"] = "cluster", "its name, and values that return: rows that belong together?"
    elif all_differ or _is_number_of_one(drawn):
        _respondent(drawn)
    elif found.whole and _about_respondent(drawn):
        if len(found.numbers) > MOST_GROUPS:
            drawn.why["range"] = "about the respondent, by its name"
            return
        drawn.role, drawn.why["role"] = "segment", "about the respondent, by its name"
        drawn.values = {
            whole(code): " ".join(str(label).split())
            for code, label in labels.items()
            if whole(code) not in drawn.missing
        }
        drawn.values |= (
            {} if not drawn.values else {whole(c): str(whole(c)) for c in found.numbers if whole(c) not in drawn.values}
        )
    elif _averages_one(found):
        drawn.role, drawn.why["role"] = "weight", "positive, with decimals, mean about 1"
    else:
        _numbers(drawn, labels)


def _is_number_of_one(drawn: Guess) -> bool:
    """Whether a header says that the numbers are those of respondents, or of people where they are too many to be a rating."""
    if any(called("respondent").fullmatch(text) for text in (drawn.code, drawn.label)):
        return True
    return bool(called("person").fullmatch(drawn.code)) and drawn.tally.whole and len(drawn.tally.numbers) > 11


def _in_words(text: str) -> str:
    """A header as words: Q20Age is "Q20 Age", and like_1 "like 1"."""
    return " ".join(re.sub(r"_|(?<=[a-z0-9])(?=[A-Z])", " ", text).split())


def _about_respondent(drawn: Guess) -> bool:
    """Whether a question is about who answers, by its words."""
    texts = [_in_words(text) for text in (drawn.code, drawn.label)]
    return any(
        called("background").search(text) or (len(text.split()) <= 3 and called("background_in_short").search(text))
        for text in texts
    )


def _averages_one(found: Tally) -> bool:
    if found.whole or min(found.numbers) <= 0 or len(found.numbers) < 5:
        return False
    mean = np.average(list(found.numbers), weights=list(found.numbers.values()))
    return bool(abs(mean - 1) < 0.05 and found.rows >= 20)


def _respondent(drawn: Guess) -> None:
    """A number that tells respondents apart, or groups their rows."""
    found = drawn.tally
    if len(found.numbers) + len(found.texts) < found.rows:
        drawn.role, drawn.why["role"] = "cluster", "its name, and values that return: several rows a respondent?"
    else:
        drawn.role, drawn.why["role"] = "respondent", "different in every row"


def _text(drawn: Guess, labels: dict[Any, str]) -> None:
    """A column with texts that are no missing codes: a few groups, or nothing to analyse."""
    found = drawn.tally
    if called("respondent").fullmatch(drawn.code):
        return _respondent(drawn)
    answers = Counter({str(whole(value)): count for value, count in found.numbers.items()}) + Counter(found.texts)
    common = {text: count for text, count in sorted(answers.items()) if count >= FEWEST and len(text) <= 60}
    dates = sum(n for text, n in found.texts.items() if DATE.fullmatch(text) or DATED.fullmatch(text))
    if dates > 0.9 * found.rows:
        drawn.left_out = "dates or times"
    elif sum(found.numbers.values()) > 0.5 * found.rows:
        drawn.left_out = "numbers mixed with texts that are not known to mean 'no answer'"
    elif len(answers) <= MOST_GROUPS and len(common) >= 2 and sum(common.values()) >= 0.8 * found.rows:
        rare = len(answers) - len(common)
        drawn.role, drawn.values = "segment", {text: str(labels.get(text, "")).strip() or text for text in common}
        drawn.why["role"] = f"{len(answers)} different texts"
        if rare:
            drawn.why["values"] = f"{rare} given by fewer than {FEWEST} not listed"
    else:
        drawn.left_out = OPEN


def _numbers(drawn: Guess, labels: dict[Any, str]) -> None:
    """A segment with value labels, a graded answer, or a number of another kind."""
    found = drawn.tally
    names = {whole(k): " ".join(str(v).split()) for k, v in labels.items() if whole(k) not in drawn.missing}
    codes = [whole(value) for value in found.numbers]
    groups = len(codes) <= MOST_GROUPS and sum(code in names for code in codes) >= 0.6 * len(codes)
    rating = graded(names)
    if rating and len(names) > 1 and found.whole:
        ends = [*(k for k in names if isinstance(k, (int, float))), *codes]
        drawn.range, drawn.why["range"] = (whole(min(ends)), whole(max(ends))), "the file labels its steps"
    elif groups and not rating:
        every = sorted({*codes, *(k for k in names if isinstance(k, (int, float)) and np.isfinite(k))})
        drawn.role, drawn.values = "segment", {code: names.get(code) or str(code) for code in every}
        drawn.why["role"] = "the file labels its codes"
    elif found.whole or max(found.numbers) <= 10 or len(codes) > MOST_GROUPS:
        drawn.range = snapped(codes[0], codes[-1])
        drawn.why["range"] = f"answers from {codes[0]:g} to {codes[-1]:g}"
    if not drawn.role and not drawn.range:
        drawn.why["range"] = "no common response scale; give one if it is asked on a scale"


def _shown(codes: Any) -> str:
    """Codes in a comment, on one line whatever they hold."""
    return ", ".join(
        f"{code:g}" if not isinstance(code, str) else code if code.isprintable() else ascii(code) for code in codes
    )


# ---- Guesses that take several columns of an unknown survey at once: codes beside a scale, items that form a scale.

#: Highest answer of a scale → the code that often stands one above it.
ABOVE = {5: 6, 7: 8, 10: 11}
#: Correlation from which another question tells whether a code orders with the answers.
TELLING = 0.2


@dataclass(frozen=True)
class Family:
    """Columns with one header stem and one range whose answers hang together; `alpha` is standardised."""

    name: str
    items: tuple[str, ...]
    alpha: float
    turned: tuple[str, ...] = ()


def stem(name: str) -> str:
    """What a header shares with those beside it; empty where it says nothing.

    >>> [stem(name) for name in ("like_1", "Q4_2", "q1a", "trust10", "Q7FOOD", "Q8", "G2Q1", "age")]
    ['like', 'Q4', 'q1', 'trust', 'Q7', '', '', '']
    """
    if re.fullmatch(r"G\d+Q\d+", name.strip(), re.IGNORECASE):  # LimeSurvey: a question of a page
        return ""
    name = re.sub(r"\[[A-Za-z]*(\d+)\]$", r"_\1", name.strip())  # LimeSurvey: mening[SQ001]
    for pattern in (r"(.*?\w)[\W_]*\d+", r"(.*\d)[\W_]*[a-zA-Z]", r"([a-zA-Z]+\d+)[\W_]*[a-zA-Z_].*"):
        found = re.fullmatch(pattern, name)
        if found and not called("generic").fullmatch(found[1].strip("_")) and not found[1].isdigit():
            return found[1].strip("_ -.")
    return ""


def _core(drawn: Guess) -> tuple[float, float] | None:
    """The answers of a small whole-number scale without a code at its ends; None for other columns."""
    values = list(drawn.tally.numbers)
    small = drawn.tally.whole and len(values) >= 3 and values[0] >= 0 and values[-1] <= 11
    if not small or drawn.role or drawn.left_out or drawn.tally.rows < 20:
        return None
    high = next((top for top, code in ABOVE.items() if code == values[-1]), values[-1])
    low = 1 if values[0] == 0 and high <= 7 and {1, 2} <= set(values) and values[-1] > 2 else values[0]
    return low, high


def mark_codes(guesses: Mapping[str, Guess], frame: pd.DataFrame) -> None:
    """Move 0 and one-above-the-top to the missing codes where they do not order with the answers.

    A real step beyond the end of a scale goes with answers to other questions that lie further out still. A code does
    not. Where a column cannot tell, most of the others decide.
    """
    cores = {name: core for name, drawn in guesses.items() if (core := _core(drawn))}
    held = {name: set(guesses[name].tally.numbers) for name in cores}
    asked = [
        (name, code)
        for name, (low, high) in cores.items()
        for code in (0.0, high + 1)
        if code in held[name] and not low <= code <= high and code not in guesses[name].stated
    ]
    if not asked:
        return
    verdicts, linked = _verdicts({name: frame[name] for name in cores}, cores, asked)
    votes: dict[tuple[float, float], Counter[bool | None]] = {}
    for name, code in asked:
        votes.setdefault(_ballot(code, cores[name]), Counter())[verdicts[name, code]] += 1
    for name, code in asked:
        verdict = verdicts[name, code]
        if verdict is None:
            alike = [held[other] for other in cores if other != name and cores[other][1] == cores[name][1]]
            # what 6 means in a rating says nothing about a list of six
            related = code == 0 or any(verdicts.get((other, code)) for other in linked[name])
            verdict = _by_the_others(code, cores[name], votes[_ballot(code, cores[name])], alike, related)
        if verdict or (code == 11 and called("recommend").search(f"{guesses[name].code} {guesses[name].label}")):
            _move(guesses[name], code, *cores[name])


def _by_the_others(
    code: float, core: tuple[float, float], vote: Counter[bool | None], alike: list[set[float]], related: bool
) -> bool:
    """Whether the other columns make it a code: most found it to be one, or two in three with this scale lack it."""
    few_steps = code == 0 and core[1] < 4  # could be a count: only a habit of the whole file tells
    if related and vote[True] > vote[False] and vote[True] >= (3 if few_steps else 1):
        return True
    without = sum(code not in answers for answers in alike)
    return not few_steps and without >= 2 and 3 * without >= 2 * len(alike)


def _ballot(code: float, core: tuple[float, float]) -> tuple[float, float]:
    """Columns that decide together: 0 means the same in a whole file, 6 only beside 1 to 5."""
    return (0, 0) if code == 0 else (code, core[1])


def _verdicts(
    columns: Mapping[str, pd.Series], cores: Mapping[str, tuple[float, float]], asked: list[tuple[str, float]]
) -> tuple[dict[tuple[str, float], bool | None], dict[str, set[str]]]:
    """Whether each code stands apart, by what related columns lead one to expect; and which are related."""
    numbers = {name: pd.to_numeric(column, errors="coerce") for name, column in columns.items()}
    inside = pd.DataFrame({name: numbers[name].where(numbers[name].between(*cores[name])) for name in cores})
    scores = ((inside - inside.mean()) / inside.std()).to_numpy(dtype=float)
    links = np.nan_to_num(inside.corr(min_periods=20).to_numpy())
    links = np.where((np.abs(links) >= TELLING) & ~np.eye(len(links), dtype=bool), links, 0)
    known = np.isfinite(scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = (np.where(known, scores, 0) @ links) / (known @ np.abs(links))
    names = list(cores)
    linked = {name: {names[k] for k in np.flatnonzero(row)} for name, row in zip(names, links, strict=True)}
    return {
        (name, code): _stands_apart(
            expected[:, names.index(name)], numbers[name].to_numpy(dtype=float), code, cores[name]
        )
        for name, code in asked
    }, linked


def _stands_apart(expected: FloatArray, answers: FloatArray, code: float, core: tuple[float, float]) -> bool | None:
    low, high = core
    outward = 1 if code > high else -1
    end = (answers >= high - 1) & (answers <= high) if outward > 0 else (answers >= low) & (answers <= low + 1)
    coded, ends = (x[np.isfinite(x)] for x in (expected[answers == code], expected[end]))
    if len(coded) < 5 or len(ends) < 5:
        return None
    spread = np.nanstd(expected) * np.sqrt(1 / len(coded) + 1 / len(ends))
    if not spread > 0:
        return None
    z = outward * (coded.mean() - ends.mean()) / spread
    return True if z < -2 else False if z > 0 else None


def _move(drawn: Guess, code: float, low: float, high: float) -> None:
    inside = sum(count for value, count in drawn.tally.numbers.items() if low <= value <= high)
    share = inside / drawn.tally.rows
    drawn.tally = drawn.tally.without((code,))
    drawn.missing = (*drawn.missing, int(code))
    drawn.range = snapped(min(drawn.tally.numbers), max(drawn.tally.numbers))
    drawn.why["range"] = f"answers from {min(drawn.tally.numbers):g} to {max(drawn.tally.numbers):g}"
    why = f"{low:g} to {high:g} cover {share:.0%} of answers; {code:g} is likely a code"
    drawn.why["missing"] = "; ".join(filter(None, (drawn.why.get("missing"), why)))


def settle_batteries(guesses: Mapping[str, Guess], frame: pd.DataFrame) -> None:
    """Give the questions of a battery the range they share, on whatever scale: 11 to 15, or 100, 200 … 500.

    One column of such numbers may be a year, an amount or the code of a place. Several that go together in the same few
    steps, of which none is left out, are answers on one scale; what lies beyond it is a code for no answer.
    """
    open_ = {name: core for name, drawn in guesses.items() if (core := _steps_held(drawn))}
    for members in _overlapping(open_):
        values = sorted(set().union(*(open_[name] for name in members)))
        step = math.gcd(*(int(value - values[0]) for value in values))
        if values[-1] - values[0] != step * (len(values) - 1) or not _is_numbering(values[0], values[-1], step):
            continue
        steps = {whole(value) for value in values}
        belong = [n for n in members if 2 * len(open_[n]) >= len(values) and not steps & {*guesses[n].missing}]
        belong = _related(belong, open_, frame)
        if not any(guesses[name].range is None for name in belong) or not _ends_used(values, belong, guesses):
            continue
        for name in belong:
            drawn, ends = guesses[name], (whole(values[0]), whole(values[-1]))
            beyond = tuple(whole(v) for v in drawn.tally.numbers if v not in open_[name])
            drawn.range, drawn.step = ends, float(step)
            drawn.why["range"] = f"{len(belong)} questions that go together are answered from {ends[0]} to {ends[1]}"
            drawn.why["range"] += f" in steps of {step}" if step > 1 else ""
            if beyond:
                drawn.missing, drawn.tally = (*drawn.missing, *beyond), drawn.tally.without(beyond)
                why = f"{_shown(beyond)} far from the other answers"
                drawn.why["missing"] = "; ".join(filter(None, (drawn.why.get("missing"), why)))


def _is_numbering(low: float, high: float, step: float) -> bool:
    """Whether someone may have numbered the 4 to 11 answers of a scale so: hours and degrees begin anywhere.

    >>> [_is_numbering(*ends) for ends in ((11, 15, 1), (100, 500, 100), (-50, 50, 10), (8, 18, 1), (5, 55, 5))]
    [True, True, True, False, False]
    """
    n = (high - low) / step + 1
    if step == 1:
        return 4 <= n <= 11 and (low % 10 in (0, 1) or low == -high)
    return (4 <= n <= 11 and low in (0, -high)) or (4 <= n <= 7 and low == step)


def _ends_used(values: Sequence[float], names: Sequence[str], guesses: Mapping[str, Guess]) -> bool:
    """Whether one in fifty answers is that of an end: a scale stops there, and ages or degrees thin out."""
    n = sum(((Counter(guesses[name].tally.numbers)) for name in names), Counter())
    return 50 * max(n[values[0]], n[values[-1]]) >= sum(n[value] for value in values)


def _steps_held(drawn: Guess) -> frozenset[float]:
    """The answers of a column that may be one of a battery on a scale of its own, without customary codes above them; or none."""
    values = drawn.tally.numbers
    if drawn.role or drawn.left_out or drawn.values or drawn.format or drawn.metric or drawn.box_of:
        return frozenset()
    if not drawn.tally.whole or drawn.tally.texts or drawn.tally.rows < 20 or _measures(drawn):
        return frozenset()
    if "about the respondent" in drawn.why.get("range", "") or "labels its steps" in drawn.why.get("range", ""):
        return frozenset()
    core = [value for value in values if value not in HIGH]
    core = core if core and max(core) < min((v for v in values if v in HIGH), default=np.inf) else [*values]
    years = min(core) >= 1900 and max(core) <= 2100
    return frozenset() if years or not 3 <= len(core) <= 11 else frozenset(core)


def _measures(drawn: Guess) -> bool:
    """Whether a header or label says that something is counted, dated or measured."""
    texts = [_in_words(text) for text in (drawn.code, drawn.label)]
    return any(
        called("amount").search(text) or (len(text.split()) <= 3 and called("amount_in_short").search(text))
        for text in texts
    )


def _overlapping(held: Mapping[str, frozenset[float]]) -> list[list[str]]:
    """Columns of which each shares half of its answers or more with the others of its group."""
    groups: list[list[str]] = []
    for name in sorted(held, key=lambda name: -len(held[name])):
        of = (group for group in groups if 2 * len(held[name] & held[group[0]]) >= len(held[name]))
        if (group := next(of, None)) is None:
            groups.append([name])
        else:
            group.append(name)
    return [[name for name in held if name in group] for group in groups]


def _related(names: Sequence[str], held: Mapping[str, frozenset[float]], frame: pd.DataFrame) -> list[str]:
    """Those whose answers go with those of the others: three or more, or two of one stem."""
    numbers = {name: pd.to_numeric(frame[name], errors="coerce").astype(float) for name in names}
    inside = pd.DataFrame({name: column.where(column.isin(held[name])) for name, column in numbers.items()})
    if len(names) < 2:
        return []
    links = np.abs(np.nan_to_num(inside.corr(min_periods=20).to_numpy()))
    again = np.tril(links > 0.95, -1).any(axis=1)  # one column twice
    links[links > 0.95] = 0
    least = np.clip(3 / np.sqrt(inside.notna().sum().to_numpy()), TELLING, 0.5)  # what chance hardly gives
    sure = [name for name, row, needed in zip(names, links, least, strict=True) if row.max() >= needed]
    sure = [name for name, twice in zip(names, again, strict=True) if name in sure and not twice]
    of_one_stem = len({stem(name) for name in sure}) == 1 and bool(stem(sure[0]))
    if len(sure) < (2 if of_one_stem else 3):
        return []
    return [name for name, row in zip(names, links, strict=True) if row.max() >= TELLING]


def settle_ranges(guesses: Mapping[str, Guess]) -> None:
    """One range within a header stem, the widest; 1 to 6 where nothing in the file reaches 7; the 0-10 question."""
    scaled = {name: drawn for name, drawn in guesses.items() if drawn.graded}
    highest = {max(drawn.tally.numbers) for drawn in scaled.values()}
    groups: dict[str, list[Guess]] = {}
    for drawn in scaled.values():
        low, high = min(drawn.tally.numbers), max(drawn.tally.numbers)
        if drawn.format or drawn.step or "labels its steps" in drawn.why.get("range", ""):
            continue
        drawn.range = snapped(low, high, bool(highest & {7.0})) or drawn.range
        if called("recommend").search(f"{drawn.code} {drawn.label}") and drawn.range in ((0, 10), (1, 10)) and high > 7:
            drawn.range, drawn.role = (0, 10), "outcome"
            drawn.why["role"] = "0 to 10 and about recommending"
        elif (shared := stem(drawn.code)) and drawn.tally.whole and drawn.few:
            groups.setdefault(shared, []).append(drawn)
    for members in groups.values():
        _from_zero_alike(members)
        for member in members:
            alike = [other.range for other in members if min(other.range[0], 1) == min(member.range[0], 1)]
            widest = max(alike, key=lambda span: span[1])
            if member.range != widest and 2 * member.range[1] >= widest[1]:
                member.range = widest
                member.why["range"] += f"; as wide as the others of {stem(member.code)}"


def _from_zero_alike(members: list[Guess]) -> None:
    """One range for a battery of which some items were never answered with 0: the others show that 0 is a step."""
    tops = {member.range[1] for member in members if member.range[0] == 0 and member.range[1] >= 4}
    for member in members:
        if member.range[0] == 1 and member.range[1] in tops:
            member.range = (0, member.range[1])
            member.why["range"] += f"; from 0, as the others of {stem(member.code)}"


def tell_scores(guesses: Mapping[str, Guess], frame: pd.DataFrame) -> None:
    """Mark the scores that stand beside the questions they are made of: in one model goes one or the other."""
    graded = [name for name, drawn in guesses.items() if drawn.graded and drawn.few]
    answers = {name: pd.to_numeric(frame[name], errors="coerce").astype(float) for name in graded}
    answers = {name: column.where(column.isin(list(guesses[name].tally.numbers))) for name, column in answers.items()}
    for score in computed(pd.DataFrame(answers)):
        guesses[score.name].made_of = score.items


def families(guesses: Mapping[str, Guess], frame: pd.DataFrame) -> list[Family]:
    """Items of one stem and range whose standardised alpha is above .5 once reversed items are turned round."""
    groups: dict[tuple[str, tuple[float, float]], list[str]] = {}
    for name, drawn in guesses.items():
        shared = stem(drawn.code)
        whole = drawn.tally.whole and not drawn.made_of
        if drawn.graded and not drawn.role and whole and shared and drawn.few:
            groups.setdefault((shared, drawn.range), []).append(name)
    found = []
    for (name, _), members in groups.items():
        if len(members) < 2:
            continue
        answers = {m: pd.to_numeric(frame[m], errors="coerce").astype(float) for m in members}
        answers = {m: column.where(column.isin(list(guesses[m].tally.numbers))) for m, column in answers.items()}
        R = pd.DataFrame(answers).corr(min_periods=10).to_numpy()
        own = name
        while own in {*guesses, *BLOCKS, *UNSORTED, *(family.name for family in found)}:
            own += "_scale"
        if np.isfinite(R).all() and (family := _family(own, members, R)):
            found.append(family)
    return found


def _family(name: str, members: list[str], R: FloatArray) -> Family | None:
    direction = np.where(np.linalg.eigh(R)[1][:, -1] < 0, -1, 1)
    minority = direction.sum() < 0 or (direction.sum() == 0 and direction[0] < 0)
    direction = -direction if minority else direction
    turned = R * direction[:, None] * direction
    weak = (direction < 0) & (item_rest(turned) < 0.15)  # too loose to say which way round it is worded
    direction = np.where(weak, 1, direction)
    turned = R * direction[:, None] * direction
    value = float(alpha(turned))
    if value <= 0.5 or _are_two(turned):
        return None
    return Family(name, tuple(members), value, tuple(m for m, sign in zip(members, direction, strict=True) if sign < 0))


def _are_two(R: FloatArray) -> bool:
    """Whether items fall into two groups that have little to do with each other, as those of one matrix on two subjects do."""
    group = np.linalg.eigh(R)[1][:, -2] > 0
    return bool(2 <= group.sum() <= len(R) - 2 and R[np.ix_(group, ~group)].mean() < 0.15)


# ---- Which part each question plays: what is to be explained, and by which drivers of which block.

#: Questions on one scale from which one on another scale may be no rating.
MOST_ALIKE = 8
#: Blocks of a draft's own, for drivers whose wording tells nothing.
UNSORTED = {
    "unsorted": tr("unsorted"),
    "first": tr("first-listed"),
    "last": tr("last-listed"),
}
#: Metrics in the order in which their question is looked for; the first two are what loyalty means.
_METRICS = ("recommend", "repurchase", "satisfaction", "effort")


@dataclass
class Part:
    """What a driver or an outcome is: an item, or a family of them, with the words it is judged by."""

    name: str
    items: tuple[str, ...]
    words: str
    role: str = "driver"
    block: str = ""
    why: dict[str, str] = field(default_factory=dict)


def parts_of(
    guesses: Mapping[str, Guess], found: Sequence[Family], outcome: str = "", emotional: Collection[str] = ()
) -> dict[str, Part]:
    """Item or family → its part: outcomes by what loyalty metrics ask, drivers by the words of their block.

    Where no question asks for a metric, the last rating of the file stands for the outcome. What the caller names, `outcome`
    and the drivers of the emotional block, is no guess.
    """
    taken = {item for family in found for item in family.items}
    parts = {
        family.name: Part(family.name, family.items, _said(guesses, family.items, family.name)) for family in found
    }
    parts |= {
        name: Part(name, (name,), _said(guesses, (name,)))
        for name, drawn in guesses.items()
        if drawn.graded and name not in taken and not drawn.made_of
    }
    parts = _on_usual_scale(parts, guesses)
    asked = _ask_metrics(guesses, parts)
    named = next((part for part in parts.values() if outcome and outcome in (part.name, *part.items)), None)
    outcomes = {asked[metric]: f"asks for {metric}" for metric in _METRICS[:2] if metric in asked}
    for subject in ("loyalty", "recommend"):
        for part in _about(subject, parts, guesses):
            outcomes.setdefault(part.name, f"about {subject}, by its name")
    if not outcomes and "satisfaction" in asked:
        outcomes = {asked["satisfaction"]: "asks for satisfaction"}
    outcomes = outcomes or {
        part.name: "a judgement on the whole, by its name" for part in _about("overall", parts, guesses)[:1]
    }
    outcomes = outcomes or dict.fromkeys(list(parts)[-1:], "nothing tells; the last rating of the file")
    for name, why in {named.name: ""}.items() if named else outcomes.items():
        parts[name].role, parts[name].why["role"] = "outcome", why
    if (satisfied := asked.get("satisfaction")) and parts[satisfied].role == "driver":
        parts[satisfied].role = ""
    if not emotional:
        _leave_out_strangers(parts, guesses)
    drivers = [part for part in parts.values() if part.role == "driver"]
    for part in drivers:
        if emotional:
            part.block = "emotional" if part.name in emotional else "rational"
        else:
            part.block, part.why["block"] = _block(part.words)
    _sort_the_rest(drivers)
    return parts


def _of_two_blocks(parts: Mapping[str, Part], guesses: Mapping[str, Guess], emotional: Collection[str]) -> str:
    """The family that is the only driver while its items tell of several blocks by their wording; nothing for any other."""
    drivers = [part for part in parts.values() if part.role == "driver"]
    if emotional or len(drivers) != 1:
        return ""
    told = {_block(_plain(_own_words(guesses[item])))[0] for item in drivers[0].items}
    return drivers[0].name if len(told - {""}) > 1 else ""


def leave_out_unanswered(parts: Mapping[str, Part], guesses: Mapping[str, Guess], frame: pd.DataFrame) -> None:
    """Take questions that many skipped out of the drivers, most skipped first, until half of those with an outcome are complete."""
    there = pd.DataFrame(index=frame.index)
    for part in parts.values():
        if part.role in ("driver", "outcome"):
            numbers = {i: pd.to_numeric(frame[i], errors="coerce") for i in part.items}
            known = [numbers[i].isin(list(guesses[i].tally.numbers)) for i in part.items]
            there[part.name] = pd.concat(known, axis=1).any(axis=1)
    outcome = next((part.name for part in parts.values() if part.role == "outcome"), "")
    drivers = [part.name for part in parts.values() if part.role == "driver"]
    while outcome and len(drivers) > 2 and there[[outcome, *drivers]].all(axis=1).sum() < 0.5 * there[outcome].sum():
        most = min(drivers, key=lambda name: there[name].sum())
        drivers.remove(most)
        parts[most].role = parts[most].block = ""
        parts[most].why = {"": f"no driver, for {1 - there[most].mean():.0%} did not answer it"}


def _said(guesses: Mapping[str, Guess], items: Iterable[str], name: str = "") -> str:
    return _plain(" ".join([name, *(_own_words(guesses[item]) for item in items)]))


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", _in_words(text))


def _own_words(drawn: Guess) -> str:
    """The words of a question; in a matrix those of its own, where they tell a block: the stem stands above all of it."""
    part = _PART.fullmatch(drawn.label)
    own = f"{drawn.code} {part[2]}" if part else ""
    return own if _block(_plain(own))[0] else f"{drawn.code} {drawn.label}"


def _ask_metrics(guesses: Mapping[str, Guess], parts: Mapping[str, Part]) -> dict[str, str]:
    """Metric → the part that asks for it; its item gets the metric."""
    asked: dict[str, str] = {}
    for metric in _METRICS:
        for part in parts.values():
            if part.name in asked.values():
                continue
            item = next((i for i in part.items if _asks(guesses[i], metric)), "")
            if item:
                asked[metric] = part.name
                guesses[item].metric, guesses[item].why["metric"] = metric, "its wording"
                break
    return asked


def _on_usual_scale(parts: Mapping[str, Part], guesses: Mapping[str, Guess]) -> dict[str, Part]:
    """The parts without numbers up to 100 that no word calls a judgement, in a file whose questions have a few steps."""
    ranges = {name: guesses[part.items[0]].range for name, part in parts.items()}
    few = {name: guesses[part.items[0]].few for name, part in parts.items()}
    usual = Counter(ranges.values()).most_common(1)
    if not usual or not few[next(name for name, span in ranges.items() if span == usual[0][0])]:
        return dict(parts)
    return {name: part for name, part in parts.items() if few[name] or _block(part.words)[0]}


def _leave_out_strangers(parts: Mapping[str, Part], guesses: Mapping[str, Guess]) -> None:
    """Take out of the drivers single questions answered otherwise than most, whose words say nothing: codes, rather than ratings."""
    drivers = [part for part in parts.values() if part.role == "driver"]
    ranges = Counter(guesses[item].range for part in drivers for item in part.items)
    usual, n = ranges.most_common(1)[0] if ranges else (None, 0)
    if n < MOST_ALIKE or 2 * n < ranges.total():
        return
    for part in drivers:
        own = guesses[part.items[0]]
        if (
            len(part.items) == 1
            and own.range != usual
            and not own.format
            and not _block(part.words)[0]
            and ranges[own.range] < 3
        ):
            part.role = ""
            part.why = {
                "": f"no driver, for most questions are answered from {usual[0]:g} to {usual[1]:g}, and its name says nothing"
            }


def _about(subject: str, parts: Mapping[str, Part], guesses: Mapping[str, Guess]) -> list[Part]:
    """The parts that the name of one, or the words of one of its items, say are about this."""
    return [
        part
        for part in parts.values()
        if any(
            called(subject).search(_in_words(text))
            for text in (
                *([part.name] * (part.name not in guesses)),
                *(guesses[item].code for item in part.items),
                *(guesses[item].label for item in part.items),
            )
        )
    ]


def _asks(drawn: Guess, metric: str) -> bool:
    words = [_in_words(text) for text in (drawn.code, drawn.label)]
    tens = drawn.range in ((0, 10), (1, 10))
    return (metric != "recommend" or tens) and any(called(metric).search(text) for text in words)


def _block(words: str) -> tuple[str, str]:
    """The block most of whose words are in a text, and which words those are."""
    blocks = ("structural", "values", "rational", "emotional")
    said = {block: {found[0].lower() for found in called(block, r"\b{}\b").finditer(words)} for block in blocks}
    best = max(said, key=lambda block: len(said[block]))
    return (best, f"its wording ({', '.join(sorted(said[best]))})") if said[best] else ("", "")


def _sort_the_rest(drivers: Sequence[Part]) -> None:
    """Blocks for drivers whose wording tells nothing: one for them, or two halves where no driver's wording does."""
    rest = [part for part in drivers if not part.block]
    if rest and len(rest) == len(drivers) > 1:
        for number, part in enumerate(rest):
            part.block = "first" if 2 * number < len(rest) else "last"
    else:
        for part in rest:
            part.block = "unsorted"
    if len({part.block for part in drivers}) == 1 and len(drivers) > 1:
        for number, part in enumerate(drivers):
            if 2 * number >= len(drivers):
                part.block, part.why["block"] = "unsorted", "so that two blocks can be compared"
    for part in drivers:
        if part.block in UNSORTED and not part.why.get("block"):
            part.why["block"] = "nothing in its wording tells; give it the block it belongs to"


# ---- A first codebook from any survey file: every line of it a guess, to be read and corrected before it is used.

#: Rows from which correlations are guessed; ranges and codes come from all rows.
SAMPLE = 50_000


def draft_codebook(
    data: str | Path | pd.DataFrame | RawTable,
    *,
    sheet: str | None = None,
    encoding: str = "",
    name: str = "",
    outcome: str = "",
    emotional: Collection[str] = (),
    title: str = "",
    source: str = "",
) -> str:
    """A first codebook, as YAML text, for a csv, xlsx, SPSS, Stata or parquet file (or a frame).

    Labels, ranges, missing codes, reversed items, scales, what is to be explained and by which drivers are guessed from
    headers and wordings in English and Dutch, from what an SPSS or Stata file states, and from counts and correlations; each
    guess says why. Answers in words get their numbers. The same file always gives the same text, and no answer of a
    respondent is in it, save codes that mean "no answer" and groups of at least ten people.

    Parameters
    ----------
    data : path, DataFrame or RawTable
        The answers, one row per respondent.
    sheet : str, optional
        Sheet of a workbook, where several hold something.
    encoding : str
        Of a text file, where what is found in its content is wrong.
    name : str, optional
        Name of the codebook to be, without `.yml`; the file's own name where left out.
    outcome, emotional : str, sequence of str, optional
        What is to be explained, and the drivers about feeling, where you know; the other drivers are then the rational ones.
    title, source : str, optional
        What the survey is about; who was asked, when and how.

    Returns
    -------
    str
        To be written to a `.yml` file, and read by a person.

    Raises
    ------
    DataError, UnknownName
        As `read_survey`, if the file itself cannot be read, or a frame has two columns of one name.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"trust": [5, 4, 99, 1] * 10, "price": [1, 4, 2, 5] * 10, "nps": [10, 0, 8, 9] * 10})
    >>> print(draft_codebook(rows, name="shop").partition("items:")[2].strip())
    trust:
        label: trust
        role: driver
        block: emotional  # guess: its wording (trust)
      price:
        label: price
        missing: []
        role: driver
        block: rational  # guess: its wording (price)
      nps:
        label: nps
        range: [0, 10]  # guess: answers from 0 to 10
        missing: []
        role: outcome  # guess: asks for recommend
        metric: recommend  # guess: its wording
    """
    table = _table(data, sheet, encoding)
    guesses, formats, frame = _guesses(table)
    usable = {column: drawn for column, drawn in guesses.items() if not drawn.left_out}
    frame = frame.head(SAMPLE)
    mark_codes(usable, frame)
    settle_batteries(usable, frame)
    settle_ranges(usable)
    tell_scores(usable, frame)
    found = families(usable, frame)
    for family in found:
        for item in family.turned:
            usable[item].reverse = True
            usable[item].why["reverse"] = f"goes against the rest of {_comment(family.name)}; check its wording"
    for asked in filter(None, (outcome, *emotional)):
        check_known("column", asked, [*usable, *(family.name for family in found)])
    parts = parts_of(usable, found, outcome, emotional)
    if mixed := _of_two_blocks(parts, usable, emotional):
        found = [family for family in found if family.name != mixed]
        parts = parts_of(usable, found, outcome, emotional)
    leave_out_unanswered(parts, usable, frame)
    _sort_the_rest([part for part in parts.values() if part.role == "driver"])
    lines = _head(table, name, title, source) + _body(usable, found, parts, formats)
    lines += _left_out([drawn for drawn in guesses.values() if drawn.left_out])
    return "\n".join(lines) + "\n"


def guessed_codes(table: RawTable) -> dict[str, str]:
    """Column → why its codes are taken for no answer, where the file does not say so."""
    guesses, _, frame = _guesses(table)
    usable = {column: drawn for column, drawn in guesses.items() if not drawn.left_out}
    mark_codes(usable, frame.head(SAMPLE))
    settle_batteries(usable, frame.head(SAMPLE))
    return {name: drawn.why["missing"] for name, drawn in usable.items() if "missing" in drawn.why}


def _table(data: str | Path | pd.DataFrame | RawTable, sheet: str | None, encoding: str) -> RawTable:
    if isinstance(data, RawTable):
        return data
    if isinstance(data, (str, Path)):
        return read_raw(data, sheet=sheet, encoding=encoding)
    return raw_of_frame(data)


def _guesses(table: RawTable) -> tuple[dict[str, Guess], dict[str, dict[int, str]], pd.DataFrame]:
    """Column → what it probably is, in the file's order, at least one of them kept; formats of words; answers as numbers."""
    sound = [column for column in table.frame if column not in table.doubts]
    if not sound:
        table.answers(table.doubts)  # says which and what to do
    frame, _ = table.answers(sound)
    counts = {column: tally(frame[column]) for column in sound}
    codes = _in_groups(table.frame) | leads(table.frame)
    frame, counts, scales = _in_numbers(frame, counts, codes)
    formats: dict[str, dict[int, str]] = {}
    reach, tens = max((bipolar(one) for one in counts.values()), default=0.0), _to_ten(counts)
    found = {}
    for column in table.frame:
        if column in table.doubts:
            found[column] = Guess(column, column, column, left_out="its numbers can be read in two ways")
            continue
        about = table.labels.get(column, {}), table.titles.get(column, ""), table.missing.get(column, ())
        code = codes.get(column, "")
        found[column] = drawn = guess(column, counts[column], *about, reach, code, tens)
        if code and code not in table.frame and not table.titles.get(column):
            question = column.partition(code)[2].lstrip(" .:)") if column.lstrip().startswith(code) else code
            drawn.label = " ".join(question.split()) or drawn.label
        if column in scales and not drawn.left_out and not drawn.role:
            words = {number: text for text, number in scales[column].codes.items()}
            drawn.format = next(
                (name for name, known in formats.items() if known == words), f"words_{len(formats) + 1}"
            )
            formats[drawn.format] = words
            drawn.range, drawn.why["range"] = (1, scales[column].top), ""
    _boxes(found, frame)
    frame = _unfold(found, frame)
    if all(drawn.left_out for drawn in found.values()):
        found[sound[0]].left_out, found[sound[0]].role = "", "cluster"
        found[sound[0]].why["role"] = "no column holds answers to analyse; this one only makes the codebook whole"
    return found, formats, frame


def _in_groups(headers: Iterable[str]) -> dict[str, str]:
    """Header → the question in it, of headers with the group before it: price of views/price, where no other group has one."""
    headers = list(headers)
    last = {h: h.rpartition("/")[2] for h in headers if re.fullmatch(r"\w+(/\w+)+", h)}
    once = Counter([*last.values(), *headers])
    return {h: code for h, code in last.items() if once[code] == 1 and h.rpartition("/")[0] not in headers}


def _boxes(guesses: Mapping[str, Guess], frame: pd.DataFrame) -> None:
    """Questions of which one ticks all that apply: no groups of respondents, whichever way a tool writes them."""
    questions: dict[str, list[Guess]] = {}
    for name, drawn in guesses.items():
        if (not drawn.left_out or _says_one_thing(drawn)) and drawn.role in ("", "segment") and not drawn.format:
            if _lists(drawn.tally) or any(other.startswith(f"{name}/") for other in guesses):
                drawn.left_out = SEVERAL
            elif question := _question(drawn):
                questions.setdefault(question, []).append(drawn)
    for question, boxes in questions.items():
        answered = [_box(drawn.tally) for drawn in boxes]
        if len(boxes) < 2 or not all(answered):
            continue
        for drawn in boxes:
            own = max(drawn.tally.texts, key=drawn.tally.texts.get, default="")
            drawn.role, drawn.values, drawn.range, drawn.left_out = "", {}, (0, 1), ""
            if drawn.label in (drawn.code, drawn.name):
                drawn.label = own if "one" in answered and drawn.tally.texts.get(own, 0) >= FEWEST else drawn.name
            drawn.why = {"range": "a box to tick", **{k: why for k, why in drawn.why.items() if k == "missing"}}
            drawn.box_of = question.strip() if "one" in answered else ""


def _unfold(guesses: dict[str, Guess], frame: pd.DataFrame) -> pd.DataFrame:
    """A box for each option of the questions with several answers in a cell, unless each has a column; the frame with them."""
    for name in [name for name, drawn in guesses.items() if drawn.left_out == SEVERAL]:
        if any(other.startswith(f"{name}/") for other in guesses):
            continue
        found = guesses[name].tally
        counts = [(text, n) for text, n in found.texts.items()] + [(f"{x:g}", n) for x, n in found.numbers.items()]
        options = options_of(counts, FEWEST)[:MOST_GROUPS]
        cells = Cells(name, {f"{name}/{option}": option for option in options})
        texts = frame[name].astype(object).map(lambda cell: str(cell).strip(), na_action="ignore")
        texts = texts.where(texts != "")
        read = {text: cells.ticked(text)[0] for text in texts.dropna().unique()}
        for box, option in cells.boxes.items():
            column = texts.map({text: float(ticks[box]) for text, ticks in read.items()}).astype(float)
            frame = frame.assign(**{box: column})
            why = {"range": f"a box to tick, in the cells of {_comment(name)}"}
            guesses[box] = Guess(box, option, option, (0, 1), box_of=name, why=why, tally=tally(column))
    return frame


def _says_one_thing(drawn: Guess) -> bool:
    """Whether a column of text holds nothing but one answer that enough people gave, as a ticked box holds its own words."""
    texts = drawn.tally.texts
    return drawn.left_out == OPEN and len(texts) == 1 and not drawn.tally.numbers and drawn.tally.rows >= FEWEST


#: A question and what one of its columns asks: "Waarom? [prijs]", "waarom/prijs", "Waarom? - prijs".
_PART = re.compile(r"(.+?)(/[^/]+|\s*\[[^\]]+\]| - [^-]+)")


def _question(drawn: Guess) -> str:
    """What a column shares with the other answers to its question: "waarom" of waarom/prijs, waarom[prijs] and waarom_2."""
    for text in (drawn.code, drawn.name, drawn.label):
        if found := _PART.fullmatch(text.strip()):
            return found[1]
    return stem(drawn.code)


def _box(found: Tally) -> str:
    """How a box is ticked: "two" answers, yes or no, or "one" and a blank; nothing where the answers are others."""
    texts = {text.casefold() for text in found.texts}
    if len(found.numbers) + len(texts) == 1 and not found.numbers.keys() - {1.0}:
        return "one"
    yes_or_no = all(called("true").fullmatch(text) or called("false").fullmatch(text) for text in texts)
    return "two" if found.rows and yes_or_no and found.numbers.keys() <= {0.0, 1.0} else ""


def _lists(found: Tally) -> bool:
    """Whether cells hold several answers, a sign between them: the same few parts return in many combinations."""
    for sign in (";", ",", "|"):
        cells = {
            text: [part.strip() for part in text.split(sign) if part.strip()] for text in found.texts if sign in text
        }
        rows = sum(found.texts[text] for text in cells)
        if 3 * rows < found.rows or max(map(len, cells.values()), default=0) < 2:
            continue
        alone = {text for text in found.texts if sign not in text} | {f"{number:g}" for number in found.numbers}
        parts = Counter(part for text, own in cells.items() for part in own for _ in range(found.texts[text]))
        often = {part for part, count in parts.items() if count >= FEWEST}
        if (
            2 <= len(often) <= MOST_GROUPS
            and sum(parts[part] for part in often) >= 0.8 * parts.total()
            and len(cells) > 1
        ):
            return len(alone - often) < len({*alone, *cells})
    return False


def _in_numbers(
    frame: pd.DataFrame, counts: dict[str, Tally], names: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, Tally], dict[str, WordScale]]:
    """Answers in words as the steps of their scale, columns with the same kind of words on one; "4 – agree" as 4."""

    scales: dict[str, WordScale] = {}
    groups: dict[Any, list[str]] = {}
    codes: dict[str, dict[str, float]] = {}
    common: dict[str, list[str]] = {}
    for column, found in counts.items():
        texts = [text for text in found.texts if not _stands_for_none(text)]
        name = names.get(column, column).strip()
        if not texts or called("meta").fullmatch(name) or called("technical").fullmatch(name):
            continue
        if (own := _plain_numbers(texts)) or (own := numbered(texts)):
            codes[column] = own
        elif not found.numbers:
            often = [text for text in texts if STRAY * found.texts[text] > found.rows]
            kind = kind_of_words(texts)
            if kind is None and len(often) > 2:
                kind = kind_of_words(often)
            if kind is not None:
                groups.setdefault(kind, []).append(column)
                common[column] = often
    for columns in groups.values():
        texts = {text for column in columns for text in counts[column].texts if not _stands_for_none(text)}
        scale = word_scale(texts) or word_scale({text for column in columns for text in common[column]})
        if scale and scale.top > 2:
            scales |= dict.fromkeys(columns, scale)
            codes |= dict.fromkeys(columns, scale.codes)
    for column, own in codes.items():
        texts = frame[column].astype(object).map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
        frame = frame.assign(**{column: texts.map(lambda cell, own=own: own.get(cell, cell)).infer_objects()})
    counts = counts | {column: tally(frame[column]) for column in codes}
    for column in scales:  # a stray text makes the words no groups
        counts[column] = counts[column].without(tuple(t for t in counts[column].texts if not _stands_for_none(t)))
    return frame, counts, scales


def _plain_numbers(texts: Sequence[str]) -> dict[str, float]:
    """Texts such as 85% as numbers, where all are."""
    if not all(re.fullmatch(r"\d+([.,]\d+)?\s*%", text) for text in texts):
        return {}
    return {text: float(text.rstrip("% ").replace(",", ".")) for text in texts}


@lru_cache
def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Plain YAML, each text on one line."""

    def text(dumper: Any, value: str) -> Any:
        odd = not value.isprintable() or value != value.strip()
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if odd else None)

    Dumper.add_representer(str, text)
    return Dumper


def _yaml(value: Any, flow: bool | None = None) -> str:
    import yaml

    options = {"default_flow_style": flow, "sort_keys": False, "allow_unicode": True, "width": math.inf}
    return yaml.dump(value, Dumper=_dumper(), **options).removesuffix("\n...\n").strip("\n")


def _entry(name: str) -> tuple[list[str], str]:
    """The lines that open an entry, and the indent of what stands in it; a very long name needs a form of its own."""
    opened = _yaml({name: {}}, False).removesuffix("{}").rstrip()
    lines = [f"  {line.rstrip()}" for line in opened.split("\n")]
    return lines, "    "


def _line(key: str, value: Any, why: str = "") -> str:
    shown = _yaml(value, True) if isinstance(value, (dict, list)) else _yaml({key: value}, False).partition(": ")[2]
    return f"{key}: {shown}{f'  # guess: {why}' if why else ''}"


def _comment(text: str) -> str:
    """A text from the file, safe within a comment."""
    return text if text.isprintable() else _yaml(text)


def _head(table: RawTable, name: str, title: str, source: str) -> list[str]:
    shown = _comment(name or Path(table.name).stem)
    rows = len(table.frame)
    sampled = f" Correlations are those of its first {SAMPLE:,} rows." if rows > SAMPLE else ""
    return [
        f"# A guess from {_comment(table.name)}: {rows:,} rows, {table.frame.shape[1]:,} columns.{sampled}",
        "# Every line may be wrong; what was guessed says why. What to do next:",
        "#   1. Fill in title and source.",
        "#   2. Read items and scales; correct ranges, missing codes and reverse; give labels in English and Dutch.",
        f"#   3. See to it that every driver stands in its block ({', '.join(BLOCKS)}) and that the outcome is yours.",
        f"#   4. loyaltylab check FILE --codebook {shown}.yml",
        _line("title", title or dict(tr("TO REPLACE: what this survey is about"))),
        _line("source", source or dict(tr("TO REPLACE: how many people of which kind were asked, when and how"))),
    ]


def _body(
    usable: dict[str, Guess], found: list[Family], parts: dict[str, Part], formats: dict[str, dict[int, str]]
) -> list[str]:
    ranged = [drawn for drawn in usable.values() if drawn.range and not drawn.format]
    spans = Counter(drawn.range for drawn in ranged).most_common(1)
    span = spans[0][0] if spans else None
    codes = Counter(drawn.missing for drawn in ranged if drawn.range == span).most_common(1)
    missing = codes[0][0] if codes else ()
    lines = [""]
    if span:
        lines += [
            "defaults:",
            "  " + _line("range", list(span), f"{spans[0][1]} of {len(ranged)} columns with a range"),
        ]
        if missing:
            first = next(drawn for drawn in ranged if drawn.missing == missing and drawn.range == span)
            why = f"{codes[0][1]} of these columns; {_comment(first.name)}: {first.why['missing']}"
            lines.append("  " + _line("missing", list(missing), why))
        lines.append("")
    if own := {part.block: dict(UNSORTED[part.block]) for part in parts.values() if part.block in UNSORTED}:
        lines += ["blocks:", *(f"  {_line(block, label)}" for block, label in own.items()), ""]
    if formats:
        tops = {drawn.format: drawn.range for drawn in usable.values() if drawn.format}
        lines.append("formats:  # guess: answers in words, lowest first")
        for form in (form for form in formats if form in tops):
            lines += [f"  {form}:", f"    {_line('range', list(tops[form]))}", f"    {_line('labels', formats[form])}"]
        lines.append("")
    lines.append("items:")
    for drawn in usable.values():
        lines += _item(drawn, parts.get(drawn.name), span, missing)
    boxes: dict[str, list[Guess]] = {}
    for drawn in usable.values():
        if drawn.box_of:
            boxes.setdefault(drawn.box_of, []).append(drawn)
    if boxes:
        lines += ["", "sets:  # guess: boxes to tick, where a blank is one that was not ticked"]
        taken = {drawn.name for drawn in usable.values()} | {family.name for family in found} | {*BLOCKS, *own}
        for question, ticked in boxes.items():
            name = question
            while name in taken:  # such as a column of its own before the boxes
                name += "_boxes"
            lines += _set(question, ticked, name)
    if found:
        lines += ["", "scales:  # guess: items with one header stem and one range, alpha above .5"]
        for family in found:
            lines += _scale(family, parts[family.name])
    return lines


def _item(drawn: Guess, part: Part | None, span: tuple[float, float] | None, missing: tuple[Any, ...]) -> list[str]:
    lines, indent = _entry(drawn.name)
    fields = [_line("label", drawn.label)]
    if drawn.format:
        fields.append(_line("format", drawn.format))
    elif drawn.range and drawn.range != span:
        fields.append(_line("range", list(drawn.range), drawn.why.get("range", "")))
    elif not drawn.range and not drawn.values and drawn.role not in NO_RANGE:
        fields.append(_line("range", None, drawn.why.get("range", "")))
    if drawn.missing != missing:
        fields.append(_line("missing", list(drawn.missing), drawn.why.get("missing", "")))
    if drawn.reverse:
        fields.append(_line("reverse", True, drawn.why["reverse"]))
    if part:
        fields += _part(part)
    elif drawn.made_of:
        fields.append(f"# no driver and no outcome, for it is made of {_comment(listed(drawn.made_of))}")
    elif drawn.role and drawn.role != "outcome":
        fields.append(_line("role", drawn.role, drawn.why.get("role", "")))
    if drawn.metric:
        fields.append(_line("metric", drawn.metric, drawn.why["metric"]))
    if drawn.values:
        fields.append(_line("values", drawn.values, drawn.why.get("values", "")))
    return lines + [f"{indent}{line}" for line in fields]


def _part(part: Part) -> list[str]:
    lines = [_line("role", part.role, part.why.get("role", ""))] if part.role else []
    if "" in part.why:
        lines.append(f"# {part.why['']}")
    return lines + ([_line("block", part.block, part.why.get("block", ""))] if part.block else [])


def _scale(family: Family, part: Part) -> list[str]:
    lines, indent = _entry(family.name)
    after = " after turning round" if family.turned else ""
    fields = [
        _line("label", family.name.removesuffix("_scale")),
        _line("items", list(family.items), f"standardised alpha {family.alpha:.2f}{after}"),
        *_part(part),
    ]
    return lines + [f"{indent}{line}" for line in fields]


def _set(question: str, boxes: list[Guess], name: str) -> list[str]:
    lines, indent = _entry(name)
    asked = {part[1] for drawn in boxes if (part := _PART.fullmatch(drawn.label))}
    fields = [
        _line("label", asked.pop() if len(asked) == 1 else question),
        _line("items", [drawn.name for drawn in boxes]),
        _line(
            "base", "any", "whoever ticked one; say all where who ticked none was asked as well, or the item that was"
        ),
    ]
    return lines + [f"{indent}{line}" for line in fields]


def _left_out(columns: list[Guess]) -> list[str]:
    if not columns:
        return []
    lines = ["", "# Left out of the items; add one by its header if it is an answer to analyse:"]
    return lines + [f"#   {_comment(drawn.name)}: {drawn.left_out}" for drawn in columns]
