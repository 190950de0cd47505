"""Commands about reports: list, run, cite, verify, index."""

from __future__ import annotations

import contextlib
import csv
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from ..core import ReportError, in_words, printable, shown, unswept
from .terminal import complain, console, say

if TYPE_CHECKING:
    from ..reports import Point, Run, Sweep, SweepProgress

S = TypeVar("S", bound="Sweep")
ReportsFolder = Annotated[Path | None, typer.Option("--reports-folder", help="Where reports are, instead of reports/.")]


def list_(report: Annotated[str, typer.Argument(help="Only this report, with its parameters in full.")] = "") -> None:
    """The reports there are, one a line; of one report its parameters, defaults and help."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    from ..reports import list_reports, read_notebook

    out = console()
    if not report:
        notebooks = list(list_reports().values())
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(no_wrap=True, min_width=max((len(notebook.name) for notebook in notebooks), default=0))
        table.add_column(no_wrap=True, overflow="ellipsis")
        for notebook in notebooks:
            table.add_row(f"[bold]{notebook.name}[/bold]", Text(printable(notebook.title)))
        out.print(table if notebooks else "No reports here.")
        out.print("\nParameters of one: loyaltylab list drivers. Run it: loyaltylab run drivers -p name=value")
        out.print("Run all with: loyaltylab run all -p language=nl")
        return
    notebook = read_notebook(report)
    out.print(f"[bold]{notebook.name}[/bold]  {printable(escape(notebook.title))}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("parameter", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("default", overflow="fold")
    table.add_column("what it is", overflow="fold")
    for parameter in notebook.parameters.values():
        allowed = f" ({' or '.join(parameter.choices)})" if parameter.choices else ""
        default = ",".join(parameter.default) if parameter.kind == "list" else str(parameter.default)
        cells = (parameter.name, parameter.kind, default, parameter.help + allowed)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    out.print(table)
    out.print(f"Run it with: loyaltylab run {notebook.name} -p name=value")


@contextlib.contextmanager
def _told(name: str) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, and the callable that moves it as a notebook runs; what takes long is said in any case."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console = Console(file=sys.stderr)  # this very stream: while a notebook runs, stderr is sent elsewhere
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{name}: starting", total=None)

        def progress(what: str, done: int, of: int, text: str = "") -> None:
            text = printable(text)
            if what == "note":
                bar.console.print(f"{name}: {text}", markup=False, highlight=False, soft_wrap=True)
            elif what == "step":
                bar.update(task, description=f"{name}: {text}")
            else:
                description = {"cells": f"{name}: cell {done} of {of}", "page": f"{name}: writing the page"}[what]
                bar.update(task, description=description, completed=done, total=of if what == "cells" else None)

        yield progress


def run(
    report: Annotated[
        str,
        typer.Argument(
            help="Name of a report (see: loyaltylab list), path of a notebook, or all; may stand in the --grid."
        ),
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the report; as often as needed."),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="NAME=A,B",
            help="Run for each of these values; several give all combinations. Quote one with a comma: '\"No, rth\",South'.",
        ),
    ] = None,
    grid: Annotated[
        Path | None, typer.Option("--grid", help="A YAML file with sweep:, and where wanted report: and parameters:.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Runs at the same time, of a sweep or of all.")
    ] = None,
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", metavar="ADDRESS", help="Make the runs of a sweep, or all, on this Dask cluster."),
    ] = "",
    plain_kernels: Annotated[
        bool, typer.Option("--plain-kernels", help="Start each kernel anew, which is slower.")
    ] = False,
    widths: Annotated[
        str, typer.Option("--widths", metavar="one,two,slide", help="Draw every figure in journal widths as well.")
    ] = "",
    formats: Annotated[
        str, typer.Option("--formats", metavar="html,pdf,docx", help="What to write the report as.")
    ] = "html,pdf,docx",
    reports_folder: ReportsFolder = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="MINUTES", min=0, help="Stop a run that takes longer.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run again even where a run of the same inputs is there.")
    ] = False,
) -> None:
    """Run a report, all of them, or with --sweep one many times, and say where they are."""
    if time_limit:
        from ..reports import TIME_LIMIT

        os.environ[TIME_LIMIT] = str(60 * time_limit)
    given = dict(_pair(text, "-p", "language=nl") for text in parameter or [])
    options = {"folder": reports_folder, "force": force, "widths": _names(widths), "formats": _names(formats)}
    if report == "all":
        if sweep or grid:
            raise ReportError("'all' runs every report once. Give one value with -p, or name the report to sweep.")
        with _workers(scheduler) as executor:
            _book(given, as_text=given, jobs=jobs, warm=not plain_kernels, executor=executor, **options)
        return
    if sweep or grid:
        if sweep and grid:
            raise ReportError("--sweep and --grid both say what to run; leave one of them out.")
        swept = {
            name: next(csv.reader([value]))
            for name, value in (_pair(text, "--sweep", "language=en,nl") for text in sweep or [])
        }
        options |= {"as_text": [*given, *swept], "jobs": jobs, "warm": not plain_kernels}
        with _workers(scheduler) as executor:
            _sweep(report, grid or swept, given, executor=executor, **options)
        return
    if scheduler:
        raise ReportError("a scheduler gets the runs of a sweep, or of 'all'; one report by itself runs here.")
    if not report:
        raise ReportError("no report is named, such as: loyaltylab run drivers. See: loyaltylab list.")
    from ..reports import at_hand

    with unswept(), contextlib.nullcontext() if plain_kernels else at_hand():  # ready while this process loads the rest
        from ..reports import FORMATS, run_report, write_index

        with _told(Path(report).stem) as progress:
            finished = run_report(report, given, as_text=given, progress=progress, warm=not plain_kernels, **options)
    write_index(finished.folder.parent.parent)
    page = next((page for name in FORMATS if (page := finished.folder / f"report.{name}").exists()), finished.folder)
    say(f"{'Up to date' if finished.was_there else 'Report'}: {shown(page)}")
    if finding := _finding(finished):
        say(_folded(finding))
    for name, reason in finished.failed.items():
        complain(f"No {name}: {reason}", typer.colors.YELLOW)


def _workers(address: str) -> contextlib.AbstractContextManager[Any]:
    """The cluster to send runs to; nothing where none is named."""
    from ..reports import connected

    return connected(address) if address else contextlib.nullcontext()


def _names(text: str) -> list[str]:
    return [name for name in text.replace(" ", "").split(",") if name]


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise ReportError(f"'{option} {text}' is not of the form name=value, such as {option} {example}.")
    return name.strip(), value


def _finding(run: Run) -> str:
    """The headline of a run with its tier of evidence, in the report's language."""
    from ..core import TIERS
    from ..reports import INDEX_WORDS

    headline, language = run.manifest.get("headline"), run.manifest["language"]
    if not headline:
        return ""
    tier = TIERS.get(run.manifest["evidence_tier"], INDEX_WORDS["unstated"])[language]
    return f"{headline} ({tier})"


