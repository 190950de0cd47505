"""From an executed notebook to one Markdown text, and from that to one offline HTML page."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any

from ...core import TIERS, pandoc, plain, raw
from ...exhibits import NARROW, outlines
from ..cards import Card, table_cells
from ..words import STYLES, WORDS, stated, words_in
from .markdown import markdown

_HERE = Path(__file__).parent
#: A table of more rows or words is folded under its title: a page is read, a long table looked up.
_MOST_ROWS, _MOST_WORDS = 5, 50
#: Letters of a source that stand at the top of a page in full.
_LONGEST_SOURCE = 220


# ---- HTML ----------------------------------------------------------------------------------------------------------------


class Page:
    """The form of the HTML page. Pictures are put in when pandoc is done: it is slow on long addresses."""

    with_code = True

    def __init__(self, manifest: dict[str, Any], folder: Path) -> None:
        self.manifest = manifest
        self.folder = folder
        self.word = words_in(manifest["language"])
        self.pictures: dict[str, str] = {}

    def picture(self, png: bytes) -> str:
        """See `Form`."""
        return f"![]({self._kept('image/png', png)})"

    def appendix(self) -> str:
        """See `Form`."""
        return ""

    def reference(self, card_id: str, name: str) -> str:
        """See `Form`."""
        return f"[{name}](#{card_id})"

    def exhibit(self, card: Card, name: str, data: dict[str, Any]) -> str:
        """See `Form`."""
        caption = f"[{name}]{{.number}} **{plain(card['title'])}.** {plain(card['read_caption'])} [{plain(card['read_source'])}]{{.source}}"
        if card["kind"] == "figure":
            image = self._kept("image/svg+xml", outlines("".join(data["image/svg+xml"])).encode())
            narrow = self._kept("image/svg+xml", "".join(data[NARROW]).encode()) if NARROW in data else ""
            source = f'<source media="(max-width: 500px)" srcset="{narrow}">' if narrow else ""
            drawn = f'<picture>{source}<img src="{image}" alt="{html.escape(card["alt"])}"></picture>'
            kind = "" if narrow else ' class="wide"'
            before = f'<figure id="{card["id"]}"><div{kind}>{drawn}</div><figcaption>'
            shown = f"{raw(before)}\n\n{caption}\n\n{raw('</figcaption></figure>')}"
        else:
            (head, *rows), numeric = table_cells(card)
            rule = ["--:" if number else ":--" for number in numeric]
            lines = ["| " + " | ".join(row) + " |" for row in ([plain(c) for c in head], rule)]
            lines += ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in rows]
            table = "\n".join(lines)
            shown = f"::: {{#{card['id']} .table}}\n{table}\n\n: [{caption}]{{.words}}\n:::"
            if len(rows) > _MOST_ROWS or sum(len(cell.split()) for row in rows for cell in row) > _MOST_WORDS:
                title = f"[{name}]{{.number}} **{plain(card['title'])}.**"
                before, after = raw('<details class="fold"><summary>'), raw("</details>")
                return f"{before}\n\n{title}\n\n{raw('</summary>')}\n\n{shown}\n\n{self.tools(card)}\n\n{after}"
        return f"{shown}\n\n{self.tools(card)}"

    def tools(self, card: Card | None) -> str:
        """Below an exhibit, or the report: its data, and what to paste to cite it."""
        from ..citing.citing import cite_all

        texts = cite_all(self.manifest, card, tuple(STYLES))
        word = self.word
        cited = "".join(
            f'<div><strong>{STYLES[style]}</strong> <button type="button" hidden>{word["copy"]}</button>'
            f"<pre>{html.escape(text.strip())}</pre></div>"
            for style, text in texts.items()
        )
        name = f"{word['cite']}" if card else word["cite_report"]
        data = self.folder / "exhibits" / f"{card['id']}.csv" if card else None
        link = ""
        if card and data and data.is_file():
            content = base64.b64encode(data.read_bytes()).decode()
            link = f'<a download="{card["id"]}.csv" href="{self._kept_text("text/csv", content)}">{word["data"]}</a>'
        inside = f'<div class="tools">{link}<details class="cite"><summary>{name}</summary>{cited}</details></div>'
        return raw(inside)

    def _kept(self, kind: str, content: bytes) -> str:
        return self._kept_text(kind, base64.b64encode(content).decode())

    def _kept_text(self, kind: str, content: str) -> str:
        name = f"kept-{len(self.pictures)}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        self.pictures[name] = f"data:{kind};base64,{content}"
        return name


def write_page(notebook: dict[str, Any], manifest: dict[str, Any], folder: Path) -> Path:
    """`report.html` in the run's folder: one file, nothing fetched from anywhere."""
    page = Page(manifest, folder)
    text = markdown(notebook, manifest, page)
    text += "\n" + page.tools(None)
    script = (_HERE / "page.js").read_text(encoding="utf-8").strip()
    variables = {**_variables(manifest), "script": script, "script-hash": _hashed(script)}
    options = [f"--variable={name}={value}" for name, value in variables.items()]
    options += [f"--template={_HERE / 'page.html'}", "--standalone", "--mathml", "--toc", "--toc-depth=2"]
    done = pandoc(text, "html5", "--section-divs", "--columns=100000", *options).decode()
    done = re.sub(r'"(kept-\d+-[0-9a-f]{12})"', lambda found: f'"{page.pictures[found[1]]}"', done)
    target = folder / "report.html"
    target.write_text(done, encoding="utf-8", newline="\n")
    return target


def _variables(manifest: dict[str, Any]) -> dict[str, str]:
    """What the page's template is filled with."""
    language, tier, evidence = manifest["language"], manifest["evidence_tier"], manifest["evidence"]
    texts = {
        "pagetitle": manifest["title"],
        "lang": language,
        "tier": tier or "",
        "tier-name": TIERS[tier][language] if tier else "",
        "tier-text": WORDS[tier][language] if tier else "",
        **dict(zip(("source-line", "source-more"), _in_two(stated(manifest)), strict=True)),
        "note": evidence.get("note", ""),
        "run-id": manifest["id"],
        **{f"word-{key}": text for key, text in words_in(language).items()},
    }
    return {name: html.escape(text) for name, text in texts.items()}


def _in_two(source: str) -> tuple[str, str]:
    """A source of many parts as its first and the others, which the page folds: the finding is what its top is for.

    >>> _in_two("Table 3; 190 shoppers")
    ('Table 3; 190 shoppers', '')
    """
    parts = source.split("; ")
    if len(source) <= _LONGEST_SOURCE:
        return source, ""
    return parts[0], "; ".join(parts[1:])


def _hashed(script: str) -> str:
    """The page's own script by its hash, so that the browser runs no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
