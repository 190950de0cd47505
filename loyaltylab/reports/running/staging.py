"""Folders in the making: each belongs to a living process until it gets its final name, whole.

A process holds the lock of its folder, and the system lets go of it when the process dies, however it dies. What has no
living holder is left over and may go. Everything lies in `.work/` of the reports folder, on the same disk as the runs,
so that the final name is given by one rename.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ...core import shown

_WORK = ".work"


@contextlib.contextmanager
def staged(root: Path) -> Iterator[Path]:
    """A new folder in `root` that no other process touches while this one lives; it is gone afterwards."""
    stage = root / _WORK / secrets.token_hex(4)
    with _held(stage.with_suffix(".lock")):
        stage.mkdir()
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def publish(stage: Path, final: Path, *, replace: bool) -> bool:
    """Give a finished folder its final name; False where another process was first and `replace` is off."""
    with _held(stage.with_name("publish.lock")):
        final.parent.mkdir(parents=True, exist_ok=True)
        _put_back(_old(final))
        if final.exists() and not replace:
            return False
        try:
            if final.exists():
                os.replace(final, _old(final))
            os.replace(stage, final)
        finally:
            _put_back(_old(final))
        return True


def settle(root: Path) -> None:
    """Remove what dead processes left in `root`, and give back its name to a run they were about to replace."""
    for left in {path.with_suffix("") for path in (root / _WORK).glob("*") if path.stem != "publish"}:
        with contextlib.suppress(OSError), _held(left.with_suffix(".lock"), wait=False):
            shutil.rmtree(left, ignore_errors=True)
    if any(root.glob("*/.*.old")):
        with _held(root / _WORK / "publish.lock"):
            for old in root.glob("*/.*.old"):
                _put_back(old)


def _old(final: Path) -> Path:
    """Where a run waits while another takes its name."""
    return final.with_name(f".{final.name}.old")


def _put_back(old: Path) -> None:
    final = old.with_name(old.name[1:].removesuffix(".old"))
    if old.exists() and not final.exists():
        os.replace(old, final)
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def _held(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a file; OSError where another holds it and we do not wait. The file goes with the lock."""
    file = _opened(path, wait)
    try:
        yield
    finally:
        if os.name == "posix":  # while it is held: nobody can lock the name in between
            path.unlink(missing_ok=True)
        os.close(file)
        if os.name != "posix":  # an open file cannot be removed there, not even by us
            with contextlib.suppress(OSError):
                path.unlink()


def _opened(path: Path, wait: bool) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            _locked(file, path, wait)
        except BaseException:
            os.close(file)
            raise
        if os.name != "posix" or os.fstat(file).st_nlink:
            return file
        os.close(file)  # removed by the one who held it before: the name is free or another's


#: Seconds after which whoever waits for a lock says so.
SAYS_SO = 5.0


def _locked(file: int, path: Path, wait: bool) -> None:
    """Take the lock; where another has it and we wait, say so after a while: it may have been stopped for good."""
    begun, said = time.monotonic(), False
    while True:
        try:
            return _lock(file)
        except OSError as error:
            if not wait or error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise
        if not said and time.monotonic() - begun > SAYS_SO:
            said = True
            print(
                f"Waiting for another process, which has {shown(path)}. If it was stopped (Ctrl-Z), let it go on or end it.",
                file=sys.stderr,
                flush=True,
            )
        time.sleep(0.02)


if os.name == "posix":
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

else:
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
