"""Every number of a run's prose by a name: a document that takes them from here retypes none, and changes with the run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from ...core import ReportError, check_known, tex, typst
from ..cards import cards

#: Stands behind # where an exhibit would.
NUMBERS = "numbers"
_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")

#: Name, text, and what a remark says of it.
Named = tuple[str, str, str]


def numbers_of(executed: dict[str, Any], run: str, style: str, doi: str = "") -> str:
    """The numbers of an executed notebook's prose, as definitions of a document's language.

    Parameters
    ----------
    executed : dict
        The executed notebook, as nbformat's JSON.
    run : str
        The run's id.
    style : {"latex", "typst", "word", "markdown"}
    doi : str
        What an archive gave the run.

    Raises
    ------
    UnknownName
        For a style there are no definitions in.
    ReportError
        For a run whose prose keeps no numbers.
    """
    check_known("style of numbers", style, _FORMS)
    found = _named(executed)
    if not found:
        raise ReportError(f"{run} keeps no numbers of its prose. Make it again with: loyaltylab run … --force.")
    again = f'loyaltylab cite "{run.removeprefix("loyaltylab:")}#{NUMBERS}" --style {style}'
    where = f"{run}, https://doi.org/{doi}" if doi else run
    return _FORMS[style](found, f"The numbers of {where}, as its prose prints them. From: {again}")


def _named(executed: dict[str, Any]) -> list[Named]:
    """The numbers by the block that tells them; the interval, where there is one, under the same name with "Interval"."""
    found: dict[str, tuple[str, str]] = {}
    for card in cards(executed):
        for number in card.get("printed", []):
            name = _words(f"{card['block']} {number['name']}")
            entries = [(name, number["text"])]
            entries += [(f"{name}Interval", number["interval"])] if number["interval"] else []
            for one, text in entries:
                entry = (text, f"{number['origin']} ({number['tier']})")
                options = [one, *(f"{one}{_words(f'again {i}')}" for i in range(2, len(found) + 3))]
                found.setdefault(next(name for name in options if found.get(name, entry) == entry), entry)
    return [(name, *entry) for name, entry in found.items()]


def _words(text: str) -> str:
    """A name of letters only, as LaTeX wants it.

    >>> _words("opening Importance: émotional, n_drivers (2)")
    'OpeningImportanceEmotionalNDriversTwo'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    spelt = re.sub(r"\d", lambda digit: f" {_DIGITS[int(digit[0])]} ", plain)
    return "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z]+", spelt))


def _latex(found: list[Named], head: str) -> str:
    lines = [f"% {head}", r"% Print one with \ll…{}, such as " + rf"\ll{found[0][0]}{{}}."]
    for name, text, origin in found:
        lines += [f"% {_line(origin)}", rf"\newcommand{{\ll{name}}}{{{tex(text)}}}"]
    return "\n".join(lines) + "\n"


def _typst(found: list[Named], head: str) -> str:
    lines = [f"// {head}", f'// #import "numbers.typ" as run, then #run.{found[0][0]}']
    for name, text, origin in found:
        lines += [f"// {_line(origin)}", f"#let {name} = {typst(text)}"]
    return "\n".join(lines) + "\n"


def _table(found: list[Named], head: str) -> str:
    """For Word, in which nothing defines a number: what to paste."""
    return "\n".join([head, *(f"{name}: {text}  [{_line(origin)}]" for name, text, origin in found)]) + "\n"


def _metadata(found: list[Named], head: str) -> str:
    """A block of metadata, which pandoc, Quarto and others fill into a text."""
    lines = ["---", f"# {head}", "numbers:"]
    for name, text, origin in found:
        quoted = text.replace("'", "''")
        lines += [f"  # {_line(origin)}", f"  {name}: '{quoted}'"]
    return "\n".join([*lines, "---"]) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())


_FORMS: dict[str, Callable[[list[Named], str], str]] = {
    "latex": _latex,
    "typst": _typst,
    "word": _table,
    "markdown": _metadata,
}
