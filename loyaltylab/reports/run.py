"""Run a notebook into `reports/<report>/<run id>/`: whole or not at all, the same inputs giving the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .execution import Progress, executed
from .parameters import read_notebook
from .record import Run, default_folder, facts_of, id_of, manifest_of, write_json

__all__ = ["run_report"]


def run_report(
    report: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    as_text: Iterable[str] = (),
    folder: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Run a report; its folder holds report.html, notebook.ipynb, exhibits/ and manifest.json.

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
    progress : callable (what, done, of), optional

    Raises
    ------
    UnknownName, ReportError
        Before a kernel starts, for an unknown parameter or a wrong type; or naming the cell that failed.
    """
    notebook = read_notebook(report)
    values = notebook.filled(parameters or {}, as_text=as_text)
    facts = facts_of(notebook, values)
    run_id = id_of(facts)
    root = Path(folder) if folder else default_folder()
    final = root / notebook.name / run_id
    if not force and (final / "manifest.json").is_file():
        return Run(final, json.loads((final / "manifest.json").read_text(encoding="utf-8")), was_there=True)

    root.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{notebook.name}-", dir=root))
    try:
        done = executed(notebook, values, run_id, stage, root, progress)
        manifest = manifest_of(run_id, facts, done, stage)
        write_json(stage / "manifest.json", manifest)
        if progress:
            progress("page", 0, 1)
        from .render import write_page

        write_page(done, manifest, stage)
        _publish(stage, final)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Run(final, manifest)


def _publish(stage: Path, final: Path) -> None:
    """Give the finished folder its name in one step; a run of the same inputs that is there makes way."""
    final.parent.mkdir(parents=True, exist_ok=True)
    stage.chmod(0o755)
    if final.exists():
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=final.parent))
        os.replace(final, old / final.name)
        os.replace(stage, final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(stage, final)
