"""Calling pandoc, and texts it reads as nothing but text."""

from __future__ import annotations

import os
import re
import subprocess
from functools import lru_cache

from ..errors import ReportError

__all__ = ["fence", "pandoc", "plain", "raw"]


def plain(text: str) -> str:
    r"""Text that pandoc prints as it is: on one line, without markup, without entities.

    >>> print(plain("R&amp;D\n*now*"))
    R\&amp;D \*now\*
    """
    return re.sub(r"([\\`*_{}\[\]<>#|~^$@&])", r"\\\1", " ".join(text.split()))


# ---- pandoc --------------------------------------------------------------------------------------------------------------


@lru_cache
def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def pandoc(text: str, to: str, *options: str) -> bytes:
    """Markdown in another format; pandoc reads no file but those named in the options, fetches nothing, sees no clock.

    Raises
    ------
    ReportError
        With what pandoc said.
    """
    command = [
        _program(),
        "--from=markdown-yaml_metadata_block-citations-implicit_figures",
        f"--to={to}",
        *("--output=-", "--sandbox", "--quiet", "--syntax-highlighting=none", "--wrap=none"),
        *options,
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    done = subprocess.run(command, input=text.encode(), capture_output=True, env=environment)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ReportError(f"pandoc could not write {to}: {said[-1] if said else f'it stopped with {done.returncode}'}")
    return done.stdout


def raw(content: str, form: str = "html") -> str:
    """What pandoc hands over as it stands, in Markdown for a format of its own: html, typst or openxml."""
    return f"{fence(content)}{{={form}}}\n{content}\n{fence(content)}"


def fence(text: str) -> str:
    """A fence longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)
