"""Refusing what cannot be analysed: names that are not there, draws that do not match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..core import DataError, ModelError, listed
from .moments import Moments

if TYPE_CHECKING:
    pass

__all__ = ["check_names", "usable_draws"]


def check_names(outcome: str, names: list[str], blocks: Mapping[str, Sequence[str]], covariates: Sequence[str]) -> None:
    if not names or not all(blocks.values()):
        raise DataError("there are no drivers, or a block is empty; name at least one driver in each block.")
    for name in names:
        if names.count(name) > 1:
            where = [block for block, members in blocks.items() if name in members]
            raise DataError(f"driver '{name}' stands twice (in {listed(where)}); a driver belongs to one block.")
        if name in blocks and blocks[name] != (name,):
            raise DataError(f"'{name}' is both a driver and a block; give the block another name.")
    if outcome in (*names, *covariates):
        raise DataError(f"'{outcome}' is the outcome and cannot also be a driver or covariate.")
    if both := [name for name in covariates if name in names]:
        raise DataError(f"{listed(both)}: cannot be driver and covariate at once.")


def usable_draws(draws: Moments) -> tuple[Moments, int]:
    """The draws in which every variable varies and no driver is determined by the others, and how many are not."""
    R = draws.corr
    sound = np.isfinite(R).all(axis=(-2, -1))
    sound[sound] = np.linalg.eigvalsh(R[sound][:, 1:, 1:])[:, 0] > 1e-9
    left_out = int((~sound).sum())
    if left_out > 0.05 * len(sound):
        raise ModelError(
            f"{left_out:,} of {len(sound):,} draws leave a driver without variation or determined by others; "
            "the sample is too small for this model."
        )
    return (draws._take(sound, labels=None) if left_out else draws), left_out
