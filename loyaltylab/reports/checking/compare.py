"""Two runs of one report, part by part: the same bytes, the same numbers within a tolerance, or different and where."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...core import ReportError, as_number
from ..running.record import read_json, read_manifest

#: What a manifest says of the report itself, and citations, the index and the ledger take from it.
_DERIVED = ("title", "number", "headline", "findings", "language", "evidence_tier", "evidence", "widths", "rebuild")
#: What a reader sees of an exhibit's card.
_WORDED = ("title", "caption", "alt", "source")


@dataclass(frozen=True)
class Check:
    """One part of a run beside the same part made again; `before` and `after` are the first difference."""

    part: str
    term: str
    verdict: str
    where: str = ""
    before: str = ""
    after: str = ""
    n_differences: int = 0

    def differs(self, where: str, before: str = "", after: str = "", n: int = 0) -> Check:
        """The same part, found different."""
        return replace(self, verdict="different", where=where, before=before, after=after, n_differences=n)

    def told(self) -> str:
        """The check as one line."""
        place = f", {self.where}" if self.where else ""
        values = f": {self.before or '(empty)'} → {self.after or '(empty)'}" if self.before or self.after else ""
        more = f" (and {self.n_differences - 1} more)" if self.n_differences > 1 else ""
        return f"{self.verdict}: {self.part} {self.term}{place}{values}{more}"


def compared(before: Path, after: Path, *, rtol: float, redrawn: str = "", page: bool = False) -> Iterator[Check]:
    """Every exhibit and piece of prose of two run folders, in the order of the first.

    `redrawn` says why pictures of the same numbers may look different; with `page`, the page and the notebook must be
    the same bytes too.
    """
    manifests = [read_manifest(folder / "manifest.json") for folder in (before, after)]
    exhibits = [manifest["exhibits"] for manifest in manifests]
    yield from _facts(*manifests, rtol)
    same_id = manifests[0]["run_id"] == manifests[1]["run_id"]  # every file of an exhibit bears it
    for id in dict.fromkeys([*exhibits[0], *exhibits[1]]):
        part = "figure" if id.startswith("fig-") else "table"
        if id not in exhibits[1] or id not in exhibits[0]:
            yield Check(part, id, "new" if id in exhibits[1] else "missing")
        else:
            yield _exhibit(part, id, before / "exhibits", after / "exhibits", rtol, redrawn, same_id)
    try:
        blocks = [_prose(read_json(folder / "notebook.ipynb")) for folder in (before, after)]
    except (OSError, ReportError, KeyError, TypeError, AttributeError):  # that of the run; the other was made just now
        yield Check("page", "notebook.ipynb", "different", "it is damaged")
        return
    for name in dict.fromkeys([*blocks[0], *blocks[1]]):
        if name not in blocks[1] or name not in blocks[0]:
            yield Check("prose", name, "new" if name in blocks[1] else "missing")
        else:
            yield _said(name, blocks[0][name], blocks[1][name], rtol)
    for name in ("report.html", "notebook.ipynb", "report.pdf", "report.docx") if page else ():
        contents = [(folder / name).read_bytes() if (folder / name).is_file() else None for folder in (before, after)]
        if None not in contents or name in ("report.html", "notebook.ipynb"):
            yield Check("page", name, "identical" if contents[0] == contents[1] else "different")


def _facts(before: dict[str, Any], after: dict[str, Any], rtol: float) -> Iterator[Check]:
    """What the manifests say of the report itself, one check for each thing that is not the same."""
    own = f"loyaltylab:{before['report']}/{before['run_id']}"
    if before["id"] != own:
        yield Check("manifest", "id", "different", "", str(before["id"]), own, 1)
    made_by = [(manifest.get("commit"), manifest.get("code_version")) for manifest in (before, after)]
    dated = ("commit_date",) if made_by[0] == made_by[1] else ()
    given = {"sha256"} if before["files"] != after["files"] else set()  # of the evidence: an input, and told as one
    for name in (*_DERIVED, *dated):
        old, new = (dict(_leaves(_placeless(name, manifest.get(name)))) for manifest in (before, after))
        places = [
            place for place in dict.fromkeys([*old, *new]) if old.get(place) != new.get(place) and place not in given
        ]
        apart = [p for p in places if p not in old or p not in new or not _equal(old[p], new[p], rtol)]
        if apart:
            first, second = _apart(old.get(apart[0], ""), new.get(apart[0], ""))
            yield Check("manifest", name, "different", apart[0], first, second, len(apart))
        elif places:
            yield Check("manifest", name, "equal")


def _placeless(name: str, value: Any) -> Any:
    """The command that makes the run again without the place of its notebook, which is run from a copy here."""
    return re.sub(r"^loyaltylab run ('[^']*'|\S+)", "loyaltylab run", str(value)) if name == "rebuild" else value


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every value inside, as text, with its place: `1.numbers.0.value`."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inside is None:
        yield place, str(value)
        return
    for key, one in inside:
        yield from _leaves(one, f"{place}.{key}" if place else str(key))


# ---- exhibits ----------------------------------------------------------------------------------------------------------


def _exhibit(part: str, id: str, before: Path, after: Path, rtol: float, redrawn: str, same_id: bool) -> Check:
    """A figure or table: its numbers and words decide; other bytes alone are another drawing of the same."""
    suffixes = ("csv", "svg", "png", "pdf") if part == "figure" else ("csv", "html", "tex", "md")
    gone = [f"{id}.{suffix}" for suffix in (*suffixes, "json") if not (before / f"{id}.{suffix}").is_file()]
    if gone:
        return Check(part, id, "missing", gone[0], n_differences=len(gone))
    texts = [(folder / f"{id}.csv").read_text(encoding="utf-8") for folder in (before, after)]
    check = _table(Check(part, id, "identical"), *texts, rtol)
    try:
        cards = [read_json(folder / f"{id}.json") for folder in (before, after)]
    except ReportError:
        return check.differs(f"{id}.json is damaged", n=1)
    if check.verdict != "different" and (changed := [k for k in _WORDED if cards[0].get(k) != cards[1].get(k)]):
        return check.differs(changed[0], *_apart(*(str(card.get(changed[0], "")) for card in cards)), len(changed))
    files = [path for path in sorted(before.glob(f"{id}[._]*")) if path.suffix != ".json"]  # widths too: fig-x_one.pdf
    other = [path.name for path in files if not _same_bytes(path, after / path.name)]
    if check.verdict == "different" or not other:
        return check
    if part == "figure":
        return _picture(check, before / f"{id}.png", after / f"{id}.png", other, redrawn, same_id)
    if check.verdict == "equal":
        return check
    if redrawn or not same_id:
        reason = redrawn or "another run id"
        return replace(check, verdict="equal", where=f"same numbers, typeset differently ({reason})")
    return check.differs(f"same numbers, other {other[0]}")


def _picture(check: Check, before: Path, after: Path, other: list[str], redrawn: str, same_id: bool) -> Check:
    """Figures of the same numbers whose files differ: the same picture, drawn differently, or altered."""
    apart = _pixels_apart(before, after) if before.name in other else 0.0
    if apart == 0:
        if redrawn or not same_id or check.verdict == "equal" or other == [before.name]:
            return replace(check, verdict="equal", where="same picture, other facts in the file")
        return check.differs(f"same numbers, other {other[0]}")
    if redrawn or (check.verdict == "equal" and apart < 0.001):
        reason = f" ({redrawn})" if redrawn else ""
        return replace(check, verdict="equal", where=f"same numbers, drawn differently{reason}")
    return check.differs(f"same numbers, another picture: {apart:.2%} of its pixels differ")


def _same_bytes(before: Path, after: Path) -> bool:
    return after.is_file() and before.read_bytes() == after.read_bytes()


def _pixels_apart(before: Path, after: Path) -> float:
    """Share of pixels that a reader could tell apart; 1 where the pictures differ in size or one cannot be read."""
    import numpy as np
    from matplotlib.image import imread

    try:
        one, two = imread(before), imread(after)
    except (OSError, SyntaxError):  # Pillow's word for a file that is no PNG
        return 1.0
    if one.shape != two.shape:
        return 1.0
    return float(np.mean(np.abs(one - two).max(axis=2) > 8 / 255))


def _table(check: Check, before: str, after: str, rtol: float) -> Check:
    """The check with what differs between two csv texts: columns, rows, or the first cell that is not equal."""
    if before == after:
        return check
    (columns, *old), (new_columns, *new) = (list(csv.reader(io.StringIO(text))) or [[]] for text in (before, after))
    if len(old) != len(new):
        return check.differs("rows", str(len(old)), str(len(new)), 1)
    if any(len(row) != len(columns) for row in old):
        return check.differs("rows cut short", n=1)
    shared = [(name, columns.index(name), new_columns.index(name)) for name in columns if name in new_columns]
    apart = [
        (row, name, row[i], other[j])
        for row, other in zip(old, new, strict=True)
        for name, i, j in shared
        if not _equal(row[i], other[j], rtol)
    ]
    if apart:
        row, name, one, two = apart[0]
        texts = [cell for cell in row if cell and as_number(cell) is None][:3]
        place = f" ({', '.join(texts)})" if texts else ""
        return check.differs(f"row {old.index(row) + 1}{place}, column {name}", one, two, len(apart))
    if columns != new_columns:
        gone, added = (
            [name for name in these if name not in those]
            for these, those in ((columns, new_columns), (new_columns, columns))
        )
        return check.differs("columns", ", ".join(gone), ", ".join(added), len(gone + added))
    return replace(check, verdict="equal")


# ---- prose -------------------------------------------------------------------------------------------------------------


def _prose(notebook: dict[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """Name of each piece of prose (its heading, numbered where several stand under it) → its text and its numbers."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    heading, count = "", 0
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            card = output.get("metadata", {}).get("loyaltylab", {})
            if card.get("kind") != "prose":
                continue
            text = "".join(output["data"]["text/markdown"])
            own = next((line.lstrip("# ") for line in text.splitlines() if line.startswith("#")), "")
            heading, count = (own, 1) if own else (heading, count + 1)
            name = f"“{heading}”" + (f", part {count}" if count > 1 else "")
            while name in found:
                name += "′"
            found[name] = text, card["numbers"]
    return found


