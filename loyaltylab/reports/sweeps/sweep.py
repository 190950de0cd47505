"""All combinations of some parameters' values, each a run of its own, several at once: handed over, heard of while it goes on, received."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ...core import Entry, EntryFile, ReportError, in_words, read_yaml, shown
from ..run import FORMATS, checked_formats, checked_widths, existing, planned
from ..running.execution import failed_notebook
from ..running.parameters import Notebook, read_notebook
from ..running.record import Run, default_folder
from ..running.staging import settle
from ..running.warm_kernels import can_fork
from .cluster import Cluster, Executor
from .packages import NOTEBOOK, published
from .pool import Answer, Tell, Workers, failed

#: Combinations of one sweep: at a second a run more than a day.
MOST_RUNS = 100_000


@dataclass(frozen=True)
class Point:
    """One combination of the swept values, with its run or the error that stopped it; in a book, one report.

    Attributes
    ----------
    values : dict of str → Any
        Parameter → value.
    run : Run, optional
        None where it failed.
    error : str
        Why it failed.
    report : str
        Its name.

    See Also
    --------
    loyaltylab.reports.run_sweep : Makes them.
    """

    values: dict[str, Any]
    run: Run | None = None
    error: str = ""
    report: str = ""

    def __str__(self) -> str:
        """`segment=prepaid language=nl`; of a book, `drivers`."""
        return self.report or " ".join(
            f"{name}={','.join(value) if isinstance(value, list) else value}" for name, value in self.values.items()
        )


@dataclass(frozen=True)
class Sweep:
    """What became of every combination, in the order of the grid.

    Attributes
    ----------
    report : str
        Its name.
    points : sequence of Point
        In the order of the grid.

    See Also
    --------
    loyaltylab.reports.run_sweep : Makes it.
    """

    report: str
    points: tuple[Point, ...]

    @property
    def done(self) -> tuple[Point, ...]:
        """Those that were run now."""
        return tuple(point for point in self.points if point.run and not point.run.was_there)

    @property
    def was_there(self) -> tuple[Point, ...]:
        """Those whose run was up to date."""
        return tuple(point for point in self.points if point.run and point.run.was_there)

    @property
    def failed(self) -> tuple[Point, ...]:
        """Those that stopped, each with its `error`."""
        return tuple(point for point in self.points if not point.run)


#: How many runs are done, begun ones counting in part; of how many; the one that is finished, if one is; and with a
#: fourth, a text, what takes long in one that goes on.
SweepProgress = Callable[..., None]


def run_sweep(
    report: str | Path | None,
    grid: Mapping[str, Iterable[Any]] | str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    as_text: Iterable[str] = (),
    folder: str | Path | None = None,
    force: bool = False,
    widths: Iterable[str] = (),
    formats: Iterable[str] = FORMATS,
    jobs: int | None = None,
    warm: bool = True,
    executor: Executor | None = None,
    progress: SweepProgress | None = None,
) -> Sweep:
    """Run a report for all combinations of values, in parallel; a run that fails does not stop the others.

    What is up to date is not run again, so a sweep that was broken off goes on where it was. Stopped by Ctrl-C, it
    leaves whole runs only.

    Parameters
    ----------
    report : str or path, optional
        Name of a report or path of a notebook; may be left to the `report:` of a YAML file.
    grid : mapping or path
        Parameter → the values it takes in turn; or a YAML file with `sweep:` and, where wanted, `report:` and
        `parameters:`.
    parameters : mapping, optional
        Values that are the same in all runs; they go before those of the file.
    as_text : iterable of str
        Parameters whose values are text from a command line.
    folder : path, optional
        Where reports go; `default_folder()` if left out.
    force : bool
        Run again even what is up to date.
    widths, formats : iterable of str
        As in `run_report`.
    jobs : int, optional
        Runs at the same time, 1 or more; if left out, as many as there are processors, twice that with warm kernels.
    warm : bool
        Where the platform can, fork kernels from one process that has imported the libraries, instead of starting each
        anew: three times as fast, the same bytes.
    executor : anything with `submit`, optional
        Where the runs are made, instead of in processes here: a `distributed.Client` of a Dask cluster, or a pool of
        `concurrent.futures`. Parameters travel, and hashes; a worker that does not see the same file at the same path is
        sent its bytes. It must have the same software, down to the code version, and is refused if not. Finished runs
        come back as bytes and are published here; the runs of a Dask worker that is lost are made by another. `jobs` is
        then how many are handed over at once.
    progress : callable (done, of, point, note=""), optional
        Told how many of the runs to do are done, in parts of a run, and each `Point` when it is finished; a note says of
        a point that goes on what takes long and what is done about it.

    Returns
    -------
    Sweep
        `points` are the runs, `failed` those that stopped, each with its reason.

    Raises
    ------
    UnknownName, ReportError, CodebookError
        Before anything runs, for an unknown parameter, a value of a wrong type, one given twice, or a file that is
        not a sweep.

    Examples
    --------
    >>> run_sweep("drivers", {"languages": ["en", "nl"]})
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.UnknownName: parameter 'languages' does not exist; did you mean 'language'? ...
    """
    at_least_one(jobs)
    if not isinstance(grid, Mapping):
        report, grid, in_file = _read_grid(Path(grid), report)
        parameters = {**in_file, **(parameters or {})}
    notebook = read_notebook(report or "")
    root = Path(folder) if folder else default_folder()
    settle(root)
    asked: dict[Path, Asked] = {}
    for values, given in _combinations(notebook, grid, parameters or {}, as_text):
        final = planned(notebook, given, root)[1]
        if final in asked:
            raise ReportError(f"the sweep holds '{Point(values)}' twice; give each value once.")
        asked[final] = Point(values), notebook, given
    options = {"force": force, "widths": widths, "formats": formats, "jobs": jobs, "warm": warm, "executor": executor}
    return Sweep(notebook.name, run_points(asked, root, **options, progress=progress))


#: A point still without its run, its notebook, and all parameters with their values.
Asked = tuple[Point, Notebook, dict[str, Any]]


def run_points(
    asked: Mapping[Path, Asked],
    root: Path,
    *,
    force: bool,
    widths: Iterable[str],
    formats: Iterable[str],
    jobs: int | None,
    warm: bool,
    executor: Executor | None = None,
    progress: SweepProgress | None,
) -> tuple[Point, ...]:
    """Each point with its run or error: those that are up to date at once, the others in parallel.

    What is asked is keyed by the folder the run will have.
    """
    wanted, formats = checked_widths(widths), checked_formats(formats)
    points, calls = {}, {}
    for final, (point, notebook, given) in asked.items():
        calls[final] = {"report": str(notebook.path), "parameters": given, "folder": str(root), "force": force}
        calls[final] |= {"widths": sorted(wanted), "formats": formats}
        found = None if force else existing(final)
        there = found if found and wanted <= found.widths and not found.lacks(formats) else None
        points[final] = replace(point, run=there)
        if executor and found:  # made anew there, so nothing it has may get lost
            calls[final]["widths"] = sorted(wanted | found.widths)
            calls[final]["formats"] = [name for name in FORMATS if name in formats or not found.lacks([name])]
    missing = [final for final, point in points.items() if not point.run]
    parts, left = [0.0] * len(missing), [calls[final] for final in missing]
    here = ThisMachine(jobs or _at_a_time(warm), warm=warm, many=len(left) > 1)
    place = Cluster(executor, jobs=jobs, warm=warm) if executor else here
    with contextlib.closing(made(left, missing, place)) as events:
        for number, kind, content in events:
            final, finished = missing[number], None
            if kind == "note":
                if progress:
                    progress(sum(parts), len(missing), points[final], content)
                continue
            parts[number] = content if kind == "progress" else 1.0
            if kind != "progress":
                finished = points[final] = _finished(points[final], final, kind, content)
            if progress:
                progress(sum(parts), len(missing), finished)
    settle(root)
    return tuple(points.values())


def _finished(point: Point, final: Path, kind: str, content: Any) -> Point:
    if kind == "failed":
        return replace(point, error=content)
    if Path(content["folder"]).name != final.name:
        error = "the data, its codebook, the notebook or the code changed while the sweep went on; run the sweep again."
        return replace(point, error=error)
    run = existing(Path(content["folder"]))
    if run is None:
        return replace(point, error="its run was removed while the sweep went on; run the sweep again.")
    return replace(point, run=Run(run.folder, run.manifest, content["was_there"], content["failed"]))


def _combinations(
    notebook: Notebook, grid: Mapping[str, Iterable[Any]], parameters: Mapping[str, Any], as_text: Iterable[str]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The swept values of each run beside all its parameters, every one checked."""
    if not grid:
        raise ReportError("a sweep needs at least one parameter with the values it takes in turn.")
    for name, values in grid.items():
        if name in parameters:
            raise ReportError(f"parameter '{name}' is swept and also given one value; leave one of them out.")
        if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable) or not list(values):
            raise ReportError(f"parameter '{name}' is to be swept over {values!r}; give a list of values.")
    columns = {name: list(values) for name, values in grid.items()}
    if (of := math.prod(map(len, columns.values()))) > MOST_RUNS:
        raise ReportError(
            f"the sweep has {of:,} combinations; at most {MOST_RUNS:,} are run at a time. Give fewer values."
        )
    found = []
    for chosen in itertools.product(*columns.values()):
        given = notebook.filled({**parameters, **dict(zip(columns, chosen, strict=True))}, as_text=as_text)
        found.append(({name: given[name] for name in columns}, given))
    return found


