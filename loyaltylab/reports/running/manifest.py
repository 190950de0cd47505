"""The manifest of a run: parameters, hashes of the data, versions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from ...core import PACKAGE, TIERS, home, read_yaml, sha256
from ..cards import headline_of
from .parameters import Notebook


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
