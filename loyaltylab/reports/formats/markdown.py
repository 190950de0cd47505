"""An executed notebook as one text in pandoc's Markdown, for every format."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Protocol

from ...core import ReportError, fence, listed, plain, raw, tr
from ...drivers import METHODS
from ..cards import REFERENCE, Card, _card, cards
from ..words import WORDS, words_in

#: Blocks that open a section to look things up in.
_LOOKED_UP = ("cards", "literature", "rules", "respondents")


class Form(Protocol):
    """How one format shows what Markdown has no common form for."""

    with_code: bool

    def exhibit(self, card: Card, name: str, data: dict[str, Any]) -> str:
        """A figure or table with its number, caption and source."""

    def reference(self, card_id: str, name: str) -> str:
        """A link in the prose to an exhibit."""

    def picture(self, png: bytes) -> str:
        """A picture that did not come through the report."""

    def appendix(self) -> str:
        """What stands before what is there to look things up in: who answered, and how the report was made."""


def markdown(notebook: dict[str, Any], manifest: dict[str, Any], form: Form) -> str:
    """The whole report as pandoc Markdown: prose and numbered exhibits, with the code where the form shows code."""
    parts: list[str] = []
    names = _names(notebook, manifest["language"])
    said: dict[str, str] = {}
    appended = _bookkeeping(notebook)
    for cell in notebook["cells"]:
        source = "".join(cell["source"]).strip()
        if form.with_code and cell["cell_type"] == "markdown":
            parts.append(_div("code note", _below_headings(source)))
        elif form.with_code and cell["cell_type"] == "code" and source:
            parts.append(_div("code", f"{fence(source)} {{.python}}\n{source}\n{fence(source)}"))
        for output in cell.get("outputs", []):
            card = _card(output)
            if card.get("id"):
                parts.append(form.exhibit({**card, **_once(card, names, said)}, names[card["id"]], output["data"]))
            elif card.get("kind") == "prose":
                if output is appended:
                    parts.append(form.appendix())
                parts.append(_referring("".join(output["data"]["text/markdown"]), names, form.reference))
            elif not card:
                parts.append(_displayed(output, form))
    parts += ["" if appended else form.appendix(), _about(manifest), _references(manifest)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _bookkeeping(notebook: dict[str, Any]) -> dict[str, Any] | None:
    """The output that opens the last sections, where those are there to look things up in and say who answered; else nothing."""
    heads = [
        output
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if re.match("## ", "".join(output.get("data", {}).get("text/markdown", "")))
    ]
    last = takewhile(lambda output: _card(output).get("block", "").startswith(_LOOKED_UP), reversed(heads))
    return next(reversed([*last]), None)


def _names(notebook: dict[str, Any], language: str) -> dict[str, str]:
    """Exhibit id → "Figure 1", in order of appearance."""
    names: dict[str, str] = {}
    for kind in ("figure", "table"):
        for number, card in enumerate((card for card in cards(notebook) if card["kind"] == kind), start=1):
            names[card["id"]] = f"{WORDS[kind][language]} {number}"
    return names


def _once(card: Card, names: dict[str, str], said: dict[str, str]) -> dict[str, str]:
    """Caption and source as a text to be read has them: what an earlier exhibit said word for word is not said again.

    >>> said, names = {}, {"fig-a": "Figure 1", "fig-b": "Figure 2"}
    >>> card = {"id": "fig-a", "language": "en", "caption": "Lines are intervals.", "source": "Source (observed): us"}
    >>> first = _once(card, names, said)
    >>> _once({**card, "id": "fig-b"}, names, said)
    {'read_caption': 'Read as Figure 1.', 'read_source': 'Source (observed): as Figure 1'}
    """
    language, here = card["language"], names[card["id"]]
    caption, source = (said.setdefault(card[part], here) for part in ("caption", "source"))
    tier, stated, _ = card["source"].partition(": ")
    again = tr("as {exhibit}", "a source")[language].format(exhibit=source)
    return {
        "read_caption": card["caption"]
        if caption == here
        else tr("Read as {exhibit}.")[language].format(exhibit=caption),
        "read_source": card["source"] if source == here or not stated else f"{tier}: {again}",
    }


def _referring(text: str, names: dict[str, str], reference: Callable[[str, str], str]) -> str:
    """Prose with each @fig-… and @tbl-… turned into a link that bears the exhibit's number."""

    def link(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise ReportError(
                f"the prose refers to @{found[1]}, which this report does not show; it shows {listed(names)}."
            )
        return reference(found[1], names[found[1]].replace(" ", "\u00a0"))

    return REFERENCE.sub(link, text)


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
    if doi := manifest.get("authorship", {}).get("doi"):
        rows.append(f"| DOI | {_linked(f'https://doi.org/{doi}')} |")
    rows.append(f"| {word['code']} | loyaltylab {plain(manifest['code_version'])} |")
    for file in manifest["files"].values():
        rows.append(f"| {word['file']} | {plain(file['name'])}, sha256 {file['sha256'][:16]}… |")
    software = {"Python": manifest["python"], **manifest["packages"]}
    rows.append(f"| {word['software']} | {', '.join(plain(f'{name} {it}') for name, it in software.items())} |")
    table = "\n".join([f"| {word['parameter']} | {word['value']} |", "|:-----|:---------|", *rows])
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


def _div(classes: str, text: str) -> str:
    return f"::: {{{' '.join(f'.{name}' for name in classes.split())}}}\n{text}\n:::"


def _below_headings(text: str) -> str:
    """Notes to readers of the code stay out of the contents list: headings become bold lines."""
    return "\n".join(f"**{line.lstrip('# ')}**" if line.startswith("#") else line for line in text.splitlines())
