"""Ctrl-C, and other ways to ask a command to end: it leaves nothing half-made, and says so in one line."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import threading
from collections.abc import Iterator
from itertools import takewhile
from types import FrameType

#: Ctrl-C, `kill`, a terminal that is closed, and Ctrl-Break of Windows.
_ASKING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
#: What is there afterwards, and how to go on: of a command that makes one thing, and of one that makes many.
_ONE = "Nothing half-made is left; the same command runs it again."
_MANY = "Finished runs are kept; the same command goes on with the rest."


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Within, a signal that asks to end is a KeyboardInterrupt, whatever becomes of that on its way; a second one ends at once."""
    heard: list[int] = []
    before: dict[int, object] = {}

    def heed(number: int, _: FrameType | None) -> None:
        heard.append(number)
        for asking in before:
            signal.signal(asking, signal.SIG_DFL)
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        left_alone = (signal.SIG_IGN, None)  # as nohup and a shell's & ask
        heeded = [number for number in _ASKING if signal.getsignal(number) not in left_alone]
        before |= {number: signal.signal(number, heed) for number in heeded}
    try:
        yield
    except BaseException as error:
        if not heard or (isinstance(error, SystemExit) and not error.code):  # it was done before it was asked
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
    if heard:
        print(_said(sys.argv[1:]), file=sys.stderr)
        sys.exit(128 + heard[0])


def _said(words: list[str]) -> str:
    """What was stopped, what is left of it, and how to go on.

    >>> _said(["run", "drivers", "-p", "language=nl"])
    'Stopped: loyaltylab run drivers. Nothing half-made is left; the same command runs it again.'
    >>> _said(["run", "drivers", "--sweep", "language=en,nl"])
    'Stopped: loyaltylab run drivers. Finished runs are kept; the same command goes on with the rest.'
    """
    names = takewhile(lambda word: re.fullmatch(r"[a-z_]+", word), words[:2])
    many = words[:1] == ["run"] and any(word == "all" or word.startswith(("--sweep", "--grid")) for word in words)
    return f"Stopped: {' '.join(['loyaltylab', *names])}. {_MANY if many else _ONE}"
