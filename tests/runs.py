"""Reports that are run once in a session, whichever test asks first, and read by every test that needs them."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from filelock import FileLock

from loyaltylab.reports.run import run_report
from loyaltylab.reports.running import warm_kernels as warm
from loyaltylab.reports.running.record import Run


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder of this session that all its processes see."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def prepared_process() -> Iterator[str | None]:
    """What kernels are forked from; None where that cannot be done."""
    with warm.prepared() as options:
        yield options["env"][warm.FILE] if options else None


@pytest.fixture(scope="session")
def warm_kernels(prepared_process) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """`with warm_kernels():` the kernels of this process start at once, as those of a sweep do."""

    return lambda: warm.from_here(prepared_process) if prepared_process else contextlib.nullcontext()


@pytest.fixture
def quick_kernels(warm_kernels) -> Iterator[None]:
    """For tests of what a kernel does, not of how it starts."""
    with warm_kernels():
        yield


@pytest.fixture
def quick_sweeps(prepared_process, monkeypatch) -> None:
    """For tests of what a sweep does: its kernels come from the process this session has prepared, not from one of its own."""
    if prepared_process:
        options = {"pass_fds": [int(prepared_process)], "env": os.environ | {warm.FILE: prepared_process}}
        monkeypatch.setattr("loyaltylab.reports.sweeps.pool.prepared", lambda: contextlib.nullcontext(options))


def _once(folder: Path, name: str, run: Callable[[Path], Run], **asked: Any) -> Run:
    """The run of this session with these parameters, made by whichever process asks first."""
    place = folder / hashlib.sha256(json.dumps([name, asked], sort_keys=True).encode()).hexdigest()[:12]
    with FileLock(f"{place}.lock"):
        return run(place)


@pytest.fixture(scope="session")
def report(shared, warm_kernels) -> Callable[..., Run]:
    """`report(name, **parameters)`: the run of a report by a kernel, made once in a session. Copy it before changing it."""

    def made(name: str, *, formats: tuple[str, ...] = ("html",), **parameters: Any) -> Run:
        with warm_kernels():
            return _once(
                shared, name, lambda place: run_report(name, parameters, folder=place, formats=formats), **parameters
            )

    return made


@pytest.fixture(scope="session")
def told(shared) -> Callable[..., Run]:
    """`told(name, **parameters)`: what a report tells, its cells run in this process and each figure drawn once.

    As `report`, but for the pictures of exhibits/, which are made for citing, and those for a telephone; the csv and the
    card of each exhibit are there.
    """

    def made(name: str, **parameters: Any) -> Run:
        with in_this_process():
            return _once(
                shared,
                name,
                lambda place: run_report(name, parameters, folder=place, formats=["html"], warm=False),
                told=True,
                **parameters,
            )

    return made


@contextlib.contextmanager
def in_this_process() -> Iterator[None]:
    """Notebooks are run without a kernel, exhibits saved without pictures, and no figure drawn again for a telephone."""
    import papermill

    from loyaltylab.exhibits.exhibit import Exhibit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papermill, "execute_notebook", _execute_notebook)
        patch.setattr(Exhibit, "images", lambda self, *_, **__: ({}, {}))
        patch.setattr(Exhibit, "narrow", "")
        yield


def _execute_notebook(source: str, target: str, parameters: dict[str, Any], **_: Any) -> None:
    """What papermill does for our own notebooks: cells of plain Python that show by `Report`, or end in a value."""
    import nbformat
    from papermill.exceptions import PapermillExecutionError
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = load_notebook_node(source)
    if parameters:
        notebook = parameterize_notebook(notebook, parameters, kernel_name="python3", language="python")
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(cells, start=1):
        cell.execution_count, cell.outputs = count, []
        try:
            with _shown(cell.outputs) as printed:
                value = _value_of(cell.source, names)
        except Exception as error:
            nbformat.write(notebook, target)
            index = notebook.cells.index(cell)
            raise PapermillExecutionError(index, count, cell.source, type(error).__name__, str(error), []) from error
        if text := printed.getvalue():
            cell.outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=text))
        if value is not None:
            data = {"text/plain": repr(value)}
            cell.outputs.append(nbformat.v4.new_output("execute_result", data, execution_count=count))
    nbformat.write(notebook, target)


def told_by_hand(name: str, **parameters: Any) -> list[str]:
    """What a notebook says that is run cell by cell with these values in its cells of parameters; nothing is drawn.

    What the notebook raises is raised here.
    """
    from loyaltylab.exhibits.exhibit import Exhibit
    from loyaltylab.reports.report import _Screen
    from loyaltylab.reports.running.parameters import read_notebook

    said: list[str] = []
    names: dict[str, Any] = {"__name__": "__main__", "display": lambda shown: None}
    cells = json.loads(read_notebook(name).path.read_text(encoding="utf-8"))["cells"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Exhibit, "bundle", lambda self, *_: {})
        patch.setattr(Exhibit, "markdown", lambda self: "")
        patch.setattr(_Screen, "tell", lambda self, text, *_, **__: said.append(text))
        for cell in cells:
            if cell["cell_type"] == "code":
                _value_of("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names |= parameters
    return said


def _value_of(source: str, names: dict[str, Any]) -> Any:
    """What the last line of a cell is worth, where it is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None


