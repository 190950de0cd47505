"""`composites()`: the mean of each block of drivers as one variable, from moments alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..core import DataError, listed
from .moments import Moments

__all__ = ["composites"]


def composites(
    moments: Moments, blocks: Mapping[str, Sequence[str]], *, keep: Iterable[str] = (), standardised: bool = False
) -> Moments:
    """Moments of block means: a linear map of moments, so it serves rows, draws and printed tables alike.

    Parameters
    ----------
    moments : Moments
        Any leading axes; holding the members of the blocks and what is kept.
    blocks : mapping of block → names
        Each becomes a variable of that name, the unweighted mean of its members.
    keep : names
        Variables that stay as they are, such as the outcome; they come first.
    standardised : bool
        Divide every member by its standard deviation first (of each draw, in draws); for members that were answered on
        different ranges.

    Raises
    ------
    DataError, UnknownName
        For an empty block, a block that has the name of a variable that is kept, or a variable that is absent.

    Notes
    -----
    Equals the moments of the means computed row by row, to 1e-12.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> m = table.moments(["AttLoyalty", *blocks["emotional"], *blocks["rational"]])
    >>> composites(m, blocks, keep=["AttLoyalty"]).corr[0].round(3).tolist()
    [1.0, 0.653, 0.604]
    """
    keep = list(keep)
    if empty := [name for name, members in blocks.items() if not members]:
        raise DataError(f"{listed(empty)}: a block without drivers has no mean; name at least one driver in it.")
    if both := [name for name in blocks if name in keep]:
        raise DataError(f"{listed(both)}: a block has the name of a variable that is kept; give it another name.")
    map_ = np.zeros((len(keep) + len(blocks), len(moments.names)))
    map_[range(len(keep)), moments.index(keep)] = 1.0
    for row, members in enumerate(blocks.values(), start=len(keep)):
        map_[row, moments.index(members)] = 1 / len(members)
    batched = np.broadcast_to(map_, (*moments.batch, *map_.shape))
    if standardised:
        sd = np.sqrt(np.diagonal(moments.cov, axis1=-2, axis2=-1))
        scale = np.ones((*moments.batch, *map_.shape))
        scale[..., len(keep) :, :] = np.where(sd > 0, sd, np.nan)[..., None, :]
        batched = batched / scale
    step = f"mean of each block: {listed(blocks)}{', members standardised' if standardised else ''}"
    return replace(
        moments,
        names=(*keep, *blocks),
        mean=np.einsum("...ij,...j->...i", batched, np.where(np.isnan(moments.mean), 0, moments.mean))
        if not np.isnan(moments.mean).all()
        else np.full((*moments.batch, len(map_)), np.nan),
        scatter=batched @ moments.scatter @ np.swapaxes(batched, -1, -2),
        provenance=moments.provenance.then(step),
    )
