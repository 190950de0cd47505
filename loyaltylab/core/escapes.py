"""Text from users, made harmless for Markdown, LaTeX, Typst and spreadsheets."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

__all__ = ["markdown", "neutral", "tex", "typst"]

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
    "\u00a0": "~",
    "\u202f": "~",
}


def tex(text: str, *, bibtex: bool = False) -> str:
    r"""Text that LaTeX prints as it is, on one line.

    With `bibtex`, for its fields: reference managers know fewer commands, and a brace left open would swallow the file.

    >>> print(tex("50% of R² & {a_b} <ρ>"))
    50\% of R\textsuperscript{2} \& \{a\_b\} \textless{}$\rho$\textgreater{}
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


def neutral(value: Any) -> Any:
    """A cell of a csv, on one line: text that a spreadsheet would run gets an apostrophe, numbers stay numbers.

    >>> neutral("=1+1"), neutral("-5"), neutral("@sum"), neutral("trust")
    ("'=1+1", '-5', "'@sum", 'trust')
    """
    if not isinstance(value, str):
        return value
    line = re.sub(r"[\r\n]+", " ", value)
    opens = re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", value)
    return f"'{line}" if opens and not re.fullmatch(r"[+-]?\d+([.,]\d+)?", value) else line
