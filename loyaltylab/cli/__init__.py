"""The command line `loyaltylab`: thin; every command is one call of the library."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..core import LoyaltyLabError
from . import claims, questionnaires, reporting, surveys

__all__ = ["app", "main"]

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
    questionnaires.questionnaire,
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


def main() -> None:
    """Run the command line; an error the user can mend is one message, not a traceback."""
    sys.path[:] = [folder for folder in sys.path if folder]  # nothing is imported from the folder of the data
    try:
        app()
    except LoyaltyLabError as error:
        typer.secho(f"Error: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)
