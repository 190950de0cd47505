"""The findings a run records in its manifest, and reading them back for the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..claims import Recorded, Verdict
from .running.environment import RUN_FOLDER, RUNS_FOLDER
from .running.record import Run, default_folder, find_run, runs_in


def recorded_findings(runs: Iterable[str] | None = None, *, folder: str | Path | None = None) -> list[Recorded]:
    """The findings of runs, for a ledger.

    Parameters
    ----------
    runs : iterable of str, optional
        Runs as `find_run` knows them; without it all in the folder, but those of the report on claims itself.
    folder : path, optional
        Where reports are; in a report that is being made, the folder it will stand in.

    Returns
    -------
    list of Recorded
        In the order of the runs.

    Raises
    ------
    UnknownName
        For a run that is not there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recorded_findings(folder=folder)
    []
    """
    making, elsewhere = os.environ.get(RUN_FOLDER), folder or os.environ.get(RUNS_FOLDER)
    root = Path(elsewhere) if elsewhere else Path(making).parents[1] if making else default_folder()
    others = (run for run in runs_in(root) if run.manifest["report"] != "claims")
    chosen = others if runs is None else [find_run(name, root) for name in runs]
    return [finding for run in chosen for finding in _of_run(run)]


def backing(one: Verdict, *, folder: str | Path | None = None) -> list[str]:
    """Runs that can be opened to see what a verdict rests on, with the exhibit: of the report on claims, then of the claim's own.

    Only runs on the same data count.

    Parameters
    ----------
    one : Verdict
        As `hold_against` gives it.
    folder : str or Path, optional
        Where reports are; `default_folder()` if left out.

    Returns
    -------
    list of str
        Runs as `cite` takes them; empty where there is none.

    Examples
    --------
    >>> from loyaltylab import hold_against, read_claim, read_table
    >>> ledger = hold_against(read_table("hedonic_utilitarian"), {"thirty_seventy": read_claim("thirty_seventy")}, n_draws=100)
    >>> (one,) = ledger.of("thirty_seventy")
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     backing(one, folder=folder)
    []
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
