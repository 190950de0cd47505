"""Speed and memory of exact LMG, beside peers measured in the same run, so that a noisy machine moves both.

Every figure comes from a process of its own: the best of a few runs, with BLAS at one thread, and the most memory the
process ever held beyond what it held just before. Peers are used where they are installed and said to be absent where
they are not: pingouin (pip install pingouin) and R's relaimpo (Rscript on the path, install.packages("relaimpo")).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

N_ROWS, N_DRAWS, SEED = 10_000, 2_000, 20171205
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}
COMPILED_FROM = 20  # drivers; fewer are left to NumPy unless there are many draws
R_SCRIPT = """
suppressMessages(library(relaimpo))
S <- as.matrix(read.csv("{file}", header = FALSE))
names <- c("y", paste0("x", seq_len(ncol(S) - 1)))
dimnames(S) <- list(names, names)
seconds <- min(replicate({runs}, system.time(fit <- calc.relimp(S, type = "lmg"))[["elapsed"]]))
cat(sprintf('{{"seconds": %.6f, "values": [%s]}}', seconds, paste(sprintf("%.17g", fit@lmg), collapse = ", ")))
"""


def main(arguments: list[str] | None = None) -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--peers-up-to", type=int, default=16, metavar="P", help="most drivers given to peers (20: minutes)"
    )
    parser.add_argument("--up-to", type=int, default=30, metavar="P", help="most drivers given to us")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python with pingouin, if this one has none")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.case:
        print(json.dumps(measured(**json.loads(options.case))))
        return
    print(f"numpy {np.__version__}, numba {_version('numba')}, {os.cpu_count()} processors, BLAS at one thread")
    single_matrices(options.up_to, options.peers_up_to, options.peer_python)
    bootstrap(options.up_to)


def single_matrices(up_to: int, peers_up_to: int, peer_python: str) -> None:
    """One matrix, more and more drivers."""
    peers = {"pingouin": partial(_pingouin, python=peer_python), "relaimpo": _relaimpo}
    absent: set[str] = set()
    print("\nExact LMG of one matrix: seconds, ns a subset, MB above idle; peers in seconds and times our NumPy")
    print(
        f"{'p':>3} {'NumPy':>24} {'Numba, 1 thread':>24} {'Numba, all threads':>24}   {'   '.join(f'{name:>18}' for name in peers)}"
    )
    for p in (6, 10, 13, 16, 20, 24, 26, 28, 30):
        if p > up_to:
            break
        ours = _child("lmg", p, numba="0")
        cells = [_cell(ours, p)]
        for threads in ("1", None):
            cells.append(
                _cell(_child("lmg", p, threads=threads), p) if p >= COMPILED_FROM and _version("numba") else "–"
            )
        beside = [_beside(peer(p), ours) if p <= peers_up_to else "not asked" for peer in peers.values()]
        absent |= {name for name, cell in zip(peers, beside, strict=True) if cell == "–"}
        print(
            f"{p:>3} {' '.join(f'{cell:>24}' for cell in cells)}   {'   '.join(f'{cell:>18}' for cell in beside)}",
            flush=True,
        )
    for name in sorted(absent):
        print(f"{name} is not installed here, so nothing was measured beside it.")


def bootstrap(up_to: int) -> None:
    """Rows to intervals: drawing the moments and LMG of every draw."""
    print(
        f"\n{N_DRAWS:,} draws of {N_ROWS:,} rows: seconds to draw the moments + for LMG of every draw = together, MB above idle"
    )
    print(f"{'p':>3} {'NumPy':>36} {'Numba, 1 thread':>36} {'Numba, all threads':>36}")
    for p in (10, 16, 23):
        if p > up_to:
            break
        cells = ["not asked" if p > 16 else _drawn(_child("draws", p, numba="0"))]
        cells += [_drawn(_child("draws", p, threads=threads)) if _version("numba") else "–" for threads in ("1", None)]
        print(f"{p:>3} {' '.join(f'{cell:>36}' for cell in cells)}", flush=True)


# ---- one figure, in a process of its own ------------------------------------------------------------------------------


def measured(what: str, p: int) -> dict[str, Any]:
    """Best seconds of a few runs, memory above idle, and the values, of "lmg", "draws" or "pingouin" with p drivers."""
    case: Callable[[], dict[str, Any]] = {"lmg": _lmg, "draws": _draws, "pingouin": _pingouin_run}[what](p)
    before = _peak_mb()
    best: dict[str, Any] = case()
    began, spent = perf_counter(), best["seconds"]
    for _ in range(8):
        if spent > 1 or perf_counter() - began > 2:
            break
        best = min(best, case(), key=lambda run: run["seconds"])
    after = _peak_mb()
    return {**best, "mb": None if before is None or after is None else after - before}


def _lmg(p: int) -> Callable[[], dict[str, Any]]:
    from loyaltylab.kernels import attribution

    R = np.corrcoef(_rows(p), rowvar=False)
    _warm()
    return lambda: _timed(lambda: attribution.shapley(R, (1,) * p))


def _draws(p: int) -> Callable[[], dict[str, Any]]:
    import pandas as pd

    from loyaltylab import Moments, Provenance
    from loyaltylab.kernels import attribution

    frame = pd.DataFrame(_rows(p), columns=[f"x{j}" for j in range(p + 1)])
    origin = Provenance("synthetic", "made up for a benchmark")
    _warm()

    def run() -> dict[str, Any]:
        began = perf_counter()
        R = Moments.bootstrap(frame, frame.columns, n_draws=N_DRAWS, seed=SEED, provenance=origin).corr
        drawn = perf_counter() - began
        lmg = _timed(lambda: attribution.shapley(R, (1,) * p).mean(axis=0))
        return {"drawn": drawn, "lmg": lmg["seconds"], "seconds": drawn + lmg["seconds"], "values": lmg["values"]}

    return run


def _pingouin_run(p: int) -> Callable[[], dict[str, Any]]:
    import pingouin

    x = _rows(p)
    pingouin.linear_regression(x[:, 1:3], x[:, 0], relimp=True)
    return lambda: _timed(lambda: pingouin.linear_regression(x[:, 1:], x[:, 0], relimp=True)["relimp"].to_numpy()[1:])


def _timed(run: Callable[[], Any]) -> dict[str, Any]:
    began = perf_counter()
    values = run()
    return {"seconds": perf_counter() - began, "values": np.asarray(values).tolist()}


def _rows(p: int) -> np.ndarray:
    """Outcome and p correlated drivers."""
    x = np.random.default_rng(SEED).normal(size=(N_ROWS, p + 1))
    return x + 0.7 * x[:, :1]


def _warm() -> None:
    """Loads what a first call loads: BLAS, and the compiled kernel unless it is switched off."""
    from loyaltylab.kernels import attribution
    from loyaltylab.kernels import compiled as accelerated

    attribution.shapley(np.eye(4), (1, 1, 1))
    accelerated.kernel()


def _peak_mb() -> float | None:
    """The most memory this process ever held; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def _child(
    what: str, p: int, *, numba: str = "1", threads: str | None = None, python: str = sys.executable
) -> dict[str, Any]:
    environment = {**os.environ, **ONE_THREAD, "LOYALTYLAB_NUMBA": numba}
    if threads:
        environment["NUMBA_NUM_THREADS"] = threads
    case = json.dumps({"what": what, "p": p})
    command = [python, "-m", "tests.benchmarks", "--case", case]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


