"""Reading an executed notebook: its cards, its prose, its headline and its findings."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from ..core import TIERS, tr
from .words import WORDS

Card = dict[str, Any]

#: A reference in prose to an exhibit, such as @fig-drivers; a backslash before it makes it text.
REFERENCE = re.compile(r"(?<!\\)@((?:fig|tbl)-[\w-]*\w)")
#: Lines and words up to which a PDF or Word file has a table whole that is there to look things up in.
_LONGEST, _WORDIEST = 16, 250


def cards(notebook: dict[str, Any]) -> list[Card]:
    """What the `Report` of a notebook left in its outputs: title, evidence, prose, figures and tables, in order."""
    return [card for cell in notebook["cells"] for output in cell.get("outputs", []) if (card := _card(output))]


def _card(output: dict[str, Any]) -> Card:
    return dict(output.get("metadata", {}).get("loyaltylab", {}))


def table_cells(card: Card) -> tuple[list[list[str]], list[bool]]:
    r"""Heading and rows of a table's card as plain text, and which columns hold numbers.

    >>> table_cells({"markdown": "| a \\| b | n |\n| :-- | --: |\n| x\\*y | 1 |\n"})
    ([['a | b', 'n'], ['x*y', '1']], [False, True])
    """
    lines = [
        [re.sub(r"\\([^A-Za-z0-9\s])", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in card["markdown"].strip().split("\n")
    ]
    return [lines[0], *lines[2:]], [cell.endswith(":") for cell in lines[1]]


def on_paper(card: Card) -> Card:
    r"""The card of a table as a PDF or Word file has it: a long one to look things up in is brief there, or without a single
    cell no more than its title, and says where all of it stands.

    >>> card = {"id": "tbl-a", "markdown": "| a |\n| :-- |\n" + "| x |\n" * 20, "caption": "Read so.", "language": "en"}
    >>> on_paper(card) == card
    True
    >>> on_paper({**card, "read_caption": "Read so.", "brief": ""})["caption"]
    'All of its 20 rows stand on the page (report.html) and in tbl-a.csv.'
    """
    if "brief" not in card:
        return card
    cells, _ = table_cells(card)
    if len(cells) <= _LONGEST and len(" ".join(map(" ".join, cells)).split()) <= _WORDIEST:
        return card
    where = tr("All of its {rows} rows stand on the page (report.html) and in {table}.")[card["language"]]
    said = where.format(rows=len(cells) - 1, table=card["id"] + ".csv")
    # of a title alone there is nothing to read as the caption says
    captions = {part: f"{card[part]} {said}" if card["brief"] else said for part in ("caption", "read_caption")}
    return {**card, **captions, "markdown": card["brief"]}


def table_fit(cells: list[list[str]], numeric: list[bool], line: int) -> tuple[list[float], float]:
    """How wide a table's columns are on paper, as shares of the text's width, and how much smaller its type must be.

    A line holds `line` characters. No word, number or interval is broken while type of three quarters can prevent it, and
    smaller type is taken where columns then break far fewer lines.

    >>> table_fit([["Driver", "Share"], ["trust", "48.7% [36.2%; 59.9%]"]], [False, True], 92)
    ([0.307..., 0.692...], 1.0)
    """
    widths, scale = _fit(cells, numeric, line)
    for smaller in (0.9, 0.85):
        other, fits = _fit(cells, numeric, line / smaller)
        # long texts take less room in smaller type anyway, which is no reason for it
        if (
            smaller < scale
            and fits == 1
            and table_lines(cells, other) < 0.8 * smaller * table_lines(cells, widths) / scale
        ):
            widths, scale = other, smaller
    return [width / sum(widths) for width in widths], scale


def _fit(cells: list[list[str]], numeric: list[bool], line: float) -> tuple[list[float], float]:
    """The widths of columns in characters that make up a line, and how much smaller type must be so that nothing is broken."""
    least = 0.75
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

    >>> unbroken("with it: +0.46 [+0.32; +0.60]")
    'with it: +0.46 [+0.32;\xa0+0.60]'
    """
    return re.sub(r"\[[^\[\]]{1,24}\]", lambda found: found[0].replace(" ", "\u00a0"), text)


