"""The findings a run records in its manifest, and reading them back for the ledger."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..ledger import Recorded
from ..provenance import TIERS
from ..verdicts import Verdict
from .record import Run, default_folder, find_run, headline_of, plain_prose, runs_in
from .session import RUN_FOLDER, RUNS_FOLDER

__all__ = ["backing", "findings_of", "recorded_findings"]


def findings_of(executed: dict[str, Any], evidence_tier: str | None) -> list[dict[str, Any]]:
    """The findings of an executed notebook: its headline, and what `report.say(finding=…)` named.

    Each with its text, its numbers and the exhibits that support it: those it refers to, and where it refers to none, those
    the rest of its section refers to.
    """
    prose = [(card, text) for card, text in _prose(executed) if card.get("kind") == "prose"]
    found: list[dict[str, Any]] = []
    for i, (card, text) in enumerate(prose):
        if "quantities" not in card:
            continue
        name = card.get("finding") or ("" if any(one["id"] == "headline" for one in found) else "headline")
        if not name or not (said := headline_of(executed) if name == "headline" else plain_prose(text, executed)):
            continue
        tiers = [one["tier"] for one in card["quantities"]] + ([evidence_tier] if evidence_tier else [])
        found.append(
            {
                "id": name,
                "text": said,
                "tier": max(tiers, key=list(TIERS).index) if tiers else "synthetic",
                "exhibits": _referred(text) or _referred(_section([text for _, text in prose[i:]])),
                "numbers": card["quantities"],
            }
        )
    return found


def _prose(executed: dict[str, Any]) -> Iterable[tuple[dict[str, Any], str]]:
    for cell in executed["cells"]:
        for output in cell.get("outputs", []):
            card = output.get("metadata", {}).get("loyaltylab")
            if card:
                yield card, "".join(output.get("data", {}).get("text/markdown", ""))


def _section(texts: list[str]) -> str:
    """The prose from here to the next heading."""
    kept = texts[:1]
    for text in texts[1:]:
        if re.search(r"^#{1,2} ", text, re.MULTILINE):
            break
        kept.append(text)
    return "\n".join(kept)


def _referred(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"(?<!\\\\)@((?:fig|tbl)-[\w-]*\w)", text)))


def recorded_findings(runs: Iterable[str] | None = None, *, folder: str | Path | None = None) -> list[Recorded]:
    """The findings of runs, for a ledger.

    Parameters
    ----------
    runs : iterable of str, optional
        Runs as `find_run` knows them; without it all in the folder, but those of the report on claims itself.
    folder : path, optional
        Where reports are; in a report that is being made, the folder it will stand in.

    Raises
    ------
    UnknownName
        For a run that is not there.
    """
    making, elsewhere = os.environ.get(RUN_FOLDER), folder or os.environ.get(RUNS_FOLDER)
    root = Path(elsewhere) if elsewhere else Path(making).parents[1] if making else default_folder()
    others = (run for run in runs_in(root) if run.manifest["report"] != "claims")
    chosen = others if runs is None else [find_run(name, root) for name in runs]
    return [finding for run in chosen for finding in _of_run(run)]


def backing(one: Verdict, *, folder: str | Path | None = None) -> list[str]:
    """Runs that can be opened to see what a verdict rests on, with the exhibit: of the report on claims, then of the claim's own.

    Only runs on the same data count.
    """
    exhibit = (
        "tbl-again" if one.own else "tbl-tested" if one.is_computed else f"tbl-cards-{one.claim.article or 'studies'}"
    )
    found: dict[str, list[str]] = {"claims": [], one.claim.report: []} if one.claim.report else {"claims": []}
    for run in runs_in(folder):
        name, data = run.manifest["report"], run.manifest.get("parameters", {}).get("data")
        if name == "claims" and (one.own or data == one.data) and exhibit in run.manifest["exhibits"]:
            found["claims"].append(f"{run.id}#{exhibit}")
        elif name == one.claim.report and data == one.data and one.is_computed:
            found[name].append(run.id)
    return [run for runs in found.values() for run in runs]


def _of_run(run: Run) -> list[Recorded]:
    return [
        Recorded(
            id=f"{run.id.removeprefix('loyaltylab:')}#{one['id']}",
            text=one["text"],
            report=run.manifest["report"],
            run=run.id,
            exhibits=tuple(one["exhibits"]),
            tier=one["tier"],
            numbers=tuple((number["name"], number["value"]) for number in one["numbers"]),
            language=run.manifest["language"],
        )
        for one in run.manifest.get("findings", [])
    ]
