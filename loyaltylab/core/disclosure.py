"""Which cells of a table of counts to withhold, so that no small group can be read off or worked out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["MIN_CELL", "BoolArray", "withheld"]

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
