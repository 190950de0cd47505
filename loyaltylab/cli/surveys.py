"""Commands about survey files: check, codebook, questionnaire, data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core import CodebookError, LoyaltyLabError, check_known, listed, plural, tr, whole
from .terminal import console, say

if TYPE_CHECKING:
    from rich.console import Console

    from ..codebook import Findings
    from ..survey import Sorting

#: Kind of file → the room and the type that say what may stand in it.
SCHEMAS = {
    "codebook": ("..codebook", "CodebookFile"),
    "table": ("..survey", "TableFile"),
    "model": ("..claims", "ModelFile"),
    "claims": ("..claims", "ClaimsFile"),
}
Encoding = Annotated[str, typer.Option("--encoding", help="Of a text file, where what is found is wrong: cp1250.")]
codebooks = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Codebooks: what the columns of a file mean.")
datasets = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Simulated respondents, as files.")


def check(
    file: Annotated[
        str, typer.Argument(help="A survey file (csv, xlsx, sav, por, xpt, dta, parquet), or rows known by name.")
    ],
    codebook: Annotated[
        str, typer.Option("--codebook", "-c", help="Its codebook; without one, guesses are checked.")
    ] = "",
    sheet: Annotated[str, typer.Option("--sheet", help="Sheet of a workbook.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or nl.")] = "en",
    encoding: Encoding = "",
    every: Annotated[bool, typer.Option("--all", help="Also what asks nothing of you.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON, for a program to read.")] = False,
) -> None:
    """Look at a survey file for everything that may mislead; exit code 1 where it cannot be used as it is."""
    import json

    from ..codebook import LANGUAGES
    from ..survey import check_survey

    check_known("language", language, LANGUAGES)
    try:
        found = check_survey(file, codebook or None, sheet=sheet or None, encoding=encoding, language=language)
    except LoyaltyLabError as error:
        if not as_json:
            raise
        say(json.dumps({"ok": False, "error": str(error), "findings": []}, indent=2, ensure_ascii=False))
        raise typer.Exit(1) from None
    if as_json:
        rows = json.loads(found.tidy().to_json(orient="records", force_ascii=False))
        whole = {"ok": found.ok, "guessed_codebook": found.guessed, **found.glance().iloc[0].astype(int).to_dict()}
        say(json.dumps({**whole, "findings": rows}, indent=2, ensure_ascii=False))
    else:
        _show(found, Path(file).name, language, every)
    raise typer.Exit(0 if found.ok else 1)


def _show(found: Findings, name: str, language: str, every: bool) -> None:
    """Findings as a person reads them: worst first, each with what to do."""
    from rich.padding import Padding
    from rich.text import Text

    from ..codebook import SEVERITIES
    from ..core import format_number

    def counted(number: int, what: str) -> str:
        said = {
            "row": plural("{n} row", "{n} rows", number),
            "error": plural("{n} error", "{n} errors", number),
            "warning": plural("{n} warning", "{n} warnings", number),
            "note": plural("{n} note", "{n} notes", number),
        }[what]
        return said[language].format(n=format_number(number, ",d", language))

    out = console()
    out.print(Text(name, "bold"), f"· {counted(found.n_all, 'row')}")
    if found.guessed:
        out.print(
            Text(
                tr(
                    "No codebook was given; what follows rests on guesses. To write one: loyaltylab codebook draft FILE"
                )[language],
                "italic",
            )
        )
    looks = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
    for kind in found.by_kind(every):
        one, columns = kind[0], [*dict.fromkeys(finding.where for finding in kind if finding.where)]
        named = one.severity == "error"  # its words name the column and the rows
        rows = "" if named or one.n_rows is None else f" ({counted(one.n_rows, 'row')})"
        where = f"{listed(columns, limit=8)}: " if columns and not (named and len(kind) == 1) else ""
        most = tr(" (most in {where})")[language].format(where=one.where) if len(columns) > 1 else ""
        said = (SEVERITIES[one.severity][language], looks[one.severity]), f" {where}{one.what(language)}{rows}{most}"
        out.print()
        out.print(Text.assemble(*said))
        out.print(Padding(Text(f"→ {one.todo(language)}"), (0, 0, 0, 2), expand=False))
    if hidden := len(found.by_kind()) - len(found.by_kind(every)):
        said = plural("{n} more that asks nothing of you: --all", "{n} more that ask nothing of you: --all", hidden)
        out.print("\n" + said[language].format(n=hidden))
    _show_reports(out, found, language)
    counts = {kind: counted(found.stat(f"n_{kind}s").value, kind) for kind in SEVERITIES}
    out.print(
        "\n"
        + (
            tr("It can be used. To weigh: {warning}, {note}.")
            if found.ok
            else tr("It cannot be used as it is: {error} to mend. To weigh: {warning}, {note}.")
        )[language].format(**counts)
    )


def _show_reports(console: Console, found: Findings, language: str) -> None:
    """Which reports run on this file, on how many respondents, and what to add for those that do not."""
    from rich.table import Table
    from rich.text import Text

    from ..core import format_number
    from ..reports import reports_on

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, style in (
        (tr("Report"), {"no_wrap": True}),
        (tr("runs"), {}),
        (tr("on"), {"justify": "right"}),
        (tr("to add to the codebook"), {}),
    ):
        table.add_column(heading[language], **style)
    for fit in reports_on(found):
        runs = tr("yes") if fit.runs else tr("no")
        n = format_number(fit.n, ",d", language) if fit.runs else ""
        table.add_row(fit.report, runs[language], n, Text(fit.todo[language]))
    console.print()
    console.print(table)


@codebooks.command()
def draft(
    file: Annotated[str, typer.Argument(help="A survey file: csv, xlsx, sav, por, xpt, dta or parquet.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write it; - for the screen. [FILE's name].yml if left out."),
    ] = None,
    sheet: Annotated[str, typer.Option("--sheet", help="Sheet of a workbook.")] = "",
    encoding: Encoding = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take every guess.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a first codebook from a file: labels, ranges, missing codes, scales, drivers and outcome, each marked as a guess."""
    from ..survey import draft_codebook

    reading = {"sheet": sheet or None, "encoding": encoding}
    text = draft_codebook(file, **reading)
    if not yes and str(output) != "-" and sys.stdin.isatty():
        text = draft_codebook(file, **reading, **_asked(text))
    if str(output) == "-":
        say(text, nl=False)
        return
    path = output or Path(f"{Path(file).stem}.yml")
    if path.exists() and not force:
        raise CodebookError(f"'{path}' is there already. Give another name with --output, or --force to write over it.")
    with whole(path) as made:
        made.write_text(text, encoding="utf-8", newline="\n")
    say(
        f"Draft: {path}\nRead it, mend the guesses, then: loyaltylab check {file} --codebook {path}\nAnd: loyaltylab run drivers -p data={file} -p codebook={path}"
    )


