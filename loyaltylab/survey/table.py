"""`PublishedTable`: a correlation table printed in a source, read as facts with its citation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..codebook import Codebook, read_codebook
from ..core import CodebookError, MatrixError, Provenance, UnknownName, cited, find, listed, read_yaml, sha256
from ..moments import Moments

__all__ = ["PublishedTable", "checked_table", "read_table"]

_REQUIRED = {"title", "source", "citation", "tier", "codebook", "n", "variables", "correlations"}
_MAY = {"means", "sds", "note", "checks"}


@dataclass(frozen=True, eq=False)
class PublishedTable:
    """A correlation table from a source, with the codebook of its variables.

    It answers the same questions as a `Survey` (`moments`, `draws`, `codebook`) except those that need rows.

    Examples
    --------
    >>> table = read_table("hedonic_utilitarian")
    >>> table.moments(["AttLoyalty", "Enjoyment"]).corr.tolist()
    [[1.0, 0.42], [0.42, 1.0]]
    """

    name: str
    codebook: Codebook
    everything: Moments
    title: dict[str, str]
    note: dict[str, str] | None = None
    decimals: int = 2  # of the correlation printed with most of them: all are rounded there
    has_rows = False

    @property
    def provenance(self) -> Provenance:
        return self.everything.provenance

    def has(self, name: str) -> bool:
        """Whether the source prints this variable."""
        return name in self.everything.names

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of these variables."""
        names = list(names)
        if absent := [name for name in names if name not in self.everything.names]:
            raise UnknownName(
                f"{listed(absent)}: not in the published table '{self.name}', which prints {listed(self.everything.names)}."
            )
        return self.everything.select(names)

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Wishart draws: normal theory, since there are no rows to resample."""
        return self.moments(names).draws(n_draws=n_draws, seed=seed)

    def jackknife(self, names: Iterable[str]) -> Moments:
        """There are no respondents to leave out."""
        raise UnknownName(
            f"the published table '{self.name}' has no rows for a jackknife; use another kind of interval."
        )


def read_table(name: str | Path) -> PublishedTable:
    """A published correlation table: a YAML file, or one of those in `data/published` by its name.

    Raises
    ------
    CodebookError, MatrixError
        Naming the file, the entry and what is wrong with it.
    """
    path = find("published table", name, "data/published", ".yml")
    found = read_yaml(path)
    if problem := [f"lacks '{key}'" for key in sorted(_REQUIRED - set(found))] + [
        f"has an entry '{key}'" for key in found if key not in _REQUIRED | _MAY
    ]:
        raise CodebookError(
            f"{path.name}: {problem[0]}; a table has {', '.join(sorted(_REQUIRED))}, and may have means, sds, note, checks."
        )
    return checked_table(path.stem, path.name, found, read_codebook(found["codebook"]), sha256(path))


def checked_table(
    name: str, file: str, found: Mapping[str, Any], codebook: Codebook, digest: str = ""
) -> PublishedTable:
    """The table in the entries of a file, after its matrix and its variables were looked at."""
    names, triangle = list(found["variables"]), found["correlations"]
    k = len(names)
    if not isinstance(triangle, list) or [len(row) if isinstance(row, list) else 0 for row in triangle] != list(
        range(1, k + 1)
    ):
        raise MatrixError(
            f"{file}: correlations must be the lower triangle with its diagonal, rows of 1 to {k} numbers."
        )
    if wrong := [
        value for row in triangle for value in row if isinstance(value, bool) or not isinstance(value, (int, float))
    ]:
        raise MatrixError(f"{file}: correlations hold {wrong[0]!r}, which is not a number.")
    R = np.zeros((k, k))
    for i, row in enumerate(triangle):
        R[i, : i + 1] = R[: i + 1, i] = row
    for variable in names:
        codebook.variable(variable)
    provenance = Provenance(found["tier"], found["source"], cited(str(found["citation"]), file), digest)
    try:
        everything = Moments.from_correlations(
            R, names, n=found["n"], mean=found.get("means"), sd=found.get("sds"), provenance=provenance
        )
    except MatrixError as error:
        raise MatrixError(f"{file}: {error}") from None
    decimals = max(len(f"{value!r}".partition(".")[2]) for row in triangle for value in row)
    return PublishedTable(name, codebook, everything, found["title"], decimals=decimals)
