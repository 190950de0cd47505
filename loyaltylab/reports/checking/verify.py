"""Is a run still what it says? Re-execute it from its manifest beside the run, and compare every number, text and picture."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ...core import Provenance, ReportError, Result, UnknownName, available, expanded, pd, sha256
from ...survey import input_files, is_warehouse
from ..citing.archive import unpacked
from ..citing.stamping import as_written
from ..run import run_report
from ..running.environment import RUNS_FOLDER
from ..running.execution import Progress, environment
from ..running.parameters import Notebook, read_notebook
from ..running.record import Run, facts_of, find_run, id_of, read_json, read_manifest
from .compare import Check, compared

#: From worst to best; a verification is as good as its worst check.
OUTCOMES = ("different", "missing", "new", "equal", "identical")


@dataclass(frozen=True)
class Verification(Result):
    """What came of running a report again: each exhibit, piece of prose and file, and the inputs that changed since.

    Attributes
    ----------
    run : str
        Its id.
    checks : sequence of Check
        One for each thing compared.
    changes : dict of str → (str, str)
        Input → then and now.
    provenance : Provenance
        Where the numbers came from, and what was done to them.

    See Also
    --------
    loyaltylab.reports.verify_run : Makes it.
    """

    keys: ClassVar[tuple[str, ...]] = ("part", "term")
    run: str
    checks: tuple[Check, ...]
    #: What is not as it was when the run was made: name → (then, now).
    changes: dict[str, tuple[str, str]]
    provenance: Provenance

    def __repr__(self) -> str:
        return self.summary()[0]

    @property
    def ok(self) -> bool:
        """Whether all came back, to the byte or within the tolerance, and no file of the run was touched."""
        return self.verdict in ("identical", "equal")

    @property
    def verdict(self) -> str:
        """The worst verdict of all checks."""
        return min((check.verdict for check in self.checks), key=OUTCOMES.index, default="identical")

    @property
    def tampered(self) -> tuple[str, ...]:
        """Files of the run that are not those it wrote."""
        return tuple(check.term for check in self.checks if check.part == "file")

    def columns(self) -> pd.DataFrame:
        """One row per exhibit, piece of prose and touched file: verdict, and the first difference."""
        names = ("part", "term", "verdict", "where", "before", "after", "n_differences")
        return pd.DataFrame([[getattr(check, name) for name in names] for check in self.checks], columns=list(names))

    def whole(self) -> dict[str, Any]:
        """One row: the verdict, how many checks came to which, and what changed since."""
        counts = Counter(check.verdict for check in self.checks)
        row = {"run": self.run, "verdict": self.verdict}
        row |= {f"n_{verdict}": counts[verdict] for verdict in ("identical", "equal", "different")}
        row |= {"n_gone": counts["missing"], "n_added": counts["new"], "n_tampered": len(self.tampered)}
        return {**row, "changed": ", ".join(self.changes)}

    def summary(self) -> list[str]:
        """What a reader wants to know, a line each: the verdict, what changed since, what differs and where."""
        counts = Counter(check.verdict for check in self.checks)
        told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in reversed(OUTCOMES) if counts[verdict])
        lines = [f"{self.run}: {self.verdict} ({told or 'nothing to compare'})"]
        lines += [f"changed since: {name}: {before} → {after}" for name, (before, after) in self.changes.items()]
        if not self.changes:
            lines.append("unchanged since: data, codebook, notebook, code, Python and packages")
        return lines + [check.told() for check in self.checks if check.verdict != "identical"]


def verify_run(
    reference: str | Path,
    *,
    folder: str | Path | None = None,
    data: str | Path | None = None,
    codebook: str | Path | None = None,
    rtol: float = 1e-9,
    progress: Progress | None = None,
) -> Verification:
    """Run a report again from its manifest, in a folder of its own, and compare; the run itself is only read.

    Parameters
    ----------
    reference : str or path
        The run: its id, the start of its hash, its folder, or the zip that `archive` wrote.
    folder : path, optional
        Where runs are; `default_folder()` if left out.
    data, codebook : path, optional
        The files the run was made from, where they were a user's own: a manifest keeps their names and hashes only.
    rtol : float
        Relative (and, near zero, absolute) difference up to which two numbers count as equal.
    progress : callable (what, done, of), optional
        As for `run_report`.

    Returns
    -------
    Verification
        identical, equal or different, and where.

    Raises
    ------
    UnknownName
        Where there is no such run.
    ReportError
        Where a file the run was made from is not found, or the notebook no longer runs.

    Examples
    --------
    >>> verify_run("drivers/0123", folder="no/such/folder")
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.UnknownName: run 'drivers/0123' does not exist. Possible: none. There are no runs yet; make one with: loyaltylab run drivers.
    """
    path = expanded(reference)
    if path.is_file() and zipfile.is_zipfile(path):  # a pipe would wait for ever
        with unpacked(path) as (place, inputs):
            files = read_manifest(place / "manifest.json")["files"]
            own = {role: inputs[file["name"]] for role, file in files.items() if file.get("name") in inputs}
            shipped = set(available("data/codebooks", ".yml").values()) | set(
                available("data/published", ".yml").values()
            )
            own = {role: path for role, path in own.items() if path.name not in {one.name for one in shipped}}
            return verify_run(
                place,
                data=data or own.get("data"),
                codebook=codebook or own.get("codebook"),
                rtol=rtol,
                progress=progress,
            )
    run = find_run(reference, folder)
    with tempfile.TemporaryDirectory(prefix="loyaltylab-verify-") as scratch:
        notebook = _notebook(run, Path(scratch))
        given = _parameters(run.manifest, data, codebook, Path(scratch))
        try:
            with environment({RUNS_FOLDER: str(run.folder.resolve().parents[1])}):
                # signed as the run is, not as the settings of whoever looks say
                options = {"widths": run.widths, "by": run.manifest.get("authorship", {}), "progress": progress}
                again = run_report(notebook.path, given, folder=Path(scratch) / "runs", **options)
        except ReportError as error:
            reason = str(error).split("\nThe notebook as far")[0]
            raise ReportError(f"{run.id} cannot be made again: {reason}") from None
        changes = _changes(run.manifest, again.manifest)
        same_page = not changes and all(
            run.manifest.get(key) == again.manifest.get(key) for key in ("commit", "uncommitted_changes")
        )
        facts = facts_of(notebook, notebook.filled(given))
        checks = (
            *compared(run.folder, again.folder, rtol=rtol, redrawn=_redrawn(changes), page=same_page),
            *_touched(run, facts),
        )
    return Verification(run.id, checks, changes, _provenance(run.manifest))


def _notebook(run: Run, scratch: Path) -> Notebook:
    """The report's notebook as it is now; for one that is not the project's, the copy in the run."""
    name = run.manifest["report"]
    try:
        return read_notebook(name)
    except UnknownName:
        content = read_json(run.folder / "notebook.ipynb")
        content["cells"] = [
            cell for cell in content["cells"] if "injected-parameters" not in cell["metadata"].get("tags", [])
        ]
        number = run.manifest.get("number")
        copy = scratch / (f"{number:d}_{name}.ipynb" if isinstance(number, int) else f"{name}.ipynb")
        copy.write_text(json.dumps(content), encoding="utf-8")
        if (run.folder / "texts").is_dir():
            shutil.copytree(run.folder / "texts", scratch / "texts")
        return read_notebook(copy)


def _parameters(
    manifest: dict[str, Any], data: str | Path | None, codebook: str | Path | None, scratch: Path
) -> dict[str, Any]:
    """The run's parameters, with the files its manifest knows by name only."""
    given = dict(manifest["parameters"])
    for name, path in (("data", data), ("codebook", codebook)):
        if path is None:
            continue
        if name == "data" and is_warehouse(str(path)):
            given[name] = str(path)
            continue
        if not expanded(path).is_file():
            raise ReportError(f"--{name} {path}: no such file.")
        given[name] = str(_as_named(expanded(path).resolve(), manifest["files"].get(name, {}), scratch / name))
    try:
        found = input_files(str(given.get("data", "")), str(given.get("codebook", "")))
    except UnknownName:  # the codebook is not there
        found = {}
    for name, file in manifest["files"].items():
        if name == "table":
            if data is None:
                raise ReportError(
                    f"{manifest['id']} was made from {file['name']}: a manifest keeps no user and no password. "
                    "Give the whole address with --data."
                )
        elif name not in found:
            raise ReportError(
                f"{manifest['id']} was made from {file['name']}, which is not found here: a manifest keeps a file's name "
                f"and hash, not its place. Give its path with --{name}, or go to its folder first."
            )
    return given


