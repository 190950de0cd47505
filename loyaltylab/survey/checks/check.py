"""Looking at a survey file before trusting it: `check_survey` runs every check of the registry `codebook.CHECKS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...codebook import (
    CHECKS,
    METRICS,
    Codebook,
    Finding,
    Findings,
    parsed_codebook,
    read_codebook,
    recoded,
    scored,
    worst_first,
)
from ...core import MIN_CELL, DataError, ModelError, listed, pd, tr
from ...kernels import dependent_set
from ...moments import Moments, usable_draws
from ..files.raw_table import RawTable, raw_of_frame, read_raw, refuse_no_path
from ..files.survey_tools import from_field
from ..open import input_files, is_simulated
from ..scoring import no_columns, origin_of
from ..simulation import asked_for, simulated_rows
from . import columns, respondents, scales
from .inspected import Inspected

#: Name of a codebook that was drafted here.
DRAFT = "draft"
#: Check → the function that looks; `text_among_numbers` and `outside_range` are found while the answers are recoded.
FINDERS: dict[str, Callable[[Inspected], Iterator[Finding]]] = {
    check: vars(kind)[check] for check in CHECKS for kind in (columns, respondents, scales) if check in vars(kind)
}


def check_survey(
    data: str | Path | pd.DataFrame,
    codebook: str | Path | Codebook | None = None,
    *,
    sheet: str | None = None,
    encoding: str = "",
    min_cell: int = MIN_CELL,
    named: Sequence[str] = (),
    language: str = "en",
) -> Findings:
    """Everything about a survey file that may mislead, worst first; nothing is changed or left out.

    Parameters
    ----------
    data : path, name or DataFrame
        As in `read_data`: a csv, xlsx, SPSS, Stata or parquet file, or rows known by name (`corp_rep`).
    sheet, encoding : str, optional
        As in `read_survey`.
    codebook : name, path or Codebook, optional
        Without one a codebook is drafted from the file, and the findings rest on its guesses.
    named : sequence of str
        Weight and cluster that the analysis names already: nothing is said about naming them.
    min_cell : int
        Segments of fewer respondents are named as too small to show.
    language : {"en", "nl"}
        Of the words in `tidy()`.

    Returns
    -------
    Findings
        `ok` is False where something must be mended first; `read_survey` then refuses the file, or a model its weights or size.

    Raises
    ------
    DataError, CodebookError
        Where the file, or the codebook, cannot be read at all.

    Examples
    --------
    >>> import pandas as pd
    >>> import loyaltylab as ll
    >>> rows = pd.DataFrame({name: [7, 9, 4, 99] for name in ll.read_codebook("mobi").items})
    >>> found = check_survey(rows, "mobi")
    >>> found.ok, found.tidy()["check"].iloc[0]
    (False, 'outside_range')
    """
    table, book, guessed = _opened(data, codebook, sheet, encoding)
    items = [item for item in book.items.values() if item.name in table.frame]
    if not items:
        raise no_columns(table, book)
    if table.frame.empty:
        raise DataError(f"{table.name}: has headers but no rows.")
    raw, _ = table.answers(item.name for item in items)
    recoded_columns, found = recoded(raw, items)
    seen = Inspected(table, book, scored(recoded_columns, book)[0], min_cell, guessed)
    with np.errstate(invalid="ignore", divide="ignore"):  # what cannot be computed finds nothing
        found += [finding for finder in FINDERS.values() for finding in finder(seen)]
    found = [one for one in found if not (one.where in named and one.check in ("unused_weight", "clustered_rows"))]
    origin = origin_of(table, book)
    return Findings(worst_first(found), len(raw), origin, language, book.name == DRAFT, _model(seen))


def _model(seen: Inspected) -> dict[str, Any]:
    """What reports on this file would be about."""
    book = seen.book
    blocks = {block: [name for name in names if name in seen.frame] for block, names in book.blocks().items()}
    drivers, n_complete = respondents.model(seen)
    outcome = next((name for name in book.names("outcome") if name in seen.frame), "")
    return {
        "outcome": outcome,
        "blocks": {block: names for block, names in blocks.items() if names},
        "metrics": [metric for metric in METRICS if book.metric(metric) in seen.items],
        "n_drivers": drivers,
        "n_complete": n_complete,
        "n_outcome": int(seen.frame[outcome].notna().sum()) if outcome else 0,
        "book": book,
        "frame": seen.frame,
        "refusal": partial(_refusal, seen.frame),
    }


#: Draws as the reports make them, so that check says beforehand what they would.
_DRAWS = {"n_draws": 2000, "seed": 1}
#: Up to so many rows, or with so few that differ from all others, a draw may leave a variable without variation.
_FEW_ROWS, _FEW_OTHERS = 1000, 10


def _refusal(
    frame: pd.DataFrame,
    names: Sequence[str],
    means: Mapping[str, Sequence[str]] | None = None,
    *,
    apart: bool = False,
) -> dict[str, str]:
    """Why no model can be made of these variables, the one to be explained first, by language; nothing where it can.

    Of the others the means of blocks, where these are given; `apart` where they must not explain all of it either.
    """
    of = [*names]
    if absent := [name for name in of if name not in frame]:
        return tr("{names}: not in the file, or not to be scored; take it out of the codebook").filled(
            names=listed(absent)
        )
    used = frame[of].dropna()
    if means:
        averages = {block: used[[*inside]].mean(axis=1) for block, inside in means.items()}
        used = pd.DataFrame({of[0]: used[of[0]], **averages})
        of = [*used]
    n, explain = len(used), len(of) - 1
    if n < explain + 2 or n < 10:
        least = max(explain + 2, 10)
        return tr("{n} complete respondents; it takes {least}").filled(n=f"{n:,}", least=f"{least:,}")
    if constant := [name for name in of if used[name].nunique() == 1]:
        return tr("{names}: everyone has the same value; leave it out").filled(names=listed(constant))
    free = of if apart else of[1:]
    if tied := dependent_set(used[free].corr().to_numpy()):
        told = listed(dict.fromkeys(free[at] for at in tied))
        return tr("{names}: each is determined exactly by the others; leave one out").filled(names=told)
    others = min(n - int(used[name].value_counts().iloc[0]) for name in of)
    if n <= _FEW_ROWS or others < _FEW_OTHERS:
        try:
            usable_draws(Moments.bootstrap(used, of, **_DRAWS))
        except ModelError:
            return tr(
                "{n} complete respondents are too few for {drivers} drivers; leave some out or join them in scales"
            ).filled(n=f"{n:,}", drivers=f"{explain:,}")
    return {}


def _opened(
    data: str | Path | pd.DataFrame, codebook: str | Path | Codebook | None, sheet: str | None, encoding: str
) -> tuple[RawTable, Codebook, dict[str, str]]:
    """The raw table and its codebook: the one given, the one that belongs to the data, or a draft with its guessed codes."""
    if isinstance(data, pd.DataFrame):
        table, files = raw_of_frame(data), {}
    elif is_simulated(str(refuse_no_path(data))):
        book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook or "loyalty")
        return RawTable(simulated_rows(**asked_for(str(data)), codebook=book), str(data)), book, {}
    else:
        files = input_files(str(data), "" if isinstance(codebook, Codebook) else str(codebook or ""))
        path = files.get("data", Path(data))
        if path.suffix == ".yml":
            raise DataError(f"'{data}' is a published table; it has no rows to check.")
        table = read_raw(path, sheet=sheet, encoding=encoding)
    if isinstance(codebook, Codebook) or codebook or "codebook" in files:
        book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook or files["codebook"])
        return from_field(table, book), book, {}
    from ..drafting import draft_codebook, guessed_codes

    book = parsed_codebook(draft_codebook(table), DRAFT)
    return from_field(table, book), book, guessed_codes(table)
