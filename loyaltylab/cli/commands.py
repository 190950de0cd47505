"""The commands there are, and how their errors are said."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from ..core import LoyaltyLabError, in_words
from . import claims, reporting, surveys
from .terminal import complain, speak_its_encoding

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
for command in (
    reporting.list_,
    reporting.run,
    reporting.cite,
    reporting.doi,
    reporting.archive,
    reporting.verify,
    reporting.index,
    surveys.check,
    surveys.questionnaire,
):
    app.command(command.__name__.strip("_"))(command)
app.add_typer(claims.claims, name="claims")
app.add_typer(surveys.codebooks, name="codebook")
app.add_typer(surveys.datasets, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        from ..core import code_version

        typer.echo(f"loyaltylab {code_version()}")
        raise typer.Exit


@app.callback()
def loyaltylab(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Does emotion or reason drive customer loyalty, how sure are we, and may I cite that?"""


def _as_typed(message: str, runs: bool) -> str:
    """A message of the library as it is typed here: sheet= is --sheet of `check`, and -p sheet= of `run`.

    >>> _as_typed("Give sheet= with its name.", runs=False), _as_typed("give codebook=, a file in YAML", runs=True)
    ('Give --sheet with its name.', 'give -p codebook=, a file in YAML')
    """
    known = (
        r"(?<![-\w(])(?<!-p )(sheet|codebook|encoding|weight|cluster|outcome|missing|contrast|by|heart|head|wallet)="
    )
    return re.sub(known, r"-p \1=" if runs else r"--\1", message)


def called() -> None:
    """Run the command that was typed; an error the user can mend is one message, and so is one of the machine."""
    speak_its_encoding()
    try:
        app()
    except (LoyaltyLabError, OSError, MemoryError, UnicodeError) as error:
        complain(f"Error: {_as_typed(in_words(error), sys.argv[1:2] == ['run'])}")
        sys.exit(1)
