"""What each block contains, as a table."""

from __future__ import annotations

from ...core import tr
from ...drivers import Importance
from ...survey import BlockContents, name_in_words
from ..exhibit import Exhibit, Printer
from ..parts import SIGNS, against_text
from ..sketch import draws


@draws(BlockContents)
def table_blocks(result: BlockContents, importance: Importance | None = None, *, printer: Printer) -> Exhibit:
    """The drivers of each block with the questions they are made of, and where other sources put these.

    Parameters
    ----------
    importance : Importance, optional
        Of these drivers; those that work against its outcome get a sign.
    """
    data = result.tidy()
    names = data["term"].tolist()
    data["items"] = ["; ".join(result.questions(name, printer.language)) or "–" for name in names]
    against = importance.against if importance is not None else []
    data["driver"] = [
        name_in_words(result.codebook, name, printer.language) + SIGNS["against"] * (name in against) for name in names
    ]
    data["place"] = [printer.label(block) for block in data["block"]]
    columns = {"block": "{place}", "term": "{driver}", "items": "{items}"}
    headings = {"items": printer.tr("Questions"), "term": printer.tr("Driver")}
    how = tr(
        "Which driver stands in which block is a choice, and a verdict on blocks rests on it. In brackets after a driver: what was really asked, where it stands in for something else; after a question: the block another source puts it in."
    )
    alt = " ".join(f"{row.place}, {row.driver}: {row.items}." for row in data.itertuples())
    return printer.table(data, result.provenance, columns, headings, caption=f"{printer.text(how)} {against_text(importance, printer)}".strip(), alt=alt)  # fmt: skip
