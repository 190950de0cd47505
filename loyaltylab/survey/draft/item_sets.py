"""Guesses that take several columns of an unknown survey at once: codes beside a scale, items that form a scale."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...kernels import alpha, item_rest
from ..vocabulary import called
from .guesses import Guess, snapped

if TYPE_CHECKING:
    import pandas as pd

    from ...kernels import FloatArray

__all__ = ["Family", "families", "mark_codes", "settle_ranges", "stem"]

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

    >>> [stem(name) for name in ("like_1", "Q4_2", "q1a", "trust10", "Q7FOOD", "Q8", "age")]
    ['like', 'Q4', 'q1', 'trust', 'Q7', '', '']
    """
    for pattern in (r"(.*?\w)[\W_]*\d+", r"(.*\d)[\W_]*[a-zA-Z]", r"([a-zA-Z]+\d+)[\W_]*[a-zA-Z_].*"):
        found = re.fullmatch(pattern, name.strip())
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
        if code in held[name] and not low <= code <= high
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
        if verdict or (code == 11 and called("recommend").search(f"{name} {guesses[name].label}")):
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
    import pandas as pd

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
        (name, code): _apart(expected[:, names.index(name)], numbers[name].to_numpy(dtype=float), code, cores[name])
        for name, code in asked
    }, linked


def _apart(expected: FloatArray, answers: FloatArray, code: float, core: tuple[float, float]) -> bool | None:
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


def settle_ranges(guesses: Mapping[str, Guess]) -> None:
    """One range within a header stem, the widest; 1 to 6 where nothing in the file reaches 7; the 0-10 question."""
    graded = {name: drawn for name, drawn in guesses.items() if drawn.graded}
    highest = {max(drawn.tally.numbers) for drawn in graded.values()}
    groups: dict[tuple[str, bool], list[Guess]] = {}
    for name, drawn in graded.items():
        low, high = min(drawn.tally.numbers), max(drawn.tally.numbers)
        drawn.range = snapped(low, high, bool(highest & {7.0}))
        if called("recommend").search(f"{name} {drawn.label}") and drawn.range in ((0, 10), (1, 10)) and high > 7:
            drawn.range, drawn.role = (0, 10), "outcome"
            drawn.why["role"] = "0 to 10 and about recommending"
        elif stem(name) and drawn.tally.whole and drawn.range[1] <= 10:
            groups.setdefault((stem(name), drawn.range[0] == 0), []).append(drawn)
    for members in groups.values():
        widest = max((member.range for member in members), key=lambda span: span[1])
        for member in members:
            if member.range != widest and 2 * member.range[1] >= widest[1]:
                member.range = widest
                member.why["range"] += f"; as wide as the others of {stem(member.name)}"


def families(guesses: Mapping[str, Guess], frame: pd.DataFrame) -> list[Family]:
    """Items of one stem and range whose standardised alpha is above .5 once reversed items are turned round."""
    import pandas as pd

    groups: dict[tuple[str, tuple[float, float]], list[str]] = {}
    for name, drawn in guesses.items():
        if drawn.graded and not drawn.role and drawn.tally.whole and stem(name) and drawn.range[1] <= 10:
            groups.setdefault((stem(name), drawn.range), []).append(name)
    found = []
    for (name, _), members in groups.items():
        if len(members) < 2:
            continue
        answers = {m: pd.to_numeric(frame[m], errors="coerce").astype(float) for m in members}
        answers = {m: column.where(column.isin(list(guesses[m].tally.numbers))) for m, column in answers.items()}
        R = pd.DataFrame(answers).corr(min_periods=10).to_numpy()
        if np.isfinite(R).all() and (family := _family(name, members, R)):
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
    if value <= 0.5:
        return None
    return Family(name, tuple(members), value, tuple(m for m, sign in zip(members, direction, strict=True) if sign < 0))
