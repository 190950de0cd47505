"""How often is an interval or a verdict right? Samples of populations whose truth is known, a row of the table each.

`python -m tests.benchmarks coverage [NAME …]` prints the numbers that `docs/methods.md` quotes; without a name all of them,
which takes about half an hour. The tests run the same simulations with few samples.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track
from scipy.special import ndtr

import loyaltylab as ll
from loyaltylab.claims import statistics
from loyaltylab.claims.lookup import NotAsked
from loyaltylab.codebook import Item
from loyaltylab.core.provenance import Provenance
from loyaltylab.kernels import attribution, intervals, linalg
from loyaltylab.kernels.linalg import FloatArray
from loyaltylab.moments.moments import Moments

MADE_UP = Provenance("synthetic", "made up: a population whose truth is known")
DRIVERS = ("LIKE", "ATTR", "COMP", "QUAL", "PERF", "CSOR")
NAMES = ("CUSL", *DRIVERS, "CUSA")
EMOTIONAL, RATIONAL = slice(0, 2), slice(2, 5)
LEVEL = 0.95
Row = tuple[str, dict[str, float]]


# ---- populations --------------------------------------------------------------------------------------------------------


def survey_of(frame: pd.DataFrame, segment: str = "", **design: str) -> Any:
    """A survey of made-up answers; `design` names the columns of cluster, strata and weight."""
    roles = {column: role for role, column in design.items()} | {segment: "segment"}
    items = {
        name: Item(name, {"en": name, "nl": name}, role=roles[name])
        if name in roles
        else Item(name, {"en": name, "nl": name}, range=(0, 10) if name == "tell" else (-99, 99))
        for name in map(str, frame)
    }
    book = ll.Codebook("t", {"en": "t", "nl": "t"}, items, {}, {"en": "made up", "nl": "verzonnen"}, tier="synthetic")
    return ll.read_survey(frame, book, **design)


def held(low: Any, truth: Any, high: Any) -> Any:
    """1 where an interval holds the truth."""
    return ((np.asarray(low) <= truth) & (truth <= np.asarray(high))).astype(float)


def grouped(rng: np.random.Generator, groups: int, size: int, icc: float) -> FloatArray:
    """Standard normal values in groups that are alike within.  (groups · size,)."""
    return np.sqrt(icc) * np.repeat(rng.standard_normal(groups), size) + np.sqrt(1 - icc) * rng.standard_normal(
        groups * size
    )


# ---- simulations --------------------------------------------------------------------------------------------------------


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


def shares(samples: int) -> Iterator[Row]:
    """Kinds of intervals, by quantity; the normal population has the correlations of the corporate reputation table."""
    population = ll.read_table("corporate_reputation").moments(NAMES).corr
    truth, root = quantities(population), np.linalg.cholesky(population)
    for n in (100, 344):
        rng = np.random.default_rng(20171205)
        found = {(what, kind): 0.0 for what in truth for kind in intervals.KINDS}
        for sample in track(range(samples), description=f"n = {n}"):
            frame = pd.DataFrame(rng.standard_normal((n, len(NAMES))) @ root.T, columns=list(NAMES))
            estimate = quantities(Moments.from_frame(frame, NAMES, provenance=MADE_UP).corr)
            draws = quantities(Moments.bootstrap(frame, NAMES, n_draws=1000, seed=sample, provenance=MADE_UP).corr)
            left_out = quantities(Moments.jackknife(frame, NAMES, provenance=MADE_UP).corr)
            for what, kind in found:
                low, high = intervals.interval(draws[what], LEVEL, kind, estimate[what], left_out[what])
                found[what, kind] += float(held(low, truth[what], high).mean()) / samples
        for what in truth:
            yield f"{what}, n = {n}", {kind: found[what, kind] for kind in intervals.KINDS}


def by_rank(samples: int, sizes: Sequence[int] = (30, 60, 100, 300)) -> Iterator[Row]:
    """Percentile intervals of shares by the true rank of the driver, largest first; six drivers of the same table."""
    names = NAMES[:7]
    R = ll.read_table("corporate_reputation").moments(names).corr
    truth = quantities(ll.read_table("corporate_reputation").moments(NAMES).corr)
    order, true = np.argsort(-truth["shares of six drivers"]), np.sort(truth["shares of six drivers"])[::-1]
    for n in sizes:
        rng, inside, gap = np.random.default_rng(n), np.zeros(6), 0.0
        for sample in range(samples):
            frame = pd.DataFrame(rng.standard_normal((n, 7)) @ np.linalg.cholesky(R).T, columns=list(names))
            blocks = {"emotional": names[1:3], "rational": names[3:6], "other": names[6:]}
            imp = ll.importance(
                Moments.from_frame(frame, names, provenance=MADE_UP), "CUSL", blocks,
                draws=Moments.bootstrap(frame, names, n_draws=600, seed=sample, provenance=MADE_UP),
            )  # fmt: skip
            rows = imp.tidy().iloc[order]
            inside += held(rows["share_conf_low"], true, rows["share_conf_high"])
            low, high = imp.contrast("emotional", "rational").ends
            gap += float(held(low, truth["difference of two blocks"][0], high))
        parts = {f"{rank + 1}": value / samples for rank, value in enumerate(inside)}
        yield f"n = {n}", parts | {"difference of blocks": gap / samples}


def r_squared(
    samples: int,
    kinds: Sequence[str] = ("normal", "heavy tails", "7 answers"),
    sizes: Sequence[int] = (30, 60, 100, 300),
) -> Iterator[Row]:
    """Intervals of R², six drivers: the one in use, beside the percentiles of the draws. Normal rows, heavy tails, 7 answers."""
    cuts = np.array([-2.3, -1.9, -1.5, -1, -0.4, 0.4])

    def rows(kind: str, n: int, rho: float, rng: np.random.Generator) -> FloatArray:
        X = rng.standard_normal((n, 6)) * np.sqrt(0.6) + rng.standard_normal((n, 1)) * np.sqrt(0.4)
        e, y = rng.standard_normal(n), X.sum(axis=1) / np.sqrt(18)
        scale = np.sqrt(4 / rng.chisquare(6, n)) if kind == "heavy tails" else 1.0
        Z = np.column_stack([y * np.sqrt(rho) + e * np.sqrt(1 - rho), X]) * np.reshape(scale, (-1, 1))
        return np.digitize(Z, cuts).astype(float) if kind == "7 answers" else Z

    names = ["y", *"abcdef"]
    for kind in kinds:
        for rho in (0.0, 0.1, 0.45):
            R = np.corrcoef(rows(kind, 1_000_000, rho, np.random.default_rng(1)).T)
            truth = float(linalg.r_squared(R)) if rho else 0.0
            for n in sizes:
                rng, counts = np.random.default_rng(n), np.zeros(2)
                for sample in range(samples):
                    frame = pd.DataFrame(rows(kind, n, rho, rng), columns=names)
                    draws = Moments.bootstrap(frame, names, n_draws=400, seed=sample, provenance=MADE_UP)
                    m = Moments.from_frame(frame, names, provenance=MADE_UP)
                    imp = ll.importance(m, "y", names[1:], method="first", draws=draws)
                    low, high = np.quantile(imp.draw_r_squared, [0.025, 0.975])
                    counts += [held(imp.r_squared_ends[0], truth, imp.r_squared_ends[1]), held(low, truth, high)]
                yield (
                    f"{kind}, R² = {truth:.2f}, n = {n}",
                    dict(zip(("in use", "percentile"), counts / samples, strict=True)),
                )


def clusters(
    samples: int, designs: Sequence[tuple[int, int]] = ((6, 40), (10, 30), (25, 16), (60, 8))
) -> Iterator[Row]:
    """Few clusters: how often slopes of 0 are called other than 0 (nominal .05), and whether intervals hold a share and its NPS."""
    names, cuts = ["y", "a", "b", "c"], np.array([-2.2, -1.9, -1.6, -1.35, -1.1, -0.9, -0.55, -0.2, 0.3, 0.9])
    parts = np.diff(np.concatenate([[0], ndtr(cuts), [1]]))
    share, net = parts[9:].sum(), 100 * (parts[9:].sum() - parts[:7].sum())
    for groups, size in designs:
        rng, counts = np.random.default_rng(groups), np.zeros(4)
        for _ in range(samples):
            frame = pd.DataFrame({name: grouped(rng, groups, size, 0.3) for name in names})
            answers = np.digitize(grouped(rng, groups, size, 0.1), cuts)
            survey = survey_of(frame.assign(tell=answers, g=np.repeat(np.arange(groups), size)), cluster="g")
            fit = ll.models.robust_ols(survey, "y", names[1:])
            of_share, of_net = (found.tidy().iloc[0] for found in (ll.loyalty.top_box(survey, "tell", boxes=2), ll.net_promoter(survey, "tell")))  # fmt: skip
            counts += [
                fit.glance()["p_value"].iloc[0] < 0.05,
                (fit.tidy()["p_value"].iloc[1:] < 0.05).mean(),
                held(of_share["conf_low"], share, of_share["conf_high"]),
                held(of_net["conf_low"], net, of_net["conf_high"]),
            ]
        what = ("all slopes rejected", "a slope rejected", "share covered", "NPS covered")
        yield f"{groups} clusters of {size}", dict(zip(what, counts / samples, strict=True))


def scores(samples: int, sizes: Sequence[int] = (30, 100, 344)) -> Iterator[Row]:
    """Answers from 0 to 10 of two groups of n / 2: shares, NPS, their difference, and how often means .2 sd apart are called equal."""
    parts = np.array([0.01, 0.01, 0.02, 0.03, 0.04, 0.09, 0.1, 0.2, 0.25, 0.15, 0.1])
    share, net = parts[9:].sum(), 100 * (parts[9:].sum() - parts[:7].sum())
    for n in sizes:
        rng, counts = np.random.default_rng(n), np.zeros(6)
        for _ in range(samples):
            told, half = rng.choice(11, n, p=parts), np.arange(n) % 2
            felt = rng.standard_normal((2, n)) + np.outer([0, 0.2], half)
            survey = survey_of(pd.DataFrame({"tell": told, "same": felt[0], "apart": felt[1], "half": half.astype(str)}), segment="half")  # fmt: skip
            of_share, of_net = (found.tidy().iloc[0] for found in (ll.loyalty.top_box(survey, "tell", boxes=2, min_cell=1), ll.net_promoter(survey, "tell", min_cell=1)))  # fmt: skip
            high = [int((told[half == i] >= 9).sum()) for i in (0, 1)]
            pair = ll.contrasts.compare_proportions(high[0], n - n // 2, high[1], n // 2, provenance=MADE_UP)
            same, apart = (ll.loyalty.group_equivalence(survey, name, "half", "0", "1") for name in ("same", "apart"))
            differ = ll.loyalty.compare_groups(survey, "same", "half", "0", "1").verdict
            counts += [
                held(of_share["conf_low"], share, of_share["conf_high"]),
                held(of_net["conf_low"], net, of_net["conf_high"]),
                held(pair.conf_low, 0, pair.conf_high),
                differ == "different",
                same.verdict == "equivalent",
                apart.verdict == "equivalent",
            ]
        what = ("share", "NPS", "difference of shares", "equal means called different", "called equal", "at the edge called equal")  # fmt: skip
        yield f"n = {n}", dict(zip(what, counts / samples, strict=True))


def of_rows(samples: int, sizes: Sequence[int] = (200, 600)) -> Iterator[Row]:
    """Straight lines that are the same in four segments: slopes of a logit, and how often a bend, an asymmetry or a segment is found."""
    for n in sizes:
        rng, counts = np.random.default_rng(n), np.zeros(7)
        for sample in range(samples):
            a, b, e = rng.standard_normal((3, n))
            b = 0.4 * a + np.sqrt(0.84) * b
            y = 0.5 * a + 0.3 * b + e
            buys = (rng.random(n) < 1 / (1 + np.exp(-0.3 - 0.7 * a))).astype(int)
            frame = pd.DataFrame({"y": y, "a": a, "b": b, "buys": buys, "s": np.array(list("wxyz"))[np.arange(n) % 4]})
            survey = survey_of(frame, segment="s")
            slope = ll.models.logit(survey, "buys", ["a"]).tidy().iloc[0]
            shapes = (
                ll.models.compare_curves(survey, "y", "a", n_draws=100, seed=sample).tidy().set_index("term")["p_value"]
            )
            ends = {"low": (99 - 0.5) / 198, "high": (99 + 0.5) / 198}  # half a standard deviation from the middle
            kinds, words = (
                ll.models.penalty_reward(survey, "y", ["a", "b"], **ends, rule=rule, n_draws=200, seed=sample).tidy()["verdict"]
                for rule in ("difference", "significance")
            )  # fmt: skip
            blocks, pair = {"A": ["a"], "B": ["b"]}, ("A", "B")
            groups = ll.contrasts.segment_contrasts(survey, "y", blocks, *pair, by=["s"], min_n=20, n_draws=200, seed=sample)  # fmt: skip
            truth = (0.5 + 0.12 - 0.2 - 0.3) / np.sqrt(0.25 + 0.09 + 0.12 + 1)
            counts += [
                held(slope["conf_low"], 0.7, slope["conf_high"]),
                shapes["quadratic"] < 0.05,
                shapes["spline"] < 0.05,
                kinds.isin(["basic", "excitement"]).mean(),
                words.isin(["basic", "excitement"]).mean(),
                groups.stat("p_value").value < 0.05,
                held(groups.stat("conf_low").value, truth, groups.stat("conf_high").value),
            ]
        what = ("slope of a logit", "parabola below .05", "spline below .05", "asymmetry", "by significance", "segments below .05", "mean of segments")  # fmt: skip
        yield f"n = {n}", dict(zip(what, counts / samples, strict=True))


def necessity(
    samples: int,
    designs: Sequence[tuple[float, int]] = tuple((r, n) for r in (0.3, 0.5, 0.7) for n in (100, 344, 1000)),
) -> Iterator[Row]:
    """Answers on 7 points that only go together, where nothing is necessary: how often the test (.05) and the verdict say so."""
    cuts = np.array([-1.5, -0.9, -0.3, 0.3, 0.9, 1.5])
    for r, n in designs:
        rng, counts = np.random.default_rng(int(n * 10 + r * 100)), np.zeros(3)
        for sample in range(samples):
            z = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=n) + 0.7
            survey = survey_of(pd.DataFrame(np.digitize(z, cuts) + 1.0, columns=["x", "y"]))
            found = ll.necessity(survey, "x", "y", n_permutations=299, seed=sample)
            counts += [found.verdict == "necessary", found.p_value < 0.05, found.p_value_unrelated < 0.05]
        what = ("necessary", "p below .05", "p of random pairings below .05")
        yield f"r = {r}, n = {n}", dict(zip(what, counts / samples, strict=True))


def specification_curve(
    samples: int, designs: Sequence[tuple[int, int]] = ((3, 3), (2, 3), (2, 4), (2, 5))
) -> Iterator[Row]:
    """Blocks of a and b drivers that all weigh the same, n = 300: how often the p of the whole curve is below .05."""
    for k_a, k_b in designs:
        k = k_a + k_b
        C = np.full((k + 1, k + 1), 0.5)
        C[0] = C[:, 0] = (1 + (k - 1) / 2) * np.sqrt(0.4 / (k + k * (k - 1) / 2))
        np.fill_diagonal(C, 1)
        names = ["y", *(f"a{i}" for i in range(k_a)), *(f"b{i}" for i in range(k_b))]
        blocks = {block: [name for name in names if name[0] == block] for block in "ab"}
        rng, counts = np.random.default_rng(k), np.zeros(2)
        for sample in range(samples):
            frame = pd.DataFrame(rng.standard_normal((300, k + 1)) @ np.linalg.cholesky(C).T, columns=names)
            specs = ll.drivers.specifications(survey_of(frame), "a", "b", outcomes=["y"], blocks=blocks)
            found = ll.drivers.specification_curve(specs, n_draws=199, seed=sample).p_values
            counts += [found["p_value_median"] <= 0.05, found["p_value_clear"] <= 0.05]
        yield f"{k_a} against {k_b}", dict(zip(("median", "clear part"), counts / samples, strict=True))


def above_noise(samples: int, methods: Sequence[str] = ("relative_weights", "lmg")) -> Iterator[Row]:
    """Three uncorrelated drivers, n = 200: how often an unrelated and a weak one pass, beside the t test of the weak one."""
    names = ["y", "real", "weak", "idle"]
    for method in methods:
        rng, counts = np.random.default_rng(15), np.zeros(3)
        for sample in range(samples):
            X = rng.standard_normal((200, 3))
            y = X @ [0.6, 0.13, 0] + rng.standard_normal(200)
            frame = pd.DataFrame(np.column_stack([y, X]), columns=names)
            draws = Moments.bootstrap(frame, names, n_draws=400, seed=sample, provenance=MADE_UP)
            m = Moments.from_frame(frame, names, provenance=MADE_UP)
            found = ll.drivers.above_noise(m, "y", names[1:], method=method, draws=draws).terms
            t = ll.ols(m, "y", names[1:]).tidy().set_index("term")["p_value"]["weak"]
            counts += ["idle" in found, "weak" in found, t < 0.05]
        what = ("unrelated passes", "weak passes", "weak, t test")
        yield method, dict(zip(what, counts / samples, strict=True))


def chains(samples: int, sizes: Sequence[int] = (100, 344, 1000)) -> Iterator[Row]:
    """t → m → y with slopes of .5, with and without an arrow of .3 from t to y: how often the chain is told (CFI, SRMR)."""
    for n in sizes:
        rng, counts = np.random.default_rng(n), np.zeros(3)
        for _ in range(samples):
            e = rng.standard_normal((n, 3))
            t, m = e[:, 0], 0.5 * e[:, 0] + e[:, 1]
            for at, past in enumerate((0.0, 0.3)):
                frame = pd.DataFrame({"t": t, "m": m, "y": 0.5 * m + past * t + e[:, 2]})
                found = ll.mediate(Moments.from_frame(frame, provenance=MADE_UP), "t", "m", "y")
                counts[at] += found.may_be_told
                counts[2] += (not past) * (found.chain.indices.p_value < 0.05)
        what = ("true chain told", "direct effect of .3 overlooked", "χ² rejects the true chain")
        yield f"n = {n}", dict(zip(what, counts / samples, strict=True))


def imputed(samples: int, sizes: Sequence[int] = (100, 300)) -> Iterator[Row]:
    """Four drivers, three with answers missing at random given the first: shares by rank, their difference, and moments by EM."""
    R = np.array([[1, 0.5, 0.35, 0.3, 0.08], [0.5, 1, 0.4, 0.4, 0.05], [0.35, 0.4, 1, 0.3, 0.05], [0.3, 0.4, 0.3, 1, 0.05], [0.08, 0.05, 0.05, 0.05, 1]])  # fmt: skip
    names, root = ["y", "a", "b", "c", "d"], np.linalg.cholesky(R)
    population = ll.importance(Moments.from_correlations(R, names, n=10**6, provenance=MADE_UP), "y", names[1:])
    truth, gap = population.shares, population.contrast("a", "b").estimate
    for n in sizes:
        rng, counts = np.random.default_rng(n), np.zeros(8)
        for sample in range(samples):
            Z = rng.standard_normal((n, 5)) @ root.T
            gone = rng.random((n, 3)) < 0.6 / (1 + np.exp(0.8 - Z[:, [1]]))
            Z[:, 2:][gone] = np.nan
            frame = pd.DataFrame(Z, columns=names)
            found = ll.drivers.imputed_importance(frame, "y", names[1:], n_imputations=10, n_draws=100, seed=sample)
            rows, contrast = found.tidy(), found.contrast("a", "b").row
            m, draws = ll.survey.imputed_draws(survey_of(frame), names, n_draws=100, seed=sample)
            em = ll.importance(m, "y", names[1:], draws=draws)
            ends, em_gap = em.tidy(), em.contrast("a", "b").ends
            inside = held(rows["share_conf_low"], truth, rows["share_conf_high"])
            counts += [
                *inside, held(contrast["conf_low"], gap, contrast["conf_high"]),
                (rows["share_conf_low"] < 0).any(), held(ends["share_conf_low"], truth, ends["share_conf_high"])[0],
                held(em_gap[0], gap, em_gap[1]),
            ]  # fmt: skip
        what = ("largest", "second", "third", "near 0", "difference", "below 0", "largest, EM", "difference, EM")
        yield f"n = {n}", dict(zip(what, counts / samples, strict=True))


def planning(samples: int) -> Iterator[Row]:
    """Studies drawn from rows with heavy tails, at the n planned for a power of 80 %: how many find the difference."""
    rng = np.random.default_rng(12)
    names, blocks = ["y", "a", "b"], {"first": ["a"], "last": ["b"]}
    Z = rng.standard_normal((600, 3))
    Z[:, 0] += 0.5 * Z[:, 1] + 0.25 * Z[:, 2]
    rows = Z * np.sqrt(3 / rng.chisquare(5, (600, 1)))
    frame = pd.DataFrame(rows, columns=names)
    m = Moments.from_frame(frame, names, provenance=MADE_UP)
    of_rows = Moments.bootstrap(frame, names, n_draws=2000, seed=5, provenance=MADE_UP)
    for kind, drawn in (("normal theory", None), ("rows", of_rows)):
        planned = ll.plan(m, "y", blocks, draws=drawn, n_simulations=300, n_draws=199, seed=1)
        n, found = round(float(planned.needed[0])), 0
        for sample in range(samples):
            study = frame.iloc[rng.integers(600, size=n)]
            bootstrap = Moments.bootstrap(study, names, n_draws=300, seed=sample, provenance=MADE_UP)
            of_study = ll.importance(Moments.from_frame(study, names, provenance=MADE_UP), "y", blocks, draws=bootstrap)
            found += of_study.contrast("first", "last").verdict == "more"
        yield f"{kind}, n = {n}", {"power": found / samples, "effect of rows": planned.assumptions["rows_effect"]}


def scales(samples: int, sizes: Sequence[int] = (100, 344)) -> Iterator[Row]:
    """Two scales of four items (loadings .7) that correlate .8, or .9: alpha, omega and HTMT, and how often two at .9 are called apart."""
    items = {scale: [f"{scale}{i}" for i in range(4)] for scale in "ab"}
    names = [*items["a"], *items["b"]]
    alpha = 4 * 0.49 / (1 + 3 * 0.49)
    for n in sizes:
        rng, counts = np.random.default_rng(n), np.zeros(4)
        for sample in range(samples):
            for apart, r in enumerate((0.8, 0.9)):
                R = np.kron([[1, r], [r, 1]], np.full((4, 4), 0.49))
                np.fill_diagonal(R, 1)
                frame = pd.DataFrame(rng.standard_normal((n, 8)) @ np.linalg.cholesky(R).T, columns=names)
                m = Moments.from_frame(frame, names, provenance=MADE_UP)
                draws = Moments.bootstrap(frame, names, n_draws=400, seed=sample, provenance=MADE_UP)
                pair = ll.htmt(m, items, draws=draws).tidy().iloc[0]
                if apart:
                    counts[3] += pair["verdict"] == "apart"
                    continue
                rows = ll.reliability(m, items, draws=draws).tidy().set_index(["term", "measure"]).loc["a"]
                found = [rows.loc["alpha"], rows.loc["omega_total"], pair]
                truths = (alpha, alpha, r)
                counts[:3] += [
                    held(one["conf_low"], truth, one["conf_high"]) for one, truth in zip(found, truths, strict=True)
                ]
        what = ("alpha", "omega", "HTMT", "apart at .9")
        yield f"n = {n}", dict(zip(what, counts / samples, strict=True))


def dominance(samples: int, sizes: Sequence[int] = (100, 344, 1000)) -> Iterator[Row]:
    """How often a dominance is settled in the sample, and again in 95 % of draws: of two drivers that are equal, and of one that is first."""
    R = np.array([[1, 0.5, 0.5, 0.3], [0.5, 1, 0.4, 0.4], [0.5, 0.4, 1, 0.4], [0.3, 0.4, 0.4, 1]])
    names, root = list("yabc"), np.linalg.cholesky(R)
    for n in sizes:
        rng, counts = np.random.default_rng(n), np.zeros(3)
        for sample in range(samples):
            frame = pd.DataFrame(rng.standard_normal((n, 4)) @ root.T, columns=names)
            draws = Moments.bootstrap(frame, names, n_draws=400, seed=sample, provenance=MADE_UP)
            found = ll.dominance(Moments.from_frame(frame, names, provenance=MADE_UP), "y", names[1:], draws=draws)
            pairs = {frozenset((row.term, row.against)): row for row in found.tidy().itertuples()}
            equal, first = pairs[frozenset("ab")], pairs[frozenset("ac")]
            settled = [row.level == "complete" for row in (equal, first)]
            again = [row.reproducibility >= LEVEL for row in (equal, first)]
            counts += [settled[0], settled[0] and again[0], settled[1] and again[1] and first.term == "a"]
        what = ("equal, in the sample", "equal, again", "first, again")
        yield f"n = {n}", dict(zip(what, counts / samples, strict=True))


#: Statistic of the ledger → its kind and the parts of its test, in answers to y (outcome), f, m and r, and groups g of f.
OF_CLAIMS: dict[str, tuple[str, dict[str, Any]]] = {
    "correlation": ("correlation", {"first": [{"variable": "f"}]}),
    "beside another": ("correlation", {"first": [{"variable": "f"}], "beside": [{"variable": "r"}]}),
    "lead": ("ordering", {"first": [{"variable": "f"}], "rest": [{"variable": "r"}]}),
    "share of two": ("explained_share", {"first": {"variable": "f"}, "rest": {"variable": "r"}}),
    "part through": ("explained_share", {"first": {"variable": "f"}, "through": {"variable": "m"}}),
    "bend": ("curve", {"item": {"variable": "y"}, "level": {"variable": "f"}}),
    "proportion": ("proportion", {"item": {"variable": "y"}, "level": {"variable": "f"}}),
    "difference": ("proportion_difference", {"item": {"variable": "y"}, "level": {"variable": "f"}}),
    "ratio": ("ratio", {"item": {"variable": "y"}, "level": {"variable": "f"}}),
    "trend": ("trend", {"item": {"variable": "y"}, "level": {"variable": "g"}}),
}


def of_claims(samples: int, sizes: Sequence[int] = (100, 344, 1000)) -> Iterator[Row]:
    """The intervals of the ledger, one statistic each, in answers on 7 points; the truth is that of 200,000 respondents."""
    R = np.array([[1, 0.6, 0.5, 0.5], [0.6, 1, 0.5, 0.4], [0.5, 0.5, 1, 0.3], [0.5, 0.4, 0.3, 1]])
    root, cuts, names = np.linalg.cholesky(R), np.array([-2.1, -1.5, -0.9, -0.3, 0.3, 0.9]), ["y", "f", "m", "r"]
    items = {name: Item(name, {"en": name, "nl": name}, range=(1, 7), role="outcome" if name == "y" else "driver", block="" if name == "y" else "rational") for name in names}  # fmt: skip
    items["g"] = Item("g", {"en": "g", "nl": "g"}, role="segment", values={one: {"en": f"{one}", "nl": f"{one}"} for one in (1, 2, 3)})  # fmt: skip
    book = ll.Codebook("t", {"en": "t", "nl": "t"}, items, {}, {"en": "made up", "nl": "verzonnen"}, tier="synthetic")

    def found(n: int, seed: int, n_draws: int) -> Iterator[tuple[str, Any]]:
        z = np.random.default_rng(seed).standard_normal((n, 4)) @ root.T - [0, 0.8, 0, 0]
        frame = pd.DataFrame(np.digitize(z, cuts) + 1.0, columns=names)
        frame["g"] = np.digitize(frame["f"], [3, 5]) + 1
        survey = ll.read_survey(frame, book)
        for what, (kind, test) in OF_CLAIMS.items():
            with contextlib.suppress(NotAsked):  # groups too small to show
                yield what, statistics.computed(kind, test, survey, statistics.Settings(n_draws, seed)).found[0]

    truth = {what: one.estimate for what, one in found(200_000, 0, 100)}
    for n in sizes:
        inside: dict[str, list[float]] = {what: [] for what in OF_CLAIMS}
        for sample in range(samples):
            for what, one in found(n, 1 + sample + n * 100_000, 400):
                inside[what].append(float(held(one.conf_low, truth[what], one.conf_high)))
        yield f"n = {n}", {what: float(np.mean(ones)) for what, ones in inside.items() if len(ones) > samples / 2}


SIMULATIONS: dict[str, tuple[Callable[[int], Iterator[Row]], int]] = {
    "shares": (shares, 1000),
    "by_rank": (by_rank, 500),
    "r_squared": (r_squared, 400),
    "clusters": (clusters, 1000),
    "scores": (scores, 1000),
    "of_rows": (of_rows, 400),
    "necessity": (necessity, 200),
    "imputed": (imputed, 300),
    "planning": (planning, 400),
    "chains": (chains, 1000),
    "above_noise": (above_noise, 1000),
    "of_claims": (of_claims, 300),
    "scales": (scales, 300),
    "specification_curve": (specification_curve, 200),
    "dominance": (dominance, 300),
}


def main(options: list[str]) -> None:
    """Print the tables that the documentation quotes."""
    if wrong := [name for name in options if name not in SIMULATIONS]:
        sys.exit(f"{', '.join(wrong)}: there are {', '.join(SIMULATIONS)}.")
    for name in options or SIMULATIONS:
        run, samples = SIMULATIONS[name]
        print(f"\n{name}, {samples:,} samples. {run.__doc__}")
        for row, values in run(samples):
            print(f"{row:40}" + "  ".join(f"{what} {value:.3f}" for what, value in values.items()), flush=True)
