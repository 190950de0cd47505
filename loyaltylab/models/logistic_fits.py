"""Rows to arrays for a logit: answers, standardised columns and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import flatten
from ..core import DataError, ModelError, listed
from ..kernels import FloatArray
from ..moments import Design, Source, check_apart, check_enough, complete

MOST_ANSWERS = 20


@dataclass(frozen=True)
class LogitRows:
    """Arrays of the complete rows: answers y (n,) in 0 … K−1, standardised columns X (n, p), weights w (n,).

    Attributes
    ----------
    outcome : str
        The variable explained.
    y : array of int
        (n,), answers 0 … K−1.
    X : array
        (n, p), standardised.
    w : array
        (n,), weights.
    K : int
        Answers there are.
    player_of : array of int
        (p,), the player a column belongs to; −1 for a covariate.
    names : sequence of str
        Of the columns.
    design : Design
        How the rows were sampled.

    See Also
    --------
    loyaltylab.models.logit_rows : Makes it.
    """

    outcome: str
    y: npt.NDArray[np.intp]
    X: FloatArray
    w: FloatArray
    K: int
    player_of: npt.NDArray[np.intp]  # of each column; −1 for covariates
    names: tuple[str, ...]  # the variable each column stands for
    design: Design


def logit_rows(
    source: Source,
    outcome: str,
    members: list[tuple[str, ...]],
    covariates: Sequence[str],
    categorical: Sequence[str],
    family: str,
) -> LogitRows:
    """Arrays of the rows complete on the outcome, the players' `members` and the covariates.

    Parameters
    ----------
    source : Source
        Rows and their design.
    outcome : str
        Name or label of the variable to explain.
    members : list of sequence of str
        The variables of each player.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    categorical : sequence of str
        Those that get a column for each value but the first.
    family : str
        binary or ordered.

    Returns
    -------
    LogitRows
        Answers numbered from 0, standardised columns, weights.

    Raises
    ------
    ModelError
        For a variable everyone has the same value of, or answers that do not fit the family.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Provenance
    >>> from loyaltylab.moments import Source
    >>> frame = pd.DataFrame({"stay": [0, 1, 1, 0] * 10, "trust": [1, 3, 2, 2] * 10})
    >>> rows = logit_rows(Source(frame, Provenance("synthetic", "made up"), None, None, None), "stay", [("trust",)], (), (), "binary")
    >>> rows.K, rows.X.shape
    (2, (40, 1))
    """
    variables = [*flatten(dict(enumerate(members))), *covariates]
    used, design = complete(source, [outcome, *variables], text=categorical)
    y, K = _answers(used[outcome].to_numpy(dtype=float), outcome, family)
    owners = [j for j, group in enumerate(members) for _ in group] + [-1] * len(covariates)
    parts = [_columns(used[name].to_numpy(), name in categorical) for name in variables]
    columns = [column for part in parts for column in part]
    names = [name for name, part in zip(variables, parts, strict=True) for _ in part]
    players = [owner for owner, part in zip(owners, parts, strict=True) for _ in part]
    if flat := [name for name, part in zip(variables, parts, strict=True) if not part or np.ptp(part[0]) == 0]:
        raise ModelError(
            f"{listed(flat)}: everyone has the same value, so nothing can be explained by it. Leave it out."
        )
    return LogitRows(
        outcome=outcome,
        y=y,
        X=_standardised(np.stack(columns, axis=1), design.w, names),
        w=design.w,
        K=K,
        player_of=np.array(players),
        names=tuple(names),
        design=design,
    )


def _answers(values: FloatArray, outcome: str, family: str) -> tuple[npt.NDArray[np.intp], int]:
    """Answers as codes 0 … K−1, and K."""
    found, codes = np.unique(values, return_inverse=True)
    if len(found) < 2:
        raise ModelError(f"{outcome}: everyone has the same answer, so nothing can be explained about it.")
    if family == "binary" and found.tolist() != [0, 1]:
        raise DataError(
            f"'{outcome}' holds {listed(f'{value:g}' for value in found[:6])}{' …' if len(found) > 6 else ''}; a binary "
            "outcome holds 0 and 1. Recode it, or use family='ordered'."
        )
    if len(found) > MOST_ANSWERS:
        raise DataError(
            f"'{outcome}' holds {len(found)} different values; an ordered outcome has at most {MOST_ANSWERS} answers. "
            "Use importance() for a score."
        )
    return codes, len(found)


def _columns(values: Any, is_categorical: bool) -> list[FloatArray]:
    """A variable as columns: itself, or an indicator of each value but the first."""
    if not is_categorical:
        return [values.astype(float)]
    return [(values == value).astype(float) for value in sorted(set(values.tolist()), key=_sortable)[1:]]


def _sortable(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _standardised(X: FloatArray, w: FloatArray, names: Sequence[str]) -> FloatArray:
    """Columns of weighted mean 0 and SD 1, after checking that each says something of its own."""
    n, p = X.shape
    check_enough(n, p, "columns of drivers and covariates")
    about = X - w @ X / w.sum()
    X = about / np.sqrt(w @ about**2 / w.sum())
    check_apart((X * w[:, None]).T @ X / w.sum(), names)
    return X


def only_answers(rows: LogitRows, given: npt.NDArray[np.bool_]) -> tuple[LogitRows, npt.NDArray[np.bool_]]:
    """The rows (n,) with one of the `given` (K,) answers, these numbered anew, and which rows that are.

    Parameters
    ----------
    rows : LogitRows
        As `logit_rows` gives them.
    given : array of bool (K,)
        Which answers are kept.

    Returns
    -------
    (LogitRows, array of bool)
        The rows that are left, and which those are (n,).

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Provenance
    >>> from loyaltylab.moments import Source
    >>> frame = pd.DataFrame({"stay": [1, 2, 3, 2] * 10, "trust": [1, 3, 2, 2] * 10})
    >>> rows = logit_rows(Source(frame, Provenance("synthetic", "made up"), None, None, None), "stay", [("trust",)], (), (), "ordered")
    >>> kept, which = only_answers(rows, np.array([True, True, False]))
    >>> kept.K, int(which.sum())
    (2, 30)
    """
    keep, code = given[rows.y], np.cumsum(given) - 1
    return replace(rows, y=code[rows.y[keep]], X=rows.X[keep], w=rows.w[keep], K=int(given.sum())), keep
