"""The command line `loyaltylab`: thin; every command is one call of the library."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import CodebookError, LoyaltyLabError, ReportError, unknown

if TYPE_CHECKING:
    from .findings import Findings

__all__ = ["app", "main"]

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
codebooks = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Codebooks: what the columns of a file mean.")
app.add_typer(codebooks, name="codebook")


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


@contextlib.contextmanager
def _told(name: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, and the callable that moves it as a notebook runs."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console = Console(file=sys.stderr)  # this very stream: while a notebook runs, stderr is sent elsewhere
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{name}: starting", total=None)

        def progress(what: str, done: int, of: int) -> None:
            description = {"cells": f"{name}: cell {done} of {of}", "page": f"{name}: writing the page"}[what]
            bar.update(task, description=description, completed=done, total=of if what == "cells" else None)

        yield progress


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

    from .reports.index import write_index
    from .reports.run import run_report

    with _told(Path(report).stem) as progress:
        finished = run_report(report, given, as_text=given, folder=reports_folder, force=force, progress=progress)
    write_index(finished.folder.parent.parent)
    page = finished.page
    shown = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    typer.echo(f"{'Up to date' if finished.was_there else 'Report'}: {shown}")


ReportsFolder = Annotated[Path | None, typer.Option("--reports-folder", help="Where reports are, instead of reports/.")]


@app.command()
def cite(
    run: Annotated[
        str, typer.Argument(help="A run (its id, or the start of its hash), and with # one of its exhibits.")
    ],
    style: Annotated[
        str, typer.Option("--style", help="apa, bibtex, csl, ris, latex, typst, markdown or word.")
    ] = "apa",
    width: Annotated[str, typer.Option("--width", help="The figure in a journal width: one, two or slide.")] = "",
    reports_folder: ReportsFolder = None,
) -> None:
    """What goes into a thesis: the reference, or a figure or table with its caption and source note."""
    from .reports.citing import cite as cited

    typer.echo(cited(run, None, style, folder=reports_folder, width=width), nl=False)


@app.command()
def verify(
    run: Annotated[str, typer.Argument(help="The run: its id, the start of its hash, or its folder.")],
    data: Annotated[Path | None, typer.Option("--data", help="The data file, where it was your own.")] = None,
    codebook: Annotated[Path | None, typer.Option("--codebook", help="The codebook, where it was your own.")] = None,
    rtol: Annotated[
        float, typer.Option("--rtol", min=0.0, help="Relative difference up to which two numbers are equal.")
    ] = 1e-9,
    reports_folder: ReportsFolder = None,
) -> None:
    """Run a report again beside the run and compare every number, text and picture; exit code 1 where one differs."""
    from .reports.verify import verify_run

    with _told(run) as progress:
        found = verify_run(run, folder=reports_folder, data=data, codebook=codebook, rtol=rtol, progress=progress)
    typer.echo("\n".join(found.summary()))
    raise typer.Exit(0 if found.ok else 1)


@app.command()
def index(reports_folder: ReportsFolder = None) -> None:
    """Write the page of all runs again: search, filter, compare two. A run or sweep does so by itself."""
    from .reports.index import write_index

    path = write_index(reports_folder)
    typer.echo(f"Index: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A survey file (csv, xlsx, sav, dta, parquet), or rows known by name.")],
    codebook: Annotated[
        str, typer.Option("--codebook", "-c", help="Its codebook; without one, guesses are checked.")
    ] = "",
    sheet: Annotated[str, typer.Option("--sheet", help="Sheet of a workbook.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or nl.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON, for a program to read.")] = False,
) -> None:
    """Look at a survey file for everything that may mislead; exit code 1 where it cannot be used as it is."""
    import json

    from .checks import check_survey
    from .codebook import LANGUAGES

    if language not in LANGUAGES:
        raise unknown("language", language, LANGUAGES)
    try:
        found = check_survey(file, codebook or None, sheet=sheet or None, language=language)
    except LoyaltyLabError as error:
        if not as_json:
            raise
        typer.echo(json.dumps({"ok": False, "error": str(error), "findings": []}, indent=2, ensure_ascii=False))
        raise typer.Exit(1) from None
    if as_json:
        rows = json.loads(found.tidy().to_json(orient="records", force_ascii=False))
        whole = {"ok": found.ok, "guessed_codebook": found.guessed, **found.glance().iloc[0].astype(int).to_dict()}
        typer.echo(json.dumps({**whole, "findings": rows}, indent=2, ensure_ascii=False))
    else:
        _show(found, Path(file).name, language)
    raise typer.Exit(0 if found.ok else 1)


def _show(found: Findings, name: str, language: str) -> None:
    """Findings as a person reads them: worst first, each with what to do."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from .findings import SEVERITIES
    from .results import format_number

    def counted(number: int, word: str) -> str:
        one, many = _COUNTED[language][word]
        return f"{format_number(number, ',d', language)} {one if number == 1 else many}"

    console = Console(highlight=False)
    console.print(Text(name, "bold"), f"· {counted(found.n_all, 'row')}")
    if found.guessed:
        console.print(Text(_SAID[language]["guessed"], "italic"))
    told: Counter[str] = Counter(one.check for one in found.found)
    looks = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
    shown: Counter[str] = Counter()
    for one in found.found:
        shown[one.check] += 1
        if shown[one.check] > AT_MOST:
            if shown[one.check] == told[one.check]:
                rest = format_number(told[one.check] - AT_MOST, ",d", language)
                console.print(Text(_SAID[language]["more"].format(rest), "italic"))
            continue
        named = one.severity == "error"  # its words name the column and the rows
        rows = "" if named or one.n_rows is None else f" ({counted(one.n_rows, 'row')})"
        where = f"{one.where}: " if one.where and not named else ""
        said = Text.assemble(
            (SEVERITIES[one.severity][language], looks[one.severity]), f" {where}{one.what(language)}{rows}"
        )
        console.print()
        console.print(said)
        console.print(Padding(Text(f"→ {one.todo(language)}"), (0, 0, 0, 2), expand=False))
    counts = {kind: counted(found.stat(f"n_{kind}s").value, kind) for kind in SEVERITIES}
    console.print("\n" + _SAID[language]["ok" if found.ok else "not_ok"].format(**counts))


