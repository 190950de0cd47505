"""A mark in simulated answers themselves, by which they are known whatever became of their numbers, rows, columns and files.

Items that count for the same scales are taken in blocks of up to six. Each three of a block have a keyed table of signs, plus or
minus, one for every combination of answers. In answers that know nothing of the table the signs of all respondents add up to
nearly nothing; `marked` exchanges neighbouring answers of one respondent (a 5 and a 4 of two items of a block) where that turns
minus into plus, and always as many in one direction as in the other among respondents who are alike in what published figures
are about. So every score, every item's shares, and their relation to the others stay what they were.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import Codebook, read_codebook
from ..core import pd

#: Standardised sum of signs from which answers count as simulated. By Hoeffding's inequality others reach it by chance with
#: a probability of at most exp(−LEAST² / 2), 1.5e-8, whatever they are: the signs are as good as drawn anew for every file.
LEAST = 6.0
#: The same where the columns have other names and each block is looked for at each place: some ten thousand trials of 6e-13.
LEAST_UNNAMED = 7.5
#: Respondents looked at, spread over the file; a hundred with all questions are enough.
MOST_ROWS = 20_000
_KEY = b"loyaltylab: respondents who do not exist"
#: Items in a block, and how often each pair of a block is gone through.
_BLOCK, _ROUNDS = 6, 2
#: Answers are whole numbers below this, so a column holds no more of them.
MOST_CODES = 11

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Triple = tuple[str, str, str]


def blocks(book: Codebook) -> list[tuple[str, ...]]:
    """Items among which answers may be exchanged without a change in any score: of the same scales and range, none reversed."""
    alike: dict[Any, list[str]] = {}
    for item in book.items.values():
        scales = tuple(
            scale.name for scale in book.scales.values() if item.name in scale.items and len(scale.items) > 1
        )
        if scales and not item.reverse and item.range and item.range[1] < MOST_CODES:
            alike.setdefault((scales, item.range), []).append(item.name)
    parts = [np.array_split(names, -(-len(names) // _BLOCK)) for names in alike.values()]
    return [tuple(map(str, part)) for part in itertools.chain(*parts) if len(part) >= 3]


@cache
def _signs(triple: Triple) -> npt.NDArray[np.int8]:
    """Plus or minus one for every combination of three answers."""
    bits = hashlib.shake_256(_KEY + "|".join(triple).encode()).digest(MOST_CODES**3 // 8 + 1)
    return (np.unpackbits(np.frombuffer(bits, np.uint8))[: MOST_CODES**3].astype(np.int8) * 2 - 1).reshape(
        (MOST_CODES,) * 3
    )


# ---- making it ----------------------------------------------------------------------------------------------------------


def marked(frame: pd.DataFrame, book: Codebook, alike: Sequence[npt.ArrayLike]) -> pd.DataFrame:
    """The answers with the mark; what each respondent is told apart by in `alike` is exchanged for among equals only."""
    found = frame.copy()
    strata = np.unique(np.stack([np.asarray(part, float) for part in alike], axis=1), axis=0, return_inverse=True)[1].ravel() if len(alike) else np.zeros(len(frame), int)  # fmt: skip
    for names in blocks(book):
        if set(names) <= set(frame):
            given = frame[list(names)].to_numpy(dtype=float)
            answers = np.where(np.isnan(given), -1, given).astype(np.int64)
            _exchange(answers, names, strata)
            found[list(names)] = np.where(answers < 0, np.nan, answers)
    return found


def _exchange(answers: IntArray, names: Sequence[str], strata: IntArray) -> None:
    """Exchange answers (n, i) of a block, in place."""
    for _ in range(_ROUNDS):
        for a, b in itertools.combinations(range(len(names)), 2):
            one, two = answers[:, a], answers[:, b]
            rows = np.flatnonzero((np.abs(one - two) == 1) & (one >= 0) & (two >= 0))
            swapped = answers[rows]
            swapped[:, [a, b]] = swapped[:, [b, a]]
            rows = rows[_score(swapped, names, (a, b)) > _score(answers[rows], names, (a, b))]
            down = one[rows] > two[rows]
            where = strata[rows] * MOST_CODES + np.minimum(one[rows], two[rows])
            chosen = rows[_evenly(where, down)]
            answers[np.ix_(chosen, [a, b])] = answers[np.ix_(chosen, [b, a])]


def _evenly(where: IntArray, down: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of each place as many of one direction as of the other, the first of them."""
    rank, count = np.empty(len(where), int), np.zeros((int(where.max(initial=0)) + 1, 2), int)
    np.add.at(count, (where, down.astype(int)), 1)
    order = np.lexsort((down, where))
    keys = where[order] * 2 + down[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, int)
    rank[order] = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    return rank < count.min(axis=1)[where]