def _asked(text: str) -> dict[str, Any]:
    """What the person at the terminal knows better than a guess: four questions, Enter for the guess."""
    from ..codebook import parsed_codebook

    book = parsed_codebook(text, "draft")
    outcomes, drivers = book.names("outcome"), book.names("driver")
    emotional = [name for name in book.blocks().get("emotional", ()) if name in drivers]
    outcome = typer.prompt(f"What is to be explained? One of {listed([*drivers, *outcomes])}", default=outcomes[0])
    feeling = typer.prompt("Which drivers are about feeling? With commas between", default=",".join(emotional))
    title = typer.prompt("What is the survey about?", default="", show_default=False)
    source = typer.prompt("Who was asked, when and how?", default="", show_default=False)
    chosen = [name.strip() for name in feeling.split(",") if name.strip()]
    return {"outcome": outcome, "emotional": () if chosen == emotional else chosen, "title": title, "source": source}


@codebooks.command()
def sort(
    codebook: Annotated[str, typer.Argument(help="A codebook, by its name or its file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write the sheet: .xlsx or .csv.")
    ] = None,
    read: Annotated[
        list[Path] | None, typer.Option("--read", "-r", help="A sheet that a judge filled in; once for each judge.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the order of the questions.")] = 1,
    language: Annotated[str, typer.Option("--language", help="en or nl.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program to read.")] = False,
) -> None:
    """Write a sheet on which judges place each item in a block, not knowing where it stands; or read theirs, with agreement."""
    import json

    from ..codebook import read_codebook
    from ..survey import read_sorting, sorting_sheet

    book = read_codebook(codebook)
    if not read:
        path = sorting_sheet(book, output or Path(f"{book.name}_sort.xlsx"), language=language, seed=seed)
        then = f"loyaltylab codebook sort {codebook} --read A --read B …"
        say(tr("Sheet: {path}")[language].format(path=path))
        say(tr("Give each judge a copy; then: {command}")[language].format(command=then))
        return
    found = read_sorting(read, book)
    if as_json:
        say(json.dumps(found.whole() | {"items": found.columns()}, indent=2, ensure_ascii=False, default=float))
        return
    _show_sorting(found, language)


