"""The words a report adds to what its notebook says, in English and Dutch."""

from __future__ import annotations

__all__ = ["STYLES", "WORDS", "words_in"]

WORDS: dict[str, dict[str, str]] = {
    "figure": {"en": "Figure", "nl": "Figuur"},
    "table": {"en": "Table", "nl": "Tabel"},
    "contents": {"en": "Contents", "nl": "Inhoud"},
    "skip": {"en": "Skip to the text", "nl": "Naar de tekst"},
    "show_code": {"en": "Show code", "nl": "Toon code"},
    "colours": {"en": "Colours", "nl": "Kleuren"},
    "auto": {"en": "automatic", "nl": "automatisch"},
    "light": {"en": "light", "nl": "licht"},
    "dark": {"en": "dark", "nl": "donker"},
    "cite": {"en": "Cite", "nl": "Citeren"},
    "cite_report": {"en": "Cite this report", "nl": "Dit rapport citeren"},
    "copy": {"en": "Copy", "nl": "Kopiëren"},
    "copied": {"en": "Copied", "nl": "Gekopieerd"},
    "selected": {"en": "Selected: press Ctrl+C", "nl": "Geselecteerd: druk op Ctrl+C"},
    "data": {"en": "Data (csv)", "nl": "Gegevens (csv)"},
    "evidence": {"en": "Evidence", "nl": "Bewijs"},
    "observed": {
        "en": "Observed: answers of real respondents.",
        "nl": "Waargenomen: antwoorden van echte respondenten.",
    },
    "published": {
        "en": "Published: computed from a table in a source, without its respondents.",
        "nl": "Gepubliceerd: berekend uit een tabel in een bron, zonder de respondenten.",
    },
    "unstated": {
        "en": "Source not stated: nobody has said whose answers these are. Nothing here is evidence for a claim.",
        "nl": "Bron niet vermeld: er is niet gezegd van wie deze antwoorden zijn. Niets hier is bewijs voor een bewering.",
    },
    "synthetic": {
        "en": "Synthetic: simulated respondents or assumed numbers. Nothing here is evidence for a claim.",
        "nl": "Synthetisch: gesimuleerde respondenten of veronderstelde getallen. Niets hier is bewijs voor een bewering.",
    },
    "about": {"en": "About this report", "nl": "Over dit rapport"},
    "parameter": {"en": "Parameter", "nl": "Parameter"},
    "value": {"en": "Value", "nl": "Waarde"},
    "empty": {"en": "left empty", "nl": "leeg gelaten"},
    "run": {"en": "Run", "nl": "Run"},
    "code": {"en": "Code version", "nl": "Codeversie"},
    "file": {"en": "File", "nl": "Bestand"},
    "software": {"en": "Software", "nl": "Software"},
    "references": {"en": "References", "nl": "Literatuur"},
    "data_reference": {"en": "Data", "nl": "Gegevens"},
    "page": {"en": "page", "nl": "pagina"},
    "of": {"en": "of", "nl": "van"},
    "rebuild": {
        "en": "The same inputs give the same report, byte for byte. Every figure and table is in the folder exhibits/, with its data and a card that says where it came from.",
        "nl": "Dezelfde invoer geeft hetzelfde rapport, byte voor byte. Elke figuur en tabel staat in de map exhibits/, met de gegevens en een kaart met de herkomst.",
    },
}

#: The citation styles a page offers, by the name a reader knows.
STYLES = {
    "apa": "APA",
    "word": "Word",
    "bibtex": "BibTeX",
    "latex": "LaTeX",
    "typst": "Typst",
    "markdown": "Markdown",
    "ris": "RIS",
    "csl": "CSL-JSON",
}


def words_in(language: str) -> dict[str, str]:
    """All words in one language.

    >>> words_in("nl")["figure"]
    'Figuur'
    """
    return {key: texts[language] for key, texts in WORDS.items()}
