"""What each block contains, as a table."""

from __future__ import annotations

from ...core import tr
from ...survey import BlockContents, name_in_words
from ..exhibit import Exhibit, Printer
from ..sketch import draws


@draws(BlockContents)
def table_blocks(result: BlockContents, *, printer: Printer) -> Exhibit:
    """The drivers of each block with the questions they are made of, and where other sources put these."""
    data = result.tidy()
    names = data["term"].tolist()
    data["items"] = ["; ".join(result.questions(name, printer.language)) or "–" for name in names]
    data["driver"] = [name_in_words(result.codebook, name, printer.language) for name in names]
    data["place"] = [printer.label(block) for block in data["block"]]
    columns = {"block": "{place}", "term": "{driver}", "items": "{items}"}
    headings = {"items": printer.tr("Questions"), "term": printer.tr("Driver")}
    how = tr(
        "Which driver stands in which block is a choice, and a verdict on blocks rests on it. In brackets after a driver: what was really asked, where it stands in for something else; after a question: the block another source puts it in."
    )
    alt = " ".join(f"{row.place}, {row.driver}: {row.items}." for row in data.itertuples())
    return printer.table(data, result.provenance, columns, headings, caption=printer.text(how), alt=alt)  # fmt: skip
