"""Refusing what cannot be analysed: names that are not there, draws that do not match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..core import DataError, ModelError, listed
from ..kernels import FloatArray, dependent_set
from .moments import Moments

__all__ = ["check_apart", "check_enough", "check_names", "check_one_set", "usable_draws"]


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


def check_one_set(moments: Moments) -> None:
    if moments.batch:
        raise ModelError(
            "these moments are several sets; pick one with [label] or sum them with .total(), and give draws as draws=."
        )


def check_enough(n: float, count: int, what: str = "drivers and covariates") -> None:
    """Whether a model of `count` terms leaves respondents to judge it by."""
    if n <= count + 1:
        raise ModelError(
            f"{int(n)} complete respondents are too few for {count} {what}; use fewer, or more respondents."
        )


def check_apart(R: FloatArray, names: Sequence[str], where: str = "") -> None:
    """Whether each variable says something of its own.  R (k, k)"""
    if tied := dependent_set(R):
        raise ModelError(
            f"{where}{listed(dict.fromkeys(names[i] for i in tied))}: each is determined exactly by the others, so their "
            "parts cannot be told apart. Leave one out."
        )


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
