"""`reports/index.html`: every whole run on one page that opens from disk, to search, filter and compare."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import json
import math
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..core import GLOSSARY, LANGUAGES, TIERS, LoyaltyLabError, code_version, language_name, tr
from .cards import headline_of
from .running.parameters import read_notebook
from .running.record import default_folder, odd_entries
from .running.staging import staged
from .words import WORDS

_TEMPLATE = Path(__file__).with_name("index.html")
#: Raised when what is kept of a run changes, so that what older versions kept is made again.
_EDITION = 3
#: Rows of an exhibit that can be compared; a figure of raw points has more than anyone reads.
_ROWS = 300
_FORMATS = {"html": "report.html", "pdf": "report.pdf", "docx": "report.docx", "ipynb": "notebook.ipynb"}

INDEX_WORDS = {
    "title": tr("Reports"),
    "intro": tr("Every run in this folder. Tick two to see them side by side."),
    "search": tr("Search"),
    "search_help": tr("title, finding, parameter, run id"),
    "report": tr("Report"),
    "data": tr("Data"),
    "tier": tr("Evidence"),
    "language": tr("Language"),
    "parameter": tr("Parameter"),
    "value": tr("Value"),
    "from": tr("Code from"),
    "until": tr("Code until"),
    "sort": tr("Sort by"),
    "book": tr("Book order"),
    "date": tr("Newest code"),
    "report_title": tr("Title"),
    "all": tr("All"),
    "reset": tr("Clear filters"),
    "count": tr("{shown} of {all} runs"),
    "none": tr("No run fits these filters."),
    "unread": tr("Could not be read and are left out: {runs}."),
    "empty": tr("There are no runs yet. Make one with: loyaltylab run drivers"),
    "page": tr("Page {page} of {pages}"),
    "pages": tr("Pages"),
    "previous": tr("Previous"),
    "next": tr("Next"),
    "unstated": tr("no evidence stated"),
    "code_of": tr("code of {date}"),
    "defaults": tr("all parameters at their defaults"),
    "pick": tr("Compare"),
    "pick_run": tr("Compare run {id}"),
    "picked": tr("{n} of 2 chosen"),
    "compare": tr("Compare the two"),
    "clear": tr("Choose none"),
    "compared": tr("Two runs side by side"),
    "back": tr("Back to all runs"),
    "only": tr("Show only what differs"),
    "inputs": tr("What went in"),
    "exhibits": tr("Figures and tables"),
    "input": tr("Input"),
    "row": tr("Row"),
    "measure": tr("Measure"),
    "difference": tr("B\u00a0−\u00a0A"),
    "differs": tr("differs"),
    "n_differ": tr("{n} of {all} numbers differ"),
    "same": tr("The same numbers."),
    "same_inputs": tr("The same inputs."),
    "only_in": tr("Only in {run}."),
    "rows_in": tr("Rows only in {run}: {rows}."),
    "no_row": tr("No row is in both."),
    "more": tr("{n} more rows are not compared here."),
    "file": tr("File: {name}"),
    "code": tr("Code version"),
    "source": tr("Source"),
    "not_there": tr("The numbers of {run} are not beside this page. Make it again with: loyaltylab index"),
}


def write_index(folder: str | Path | None = None) -> Path:
    """Write `index.html` into a reports folder: all whole runs there are, whoever made them.

    Beside it, `.index/` keeps what comparing two runs needs, a small file a run. Several processes may do this at once:
    each file appears whole, and a run that is published meanwhile is listed by whoever writes last.

    Parameters
    ----------
    folder : path, optional
        The reports folder; `default_folder()` if left out.

    Returns
    -------
    Path
        The page; the same bytes for the same runs.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_index(folder).name
    'index.html'
    """
    root = Path(folder) if folder else default_folder()
    root.mkdir(parents=True, exist_ok=True)
    seen = None
    with staged(root) as stage:
        while seen != (found := _manifests(root)):
            seen = found
            entries = {f"{path.parent.parent.name}/{path.parent.name}": _entry(root, path, stage) for path in found}
            unread = [name for name, entry in entries.items() if not entry]
            _replace(root / "index.html", _page([entry for entry in entries.values() if entry], unread), stage)
    _forget(root)
    return root / "index.html"


def _manifests(root: Path) -> dict[Path, tuple[int, int]]:
    """The manifest of every whole run, with what tells that it changed."""
    found = {}
    for path in sorted(root.glob("[!.]*/[!.]*/manifest.json")):
        try:
            state = path.stat()
        except OSError:  # replaced this moment
            continue
        found[path] = (state.st_mtime_ns, state.st_size)
    return found


def _entry(root: Path, path: Path, stage: Path) -> dict[str, Any] | None:
    """What the list says of a run; read from `.index/` where it is there already."""
    folder = path.parent
    kept = root / ".index" / folder.parent.name / f"{folder.name}.js"
    try:
        content = path.read_bytes()
        stamp = f"// {_EDITION} {hashlib.sha256(content).hexdigest()}"
        lines = kept.read_text(encoding="utf-8").split("\n") if kept.is_file() else [""]
        if lines[0] == stamp:
            entry = json.loads(lines[1].removeprefix("// "))
        else:
            manifest = json.loads(content)
            if odd_entries(manifest):
                return None
            notebook = json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
            entry = _listed(folder, manifest, notebook)
            kept.parent.mkdir(parents=True, exist_ok=True)
            script = f"loyaltylabRun({json.dumps(_compared(folder, manifest), ensure_ascii=False)});"
            _replace(kept, f"{stamp}\n// {json.dumps(entry, ensure_ascii=False)}\n{script}\n", stage)
        return entry | {"formats": [name for name, file in _FORMATS.items() if (folder / file).is_file()]}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, LoyaltyLabError):
        return None  # not a run of ours, or one that is being replaced


def _listed(folder: Path, manifest: dict[str, Any], notebook: dict[str, Any]) -> dict[str, Any]:
    """A run in the list, about a kilobyte."""
    parameters = manifest["parameters"]
    data = parameters.get("data") or manifest["files"].get("data", {}).get("name", "")
    return {
        "report": folder.parent.name,
        "number": manifest.get("number"),
        "id": folder.name,
        "title": manifest["title"],
        "language": manifest["language"],
        "tier": manifest["evidence_tier"] or "",
        "date": manifest.get("commit_date", ""),
        "code": manifest["code_version"],
        "data": str(data),
        "headline": manifest["headline"] if "headline" in manifest else headline_of(notebook),
        "parameters": {name: _shown(value) for name, value in _chosen(folder, parameters).items()},
        "picture": _picture(folder, manifest),
    }


def _chosen(folder: Path, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are not what the notebook of the run itself has as default."""
    try:
        defaults = {name: one.default for name, one in read_notebook(folder / "notebook.ipynb").parameters.items()}
    except LoyaltyLabError:
        defaults = {}
    return {name: value for name, value in parameters.items() if name not in defaults or value != defaults[name]}


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _picture(folder: Path, manifest: dict[str, Any]) -> str:
    """File of the figure that stands for the run: its first, which shows the finding."""
    chosen = next((id for id in manifest["exhibits"] if id.startswith("fig-")), "")
    return f"exhibits/{chosen}.svg" if chosen and (folder / "exhibits" / f"{chosen}.svg").is_file() else ""


