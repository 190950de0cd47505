"""The words a report adds to what its notebook says, in English and Dutch."""

from __future__ import annotations

from typing import Any

from ..core import tr

WORDS = {
    "figure": tr("Figure"),
    "table": tr("Table"),
    "contents": tr("Contents"),
    "skip": tr("Skip to the text"),
    "show_code": tr("Show code"),
    "colours": tr("Colours"),
    "auto": tr("automatic"),
    "light": tr("light"),
    "dark": tr("dark"),
    "cite": tr("Cite"),
    "cite_report": tr("Cite this report"),
    "copy": tr("Copy"),
    "copied": tr("Copied"),
    "selected": tr("Selected: press Ctrl+C"),
    "data": tr("Data (csv)"),
    "evidence": tr("Evidence"),
    "observed": tr("Observed: answers of real respondents."),
    "published": tr("Published: computed from a table in a source, without its respondents."),
    "unstated": tr("Source not stated: nobody has said whose answers these are. Nothing here is evidence for a claim."),
    "synthetic": tr("Synthetic: simulated respondents or assumed numbers. Nothing here is evidence for a claim."),
    "about": tr("About this report"),
    "parameter": tr("Parameter"),
    "value": tr("Value"),
    "empty": tr("left empty"),
    "run": tr("Run"),
    "code": tr("Code version"),
    "file": tr("File"),
    "software": tr("Software"),
    "references": tr("References"),
    "data_reference": tr("Data"),
    "page": tr("page"),
    "of": tr("of"),
    "rebuild": tr(
        "The same inputs give the same report, byte for byte. Every figure and table is in the folder exhibits/, with its data and a card that says where it came from."
    ),
}

#: The citation styles a page offers, by the name a reader knows.
STYLES = {
    "apa": "APA",
    "word": "Word",
    "bibtex": "BibTeX",
    "biblatex": "BibLaTeX",
    "latex": "LaTeX",
    "typst": "Typst",
    "markdown": "Markdown",
    "ris": "RIS",
    "csl": "CSL-JSON",
}


def stated(manifest: dict[str, Any]) -> str:
    """What a report rests on, as the sentence after its tier.

    >>> stated({"language": "en", "evidence": {"source": {"en": "assumptions of the reader"}}})
    'Assumptions of the reader'
    """
    source = manifest["evidence"].get("source", {}).get(manifest["language"], "")
    return source[:1].upper() + source[1:]


def words_in(language: str) -> dict[str, str]:
    """All words in one language.

    >>> words_in("nl")["figure"]
    'Figuur'
    """
    return {key: texts[language] for key, texts in WORDS.items()}
