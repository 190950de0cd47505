"""Kernels that start at once: forked from one process that has imported what reports need.

On Linux only: macOS aborts a forked process that uses its Accelerate library, Windows cannot fork. Everywhere else, and
whenever the prepared process is not there or not as it should be, kernels start the plain way.

A kernel gets from the prepared process nothing but imported modules, and what they keep of a rehearsal on made-up numbers:
working directory, environment, arguments and random state are its own, and its figures appear because the backend is
chosen, and hooked into the kernel, only there.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ..texts import compiled_texts, take
from .environment import STEADY

#: Where workers find the socket to ask for kernels at.
FILE = "LOYALTYLAB_WARM_FILE"
_LAUNCHER = "ipykernel_launcher"
#: What every report imports, also only when it is used: to read a file, to draw a figure and to write it.
_IMPORTS = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "pandas",
    "loyaltylab.exhibits.exhibit",
    "loyaltylab.reports.report",
    "yaml",
    "jinja2",
    "pyarrow.parquet",
    "pandas.io.formats.csvs",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "typst",
)
#: What most come to import: loaded while no kernel is asked for.
_SOON = ("scipy.special", "scipy.optimize")
#: What some import, and a notebook of one's own may: loaded after so many kernels, as more will come, and none is asked for.
_PAYS = 4
_MORE = ("scipy.stats", "matplotlib.pyplot", "seaborn", "statsmodels.api", "statsmodels.formula.api")


def can_fork() -> bool:
    """Whether this platform can have warm kernels at all."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


@contextlib.contextmanager
def prepared(*, many: bool = True) -> Iterator[dict[str, Any]]:
    """A process to fork kernels from, `many` or one; what `subprocess.Popen` needs to start a worker that may ask it for them."""
    if not can_fork():
        yield {}
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    alone = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}  # pyarrow's allocator would start a thread
    backend = {"MPLBACKEND": os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"}
    with ours:
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-c",
                f"from loyaltylab.reports.running.warm_kernels import serve; serve({theirs.fileno()}, many={many})",
            ],
            env=os.environ | STEADY | alone | backend,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.PIPE,  # when this closes, for whatever reason, the process leaves
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # no Ctrl-C, which the workers' parent handles
        )
        theirs.close()
        try:
            yield {"pass_fds": [ours.fileno()], "env": os.environ | {FILE: str(ours.fileno())}}
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            process.kill()  # it may still be at its imports
            process.wait()


@contextlib.contextmanager
def from_here(place: str | None = None) -> Iterator[None]:
    """Kernels started by this process are forked from a prepared one: from that of a sweep, at `place`, or one made for this.

    It prepares itself while this process still imports what a run needs.
    """
    with at_hand(place):
        ended = use()
        try:
            yield
        finally:
            ended()


@contextlib.contextmanager
def at_hand(place: str | None = None) -> Iterator[None]:
    """A prepared process for this process to ask, unless there is one: so early that it is ready when a kernel is wanted.

    Parameters
    ----------
    place : str, optional
        Where one is already, such as that of a sweep.

    Yields
    ------
    None
        The process is there within the `with` block.

    Examples
    --------
    >>> with at_hand("here"):
    ...     os.environ[FILE]
    'here'
    """
    with contextlib.ExitStack() as stack:
        if FILE not in os.environ:
            options = {} if place else stack.enter_context(prepared(many=False))
            if place := place or options.get("env", {}).get(FILE):
                os.environ[FILE] = place
                stack.callback(os.environ.pop, FILE, None)
        yield


