"""Execute a notebook with papermill, and clean what it leaves of every trace of this machine and moment."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ...core import HEARD, ReportError, shown, tr
from .environment import RUN_FOLDER, RUN_ID, RUN_TEXTS, RUN_WIDTHS, STEADY, TIME_LIMIT
from .parameters import Notebook
from .record import without_place, write_json
from .warm_kernels import from_here

#: Files that a run has open at the same time, with the sockets between it and its kernel.
_FILES = 128
#: How often a kernel is started that leaves before any cell: another process may have taken the port chosen for it.
_STARTS = 3
#: Characters of what one cell prints that are kept.
MOST_PRINTED = 2_000_000
CUT = tr("[Cut here: this cell printed more than {n} million characters.]")
#: Told (what, done, of) of "cells" and of the "page"; and with one more, a text, of a "note" or a "step" of a long cell.
Progress = Callable[..., None]


def executed(
    notebook: Notebook,
    values: dict[str, Any],
    run_id: str,
    widths: Iterable[str],
    stage: Path,
    root: Path,
    progress: Progress | None,
    *,
    warm: bool,
) -> dict[str, Any]:
    """The executed notebook, cleaned of every trace of this machine and moment; `warm` as in `run_report`."""
    with from_here() if warm else contextlib.nullcontext():
        return _executed(notebook, values, run_id, widths, stage, root, progress)


def _executed(
    notebook: Notebook,
    values: dict[str, Any],
    run_id: str,
    widths: Iterable[str],
    stage: Path,
    root: Path,
    progress: Progress | None,
) -> dict[str, Any]:
    for name in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):  # slow to load, for checks no notebook needs
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # what was waited for when a user stopped it is no news
    import papermill
    from traitlets.config import Config

    _register_engine(str(values.get("language", "en")))
    target, typesetter = stage / "notebook.ipynb", _Typesetter(stage / "exhibits")

    def on_cell(*done: Any) -> None:
        typesetter.look()
        if progress:
            progress(*done)

    known = {RUN_FOLDER: str(stage.resolve()), RUN_ID: f"loyaltylab:{notebook.name}/{run_id}"}
    known |= {RUN_TEXTS: str(_kept(notebook, stage)), RUN_WIDTHS: ",".join(widths), **STEADY}
    _make_room_for_files()
    with (
        _stopped_in_words(notebook.name, target, failed_notebook(root, notebook.name, run_id)),
        typesetter,
        # of the kernel's own: what starts with a user's shell is no part of a report; and not the stage, which a kernel that
        # is just starting would make again after it was cleared away
        tempfile.TemporaryDirectory(prefix="loyaltylab-", ignore_cleanup_errors=True) as own,
        environment(known | {"IPYTHONDIR": own}),
        open(os.devnull, "w") as quiet,
        contextlib.redirect_stderr(quiet),
    ):
        papermill.execute_notebook(
            str(notebook.path),
            str(target),
            parameters={name: value for name, value in values.items() if value != notebook.parameters[name].default},
            engine_name="loyaltylab",
            kernel_name="python3",
            language="python",
            progress_bar=False,
            log_output=False,
            record_timing=False,
            request_save_on_cell_execute=False,  # nobody sees the file before the end
            shutdown_kernel="immediate",
            extra_arguments=["--log-level=50"],
            on_cell=on_cell,
            stderr_file=_Heard(progress),
            config=Config({"KernelManager": {"connection_file": f"{own}/connection.json"}}),
            **_limited(os.environ.get(TIME_LIMIT, "")),
        )
    cleaned = _cleaned(json.loads(target.read_text(encoding="utf-8")), values)
    write_json(target, cleaned)
    return cleaned


@contextlib.contextmanager
def _stopped_in_words(report: str, target: Path, kept: Path) -> Iterator[None]:
    """A report that stopped is told in one sentence, and its notebook is `kept` as far as it got."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    def keep() -> str:
        os.replace(target, kept)
        return f"The notebook as far as it got: {shown(kept)}"

    try:
        yield
    except PapermillExecutionError as error:
        raise ReportError(
            f"report '{report}' stopped in cell {error.cell_index + 1}: {error.ename}: {error.evalue}\n{keep()}"
        ) from None
    except CellTimeoutError:
        raise ReportError(
            f"report '{report}' took longer than the {float(os.environ[TIME_LIMIT]) / 60:g} minutes it was given. "
            "Give it more (--time-limit), or fewer draws."
        ) from None
    except DeadKernelError:
        raise ReportError(
            f"report '{report}' stopped: the process that ran its cells died, as it does when memory runs out. "
            "Free some, or run fewer reports at once."
        ) from None
    except RuntimeError as error:  # of jupyter_client and nbclient, which have no kind for it
        raise ReportError(f"report '{report}': no process could be started for its cells ({error}).") from None
    if left := _unfinished(json.loads(target.read_text(encoding="utf-8"))):
        raise ReportError(
            f"report '{report}' stopped in cell {left}: it ended the process of its cells (sys.exit or the like), so what "
            f"follows is missing. Take that out.\n{keep()}"
        )


def _make_room_for_files() -> None:
    """As many open files as a run takes, where the shell allows fewer: ZeroMQ ends the whole process when there are none left."""
    if os.name != "posix":
        return
    import resource

    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < _FILES:
        raise ReportError(
            f"a run has up to {_FILES} files open, and here a program may open {most}. Allow more, as by: ulimit -n 1024"
        )
    if least != resource.RLIM_INFINITY and least < _FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, most))