@cache
def _counting(triple: Triple) -> npt.NDArray[np.int8]:
    """The signs of a three, flat, with a place for an open answer before the others: there it counts nothing."""
    return np.pad(_signs(triple), ((1, 0),) * 3).ravel()


def _score(answers: IntArray, names: Sequence[str], touched: tuple[int, int]) -> IntArray:
    """Sum of the signs (n,) over the threes that one of `touched` is in; a three with an open answer counts nothing."""
    total = np.zeros(len(answers), np.int64)
    places = np.maximum(answers.T, -1, order="C") + 1
    for three in itertools.combinations(range(len(names)), 3):
        if set(three) & set(touched):
            a, b, c = (places[i] for i in three)
            total += _counting((names[three[0]], names[three[1]], names[three[2]])).take(
                (a * (MOST_CODES + 1) + b) * (MOST_CODES + 1) + c
            )
    return total


# ---- finding it ---------------------------------------------------------------------------------------------------------


def present(columns: Iterable[str]) -> list[tuple[str, ...]]:
    """What is among the columns of each block of the questionnaire, where that is three items or more."""
    here = set(columns)
    known = (tuple(name for name in names if name in here) for names in _known())
    return [names for names in known if len(names) >= 3]


@cache
def _known() -> dict[tuple[str, ...], tuple[float, float]]:
    """Blocks of the questionnaire, and the range of each."""
    book = read_codebook("loyalty")
    return {names: book.items[names[0]].range for names in blocks(book)}


@cache
def _ranges() -> dict[str, tuple[float, float]]:
    return {name: span for names, span in _known().items() for name in names}


def is_named(column: str) -> bool:
    """Whether this is what the questionnaire calls an item that bears the mark."""
    return column in _ranges()


def bear_mark(columns: Sequence[str], answers: Callable[[Sequence[str]], tuple[FloatArray, IntArray]]) -> bool:
    """Whether answers bear the mark under the names of the questionnaire or, a block in its order, under any others.

    `answers` gives combinations of answers (c, i) to some columns, not a number where one is open, and how many respondents gave
    each (c,). They may stand on another scale, and turned round.
    """
    if named := present(columns):
        given = {names: answers(names) for names in named}
        if any(
            strength(named, lambda names: (scale(given[names][0], _ranges()[names[0]]), given[names][1])) >= LEAST  # noqa: B023
            for scale in (_as_it_is, _stretched, _turned)
        ):
            return True
    others = [name for name in columns if not is_named(name)]
    return len(others) >= 3 and _in_order(others, answers)


def _in_order(columns: Sequence[str], answers: Callable[[Sequence[str]], tuple[FloatArray, IntArray]]) -> bool:
    """Whether neighbouring columns bear the mark of a block: of each three in a row of both."""
    threes = [answers(columns[at : at + 3]) for at in range(len(columns) - 2)]
    for span in sorted({*_known().values()}):
        points = (slice(int(span[0]), int(span[1]) + 1),) * 3
        n = np.stack([_counted(_stretched(values, span), count)[points] for values, count in threes])
        given = n.sum(axis=(1, 2, 3)) > 0.3 * np.array([count.sum() for _, count in threes])
        weight = np.zeros_like(n)
        weight[given] = _unexpected(n[given])
        squares = (weight**2).sum(axis=(1, 2, 3))
        for names in (names for names, own in _known().items() if own == span):
            signs = [_signs((a, b, c))[points] for a, b, c in zip(names, names[1:], names[2:], strict=False)]
            for way in (1, -1):  # a block that starts with column c has its three `at` at c + at
                total, size = np.zeros((2, len(n) + len(signs)))
                for at, sign in enumerate(signs):
                    first = slice(len(signs) - at, len(signs) - at + len(n))
                    total[first] += (weight * sign[::way, ::way, ::way]).sum(axis=(1, 2, 3))
                    size[first] += squares
                if (total >= LEAST_UNNAMED * np.sqrt(np.maximum(size, 1.0))).any():
                    return True
    return False