def serve(file: int, *, many: bool = True) -> None:
    """The prepared process: import, then fork a kernel for each socket that comes in, until the parent is gone."""
    gc.disable()  # what is imported stays
    sys.path[:] = [path for path in sys.path if path]  # as ipykernel_launcher does; the kernel puts it back
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    for name in _IMPORTS:
        _load(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # dead kernels leave no zombies
    later: list[Callable[[], object]] = [partial(_load, name) for name in _SOON] + ([_rehearse] if many else [])
    kernels = 0
    with socket.socket(fileno=file) as control:
        while True:
            ready, _, _ = select.select([control, 0], [], [], 0 if later else None)
            if not ready:  # nobody waits
                later.pop(0)()
                gc.freeze()
                continue
            if 0 in ready:
                os._exit(0)
            _, files, _, _ = socket.recv_fds(control, 1, 1)
            if os.fork():
                os.close(files[0])
                kernels += 1
                if not many:  # no other will come
                    later.clear()
                elif kernels == _PAYS:
                    later += [partial(_load, name) for name in _MORE]
                continue
            try:
                control.close()
                _become_kernel(socket.socket(fileno=files[0]))
            finally:
                os._exit(1)


def _rehearse() -> None:
    """Do once what most reports do, on made-up numbers: a kernel is spared the first time of fonts, words, claims, codebooks
    and lazy modules."""
    from pandas import DataFrame

    from ...claims import read_claims
    from ...core import LANGUAGES
    from ...drivers import importance
    from ...survey import input_files

    read_claims()
    input_files("")
    answers = DataFrame(
        {"loyalty": [1, 2, 3, 4, 5, 4] * 2, "trust": [1, 3, 2, 4, 5, 5] * 2, "price": [2, 1, 3, 2, 4, 3] * 2}
    )
    found = importance(answers, "loyalty", {"emotional": ["trust"], "rational": ["price"]}, n_draws=100)
    for language in LANGUAGES:
        found.html(language)
    found.plot("fig-rehearsal")._repr_mimebundle_()


def _load(name: str) -> None:
    """Import what there is, as long as that leaves a process that can be forked."""
    with contextlib.suppress(ImportError):
        __import__(name)
    if len(os.listdir("/proc/self/task")) > 1 or "matplotlib_inline.backend_inline" in sys.modules:
        sys.exit("a thread was started, or a backend chosen, by an import: kernels cannot be forked")
    gc.freeze()


def _become_kernel(link: socket.socket) -> None:
    """In the forked child: take over what was asked for, and be an ipykernel like any other."""
    gc.enable()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.set_inheritable(link.fileno(), False)
    asked = json.loads(link.makefile().readline())
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    take(b64decode(asked["texts"]))
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv[:] = [_LAUNCHER, *asked["arguments"]]
    if "numpy" in sys.modules:  # its old global generator would be the same in every kernel
        sys.modules["numpy"].random.seed()
    link.sendall(f"{os.getpid()}\n".encode())

    threading.Thread(target=_leave_with, args=(link,), daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # slow to load, and nobody debugs a report
    os.environ.setdefault("PYDEVD_USE_FRAME_EVAL", "NO")  # as it would, so that the environment is a plain kernel's
    app = IPKernelApp.instance()
    app.initialize()
    if sys.modules["debugpy"] is None:  # but a notebook may
        del sys.modules["debugpy"]
    app.start()


def _leave_with(worker: socket.socket) -> None:
    """End this process when the worker is gone, also one that was killed before it read all that was sent."""
    with contextlib.suppress(OSError):
        worker.recv(1)
    os._exit(1)


def use() -> Callable[[], None]:
    """Have jupyter_client ask the prepared process for kernels, if there is one; gives what ends that."""
    if FILE not in os.environ:
        return lambda: None
    from jupyter_client.provisioning import KernelProvisionerFactory as Factory

    name, factory = "loyaltylab-warm", Factory.instance()
    Factory.provisioners[name] = SimpleNamespace(name=name, value="", load=_provisioner)  # type: ignore[assignment]
    before, factory.default_provisioner_name = factory.default_provisioner_name, name
    return lambda: setattr(factory, "default_provisioner_name", before)


class _Kernel:
    """A forked kernel, as far as jupyter_client looks at a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, link: socket.socket, pid: int) -> None:
        self.link, self.pid, self.file = link, pid, os.pidfd_open(pid)

    def poll(self) -> int | None:
        return 1 if self.file < 0 or select.select([self.file], [], [], 0)[0] else None

    def wait(self) -> int:
        if self.file >= 0:
            select.select([self.file], [], [])
            os.close(self.file)
            self.link.close()
            self.file = -1
        return 1

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self.file, number)


def _forked(arguments: list[str], cwd: str, env: dict[str, str]) -> _Kernel | None:
    """A kernel from the prepared process; None where that is gone, or the kernel died at once."""
    link, theirs = socket.socketpair()
    try:
        with theirs, socket.socket(fileno=os.dup(int(os.environ[FILE]))) as control:
            socket.send_fds(control, [b"k"], [theirs.fileno()])
        asked = {"arguments": arguments, "cwd": cwd, "env": env, "texts": b64encode(compiled_texts()).decode()}
        link.sendall(json.dumps(asked).encode() + b"\n")
        return _Kernel(link, int(link.makefile().readline()))
    except (OSError, ValueError):
        link.close()
        return None


def _provisioner() -> type:
    import asyncio

    from jupyter_client.provisioning import LocalProvisioner

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            if cmd[0] == sys.executable and _LAUNCHER in cmd:
                env = {**kwargs.get("env", os.environ), "JPY_PARENT_PID": str(os.getpid())}
                env.pop(FILE, None)
                kernel = _forked(cmd[cmd.index(_LAUNCHER) + 1 :], str(kwargs.get("cwd") or Path.cwd()), env)
                if kernel:
                    self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
                    self.cwd = kwargs.get("cwd", Path.cwd())
                    return self.connection_info
            return await super().launch_kernel(cmd, **kwargs)

        async def wait(self) -> int | None:
            while await self.poll() is None:  # ten times as often as jupyter_client looks
                await asyncio.sleep(0.01)
            return await super().wait()

    return Provisioner
