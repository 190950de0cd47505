"""Run a notebook into `reports/<report>/<run id>/`: whole or not at all, the same inputs giving the same bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core import ReportError, check_known, tell
from ..drivers import METHODS
from ..exhibits import WIDTHS
from ..survey import input_files, read_data, refuse_misspelt
from .citing.authorship import Authorship, authorship, checked_doi
from .citing.citing import complete_cards
from .citing.stamping import stamp
from .running.execution import Progress, executed, failed_notebook
from .running.parameters import READING, Notebook, read_notebook
from .running.record import (
    AUTHORSHIP,
    Run,
    default_folder,
    facts_of,
    find_run,
    id_of,
    manifest_of,
    read_json,
    read_manifest,
    write_json,
)
from .running.staging import publish, settle, staged
from .texts import check_texts

#: What every report is written as, unless one asks for less.
FORMATS = ("html", "pdf", "docx")


def run_report(
    report: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    as_text: Iterable[str] = (),
    folder: str | Path | None = None,
    force: bool = False,
    widths: Iterable[str] = (),
    formats: Iterable[str] = FORMATS,
    progress: Progress | None = None,
    warm: bool = True,
    by: Mapping[str, Any] | None = None,
) -> Run:
    """Run a report; its folder holds report.html, .pdf and .docx, notebook.ipynb, exhibits/ and manifest.json.

    A format that cannot be made leaves the others and is named in `Run.failed`.

    Parameters
    ----------
    report : str or path
        Name of a report (`drivers`) or path of a notebook.
    parameters : mapping, optional
        Values that differ from the notebook's defaults.
    as_text : iterable of str
        Parameters whose value is text from a command line.
    folder : path, optional
        Where reports go; `default_folder()` if left out.
    force : bool
        Run again even where a run of the same inputs is there.
    widths : iterable of {"one", "two", "slide"}
        Journal widths in which every figure is also drawn: one column, two columns, a slide.
    formats : iterable of {"html", "pdf", "docx"}
        What the report is written as. One that a run lacks is added to it without running it again.
    progress : callable (what, done, of, text=""), optional
        Told of "cells" and the "page"; a text comes with a "note", what takes long and what is done about it, and with a
        "step", how far a long cell is.
    warm : bool
        Let the kernel prepare itself while this process does (Linux).
    by : mapping, optional
        Whose run it is: `authors`, `institution`, `year` and so on. What the settings say if left out.

    Returns
    -------
    Run
        Its folder, page and manifest.

    Raises
    ------
    UnknownName, ReportError
        Before a kernel starts, for an unknown parameter or a wrong type; or naming the cell that failed.

    Examples
    --------
    >>> run_report("drivers", {"methd": "lmg"})
    Traceback (most recent call last):
    loyaltylab.core.errors.UnknownName: parameter 'methd' does not exist; did you mean 'methods'? Possible: data, codebook, outcome, blocks, contrast, methods, sheet, encoding, weight, cluster, strata, only, exclude, missing, covariates and 5 more. See: loyaltylab list drivers.
    """
    notebook = read_notebook(report)
    values = notebook.filled(parameters or {}, as_text=as_text)
    asked = [(one.names, name) for one in notebook.parameters.values() for name in one.asked(values[one.name])]
    for kind, name in asked:
        if kind == "method":
            check_known(kind, name, METHODS)
    if isinstance(values.get("data"), str) and isinstance(values.get("codebook"), str):
        reading = {name: values.get(name) or "" for name in ("sheet", "encoding")}
        refuse_misspelt(values["data"], values["codebook"], [one for one in asked if one[0] != "method"], **reading)
    root = Path(folder) if folder else default_folder()
    settle(root)
    facts, final = planned(notebook, values, root)
    wanted, found, formats = checked_widths(widths), existing(final), checked_formats(formats)
    if found and not force and wanted <= found.widths:
        return _with_formats(found, formats, root)
    wanted |= found.widths if found else set()
    check_texts(notebook.texts)
    if by is None:  # what the run had there before, such as a DOI, stays
        before = final / AUTHORSHIP
        by = authorship(root, read_json(before) if before.is_file() else None)
    with staged(root) as stage:
        done = executed(notebook, values, final.name, sorted(wanted), stage, root, progress, warm=warm)
        manifest = complete_cards(
            stage, manifest_of(notebook, final.name, facts, sorted(wanted), done, stage), notebook
        )
        write_json(stage / "manifest.json", manifest)
        if by:
            _sign(stage, by)
            manifest |= {"authorship": by}
        if progress:
            progress("page", 0, 1)
        from .formats.write import write_formats

        failed = write_formats(done, manifest, stage, formats)
        if facts_of(notebook, values) != facts:
            raise ReportError(f"{notebook.path.name} or its data changed while the report ran; run it again.")
        is_ours = publish(stage, final, replace=force or found is not None)
        failed_notebook(root, notebook.name, final.name).unlink(missing_ok=True)
    return Run(final, manifest, was_there=not is_ours, failed=failed)


def _sign(folder: Path, by: Mapping[str, Any]) -> None:
    """Whose a run is beside its manifest, and its DOI inside the files of its exhibits."""
    write_json(folder / AUTHORSHIP, by)
    stamp(folder, Authorship.read(by).doi)


def give_doi(run: str | Path | Run, doi: str, *, folder: str | Path | None = None) -> Run:
    """Note the DOI an archive gave a run: in every reference, on its pages, and in the files of its figures.

    The same DOI again changes nothing; another one takes its place everywhere. The manifest stays as it is, for the run is the same.

    Parameters
    ----------
    run : str, path or Run
        A run as `find_run` knows it.
    doi : str
        With or without its address.
    folder : path, optional
        Where reports are; `default_folder()` if left out.

    Returns
    -------
    Run
        The run, with its DOI.

    Raises
    ------
    ReportError
        For what is no DOI.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     give_doi("drivers/3f2a91c", "10.5281/zenodo.1", folder=folder)
    Traceback (most recent call last):
    loyaltylab.core.errors.UnknownName: run 'drivers/3f2a91c' does not exist. Possible: none. There are no runs yet; make one with: loyaltylab run drivers.
    """
    found = run if isinstance(run, Run) else find_run(run, folder)
    root = found.folder.parent.parent
    kept = found.manifest.get("authorship", {})
    by = authorship(root, kept, doi=checked_doi(doi))
    if kept.get("doi", by["doi"]) != by["doi"]:
        tell(f"{found.id} had the DOI {kept['doi']}; {by['doi']} takes its place.")
    return _attributed(found, by)


def signed(run: Run) -> Run:
    """The run with whom the settings name beside it and on its pages, where it was made before they did."""
    by = {} if "authorship" in run.manifest else authorship(run.folder.parent.parent)
    return _attributed(run, by) if by else run


def _attributed(run: Run, by: dict[str, Any]) -> Run:
    """The run with whose it is beside it and on its pages."""
    _sign(run.folder, by)
    run = replace(run, manifest=run.manifest | {"authorship": by})
    there = [name for name in FORMATS if not run.lacks([name])]
    return _written(run, there, run.folder.parent.parent) if there else run


def _with_formats(run: Run, formats: list[str], root: Path) -> Run:
    """The run, with the formats it lacks."""
    missing = run.lacks(formats)
    return _written(run, missing, root) if missing else run


def _written(run: Run, formats: list[str], root: Path) -> Run:
    """The run, with formats written from its executed notebook."""
    from .formats.write import write_formats

    with staged(root) as stage:
        shutil.copytree(run.folder / "exhibits", stage / "exhibits", dirs_exist_ok=True)
        done = read_json(run.folder / "notebook.ipynb")
        failed = write_formats(done, run.manifest, stage, formats)
        for name in set(formats) - set(failed):
            os.replace(stage / f"report.{name}", run.folder / f"report.{name}")
    return replace(run, failed=failed)


def checked_widths(widths: Iterable[str]) -> set[str]:
    """The widths, if all of them exist."""
    for name in (widths := set(widths)):
        check_known("width", name, WIDTHS)
    return widths


def checked_formats(formats: Iterable[str]) -> list[str]:
    """The formats, if all of them exist."""
    for name in (formats := list(formats)):
        check_known("format", name, FORMATS)
    return formats


def planned(notebook: Notebook, values: dict[str, Any], root: Path) -> tuple[dict[str, Any], Path]:
    """The inputs of a run and the folder it will have; data that are not there are refused here, and not by a kernel."""
    data, codebook = str(values.get("data", "")), str(values.get("codebook", ""))
    reads = set(READING) <= set(notebook.parameters)  # by report.open, and so by read_data
    if reads and data and "://" not in data and "data" not in input_files(data, codebook):
        read_data(data, codebook)
    facts = facts_of(notebook, values)
    return facts, root / notebook.name / id_of(facts)


def existing(final: Path) -> Run | None:
    """The whole run that is in a folder, if there is one; one that is damaged is none, and is made again."""
    try:
        return Run(final, read_manifest(final / "manifest.json"), was_there=True)
    except (FileNotFoundError, ReportError):
        return None
