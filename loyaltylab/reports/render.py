"""From an executed notebook to one Markdown text, and from that to one offline HTML page."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import subprocess
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from ..drawing import outlines
from ..errors import ReportError, listed
from ..methods import METHODS
from ..provenance import TIERS
from .words import STYLES, WORDS, words_in

__all__ = [
    "WORDS",
    "Form",
    "Page",
    "cards",
    "fence",
    "markdown",
    "pandoc",
    "plain",
    "raw",
    "table_cells",
    "table_fit",
    "write_page",
]

_HERE = Path(__file__).parent
Card = dict[str, Any]


class Form(Protocol):
    """How one format shows what Markdown has no common form for."""

    with_code: bool

    def exhibit(self, card: Card, name: str, data: dict[str, Any]) -> str:
        """A figure or table with its number, caption and source."""

    def reference(self, card_id: str, name: str) -> str:
        """A link in the prose to an exhibit."""

    def picture(self, png: bytes) -> str:
        """A picture that did not come through the report."""


def cards(notebook: dict[str, Any]) -> list[Card]:
    """What the `Report` of a notebook left in its outputs: title, evidence, prose, figures and tables, in order."""
    return [card for cell in notebook["cells"] for output in cell.get("outputs", []) if (card := _card(output))]


def _card(output: dict[str, Any]) -> Card:
    return dict(output.get("metadata", {}).get("loyaltylab", {}))


def markdown(notebook: dict[str, Any], manifest: dict[str, Any], form: Form) -> str:
    """The whole report as pandoc Markdown: prose and numbered exhibits, with the code where the form shows code."""
    parts: list[str] = []
    names = _names(notebook, manifest["language"])
    for cell in notebook["cells"]:
        source = "".join(cell["source"]).strip()
        if form.with_code and cell["cell_type"] == "markdown":
            parts.append(_div("code note", _below_headings(source)))
        elif form.with_code and cell["cell_type"] == "code" and source:
            parts.append(_div("code", f"{fence(source)} {{.python}}\n{source}\n{fence(source)}"))
        for output in cell.get("outputs", []):
            card = _card(output)
            if card.get("id"):
                parts.append(form.exhibit(card, names[card["id"]], output["data"]))
            elif card.get("kind") == "prose":
                parts.append(_referring("".join(output["data"]["text/markdown"]), names, form.reference))
            elif not card:
                parts.append(_displayed(output, form))
    parts += [_about(manifest), _references(manifest)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _names(notebook: dict[str, Any], language: str) -> dict[str, str]:
    """Exhibit id → "Figure 1", in order of appearance."""
    names: dict[str, str] = {}
    for kind in ("figure", "table"):
        for number, card in enumerate((card for card in cards(notebook) if card["kind"] == kind), start=1):
            names[card["id"]] = f"{WORDS[kind][language]} {number}"
    return names


def _referring(text: str, names: dict[str, str], reference: Callable[[str, str], str]) -> str:
    """Prose with each @fig-… and @tbl-… turned into a link that bears the exhibit's number."""

    def link(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise ReportError(
                f"the prose refers to @{found[1]}, which this report does not show; it shows {listed(names)}."
            )
        return reference(found[1], names[found[1]].replace(" ", "\u00a0"))

    return re.sub(r"(?<!\\)@((?:fig|tbl)-[\w-]*\w)", link, text)


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


def table_fit(cells: list[list[str]], numeric: list[bool], line: int) -> tuple[list[float], float]:
    """How wide a table's columns are on paper, as shares of the text's width, and how much smaller its type must be.

    A line holds `line` characters. No word and no number is broken while type of three quarters can prevent it.

    >>> table_fit([["Driver", "Share"], ["trust", "48.7% [36.2%; 59.9%]"]], [False, True], 92)
    ([0.307..., 0.692...], 1.0)
    """
    least = 0.75
    columns = list(zip(*cells, strict=True))

    def words(column: tuple[str, ...]) -> float:
        return 2.5 + max(
            len(word) * (1 if i else 1.25) for i, cell in enumerate(column) for word in ["", *cell.split()]
        )

    def whole(column: tuple[str, ...]) -> float:
        return max(words(column), 2.5 + max(map(len, column[1:]), default=0))

    need = [whole(column) if number else words(column) for column, number in zip(columns, numeric, strict=True)]
    if sum(need) > line / least:
        need = [words(column) for column in columns]
    want = [max(at_least, min(whole(column), 47)) for column, at_least in zip(columns, need, strict=True)]
    spare, missing = line - sum(need), sum(want) - sum(need)
    if spare > 0 and missing > 0:
        want = [n + (w - n) * min(1, spare / missing) for n, w in zip(need, want, strict=True)]
    elif spare <= 0:
        want = need
    return [width / sum(want) for width in want], max(least, min(1.0, line / sum(need)))


def plain(text: str) -> str:
    r"""Text that pandoc prints as it is: on one line, without markup, without entities.

    >>> print(plain("R&amp;D\n*now*"))
    R\&amp;D \*now\*
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~^$@&])", r"\\\1", " ".join(text.split()))


def _displayed(output: dict[str, Any], form: Form) -> str:
    """An output that did not come through the report: the value of a cell goes with its code, what is displayed is shown."""
    data = output.get("data", {})
    text = "".join(output.get("text") or data.get("text/plain", ""))
    shown = f"{fence(text)}\n{text}\n{fence(text)}" if text else ""
    if output["output_type"] in ("stream", "execute_result"):
        return _div("code", shown) if form.with_code else ""
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    if "text/html" in data and form.with_code:
        return raw("".join(data["text/html"]))
    if "image/png" in data:
        return form.picture(base64.b64decode("".join(data["image/png"])))
    return _div("code", shown) if shown and form.with_code else shown


def _about(manifest: dict[str, Any]) -> str:
    """Parameters, files and versions: what one needs to run the report again."""
    word = words_in(manifest["language"])
    shown = {
        name: ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in manifest["parameters"].items()
    }
    rows = [f"| `{name}` | {plain(value)} |" for name, value in shown.items() if value]
    if empty := [f"`{name}`" for name, value in shown.items() if not value]:
        rows.append(f"| {word['empty']} | {', '.join(empty)} |")
    rows.append(f"| {word['run']} | `{manifest['id']}` |")
    rows.append(f"| {word['code']} | loyaltylab {plain(manifest['code_version'])} |")
    for file in manifest["files"].values():
        rows.append(f"| {word['file']} | {plain(file['name'])}, sha256 {file['sha256'][:16]}… |")
    software = {"Python": manifest["python"], **manifest["packages"]}
    rows.append(f"| {word['software']} | {', '.join(plain(f'{name} {it}') for name, it in software.items())} |")
    table = "\n".join([f"| {word['parameter']} | {word['value']} |", "|:---|:---------|", *rows])
    return f"## {word['about']} {{#about}}\n\n{word['rebuild']}\n\n{table}\n"


def _references(manifest: dict[str, Any]) -> str:
    """What the report rests on: the source of its data, and the papers its methods come from."""
    word, language = words_in(manifest["language"]), manifest["language"]
    found = []
    if citation := manifest["evidence"].get("citation", ""):
        found.append(f"**{word['data_reference']}.** {_linked(citation)}")
    methods = manifest["parameters"].get("methods", [])
    for name in [methods] if isinstance(methods, str) else methods:
        if name in METHODS:
            found.append(f"**{METHODS[name].label[language]}.** {_linked(METHODS[name].cite)}")
    return f"## {word['references']} {{#references}}\n\n" + "\n\n".join(found) if found else ""


def _linked(citation: str) -> str:
    """A reference as Markdown, its DOIs and addresses as links."""

    def piece(word: str) -> str:
        found = re.fullmatch(r"(https?://|doi:)(\S+?)([.,;)]*)", word)
        if not found:
            return plain(word)
        target = word if found[1].startswith("http") else f"https://doi.org/{found[2]}"
        return f"[{plain(found[1] + found[2])}](<{target.removesuffix(found[3])}>){found[3]}"

    return " ".join(map(piece, citation.split()))


# ---- pandoc --------------------------------------------------------------------------------------------------------------


@lru_cache
def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def pandoc(text: str, to: str, *options: str) -> bytes:
    """Markdown in another format; pandoc reads no file but those named in the options, fetches nothing, sees no clock.

    Raises
    ------
    ReportError
        With what pandoc said.
    """
    command = [
        _program(),
        "--from=markdown-yaml_metadata_block-citations-implicit_figures",
        f"--to={to}",
        *("--output=-", "--sandbox", "--quiet", "--syntax-highlighting=none", "--wrap=none"),
        *options,
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    done = subprocess.run(command, input=text.encode(), capture_output=True, env=environment)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ReportError(f"pandoc could not write {to}: {said[-1] if said else f'it stopped with {done.returncode}'}")
    return done.stdout


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

    def reference(self, card_id: str, name: str) -> str:
        """See `Form`."""
        return f"[{name}](#{card_id})"

    def exhibit(self, card: Card, name: str, data: dict[str, Any]) -> str:
        """See `Form`."""
        caption = f"[{name}]{{.number}} **{plain(card['title'])}.** {plain(card['caption'])} [{plain(card['source'])}]{{.source}}"
        if card["kind"] == "figure":
            image = self._kept("image/svg+xml", outlines("".join(data["image/svg+xml"])).encode())
            before = f'<figure id="{card["id"]}"><img src="{image}" alt="{html.escape(card["alt"])}"><figcaption>'
            shown = f"{raw(before)}\n\n{caption}\n\n{raw('</figcaption></figure>')}"
        else:
            (head, *rows), numeric = table_cells(card)
            rule = ["--:" if number else ":--" for number in numeric]
            lines = ["| " + " | ".join(row) + " |" for row in ([plain(c) for c in head], rule)]
            lines += ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in rows]
            table = "\n".join(lines)
            shown = f"::: {{#{card['id']} .table}}\n{table}\n\n: [{caption}]{{.words}}\n:::"
        return f"{shown}\n\n{self.tools(card)}"

    def tools(self, card: Card | None) -> str:
        """Below an exhibit, or the report: its data, and what to paste to cite it."""
        from .citing import cite_all

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
        "source-line": evidence.get("source", {}).get(language, ""),
        "note": evidence.get("note", ""),
        "run-id": manifest["id"],
        **{f"word-{key}": text for key, text in words_in(language).items()},
    }
    return {name: html.escape(text) for name, text in texts.items()}


def _hashed(script: str) -> str:
    """The page's own script by its hash, so that the browser runs no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _div(classes: str, text: str) -> str:
    return f"::: {{{' '.join(f'.{name}' for name in classes.split())}}}\n{text}\n:::"


def raw(content: str, form: str = "html") -> str:
    """What pandoc hands over as it stands, in Markdown for a format of its own: html, typst or openxml."""
    return f"{fence(content)}{{={form}}}\n{content}\n{fence(content)}"


def fence(text: str) -> str:
    """A fence longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _below_headings(text: str) -> str:
    """Notes to readers of the code stay out of the contents list: headings become bold lines."""
    return "\n".join(f"**{line.lstrip('# ')}**" if line.startswith("#") else line for line in text.splitlines())
