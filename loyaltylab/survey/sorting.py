"""The sorting task: judges who do not know the codebook place each item in a block, and how far they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..codebook import Codebook, workbook
from ..core import LANGUAGES, DataError, Provenance, Result, check_known, listed, neutral, tr, whole
from ..kernels import agreement_beyond_chance
from .files.raw_table import read_raw

#: Where a judge puts an item that belongs in none of the blocks.
NONE = "none"
_NONE = tr("none of these")


def _items(book: Codebook) -> dict[str, str]:
    """Item of a driver → the block of the codebook it stands in."""
    return {i: block for block, names in book.blocks().items() for n in names for i in book.items_of(n) or (n,)}


def _places(book: Codebook, language: str) -> dict[str, str]:
    """What a judge may write → the block it means."""
    return {book.label(block, language): block for block in book.blocks()} | {_NONE[language]: NONE}


def sorting_sheet(book: Codebook, path: str | Path, *, language: str = "en", seed: int = 1) -> Path:
    """Write the sheet that a judge fills in: the questions of all drivers, in random order, without block or scale.

    Give every judge a copy, and let none see another's. Whoever wrote the codebook is no judge.

    Parameters
    ----------
    book : Codebook
        Its drivers are sorted.
    path : str or Path
        Ends in .csv or .xlsx.
    language : str
        Of the words: en or nl.
    seed : int
        Of the order of the questions.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DataError
        For another ending, or a codebook with fewer than two blocks of drivers.

    References
    ----------
    Anderson, J. C. & Gerbing, D. W. (1991). Predicting the performance of measures in a confirmatory factor analysis with a
    pretest assessment of their substantive validities. Journal of Applied Psychology 76, 732–740.
    doi:10.1037/0021-9010.76.5.732

    Examples
    --------
    >>> import tempfile
    >>> from loyaltylab import read_codebook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorting_sheet(read_codebook("corporate_reputation"), f"{folder}/sort.csv").name
    'sort.csv'
    """
    check_known("language", language, LANGUAGES)
    items, path = _items(book), Path(path)
    if len(book.blocks()) < 2:
        raise DataError(
            f"the codebook '{book.name}' has fewer than two blocks of drivers, so there is nothing to sort."
        )
    order = np.random.default_rng(seed).permutation(len(items))
    head = ["item", tr("Question")[language], f"block: {' | '.join(_places(book, language))}"]
    names = [[*items][i] for i in order]
    rows = [head, *([name, book.items[name].wording.get(language) or book.label(name, language), ""] for name in names)]
    if path.suffix == ".xlsx":
        with whole(path) as made:
            made.write_bytes(workbook({"sort": rows}))
    elif path.suffix == ".csv":
        import csv
        import io

        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([neutral(cell) for cell in row] for row in rows)
        with whole(path) as made:
            made.write_text("\ufeff" + text.getvalue(), encoding="utf-8", newline="\n")  # the mark that Excel reads
    else:
        raise DataError(f"'{path}': a sorting sheet ends in .csv or .xlsx.")
    return path


@dataclass(frozen=True, eq=False)
class Sorting(Result):
    """Where judges placed each item, and how far they agree beyond chance.

    `placed` (items, judges) holds names of blocks, `none`, or nothing where a judge left it open.

    Attributes
    ----------
    codebook : Codebook
        What the columns mean.
    items : sequence of str
        Their names.
    placed : np.ndarray
        (items, judges), names of blocks.
    provenance : Provenance
        Where the numbers came from, and what was done to them.

    See Also
    --------
    loyaltylab.survey.read_sorting : Makes it.
    """

    codebook: Codebook
    items: tuple[str, ...]
    placed: np.ndarray
    provenance: Provenance
    shown = ("n_items", "n_judges", "kappa", "ac1", "n_disputed")

    @cached_property
    def counts(self) -> np.ndarray:
        """How many judges put each item in each block, (items, blocks); the last column is none."""
        places = [*self.codebook.blocks(), NONE]
        return np.array([[(row == place).sum() for place in places] for row in self.placed])

    @property
    def kappa(self) -> float:
        """Fleiss's κ, over the items that every judge placed; not a number where there are none or all are placed alike."""
        from statsmodels.stats.inter_rater import fleiss_kappa

        whole = self.counts[self.counts.sum(axis=1) == self.placed.shape[1]]
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(fleiss_kappa(whole)) if len(whole) else float("nan")

    @property
    def ac1(self) -> float:
        """Gwet's AC1, which does not fall where nearly all items belong in one block."""
        return agreement_beyond_chance(self.counts)

    @property
    def disputed(self) -> list[str]:
        """Items that not more than half of the judges put in one block, or most in another than the codebook."""
        return [row["term"] for row in self.columns() if row["verdict"] != "agreed"]

    def columns(self) -> list[dict[str, Any]]:
        own, rows = _items(self.codebook), []
        for item, row in zip(self.items, self.placed, strict=True):
            said = Counter(place for place in row if place)
            (first, most), n = (said.most_common(1) or [("", 0)])[0], sum(said.values())
            majority = first if n and most > n / 2 else ""
            verdict = "disputed" if not majority else "agreed" if majority == own[item] else "elsewhere"
            rows.append({"term": item, "block": own[item], "majority": majority, "proportion": most / n if n else np.nan, "n": n, "verdict": verdict})  # fmt: skip
        return rows

    def whole(self) -> dict[str, Any]:
        return {
            "n_items": len(self.items),
            "n_judges": self.placed.shape[1],
            "kappa": self.kappa,
            "ac1": self.ac1,
            "n_disputed": len(self.disputed),
        }


