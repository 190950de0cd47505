"""Where the project's files are, and how to read one safely."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import secrets
import shutil
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from .errors import CodebookError, DataError, UnknownName, in_words, listed, near, unknown

#: Levels of a YAML file; a codebook needs five.
DEEPEST = 20
#: Bytes of one that is still read.
LARGEST = 50 * 1024**2
#: Characters of a YAML text that is kept once it is read; the longest of the project has a tenth of it.
KEPT = 1024**2
PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """The folder that holds `data/` and `notebooks/`.

    It is `$LOYALTYLAB_HOME` where that is set, else the checkout the package lies in, else the copy inside the
    installed package. Nothing depends on the current folder, so a notebook finds its data in JupyterLab (which runs
    in the notebook's folder) and from the command line (which runs in the caller's) alike.
    """
    chosen = os.environ.get("LOYALTYLAB_HOME")
    for folder in [Path(chosen)] if chosen else [PACKAGE.parent, PACKAGE / "home"]:
        if (folder / "data" / "codebooks").is_dir():
            return folder
    raise UnknownName(
        f"no data/codebooks folder in {chosen or PACKAGE.parent}: set LOYALTYLAB_HOME to the folder that holds data/ and notebooks/."
    )


def available(folder: str, suffix: str) -> dict[str, Path]:
    """Name → file of what the project ships in `folder`."""
    return {path.stem: path for path in sorted((home() / folder).glob(f"*{suffix}"))}


def expanded(path: str | Path) -> Path:
    """A path with `~` as the home folder; after `~` a name that is nobody's here stays as it is.

    Raises
    ------
    DataError
        For one the system will not look up: a name that is too long, a folder one has no right to.
    """
    found = Path(path)
    with contextlib.suppress(RuntimeError):
        found = found.expanduser()
    try:
        found.is_file()
    except OSError as error:
        raise DataError(in_words(error)) from None
    return found


def find(what: str, name: str | Path, folder: str, suffix: str) -> Path:
    """The file a user means: a path that exists, or the name of one the project ships in `folder`.

    Raises
    ------
    UnknownName
        Naming the nearest and listing all that `folder` holds.
    """
    path = expanded(name)
    if path.is_file():
        return path
    shipped = available(folder, suffix)
    if str(name) in shipped:
        return shipped[str(name)]
    if path.suffix or path.parent != Path("."):
        hint = beside(path, (suffix,))
        raise UnknownName(
            f"{what} '{name}' is not a file here (the current folder is '{Path.cwd().name}'){hint} "
            f"Give the path of a {suffix} file, or one of the names in {folder}: {listed(shipped)}."
        )
    raise unknown(what, name, shipped, f"A path to a {suffix} file will do too.")


def beside(path: Path, suffixes: Iterable[str]) -> str:
    """The end of a sentence on a file that is not there: the one of these kinds beside it that was probably meant, or a full stop."""
    folder = path.parent if path.parent.is_dir() else Path()
    there = [file.name for file in folder.iterdir() if file.is_file() and file.suffix.lower() in suffixes]
    meant = near(path.name, there, least=0.75)
    return f"; did you mean '{path.with_name(meant)}'?" if meant else "."


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache
def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        """Plain YAML that refuses a key given twice, where YAML itself would keep the last in silence."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict:
            seen = {}
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if isinstance(key_node, yaml.ScalarNode) and (
                    isinstance(key, bool) or not isinstance(key, (str, int, float))
                ):
                    raise CodebookError(
                        f"line {key_node.start_mark.line + 1}: {key_node.value} is not a text in YAML. "
                        f"Put it in quotation marks: '{key_node.value}'."
                    )
                if not isinstance(key, (str, int, float)):
                    raise CodebookError(f"line {key_node.start_mark.line + 1}: {key!r} cannot be the name of an entry.")
                if key in seen:
                    raise CodebookError(
                        f"line {key_node.start_mark.line + 1}: '{key}' stands twice (first in line {seen[key]}). "
                        "Remove or rename one of them."
                    )
                seen[key] = key_node.start_mark.line + 1
            return super().construct_mapping(node, deep)

    return Loader