# ---- peers: None where absent -----------------------------------------------------------------------------------------


def _pingouin(p: int, python: str) -> dict[str, Any] | None:
    return _child("pingouin", p, python=python) if _runs((python, "-c", "import pingouin")) else None


def _relaimpo(p: int) -> dict[str, Any] | None:
    if not shutil.which("Rscript") or not _runs(("Rscript", "--vanilla", "-e", "library(relaimpo)")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder) / "cov.csv", Path(folder) / "case.R"
        np.savetxt(file, np.cov(_rows(p), rowvar=False), delimiter=",", fmt="%.17g")
        script.write_text(R_SCRIPT.format(file=file.as_posix(), runs=3 if p <= 16 else 1), encoding="utf-8")
        done = subprocess.run(["Rscript", "--vanilla", script], check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@cache
def _runs(command: tuple[str, ...]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@cache
def _version(package: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


# ---- words ------------------------------------------------------------------------------------------------------------


def _cell(run: dict[str, Any], p: int) -> str:
    return f"{_seconds(run['seconds'])} {run['seconds'] / 2**p * 1e9:8.2f} ns {_mb(run)}"


def _drawn(run: dict[str, Any]) -> str:
    return f"{_seconds(run['drawn'])} + {_seconds(run['lmg'])} = {_seconds(run['seconds'])} {_mb(run)}"


def _beside(peer: dict[str, Any] | None, ours: dict[str, Any]) -> str:
    if peer is None:
        return "–"
    if (gap := float(np.abs(np.subtract(peer["values"], ours["values"])).max())) > 1e-8:
        return f"differs by {gap:.0e}"
    return f"{_seconds(peer['seconds'])} {peer['seconds'] / ours['seconds']:,.0f}×"


def _seconds(seconds: float) -> str:
    return f"{seconds:.5f}" if seconds < 0.01 else f"{seconds:.3f}" if seconds < 10 else f"{seconds:.1f}"


def _mb(run: dict[str, Any]) -> str:
    return "" if run["mb"] is None else f"{run['mb']:3.0f} MB"
