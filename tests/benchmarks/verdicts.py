"""How often is a verdict wrong? Samples of populations in which it is known whether each claim is true.

Blocks, claims and rules are those of the ledger; the respondents are normal, with correlations chosen so that the truth is
known exactly. A verdict is wrong where it is `consistent` and the claim is false, or `contradicted` and the claim is true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import loyaltylab as ll
from loyaltylab.claims.computed import Settings
from loyaltylab.claims.lookup import NotAsked
from loyaltylab.claims.statistics import computed
from loyaltylab.claims.verdicts import VERDICT_RULES, decided
from loyaltylab.codebook.book import Codebook
from loyaltylab.codebook.entries import Item, Scale
from loyaltylab.kernels.linalg import FloatArray

SAMPLES, DRAWS = 100, 400
OPPOSITE = ("emotional_value_first", "functional_first")
_WORDS = {"en": "s", "nl": "s"}


def _book(drivers: Mapping[str, Sequence[str]], scales: Mapping[str, Scale] | None = None, **outcome: str) -> Codebook:
    """A codebook of an outcome y and of drivers by block; of items alone where they stand in a scale."""
    label = {"en": "Loyalty", "nl": "Loyaliteit"}
    items = {"y": Item("y", label, range=(-99, 99), role="outcome", **outcome)}
    for block, names in drivers.items():
        role = {"role": "driver", "block": block} if block else {}
        items |= {name: Item(name, {"en": name, "nl": name}, range=(-99, 99), **role) for name in names}
    return Codebook("sim", _WORDS, items, dict(scales or {}), _WORDS)


def _alike(k: int) -> FloatArray:
    """Correlations of .5 between all of k variables."""
    return np.full((k, k), 0.5) + 0.5 * np.eye(k)


def _of(*names: str) -> list[dict[str, str]]:
    return [{"variable": name} for name in names]


def _tested(name: str) -> ll.Claim:
    """The part of a claim that is computed, of one outcome: what is left untested would hold back what the rule says."""
    claim = ll.read_claim(name)
    other = {key: value for key, value in claim.test["other"].items() if key != "untested"}
    other |= {"outcomes": other["outcomes"][:1]} if "outcomes" in other else {}
    return replace(claim, test={**claim.test, "other": other})


def _verdicts(
    R: FloatArray, names: Sequence[str], book: Codebook, claims: Sequence[str], n: int, seed: int
) -> dict[str, str]:
    """The verdicts on these claims in one sample of n."""
    import pandas as pd

    rows = np.random.default_rng(seed).standard_normal((n, len(R))) @ np.linalg.cholesky(R).T
    survey = ll.read_survey(pd.DataFrame(rows, columns=list(names)), book)
    held = ll.hold_against(survey, {name: _tested(name) for name in claims}, n_draws=DRAWS, seed=seed)
    return {one.claim.name: one.verdict for one in held.verdicts}


def of_a_lead(lead: float, n: int, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    """Parts of the samples in which each of two opposite claims has each verdict, and both are contradicted.

    The emotional driver correlates .5 + lead with the outcome, the rational one .5, and .5 with each other.
    """
    R = np.array([[1, 0.5 + lead, 0.5], [0.5 + lead, 1, 0.5], [0.5, 0.5, 1]])
    book = _book({"emotional": ["e"], "rational": ["r"]})
    found: Counter[str] = Counter()
    for sample in range(samples):
        verdicts = _verdicts(R, "yer", book, OPPOSITE, n, seed * 100_000 + sample)
        found.update(f"{name} {verdict}" for name, verdict in verdicts.items())
        found["both contradicted"] += set(verdicts.values()) == {"contradicted"}
        found["decided"] += sum(verdict != "undecided" for verdict in verdicts.values())
    return {name: count / samples for name, count in found.items()}


def of_a_figure(r_squared: float, n: int, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    """Parts of the samples with each verdict on "six pillars explain .65" where they explain this much."""
    k = 6
    C = np.full((k + 1, k + 1), 0.5)
    C[0, 1:] = C[1:, 0] = np.sqrt(r_squared * (1 + 0.5 * (k - 1)) / k)
    np.fill_diagonal(C, 1)
    names = [f"p{i}" for i in range(k)]
    scale = Scale("PIL", {"en": "Customer experience", "nl": "Klantbeleving"}, items=tuple(names), role="driver", block="emotional")  # fmt: skip
    book = _book({"": names}, {"PIL": scale}, metric="recommend")
    found = Counter(
        _verdicts(C, ["y", *names], book, ["six_pillars"], n, seed * 100_000 + sample)["six_pillars"]
        for sample in range(samples)
    )
    return {name: count / samples for name, count in found.items()}


def of_an_order(n: int, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    """Parts of the samples with each verdict on "from heart through head to wallet" where one cause drives all three."""
    R = np.full((3, 3), 0.5)
    np.fill_diagonal(R, 1)
    book = _book({"emotional": ["e"], "rational": ["r"]})
    found = Counter(
        _verdicts(R, "yer", book, ["heart_head_wallet"], n, seed * 100_000 + sample)["heart_head_wallet"]
        for sample in range(samples)
    )
    return {name: count / samples for name, count in found.items()}


def of_blocks(n: int, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    """Parts of the samples with each verdict on two blocks of two and four drivers that are all alike.

    Summed the larger block leads, per driver neither does: a lead may not be told without saying how blocks are compared.
    """
    import pandas as pd

    blocks = {"emotional": list("ab"), "rational": list("cdef")}
    R = np.full((7, 7), 0.3)
    np.fill_diagonal(R, 1)
    root, found = np.linalg.cholesky(R), Counter[str]()
    for sample in range(samples):
        rows = np.random.default_rng(seed * 100_000 + sample).standard_normal((n, 7)) @ root.T
        survey = ll.read_survey(pd.DataFrame(rows, columns=list("yabcdef")), _book(blocks))
        used = list("yabcdef")
        draws = survey.draws(used, n_draws=DRAWS, seed=sample)
        found[ll.importance(survey.moments(used), "y", blocks, draws=draws).verdict_on("emotional", "rational")] += 1
    return {name: count / samples for name, count in found.items()}


#: What is said → correlations of which the truth lies at the edge of what the claim allows, the kind of its test, and its parts.
#: The outcome y stands first; f, m and r0, r1, … are drivers. Where the lead or the part is at the edge no verdict is right.
EDGES: dict[str, tuple[FloatArray, str, dict[str, Any]]] = {
    "leads 3 that are level with it": (_alike(5), "ordering", {"first": _of("f"), "rest": _of("r0", "r1", "r2")}),
    "leads 10 that are level with it": (
        _alike(12),
        "ordering",
        {"first": _of("f"), "rest": _of(*(f"r{i}" for i in range(10)))},
    ),
    "no lead, which is 0.1": (
        np.array([[1, 0.5, 0.4], [0.5, 1, 0.5], [0.4, 0.5, 1]]),
        "ordering",
        {"first": _of("f"), "rest": _of("r0"), "expect": "not more"},
    ),
    "correlates .5 and more": (_alike(2), "correlation", {"first": _of("f"), "least": 0.5}),
    "half runs through another": (
        np.array([[1, 0.6, 0.68], [0.6, 1, 0.6], [0.68, 0.6, 1]]),
        "explained_share",
        {"first": {"variable": "f"}, "through": {"variable": "r0"}, "least": 0.5},
    ),
}


def at_the_edge(what: str, n: int, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    """Parts of the samples of answers on 7 points, or normal ones, with each verdict on a claim of `EDGES`."""
    import pandas as pd

    R, kind, test = EDGES[what]
    names = ["y", "f", *(f"r{i}" for i in range(len(R) - 2))]
    book, root, claim = _book({"rational": names[1:]}), np.linalg.cholesky(R), ll.read_claim("thirty_seventy")
    found: Counter[str] = Counter()
    for sample in range(samples):
        rows = np.random.default_rng(seed * 100_000 + sample).standard_normal((n, len(R))) @ root.T
        answers = np.digitize(rows, [-2.1, -1.5, -0.9, -0.3, 0.3, 0.9]) + 1.0 if "level" in what else rows
        survey = ll.read_survey(pd.DataFrame(answers, columns=names), book)
        try:
            rule, *_ = decided(test, claim, computed(kind, test, survey, Settings(DRAWS, sample)))
        except NotAsked:  # effects of different signs: none is a part of the other
            rule = "not_asked"
        found[VERDICT_RULES[rule].verdict] += 1
    return {name: count / samples for name, count in found.items()}


def _named(names: str) -> list[dict[str, str]]:
    return [{"variable": name} for name in names.split()]


#: Kind of test → the entries of a test that asks the columns of `_of_kind` for it.
KINDS: dict[str, dict[str, Any]] = {
    "belonging": {"groups": {"emotional": _named("a1 a2 a3"), "rational": _named("b1 b2 b3")}},
    "called_up": {"pairs": [_named("a1 b1"), _named("a2 b2")]},
    "over_and_above": {"first": _named("a1"), "rest": _named("b1"), "outcome": _named("y")[0]},
    "groups": {"item": _named("y")[0], "first": _named("a1"), "rest": _named("b1")},
    "weighed_less": {"first": _named("a1")[0], "rest": _named("b1")[0], "outcome": _named("y")[0]},
    "weighed_more": {"first": _named("a1")[0], "rest": _named("b1")[0], "outcome": _named("y")[0]},
    "one_scale": {"first": {"variable": "S"}, "least": 0.7},
    "more_spent": {"item": _named("y")[0], "level": _named("a1")[0], "expect": "figure more"},
    "enough": {"first": [{"variable": "a1", "bands": [1, 2]}], "outcome": _named("y")[0]},
}


def _of_kind(kind: str, effect: float, n: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Columns of a population in which the claim is true by `effect`; at 0 it is false, and only just.

    Of the part more that is spent, .33 is claimed and .33 less `effect` is true: far from 0 the claim is false.
    """
    a, b = rng.standard_normal((2, n, 3))
    common, own = rng.standard_normal((2, n, 1)), rng.standard_normal((n, 1))
    noise = rng.standard_normal(n)
    y = noise
    if kind == "belonging":  # within a group .4 + effect, between groups .4
        a, b = (
            np.sqrt(0.4) * common[0] + np.sqrt(effect) * g + np.sqrt(0.6 - effect) * e
            for g, e in ((common[1], a), (own, b))
        )
    elif kind == "called_up":
        a = 0.4 * b[:, [0, 1, 2]] + 0.4 * b[:, [1, 0, 2]] + effect * b + a
    elif kind == "over_and_above":
        y = 0.5 * b[:, 0] + effect * a[:, 0] + noise
    elif kind == "groups":
        y = (0.4 + effect) * a[:, 0] + 0.4 * b[:, 0] + noise
    elif kind == "weighed_less":
        y = -0.4 * a[:, 0] - 0.4 * b[:, 0] + effect * a[:, 0] * b[:, 0] + noise
    elif kind == "weighed_more":  # answers that end, as those to a questionnaire do: at 0 no product makes them
        y = np.clip(0.6 * a[:, 0] + 0.6 * b[:, 0] + effect * a[:, 0] * b[:, 0] + noise, -3, 1.5)
        a, b = np.clip(a, -2, 1.5), np.clip(b, -2, 1.5)
    elif kind == "one_scale":
        alpha = 0.7 + effect
        r = alpha / (3 - 2 * alpha)
        a = np.sqrt(r) * common[0] + np.sqrt(1 - r) * a
    elif kind == "more_spent":
        a = rng.integers(1, 6, (n, 3)).astype(float)
        y = np.exp(0.8 * noise) * np.where(a[:, 0] > 2, 1.33 - effect, 1.0)
    elif kind == "enough":  # at 0 the second step adds what the first does
        a = rng.integers(0, 3, (n, 3)).astype(float)
        y = 0.8 * a[:, 0] - 4 * effect * (a[:, 0] == 2) + noise
    return {"y": y, **{f"a{i + 1}": a[:, i] for i in range(3)}, **{f"b{i + 1}": b[:, i] for i in range(3)}}


