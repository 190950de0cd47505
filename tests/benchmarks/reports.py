"""Forty runs of a report: papermill's command line one after another, our pool, and warm kernels, in the same minutes.

Each way is timed with everything it needs: its own start, its imports, its kernels. papermill's command line only
executes; so do we in one line, and in the next write every format too. Rounds alternate between the ways, so a busy machine moves all.
With `--against COMMIT`, how many times faster one report and all of them are than at that commit.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

LIGHT = [
    "import numpy as np, pandas as pd, seaborn as sns, matplotlib.pyplot as plt\nimport statsmodels.formula.api as smf",
    "rng = np.random.default_rng(seed)\nrows = pd.DataFrame(rng.normal(size=(500, 3)), columns=['loyalty', 'trust', 'price'])",
    "print(smf.ols('loyalty ~ trust + price', rows).fit().params.round(6))",
    "sns.histplot(rows, x='loyalty')\nplt.show()",
    "sns.scatterplot(rows, x='trust', y='loyalty')\nplt.show()",
    "sns.heatmap(rows.corr(), annot=True)\nplt.show()",
]
ALL = ["html", "pdf", "docx"]
#: Way → warm kernels, and what each report is written as.
WAYS: dict[str, tuple[bool, list[str]]] = {
    "pool, executed": (False, []),
    "pool, with html, pdf, docx": (False, ALL),
    "warm kernels, executed": (True, []),
    "warm kernels, with html, pdf, docx": (True, ALL),
}
SWEEP = """
import json, sys
from loyaltylab.reports.sweeps.sweep import run_sweep
report, grid, parameters, folder, warm, formats = json.loads(sys.argv[1])
sweep = run_sweep(report, grid, parameters=parameters, folder=folder, warm=warm, formats=formats)
assert not sweep.failed, sweep.failed[0].error
"""


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks reports", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--runs", type=int, default=40, metavar="N", help="runs of a sweep, shared among the rounds")
    parser.add_argument("--peer-runs", type=int, default=8, metavar="N", help="runs given to papermill's command line")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="how often the ways take turns")
    parser.add_argument(
        "--against", metavar="COMMIT", help="an earlier state of this repository to run beside this one"
    )
    options = parser.parse_args(arguments)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    starts()
    with tempfile.TemporaryDirectory() as folder:
        light = write_notebook(Path(folder) / "light.ipynb", LIGHT)
        sweeps("1 OLS and 3 figures", str(light), {}, options, Path(folder) / "light")
        sweeps("drivers, 200 draws", "drivers", {"draws": 200}, options, Path(folder) / "drivers")
        formats(Path(folder))
        if options.against:
            since(options.against, options.rounds, Path(folder))


def since(commit: str, rounds: int, folder: Path) -> None:
    """Seconds of one report and of all, at an earlier commit and now, each with its bytecode there."""
    here, before = Path(__file__).parents[2], folder / "before"
    before.mkdir()
    packed = subprocess.run(["git", "-C", here, "archive", commit], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", before], check=True, input=packed)
    for checkout in (before, here):
        _seconds([sys.executable, "-m", "compileall", "-q", "loyaltylab"], checkout)
    print(f"\n{'command':<34}{commit[:9]:>9}{'now':>9}{'times':>8}")
    for report in ("drivers", "all"):
        command = [sys.executable, "-c", "from loyaltylab.cli import main; main()", "run", report, "--force"]
        taken = [
            [_seconds([*command, "--reports-folder", str(folder / state.name)], state) for state in (before, here)]
            for _ in range(rounds)
        ]
        then, now = (median(seconds) for seconds in zip(*taken, strict=True))
        times = median(old / new for old, new in taken)
        print(f"{f'run {report} --force':<34}{then:9.1f}{now:9.1f}{times:8.1f}")


def starts() -> None:
    """What one waits for before anything happens."""
    print(f"\n{'start':<34}{'seconds':>9}")
    for name, command in {
        "python": ["-c", ""],
        "import pandas": ["-c", "import pandas"],
        "import loyaltylab": ["-c", "import loyaltylab"],
        "import typer": ["-c", "import typer"],
        "loyaltylab --help": ["-c", "from loyaltylab.cli import main; main()", "--help"],
        "papermill --help": ["-m", "papermill", "--help"],
    }.items():
        print(f"{name:<34}{min(_seconds([sys.executable, *command]) for _ in range(5)):9.2f}")


def sweeps(title: str, report: str, parameters: dict[str, Any], options: argparse.Namespace, folder: Path) -> None:
    """Seconds a run, each way, and how many times papermill's."""
    from loyaltylab.reports import read_notebook

    path = str(read_notebook(report).path)
    n_ours, n_peer = (max(1, n // options.rounds) for n in (options.runs, options.peer_runs))
    taken: dict[str, list[float]] = {}
    for turn in range(options.rounds):
        peer = _papermill(path, parameters, n_peer, folder) / n_peer
        taken.setdefault("papermill, one after another", []).append(peer)
        for way, (warm, formats) in WAYS.items():
            ours = _sweep(report, parameters, n_ours, folder / f"{turn} {way}", warm, formats) / n_ours
            taken.setdefault(way, []).append(ours)
    print(
        f"\n{title}: {n_ours * options.rounds} runs in {options.rounds} rounds\n{'way':<34}{'s a run':>9}{'times':>8}"
    )
    for way, seconds in taken.items():
        ratio = median(p / s for p, s in zip(next(iter(taken.values())), seconds, strict=True))
        print(f"{way:<34}{median(seconds):9.2f}{ratio:8.1f}")


def formats(folder: Path) -> None:
    """What the formats cost, from a notebook that is executed already."""
    from loyaltylab.reports import run_report
    from loyaltylab.reports.formats.write import write_formats

    run = run_report("drivers", {"draws": 200}, folder=folder / "page")
    executed = json.loads((run.folder / "notebook.ipynb").read_text(encoding="utf-8"))

    def once(names: list[str]) -> float:
        begun = perf_counter()
        assert not write_formats(executed, run.manifest, run.folder, names)
        return perf_counter() - begun

    for names in (["html"], ["pdf"], ["docx"], ALL):
        print(f"drivers as {', '.join(names):<23}{min(once(names) for _ in range(5)):9.2f}")


def _papermill(path: str, parameters: dict[str, Any], n: int, folder: Path) -> float:
    folder.mkdir(parents=True, exist_ok=True)
    given = [word for name, value in parameters.items() for word in ("-p", name, str(value))]
    return sum(
        _seconds([sys.executable, "-m", "papermill", path, str(folder / "out.ipynb"), "-p", "seed", str(seed), *given])
        for seed in range(1, n + 1)
    )


def _sweep(report: str, parameters: dict[str, Any], n: int, folder: Path, warm: bool, formats: list[str]) -> float:
    asked = [report, {"seed": list(range(1, n + 1))}, parameters, str(folder), warm, formats]
    return _seconds([sys.executable, "-c", SWEEP, json.dumps(asked)])


def _seconds(command: list[str], checkout: Path | None = None) -> float:
    """How long a command takes, with the package of this checkout or of a given one."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if checkout:
        env["PYTHONPATH"] = str(checkout)
    begun = perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=checkout, env=env)
    return perf_counter() - begun


def write_notebook(path: Path, sources: list[str], parameters: str = "seed: int = 1  # seed") -> Path:
    """A notebook of these cells, the first of which holds its parameters."""
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for i, source in enumerate([parameters, *sources])
    ]
    cells[0]["metadata"] = {"tags": ["parameters"]}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
