"""A run as one zip to deposit: a Process Run Crate with everything needed to read it, cite it and make it again.

The crate's description is written here, not by the package rocrate, which dates every crate by the clock: the same run gives the
same bytes. A test reads it back with that package where it is installed. Of what rocrate-validator recommends for the profile three
things are there only where somebody says them, as nothing here knows them: the day a run ended, since no output holds a clock
(`ended`), the site of the institution (`institution_url`), and the address of the software (`url` in CITATION.cff).
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from ...core import ReportError, brief, home, read_yaml, sha256, whole
from ...survey import input_files
from ..run import signed
from ..running.record import AUTHORSHIP, MOST_BYTES, Run, find_run
from .authorship import Authorship, authorship
from .references import references

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CRATE = "ro-crate-metadata.json"
#: What a zip that is damaged or has a password raises.
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError)


def archive(
    run: str | Path | Run,
    target: str | Path | None = None,
    *,
    folder: str | Path | None = None,
    data: str | Path | None = None,
    codebook: str | Path | None = None,
    with_data: bool = False,
    ended: str = "",
) -> Path:
    """Write a run as a zip: report, executed notebook, exhibits, manifest, codebook, lock, licence, metadata.

    A run made before the settings named anyone is signed first, so that its pages say what the metadata do.

    Parameters
    ----------
    run : str, path or Run
        A run as `find_run` knows it.
    target : path, optional
        The zip; `<report>-<run id>.zip` in the current folder if left out.
    folder : path, optional
        Where reports are; `default_folder()` if left out.
    data, codebook : path, optional
        The files the run was made from, where they were a user's own.
    with_data : bool
        With the data too, where no respondent stands in them: a published table, simulated answers.
    ended : str
        The day the run was made, such as "2026-11-30", to be said of it; a run itself keeps no clock.

    Returns
    -------
    Path
        The zip; the same run gives the same bytes.

    Raises
    ------
    ReportError
        For a codebook that is not the run's, for data that hold answers of respondents, for a run of no known year, and for
        what is no day.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     archive("drivers/3f2a91c", folder=folder)
    Traceback (most recent call last):
    loyaltylab.core.errors.UnknownName: run 'drivers/3f2a91c' does not exist. Possible: none. There are no runs yet; make one with: loyaltylab run drivers.
    """
    if ended and not _is_day(ended):
        raise ReportError(f"{brief(ended)} is no day; one looks like 2026-11-30.")
    found = signed(run if isinstance(run, Run) else find_run(run, folder))
    manifest = found.manifest
    by = authorship(found.folder.parent.parent, manifest.get("authorship"))
    contents = {
        path.relative_to(found.folder).as_posix(): path.read_bytes()
        for path in sorted(found.folder.rglob("*"))
        if path.is_file() and path.name != AUTHORSHIP
    }
    contents |= _inputs(found, data, codebook, with_data)
    for name in ("requirements.lock", "LICENSE", "CITATION.cff"):
        if (home() / name).is_file():
            contents[name] = (home() / name).read_bytes()
    if _sha256(contents.get("requirements.lock", b"")) != manifest.get("lock_sha256"):
        contents.pop("requirements.lock", None)  # of another version; the crate then names the packages instead
    if by:
        contents[AUTHORSHIP] = _json(by)
    contents[".zenodo.json"] = _json(_zenodo(manifest | {"authorship": by}))
    contents[_CRATE] = _json(_crate(manifest | {"authorship": by}, contents, ended))
    path = Path(target) if target else Path.cwd() / f"{manifest['report']}-{manifest['run_id']}.zip"
    with whole(path) as made, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            packed.writestr(entry, contents[name])
    return path


def _inputs(run: Run, data: str | Path | None, codebook: str | Path | None, with_data: bool) -> dict[str, bytes]:
    """The codebook, and where it may be the data, as the run read them."""
    manifest, given = run.manifest, run.manifest["parameters"]
    tier = manifest["evidence_tier"]
    if with_data and tier not in ("published", "synthetic"):
        raise ReportError(
            f"{run.id} rests on answers of respondents, and rows of them are never put into an archive: they go to an "
            "archive of data, under its own conditions. Leave --with-data out."
        )
    found = input_files(str(data or given.get("data", "")), str(codebook or given.get("codebook", "")))
    kept = {}
    for name in ("codebook", "data") if with_data else ("codebook",):
        if name not in manifest["files"]:
            continue
        recorded = manifest["files"][name]
        if name not in found or sha256(found[name]) != recorded["sha256"]:
            raise ReportError(
                f"{run.id} was made from {recorded['name']}, which is not found here as it was. Give its path with --{name}."
            )
        kept[f"inputs/{recorded['name']}"] = found[name].read_bytes()
    return kept


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, dict[str, Path]]]:
    """The folder of an archived run for as long as it is read, and its inputs by name.

    Raises
    ------
    ReportError
        For a zip that is no archive of a run or is damaged, in which a name leads elsewhere, or that unfolds to too much.
    """
    with tempfile.TemporaryDirectory(prefix="loyaltylab-archive-") as scratch:
        folder = Path(scratch) / "archive" / "run"  # by no name that stands in the archive
        try:
            with zipfile.ZipFile(path) as packed:
                _refuse_odd(path, packed)
                packed.extractall(folder)
        except (*_BROKEN, NotADirectoryError, IsADirectoryError, FileExistsError):
            raise ReportError(f"{path.name}: the archive is damaged or has a password. Download it again.") from None
        yield folder, {path.name: path for path in sorted((folder / "inputs").glob("*"))}


def _refuse_odd(path: Path, packed: zipfile.ZipFile) -> None:
    """Refuse a zip that no run was put into, before anything of it is unfolded."""
    names, size = packed.namelist(), sum(part.file_size for part in packed.infolist())
    odd = (name for name in names if name.startswith("/") or ".." in Path(name).parts or max(map(len, Path(name).parts), default=0) > 255)  # fmt: skip
    if "manifest.json" not in names or any(odd):
        raise ReportError(f"{path.name} is no archive of a run; loyaltylab archive RUN writes one.")
    if size > MOST_BYTES:
        raise ReportError(
            f"{path.name}: it unfolds to {size / 1024**2:,.0f} MB, and no archive of more than {MOST_BYTES // 1024**2:,} MB is unfolded."
        )


def _sha256(content: bytes) -> str:
    """SHA-256 of bytes, as a manifest has it."""
    return hashlib.sha256(content).hexdigest()


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _about(manifest: dict[str, Any]) -> str:
    """What a catalogue prints of it: the finding, and what the run and its data are called in a reference list."""
    lines = [manifest.get("headline", ""), *(one.apa for one in references(manifest))]
    return "\n".join(filter(None, lines))


def _zenodo(manifest: dict[str, Any]) -> dict[str, Any]:
    """The form Zenodo fills itself in with; OSF and others take the same fields by hand."""
    by = Authorship.read(manifest["authorship"])
    creators = [{"name": one.name, "affiliation": by.institution, "orcid": one.orcid} for one in by.authors]
    found = {
        "title": manifest["title"],
        "description": _about(manifest),
        "upload_type": "publication",
        "publication_type": "report",
        "creators": [{key: value for key, value in one.items() if value} for one in creators],
        "license": by.licence,
        "keywords": ["customer loyalty", "loyaltylab", str(manifest["evidence_tier"])],
        "version": manifest["run_id"],
    }
    return {key: value for key, value in found.items() if value}


def _address() -> str:
    """Where the software is to be had, once CITATION.cff says so."""
    path = home() / "CITATION.cff"
    return str(read_yaml(path).get("url", "")) if path.is_file() else ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _crate(manifest: dict[str, Any], contents: dict[str, bytes], ended: str) -> dict[str, Any]:
    """The description of a Process Run Crate: what was run, by what, from what, with what result."""
    by = Authorship.read(manifest["authorship"])
    own = references(manifest)[0].item
    year = own.get("issued", {}).get("date-parts", [[None]])[0][0]
    committed = manifest.get("commit_date") or ""
    # to the day where that is known of the year the authors give
    day = committed if committed.startswith(str(by.year or "")) and committed else str(by.year or year or "")
    if not day:
        raise ReportError(
            f"{manifest['id']} knows no day, and an archive must have one. Write year = … in loyaltylab.toml."
        )
    # a crate must say something of its licence; only its authors can give one
    spdx = f"https://spdx.org/licenses/{by.licence}" if by.licence else "#licence"
    licence = {"@id": spdx, "@type": "CreativeWork", "name": by.licence or "not stated by the authors"}
    institution = {"@id": "#institution", "@type": "Organization", "name": by.institution, "url": by.institution_url}
    houses = [institution] if by.institution else []
    house = [{"@id": one["@id"]} for one in houses]
    people = [
        {
            "@id": f"https://orcid.org/{one.orcid}" if one.orcid else f"#author-{i}",
            "@type": "Person",
            "name": one.name,
            "affiliation": house,
        }
        for i, one in enumerate(by.authors, 1)
    ]
    inputs = [name for name in contents if name.startswith("inputs/")]
    results = [name for name in contents if name.startswith(("exhibits/", "report."))] + ["notebook.ipynb"]
    files = [
        {"@id": name, "@type": "File", "encodingFormat": mimetypes.guess_type(name)[0] or "application/octet-stream"}
        for name in sorted(contents)
    ]
    # the data themselves are named by their hash, whether they lie in the crate or not
    named = [
        {
            "@id": f"#input-{role}",
            "@type": "CreativeWork",
            "name": file["name"],
            "identifier": f"sha256:{file['sha256']}",
        }
        for role, file in manifest["files"].items()
        if f"inputs/{file['name']}" not in contents
    ]
    values = [
        {
            "@id": f"#parameter-{name}",
            "@type": "PropertyValue",
            "name": name,
            "value": value if isinstance(value, (str, int, float)) else json.dumps(value),
        }
        for name, value in manifest["parameters"].items()
    ]
    # the same of every crate by this version
    address, version = _address(), manifest["code_version"]
    name = f"{address}#{version}" if address else f"urn:uuid:{uuid5(UUID(int=0), f'loyaltylab {version}')}"
    software = {
        "@id": name,
        "@type": "SoftwareApplication",
        "name": "loyaltylab",
        "url": address,
        "softwareVersion": version,
        "softwareRequirements": "requirements.lock"
        if "requirements.lock" in contents
        else [f"{name}=={version}" for name, version in {"Python": manifest["python"], **manifest["packages"]}.items()],
    }
    action = {
        "@id": f"#{manifest['run_id']}",
        "@type": "CreateAction",
        "name": f"loyaltylab run {manifest['report']}",
        "description": manifest.get("rebuild", ""),
        "instrument": {"@id": software["@id"]},
        "endTime": ended,
        "agent": [{"@id": one["@id"]} for one in people],
        "object": [{"@id": name} for name in inputs] + [{"@id": one["@id"]} for one in (*named, *values)],
        "result": [{"@id": name} for name in results],
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROFILE},
        "name": own["title"],
        "description": _about(manifest),
        "datePublished": day,
        "license": {"@id": licence["@id"]},
        "identifier": f"https://doi.org/{by.doi}" if by.doi else manifest["id"],
        "author": [{"@id": one["@id"]} for one in people],
        "publisher": house,
        "hasPart": [{"@id": one["@id"]} for one in files],
        "mentions": {"@id": action["@id"]},
    }
    described = {
        "@id": _CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    profile = {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    entities = [described, root, profile, licence, software, action, *people, *houses, *named, *values, *files]
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {key: _compact(value) for key, value in one.items() if value not in ("", [], None)} for one in entities
        ],
    }


def _compact(value: Any) -> Any:
    """As a crate writes it: a list of one is that one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
