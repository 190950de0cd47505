"""Hostile or unlucky folders, files and machines: what runs, what is said, and what is left."""

import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loyaltylab.reports.sweeps.sweep import run_sweep

from ..conftest import write
from .test_reports import notebook

#: Modules that every run imports, one of them the library itself, one of the standard library.
TRAPS = ("pandas", "csv", "yaml", "typst", "ipykernel_launcher", "loyaltylab", "sitecustomize")


def command(*words, env=None, **options):
    """The whole program, as the console script starts it: without the current folder on the path."""
    program = [sys.executable, "-P", "-c", "from loyaltylab.cli import main; main()", *map(str, words)]
    return subprocess.run(
        program, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **(env or {})}, **options
    )


# ---- code beside the data ------------------------------------------------------------------------------------------------


@pytest.fixture
def trapped(tmp_path, monkeypatch):
    """A folder with a notebook, and modules that say when they are run."""
    for name in TRAPS:
        write(tmp_path / f"{name}.py", f"open({str(tmp_path / 'sprung')!r}, 'a').write({name!r} + ' ')\n")
    notebook(tmp_path / "small.ipynb", "import csv, pandas, yaml\nprint(len(pandas.DataFrame({'a': [n]})))")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text()


@pytest.mark.parametrize(
    "how", [[], ["--plain-kernels"], ["--sweep", "n=1,2"], ["--sweep", "n=1,2", "--plain-kernels"]]
)
def test_nothing_beside_the_data_is_imported(trapped, how):
    done = command("run", "small.ipynb", *how, "--reports-folder", trapped / "r", "--formats", "html")
    assert done.returncode == 0, done.stderr


def test_nothing_beside_the_data_is_imported_by_a_worker(trapped):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sweep = run_sweep("small.ipynb", {"n": [1, 2]}, folder=trapped / "r", executor=pool, formats=["html"])
    assert not sweep.failed


def test_nothing_beside_the_data_is_imported_in_the_lab(trapped):
    from jupyter_client.manager import start_new_kernel

    recipe = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    (line,) = [line for line in recipe.splitlines() if "jupyter lab" in line and "$(BIN)" in line]
    name, _, value = line.strip("\t@").split()[0].partition("=")
    manager, client = start_new_kernel(env={**os.environ, name: value})
    try:
        reply = client.execute_interactive("import csv, pandas, yaml; pandas.DataFrame", timeout=60)
        assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
