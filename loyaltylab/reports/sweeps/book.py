"""All reports at once, each on its own defaults: the book one gives to a reader, or to oneself before a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core import LoyaltyLabError, ReportError, available, unknown
from ...survey import input_files, read_data
from ..fitting import left_out
from ..run import FORMATS, planned
from ..running.parameters import Notebook, read_notebook
from ..running.record import default_folder, number_of
from ..running.staging import settle
from .cluster import Executor
from .sweep import Asked, Point, Sweep, SweepProgress, at_least_one, run_points


@dataclass(frozen=True)
class Book(Sweep):
    """What became of every report, in the order of their notebooks.

    Attributes
    ----------
    without : dict of str → sequence of str
        Parameter that was given → reports that do not have it.

    See Also
    --------
    loyaltylab.reports.run_book : Makes it.
    """

    #: Parameter that was given → the reports that do not have it, and ran without.
    without: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Report that cannot be made of the file of answers that was given → why; no failure.
    left_out: dict[str, str] = field(default_factory=dict)


def run_book(
    parameters: Mapping[str, Any] | None = None,
    *,
    reports: Iterable[str | Path] | None = None,
    as_text: Iterable[str] = (),
    folder: str | Path | None = None,
    force: bool = False,
    widths: Iterable[str] = (),
    formats: Iterable[str] = FORMATS,
    jobs: int | None = None,
    warm: bool = True,
    executor: Executor | None = None,
    progress: SweepProgress | None = None,
) -> Book:
    """Run every report on its defaults, several at once; one that fails does not stop the others.

    What is up to date is not run again, so a book that was broken off goes on where it was. A report that cannot be made of
    the file of answers given as `data` is left out, and named in `Book.left_out`.

    Parameters
    ----------
    parameters : mapping, optional
        Values for all reports that have a parameter of that name; the others run without, and are named in
        `Book.without`.
    reports : iterable of str or path, optional
        Names of reports or paths of notebooks; all that come with the project if left out.
    as_text : iterable of str
        Parameters whose values are text from a command line.
    folder, force, widths, formats, jobs, warm, executor, progress
        As in `run_sweep`.

    Returns
    -------
    Book
        `points` are the runs, `failed` those that stopped, each with its reason.

    Raises
    ------
    UnknownName, ReportError
        Before anything runs, for a parameter that no report has, data that are not there, or a value that one of
        those that have it cannot take. A notebook that is not a report is one of `Book.failed`.

    Examples
    --------
    >>> run_book({"langauge": "nl"})
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.UnknownName: parameter 'langauge' does not exist; did you mean 'language'? ...
    """
    at_least_one(jobs)
    root, given = Path(folder) if folder else default_folder(), dict(parameters or {})
    names = _shipped() if reports is None else list(reports)
    if not names:
        raise ReportError("there are no reports here: the folder notebooks/ holds no notebook.")
    found = [_read(name) for name in names]
    notebooks = [one for one in found if isinstance(one, Notebook)]
    without = _without(notebooks, given)
    _look_up_data(notebooks, given)
    unfit = left_out(given) if given.get("data") else {}
    unfit = {one.name: unfit[one.name] for one in notebooks if one.name in unfit}
    found = [one for one in found if isinstance(one, Point) or one.name not in unfit]
    if unfit and not found:
        raise ReportError(
            f"none of these reports can be made of {given['data']}: "
            + "; ".join(f"{name}, for {why}" for name, why in unfit.items())
            + "."
        )
    chapters = [one if isinstance(one, Point) else _asked(one, given, as_text, root) for one in found]
    asked: dict[Path, Asked] = dict(one for one in chapters if not isinstance(one, Point))
    settle(root)
    options = {"force": force, "widths": widths, "formats": formats, "jobs": jobs, "warm": warm, "executor": executor}
    done = dict(zip(asked, run_points(asked, root, **options, progress=progress), strict=True))
    return Book("all", tuple(one if isinstance(one, Point) else done[one[0]] for one in chapters), without, unfit)


def _shipped() -> list[Path]:
    """The notebooks of the project by their numbers: 9 before 10, and those without one last."""
    numbers = {path: number_of(path) for path in available("notebooks", ".ipynb").values()}
    return sorted(numbers, key=lambda path: (numbers[path] is None, numbers[path] or 0, path.name))


def _read(name: str | Path) -> Notebook | Point:
    """The notebook, or what is wrong with it: one that cannot be read keeps no other from running."""
    try:
        return read_notebook(name)
    except LoyaltyLabError as error:
        return Point({}, error=str(error), report=Path(name).stem)
    except (SyntaxError, ValueError) as error:
        return Point({}, error=f"its parameters cell cannot be read: {error}.", report=Path(name).stem)


def _without(notebooks: list[Notebook], given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Parameter → the reports that do not have it; refused where that is every one of them."""
    found = {}
    for name in given:
        lacking = tuple(one.name for one in notebooks if name not in one.parameters)
        if notebooks and len(lacking) == len(notebooks):
            known = dict.fromkeys(known for one in notebooks for known in one.parameters)
            raise unknown("parameter", name, known, "No report has it. See: loyaltylab list.")
        if lacking:
            found[name] = lacking
    return found


def _look_up_data(notebooks: list[Notebook], given: Mapping[str, Any]) -> None:
    """Refuse data that are not there, once and at once, and not when every report has failed on them."""
    data, codebook = str(given.get("data", "")), str(given.get("codebook", ""))
    choices = {choice for one in notebooks if "data" in one.parameters for choice in one.parameters["data"].choices}
    if data and data not in choices and "data" not in input_files(data, codebook):
        read_data(data, codebook)


def _asked(
    notebook: Notebook, given: Mapping[str, Any], as_text: Iterable[str], root: Path
) -> tuple[Path, Asked] | Point:
    """A report with the given parameters it has, and the folder of its run; a point that failed where its own defaults do.

    Raises
    ------
    LoyaltyLabError
        Where it is one of the given values that does not fit, naming the report.
    """
    own = {name: value for name, value in given.items() if name in notebook.parameters}
    point = Point(own, report=notebook.name)
    try:
        values = notebook.filled(own, as_text=as_text)
        return planned(notebook, values, root)[1], (point, notebook, values)
    except LoyaltyLabError as error:
        try:
            planned(notebook, notebook.filled({}), root)
        except LoyaltyLabError:
            return Point(own, error=str(error), report=notebook.name)
        raise type(error)(f"report '{notebook.name}': {error}") from None
