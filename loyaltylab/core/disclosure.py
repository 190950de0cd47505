"""What is shown of many numbers: small cells are withheld, of a long list both ends are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .errors import DataError, listed

# ---- Which cells of a table of counts to withhold, so that no small group can be read off or worked out.

BoolArray = npt.NDArray[np.bool_]


def _closed(hidden: BoolArray, counts: npt.NDArray[np.int_], unshown: int, min_cell: int) -> None:
    """Hide the next smallest cells of one line, in place, until those hidden together are at least `min_cell`."""
    while 0 < counts[hidden].sum() + unshown < min_cell and (~hidden & (counts > 0)).any():
        _hide_next(hidden, counts)


def _hide_next(hidden: BoolArray, counts: npt.NDArray[np.int_]) -> bool:
    """Hide the smallest shown cell with respondents, in place; whether there was one."""
    found = ~hidden & (counts > 0)
    if found.any():
        hidden.flat[np.argmin(np.where(found, counts, counts.max() + 1))] = True
    return bool(found.any())


def _exposed(hidden: BoolArray, counts: npt.NDArray[np.int_], known: BoolArray, min_cell: int) -> list[tuple[int, int]]:
    """Hidden small cells that the totals fix after all: those with no part in any solution but one.

    counts (r, g), the first row the sum of the others; known (r,) where the total of the row is shown.
    """
    cells = np.argwhere(hidden)
    row, column = cells.T
    across = [(row == i).astype(float) for i in np.flatnonzero(known)]
    down = [np.where(column == j, np.where(row == 0, -1.0, 1.0), 0.0) for j in range(counts.shape[1])]
    equations = np.array(across + (down if len(counts) > 1 else []) + [np.zeros(len(cells))])
    _, size, basis = np.linalg.svd(equations)
    free = basis[int((size > 1e-9).sum()) :]
    fixed = np.abs(free).max(axis=0, initial=0) < 1e-9
    return [(int(i), int(j)) for i, j in cells[fixed] if 0 < counts[i, j] < min_cell]


def withheld(counts: npt.NDArray[np.int_], min_cell: int) -> BoolArray:
    """Cells to withhold: those of 1 to min_cell − 1 respondents, small segments, and what would give these away.

    counts (s, g), respondents by segment and group, the first row everyone → (s, g). What is hidden in a column, with
    those of no segment, or in a row, is never fewer than min_cell together while there is another cell to hide; and no
    small cell is fixed by all totals taken together.
    """
    outside = counts[0] - counts[1:].sum(axis=0) if len(counts) > 1 else np.zeros_like(counts[0])
    size = counts.sum(axis=1)
    small = size < min_cell
    if len(counts) > 1 and not small[0]:
        _closed(small[1:], size[1:], int(outside.sum()), min_cell)
    every = np.vstack([counts, outside]) if len(counts) > 1 else counts
    hidden = ((every > 0) & (every < min_cell)) | np.append(small, outside.sum() > 0)[: len(every), None]
    known = np.append(~small, not small.any()) & (counts.shape[1] > 1)
    known = known[: len(every)]
    while True:
        _close_lines(hidden, every, min_cell)
        if not (found := _exposed(hidden, every, known, min_cell)):
            break
        i, j = found[0]
        inside = hidden[: len(counts)]
        shown = (hidden[i], every[i]), (inside[:, j], counts[:, j]), (inside, counts)
        if not any(_hide_next(*line) for line in shown):
            break
    _reopen(hidden, every, known, min_cell, small)
    return hidden[: len(counts)]


def _reopen(hidden: BoolArray, every: npt.NDArray[np.int_], known: BoolArray, min_cell: int, small: BoolArray) -> None:
    """Show, in place, each large cell whose hiding protects nobody: those of everyone first, then the largest."""
    cells = [(i, j) for i, j in np.argwhere(hidden[: len(small)]) if every[i, j] >= min_cell and not small[i]]
    for i, j in sorted(cells, key=lambda cell: (cell[0] > 0, -every[cell])):
        trial = hidden.copy()
        trial[i, j] = False
        closed = trial.copy()
        _close_lines(closed, every, min_cell)
        if (closed == trial).all() and not _exposed(trial, every, known, min_cell):
            hidden[i, j] = False


def _close_lines(hidden: BoolArray, every: npt.NDArray[np.int_], min_cell: int) -> None:
    """`_closed` over rows and columns until nothing changes, in place; the last of several rows is those of no segment."""
    before, inside = -1, slice(max(1, len(every) - 1))
    while hidden.sum() != before:
        before = hidden.sum()
        for line, number in zip(hidden[inside], every[inside], strict=True):
            if len(line) > 1:
                _closed(line, number, 0, min_cell)
        for j in range(every.shape[1] if len(every) > 2 else 0):
            if not hidden[0, j]:
                _closed(hidden[1:, j], every[1:, j], 0, min_cell)
            elif not hidden[1:, j].any():
                _hide_next(hidden[1:, j], every[1:, j])


#: Groups of fewer respondents than this are not shown: a rule of thumb of statistical offices (Hundepool et al. 2012,
#: Statistical Disclosure Control, doi:10.1002/9781118348239).
MIN_CELL = 10

_Group = TypeVar("_Group")


def may_stand_alone(sizes: Mapping[_Group, int], everyone: int, min_cell: int = MIN_CELL) -> set[_Group]:
    """The groups that a report, or a part of one, may be about: those whose size `withheld` shows.

    Beside the same numbers of everyone they give the others away, one by one or together, so none of those is a handful.

    Examples
    --------
    >>> sorted(may_stand_alone({"prepaid": 120, "contract": 80}, 200))
    ['contract', 'prepaid']
    >>> may_stand_alone({"rest": 199, "manager": 1}, 200)
    set()
    >>> may_stand_alone({"north": 100, "south": 95, "east": 5}, 200)
    {'north'}
    """
    hidden = withheld(np.array([everyone, *sizes.values()])[:, None], min_cell)[1:, 0]
    return {group for group, is_hidden in zip(sizes, hidden, strict=True) if not is_hidden and sizes[group]}


def how_many(n: int, of: int | None = None) -> str:
    """A count of respondents as a message says it, for a message may end on a page: a handful is not counted.

    Nor is what is left of `of` rows without them. Of a table that is a handful itself the count is told.

    Examples
    --------
    >>> how_many(3, 480), how_many(1477, 1480), how_many(40, 480), how_many(0, 480), how_many(1, 3)
    ('fewer than 10', 'all but fewer than 10', '40', '0', '1')
    """
    if of is not None and of < MIN_CELL:
        return f"{n:,}"
    few = f"fewer than {MIN_CELL}"
    if 0 < n < MIN_CELL:
        return few
    return f"all but {few}" if of is not None and 0 < of - n < MIN_CELL else f"{n:,}"


def refuse_incomplete(n: int, of: int, names: Sequence[str]) -> None:
    """Numbers of fewer than two complete rows are refused, of files and of databases.

    Raises
    ------
    DataError
        Naming the columns.
    """
    if n < 2:
        told = how_many(n, of)
        are = "is" if told == "1" else "are"
        raise DataError(f"{told} of {of:,} rows {are} complete on {listed(names)}; at least 2 are needed.")


def refuse_handful(what: str, sizes: Mapping[_Group, int], chosen: _Group, everyone: int) -> None:
    """A report on one group is refused where the group, or what is left of everyone without it, is a handful.

    Raises
    ------
    DataError
        Saying which of the two; never how many there are.
    """
    if sizes.get(chosen, 0) < MIN_CELL:
        raise DataError(
            f"{what}: fewer than {MIN_CELL} respondents are left, and a report on so few shows who they are. "
            "Choose a larger group."
        )
    if chosen not in may_stand_alone(sizes, everyone):
        raise DataError(
            f"{what}: a group of fewer than {MIN_CELL} respondents is left out, and beside a report on everyone, or on the "
            "other groups, this one would show who they are. Choose another group, or give the small ones one code with a larger one "
            "in the file."
        )


def refuse_few_others(names: Sequence[str], others: int) -> None:
    """Numbers of a chosen group are refused where a handful of those left out answered the same questions.

    Raises
    ------
    DataError
        Naming the questions, never how many they are.
    """
    if 0 < others < MIN_CELL:
        raise DataError(
            f"{listed(names)}: fewer than {MIN_CELL} of the respondents left out answered the same, and beside a report on "
            "everyone this one would show what they said. Choose another group, or other variables."
        )


# ---- What fits a page: the one rule by which figures, tables and verdicts deal with a list that is too long.

#: Groups a figure draws by name, and rows a table prints; of a longer list, so many are shown at each end.
MOST_GROUPS, MOST_ROWS, ENDS = 40, 60, 10


def both_ends(n: int, most: int = MOST_GROUPS) -> list[int]:
    """Places of what is shown of a list of n: all of them, or of more than `most` the first and last ten.

    Examples
    --------
    >>> both_ends(3)
    [0, 1, 2]
    >>> len(both_ends(4000)), both_ends(4000)[9:11]
    (20, [9, 3990])
    """
    return list(range(n)) if n <= most else [*range(ENDS), *range(n - ENDS, n)]


def shortened(kinds: Sequence[str]) -> list[range | int]:
    """Rows of a table of which `kinds` holds the first column: a place is shown, a range is left out and counted.

    A table of at most 60 rows stays whole. Of a longer one each run of more than 20 rows of the same kind keeps both ends,
    so that a long list does not push out the short ones beside it; if it is still too long, so does the table.

    Examples
    --------
    >>> shortened(["sector"] * 2 + ["store"] * 4000)[:13]
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, range(12, 3992)]
    """
    n = len(kinds)
    if n <= MOST_ROWS:
        return list(range(n))
    starts = [i for i in range(n) if i == 0 or kinds[i] != kinds[i - 1]]
    kept: list[int] = []
    for start, end in zip(starts, [*starts[1:], n], strict=True):
        kept += [start + i for i in both_ends(end - start, 2 * ENDS)]
    if len(kept) > MOST_ROWS:
        kept = both_ends(n, MOST_ROWS)
    shown: list[range | int] = []
    for before, place in zip([-1, *kept], kept, strict=False):
        if place > before + 1:
            shown.append(range(before + 1, place))
        shown.append(place)
    return shown
