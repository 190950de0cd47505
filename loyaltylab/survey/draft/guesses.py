"""What a column of an unknown survey probably is, guessed from its header, its labels and how often each answer stands.

No answer of a respondent is kept: a text comes out only if it means "no answer" or at least ten people gave it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..vocabulary import called

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST", "Guess", "Tally", "guess", "snapped", "tally"]

#: Fewer people than this never come out as a group.
FEWEST = 10
#: A segment with more groups than this is rather left out.
MOST_GROUPS = 20
BLANKS = {"", "nan", "None", "NaN", "<NA>", "NaT"}
_NO_ANSWER = called("no_answer", r"^\W*$|^\W*{}\b[\W\d]*$")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2})?")
NEGATIVE = {-1, -2, -7, -8, -9, -66, -77, -88, -97, -98, -99, -999, -9999}
HIGH = {66, 77, 88, 96, 97, 98, 99, 666, 777, 888, 996, 997, 998, 999, 9997, 9998, 9999, 99999}
SCALES = ((0, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 7), (1, 10), (0, 10))


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
    """What a column probably is; `left_out` says why it is no item at all, `why` the reason of each guess by field."""

    name: str
    label: str
    range: tuple[float, float] | None = None
    missing: tuple[Any, ...] = ()
    values: dict[Any, str] = field(default_factory=dict)
    role: str = ""
    reverse: bool = False
    left_out: str = ""
    why: dict[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=lambda: Tally({}, {}))

    @property
    def graded(self) -> bool:
        """Whether it looks like a graded answer: a range of at least four steps, no role."""
        return bool(self.range) and self.range[1] - self.range[0] >= 3 and self.role in ("", "outcome")


def tally(column: pd.Series) -> Tally:
    """Count every answer of a column, read as `read_survey` reads it.

    >>> import pandas as pd
    >>> tally(pd.Series(["1", " 1", "BLANK", "", None]))
    Tally(numbers={1.0: 2}, texts={'BLANK': 1})
    """
    import pandas as pd

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

    >>> snapped(2, 6), snapped(0, 8), snapped(18, 91), snapped(0, 4000)
    ((1, 7), (0, 10), (0, 100), None)
    """
    if (low, high) == (0, 0):
        return (0, 1)
    if low >= 1 and high == 6 and not reaches_seven:
        return (1, 6)
    if low == 0 and 1 < high <= 6:
        return (0, int(np.ceil(high)))
    for scale in (*SCALES, (0, 100)):
        if scale[0] <= low and high <= scale[1]:
            return scale if high <= 10 or high > 50 else None  # 1 to 33: a list of airlines rather than a scale
    return None


def guess(name: str, found: Tally, labels: dict[Any, str], title: str, marked: tuple[Any, ...]) -> Guess:
    """What one column probably is.

    Parameters
    ----------
    labels, title, marked
        Value labels, question and missing codes that the file itself states; empty for most.
    """
    drawn = Guess(name, " ".join(title.split()) or " ".join(name.split()) or name)
    stated = tuple(whole(code) for code in marked if not isinstance(code, tuple))
    drawn.tally = found = found.without(stated)
    drawn.missing = stated
    if stated:
        drawn.why["missing"] = "the file marks them as missing"
    if called("meta").fullmatch(name.strip()):
        drawn.left_out = "date, technical or personal column"
    elif not found.rows:
        drawn.left_out = "no answers"
    elif not np.isfinite(list(found.numbers)).all():
        drawn.left_out = "holds infinite numbers"
    else:
        _codes(drawn, labels)
        _kind(drawn, labels)
    return drawn


def _codes(drawn: Guess, labels: dict[Any, str]) -> None:
    """Missing codes that one column shows by itself: by a label, as a text, or far away from the rest."""
    found, why = drawn.tally, []
    labelled = tuple(code for code, label in labels.items() if _NO_ANSWER.match(str(label)))
    if labelled and (inside := [c for c in labelled if c in found.numbers or c in found.texts]):
        why.append(f"{_shown(inside)} labelled as no answer")
    texts = tuple(text for text in found.texts if _NO_ANSWER.match(text))
    if texts:
        why.append(f"{_shown(texts)} in place of an answer")
    apart = _apart(found.without(labelled))
    if apart:
        why.append(f"{_shown(apart)} far from the other answers")
    codes = tuple(dict.fromkeys(whole(code) for code in (*labelled, *apart, *texts) if str(code).strip()))
    drawn.missing = tuple(dict.fromkeys((*drawn.missing, *codes)))
    drawn.tally = found.without(codes)
    if why:
        drawn.why["missing"] = "; ".join(filter(None, (drawn.why.get("missing"), *why)))


def _apart(found: Tally) -> tuple[float, ...]:
    """Customary codes among whole numbers that stand apart from all others."""
    if not found.whole:
        return ()
    negative = [v for v in found.numbers if v < 0]
    codes = negative if set(negative) <= NEGATIVE else []
    rest = [v for v in found.numbers if v >= 0]
    if codes and -1 in codes and (not rest or max(rest) < 2):
        codes = []
    kept = [v for v in rest if v not in HIGH]
    top = max(kept, default=np.inf)
    codes += [v for v in rest if v in HIGH and (top <= 11 or (v >= 666 and top <= 120))]
    small = [v for v in kept if v not in (8, 9)]
    ends = max(small, default=0)
    if sum(found.numbers.values()) >= 20 and len(small) >= 3 and (ends in (4, 5) or (ends == 7 and 8 not in kept)):
        codes += [v for v in kept if v in (8, 9)]
    return tuple(sorted(codes)) if len(codes) < len(found.numbers) else ()


def _kind(drawn: Guess, labels: dict[Any, str]) -> None:
    """Role, range or reason to leave it out; the tally is already without missing codes."""
    found, name = drawn.tally, drawn.name.strip()
    few = found.whole and max(found.numbers) <= 11
    all_differ = found.whole and found.rows == len(found.numbers) > 50
    if found.texts:
        _text(drawn, labels)
    elif not found.numbers:
        drawn.left_out = "no answers"
    elif called("weight").fullmatch(name) and min(found.numbers) >= 0 and not few:
        drawn.role, drawn.why["role"] = "weight", "its name"
    elif called("duration").fullmatch(name):
        drawn.role, drawn.why["role"] = "duration", "its name; in seconds?"
    elif called("respondent").fullmatch(name) or all_differ:
        _respondent(drawn)
    elif _averages_one(found):
        drawn.role, drawn.why["role"] = "weight", "positive, with decimals, mean about 1"
    else:
        _numbers(drawn, labels)


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
    if called("respondent").fullmatch(drawn.name.strip()):
        return _respondent(drawn)
    answers = Counter({str(whole(value)): count for value, count in found.numbers.items()}) + Counter(found.texts)
    common = {text: count for text, count in sorted(answers.items()) if count >= FEWEST and len(text) <= 60}
    dates = sum(count for text, count in found.texts.items() if DATE.fullmatch(text))
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
        drawn.left_out = "open or varied text; open answers never appear in a report"


def _numbers(drawn: Guess, labels: dict[Any, str]) -> None:
    """A segment with value labels, a graded answer, or a number of another kind."""
    found = drawn.tally
    names = {whole(k): " ".join(str(v).split()) for k, v in labels.items() if whole(k) not in drawn.missing}
    codes = [whole(value) for value in found.numbers]
    groups = len(codes) <= MOST_GROUPS and sum(code in names for code in codes) >= 0.6 * len(codes)
    if groups and not any(called("agreement").search(label) for label in names.values()):
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
