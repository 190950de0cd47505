"""The command questionnaire: a codebook as a form for a survey tool, or to print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..core import CodebookError
from .terminal import say


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
        (output / name).write_bytes(content)
        say(f"Questionnaire: {output / name}")
    say(f"Takes about {minutes(book, modules):.1f} minutes to answer: an estimate, until a pilot tells.")
