"""What travels to another machine and back: a run's inputs by their hashes, the bytes where they lack, and the finished folder.

Everything is plain values, so that a machine with another version can still read it and say so.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...core import ReportError, expanded, listed, sha256
from ..citing.stamping import as_written
from ..running.parameters import read_notebook
from ..running.record import AUTHORSHIP, MOST_BYTES, facts_of, software
from ..running.staging import publish, staged
from .pool import Answer

#: One run to make: its parameters, its files by role with their hash, and the software it must be made with.
TaskPackage = dict[str, Any]
#: Bytes of a file that is still sent along; a larger one must lie where all machines see it.
LARGEST = 64 * 1024**2
#: Where an answer stands in a package, beside the files of a run.
ANSWER = "answer.json"
#: Stands in a message for the path of the notebook of a run that failed, which only the receiver knows.
NOTEBOOK = "{notebook}"


def package_of(call: dict[str, Any], *, warm: bool) -> TaskPackage:
    """What `run_report(**call)` needs elsewhere. Its notebook, and data and codebook where they are files of one's own, travel."""
    given = {"report": call["report"]}
    values = call["parameters"]
    for role in ("data", "codebook"):
        value = values.get(role)
        if isinstance(value, str) and value and expanded(value).is_file():
            if value.startswith("~"):
                raise ReportError(
                    f"{role} is '{value}', and ~ is another folder on every machine; write the path in full."
                )
            given[role] = value
    texts = read_notebook(call["report"]).texts
    given |= {f"texts/{path.name}": str(path) for path in texts.values()}
    files = {role: {"value": value, **_known(value)} for role, value in given.items()}
    return {
        "parameters": values,
        "files": files,
        "widths": list(call["widths"]),
        "formats": list(call["formats"]),
        "software": software(),
        "warm": warm,
    }


def _known(path: str) -> dict[str, str]:
    whole = Path(path).resolve()
    state = whole.stat()
    return {"path": str(whole), "sha256": _hash(str(whole), state.st_mtime_ns, state.st_size)}


@lru_cache(maxsize=64)
def _hash(path: str, changed: int, size: int) -> str:
    return sha256(Path(path))


def content_of(path: Path) -> str:
    """SHA-256 of a file, computed once as long as it is not changed; nothing where there is no such file."""
    try:
        state = path.stat()
        return _hash(str(path), state.st_mtime_ns, state.st_size) if path.is_file() else ""
    except OSError:
        return ""


def bytes_of(parcel: TaskPackage, wanted: list[str]) -> dict[str, bytes]:
    """Hash → content of the files a worker lacks.

    Raises
    ------
    ReportError
        For a file that is too large to send, or that is no longer what it was when the sweep began.
    """
    found = {}
    for role, file in parcel["files"].items():
        if file["sha256"] not in wanted:
            continue
        path = Path(file["path"])
        if content_of(path) != file["sha256"]:
            raise ReportError(f"{path.name} changed while the sweep went on; run the sweep again.")
        if (size := path.stat().st_size) > LARGEST:
            raise ReportError(
                f"the {role} '{path.name}' is {size / 1024**2:,.0f} MB, and a file of more than {LARGEST // 1024**2} MB is "
                "not sent to workers. Put it on a disk that all of them see, under the same path."
            )
        found[file["sha256"]] = path.read_bytes()
    return found


def difference(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """What differs between two machines' software, in words; nothing where a run is the same on both.

    >>> difference({"python": "3.11.7", "packages": {"numpy": "2.4"}}, {"python": "3.11.7", "packages": {"numpy": "2.5"}})
    'numpy 2.4 there, 2.5 here'
    """
    flat = [
        {"loyaltylab": one.get("code_version"), "Python": one.get("python"), **one.get("packages", {})}
        for one in (theirs, ours)
    ]
    names = [name for name in dict.fromkeys([*flat[0], *flat[1]]) if flat[0].get(name) != flat[1].get(name)]
    return listed(f"{name} {flat[0].get(name) or 'none'} there, {flat[1].get(name) or 'none'} here" for name in names) if names else ""  # fmt: skip


def packed(answer: Answer, files: Mapping[str, Path]) -> bytes:
    """An answer and the files that belong to it as one archive, with their hashes; the same bytes for the same files."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        contents = {name: path.read_bytes() for name, path in sorted(files.items())}
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        contents[ANSWER] = json.dumps({**answer, "files": hashes}).encode()
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return memory.getvalue()


def unpacked(package: Any) -> Answer:
    """The answer in a package, with its files as bytes after a look at their hashes; nothing else a worker sends is read.

    Raises
    ------
    ReportError
        Where not all of it arrived.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                raise ReportError(
                    "what came back from the worker unfolds to more than any run holds; run the sweep again."
                )
            contents = {name: archive.read(name) for name in archive.namelist()}
        answer = json.loads(contents.pop(ANSWER))
        whole = answer["files"] == {name: hashlib.sha256(one).hexdigest() for name, one in contents.items()}
        kind = answer["kind"]
    except (OSError, TypeError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error):
        whole = False
    if not whole or kind not in ("done", "failed", "lacks", "refused"):
        raise ReportError("what came back from the worker is not a whole run; run the sweep again.")
    return {**answer, "files": contents}


def published(files: Mapping[str, bytes], call: dict[str, Any], final: Path) -> bool:
    """Give a run that came back its final name, whole; False where it was there already.

    Raises
    ------
    ReportError
        Where it is another run than was asked, or an exhibit is not the one its manifest names.
    """
    with staged(Path(call["folder"])) as stage:
        for name, content in files.items():
            path = (stage / name).resolve()
            if not path.is_relative_to(stage.resolve()):
                raise ReportError(f"the worker sent a file '{name}', which lies outside its run.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            manifest, by = (json.loads(files.get(name, b"{}")) for name in ("manifest.json", AUTHORSHIP))
            doi = by.get("doi", "")  # where the settings of that machine give one
            exhibits = {
                name: hashlib.sha256(as_written(name, files[f"exhibits/{name}"], doi)).hexdigest()
                for name in manifest["exhibit_files"]
            }
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
            raise ReportError("what came back from the worker is not a whole run; run the sweep again.") from None
        if exhibits != manifest["exhibit_files"]:
            raise ReportError("an exhibit is not the one its manifest names; run the sweep again.")
        if manifest["run_id"] != final.name:
            ours = facts_of(read_notebook(call["report"]), call["parameters"])
            names = [name for name, value in ours.items() if manifest.get(name) != value]
            raise ReportError(
                f"the worker made run {manifest['run_id']} where {final.name} was asked: its {listed(names)} are not those "
                "here. Data known by name must be the same on every machine; or give the file's path."
            )
        return publish(stage, final, replace=bool(call["force"]) or os.path.exists(final))
