"""`block_contents()`: what each block of drivers contains, in words, for the top of a report that compares blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..codebook import Codebook, Scale, flatten
from ..core import Provenance, Result, tr
from ..moments import by_name
from .database import Warehouse
from .survey import Survey
from .table import PublishedTable


def name_in_words(book: Codebook, name: str, language: str) -> str:
    """The label of a variable, with what was really asked where it stands in for something else.

    Parameters
    ----------
    book : Codebook
        What the columns mean.
    name : str
        An item or scale.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        For a sentence or a table.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> name_in_words(read_codebook("corporate_reputation"), "ATTR", "en")
    'Attractiveness (how attractive the company is to staff and to the eye, which is no emotion of customers)'
    """
    stands_in = getattr(book.variables.get(name), "stands_in", {})
    return book.label(name, language) + (f" ({stands_in[language]})" if stands_in else "")


@dataclass(frozen=True, eq=False)
class BlockContents(Result):
    """The drivers of each block, the questions they are made of, and what else could be said of where they stand.

    Attributes
    ----------
    blocks : mapping of str → sequence of str
        Block → drivers that are in the data.
    codebook : Codebook
        What the columns mean.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    has_items : bool
        Whether their items are too.

    See Also
    --------
    loyaltylab.survey.block_contents : Makes it.
    """

    blocks: Mapping[str, tuple[str, ...]]
    codebook: Codebook
    provenance: Provenance
    has_items: bool = True
    keys = ("block", "term")

    def in_words(self, block: str, language: str) -> str:
        """The drivers of a block in one line."""
        return ", ".join(name_in_words(self.codebook, name, language) for name in self.blocks[block])

    def questions(self, driver: str, language: str) -> list[str]:
        """The questions of a driver in words, each with the block where another source puts it; none of a single item."""
        variable = self.codebook.variable(driver)
        if not (self.has_items and isinstance(variable, Scale)):
            return []
        own, said = variable.block, []
        for item in (self.codebook.items[name] for name in variable.items):
            elsewhere = item.elsewhere if item.elsewhere != own else ""
            where = f" ({tr('elsewhere: {block}')[language].format(block=self.codebook.label(elsewhere, language))})" if elsewhere else ""  # fmt: skip
            said.append(item.label[language] + where)
        return said

    @property
    def stand_ins(self) -> list[str]:
        """Drivers that stand in their block for something else."""
        return [name for name in flatten(self.blocks) if getattr(self.codebook.variable(name), "stands_in", {})]

    def columns(self) -> list[dict[str, Any]]:
        return [
            {"block": block, "term": name, "n_items": max(1, len(self.codebook.items_of(name)))}
            for block, names in self.blocks.items()
            for name in names
        ]

    def whole(self) -> dict[str, Any]:
        rows = self.columns()
        return {"n_blocks": len(self.blocks), "n_drivers": len(rows), "n_items": sum(row["n_items"] for row in rows)}


def block_contents(
    evidence: Survey | PublishedTable | Warehouse, blocks: Mapping[str, Iterable[str]] | None = None
) -> BlockContents:
    """What each block contains in these data, in words.

    Parameters
    ----------
    evidence : Survey, PublishedTable or Warehouse
        What `read_data` gives.
    blocks : mapping of block → drivers, optional
        Those that are compared; all of the codebook without it.

    Returns
    -------
    BlockContents
        `in_words(block, language)` lists the drivers of a block.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> block_contents(read_table("corporate_reputation_simple")).in_words("emotional", "en")
    'Likeability'
    """
    blocks = by_name(evidence, blocks, of="codebook")
    book = evidence.codebook
    of = book.blocks() if blocks is None else {block: tuple(names) for block, names in blocks.items()}
    kept = {block: tuple(name for name in names if evidence.has(name)) for block, names in of.items()}
    kept = {block: names for block, names in kept.items() if names}
    return BlockContents(kept, book, evidence.provenance, isinstance(evidence, Survey))
