"""Processes that run reports, one at a time each: one that dies takes no other run with it, and its run is tried once more.

Each is `python -c "…work()"`, asked and answering in lines of JSON. So a script needs no `if __name__ == "__main__"`, and
which run a process died of is known, which `concurrent.futures` cannot say. They serve a sweep here, and a worker of a cluster.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from ...core import in_words
from ..running.warm_kernels import prepared, use

#: What became of a run, in plain values: its `kind` is done or failed (on its way to a worker also lacks or refused).
Answer = dict[str, Any]
#: Told which part of a run is done.
Tell = Callable[[float | str], None]


def failed(text: str) -> Answer:
    """The answer of a run that stopped, and why."""
    return {"kind": "failed", "text": text}


class Workers:
    """Processes at work, and those that wait for the next run; warm kernels of `many` runs come from one prepared process."""

    def __init__(self, *, warm: bool, many: bool = True) -> None:
        self.warm = warm
        self.options: dict[str, Any] | None = None if warm and many else {}
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.kept = contextlib.ExitStack()

    def run(self, call: dict[str, Any], tell: Tell) -> Answer:
        """`run_report(**call)` in a process; one that dies is replaced once."""
        reason = ""
        for _ in range(2):
            if self.stopping.is_set():
                break
            try:
                worker = self._hired()
            except OSError as error:
                return failed(f"no process could be started for it: {error.strerror}.")
            answer = worker.run({**call, "warm": self.warm}, tell)
            with self.lock:
                self.busy.discard(worker)
                if answer:
                    self.idle.append(worker)
                    return answer
            reason = worker.close()
        return failed(f"the process that ran it died twice{reason}.")

    def _hired(self) -> Worker:
        with self.lock:
            if self.options is None:
                self.options = self.kept.enter_context(prepared())
            worker = self.idle.pop() if self.idle else Worker(self.options)
            self.busy.add(worker)
            if self.stopping.is_set():
                worker.process.terminate()
        return worker

    def stop(self) -> None:
        """Ask every process to leave off and clean up."""
        self.stopping.set()
        with self.lock:
            for worker in self.busy:
                worker.process.terminate()

    def close(self) -> None:
        """See off those that wait, and the prepared process."""
        for worker in self.idle:  # they leave while the first is waited for
            with contextlib.suppress(OSError):
                worker.process.stdin.close()  # type: ignore[union-attr]
        for worker in self.idle:
            worker.close()
        self.kept.close()


class Worker:
    """This side of a process that runs reports."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from loyaltylab.reports.sweeps.pool import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            encoding="utf-8",
            **{"env": os.environ, **options},
        )

    def run(self, call: dict[str, Any], tell: Tell) -> Answer | None:
        """Have a report run and tell how far it is; None where the process died before it was done."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(call) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                answer = json.loads(line)
                if answer["kind"] != "progress":
                    return answer
                tell(answer.get("note") or answer["part"])
        except (OSError, ValueError):  # the line broke off, in the middle of a word or before the first
            pass
        return None

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
            lines = self.complaints.read().decode(errors="replace").strip().splitlines()
        return f" (exit code {code}{': ' + lines[-1] if lines else ''})"


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

    def say(answer: Answer) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # the parent is gone: nobody waits for the run
        for line in calls:
            say(_answer(json.loads(line), say))


def _answer(call: dict[str, Any], say: Callable[[Answer], None]) -> Answer:
    from ..run import run_report

    def progress(what: str, done: int, of: int, text: str = "") -> None:
        if what in ("cells", "page"):
            say({"kind": "progress", "part": done / (of + 1) if what == "cells" else 0.9})
        elif what == "note":
            say({"kind": "progress", "note": text})

    if "here" in call:
        os.chdir(call.pop("here"))
    try:
        run = run_report(**call, progress=progress)
    except BrokenPipeError:
        raise
    except Exception as error:
        return failed(in_words(error))
    return {"kind": "done", "folder": str(run.folder), "was_there": run.was_there, "failed": run.failed}
