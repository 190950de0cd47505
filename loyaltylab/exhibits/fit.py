"""How a table fits the width of a page: the shares of its columns, and the size of its type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil


def fit_columns(
    cells: list[list[str]], numeric: list[bool], line: int, least: float = 0.75
) -> tuple[list[float], float]:
    """How wide a table's columns are on paper, as shares of the text's width, and how much smaller its type must be.

    No word, number or interval is broken while smaller type can prevent it, and smaller type is taken where columns then break
    far fewer lines.

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
    >>> fit_columns([["Driver", "Share"], ["trust", "48.7% [36.2%; 59.9%]"]], [False, True], 92)
    ([0.307..., 0.692...], 1.0)
    """
    widths, scale = _fit(cells, numeric, line, least)
    for smaller in (0.9, 0.85):
        other, fits = _fit(cells, numeric, line / smaller, least)
        # long texts take less room in smaller type anyway, which is no reason for it
        if (
            least <= smaller < scale
            and fits == 1
            and lines_of_type(cells, other) < 0.8 * smaller * lines_of_type(cells, widths) / scale
        ):
            widths, scale = other, smaller
    return [width / sum(widths) for width in widths], scale


def smaller_columns(cells: list[list[str]], numeric: list[bool], line: int, small: float = 0.8) -> list[float] | None:
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
    >>> smaller_columns([["Driver", "Share"], ["trust", "48.7% [36.2%; 59.9%]"]], [False, True], 69) is None
    True
    """
    if sum(max(map(len, column)) + 2.5 for column in zip(*cells, strict=True)) <= line:
        return None
    return fit_columns(cells, numeric, round(line / small), least=1)[0]


def _fit(cells: list[list[str]], numeric: list[bool], line: float, least: float) -> tuple[list[float], float]:
    """The widths of columns in characters that make up a line, and how much smaller type must be so that nothing is broken."""
    columns = list(zip(*cells, strict=True))

    def words(column: tuple[str, ...], unbroken: str = r"\S+") -> float:
        return 2.5 + max(
            len(word) * (1.25 if not i else 1.08 if len(word) > 10 else 1)
            for i, cell in enumerate(column)
            for word in ["", *re.findall(unbroken, cell)]
        )

    def whole(column: tuple[str, ...]) -> float:
        return max(words(column), 2.5 + max(map(len, column[1:]), default=0))

    def needed(unbroken: str) -> list[float]:
        kinds = zip(columns, numeric, strict=True)
        return [whole(column) if number else words(column, unbroken) for column, number in kinds]

    tried = (needed(r"\[[^\]]*\]\S*|\S+"), needed(r"\S+"), [words(column) for column in columns])
    need = next((widths for widths in tried if sum(widths) <= line / least), tried[-1])
    want = [max(n, whole(column), 2.5 + len(column[0]) / 2) for column, n in zip(columns, need, strict=True)]
    spare, missing = line - sum(need), sum(want) - sum(need)
    if missing > spare > 0:
        want = _shared_out(spare, need, want, cells)
    elif spare <= 0:
        want = need
    scale = max(least, min(1.0, line / sum(need)))
    return [width * line / scale / sum(want) for width in want], scale


def unbroken(text: str) -> str:
    r"""A cell of a table whose intervals stay on one line.

    Parameters
    ----------
    text : str
        The cell.

    Returns
    -------
    str
        The same, with blanks at which no line ends inside brackets.

    Examples
    --------
    >>> unbroken("with it: +0.46 [+0.32; +0.60]")
    'with it: +0.46 [+0.32;\xa0+0.60]'
    """
    return re.sub(r"\[[^\[\]]{1,24}\]", lambda found: found[0].replace(" ", "\u00a0"), text)


def lines_of_type(cells: list[list[str]], widths: Sequence[float]) -> int:
    """How many lines of type the rows of a table take, about, in columns of so many characters.

    Parameters
    ----------
    cells : list of lists of str
        The heading, then the rows.
    widths : sequence of float
        Characters of each column.

    Returns
    -------
    int
        Of all rows together.

    Examples
    --------
    >>> lines_of_type([["Driver", "Share"], ["trust and honesty", "48%"]], [12, 9])
    3
    """
    return sum(
        max(1, *(ceil(len(cell) / (width - 2.4)) for cell, width in zip(row, widths, strict=True))) for row in cells
    )


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
