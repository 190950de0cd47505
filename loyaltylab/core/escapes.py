"""Text from users, made harmless for Markdown, LaTeX, Typst, spreadsheets, XML and terminals."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': "''",  # babel's Dutch and German give the straight quote a meaning of its own
    "²": r"\textsuperscript{2}",
    "−": "$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "×": r"$\times$",
    "≈": r"$\approx$",
    "✓": r"$\surd$",  # its own fonts have no other
    "✗": r"$\times$",
    "\u00a0": "~",
    "\u202f": "~",
}


def tex(text: str, *, bibtex: bool = False) -> str:
    r"""Text that LaTeX prints as it is, on one line.

    With `bibtex`, for its fields: reference managers know fewer commands, and a brace left open would swallow the file.

    >>> print(tex("50% of R² & {a_b} <ρ>"))
    50\% of R\textsuperscript{2} \& \{a\_b\} \textless{}$\rho$\textgreater{}
    >>> print(tex("✓ ✗ ≤"))
    $\surd$ $\times$ $\leq$
    >>> print(tex("{a}", bibtex=True), tex("{", bibtex=True))
    \{a\} \textbraceleft{}
    """
    known = _TEX | ({"|": "|", "`": "`"} if bibtex else {})
    if bibtex and text.count("{") != text.count("}"):
        known |= {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
    return "".join(known.get(c) or _greek(c) for c in " ".join(text.split())).replace("--", "-{}-")


def _greek(letter: str) -> str:
    name = unicodedata.name(letter, "").removeprefix("GREEK SMALL LETTER ").lower()
    return f"$\\{name}$" if "α" <= letter <= "ω" and name not in ("omicron", "final sigma") else letter


def markdown(text: str) -> str:
    r"""Text that Markdown prints as it is.

    >>> print(markdown("like_1 * <b>"))
    like\_1 \* \<b\>
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~^$@&])", r"\\\1", text)


def typst(text: str) -> str:
    r"""A Typst string: nothing in it is markup.

    >>> print(typst('a "b" #c \\'))
    "a \"b\" #c \\"
    """
    return '"' + re.sub(r'(["\\])', r"\\\1", " ".join(text.split())) + '"'


#: Signs that no XML (svg, docx, xlsx) can hold and that a terminal may obey, but for the tab and the new line; those that show
#: what follows in another order than it is written; and halves of signs.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    r"""Text with a blank for every sign that controls a device and prints nothing, such as the line break of a cell in Excel.

    >>> printable("Good\x0bprice"), printable("a\x1b[2Jb"), printable("one\ntwo")
    ('Good price', 'a [2Jb', 'one\ntwo')
    """
    return _CONTROL.sub(" ", text)


def neutral(value: Any) -> Any:
    """A cell of a csv, on one line: text that a spreadsheet would run gets an apostrophe, numbers stay numbers.

    So does what follows a semicolon, at which an Excel of many countries begins a new cell.

    >>> neutral("=1+1"), neutral("-5"), neutral("@sum"), neutral("trust")
    ("'=1+1", '-5', "'@sum", 'trust')
    >>> neutral("good;=1+1"), neutral("1; -5; joy")
    ("good;'=1+1", '1; -5; joy')
    """
    return _neutral_text(value) if isinstance(value, str) else value


@lru_cache(maxsize=1 << 14)  # a column says few things many times
def _neutral_text(value: str) -> str:
    return ";".join(map(_neutral, value.split(";")))


def _neutral(value: str) -> str:
    line = printable(re.sub(r"[\r\n]+", " ", value))
    opens = re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", value)
    return f"'{line}" if opens and not re.fullmatch(r"\s*[+-]?\d+([.,]\d+)?\s*", value) else line