def _as_named(path: Path, recorded: dict[str, Any], folder: Path) -> Path:
    """The file; where it is the recorded one under another name, as a copy with the name it had, which is part of a run."""
    name = str(recorded.get("name"))
    if name in (path.name, "") or Path(name).name != name or sha256(path) != recorded.get("sha256"):
        return path
    folder.mkdir()
    return Path(shutil.copyfile(path, folder / name))


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The inputs of the run that are not what they were: name → (then, now)."""

    def inputs(manifest: dict[str, Any]) -> dict[str, str]:
        files = {name: f"{file['name']} {file['sha256'][:12]}" for name, file in manifest["files"].items()}
        return {
            **files,
            "notebook": manifest["notebook_sha256"][:12],
            "code": manifest["code_version"],
            "Python": manifest["python"],
            **manifest["packages"],
        }

    then, now = inputs(before), inputs(after)
    return {
        name: (then.get(name, "–"), now.get(name, "–"))
        for name in dict.fromkeys([*then, *now])
        if then.get(name) != now.get(name)
    }


def _redrawn(changes: dict[str, tuple[str, str]]) -> str:
    """Why a picture of the same numbers may look different; nothing where it may not."""
    reasons = [name for name in ("matplotlib", "code", "notebook", "Python") if name in changes]
    return f"another {', '.join(reasons)}" if reasons else ""


def _touched(run: Run, facts: dict[str, Any]) -> Iterator[Check]:
    """Files that are not those the run wrote, and a manifest that does not fit the run's own id."""
    manifest = run.manifest
    written = manifest["exhibit_files"]
    files = [path for path in sorted((run.folder / "exhibits").glob("*")) if path.is_file()]
    doi = manifest.get("authorship", {}).get("doi", "")
    found = {one.name: hashlib.sha256(as_written(one.name, one.read_bytes(), doi)).hexdigest() for one in files}
    for name in sorted({*written, *found}):
        before, after = written.get(name, "–"), found.get(name, "–")
        if before != after:
            verdict = "missing" if name not in found else "new" if name not in written else "different"
            yield Check("file", f"exhibits/{name}", verdict, "sha256 in the manifest", before[:12], after[:12])
    known = facts.keys() <= manifest.keys() and manifest["code_version"] == facts["code_version"]
    if known and (made := id_of({key: manifest[key] for key in facts})) != manifest["run_id"]:
        yield Check("file", "manifest.json", "different", "run id its inputs make", manifest["run_id"], made)


def _provenance(manifest: dict[str, Any]) -> Provenance:
    """Of what the run rests on; a report that states no evidence counts as the weakest."""
    evidence = manifest["evidence"]
    if "tier" not in evidence:
        return Provenance("synthetic", "a report that states no evidence")
    return Provenance(**{key: evidence[key] for key in ("tier", "source", "citation", "sha256") if key in evidence})
