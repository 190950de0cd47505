"""The one way of a run: handed over, heard of while it goes on, and received; only the place where it is made differs."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from ...core import ReportError, in_words, shown
from ..running.execution import failed_notebook
from .packages import NOTEBOOK, published
from .pool import Answer, Tell, Workers, failed

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
