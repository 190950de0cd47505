"""What the terminal is told: nothing that it would obey, and nothing that its encoding lacks."""

from __future__ import annotations

import codecs
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import typer

from ..core import printable

if TYPE_CHECKING:
    from rich.console import Console

#: Columns of the narrowest terminal that tables are set for.
_NARROWEST = 40
#: What stands for signs that an old console's encoding lacks.
_PLAIN = {"→": "->", "←": "<-", "✓": "ok", "✗": "x", "≥": ">=", "≤": "<=", "−": "-", "≈": "~", "×": "x", "α": "alpha"}


def say(text: str = "", **options: Any) -> None:
    """A line, or several, for whoever started the command."""
    typer.echo(printable(text), **options)


def complain(text: str, colour: str = typer.colors.RED) -> None:
    """What went wrong (red), or less than was asked (yellow)."""
    typer.secho(printable(text), fg=colour, err=True)


def console() -> Console:
    """For tables and paragraphs, with colours of its own and no other sign that controls a terminal."""
    from rich.console import Console

    given = os.environ.get("COLUMNS", "")
    width = _NARROWEST if given.isdecimal() and int(given) < _NARROWEST else None  # of none, rich prints nothing
    return Console(file=_Cleaned(sys.stdout), highlight=False, width=width)


class _Cleaned:
    """A stream that lets no sign through that a terminal obeys, but for colours."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        parts = re.split(r"(\x1b\[[\d;]*m)", text)
        self.stream.write("".join(part if number % 2 else printable(part) for number, part in enumerate(parts)))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def speak_its_encoding() -> None:
    """A sign that the console or the file behind it cannot hold is printed by another, and stops nothing."""
    codecs.register_error("loyaltylab", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="loyaltylab")


def _plainer(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end