class SweepFile(Entry, frozen=True):
    """A sweep: the report, the values that parameters take in turn, and those that stay the same."""

    report: str = ""
    sweep: dict[str, Any] = msgspec.field(default_factory=dict)
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)


def _read_grid(path: Path, report: str | Path | None) -> tuple[str | Path, dict[str, Any], dict[str, Any]]:
    """Report, grid and parameters of a YAML file."""
    content = EntryFile(path.name).read(SweepFile, read_yaml(path))
    in_file = content.report
    if report and in_file and str(report) != in_file:
        raise ReportError(f"{path.name} is for the report '{in_file}', not '{report}'.")
    if not report and not in_file:
        raise ReportError(f"{path.name} does not say which report to run; add 'report: drivers', for example.")
    return report or in_file, content.sweep, content.parameters


def at_least_one(jobs: int | None) -> None:
    """Refuse to do nothing at a time."""
    if jobs is not None and jobs < 1:
        raise ReportError(f"jobs is {jobs}; at least one run must go at a time.")


def _at_a_time(warm: bool) -> int:
    """As many as this process may use processors; twice that from warm kernels, which wait about as long as they work."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return found * 2 if warm and can_fork() else found


#: Which run; "progress", "note", "done" or "failed"; the part that is done, what takes long, what became of the run, or the
#: error's text.
Event = tuple[int, str, Any]


class Place(Protocol):
    """Where runs are made."""

    def room(self) -> int:
        """How many runs to hand over at once."""

    def run(self, call: dict[str, Any], tell: Tell) -> Answer:
        """Have `run_report(**call)` done, whatever may happen to whom does it."""

    def stop(self) -> None:
        """Leave off: what is being made is not wanted any more."""

    def close(self) -> None:
        """Clear up, when nothing is being made."""


class ThisMachine(Workers):
    """Processes of this machine, so many at a time."""

    def __init__(self, jobs: int, *, warm: bool, many: bool) -> None:
        super().__init__(warm=warm, many=many)
        self.jobs = jobs

    def room(self) -> int:
        return self.jobs


def made(calls: list[dict[str, Any]], finals: list[Path], place: Place) -> Iterator[Event]:
    """Have each of `calls` run in a place, and put it in its final folder; closing the iterator stops all."""
    events: queue.Queue[tuple[int, float | str | Answer]] = queue.Queue()
    threads: dict[int, threading.Thread] = {}
    waiting, left = list(range(len(calls)))[::-1], len(calls)

    def serve(number: int) -> None:
        try:
            answer = place.run(calls[number], lambda part: events.put((number, part)))
        except BaseException as error:  # a thread's own; without an answer the sweep would wait for ever
            answer = failed(in_words(error))
        events.put((number, answer))

    try:
        while left:
            while waiting and len(threads) < place.room():
                number = waiting.pop()
                threads[number] = threading.Thread(target=serve, args=(number,), daemon=True)
                threads[number].start()
            with contextlib.suppress(queue.Empty):  # a wait without end could not be interrupted on Windows
                number, event = events.get(timeout=1)
                if not isinstance(event, dict):
                    yield number, "note" if isinstance(event, str) else "progress", event
                    continue
                threads.pop(number).join()
                left -= 1
                yield (number, *_received(event, calls[number], finals[number]))
    finally:
        place.stop()
        for thread in threads.values():
            thread.join()
        place.close()


def _received(answer: Answer, call: dict[str, Any], final: Path) -> tuple[str, Any]:
    """What became of a run. Files that came with the answer get their place here; a run made on this disk has it already."""
    files = answer.get("files", {})
    kept = failed_notebook(final.parent.parent, final.parent.name, final.name)
    if answer["kind"] == "failed":
        if NOTEBOOK in files:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(files[NOTEBOOK])
            return "failed", answer["text"].replace(NOTEBOOK, str(shown(kept)))
        return "failed", answer["text"]
    if "folder" not in answer:
        try:
            answer = {**answer, "folder": str(final), "was_there": not published(files, call, final)}
        except (ReportError, OSError) as error:
            return "failed", in_words(error)
        kept.unlink(missing_ok=True)
    return "done", answer
