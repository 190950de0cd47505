"""Are the parameters hidden in the simulated respondents recovered? Independent samples of a population known exactly.

The population's correlations of scales, shares of importance and alphas follow from the latent model without sampling
(`Latent.covariances`). Each sample is estimated as a user would, and its 95 % intervals either hold the truth or do not. The
model with branches is estimated with whole branches drawn, the model without by respondent.
"""

from __future__ import annotations

import numpy as np
from rich.progress import track

import loyaltylab as ll
from loyaltylab.kernels import attribution
from loyaltylab.kernels.linalg import FloatArray
from loyaltylab.survey.latent_model import INDICES, Instrument, Latent, solved
from loyaltylab.survey.simulation import simulate

DRIVERS = ("EMOTION", "RATIONAL", "VALUES")
SAMPLES, DRAWS, LEVEL, N = 400, 400, 0.95, 1500


def truth(of: Instrument, latent: Latent) -> dict[str, FloatArray]:
    """Correlations, shares and alphas of the population."""
    S = latent.covariances()
    C = of.means @ S @ of.means.T
    R = C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
    lmg = attribution.shapley(R[np.ix_([3, 0, 1, 2], [3, 0, 1, 2])], (1, 1, 1))
    alpha = []
    for row in of.means:
        k = int((row > 0).sum())
        part = S[np.ix_(row > 0, row > 0)]
        alpha.append(k / (k - 1) * (1 - np.trace(part) / part.sum()))
    return {"correlation": R[:3, 3], "share": lmg / lmg.sum(), "alpha": np.array(alpha)}


def estimated(survey: ll.Survey, seed: int) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
    """Estimate and interval of each, by the functions a report calls."""
    names = ["LOYALTY", *DRIVERS]
    moments, draws = survey.moments(names), survey.draws(names, n_draws=DRAWS, seed=seed)
    found = ll.importance(moments, "LOYALTY", DRIVERS, method="lmg", draws=draws, conf_level=LEVEL).tidy()
    found = found.set_index("term").loc[list(DRIVERS)]
    low, high = np.quantile(draws.corr[:, 0, 1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    scales = {name: survey.codebook.items_of(name) for name in INDICES}
    items = [item for members in scales.values() for item in members]
    again = survey.draws(items, n_draws=DRAWS, seed=seed)
    alphas = ll.reliability(survey.moments(items), scales, draws=again, conf_level=LEVEL).tidy()
    alphas = alphas[alphas["measure"] == "alpha"].set_index("term").loc[list(INDICES)]
    return {
        "correlation": (moments.corr[0, 1:], low, high),
        "share": tuple(found[name].to_numpy() for name in ("share", "share_conf_low", "share_conf_high")),
        "alpha": tuple(alphas[name].to_numpy() for name in ("estimate", "conf_low", "conf_high")),
    }


def recovery(
    clustering: float, *, n: int = N, samples: int = SAMPLES, seed: int = 20171205
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Coverage and mean error (estimate minus truth) of every quantity over independent samples."""
    book = ll.read_codebook("loyalty")
    of = Instrument(book, 0.5)
    known = truth(of, solved(of, of.goal))
    held = {name: np.zeros_like(value) for name, value in known.items()}
    error = {name: np.zeros_like(value) for name, value in known.items()}
    for sample in track(range(samples), description=f"clustering {clustering:g}"):
        survey = simulate(
            n,
            seed=seed + sample,
            modules=("emotions", "rational", "values", "outcomes"),
            missing=False,
            matched=False,
            clustering=clustering,
            cluster="branch" if clustering else None,
            codebook=book,
        )
        for name, (estimate, low, high) in estimated(survey, sample).items():
            held[name] += ((low <= known[name]) & (known[name] <= high)) / samples
            error[name] += (estimate - known[name]) / samples
    return {name: (held[name], error[name]) for name in known}


def main() -> None:
    """Print the coverage; it fails where any quantity is held less often than binomial error allows."""
    floor = LEVEL - 0.02 - 2.6 * np.sqrt(LEVEL * (1 - LEVEL) / SAMPLES)  # percentile intervals fall short a little
    worst = 1.0
    for clustering in (0.0, 0.02):
        print(
            f"\n{SAMPLES} samples of {N:,}, {DRAWS} draws, {LEVEL:.0%} intervals; variance between branches {clustering:.0%}"
        )
        for name, (held, error) in recovery(clustering).items():
            labels = INDICES if name == "alpha" else DRIVERS
            for label, part, gap in zip(labels, held, error, strict=True):
                print(f"  {name:12} {label:10} held in {part:6.1%}   mean error {gap:+.4f}")
            worst = min(worst, held.min())
    print(
        f"\nLowest coverage {worst:.1%}; allowed from {floor:.1%}: two points for percentile intervals, and binomial error."
    )
    if worst < floor:
        raise SystemExit(1)