@contextlib.contextmanager
def _shown(outputs: list[Any]) -> Iterator[io.StringIO]:
    """Keep what is displayed in `outputs`, and what is printed in the text this gives."""
    import IPython
    import IPython.display
    from nbformat.v4 import new_output

    def display(data: dict[str, Any], *, raw: bool, metadata: dict[str, Any]) -> None:
        outputs.append(new_output("display_data", data, metadata=metadata))

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
        patch.setattr(IPython, "get_ipython", lambda: "")  # there, and false: matplotlib leaves it alone
        patch.setattr(IPython.display, "display", display)
        yield printed


def command(*words: object, expect: int | None = None, env: dict[str, str] | None = None, **options: Any) -> Any:
    """The whole program, as the console script starts it: without the current folder on the path; ends with `expect`."""
    program = [sys.executable, "-P", "-c", "from loyaltylab.cli import main; main()", *map(str, words)]
    done = subprocess.run(
        program, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **(env or {})}, **options
    )
    assert expect in (None, done.returncode), done.stderr
    assert expect is None or "Traceback" not in done.stderr
    return done


def numbers_of(run: Run, id: str, **options: Any) -> pd.DataFrame:
    """The numbers of an exhibit of a run."""
    return pd.read_csv(run.folder / "exhibits" / f"{id}.csv", **options)


def card_of(run: Run, id: str) -> dict[str, Any]:
    """What a run says of an exhibit."""
    return json.loads((run.folder / "exhibits" / f"{id}.json").read_text(encoding="utf-8"))


def in_order(text: str, parts: Iterable[str]) -> None:
    """A page holds these parts, one after the other."""
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions), positions


def terminal(*words: object, encoding: str = "utf-8") -> SimpleNamespace:
    """What the command line prints and how it ends, in this process: for what does not depend on how it starts."""
    from loyaltylab.cli import main
    from loyaltylab.core import tell

    tell.cache_clear()
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, write_through=True) for _ in "oe")
    # what is imported meanwhile keeps hold of os.environ, so that stays the object it is
    environment = mock.patch.dict(os.environ)
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with pytest.MonkeyPatch.context() as patch, environment, streams[0], streams[1]:
        patch.setattr("sys.argv", ["loyaltylab", *map(str, words)])
        patch.setattr("sys.path", [*sys.path])
        with pytest.raises(SystemExit) as left:
            main()
            sys.exit(0)
    texts = (stream.buffer.getvalue().decode(encoding) for stream in (out, err))
    return SimpleNamespace(returncode=left.value.code or 0, **dict(zip(("stdout", "stderr"), texts, strict=True)))
