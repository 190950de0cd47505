"""What is seen of work that takes longer than two seconds: by a person at a terminal or a notebook, or by the runner."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TextIO

#: How a line on the stderr of a run begins that is meant for whoever started it: `tell` and `counted` write them.
HEARD = {"note": "loyaltylab says: ", "step": "loyaltylab is at: "}
_PAUSE = 0.25  # seconds between two lines of progress


@contextmanager
def counted(total: int, label: str, patience: float = 2.0) -> Iterator[Callable[[int], None]]:
    """Gives the function that counts what is done; after `patience` seconds it tells how much, if anybody reads it.

    On stderr because a report keeps none of it: the line cannot change what a run leaves behind.
    """
    from time import monotonic

    began, printed, width, done = monotonic(), -_PAUSE, 0, 0

    def advance(parts: int = 1) -> None:
        nonlocal printed, width, done
        done += parts
        spent = monotonic() - began
        if not patience < spent > printed + min(_PAUSE, patience) or done >= total:
            return
        line, printed = f"{label}: {done / total:4.0%}, about {spent / done * (total - done):,.0f} s left", spent
        if _in_a_run():
            print(f"{HEARD['step']}{line}", file=sys.stderr, flush=True)
        elif width or _read_by_a_person():
            print(f"\r{line.ljust(width)}", end="", file=_seen(), flush=True)
            width = len(line)

    try:
        yield advance
    finally:
        if width:
            print(f"\r{' ' * width}\r", end="", file=_seen(), flush=True)


def watched(parts: Iterable[Any], total: int, label: str, patience: float = 2.0) -> Iterator[Any]:
    """Passes the parts on, `counted`."""
    with counted(total, label, patience) as advance:
        for part in parts:
            yield part
            advance(1)


@cache
def tell(text: str) -> None:
    """Says once, on stderr, what whoever waits should know, as what will take long; to a person or to the runner."""
    if _in_a_run():
        print(f"{HEARD['note']}{text}", file=sys.stderr, flush=True)
    elif _read_by_a_person():
        print(text, file=_seen(), flush=True)


def _in_a_run() -> bool:
    return "LOYALTYLAB_RUN_FOLDER" in os.environ


def _read_by_a_person() -> bool:
    """Whether stderr is a terminal, or the output of a notebook that is open."""
    return sys.stderr.isatty() or _in_a_notebook()


def _seen() -> TextIO:
    """stderr; in a notebook stdout, as the other is red there and what is told is no fault."""
    return sys.stdout if _in_a_notebook() else sys.stderr


def _in_a_notebook() -> bool:
    return type(sys.stderr).__module__.startswith("ipykernel")
