"""Whether one index goes further with an outcome than another only because it has more items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from ...core import ModelError, Provenance, Result, listed
from ...kernels import FloatArray, interval
from ...moments import Moments, by_name


def length_effect(inter_item: float, k: FloatArray) -> FloatArray:
    """Reliability of an index of k items that correlate `inter_item` on average: k r / (1 + (k − 1) r).

    Its root times the correlation of an index without error is the correlation that can be seen, so that of two indices
    that go equally far with an outcome the longer one seems to go further (Spearman–Brown).

    Parameters
    ----------
    inter_item : float
        Mean correlation between items, above 0 and at most 1.
    k : array
        Numbers of items, 1 or more.

    Returns
    -------
    array
        0 to 1, for each k.

    Raises
    ------
    ModelError
        For a correlation that is not above 0 and at most 1, or k below 1.

    References
    ----------
    Spearman, C. (1910). British Journal of Psychology 3, 271–295. doi:10.1111/j.2044-8295.1910.tb00206.x
    Brown, W. (1910). British Journal of Psychology 3, 296–322. doi:10.1111/j.2044-8295.1910.tb00207.x

    Examples
    --------
    >>> length_effect(0.4, [10, 8, 5]).round(3).tolist()
    [0.87, 0.842, 0.769]
    """
    k = np.asarray(k, dtype=float)
    if not 0 < inter_item <= 1 or not (k >= 1).all():
        raise ModelError(f"inter-item correlation {inter_item:g} must be above 0 and at most 1, and k 1 or more.")
    return k * inter_item / (1 + (k - 1) * inter_item)


@dataclass(frozen=True, eq=False)
class IndexLength(Result):
    """Correlation of the index of a with the outcome minus that of b, at equal length, over subsets of their items.

    `estimates` (K,) and `draw_estimates` (B, K) are means over subsets of each length in `lengths`, the last one "as asked"
    with all items of both; `subsets` holds the differences of every subset, `predicted` what Spearman–Brown expects.

    Attributes
    ----------
    a : str
        The block that is compared.
    b : str
        The block it is compared with.
    sizes : (int, int)
        Items of both as asked.
    lengths : sequence of int
        Numbers of items tried.
    subsets : sequence of array
        Differences of every subset, by length.
    estimates : array
        In the order of the rows.
    draw_estimates : array
        The same in each draw, along the first axis.
    predicted : array
        By Spearman-Brown.
    n : int
        Respondents.

    See Also
    --------
    loyaltylab.drivers.index_length : Makes it.
    """

    a: str
    b: str
    sizes: tuple[int, int]
    lengths: tuple[int, ...]
    subsets: tuple[FloatArray, ...]
    estimates: FloatArray
    draw_estimates: FloatArray
    predicted: FloatArray
    n: int
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term",)
    shown = ("n_items_a", "n_items_b", "gap_as_asked", "equal_length", "gap_equal")

    @property
    def longer(self) -> str:
        """Which index has more items, "a" or "b", or "same"."""
        a, b = self.sizes
        return "same" if a == b else "a" if a > b else "b"

    def columns(self) -> dict[str, Any]:
        """A row for each equal length, and "as asked" for all items of both; subset_low and _high hold 95% of subsets."""
        low, high = interval(self.draw_estimates, self.conf_level)
        within = [np.quantile(gaps, [0.025, 0.975]) for gaps in self.subsets]
        return {
            "term": [*map(str, self.lengths), "as asked"],
            "estimate": self.estimates,
            "conf_low": low,
            "conf_high": high,
            "predicted": self.predicted,
            "subset_low": [ends[0] for ends in within],
            "subset_high": [ends[1] for ends in within],
            "part_ahead": [float((gaps > 0).mean()) for gaps in self.subsets],
            "n_subsets": [len(gaps) for gaps in self.subsets],
        }

    def whole(self) -> dict[str, Any]:
        row = {"n": self.n, "n_items_a": self.sizes[0], "n_items_b": self.sizes[1], "equal_length": self.lengths[-1]}
        low, high = interval(self.draw_estimates[:, -2:], self.conf_level)
        last = {"gap_as_asked": self.estimates[-1], "gap_as_asked_conf_low": low[1], "gap_as_asked_conf_high": high[1]}
        last |= {"gap_equal": self.estimates[-2], "gap_equal_conf_low": low[0], "gap_equal_conf_high": high[0]}
        last |= {"gap_predicted": self.predicted[-2]}
        row |= {**last, "part_ahead": float((self.subsets[-2] > 0).mean()), "n_draws": len(self.draw_estimates)}
        return row


def index_length(
    moments: Moments,
    outcome: Sequence[str],
    a: tuple[str, Sequence[str]],
    b: tuple[str, Sequence[str]],
    *,
    draws: Moments,
    lengths: Sequence[int] = (),
    most: int = 400,
    seed: int = 1,
    conf_level: float = 0.95,
) -> IndexLength:
    """Does the index of a still go further with the outcome than that of b when both have equally many items?

    Of every length, subsets of the items of a meet subsets of those of b; an index is the mean of its items. All pairs of
    subsets are taken where there are at most `most`, else that many are drawn with `seed`. Correlations are exact, from
    the moments of items. Which items are dropped matters as much as how many: that is the spread over subsets.

    Parameters
    ----------
    moments, draws : Moments
        Of all items; the sample, and draws of it for the intervals.
    outcome : names
        Items whose mean is the outcome.
    a, b : (name, items)
        The two indices: what each is called, and its items.
    lengths : int
        All from 1 to the shorter of the two where left out.
    most : int
        Sets of items looked at for each length; all where there are no more.
    seed : int
        Of the sets drawn where there are more.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    IndexLength
        `tidy()` has a row for each length: the difference of the correlations, `a` less `b`.

    Raises
    ------
    ModelError
        For an item in two of them or that all answered alike, or a length that is not possible.

    Notes
    -----
    `predicted` is the difference that Spearman–Brown expects: the correlation of each full index, times the root of its
    standardised reliability at that length over that at full length, as if its items were interchangeable.

    References
    ----------
    Brown, W. (1910). British Journal of Psychology 3, 296–322. doi:10.1111/j.2044-8295.1910.tb00207.x

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("corporate_reputation_items")
    >>> like, comp = ["like_1", "like_2", "like_3"], ["comp_1", "comp_2"]
    >>> m = table.moments(["cusl_1", *like, *comp])
    >>> index_length(m, ["cusl_1"], ("like", like), ("competence", comp), draws=m.draws(n_draws=100))
    IndexLength, 3 rows by term: n_items_a 3, n_items_b 2, gap_as_asked 0.120 (0.041 to 0.200), equal_length 2, gap_equal 0.098 (0.019 to 0.178)
    """
    outcome, *members = by_name(moments, outcome, a[1], b[1], of="moments")
    a, b = (a[0], members[0]), (b[0], members[1])
    items, sizes = [sorted(a[1]), sorted(b[1])], (len(a[1]), len(b[1]))  # subsets are drawn in this order
    if shared := {*items[0]} & {*items[1]} | {*outcome} & {*items[0], *items[1]}:
        raise ModelError(f"{listed(sorted(shared))}: stands in more than one of outcome, '{a[0]}' and '{b[0]}'.")
    longest = min(sizes)
    lengths = tuple(sorted(set(lengths))) or tuple(range(1, longest + 1))
    if not lengths or lengths[0] < 1 or lengths[-1] > longest:
        raise ModelError(f"lengths {listed(map(str, lengths))}: possible are 1 to {longest}, the shorter of the two.")
    at = [moments.index(names) for names in (outcome, *items)]
    _ = moments.select([*outcome, *items[0], *items[1]]).corr  # refuses an item that all answered alike
    S = np.concatenate([moments.select(moments.names).scatter[None], draws.select(moments.names).scatter])
    rng = np.random.default_rng(seed)
    gaps = [_gaps(S, at, *_paired(sizes, k, most, rng)) for k in lengths]
    gaps.append(_gaps(S, at, *(np.ones((1, size)) for size in sizes)))
    means = np.stack([gap.mean(axis=1) for gap in gaps], axis=1)
    found = (tuple(gap[0] for gap in gaps), means[0], means[1:], _predicted(S[0], at, lengths))
    origin = Provenance.merge([moments.provenance, draws.provenance]).then(f"indices of {a[0]} and {b[0]} made equally long")  # fmt: skip
    return IndexLength(a[0], b[0], sizes, lengths, *found, int(moments.n), origin, conf_level)


def _paired(sizes: tuple[int, int], k: int, most: int, rng: np.random.Generator) -> list[FloatArray]:
    """Subsets of k of the items of each, as rows of 0 and 1: all pairs of them, or `most` at random."""
    if comb(sizes[0], k) * comb(sizes[1], k) <= most:
        each = [[*combinations(range(size), k)] for size in sizes]
        pairs = [(left, right) for left in each[0] for right in each[1]]
        chosen = [np.array([pair[side] for pair in pairs]) for side in (0, 1)]
    else:
        chosen = [rng.random((most, size)).argsort(axis=1)[:, :k] for size in sizes]
    rows = [np.zeros((len(one), size)) for one, size in zip(chosen, sizes, strict=True)]
    for row, one in zip(rows, chosen, strict=True):
        np.put_along_axis(row, one, 1.0, axis=1)
    return rows


def _gaps(S: FloatArray, at: Sequence[list[int]], in_a: FloatArray, in_b: FloatArray) -> FloatArray:
    """Correlation with the outcome of each sum of a minus that of b.  S (B, m, m), in_a (G, p), in_b (G, q) → (B, G)."""
    y, found = at[0], []
    sd_y = np.sqrt(S[:, y][:, :, y].sum(axis=(1, 2)))[:, None]
    for inside, own in ((in_a, at[1]), (in_b, at[2])):
        with_y = S[:, own][:, :, y].sum(axis=2) @ inside.T
        variance = ((inside @ S[:, own][:, :, own]) * inside).sum(axis=2)
        found.append(with_y / np.sqrt(variance) / sd_y)
    return found[0] - found[1]


def _predicted(S: FloatArray, at: Sequence[list[int]], lengths: Sequence[int]) -> FloatArray:
    """What Spearman–Brown expects at each length, and at last what is observed; not a number for items that hang apart."""
    sd = np.sqrt(np.diag(S))
    R, found = S / np.outer(sd, sd), []
    for own in at[1:]:
        size = len(own)
        alone = float(_one(S, at[0], own))
        mean = (R[np.ix_(own, own)].sum() - size) / (size * (size - 1)) if size > 1 else 1.0
        if mean <= 0:
            return np.full(len(lengths) + 1, np.nan)
        shrunk = np.sqrt(length_effect(mean, [*lengths, size]) / length_effect(mean, size))
        found.append(alone * shrunk)
    return np.asarray(found[0] - found[1])


def _one(S: FloatArray, y: list[int], own: list[int]) -> FloatArray:
    """Correlation of the sums of two sets of items."""
    return np.asarray(S[np.ix_(y, own)].sum() / np.sqrt(S[np.ix_(y, y)].sum() * S[np.ix_(own, own)].sum()))
