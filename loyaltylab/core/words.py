"""Words and numbers as each language writes them.

English stands in the code, every other language in a catalogue of gettext: `locale/<language>/LC_MESSAGES/loyaltylab.po`.
A language more is a catalogue more; `make words` brings the catalogues up to date with the code.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .errors import check_known
from .files import PACKAGE

_LOCALE = PACKAGE / "locale"
#: The languages there are words in, English first.
LANGUAGES = ("en", *sorted(path.parent.parent.name for path in _LOCALE.glob("*/LC_MESSAGES/loyaltylab.po")))


class Label(str):
    """What a codebook calls something, whatever signs it is made of: "18-24" and "2025" are labels, no numbers."""


class Phrase(Mapping[str, str]):
    """A text in every language, looked up when a language is asked for; made by `tr` and `plural`."""

    __slots__ = ("context", "many", "message", "n")

    def __init__(self, message: str, context: str = "", many: str = "", n: int = 1) -> None:
        self.message, self.context, self.many, self.n = message, context, many, n

    def __getitem__(self, language: str) -> str:
        catalogue = _catalogue(language)
        if self.many:
            return catalogue.ngettext(self.message, self.many, self.n)
        return catalogue.pgettext(self.context, self.message) if self.context else catalogue.gettext(self.message)

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)

    def __repr__(self) -> str:
        return f"tr({self['en']!r})"

    def filled(self, **fields: Any) -> dict[str, str]:
        """The text in every language with its fields filled in; a field that is itself a text by language, in that language.

        >>> tr("simulated from the correlations of: {source}").filled(source={"en": "a survey", "nl": "een enquête"})
        {'en': 'simulated from the correlations of: a survey', 'nl': 'gesimuleerd uit de correlaties van: een enquête'}
        """

        def of(value: Any, language: str) -> Any:
            return value[language] if isinstance(value, Mapping) else value

        return {
            language: text.format(**{name: of(value, language) for name, value in fields.items()})
            for language, text in self.items()
        }


def tr(message: str, context: str = "") -> Phrase:
    """A text of figures, tables and messages in every language; the context tells apart what English has one word for.

    >>> tr("Share of the explained variance")["nl"]
    'Aandeel in de verklaarde variantie'
    """
    return Phrase(message, context)


def plural(one: str, many: str, n: int) -> Phrase:
    """A text about a number of things; `{n}` is left for the number as the language writes it.

    >>> plural("{n} row", "{n} rows", 3)["nl"].format(n=3)
    '3 rijen'
    """
    return Phrase(one, many=many, n=n)


def catalogue_file(language: str) -> Path:
    """Where the words of a language other than English stand."""
    return _LOCALE / language / "LC_MESSAGES" / "loyaltylab.po"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The words of a language; the .po is read as it is, so that there is no compiled one to forget."""
    check_known("language", language, LANGUAGES)
    if language == "en":
        return gettext.NullTranslations()
    from io import BytesIO

    from babel.messages import mofile, pofile

    with catalogue_file(language).open("rb") as file:
        catalogue = pofile.read_po(file, locale=language)
    compiled = BytesIO()
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def and_list(names: Iterable[str], language: str = "en") -> str:
    """Names in a sentence.

    >>> and_list(["trust", "joy", "price"]), and_list(["vertrouwen", "plezier"], "nl")
    ('trust, joy and price', 'vertrouwen en plezier')
    """
    from babel.lists import format_list

    # British English has no comma before its "and"
    return format_list([*names], locale={"en": "en_GB"}.get(language, language))


def language_name(language: str, reader: str = "") -> str:
    """What a language calls itself, or what the language of a reader calls it.

    >>> language_name("nl"), language_name("nl", "en"), language_name("en", "nl")
    ('Nederlands', 'Dutch', 'Engels')
    """
    from babel import Locale

    return (Locale(language).get_language_name(reader or language) or language).capitalize()


@cache
def _signs(language: str) -> dict[int, str]:
    """What a language writes for the comma of thousands and the decimal point."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return str.maketrans({",": get_group_symbol(language), ".": get_decimal_symbol(language)})


def format_number(value: float, spec: str, language: str = "en") -> str:
    """A number as a reader of that language writes it.

    `pp` at the end of `spec` turns shares into points; one `p` is for p-values, which are never printed as zero. The signs
    are Babel's; the format is Python's, for Babel has no fixed number of digits, "<0.001" or sign of points.

    >>> format_number(0.5132, ".1%", "nl"), format_number(-1234.5, ",.1f"), format_number(0.047, "+.1pp", "nl")
    ('51,3%', '−1,234.5', '+4,7')
    >>> format_number(0.0312, ".3p"), format_number(4e-8, ".3p", "nl")
    ('0.031', '<0,001')
    """
    if value != value:
        return "–"
    if spec.endswith("pp"):
        value, spec = 100 * value, spec[:-2] + "f"
    elif spec.endswith("p"):
        spec = spec[:-1] + "f"
        least = 10.0 ** -int(spec[1:-1])
        if value < least:
            return "<" + format_number(least, spec, language)
    text = format(value, spec)
    if float(re.sub(r"[^\d.]", "", text) or 1) == 0:
        text = text.lstrip("+-")
    if language != "en":
        text = text.translate(_signs(language))
    return text.replace("-", "−")