def table_lines(cells: list[list[str]], widths: Sequence[float]) -> int:
    """How many lines of type the rows of a table take, about, in columns of so many characters.

    >>> table_lines([["Driver", "Share"], ["trust and honesty", "48%"]], [12, 9])
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


def headline_of(executed: dict[str, Any]) -> str:
    """The finding of an executed notebook as plain text: the bold opening of the first block quote of its prose.

    Where that does not end a sentence, or nothing is bold, the first sentence of the quote: its reservations stay with it.
    """
    for cell in executed["cells"]:
        for output in cell.get("outputs", []):
            card = output.get("metadata", {}).get("loyaltylab", {})
            if card.get("kind") == "prose" and not card.get("warns"):
                quote = re.search(r"(?:^>.*\n?)+", "".join(output["data"]["text/markdown"]), re.MULTILINE)
                if quote and (text := " ".join(re.sub(r"^> ?", "", quote[0], flags=re.MULTILINE).split())):
                    return _opening(text, cards(executed))
    return ""


def _opening(text: str, found: list[dict[str, Any]]) -> str:
    r"""The first finding of a Markdown paragraph as plain text; references to exhibits get their number, or go.

    >>> _opening("**Trust (*r* = .51) leads, not price\\_index (@fig-a).** The rest follows.", [])
    'Trust (r = .51) leads, not price_index.'
    >>> _opening("**Trust leads** in these simulated data. The rest follows.", [])
    'Trust leads in these simulated data.'
    """
    language = next((card["language"] for card in found if card["kind"] == "title"), "en")
    numbers = {card["id"]: f"{WORDS[card['kind']][language]} {card['number']}" for card in found if "number" in card}
    text = re.sub(r"\s*\((?:@(?:fig|tbl)-[\w-]+[,; ]*)+\)", "", text)
    text = REFERENCE.sub(lambda link: numbers.get(link[1], link[1]), text)
    bold = re.match(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", text)
    chosen = bold[1] if bold and bold[1].rstrip("*_”’\"'»)")[-1:] in tuple(".!?…") else ""
    plain = _without_markup(chosen or text)
    return plain if chosen else re.split(r"(?<=[.!?])\s+(?=[^\W\d_a-z]|[“\"'‘])", plain, maxsplit=1)[0]


def plain_prose(text: str, executed: dict[str, Any]) -> str:
    """The first sentence, or bold opening, of a text of the report, without heading or list mark."""
    body = re.sub(r"^(?:#+ .*|[-*>] ?)", "", text, flags=re.MULTILINE)
    return _opening(" ".join(body.split()), cards(executed))


def _without_markup(text: str) -> str:
    r"""Markdown as plain text.

    >>> _without_markup(r"*Do* [look](https://example.org): a\_b &lt; c\*d")
    'Do look: a_b < c*d'
    """
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)&#?\w+;", lambda entity: html.unescape(entity[0]), re.sub(r"(?<!\\)[*_`]+", "", text))
    return re.sub(r"\\(.)", r"\1", text)


def findings_of(executed: dict[str, Any], evidence_tier: str | None) -> list[dict[str, Any]]:
    """The findings of an executed notebook: its headline, and what `report.say(finding=…)` named.

    Each with its text, its numbers and the exhibits that support it: those it refers to, and where it refers to none, those
    the rest of its section refers to.
    """
    prose = [(card, text) for card, text in _prose(executed) if card.get("kind") == "prose"]
    found: list[dict[str, Any]] = []
    for i, (card, text) in enumerate(prose):
        if "quantities" not in card:
            continue
        name = card.get("finding") or ("" if any(one["id"] == "headline" for one in found) else "headline")
        if not name or not (said := headline_of(executed) if name == "headline" else plain_prose(text, executed)):
            continue
        tiers = [one["tier"] for one in card["quantities"]] + ([evidence_tier] if evidence_tier else [])
        found.append(
            {
                "id": name,
                "text": said,
                "tier": max(tiers, key=list(TIERS).index) if tiers else "synthetic",
                "exhibits": _referred(text) or _referred(_section([text for _, text in prose[i:]])),
                "numbers": card["quantities"],
            }
        )
    return found


def _prose(executed: dict[str, Any]) -> Iterable[tuple[dict[str, Any], str]]:
    for cell in executed["cells"]:
        for output in cell.get("outputs", []):
            card = output.get("metadata", {}).get("loyaltylab")
            if card:
                yield card, "".join(output.get("data", {}).get("text/markdown", ""))


def _section(texts: list[str]) -> str:
    """The prose from here to the next heading."""
    kept = texts[:1]
    for text in texts[1:]:
        if re.search(r"^#{1,2} ", text, re.MULTILINE):
            break
        kept.append(text)
    return "\n".join(kept)


def _referred(text: str) -> list[str]:
    return list(dict.fromkeys(REFERENCE.findall(text)))
