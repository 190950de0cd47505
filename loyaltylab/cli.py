"""The command line `loyaltylab`: thin; every command is one call of the library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .errors import LoyaltyLabError, ReportError

__all__ = ["app", "main"]

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def _print_version(wanted: bool) -> None:
    if wanted:
        from .provenance import code_version

        typer.echo(f"loyaltylab {code_version()}")
        raise typer.Exit


@app.callback()
def loyaltylab(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Does emotion or reason drive customer loyalty, how sure are we, and may I cite that?"""


@app.command("list")
def list_(report: Annotated[str, typer.Argument(help="Only this report, with its parameters in full.")] = "") -> None:
    """The reports there are, with their parameters, defaults and help."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from .reports.parameters import list_reports, read_notebook

    console = Console(highlight=False)
    notebooks = [read_notebook(report)] if report else list(list_reports().values())
    for notebook in notebooks:
        console.print(f"\n[bold]{notebook.name}[/bold]  {notebook.title}")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("parameter", no_wrap=True)
        table.add_column("type", no_wrap=True)
        table.add_column("default", overflow="fold")
        table.add_column("what it is", overflow="fold")
        for parameter in notebook.parameters.values():
            allowed = f" ({' or '.join(parameter.choices)})" if parameter.choices else ""
            default = ",".join(parameter.default) if parameter.kind == "list" else str(parameter.default)
            table.add_row(*map(Text, (parameter.name, parameter.kind, default, parameter.help + allowed)))
        console.print(table)
    console.print(
        f"Run one with: loyaltylab run {notebooks[0].name} -p name=value" if notebooks else "No reports here."
    )


@app.command()
def run(
    report: Annotated[str, typer.Argument(help="Name of a report (see: loyaltylab list), or path of a notebook.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the report; as often as needed."),
    ] = None,
    reports_folder: Annotated[
        Path | None, typer.Option("--reports-folder", help="Where reports go, instead of reports/.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run again even where a run of the same inputs is there.")
    ] = False,
) -> None:
    """Run a report and say where it is."""
    given: dict[str, str] = {}
    for text in parameter or []:
        key, sign, value = text.partition("=")
        if not sign:
            raise ReportError(f"'-p {text}' is not of the form name=value, such as -p language=nl.")
        given[key.strip()] = value

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    name = Path(report).stem
    console = Console(file=sys.stderr)  # this very stream: while a notebook runs, stderr is sent elsewhere
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{name}: starting", total=None)

        def progress(what: str, done: int, of: int) -> None:
            description = {"cells": f"{name}: cell {done} of {of}", "page": f"{name}: writing the page"}[what]
            bar.update(task, description=description, completed=done, total=of if what == "cells" else None)

        from .reports.run import run_report

        finished = run_report(report, given, as_text=given, folder=reports_folder, force=force, progress=progress)
    page = finished.page
    shown = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    typer.echo(f"{'Up to date' if finished.was_there else 'Report'}: {shown}")


def main() -> None:
    """Run the command line; an error the user can mend is one message, not a traceback."""
    try:
        app()
    except LoyaltyLabError as error:
        typer.secho(f"Error: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)
