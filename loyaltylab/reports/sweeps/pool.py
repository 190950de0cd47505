"""Processes that run reports, one at a time each: one that dies takes no other run with it, and its run is tried once more.

Each is `python -c "…work()"`, asked and answering in lines of JSON. So a script needs no `if __name__ == "__main__"`, and
which run a process died of is known, which `concurrent.futures` cannot say.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from ...core import LoyaltyLabError
from ..running.warm_kernels import prepared, use

__all__ = ["Event", "Worker", "in_parallel"]

#: Which run; "progress", "done" or "failed"; the part that is done, the run as plain values, or the error's text.
Event = tuple[int, str, Any]


def in_parallel(calls: list[dict[str, Any]], jobs: int, *, warm: bool) -> Iterator[Event]:
    """Give each of `calls` to `run_report` in one of `jobs` processes; closing the iterator stops them all."""
    with prepared() if warm and len(calls) > 1 else contextlib.nullcontext({}) as options:
        yield from _served(_Pool([call | {"warm": warm} for call in calls], options), len(calls), jobs)


def _served(pool: _Pool, left: int, jobs: int) -> Iterator[Event]:
    threads = [threading.Thread(target=pool.serve, daemon=True) for _ in range(min(jobs, left))]
    for thread in threads:
        thread.start()
    try:
        while left:
            with contextlib.suppress(queue.Empty):  # a wait without end could not be interrupted on Windows
                event = pool.events.get(timeout=1)
                left -= event[1] != "progress"
                yield event
    finally:
        pool.stop()
        for thread in threads:
            thread.join()


class _Pool:
    """The runs still to do, the processes at work on them, and what they tell."""

    def __init__(self, calls: list[dict[str, Any]], options: dict[str, Any]) -> None:
        self.options = options
        self.events: queue.Queue[Event] = queue.Queue()
        self.pending: queue.Queue[tuple[int, dict[str, Any]]] = queue.Queue()
        for item in enumerate(calls):
            self.pending.put(item)
        self.workers: set[Worker] = set()
        self.stopping = threading.Event()

    def serve(self) -> None:
        """One thread: a worker of its own, and a new one where that dies."""
        worker = None
        with contextlib.suppress(queue.Empty):
            while not self.stopping.is_set():
                number, call = self.pending.get_nowait()
                for again in (True, False):
                    try:
                        worker = worker or self._hired()
                    except OSError as error:
                        self.events.put((number, "failed", f"no process could be started for it: {error.strerror}."))
                        break
                    if worker.run(number, call, self.events):
                        break
                    reason = self._dismissed(worker)
                    worker = None
                    if self.stopping.is_set():
                        break
                    if not again:
                        self.events.put((number, "failed", f"the process that ran it died twice{reason}."))
        if worker:
            self._dismissed(worker)

    def _hired(self) -> Worker:
        worker = Worker(self.options)
        self.workers.add(worker)
        if self.stopping.is_set():
            worker.process.terminate()
        return worker

    def _dismissed(self, worker: Worker) -> str:
        self.workers.discard(worker)
        return worker.close()

    def stop(self) -> None:
        """Ask every worker to leave off and clean up; those that are done leave by themselves."""
        self.stopping.set()
        for worker in list(self.workers):
            worker.process.terminate()


class Worker:
    """This side of a process that runs reports."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from loyaltylab.reports.sweeps.pool import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            encoding="utf-8",
            **{"env": os.environ, **options},
        )

    def run(self, number: int, call: dict[str, Any], events: queue.Queue[Event]) -> bool:
        """Have a report run and pass on what is told about it; False where the process died before it was done."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(call) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                kind, content = json.loads(line)
                events.put((number, kind, content))
                if kind != "progress":
                    return True
        except (OSError, ValueError):  # the line broke off, in the middle of a word or before the first
            pass
        return False

    def close(self) -> str:
        """See the process off; what it said last, for an error message."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()  # type: ignore[union-attr]
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()  # type: ignore[union-attr]
        with self.complaints:
            self.complaints.seek(0)
            said = self.complaints.read().decode(errors="replace").strip().splitlines()
        return f" (exit code {code}{': ' + said[-1] if said else ''})"


def work() -> None:
    """The process's own side: read a call, run its report, answer, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by an exception, so that kernel and stage are cleaned up
    calls = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # whatever prints, prints beside the answers

    use()

    def tell(kind: str, content: Any) -> None:
        answers.write(json.dumps([kind, content]) + "\n")
        answers.flush()

    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # the parent is gone: nobody waits for the run
        for line in calls:
            tell(*_answer(json.loads(line), tell))


def _answer(call: dict[str, Any], tell: Any) -> tuple[str, Any]:
    from ..run import run_report

    def progress(what: str, done: int, of: int, text: str = "") -> None:
        if what in ("cells", "page"):
            tell("progress", done / (of + 1) if what == "cells" else 0.9)

    if "here" in call:
        os.chdir(call.pop("here"))
    try:
        run = run_report(**call, progress=progress)
    except BrokenPipeError:
        raise
    except LoyaltyLabError as error:
        return "failed", str(error)
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}".strip()
    return "done", {"folder": str(run.folder), "was_there": run.was_there, "failed": run.failed}