def _folded(text: str) -> str:
    """A line as it is, but on a terminal no wider than that."""
    import shutil
    import textwrap

    return textwrap.fill(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text


def _sweep(report: str, grid: Path | dict[str, list[str]], parameters: dict[str, str], **options: Any) -> None:
    """Run a sweep, and say what came of it."""
    from ..reports import run_sweep

    found = _watched(
        "sweep", lambda progress: run_sweep(report or None, grid, parameters=parameters, progress=progress, **options)
    )
    _concluded(found, options["folder"])


def _book(parameters: dict[str, str], **options: Any) -> None:
    """Run all reports, and say what each of them found."""
    from ..reports import run_book

    found = _watched("all reports", lambda progress: run_book(parameters, progress=progress, **options))
    for name, lacking in found.without.items():
        complain(f"'{name}' is no parameter of {', '.join(lacking)}: run without it.", typer.colors.YELLOW)
    for name, why in found.left_out.items():
        complain(f"'{name}' is left out, for it cannot be made of these data: {why}.", typer.colors.YELLOW)
    for point in found.points:
        if point.run:
            say(_folded(f"{point}: {_finding(point.run) or point.run.manifest['title']}"))
    _concluded(found, options["folder"])


def _watched(what: str, work: Callable[[SweepProgress], S]) -> S:
    """A bar with the time left, and a line for each finished run."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=sys.stderr, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[whole]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task, finished = bar.add_task(what, total=None, whole=""), []

        def progress(done: float, of: int, point: Point | None, note: str = "") -> None:
            if note:
                console.print(printable(f"{'note':>6}  {point}: {note}"), markup=False, soft_wrap=True)
                return
            finished.extend([point] if point else [])
            bar.update(task, completed=done, total=of, whole=f"{len(finished)}/{of}")
            if point:
                console.print(printable(f"{'failed' if point.error else 'done':>6}  {point}"), markup=False)

        return work(progress)


def _concluded(found: Sweep, folder: Path | None) -> None:
    """The index page made anew, how many runs there are, and at the end what failed and why."""
    from ..reports import write_index

    counts = f"{len(found.done)} run, {len(found.was_there)} up to date, {len(found.failed)} failed"
    alike: dict[str, list[Point]] = {}
    for point in found.failed:
        alike.setdefault(point.error.partition("\n")[0], []).append(point)
    for point, *others in alike.values():
        more = f"\nand {len(others):,} more for the same reason" if others else ""
        complain(f"\n{point}: {point.error}{more}")
    for point in found.points:
        for name, reason in (point.run.failed if point.run else {}).items():
            complain(f"{point}: no {name}: {reason}", typer.colors.YELLOW)
    try:  # last: on a full disk the rest was said
        say(f"{counts}: {shown(write_index(folder))}")
    except OSError as error:
        say(counts)
        raise ReportError(f"the index could not be written: {in_words(error)}") from None
    if found.failed:
        raise typer.Exit(1)


def cite(
    run: Annotated[
        list[str],
        typer.Argument(
            help="A run (its id, or the start of its hash), and with # one of its exhibits, or its #numbers. "
            "Several give one reference list."
        ),
    ],
    style: Annotated[
        str, typer.Option("--style", help="apa, bibtex, biblatex, csl, ris, latex, typst, markdown or word.")
    ] = "apa",
    width: Annotated[str, typer.Option("--width", help="The figure in a journal width: one, two or slide.")] = "",
    csl: Annotated[str, typer.Option("--csl", metavar="FILE", help="The reference list in this CSL style.")] = "",
    author: Annotated[
        list[str] | None,
        typer.Option(
            "--author", metavar="NAME", help='"Family, Given names"; as often as needed. Or in loyaltylab.toml.'
        ),
    ] = None,
    institution: Annotated[str, typer.Option("--institution", help="Where the run was made.")] = "",
    year: Annotated[int | None, typer.Option("--year", help="Of the reference.")] = None,
    reports_folder: ReportsFolder = None,
) -> None:
    """What goes into a thesis: the reference, or a figure or table with its caption and source note."""
    from ..reports import cite as cited

    by = {"authors": author, "institution": institution, "year": year}
    say(cited(run, None, style, folder=reports_folder, width=width, csl=csl, **by), nl=False)


def doi(
    run: Annotated[str, typer.Argument(help="The run: its id, the start of its hash, or its folder.")],
    doi: Annotated[str, typer.Argument(metavar="DOI", help="Such as 10.5281/zenodo.1234567.")],
    reports_folder: ReportsFolder = None,
) -> None:
    """Note the DOI an archive gave a run: it then stands in every reference, on its pages and in the files of its figures."""
    from ..reports import give_doi

    noted = give_doi(run, doi, folder=reports_folder)
    say(f"{noted.manifest['authorship']['doi']}: {shown(noted.page)}")


def archive(
    run: Annotated[str, typer.Argument(help="The run: its id, the start of its hash, or its folder.")],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The zip; else here, named after the run.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="The data file, where it was your own.")] = None,
    codebook: Annotated[Path | None, typer.Option("--codebook", help="The codebook, where it was your own.")] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="With the data, where no respondent stands in them.")
    ] = False,
    ended: Annotated[
        str, typer.Option("--ended", metavar="DAY", help="Day the run was made, to be said of it; it keeps no clock.")
    ] = "",
    reports_folder: ReportsFolder = None,
) -> None:
    """Write a run as one zip to deposit: a Process Run Crate with metadata for Zenodo; never with rows of respondents."""
    from ..reports import archive as archived

    options = {"data": data, "codebook": codebook, "with_data": with_data, "ended": ended}
    typer.echo(f"Archive: {shown(archived(run, to, folder=reports_folder, **options))}")


def verify(
    run: Annotated[str, typer.Argument(help="The run: its id, the start of its hash, its folder, or its archive.")],
    data: Annotated[str | None, typer.Option("--data", help="The data file or address, where it was your own.")] = None,
    codebook: Annotated[Path | None, typer.Option("--codebook", help="The codebook, where it was your own.")] = None,
    rtol: Annotated[
        float, typer.Option("--rtol", min=0.0, help="Relative difference up to which two numbers are equal.")
    ] = 1e-9,
    reports_folder: ReportsFolder = None,
) -> None:
    """Run a report again beside the run and compare every number, text and picture; exit code 1 where one differs."""
    from ..reports import verify_run

    with _told(run) as progress:
        found = verify_run(run, folder=reports_folder, data=data, codebook=codebook, rtol=rtol, progress=progress)
    say("\n".join(found.summary()))
    raise typer.Exit(0 if found.ok else 1)


def index(reports_folder: ReportsFolder = None) -> None:
    """Write the page of all runs again: search, filter, compare two. A run or sweep does so by itself."""
    from ..reports import write_index

    say(f"Index: {shown(write_index(reports_folder))}")
