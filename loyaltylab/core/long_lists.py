"""What fits a page: the one rule by which figures, tables and verdicts deal with a list that is too long."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ENDS", "MOST_GROUPS", "MOST_ROWS", "both_ends", "shortened"]

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
