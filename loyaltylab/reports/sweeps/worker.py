"""A worker's side: run one report that was sent, in a process of its own, and send the finished folder back.

The worker may have several threads and other work; a run needs a working directory and an environment to itself, so it gets
a child process, which stays for the next run. Files that came along are kept by their hash, for the life of the worker, in a
folder only its user can read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
from functools import lru_cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from ..running.record import software
from .packages import NOTEBOOK, TaskPackage, content_of, difference, packed
from .pool import Workers

_ONE = threading.Lock()


def software_here() -> dict[str, Any]:
    """What a worker is asked before it gets work."""
    return software()


def run_package(parcel: TaskPackage, contents: dict[str, bytes], attempt: int) -> bytes:
    """Make a run; the package holds an answer that is done, failed, lacks (hashes of files to send along) or refused.

    `attempt` tells a scheduler that keeps results by their arguments one try from the next.
    """
    if found := difference(software(), parcel["software"]):
        return packed({"kind": "refused", "text": found}, {})
    with _ONE:
        place = _place(os.getpid())
    for known, content in contents.items():
        place.keep(known, content)
    if lacking := [file["sha256"] for file in parcel["files"].values() if not place.at(file)]:
        return packed({"kind": "lacks", "lacking": lacking}, {})
    here, values = place.working_directory(parcel["files"])
    with tempfile.TemporaryDirectory(dir=place.folder) as out:
        call = {"report": values.pop("report"), "parameters": {**parcel["parameters"], **values}, "folder": out}
        call |= {"here": str(here), "widths": parcel["widths"], "formats": parcel["formats"]}
        answer = place.workers(parcel["warm"]).run(call, lambda part: None)
        if answer["kind"] == "done":
            folder = Path(answer.pop("folder"))
            return packed(answer, {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()})
        kept = next(Path(out).glob("failed-*.ipynb"), None)
        if kept:
            answer["text"] = answer["text"].replace(str(kept.resolve()), NOTEBOOK)
        return packed(answer, {NOTEBOOK: kept} if kept else {})


class _Place:
    """What a worker keeps between runs: the files that were sent, and processes that wait for the next run."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="loyaltylab-", dir=_scratch()))
        self.hired: dict[bool, Workers] = {}
        self.lock = threading.Lock()
        Finalize(None, self.close, exitpriority=10)

    def keep(self, known: str, content: bytes) -> None:
        """Put a file where its hash finds it, whole."""
        if hashlib.sha256(content).hexdigest() == known and not (self.folder / known).exists():
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                file.write(content)
            os.replace(file.name, self.folder / known)

    def at(self, file: dict[str, str]) -> Path | None:
        """Where a file is: at the sender's own path, if that shows the same bytes here, else as it was sent."""
        for path in (Path(file["path"]), self.folder / file["sha256"]):
            if content_of(path) == file["sha256"]:
                return path
        return None

    def working_directory(self, files: dict[str, dict[str, str]]) -> tuple[Path, dict[str, str]]:
        """A working directory in which relative paths lead to the files as they did for the sender; absolute ones are new."""
        names = sorted((role, file["value"], file["sha256"]) for role, file in files.items())
        room = self.folder / f"room-{hashlib.sha256(repr(names).encode()).hexdigest()[:16]}"
        up = max(Path(os.path.normpath(file["value"])).parts.count("..") for file in files.values())
        here, values = room.joinpath(*["in"] * (up + 1)), {}
        with self.lock:
            here.mkdir(parents=True, exist_ok=True)
            for role, file in files.items():
                value, found = file["value"], self.at(file)
                is_text = role.startswith("texts/")  # stands beside the notebook
                whole = room / "report" / role if is_text else room / role / Path(value).name
                fixed = os.path.isabs(value) or role == "report" or is_text
                target = whole if fixed else Path(os.path.normpath(here / value))
                target.parent.mkdir(parents=True, exist_ok=True)
                if found and not target.exists():
                    _linked(found, target)
                if not is_text:
                    values[role] = str(target) if target == whole else value
        return here, values

    def workers(self, warm: bool) -> Workers:
        """The processes that make runs."""
        with self.lock:
            return self.hired.setdefault(warm, Workers(warm=warm))

    def close(self) -> None:
        """Send the processes home and remove the files."""
        for workers in self.hired.values():
            workers.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@lru_cache
def _place(process: int) -> _Place:
    """That of this process: one that was forked from another makes its own."""
    return _Place()


def _scratch() -> str | None:
    """The folder a Dask worker has for such things, which Dask clears also after one that was killed; else the system's."""
    with contextlib.suppress(ImportError, ValueError):
        from distributed import get_worker

        return str(get_worker().local_directory)
    return None


def _linked(found: Path, target: Path) -> None:
    try:
        target.symlink_to(found)
    except OSError:  # a system where links take a privilege
        shutil.copyfile(found, target)
