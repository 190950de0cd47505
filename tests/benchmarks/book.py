"""The book of reports, fresh and again: when each report is done, what the whole takes, and what going on where nothing is to do takes.

Each round is a command line of its own in a new folder, with all it needs: its start, its imports, its kernels, every
format, and the page of all runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from time import perf_counter

COMMAND = [sys.executable, "-c", "from loyaltylab.cli import main; main()", "run", "all", "--reports-folder"]


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks book", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="reports at the same time; as usual if left out"
    )
    parser.add_argument("--each", action="store_true", help="also every report by itself, one after another")
    options = parser.parse_args(arguments)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    more = ["--jobs", str(options.jobs)] if options.jobs else []
    with tempfile.TemporaryDirectory() as folder:
        book("all reports, fresh", [*COMMAND, f"{folder}/book", *more])
        book("all reports, up to date", [*COMMAND, f"{folder}/book", *more])
        if options.each:
            book("all reports, one at a time", [*COMMAND, f"{folder}/each", "--jobs", "1"])


def book(title: str, command: list[str]) -> None:
    """Seconds after the start at which each report was done, and at which the command ended."""
    print(f"\n{title:<34}{'seconds':>9}")
    begun = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if line.strip():
                print(f"{line.rstrip():<34}{perf_counter() - begun:9.1f}", flush=True)
    print(f"{'the whole':<34}{perf_counter() - begun:9.1f}   exit code {process.returncode}", flush=True)
