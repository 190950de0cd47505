"""Which road to intervals covers best where an exact division of every draw costs too much? Judged where it can be made.

The population is multivariate normal: three blocks of drivers, each with a factor of its own under a common one, so that
LMG shares, those of blocks and the difference of two blocks are known exactly. Every road sees the same samples and the
same draws of them; what a road costs is counted in draws times models (2^p) or orders of entry, not in seconds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loyaltylab.kernels import attribution, intervals, subsets
from loyaltylab.kernels.linalg import FloatArray

DRAWS, FEW, LEVEL = 400, 200, 0.95
#: What of R² each driver brings goes down evenly within a block, from 1 to this part.
_LEAST = 0.2


def population(p: int, common: float, own: float = 0.2, r_squared: float = 0.5) -> FloatArray:
    """Correlations (p+1, p+1) of an outcome and p drivers in three blocks.

    Drivers correlate `common` between blocks and `common` + `own` within one; the blocks weigh 3 : 2 : 1.
    """
    block = np.arange(p) * 3 // p
    R = np.eye(p + 1)
    within = common + own * (block[:, None] == block)
    R[1:, 1:] = np.where(np.eye(p, dtype=bool), 1.0, within)
    slope = (3 - block) * np.concatenate([np.linspace(1, _LEAST, int((block == b).sum())) for b in range(3)])
    slope *= np.sqrt(r_squared / (slope @ R[1:, 1:] @ slope))
    R[0, 1:] = R[1:, 0] = R[1:, 1:] @ slope
    return R


def quantities(lmg: FloatArray) -> dict[str, FloatArray]:
    """What is covered: shares of drivers and of the three blocks, and the first block's share minus the second's."""
    share = lmg / lmg.sum(axis=-1, keepdims=True)
    block = np.arange(lmg.shape[-1]) * 3 // lmg.shape[-1]
    blocks = np.stack([share[..., block == b].sum(axis=-1) for b in range(3)], axis=-1)
    return {"drivers": share, "blocks": blocks, "contrast": blocks[..., :1] - blocks[..., 1:2]}


def in_orders(n_orders: int, p: int, seed: int = 1) -> npt.NDArray[np.intp]:
    """Half of the orders; the other half are their reverses."""
    return np.random.default_rng(seed).permuted(np.tile(np.arange(p), (n_orders // 2, 1)), axis=1)


def roads(R: FloatArray, draws: FloatArray) -> dict[str, tuple[FloatArray, str]]:
    """The draws of LMG (B, p) by each road, and the kind of interval taken from them.  R (p+1, p+1), draws (B, p+1, p+1)."""
    ones = (1,) * (len(R) - 1)
    centre, exact = attribution.shapley(R, ones), attribution.shapley(draws, ones)
    found = {
        "exact, all draws": (exact, "percentile"),
        f"exact, {FEW} draws": (exact[:FEW], "percentile"),
        f"exact, {FEW}, normal": (exact[:FEW], "normal"),
        f"exact, {FEW}, estimate ± z SD": (exact[:FEW], "plain"),
        f"exact, {FEW // 2} draws": (exact[: FEW // 2], "percentile"),
    }
    for n_orders in (20, 100):
        half = in_orders(n_orders, len(ones))
        few = subsets.shapley_in_orders(draws, half)
        found[f"{n_orders} orders, put right"] = (few + centre - subsets.shapley_in_orders(R, half), "percentile")
        if n_orders == 100:
            found["100 orders, as they are"] = (few, "percentile")
    weights = attribution.relative_weights(draws, ones)
    found["relative weights, recentred"] = (weights + centre - attribution.relative_weights(R, ones), "percentile")
    found["relative weights, scaled"] = (weights * centre / attribution.relative_weights(R, ones), "percentile")
    return found


def ends(draws: FloatArray, kind: str, estimate: FloatArray, level: float = LEVEL) -> FloatArray:
    """Lower and upper end (2, k) of one road's interval."""
    if kind != "plain":
        return intervals.interval(draws, level, kind, estimate)
    return intervals.interval(draws - draws.mean(axis=0) + estimate, level, "normal", estimate)


def coverage(
    p: int, common: float, n: int, samples: int, seed: int = 20171205, n_draws: int = DRAWS
) -> dict[str, dict[str, tuple[float, float, float, float]]]:
    """By road and quantity: coverage, its simulation error, mean width, and the error of a draw in standard errors.

    The last is the root mean square difference from the exact division of the same draw, over the exact draws' SD.
    """
    R = population(p, common)
    truth, root = quantities(attribution.shapley(R, (1,) * p)), np.linalg.cholesky(R)
    rng = np.random.default_rng(seed)
    held: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for _ in range(samples):
        x = rng.standard_normal((n, p + 1)) @ root.T
        sample = np.corrcoef(x.T)
        counts = rng.multinomial(n, np.full(n, 1 / n), size=n_draws)
        found = roads(sample, np.stack([_correlations(x, w) for w in counts]))
        centre = quantities(attribution.shapley(sample, (1,) * p))
        exact = quantities(found["exact, all draws"][0])
        for road, (lmg, kind) in found.items():
            for what, draws in quantities(lmg).items():
                low, high = ends(draws, kind, centre[what])
                off = np.sqrt(((draws - exact[what][: len(draws)]) ** 2).mean(axis=0)) / exact[what].std(axis=0)
                inside = (low <= truth[what]) & (truth[what] <= high)
                held.setdefault((road, what), []).append(
                    (float(inside.mean()), float((high - low).mean()), float(off.mean()))
                )
    result: dict[str, dict[str, tuple[float, float, float, float]]] = {}
    for (road, what), rows in held.items():
        inside, width, off = np.array(rows).T
        error = float(inside.std(ddof=1) / np.sqrt(samples))
        result.setdefault(road, {})[what] = (float(inside.mean()), error, float(width.mean()), float(off.mean()))
    return result


def _correlations(x: FloatArray, counts: FloatArray) -> FloatArray:
    centred = x - counts @ x / counts.sum()
    S = (centred * counts[:, None]).T @ centred
    sd = np.sqrt(np.diag(S))
    return S / sd[:, None] / sd


def main(options: list[str]) -> None:
    """Print a table for each size of model, correlation and sample; numbers as options: only models of so many drivers."""
    for p in map(int, options or ["12", "16", "20"]):
        for common in (0.3, 0.6):
            for n in (150, 344, 1000):
                samples = 100 if p > 16 else 200
                print(f"\n{p} drivers that correlate {common} to {common + 0.2:.1f}, n = {n}, {samples} samples, {DRAWS} draws")  # fmt: skip
                print(f"{'':32}" + "".join(f"{what:>38}" for what in ("drivers", "blocks", "contrast")))
                for road, parts in coverage(p, common, n, samples).items():
                    cells = (f"{c:.1%} ± {e:.1%}, wide {w:.3f}, off {o:.2f}" for c, e, w, o in parts.values())
                    print(f"{road:32}" + "".join(f"{cell:>38}" for cell in cells), flush=True)