def of_a_kind(kind: str, effect: float, n: int, samples: int = SAMPLES, seed: int = 1) -> dict[str, float]:
    """Parts of the samples with each verdict of a kind of test, where the claim is true by this much; at 0 it is false."""
    import pandas as pd

    scale = Scale("S", {"en": "Scale", "nl": "Schaal"}, items=("a1", "a2", "a3"), role="covariate")
    book = _book({"": ["a1", "a2", "a3", "b1", "b2", "b3"]}, {"S": scale})
    if kind == "more_spent":  # the cut of the population, of the two the test looks at
        book = _book({"": ["a1"]})
    claim, settings, found = ll.read_claim("existing_spend"), Settings(n_draws=DRAWS, seed=seed), Counter[str]()
    for sample in range(samples):
        columns = _of_kind(kind, effect, n, np.random.default_rng(seed * 100_000 + sample))
        survey = ll.read_survey(pd.DataFrame(columns)[[*book.items]], book)
        test = KINDS[kind]
        found[VERDICT_RULES[decided(test, claim, computed(kind, test, survey, settings))[0]].verdict] += 1
    return {name: count / samples for name, count in found.items()}


def main() -> None:
    """Print the tables that the method notes quote."""
    print(
        f"{SAMPLES} samples, {DRAWS} draws each\n\nTwo opposite claims: the emotional driver leads, the rational one leads"
    )
    for lead in (0.0, 0.05, 0.2):
        for n in (344, 1000, 10_000):
            held = of_a_lead(lead, n)
            said = "; ".join(
                f"{name}: consistent {held.get(f'{name} consistent', 0):.1%}, contradicted {held.get(f'{name} contradicted', 0):.1%}"
                for name in OPPOSITE
            )
            print(f"lead {lead:4.2f}, n = {n:6,}: {said}; both contradicted {held.get('both contradicted', 0):.1%}; decided {held.get('decided', 0):.2f} of 2", flush=True)  # fmt: skip
    print("\nSix pillars are said to explain .65")
    for r_squared in (0.3, 0.4, 0.65):
        for n in (60, 200, 1000):
            print(f"R² {r_squared:.2f}, n = {n:5,}: {_said(of_a_figure(r_squared, n))}", flush=True)
    print("\nHeart, head and wallet have one cause; which comes first is not in the data")
    for n in (100, 344, 1000):
        print(f"n = {n:5,}: {_said(of_an_order(n))}", flush=True)
    print("\nClaims whose truth lies at the edge of what they allow")
    for what in EDGES:
        for n in (60, 344):
            print(f"{what}, n = {n:5,}: {_said(at_the_edge(what, n))}", flush=True)
    print("\nKinds of test: the claim is false, and only just; and true by .2")
    for kind in KINDS:
        for n in (344, 1500):
            said = "; ".join(f"{effect}: {_said(of_a_kind(kind, effect, n, 2 * SAMPLES))}" for effect in (0.0, 0.2))
            print(f"{kind}, n = {n:5,}: {said}", flush=True)
    print("\nBlocks of two and of four drivers, all alike")
    for n in (100, 344, 1000):
        print(f"n = {n:5,}: {_said(of_blocks(n))}", flush=True)


def _said(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {part:.1%}" for name, part in sorted(parts.items()))


if __name__ == "__main__":
    main()
