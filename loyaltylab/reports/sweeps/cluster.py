"""Runs on other machines: handed to anything with `submit`, such as a Dask client or a pool of `concurrent.futures`.

What comes back is a package of bytes, JSON and files with their hashes, and nothing in it is run.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from ...core import ReportError
from ..running.record import software
from .packages import bytes_of, difference, parcel_of, unpacked
from .pool import Answer, Tell, failed
from .worker import run_parcel, software_here

__all__ = ["Elsewhere", "Executor", "connected"]

#: Seconds to wait for a scheduler, and for its first worker.
PATIENCE = 10
_SAME = "Install the same version there, from the same requirements.lock, and restart the workers."


class Executor(Protocol):
    """Anything that runs a function elsewhere: `concurrent.futures` and `distributed.Client` both do."""

    def submit(self, fn: Any, /, *args: Any) -> Any:
        """A future with `result()`, `cancel()` and `add_done_callback()`."""


class Elsewhere:
    """The place of runs that an executor makes."""

    def __init__(self, executor: Executor, *, jobs: int | None, warm: bool) -> None:
        self.executor, self.jobs, self.warm = executor, jobs, warm
        self.stopping = threading.Event()

    def room(self) -> int:
        """How many runs to hand over at once: so many that no worker waits, so few that files do not travel in vain."""
        return self.jobs or _room(self.executor)

    def run(self, call: dict[str, Any], tell: Tell) -> Answer:
        """Have a run made: with the bytes of the files the worker says it lacks, and once more where a worker is lost."""
        parcel, lacking, lost, sent = parcel_of(call, warm=self.warm), [], 0, 0
        while sent < 4 and lost < 2:
            contents = bytes_of(parcel, lacking)
            try:
                package = self._result(parcel, contents, sent + lost)
            except BaseException as error:  # whatever an executor, a scheduler or a worker may raise
                if lost or _is_final(error):
                    return failed(_lost(error))
                lost += 1
                continue
            answer = unpacked(package)
            if answer["kind"] == "refused":
                return failed(f"the worker has other software: {answer['text']}. {_SAME}")
            if answer["kind"] != "lacks":
                return answer
            lacking, sent = answer["lacking"], sent + 1
        return failed("the workers keep losing the files that were sent to them.")

    def _result(self, *arguments: Any) -> Any:
        future, done = self.executor.submit(run_parcel, *arguments), threading.Event()
        future.add_done_callback(lambda _: done.set())
        while not done.wait(timeout=1):
            if getattr(self.executor, "status", "") in ("closed", "closing", "connecting"):
                raise ReportError(
                    "the scheduler is gone. What is finished is kept; start it and run the same command again."
                )
            if self.stopping.is_set():
                future.cancel()
                raise ReportError("the sweep was stopped.")
        return future.result()

    def stop(self) -> None:
        """Take back what is not done yet."""
        self.stopping.set()

    def close(self) -> None:
        """The executor is its owner's."""


def _room(executor: Executor) -> int:
    try:
        return max(2, 2 * sum(executor.nthreads().values()))  # type: ignore[attr-defined]
    except AttributeError:
        return 2 * (os.cpu_count() or 1)
    except Exception:  # a scheduler that is gone: `_result` will say so
        return 2


def _is_final(error: BaseException) -> bool:
    """Whether the same would happen again."""
    final = ("KilledWorker", "BrokenProcessPool", "CancelledError", "FutureCancelledError")
    return isinstance(error, ReportError) or type(error).__name__ in final or _lacks_us(error)


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
    if isinstance(error, ReportError):
        return str(error)
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