def _said(name: str, before: tuple[str, dict[str, str]], after: tuple[str, dict[str, str]], rtol: float) -> Check:
    """A piece of prose: the numbers behind it, then its words."""
    check = Check("prose", name, "identical" if before == after else "equal")
    old, new = before[1], after[1]
    apart = [key for key in old if key in new and not _same_origin(old[key], new[key], rtol)]
    if apart:
        return check.differs(f"number {apart[0]}", old[apart[0]], new[apart[0]], len(apart))
    if before[0] != after[0]:
        return check.differs("text", *_apart(before[0], after[0]), 1)
    return check


def _same_origin(before: str, after: str, rtol: float) -> bool:
    """Whether `origin = value` says the same, the value within the tolerance."""
    one, two = before.rpartition(" = "), after.rpartition(" = ")
    return one[0] == two[0] and _equal(one[2], two[2], rtol)


# ---- values ------------------------------------------------------------------------------------------------------------


def _equal(before: str, after: str, rtol: float) -> bool:
    """Whether two cells hold the same text, or numbers no further apart than the tolerance.

    >>> _equal("0.1", "0.1000000000001", 1e-9), _equal("0.1", "0.1001", 1e-9), _equal("a", "b", 1e-9), _equal("nan", "nan", 1e-9)
    (True, False, False, True)
    """
    if before == after:
        return True
    one, two = as_number(before), as_number(after)
    return one is not None and two is not None and math.isclose(one, two, rel_tol=rtol, abs_tol=rtol)


def _apart(before: str, after: str, around: int = 30) -> tuple[str, str]:
    """The two texts from shortly before where they part.

    >>> _apart("Emotion takes 49% of it", "Emotion takes 59% of it", around=6)
    ('… takes 49% of it', '… takes 59% of it')
    """
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, before.rfind(" ", 0, max(0, start - around + 1)) + 1) if start > around else 0
    return tuple(("… " if start else "") + text[start : start + 3 * around].strip() for text in (before, after))  # type: ignore[return-value]
