"""Runs on other machines: handed to anything with `submit`, such as a Dask client or a pool of `concurrent.futures`.

What comes back is published here, whole or not at all, so a sweep that was broken off goes on where it was.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from ...core import ReportError, shown
from ..running.execution import failed_notebook
from ..running.record import software
from .packages import Parcel, bytes_of, difference, parcel_of, received
from .pool import Event
from .worker import NOTEBOOK, run_parcel, software_here

__all__ = ["Executor", "connected", "on_executor"]

#: Seconds to wait for a scheduler, and for its first worker.
PATIENCE = 10
_SAME = "Install the same version there, from the same requirements.lock, and restart the workers."


class Executor(Protocol):
    """Anything that runs a function elsewhere: `concurrent.futures` and `distributed.Client` both do."""

    def submit(self, fn: Any, /, *args: Any) -> Any:
        """A future with `result()`, `cancel()` and `add_done_callback()`."""


def on_executor(
    calls: list[dict[str, Any]], finals: list[Path], executor: Executor, *, jobs: int | None, warm: bool
) -> Iterator[Event]:
    """Give each of `calls` to `run_report` on a worker, and put what comes back in its final folder."""
    runs = _Runs(calls, finals, executor, warm)
    left, waiting = len(calls), list(range(len(calls)))[::-1]
    try:
        while left:
            while waiting and len(runs.futures) < (jobs or _room(executor)):
                runs.send(waiting.pop())
            for event in runs.answered():
                left -= 1
                yield event
    finally:
        runs.stop()


class _Runs:
    """The runs that were sent, and what came back."""

    def __init__(self, calls: list[dict[str, Any]], finals: list[Path], executor: Executor, warm: bool) -> None:
        self.calls, self.finals, self.executor, self.warm = calls, finals, executor, warm
        self.parcels: dict[int, Parcel] = {}
        self.futures: dict[int, Any] = {}
        self.attempts: dict[int, int] = {}
        self.answers: queue.Queue[int] = queue.Queue()
        self.failed: list[Event] = []

    def send(self, number: int, lacking: list[str] | None = None) -> None:
        """Hand a run over, with the bytes of the files the worker said it lacks."""
        try:
            parcel = self.parcels.setdefault(
                number, parcel_of(self.calls[number], self.finals[number].name, warm=self.warm)
            )
            contents = bytes_of(parcel, lacking or [])
            future = self.executor.submit(run_parcel, parcel, contents, self.attempts.setdefault(number, 0))
        except ReportError as error:
            self.failed.append((number, "failed", str(error)))
            return
        except Exception as error:  # a pool that broke or was shut down takes no more
            self.failed.append((number, "failed", _lost(error)))
            return
        self.futures[number] = future
        future.add_done_callback(lambda _: self.answers.put(number))

    def answered(self) -> Iterator[Event]:
        """What there is to tell, after at most a second of waiting."""
        with contextlib.suppress(queue.Empty):
            if not self.failed:
                yield from self._taken(self.answers.get(timeout=1))
        if not self.failed and getattr(self.executor, "status", "") in ("closed", "closing", "connecting"):
            gone = "the scheduler is gone. What is finished is kept; start it and run the same command again."
            self.failed = [(number, "failed", gone) for number in self.futures]
            self.futures.clear()
        while self.failed:
            yield self.failed.pop()

    def _taken(self, number: int) -> Iterator[Event]:
        future = self.futures.pop(number, None)
        if future is None:
            return
        try:
            answer = future.result()
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self.attempts[number] += 1
            if self.attempts[number] > 1 or _is_final(error):
                yield number, "failed", _lost(error)
            else:
                self.send(number)
            return
        if answer["kind"] == "lacks":
            self.attempts[number] += 1
            if self.attempts[number] > 3:
                yield number, "failed", "the workers keep losing the files that were sent to them."
            else:
                self.send(number, answer["files"])
            return
        yield self._concluded(number, answer)

    def _concluded(self, number: int, answer: dict[str, Any]) -> Event:
        call, final = self.calls[number], self.finals[number]
        if answer["kind"] == "refused":
            return number, "failed", f"the worker has other software: {answer['text']}. {_SAME}"
        kept = failed_notebook(final.parent.parent, final.parent.name, final.name)
        if answer["kind"] == "failed":
            if answer["notebook"]:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(answer["notebook"])
            return number, "failed", answer["text"].replace(NOTEBOOK, str(shown(kept)))
        try:
            is_ours = received(answer["archive"], call, final)
        except ReportError as error:
            return number, "failed", str(error)
        kept.unlink(missing_ok=True)
        return number, "done", {"folder": str(final), "was_there": not is_ours, "failed": answer["failed"]}

    def stop(self) -> None:
        """Take back what is not done yet."""
        for future in self.futures.values():
            with contextlib.suppress(Exception):
                future.cancel()


def _room(executor: Executor) -> int:
    """How many runs to hand over at once: so many that no worker waits, so few that files do not travel in vain."""
    try:
        return max(2, 2 * sum(executor.nthreads().values()))  # type: ignore[attr-defined]
    except AttributeError:
        return 2 * (os.cpu_count() or 1)
    except Exception:  # a scheduler that is gone: `answered` will say so
        return 2


def _is_final(error: BaseException) -> bool:
    """Whether the same would happen again."""
    return type(error).__name__ in ("KilledWorker", "BrokenProcessPool", "CancelledError") or _lacks_us(error)


def _lacks_us(error: BaseException) -> bool:
    causes: list[BaseException] = []
    while error and error not in causes:
        causes.append(error)
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return any(
        "loyaltylab" in str(one)
        and (
            isinstance(one, (ImportError, AttributeError))
            or "No module named" in str(one)
            or "AttributeError" in str(one)
        )
        for one in causes
    )


def _lost(error: BaseException) -> str:
    """What an executor's own error means for the run."""
    if _lacks_us(error):
        return f"the worker has no loyaltylab, or an older one ({error}). {_SAME}"
    name = type(error).__name__
    if name == "KilledWorker":
        return "the workers that ran it were lost, one after the other, as they are when memory runs out. Give them more, or fewer threads."  # fmt: skip
    if name == "BrokenProcessPool":
        return "the pool of processes broke when one of them died. What is finished is kept; run the same again."
    if name in ("CancelledError", "FutureCancelledError"):
        return "the scheduler let go of it. What is finished is kept; run the same again."
    return f"{name}: {error}".strip()


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the Dask cluster at an address, after a look whether its workers can make the same runs.

    Parameters
    ----------
    address : str
        Such as `tcp://10.0.0.5:8786`.

    Raises
    ------
    ReportError
        Where Dask is not installed, nothing answers, there is no worker, or a worker has no loyaltylab or another version.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ReportError(
            "sending runs to a scheduler takes Dask, which is not installed here: pip install 'loyaltylab[dask]'."
        ) from None
    if not _answers(address):
        raise ReportError(
            f"no Dask scheduler answers at {address}. Start one with 'dask scheduler' and workers with "
            "'dask worker tcp://HOST:8786'; the scheduler prints the address to give here."
        )
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ReportError(
            f"what answers at {address} is no Dask scheduler of this kind ({type(error).__name__}). "
            "Use the address the scheduler prints, and the same version of Dask."
        ) from None
    with client:
        _look_at(client, address)
        yield client


def _answers(address: str) -> bool:
    """Whether anything listens there; Dask's own client would wait long, and leave a thread behind."""
    scheme, _, rest = address.rpartition("://")
    host, _, port = rest.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
    except (OSError, ValueError):
        return False
    return scheme in ("", "tcp", "tls")


def _look_at(client: Any, address: str) -> None:
    """Refuse a cluster whose workers would not make the same runs."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise ReportError(
            f"the scheduler at {address} has no workers. Start some with: dask worker {address}."
        ) from None
    wrong = {}
    for worker, found in client.run(software_here, on_error="return").items():
        if isinstance(found, BaseException):
            wrong[worker] = "no loyaltylab, or an older one" if _lacks_us(found) else f"{type(found).__name__}: {found}"
        elif differs := difference(found, software()):
            wrong[worker] = differs
    if wrong:
        raise ReportError(
            f"{len(wrong)} of the workers cannot make these runs: "
            f"{'; '.join(f'{worker} ({why})' for worker, why in list(wrong.items())[:3])}. {_SAME}"
        )
