"""The simulated respondents as files, for those who want files: the same bytes each time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .codebook import Codebook, read_codebook
from .synthetic import SEED, N, simulated_rows, source_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["build"]


def build(folder: str | Path, n: int = N, seed: int = SEED) -> list[Path]:
    """Write the simulated respondents as csv, sav and parquet; the same bytes each time.

    Their numbers begin with "simulated-", by which `read_survey` knows them: read back, they are synthetic too.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in build(folder, n=90)]
    ['simulated.csv', 'simulated.sav', 'simulated.parquet']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    book = read_codebook("loyalty")
    rows = simulated_rows(n, seed=seed, codebook=book)
    files = [folder / f"simulated.{ending}" for ending in ("csv", "sav", "parquet")]
    rows.to_csv(files[0], index=False, lineterminator="\n", float_format="%.10g")
    _write_sav(rows, book, files[1], n, seed)
    rows.to_parquet(files[2], index=False)
    return files


#: Where a sav file says when it was made: 9 characters of date and 8 of time, in a header of fixed layout.
_MADE = slice(92, 109)


def _write_sav(rows: pd.DataFrame, book: Codebook, path: Path, n: int, seed: int) -> None:
    """A sav file with labels and without the clock."""
    import pyreadstat

    labels = {name: book.items[name].label["en"] for name in rows}
    values = {
        name: {k: v["en"] for k, v in book.items[name].values.items()} for name in rows if book.items[name].values
    }
    title = f"SYNTHETIC: {source_line(n, seed)['en']}"[:64]
    pyreadstat.write_sav(
        rows, str(path), file_label=title, column_labels=labels, variable_value_labels=values, row_compress=True
    )
    content = bytearray(path.read_bytes())
    content[_MADE] = b"05 Dec 1700:00:00"
    path.write_bytes(content)
