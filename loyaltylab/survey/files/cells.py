"""Several answers in one cell, as Google Forms and LimeSurvey write a question of which one ticks all that apply."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ...codebook import Codebook
from ...core import pd

#: What stands between two answers.
BETWEEN = r"\s*[,;|\n]\s*"


@dataclass(frozen=True)
class Cells:
    """A column with several answers in a cell, and the boxes that a codebook makes of them.

    Parameters
    ----------
    column : str
        Its header.
    boxes : dict of str
        Box → the option it stands for, as it is written in the cells.

    Examples
    --------
    >>> cells = Cells("why", {"why/Price, quality": "Price, quality", "why/Service": "Service"})
    >>> cells.ticked("Service; price, quality"), cells.ticked("Service, the car park")
    (({'why/Price, quality': True, 'why/Service': True}, ''), ({'why/Price, quality': False, 'why/Service': True}, 'the car park'))
    """

    column: str
    boxes: dict[str, str]

    @cached_property
    def blanks(self) -> str:
        """What a cell matches that holds nothing but options with blanks between, as KoBo writes them."""
        options = [option.strip().lower() for option in self.boxes.values()]
        one = "|".join(map(re.escape, options))
        return "^$" if any(re.search(r"\s", option) for option in options) else rf"^({one})(\s+({one}))*$"

    @cached_property
    def longest_first(self) -> list[tuple[str, str]]:
        """Box and option, so that an option with a comma in it is not taken for the one it begins with."""
        plain = {box: re.sub(BETWEEN, ",", option.strip().lower()) for box, option in self.boxes.items()}
        return sorted(plain.items(), key=lambda pair: -len(pair[1]))

    def ticked(self, cell: str) -> tuple[dict[str, bool], str]:
        """Box → whether it is among the answers of a cell; and what else stands there."""
        text = cell.strip().lower()
        text = "," + re.sub(r"\s+" if re.search(self.blanks, text) else BETWEEN, ",", text) + ","
        found = {}
        for box, option in self.longest_first:
            found[box] = f",{option}," in text
            text = text.replace(f",{option},", ",")
        return {box: found[box] for box in self.boxes}, text.strip(", ")


def several_in_cells(book: Codebook, columns: Collection[str]) -> list[Cells]:
    """The columns of which a set has boxes called "column/option", where no column is called so itself."""
    found: dict[str, dict[str, str]] = {}
    for box in (box for one in book.sets.values() for box in one.items if box not in columns):
        if column := max((name for name in columns if box.startswith(f"{name}/")), key=len, default=""):
            found.setdefault(column, {})[box] = box.removeprefix(f"{column}/")
    return [Cells(column, boxes) for column, boxes in found.items()]


def unfolded(frame: pd.DataFrame, book: Codebook) -> tuple[pd.DataFrame, list[str]]:
    """The frame with a column of 1 and 0 for each box of `several_in_cells`, missing codes as they stand; what was done."""
    told = []
    for cells in several_in_cells(book, frame.columns):
        texts = frame[cells.column].astype(object).map(lambda cell: str(cell).strip(), na_action="ignore")
        texts = texts.where(texts != "")
        read = {text: cells.ticked(text) for text in texts.dropna().unique()}
        for box in cells.boxes:
            codes = {str(code) for code in book.items[box].missing}
            marks = {text: text if text in codes else str(int(ticks[box])) for text, (ticks, _) in read.items()}
            frame = frame.assign(**{box: texts.map(marks).astype(object)})
        codes = {str(code) for box in cells.boxes for code in book.items[box].missing}
        others = int(texts.isin([text for text, (_, rest) in read.items() if rest and text not in codes]).sum())
        beside = f"; {others} of them hold something else as well" if others else ""
        told.append(f"several answers in a cell of {cells.column} read as {len(cells.boxes)} boxes{beside}")
    return frame, told


def options_of(cells: Iterable[tuple[str, int]], fewest: int) -> list[str]:
    """The options that cells with several answers are made of, most ticked first; those that fewer people ticked left out.

    An option with a comma in it is one, where its parts never stand apart.

    >>> options_of([("Price, quality, Service", 20), ("Service", 15), ("Price, quality", 9)], 10)
    ['Service', 'Price, quality']
    """
    rows = [([part for part in re.split(BETWEEN, text.strip()) if part], n) for text, n in cells]
    while True:
        single: dict[str, int] = {}
        pairs: dict[tuple[str, str], int] = {}
        for parts, n in rows:
            for part in parts:
                single[part] = single.get(part, 0) + n
            for pair in pairwise(parts):
                pairs[pair] = pairs.get(pair, 0) + n
        whole = next((pair for pair, n in pairs.items() if n == single[pair[0]] == single[pair[1]] >= fewest), None)
        if whole is None or len(single) < 3:
            return sorted((part for part, n in single.items() if n >= fewest), key=lambda part: -single[part])
        rows = [(_joined(parts, whole), n) for parts, n in rows]


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    """Parts with those two, which stand side by side, as one."""
    if pair[0] not in parts:
        return parts
    at = parts.index(pair[0])
    return [*parts[:at], ", ".join(pair), *parts[at + 2 :]]