def _compared(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """All that is set side by side: every input, and the numbers of every exhibit."""
    files = {name: f"{file['name']}, sha256 {file['sha256'][:12]}" for name, file in manifest["files"].items()}
    return {
        "key": f"{folder.parent.name}/{folder.name}",
        "parameters": {name: _shown(value) for name, value in manifest["parameters"].items()},
        "files": files,
        "source": manifest["evidence"].get("source", {}),
        "code": manifest["code_version"],
        "software": {"Python": manifest["python"], **manifest["packages"]},
        "exhibits": [_exhibit(folder / "exhibits", id) for id in manifest["exhibits"]],
    }


def _exhibit(folder: Path, id: str) -> dict[str, Any]:
    card = json.loads((folder / f"{id}.json").read_text(encoding="utf-8"))
    with open(folder / f"{id}.csv", encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    return {
        **{key: card[key] for key in ("id", "kind", "title", "alt")},
        "columns": columns,
        "rows": [[_value(cell) for cell in row] for row in rows[:_ROWS]],
        "more": max(0, len(rows) - _ROWS),
    }


def _value(cell: str) -> float | str | None:
    """A number, a text, or nothing.

    >>> _value("0.25"), _value("trust"), _value(""), _value("inf")
    (0.25, 'trust', None, 'inf')
    """
    try:
        number = float(cell)
    except ValueError:
        return cell or None
    return number if abs(number) < float("inf") else cell  # JSON has no word for the others


# ---- the page ----------------------------------------------------------------------------------------------------------


def _page(entries: list[dict[str, Any]], unread: list[str]) -> str:
    template = _TEMPLATE.read_text(encoding="utf-8")
    entries = _in_order(entries)
    content = {
        "words": {language: {key: texts[language] for key, texts in INDEX_WORDS.items()} for language in LANGUAGES},
        "languages": {of: {language: language_name(of, language) for language in LANGUAGES} for of in LANGUAGES},
        "tiers": {tier: dict(text) for tier, text in TIERS.items()},
        "meanings": {tier: dict(WORDS[tier]) for tier in TIERS},
        "headings": {name: dict(column.heading) for name, column in GLOSSARY.items()},
        "runs": entries,
        "unread": ", ".join(unread),
    }
    hashes = {tag: _hash(template, tag) for tag in ("script", "style")}
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file:; "
        f"style-src {hashes['style']}; script-src 'self' file: {hashes['script']}"
    )
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    fill = {
        "POLICY": policy,
        "DATA": data,
        "LIST": "\n".join(map(_item, entries)) or f"<li>{INDEX_WORDS['empty']['en']}</li>",
    }
    return re.sub(r"@@([A-Z]+)@@", lambda found: fill[found[1]], template)


def _in_order(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the number of the report's notebook; of one report, runs on its defaults first, of those today's code, by value."""
    numbers: dict[str, float] = {}  # runs of older versions do not know theirs
    for entry in entries:
        known = entry.get("number")
        numbers[entry["report"]] = min(numbers.get(entry["report"], math.inf), math.inf if known is None else known)

    def place(entry: dict[str, Any]) -> tuple[float, str, bool]:
        return numbers[entry["report"]], entry["report"], bool(entry["parameters"].keys() - {"language"})

    def newness(entry: dict[str, Any]) -> tuple[bool, str]:
        return entry.get("code") == code_version(), entry.get("date", "")

    def values(entry: dict[str, Any]) -> list[tuple[int, int, str]]:
        """The tenth store after the ninth: numbers in a text count as numbers."""
        text = " ".join(f"{name} {value}" for name, value in entry["parameters"].items())
        return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text)]

    return sorted(sorted(sorted(entries, key=values), key=newness, reverse=True), key=place)


def _hash(template: str, tag: str) -> str:
    """What the page's own script or style is known by to the browser, which runs no other."""
    inside = template.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


def _item(entry: dict[str, Any]) -> str:
    """A run in the list that is there without JavaScript."""
    address = f"{quote(entry['report'], safe='')}/{quote(entry['id'], safe='')}"
    text = {key: html.escape(value) for key, value in entry.items() if isinstance(value, str)}
    links = " ".join(f'<a href="{address}/{_FORMATS[name]}">{name}</a>' for name in entry["formats"])
    chosen = "; ".join(f"{html.escape(name)} = {html.escape(value)}" for name, value in entry["parameters"].items())
    tier = html.escape(TIERS.get(entry["tier"], INDEX_WORDS["unstated"])["en"])
    return (
        f'<li lang="{text["language"]}"><strong>{text["title"]}</strong> ({tier}) {text["headline"]} '
        f"{text['report']}/{text['id']} {chosen} {links}</li>"
    )


# ---- files -------------------------------------------------------------------------------------------------------------


def _replace(path: Path, text: str, stage: Path) -> None:
    """Give a file its new content in one step: who reads it sees the old or the new, whole."""
    new = stage / path.name
    new.write_text(text, encoding="utf-8", newline="\n")
    os.replace(new, path)


def _forget(root: Path) -> None:
    """Remove what was kept of runs that are no longer there."""
    for kept in (root / ".index").glob("*/*.js"):
        if not (root / kept.parent.name / kept.stem / "manifest.json").is_file():
            kept.unlink(missing_ok=True)
