"""How a table fits the width of a page: the shares of its columns, and the size of its type."""

from __future__ import annotations


def table_fit(cells: list[list[str]], numeric: list[bool], line: int, least: float = 0.75) -> tuple[list[float], float]:
    """How wide a table's columns are on paper, as shares of the text's width, and how much smaller its type must be.

    No word and no number is broken while smaller type can prevent it.

    Parameters
    ----------
    cells : list of lists of str
        The heading, then the rows.
    numeric : list of bool
        By column, whether it holds numbers.
    line : int
        Characters on a line of the text.
    least : float
        How small type may become, as a part of its size.

    Returns
    -------
    list of float, float
        The shares, which add up to 1, and the size of the type as a part of that of the text.

    Examples
    --------
    >>> table_fit([["Driver", "Share"], ["trust", "48.7% [36.2%; 59.9%]"]], [False, True], 92)
    ([0.307..., 0.692...], 1.0)
    """
    columns = list(zip(*cells, strict=True))

    def words(column: tuple[str, ...]) -> float:
        return 2.5 + max(
            len(word) * (1.25 if not i else 1.08 if len(word) > 10 else 1)
            for i, cell in enumerate(column)
            for word in ["", *cell.split()]
        )

    def whole(column: tuple[str, ...]) -> float:
        return max(words(column), 2.5 + max(map(len, column[1:]), default=0))

    need = [whole(column) if number else words(column) for column, number in zip(columns, numeric, strict=True)]
    if sum(need) > line / least:
        need = [words(column) for column in columns]
    want = [max(n, whole(column), 2.5 + len(column[0]) / 2) for column, n in zip(columns, need, strict=True)]
    spare, missing = line - sum(need), sum(want) - sum(need)
    if missing > spare > 0:
        want = _shared_out(spare, need, want, cells)
    elif spare <= 0:
        want = need
    return [width / sum(want) for width in want], max(least, min(1.0, line / sum(need)))


def table_widths(cells: list[list[str]], numeric: list[bool], line: int, small: float = 0.8) -> list[float] | None:
    """The columns of a table that is wider than a line, as shares of it in smaller type; none where it fits as it is.

    Parameters
    ----------
    cells : list of lists of str
        The heading, then the rows.
    numeric : list of bool
        By column, whether it holds numbers.
    line : int
        Characters on a line of the text.
    small : float
        The size of the smaller type, as a part of that of the text.

    Returns
    -------
    list of float or None
        The shares, which add up to 1.

    Examples
    --------
    >>> table_widths([["Driver", "Share"], ["trust", "48.7% [36.2%; 59.9%]"]], [False, True], 69) is None
    True
    """
    if sum(max(map(len, column)) + 2.5 for column in zip(*cells, strict=True)) <= line:
        return None
    return table_fit(cells, numeric, round(line / small), least=1)[0]


def _shared_out(spare: float, need: list[float], want: list[float], cells: list[list[str]]) -> list[float]:
    """Widths with the spare room where it saves most lines: a character at a time, while a column wants it."""
    widths = list(need)

    def lines(widths: list[float]) -> float:
        # a high mean of a row's cells stands for its highest, and goes down with each of them
        high = ([max(1.0, len(cell) / (width - 2.4)) for cell, width in zip(row, widths, strict=True)] for row in cells)
        return sum(sum(each**6 for each in row) ** (1 / 6) for row in high)

    for _ in range(int(spare)):
        tried = [[w + (i == j) for j, w in enumerate(widths)] for i in range(len(widths)) if widths[i] < want[i]]
        widths = min(tried, key=lines)
    return widths
