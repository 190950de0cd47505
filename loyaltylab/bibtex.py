"""BibTeX as text: its entries and their fields, each with its line; what is not BibTeX is refused, never skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import CodebookError, brief

__all__ = ["Entry", "entries", "people"]

_HEAD = re.compile(r"@([A-Za-z]+)\s*\{\s*([^\s,{}\"=]+)\s*,")
_FIELD = re.compile(r"([A-Za-z]+)\s*=\s*")
_SPACE = re.compile(r"(?:\s|%[^\n]*(?:\n|$))*")


@dataclass(frozen=True)
class Entry:
    """One entry as it stands: its kind, key and fields, braces kept, and the lines they begin in."""

    kind: str
    key: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def entries(text: str, name: str) -> Iterator[Entry]:
    r"""The entries of a BibTeX text; `name` is what messages call it. Lines that begin with % are remarks.

    Raises
    ------
    CodebookError
        With the line, where the text is not BibTeX, or a key or a field stands twice.

    >>> [entry.fields for entry in entries("@book{a2001,\n title = {The {A}}, year = 2001}", "own.bib")]
    [{'title': 'The {A}', 'year': '2001'}]
    """
    seen: dict[str, int] = {}
    at = _skip(text, 0)
    while at < len(text):
        head = _HEAD.match(text, at)
        if not head:
            raise _malformed(text, at, name, "an entry begins as @article{key,")
        entry = Entry(head[1].lower(), head[2], _line(text, at))
        if entry.key in seen:
            raise _malformed(text, at, name, f"'{entry.key}' stands twice (first in line {seen[entry.key]})")
        seen[entry.key] = entry.line
        at = _skip(text, _fill(entry, text, head.end(), name))
        yield entry


def _fill(entry: Entry, text: str, at: int, name: str) -> int:
    """Reads the fields from `at` on; where the entry ends."""
    at = _skip(text, at)
    while not text.startswith("}", at):
        found = _FIELD.match(text, at)
        if not found:
            raise _malformed(text, at, name, f"{entry.key}: a field is written as title = {{…}}, and an entry ends with }}")
        key = found[1].lower()
        if key in entry.fields:
            raise _malformed(text, at, name, f"{entry.key}: '{key}' stands twice")
        entry.lines[key] = _line(text, at)
        value, at = _value(text, found.end(), name, f"{entry.key}: {key}")
        entry.fields[key] = " ".join(value.split())
        at = _skip(text, at)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith("}", at):
            raise _malformed(text, at, name, f"{entry.key}: after '{key}' a comma or }} is missing")
    return at + 1


def _value(text: str, at: int, name: str, where: str) -> tuple[str, int]:
    """A value in braces or quotation marks, or a number; and where it ends."""
    if number := re.compile(r"\d+").match(text, at):
        return number[0], number.end()
    close = {"{": "}", '"': '"'}.get(text[at : at + 1])
    if not close:
        raise _malformed(text, at, name, f"{where}: a value stands in braces")
    depth, start = 0, at + 1
    for here in range(start, len(text)):
        letter = text[here]
        if letter == close and not depth and text[here - 1] != "\\":
            return text[start:here], here + 1
        if text[here - 1] != "\\":
            depth += (letter == "{") - (letter == "}")
    raise _malformed(text, at, name, f"{where}: {close} is missing; the value never ends")


def people(text: str) -> list[str]:
    """The names in an author field, those in braces of their own left whole.

    >>> people("Hair, J. F. and {Bain and Company}")
    ['Hair, J. F.', '{Bain and Company}']
    """
    found, depth, start = [], 0, 0
    for here, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if not depth and text.startswith(" and ", here):
            found.append(text[start:here].strip())
            start = here + 5
    return [*found, text[start:].strip()]


def _skip(text: str, at: int) -> int:
    """The next place that is neither space nor a remark."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _malformed(text: str, at: int, name: str, what: str) -> CodebookError:
    here = text[at:].split("\n", 1)[0].strip()
    return CodebookError(f"{name}, line {_line(text, at)}: {what}; found {brief(here)}.")