def _bounded(text: str) -> None:
    """Refuse what is deep enough to break the reader, or unfolds to more than is written."""
    import yaml

    anchored: list[bool] = []  # of every collection that is open: does it, or one around it, have an anchor?
    for event in yaml.parse(text, Loader=_loader()):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            anchored.append(event.anchor is not None or (bool(anchored) and anchored[-1]))
            if len(anchored) > DEEPEST:
                raise CodebookError(
                    f"line {line}: nested more than {DEEPEST} deep. A codebook has titles, items and scales, and their entries."
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            anchored.pop()
        elif isinstance(event, yaml.AliasEvent) and anchored and anchored[-1]:
            raise CodebookError(
                f"line {line}: an alias (*{event.anchor}) within an anchor. Write out what it stands for."
            )


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file: no code is run, no key may stand twice, a mistake is named with its line."""
    if path.exists() and not path.is_file():  # a pipe or a device may have no end
        raise CodebookError(f"{path.name}: is no file. Give the path of a YAML file.")
    try:
        if path.stat().st_size > LARGEST:
            raise CodebookError(
                f"{path.name}: has {path.stat().st_size / 1024**2:,.0f} MB; a YAML file of the project has less than 50."
            )
        return parsed_yaml(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError:
        raise CodebookError(f"{path.name}: no such file. Check its name and the folder you are in.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError(f"{path.name}: {in_words(error)}") from None


@lru_cache(maxsize=32)
def _content(text: str) -> bytes:
    """What a YAML text holds, packed, so that who asks again gets a copy of his own in a hundredth of the time."""
    import yaml

    _bounded(text)
    return pickle.dumps(yaml.load(text, Loader=_loader()))


def parsed_yaml(text: str, name: str) -> dict[str, Any]:
    """The mapping in a YAML text; `name` is what messages call it."""
    import yaml

    try:
        found = pickle.loads((_content if len(text) <= KEPT else _content.__wrapped__)(text))
    except CodebookError as error:
        raise CodebookError(f"{name}, {error}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise CodebookError(
            f"{name}{line}: not valid YAML ({problem}). Check indentation, colons and quotes there."
        ) from None
    if not isinstance(found, dict):
        raise CodebookError(f"{name}: holds no 'name: value' entries at the top level.")
    return found


def line_of(path: Path, keys: Iterable[str]) -> int:
    """The line of a YAML file in which the entry begins that `keys` lead to, or the innermost of them that it has."""
    import yaml

    node, line = yaml.compose(path.read_text(encoding="utf-8"), Loader=_loader()), 1
    for key in keys:
        inside = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next(((k, value) for k, value in inside if k.value == str(key)), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Where to write what `path` is to hold: it gets its name when it is finished, so that nobody ever finds half of it.

    What is written to as it stands, such as a pipe or the terminal, is given as it is.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with contextlib.suppress(KeyboardInterrupt), whole(f"{folder}/answers.csv") as path:
    ...         _ = path.write_text("q1,q2")
    ...         raise KeyboardInterrupt
    ...     os.listdir(folder)
    []
    """
    final = Path(os.path.realpath(path))
    if final.exists() and not final.is_file():
        yield final
        return
    made = final.with_name(f".{secrets.token_hex(4)}{final.suffix}")
    try:
        yield made
        if final.exists():
            shutil.copymode(final, made)
        os.replace(made, final)
    except OSError as error:
        if error.filename is not None and os.fspath(error.filename) == os.fspath(made):
            error.filename = os.fspath(path)
        raise
    finally:
        with contextlib.suppress(OSError):
            made.unlink(missing_ok=True)


def shown(path: Path) -> Path:
    """A path as a message prints it: from the current folder on, where it lies in it."""
    whole = path.resolve()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else path
