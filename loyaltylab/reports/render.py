"""From an executed notebook to one offline HTML page: Markdown first, then pandoc."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

from ..errors import ReportError, listed
from ..provenance import TIERS
from .session import escaped

__all__ = ["cards", "markdown", "write_page"]

WORDS: dict[str, dict[str, str]] = {
    "figure": {"en": "Figure", "nl": "Figuur"},
    "table": {"en": "Table", "nl": "Tabel"},
    "contents": {"en": "Contents", "nl": "Inhoud"},
    "show_code": {"en": "Show code", "nl": "Toon code"},
    "evidence": {"en": "Evidence", "nl": "Bewijs"},
    "observed": {
        "en": "Observed: answers of real respondents.",
        "nl": "Waargenomen: antwoorden van echte respondenten.",
    },
    "published": {
        "en": "Published: computed from a table in a source, without its respondents.",
        "nl": "Gepubliceerd: berekend uit een tabel in een bron, zonder de respondenten.",
    },
    "synthetic": {
        "en": "Synthetic: simulated respondents. Nothing here is evidence for a claim.",
        "nl": "Synthetisch: gesimuleerde respondenten. Niets hier is bewijs voor een bewering.",
    },
    "about": {"en": "About this report", "nl": "Over dit rapport"},
    "parameter": {"en": "Parameter", "nl": "Parameter"},
    "value": {"en": "Value", "nl": "Waarde"},
    "run": {"en": "Run", "nl": "Run"},
    "code": {"en": "Code version", "nl": "Codeversie"},
    "citation": {"en": "Data to cite", "nl": "Te citeren gegevens"},
    "file": {"en": "File", "nl": "Bestand"},
    "software": {"en": "Software", "nl": "Software"},
    "rebuild": {
        "en": "The same inputs give the same page, byte for byte. Every figure and table is in the folder exhibits/, with its data and a card that says where it came from.",
        "nl": "Dezelfde invoer geeft dezelfde pagina, byte voor byte. Elke figuur en tabel staat in de map exhibits/, met de gegevens en een kaart met de herkomst.",
    },
}

_TEMPLATE = Path(__file__).with_name("page.html")


def cards(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """What the `Report` of a notebook left in its outputs: title, evidence, prose, figures and tables, in order."""
    return [card for cell in notebook["cells"] for output in cell.get("outputs", []) if (card := _card(output))]


def _card(output: dict[str, Any]) -> dict[str, Any]:
    return dict(output.get("metadata", {}).get("loyaltylab", {}))


def markdown(notebook: dict[str, Any], manifest: dict[str, Any]) -> str:
    """The whole report as pandoc Markdown: prose and numbered exhibits, with the code in divs that can be hidden."""
    language = manifest["language"]
    parts: list[str] = []
    names = _names(notebook, language)
    for cell in notebook["cells"]:
        source = "".join(cell["source"]).strip()
        if cell["cell_type"] == "markdown":
            parts.append(_div("code note", _below_headings(source)))
        elif cell["cell_type"] == "code" and source:
            parts.append(_div("code", f"{_fence(source)} {{.python}}\n{source}\n{_fence(source)}"))
        for output in cell.get("outputs", []):
            card = _card(output)
            if card.get("id"):
                parts.append(_exhibit(card, names[card["id"]], output["data"]))
            elif card.get("kind") == "prose":
                parts.append(_referring("".join(output["data"]["text/markdown"]), names))
            elif not card:
                parts.append(_plain(output))
    parts.append(_about(manifest, language))
    return "\n\n".join(part for part in parts if part) + "\n"


def _names(notebook: dict[str, Any], language: str) -> dict[str, str]:
    """Exhibit id → "Figure 1", in order of appearance."""
    names: dict[str, str] = {}
    for kind in ("figure", "table"):
        for number, card in enumerate((card for card in cards(notebook) if card["kind"] == kind), start=1):
            names[card["id"]] = f"{WORDS[kind][language]} {number}"
    return names


def _referring(text: str, names: dict[str, str]) -> str:
    """Prose with each @fig-… and @tbl-… turned into a link that bears the exhibit's number."""

    def link(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise ReportError(
                f"the prose refers to @{found[1]}, which this report does not show; it shows {listed(names)}."
            )
        return f"[{names[found[1]]}](#{found[1]})"

    return re.sub(r"@((?:fig|tbl)-[\w-]*\w)", link, text)


def _exhibit(card: dict[str, Any], name: str, data: dict[str, Any]) -> str:
    """A figure or table with its number, its finding as the first words of the caption, and its source."""
    caption = f"[{name}]{{.number}} **{escaped(card['title'])}.** {escaped(card['caption'])} [{escaped(card['source'])}]{{.source}}"
    if card["kind"] == "figure":
        image = base64.b64encode("".join(data["image/svg+xml"]).encode()).decode()
        alt = card["alt"].replace("\\", "\\\\").replace('"', '\\"')
        return f'![{caption}](data:image/svg+xml;base64,{image}){{#{card["id"]} alt="{alt}"}}'
    return f"::: {{#{card['id']} .table}}\n{card['markdown']}\n: {caption}\n:::"


def _plain(output: dict[str, Any]) -> str:
    """An output that did not come through the report: the value of a cell goes with its code, what is displayed is shown."""
    data = output.get("data", {})
    if output["output_type"] in ("stream", "execute_result"):
        text = "".join(output.get("text") or data.get("text/plain", ""))
        return _div("code", f"{_fence(text)}\n{text}\n{_fence(text)}")
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    if "text/html" in data:
        return f"{_fence('')}{{=html}}\n{''.join(data['text/html'])}\n{_fence('')}"
    if "image/png" in data:
        return f"![](data:image/png;base64,{''.join(data['image/png']).strip()})"
    text = "".join(data.get("text/plain", ""))
    return _div("code", f"{_fence(text)}\n{text}\n{_fence(text)}") if text else ""


def _about(manifest: dict[str, Any], language: str) -> str:
    """Parameters, files and versions: what one needs to run the report again."""
    word = {key: texts[language] for key, texts in WORDS.items()}
    shown = {
        name: ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in manifest["parameters"].items()
    }
    parameters = "\n".join(f"| `{name}` | {escaped(value) or '–'} |" for name, value in shown.items())
    files = "\n".join(
        f"| {word['file']} | {escaped(f['name'])}, sha256 {f['sha256'][:16]}… |" for f in manifest["files"].values()
    )
    software = ", ".join(f"{name} {number}" for name, number in manifest["packages"].items())
    citation = manifest["evidence"].get("citation", "")
    return f"""## {word["about"]} {{#about}}

{word["rebuild"]}

| {word["parameter"]} | {word["value"]} |
|:---|:------|
{parameters}

| | |
|:---|:------|
| {word["run"]} | `{manifest["id"]}` |
| {word["code"]} | loyaltylab {escaped(manifest["code_version"])} |
{files}
| {word["software"]} | Python {manifest["python"]}, {escaped(software)} |
{f"| {word['citation']} | {escaped(citation)} |" if citation else ""}
"""


def write_page(notebook: dict[str, Any], manifest: dict[str, Any], folder: Path) -> Path:
    """`report.html` in the run's folder: one file, nothing fetched from anywhere."""
    import pypandoc

    language = manifest["language"]
    tier = manifest["evidence_tier"]
    evidence = manifest["evidence"]
    metadata = {
        "title": manifest["title"],
        "pagetitle": manifest["title"],
        "lang": language,
        "tier": tier or "",
        "tier-name": TIERS[tier][language] if tier else "",
        "tier-text": WORDS[tier][language] if tier else "",
        "source-line": html.escape(evidence.get("source", {}).get(language, "")),
        "note": html.escape(evidence.get("note", "")),
        "run-id": manifest["id"],
        **{f"word-{key}": texts[language] for key, texts in WORDS.items()},
    }
    (folder / "page.json").write_text(json.dumps(metadata), encoding="utf-8")
    target = folder / "report.html"
    options = [
        f"--template={_TEMPLATE}",
        f"--metadata-file={folder / 'page.json'}",
        f"--resource-path={folder}",
        "--standalone",
        "--embed-resources",
        "--mathml",
        "--toc",
        "--toc-depth=2",
        "--section-divs",
        "--syntax-highlighting=none",
        "--wrap=none",
        "--columns=100000",
    ]
    text = markdown(notebook, manifest)
    try:
        pypandoc.convert_text(
            text, "html5", format="markdown-yaml_metadata_block-citations", outputfile=str(target), extra_args=options
        )
    except RuntimeError as error:
        raise ReportError(f"the page could not be made from the notebook: {error}") from None
    finally:
        (folder / "page.json").unlink()
    return target


def _div(classes: str, text: str) -> str:
    return f"::: {{{' '.join(f'.{name}' for name in classes.split())}}}\n{text}\n:::"


def _fence(text: str) -> str:
    """A fence longer than any in the text."""
    longest = 0
    for line in text.splitlines():
        stripped = line.strip()
        longest = max(longest, len(stripped) - len(stripped.lstrip("`")))
    return "`" * max(3, longest + 1)


def _below_headings(text: str) -> str:
    """Notes to readers of the code stay out of the contents list: headings become bold lines."""
    return "\n".join(f"**{line.lstrip('# ')}**" if line.startswith("#") else line for line in text.splitlines())
