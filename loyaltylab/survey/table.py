"""`PublishedTable`: a correlation table printed in a source, read as facts with its citation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta, field

from ..codebook import Codebook, Scale, read_codebook
from ..core import (
    Entry,
    EntryFile,
    MatrixError,
    Names,
    Numbers,
    Provenance,
    Texts,
    UnknownName,
    cited,
    find,
    is_number,
    read_yaml,
    sha256,
    the_one_called,
)
from ..moments import Moments

Respondents = Annotated[int, Meta(ge=1, description="a whole number of respondents")]


class TableEntry(Entry, frozen=True):
    """A table: respondents, variables and their correlations.

    Parameters
    ----------
    n : int
        Respondents behind it.
    variables : dict
        Name → label, role and block.
    correlations : list of lists
        The lower triangle with its diagonal.
    means, sds : list of float
        Of the variables, where the source prints them.

    See Also
    --------
    loyaltylab.survey.read_table : Reads it.
    """

    n: Respondents
    variables: dict[str | int | float, Scale]
    correlations: list[Any]
    means: Numbers | None = None
    sds: Numbers | None = None


class TableFile(Entry, frozen=True, kw_only=True):
    """A table: correlations as a source prints them.

    Parameters
    ----------
    title, source : dict of str
        What it is called; what was asked, of whom. By language.
    citation : str
        The source as a reference list prints it, or @key of the literature.
    codebook : str
        The codebook of its variables.
    n : int
        Respondents behind it.
    variables : list of str
        In the order of the correlations.
    correlations : list of lists
        The lower triangle with its diagonal.
    means, sds : list of float
        Of the variables, where the source prints them.
    checks : dict
        Numbers the source prints that follow from the table.

    See Also
    --------
    loyaltylab.survey.read_table : Reads it.
    """

    title: Texts
    source: Texts
    citation: str
    tier: Literal["observed", "published", "synthetic"]
    codebook: str
    n: Respondents
    variables: Names
    correlations: list[Any]
    means: Numbers | None = None
    sds: Numbers | None = None
    note: str = ""
    checks: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class PublishedTable:
    """A correlation table from a source, with the codebook of its variables.

    It answers the same questions as a `Survey` (`moments`, `draws`, `codebook`) except those that need rows.

    Attributes
    ----------
    name : str
        What it is called.
    codebook : Codebook
        What the columns mean.
    everything : Moments
        Moments of all its variables.
    title : dict of str → str
        By language.
    note : dict of str → str, optional
        What a reader must know, by language.
    decimals : int
        Printed.

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
        try:
            return bool(self.named(name))
        except UnknownName:
            return False

    def named(self, asked: str) -> str:
        """The name of the variable that is asked for by its name or its label."""
        known = {name: self.everything.called[name] for name in self.everything.names}
        if not asked:
            return asked
        return the_one_called("variable", asked, known, f"The published table '{self.name}' prints no other.")

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of these variables."""
        return self.everything.select([self.named(name) for name in names])

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

    Parameters
    ----------
    name : str or path
        Path of a `.yml` file, or the name of one in `data/published`.

    Returns
    -------
    PublishedTable
        With its codebook, `moments(names)` and `draws(names)`.

    Raises
    ------
    CodebookError, MatrixError
        Naming the file, the entry and what is wrong with it.

    Examples
    --------
    >>> read_table("hedonic_utilitarian").moments(["BehLoyalty", "Enjoyment"])
    Moments of 2 variables: BehLoyalty, Enjoyment; n = 190; sample
    """
    path = find("published table", name, "data/published", ".yml")
    file = EntryFile(path.name)
    found = file.read(TableFile, read_yaml(path))
    book = read_codebook(found.codebook)
    for variable in found.variables:
        book.variable(variable)
    provenance = Provenance(found.tier, found.source, cited(found.citation, path.name), sha256(path))
    return checked_table(path.stem, path.name, found, found.variables, book, found.title, provenance)


def checked_table(
    name: str,
    file: str,
    found: TableFile | TableEntry,
    names: Iterable[str],
    codebook: Codebook,
    title: dict[str, str],
    provenance: Provenance,
) -> PublishedTable:
    """The table in the entries of a file, after its matrix was looked at.

    Parameters
    ----------
    name : str
        What it is called.
    file : str
        Of the file it stands in, for messages.
    found : TableFile or TableEntry
        Its entries.
    names : sequence of str
        Of the rows of the triangle.
    codebook : Codebook
        What the columns mean.
    title : dict of str → str
        By language.
    provenance : Provenance
        Where the numbers came from.

    Returns
    -------
    PublishedTable
        As `read_table` gives it.

    Raises
    ------
    MatrixError
        For rows that are no triangle, what is no number, or a matrix that no data can have.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> found = SimpleNamespace(correlations=[[1], [1.4, 1]], n=100, means=None, sds=None)
    >>> title = {"en": "A shop", "nl": "Een winkel"}
    >>> checked_table("shop", "shop.yml", found, ["stay", "joy"], Codebook, title, Provenance("published", "a shop"))
    Traceback (most recent call last):
    loyaltylab.core.errors.MatrixError: shop.yml: not a correlation matrix: a correlation lies between −1 and 1. Look at (joy, stay) = 1.4.
    """
    names, triangle = list(names), found.correlations
    k = len(names)
    if [len(row) if isinstance(row, list) else 0 for row in triangle] != list(range(1, k + 1)):
        raise MatrixError(
            f"{file}: correlations must be the lower triangle with its diagonal, rows of 1 to {k} numbers."
        )
    if wrong := [value for row in triangle for value in row if not is_number(value)]:
        raise MatrixError(f"{file}: correlations hold {wrong[0]!r}, which is not a number.")
    R = np.zeros((k, k))
    for i, row in enumerate(triangle):
        R[i, : i + 1] = R[: i + 1, i] = row
    try:
        everything = Moments.from_correlations(
            R, names, n=found.n, mean=found.means, sd=found.sds, provenance=provenance
        )
        everything = replace(everything, called={name: codebook.called[name] for name in names})
    except MatrixError as error:
        raise MatrixError(f"{file}: {error}") from None
    decimals = max(len(f"{value!r}".partition(".")[2]) for row in triangle for value in row)
    return PublishedTable(name, codebook, everything, title, decimals=decimals)
