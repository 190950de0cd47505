"""Runs on other machines: handed to anything with `submit`, such as a Dask client or a pool of `concurrent.futures`.

What comes back is a package of bytes, JSON and files with their hashes, and nothing in it is run.
"""

from __future__ import annotations

import contextlib
import os
import pickletools
import socket
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from ...core import ReportError
from ..running.record import software
from .packages import bytes_of, difference, package_of, unpacked
from .pool import Answer, Tell, failed
from .worker import run_package, software_here

#: Seconds to wait for a scheduler, and for its first worker.
PATIENCE = 10
_SAME = "Install the same version there, from the same requirements.lock, and restart the workers."


class Executor(Protocol):
    """Anything that runs a function elsewhere: `concurrent.futures` and `distributed.Client` both do."""

    def submit(self, fn: Any, /, *args: Any) -> Any:
        """A future with `result()`, `cancel()` and `add_done_callback()`."""


class Cluster:
    """The place of runs that an executor makes."""

    def __init__(self, executor: Executor, *, jobs: int | None, warm: bool) -> None:
        self.executor, self.jobs, self.warm = executor, jobs, warm
        self.stopping = threading.Event()

    def room(self) -> int:
        """How many runs to hand over at once: so many that no worker waits, so few that files do not travel in vain."""
        return self.jobs or _room(self.executor)

    def run(self, call: dict[str, Any], tell: Tell) -> Answer:
        """Have a run made: with the bytes of the files the worker says it lacks, and once more where a worker is lost."""
        parcel, lacking, lost, sent = package_of(call, warm=self.warm), [], 0, 0
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
        future, done = self.executor.submit(run_package, *arguments), threading.Event()
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

    Yields
    ------
    Client
        Of `distributed`; closed after the `with` block.

    Raises
    ------
    ReportError
        Where Dask is not installed, nothing answers, there is no worker, or a worker has no loyaltylab or another version.

    Examples
    --------
    >>> with connected("tcp://127.0.0.1:1"):
    ...     pass
    Traceback (most recent call last):
    loyaltylab.core.errors.ReportError: no Dask scheduler answers at tcp://127.0.0.1:1. Start one with 'dask scheduler' and workers with 'dask worker tcp://HOST:8786'; the scheduler prints the address to give here.
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
        plain = {"deserializers": ["msgpack", "error"]}  # of what comes back nothing is unpickled: that could run code
        client = Client(address, timeout=PATIENCE, set_as_default=False, **plain, **_secured(address))
    except (OSError, ValueError, TimeoutError) as error:
        raise ReportError(
            f"what answers at {address} is no Dask scheduler of this kind ({type(error).__name__}). "
            "Use the address the scheduler prints, and the same version of Dask."
        ) from None
    with _errors_as_texts(), client:
        _check_workers(client, address)
        yield client


def _answers(address: str) -> bool:
    """Whether a scheduler listens there, which speaks first: so many frames follow, and of such a length each.

    Dask's own client would wait for ever where nothing is said, and take all memory where nonsense is.
    """
    scheme, _, rest = address.rpartition("://")
    host, _, port = rest.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE) as link:
            if scheme == "tls":  # there the client speaks first
                return True
            link.settimeout(PATIENCE)
            size, frames = (int.from_bytes(link.recv(8, socket.MSG_WAITALL), "little") for _ in range(2))
    except (OSError, ValueError):
        return False
    return scheme in ("", "tcp") and 0 < size < 2**16 and 0 < frames < 100


@contextlib.contextmanager
def _errors_as_texts() -> Iterator[None]:
    """What went wrong on a worker comes pickled as well, and Dask would load it; here its texts are read and nothing else."""
    from distributed import client as dask

    before = dask.clean_exception
    dask.clean_exception = lambda exception, traceback=None, **_: (None, _error_from(exception), None)
    try:
        yield
    finally:
        dask.clean_exception = before


def _error_from(exception: Any) -> BaseException:
    """An error of the kind and with the words that a pickle names, which is not loaded."""
    if isinstance(exception, BaseException):
        return exception
    words: list[str] = []
    with contextlib.suppress(Exception):  # nonsense
        words = [" ".join(arg.split()) for _, arg, _ in pickletools.genops(bytes(exception)) if isinstance(arg, str)]
    kind = next(
        (
            name
            for name in ("KilledWorker", "CancelledError", "FutureCancelledError")
            if name in " ".join(words).split()
        ),
        "",
    )
    return type(kind or "WorkerError", (Exception,), {})(" ".join(words)[:500])


def _secured(address: str) -> dict[str, Any]:
    """The certificates of Dask's own configuration, for an address that asks for them.

    Raises
    ------
    ReportError
        Where there are none.
    """
    if not address.startswith("tls://"):
        return {}
    from distributed.security import Security

    security = Security(require_encryption=True)
    if not security.get_connection_args("client").get("ssl_context"):
        raise ReportError(
            f"{address} asks for certificates, and Dask's configuration here names none. Set distributed.comm.tls.ca-file, "
            "and under client its key and cert, as in https://distributed.dask.org/en/stable/tls.html."
        )
    return {"security": security}


def _check_workers(client: Any, address: str) -> None:
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