def read_sorting(sheets: Sequence[str | Path], book: Codebook) -> Sorting:
    """The filled-in sheets of several judges, one each.

    Parameters
    ----------
    sheets : sequence of str or Path
        Paths, one a judge.
    book : Codebook
        The codebook that was sorted.

    Returns
    -------
    Sorting
        `tidy()` has a row for each question, with how far judges agree on its block.

    Raises
    ------
    DataError
        For fewer than two sheets, a sheet without the columns item and block, an item that is not the codebook's or stands
        twice, or a block that does not exist; each with its sheet and row.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> read_sorting(["one.csv"], read_codebook("corporate_reputation"))
    Traceback (most recent call last):
    loyaltylab.core.errors.DataError: 1 sheet was given; agreement takes two judges or more, each with a sheet.
    """
    if len(sheets) < 2:
        raise DataError(f"{len(sheets)} sheet was given; agreement takes two judges or more, each with a sheet.")
    items = tuple(_items(book))
    placed = np.full((len(items), len(sheets)), "", dtype=object)
    for judge, path in enumerate(sheets):
        for item, place in _of_judge(path, book).items():
            placed[items.index(item), judge] = place
    origin = Provenance(book.tier, book.title, "").then(f"items sorted by {len(sheets)} judges")
    return Sorting(book, items, placed, origin)


def _of_judge(sheet: str | Path, book: Codebook) -> dict[str, str]:
    """Item → block of one judge; items left open are left out."""
    raw, path = read_raw(sheet).frame, Path(sheet)
    columns = {str(name).partition(":")[0].strip().lower(): name for name in raw.columns}
    if not {"item", "block"} <= set(columns):
        raise DataError(f"{path.name}: has {listed(raw.columns)}; a sorting sheet has columns item and block.")
    items, known = _items(book), {NONE: NONE, **{block: block for block in book.blocks()}}
    known |= {label.lower(): block for language in LANGUAGES for label, block in _places(book, language).items()}
    found: dict[str, str] = {}
    for number, (item, place) in enumerate(zip(raw[columns["item"]], raw[columns["block"]], strict=True), start=2):
        name, said = (
            str(item).strip().removeprefix("'"),
            "" if place is None or place != place else str(place).strip().lower(),
        )
        if name not in items or name in found:
            what = "stands twice" if name in found else f"is no item of a driver in the codebook '{book.name}'"
            raise DataError(f"{path.name}, row {number}: '{name}' {what}.")
        if said and said not in known:
            raise DataError(
                f"{path.name}, row {number}: '{place}' is no block. Possible: {listed([*book.blocks(), NONE])}."
            )
        found[name] = known[said] if said else ""
    return {name: place for name, place in found.items() if place}