def strength(
    parts: Iterable[tuple[str, ...]], answers: Callable[[tuple[str, ...]], tuple[IntArray, IntArray]]
) -> float:
    """The sum of the signs of all threes over its standard deviation in answers without a mark.

    `answers` gives combinations of answers (c, i) to the items of a part, below 0 where one is open, and how many
    respondents gave each (c,). What answers two by two make expect is taken off first: a weight that owes nothing to the signs.
    """
    total = squares = 0.0
    for names in parts:
        given, n = answers(names)
        threes = list(itertools.combinations(range(len(names)), 3))
        weight = _unexpected(np.stack([_counted(given[:, three], n) for three in threes]))
        signs = np.stack([_signs((names[a], names[b], names[c])) for a, b, c in threes])
        total += float((weight * signs).sum())
        squares += float((weight**2).sum())
    return total / float(np.sqrt(squares)) if squares else 0.0


def _counted(answers: IntArray, n: IntArray) -> FloatArray:
    """Respondents by three answers, of combinations (c, 3) that were given by n (c,) each."""
    inside = ((answers >= 0) & (answers < MOST_CODES)).all(axis=1)
    place = np.ravel_multi_index(tuple(answers[inside].T), (MOST_CODES,) * 3)
    return np.bincount(place, n[inside], MOST_CODES**3).astype(float).reshape((MOST_CODES,) * 3)


def _unexpected(n: FloatArray) -> FloatArray:
    """How far respondents by three answers (…, 11, 11, 11) are from what all pairs of answers make expect.

    In standard deviations, up to 3.
    """
    codes = np.concatenate(np.nonzero(n)[-3:])
    if not len(codes):
        return np.zeros_like(n)
    given = (..., *[slice(codes.min(), codes.max() + 1)] * 3)  # a code that nobody gave is not expected either
    whole, n = np.zeros_like(n), n[given]
    fit = np.ones_like(n)
    for _ in range(30):  # iterative proportional fitting
        for axis in (-3, -2, -1):
            here, wanted = fit.sum(axis=axis, keepdims=True), n.sum(axis=axis, keepdims=True)
            fit = fit * np.divide(wanted, here, out=np.zeros_like(wanted), where=here > 0)
    whole[given] = np.where(fit > 1e-9, np.clip((n - fit) / np.sqrt(fit + 0.5), -3, 3), 0.0)
    return whole


def is_marked(frame: pd.DataFrame) -> bool:
    """Whether these answers, as they stand in the file, bear the mark; three items of a block are needed to tell.

    Examples
    --------
    >>> from loyaltylab.survey.simulation import simulated_rows
    >>> rows = simulated_rows(500, seed=3)
    >>> is_marked(rows), is_marked(8 - rows.filter(like="emo_")), is_marked(rows[["emo_trust", "emo_honesty"]])
    (True, True, False)
    """
    some = frame.iloc[:: -(-len(frame) // MOST_ROWS)] if len(frame) else frame
    numbers = {name: pd.to_numeric(some[name], errors="coerce").to_numpy(float) for name in some}
    columns = [name for name in numbers if is_named(name) or 3 < pd.Series(numbers[name]).nunique() <= MOST_CODES]
    return bear_mark(columns, lambda names: _side_by_side([numbers[name] for name in names]))


def _side_by_side(columns: Sequence[FloatArray]) -> tuple[FloatArray, IntArray]:
    given = np.stack(columns, axis=1)
    return given, np.ones(len(given), np.int64)


def _as_it_is(values: FloatArray, span: tuple[float, float] = (0, MOST_CODES - 1)) -> IntArray:
    """Codes (n, i); -1 for what is no whole answer."""
    whole = (values >= 0) & (values < MOST_CODES) & (values == np.rint(values))
    return np.where(whole, values, -1).astype(np.int64)


def _stretched(values: FloatArray, span: tuple[float, float]) -> IntArray:
    """Codes of each column (n, i) as if its lowest and highest value were the ends of the scale: 0 to 6, tens, percents."""
    low, high = np.nanmin(values, axis=0, initial=np.inf), np.nanmax(values, axis=0, initial=-np.inf)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        steps = (values - low) / (high - low) * (span[1] - span[0])
        near = np.abs(steps - np.rint(steps)) < 0.1
    return np.where(near, np.where(near, np.rint(steps), 0) + span[0], -1).astype(np.int64)


def _turned(values: FloatArray, span: tuple[float, float]) -> IntArray:
    """The same with the lowest at the highest end."""
    return _stretched(-values, span)