def _unfinished(notebook: dict[str, Any]) -> int:
    """The cell, counted from 1, after which none ran though papermill sees no error (SystemExit); 0 where there is none."""
    for number, cell in enumerate(notebook["cells"], start=1):
        if any(output.get("ename") == "SystemExit" for output in cell.get("outputs", ())):
            return number
    return 0


def _limited(seconds: str) -> dict[str, Any]:
    """What makes a notebook stop when its time is over; nothing where it has all the time there is."""
    if not seconds:
        return {}
    end = time.monotonic() + float(seconds)
    return {"timeout_func": lambda _: max(0.01, end - time.monotonic())}


class _Typesetter:
    """Makes the pdf and the png of the figures that cells left, while the kernel computes on: Typst needs no lock of Python's."""

    def __init__(self, exhibits: Path) -> None:
        self.exhibits, self.pool, self.begun = exhibits, ThreadPoolExecutor(1), {}  # type: ignore[var-annotated]

    def look(self) -> None:
        """Begin with what is there."""
        from ...exhibits import typeset_sheet

        for sheet in sorted(self.exhibits.glob("*.sheet")):
            if sheet not in self.begun:
                self.begun[sheet] = self.pool.submit(typeset_sheet, sheet)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, *_: object) -> None:
        with self.pool:
            if kind:
                return self.pool.shutdown(cancel_futures=True)
            self.look()
            for sheet, done in self.begun.items():
                if error := done.exception():
                    raise ReportError(f"the figure '{sheet.stem}' could not be typeset: {error}") from None
        return None


def _kept(notebook: Notebook, stage: Path) -> Path:
    """The texts beside the notebook in the run's own folder, where it can be run again with the words it had."""
    kept = stage.resolve() / "texts"
    for path in notebook.texts.values():
        kept.mkdir(exist_ok=True)
        shutil.copyfile(path, kept / path.name)
    return kept


class _Heard:
    """What cells write on stderr, as far as it is meant for whoever started the run."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def write(self, text: str) -> None:
        for line in text.splitlines():
            for what, begin in HEARD.items():
                if self.progress and line.startswith(begin):
                    self.progress(what, 0, 0, line.removeprefix(begin))

    def flush(self) -> None:
        """Nothing is kept back."""


def failed_notebook(root: Path, report: str, run_id: str) -> Path:
    """Where the notebook of a run that failed is kept, as far as it got."""
    return root / f"failed-{report}-{run_id}.ipynb"


def _register_engine(language: str) -> None:
    """papermill's own engine, telling after each cell how far it is."""
    from papermill import engines
    from papermill.engines import NBClientEngine, papermill_engines

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, on_cell: Progress | None = None, **kwargs: Any
        ) -> Any:
            begin, complete, total = nb_man.cell_start, nb_man.cell_complete, len(nb_man.nb.cells)
            begun: list[int | None] = []

            def noted(cell: Any, cell_index: int | None = None, **more: Any) -> None:
                begun.append(cell_index)
                begin(cell, cell_index, **more)

            def told(cell: Any, cell_index: int | None = None, **more: Any) -> None:
                complete(cell, cell_index, **more)
                if on_cell and cell_index is not None:
                    on_cell("cells", cell_index + 1, total)

            nb_man.cell_start, nb_man.cell_complete = noted, told
            starts = 0
            while True:
                starts += 1
                try:
                    return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
                except RuntimeError:
                    if begun or starts == _STARTS:
                        raise

    papermill_engines.register("loyaltylab", Engine)
    if hasattr(engines, "PapermillNotebookClient"):
        _bound_outputs(engines.PapermillNotebookClient)
        engines.PapermillNotebookClient.cut = CUT[language].format(n=MOST_PRINTED // 10**6)


def _bound_outputs(client: Any) -> None:
    """Have papermill's client keep no more of what a cell prints than a page can hold, and say so in the cell."""
    if hasattr(client, "printed"):
        return
    process = client.process_message
    client.printed = {}

    def bounded(self: Any, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        content = msg.get("content", {})
        parts = content if msg.get("msg_type") == "stream" else content.get("data") or {}
        for name in ("text", "text/plain", "text/html"):
            if not isinstance(text := parts.get(name), str):
                continue
            key = id(self), cell_index
            before = client.printed.get(key, 0)
            client.printed[key] = before + len(text)
            if before >= MOST_PRINTED:
                parts[name] = ""
            elif before + len(text) > MOST_PRINTED:
                parts[name] = text[: MOST_PRINTED - before] + f"\n{client.cut}\n"
        return process(self, msg, cell, cell_index)

    client.process_message = bounded


def _cleaned(notebook: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The same notebook without clocks, random ids, machine paths and stderr."""
    given = [value for value in values.values() if isinstance(value, str)]
    paths = {value: short for value in given if (short := without_place(value)) != value}
    text = json.dumps(notebook)
    for path, name in paths.items():
        text = text.replace(json.dumps(path)[1:-1], name)
    notebook = json.loads(text)
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook["cells"], start=1):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key in ("tags", "jupyter")}
        if cell["cell_type"] == "code":
            cell["outputs"] = [output for output in cell["outputs"] if output.get("name") != "stderr"]
    return notebook


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