def _show_sorting(found: Sorting, language: str) -> None:
    """Agreement first, then the items that are disputed or that most judges put elsewhere."""
    from ..core import format_number

    book, whole = found.codebook, found.whole()
    kappa, ac1 = (format_number(whole[name], ".2f", language) for name in ("kappa", "ac1"))
    say(tr("{items} items, {judges} judges: Fleiss's κ {kappa}, Gwet's AC1 {ac1}.")[language].format(items=whole["n_items"], judges=whole["n_judges"], kappa=kappa, ac1=ac1))  # fmt: skip
    said = {"disputed": tr("no majority"), "elsewhere": tr("most put it elsewhere")}
    names = {block: book.label(block, language) for block in book.blocks()} | {
        "none": tr("none of these")[language],
        "": "–",
    }
    for row in found.columns():
        if row["verdict"] in said:
            part = format_number(row["proportion"], ".0%", language)
            say(f"{row['term']} · {book.label(row['term'], language)}: {said[row['verdict']][language]} ({names[row['block']]} → {names[row['majority']]}, {part})")  # fmt: skip


@codebooks.command()
def schema(of: Annotated[str, typer.Argument(help=f"{', '.join(SCHEMAS)}.")] = "codebook") -> None:
    """Print the JSON Schema of a codebook, or of another file, with which an editor completes and checks it."""
    say(schema_text(of), nl=False)


def schema_text(of: str) -> str:
    """The schema of a kind of file, as it stands in `data/schemas`."""
    import json
    from importlib import import_module

    from ..core import json_schema

    check_known("kind of file", of, SCHEMAS)
    room, name = SCHEMAS[of]
    found = json_schema(getattr(import_module(room, __package__), name), f"loyaltylab: {of}")
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


@datasets.callback()
def _datasets() -> None:
    """Simulated respondents, as files."""


@datasets.command()
def build(
    folder: Annotated[Path, typer.Option("--folder", "-o", help="Where to write them.")] = Path("simulated"),
    n: Annotated[int, typer.Option("--n", help="Respondents, 90 or more.")] = 9213,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed writes the same files.")] = 20171205,
) -> None:
    """Write simulated respondents on the loyalty questionnaire as csv, sav and (with the extra 'parquet') parquet; they are no evidence."""
    from ..survey import build as write

    for path in write(folder, n, seed):
        say(f"Simulated: {path}")
    say("These are not people. Read them with the codebook 'loyalty'; whatever is made from them is synthetic.")


def questionnaire(
    codebook: Annotated[str, typer.Argument(help="A codebook by its name, or a file.")] = "loyalty",
    form: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", help="xlsform, limesurvey, qualtrics, word or pdf; all if left out."),
    ] = None,
    language: Annotated[str, typer.Option("--language", help="en or nl.")] = "en",
    module: Annotated[
        list[str] | None, typer.Option("--module", "-m", help="Only this module of the codebook; as often as needed.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write the questionnaire of a codebook for ODK, KoBo, LimeSurvey or Qualtrics, or to print; with its length."""
    from ..codebook import FORMS, minutes, read_codebook
    from ..codebook import questionnaire as written

    book, modules = read_codebook(codebook), module or []
    files: dict[str, bytes] = {}
    for one in form or FORMS:
        files |= written(book, one, language=language, modules=modules)
    if there := [name for name in files if (output / name).exists() and not force]:
        raise CodebookError(
            f"'{there[0]}' is there already. Give another folder with --output, or --force to write over it."
        )
    output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with whole(output / name) as made:
            made.write_bytes(content)
        say(f"Questionnaire: {output / name}")
    say(f"Takes about {minutes(book, modules):.1f} minutes to answer: an estimate, until a pilot tells.")
