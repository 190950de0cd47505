"""How often do intervals hold the truth? Samples of a population whose importance is known, each with its own intervals.

The population is multivariate normal with the correlations of the corporate reputation table (six drivers of loyalty), so
that shares, their differences and the indirect effect of likeability through satisfaction are known exactly.
"""

from __future__ import annotations

import numpy as np
from rich.progress import track

from loyaltylab import read_table
from loyaltylab.core.provenance import Provenance
from loyaltylab.kernels import attribution, intervals, linalg
from loyaltylab.kernels.linalg import FloatArray
from loyaltylab.moments.moments import Moments

DRIVERS = ("LIKE", "ATTR", "COMP", "QUAL", "PERF", "CSOR")
NAMES = ("CUSL", *DRIVERS, "CUSA")
EMOTIONAL, RATIONAL = slice(0, 2), slice(2, 5)
SAMPLES, DRAWS, LEVEL = 1000, 1000, 0.95


def quantities(R: FloatArray) -> dict[str, FloatArray]:
    """What is covered, for every matrix of a stack.  R (..., 8, 8) → (..., parts) each."""
    lmg = attribution.shapley(R[..., :7, :7], (1,) * 6)
    share = lmg / lmg.sum(axis=-1, keepdims=True)
    gap = share[..., EMOTIONAL].sum(axis=-1) - share[..., RATIONAL].sum(axis=-1)
    like, comp, cusa, cusl = 1, 3, 7, 0
    a = linalg.solve(R[..., [like, comp], :][..., :, [like, comp]], R[..., [like, comp], cusa])[..., 0]
    on = [like, comp, cusa]
    b = linalg.solve(R[..., on, :][..., :, on], R[..., on, cusl])[..., 2]
    return {
        "shares of six drivers": share,
        "difference of two blocks": gap[..., None],
        "indirect effect": (a * b)[..., None],
    }


def coverage(n: int, samples: int = SAMPLES, seed: int = 20171205) -> dict[tuple[str, str], float]:
    """Part of the samples of size n whose interval holds the truth, by quantity and kind of interval."""
    import pandas as pd

    population = read_table("corporate_reputation").moments(NAMES).corr
    truth, root = quantities(population), np.linalg.cholesky(population)
    origin, rng = (
        Provenance("synthetic", "normal population with a published correlation matrix"),
        np.random.default_rng(seed),
    )
    held = {(what, kind): 0.0 for what in truth for kind in intervals.KINDS}
    for sample in track(range(samples), description=f"n = {n}"):
        frame = pd.DataFrame(rng.standard_normal((n, len(NAMES))) @ root.T, columns=list(NAMES))
        estimate = quantities(Moments.from_frame(frame, NAMES, provenance=origin).corr)
        draws = quantities(Moments.bootstrap(frame, NAMES, n_draws=DRAWS, seed=sample, provenance=origin).corr)
        left_out = quantities(Moments.jackknife(frame, NAMES, provenance=origin).corr)
        for what, kind in held:
            low, high = intervals.interval(draws[what], LEVEL, kind, estimate[what], left_out[what])
            held[what, kind] += float(((low <= truth[what]) & (truth[what] <= high)).mean()) / samples
    return held


def main() -> None:
    """Print the table that the documentation quotes."""
    for n in (100, 344):
        held = coverage(n)
        print(f"\nn = {n}: coverage of {LEVEL:.0%} intervals, {SAMPLES:,} samples, {DRAWS:,} draws each")
        print(f"{'':28}" + "".join(f"{kind:>12}" for kind in intervals.KINDS))
        for what in dict.fromkeys(what for what, _ in held):
            print(f"{what:28}" + "".join(f"{held[what, kind]:12.1%}" for kind in intervals.KINDS))


if __name__ == "__main__":
    main()
