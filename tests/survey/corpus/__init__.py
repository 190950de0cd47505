"""Small bad or odd survey files, made here: what each holds, and what must come of it.

Nothing in them was answered by anyone. A case writes one survey file and one codebook; it either loads, with these
values and these findings, or is refused in exactly these words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["BOOK", "EMOTION", "REASON", "Case", "Loads", "Refused", "book", "shop", "wide"]

Content = str | bytes | pd.DataFrame | Callable[[Path], object]


@dataclass(frozen=True)
class Loads:
    """Column → its answers after recoding, None for none; and (check, where, number of rows) of every finding."""

    cells: dict[str, list] = field(default_factory=dict)
    findings: tuple[tuple[str, str, int | None], ...] = ()


@dataclass(frozen=True)
class Refused:
    """The message, whole."""

    message: str


@dataclass(frozen=True)
class Case:
    """A file to write, its codebook, and what must come of it."""

    name: str
    file: str
    content: Content
    expected: Loads | Refused
    codebook: str | bytes = ""

    def write(self, folder: Path) -> None:
        """The survey file, as text, bytes, a frame (as csv) or by a function of its path; and `book.yml`."""
        path, text = folder / self.file, self.codebook or BOOK
        (folder / "book.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
        if isinstance(self.content, pd.DataFrame):
            self.content.to_csv(path, index=False)
        elif callable(self.content):
            self.content(path)
        else:
            path.write_bytes(self.content if isinstance(self.content, bytes) else self.content.encode())


def book(items: str, rest: str = "") -> str:
    """A codebook of these items, one a line."""
    return "title: Shop\nsource: made up\nitems:\n" + "".join(f"  {line}\n" for line in items.split("\n")) + rest


#: Two questions and a brand: enough for a file whose form is odd.
BOOK = book("t1: {range: [1, 5], missing: [99]}\nt2: {range: [0, 10]}\nmerk: {role: segment}")


EMOTION, REASON = ("e1", "e2", "e3", "e4"), ("r1", "r2", "r3", "r4")


def wide(items: str = "", rest: str = "", *, scales: str = "") -> str:
    """The codebook of `shop`, with more items, scales or sections."""
    asked = "\n".join(f"{name}: {{range: [1, 7]}}" for name in (*EMOTION, *REASON))
    asked += "\nstay: {range: [0, 10], role: outcome}" + ("\n" + items if items else "")
    return book(
        asked,
        f"scales:\n  JOY: {{items: [{', '.join(EMOTION)}], role: driver, block: emotional}}\n"
        f"  PRICE: {{items: [{', '.join(REASON)}], role: driver, block: rational}}\n{scales}{rest}",
    )


def shop(n: int = 120, **columns: object) -> pd.DataFrame:
    """Answers without a flaw to two scales of four items and to how long one will stay; and these columns."""
    rng = np.random.default_rng(7)
    joy, price = rng.normal(size=(2, n))
    answers = {name: joy + 0.7 * rng.normal(size=n) for name in EMOTION}
    answers |= {name: price + 0.7 * rng.normal(size=n) for name in REASON}
    # equal shares of every answer: all items vary alike
    frame = pd.DataFrame({name: 1 + np.argsort(np.argsort(x)) * 7 // n for name, x in answers.items()})
    frame["stay"] = np.argsort(np.argsort(joy + 0.5 * price + rng.normal(size=n))) * 11 // n
    return frame.assign(**columns)