#: Findings of one check that are shown on a screen; `--json` has all.
AT_MOST = 12
_COUNTED = {
    "en": {
        "row": ("row", "rows"),
        "error": ("error", "errors"),
        "warning": ("warning", "warnings"),
        "note": ("note", "notes"),
    },
    "nl": {
        "row": ("rij", "rijen"),
        "error": ("fout", "fouten"),
        "warning": ("waarschuwing", "waarschuwingen"),
        "note": ("opmerking", "opmerkingen"),
    },
}
_SAID = {
    "en": {
        "guessed": "No codebook was given; what follows rests on guesses. To write one: loyaltylab codebook draft FILE",
        "more": "… and {} more of the same kind (--json lists them all)",
        "ok": "It can be used. To weigh: {warning}, {note}.",
        "not_ok": "It cannot be used as it is: {error} to mend. To weigh: {warning}, {note}.",
    },
    "nl": {
        "guessed": "Er is geen codeboek gegeven; dit berust op gissingen. Er een schrijven: loyaltylab codebook draft BESTAND",
        "more": "… en nog {} van deze soort (--json toont ze alle)",
        "ok": "Het is bruikbaar. Om te wegen: {warning}, {note}.",
        "not_ok": "Het is zo niet bruikbaar: {error} te verhelpen. Om te wegen: {warning}, {note}.",
    },
}


@codebooks.command()
def draft(
    file: Annotated[str, typer.Argument(help="A survey file: csv, xlsx, sav, dta or parquet.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write it; - for the screen. [FILE's name].yml if left out."),
    ] = None,
    sheet: Annotated[str, typer.Option("--sheet", help="Sheet of a workbook.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a first codebook from a file: labels, ranges, missing codes and scales, each marked as a guess."""
    from .drafting import draft_codebook

    text = draft_codebook(file, sheet=sheet or None)
    if str(output) == "-":
        typer.echo(text, nl=False)
        return
    path = output or Path(f"{Path(file).stem}.yml")
    if path.exists() and not force:
        raise CodebookError(f"'{path}' is there already. Give another name with --output, or --force to write over it.")
    path.write_text(text, encoding="utf-8", newline="\n")
    typer.echo(f"Draft: {path}\nRead it, mend the guesses, then: loyaltylab check {file} --codebook {path}")


def main() -> None:
    """Run the command line; an error the user can mend is one message, not a traceback."""
    try:
        app()
    except LoyaltyLabError as error:
        typer.secho(f"Error: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)
