"""Who the simulated respondents are and what they answer: seeded draws, steps of underlying variables, open answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from ...codebook import Codebook
from ...core import SIMULATED
from ...kernels import FloatArray, normal_quantile
from .latent_model import FACTORS, Figures, Instrument, Latent, calibration_file, coded, spec_of, thresholds

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AnswerSheet", "Respondents"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Respondents:
    """n respondents, as many in each country; every item has random numbers of its own, whatever else is asked."""

    book: Codebook
    n: int
    seed: int
    clustering: float
    missing: bool

    def stream(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose."""
        return np.random.default_rng([self.seed, crc32(purpose.encode())])

    @cached_property
    def country(self) -> npt.NDArray[np.int_]:
        """Position of the country (n,)."""
        return np.arange(self.n) % len(calibration_file()["countries"])

    @cached_property
    def branch(self) -> npt.NDArray[np.int_]:
        """Number of the branch (n,), such as 3012 in the third country."""
        countries = len(calibration_file()["countries"])
        each = max(2, round(self.n / countries / calibration_file()["branches"]["size"]))
        return 1000 * (self.country + 1) + self.stream("branch").integers(1, each + 1, self.n)

    @cached_property
    def shocks(self) -> FloatArray:
        """Standard normal draws (n, f) for the factors; those of emotion are alike within a branch."""
        draws = self.stream("factors").standard_normal((self.n, len(FACTORS)))
        branches, at = np.unique(self.branch, return_inverse=True)
        shared = self.stream("branch effect").standard_normal(len(branches))[at]
        draws[:, 0] = np.sqrt(self.clustering) * shared + np.sqrt(1 - self.clustering) * draws[:, 0]
        return draws

    def factors(self, latent: Latent) -> FloatArray:
        """Factor scores (n, f); a country's mean of emotion moves the other factors as far as they go with it."""
        draws = self.shocks.copy()
        draws[:, 0] += latent.shift[self.country]
        return draws @ np.linalg.cholesky(latent.phi).T

    # ---- open answers -------------------------------------------------------------------------------------------

    @cached_property
    def rates(self) -> dict[str, float]:
        """Item → part of the answers that is open, growing from the first question to the last; nothing recorded is."""
        asked = [item.name for item in self.book.items.values() if item.wording and item.name != "country"]
        ends = calibration_file()["missing"]
        return dict(zip(asked, np.linspace(ends["first"], ends["last"], len(asked)), strict=True))

    @cached_property
    def habit(self) -> FloatArray:
        """How many times the usual part (n,) a respondent leaves open."""
        return self.stream("habit").gamma(2, 0.5, self.n)

    def open(self, name: str) -> BoolArray:
        """Who leaves this question open (n,)."""
        if not self.missing or name not in self.rates:
            return np.zeros(self.n, dtype=bool)
        return self.stream(f"{name} open").random(self.n) < self.rates[name] * self.habit

    # ---- the items of the search --------------------------------------------------------------------------------

    def fixed(self, of: Instrument) -> tuple[FloatArray, BoolArray]:
        """Own draws and open answers (n, i) of the items the model is calibrated on."""
        own = np.stack([self.stream(name).standard_normal(self.n) for name in of.names], axis=1)
        return own, np.stack([self.open(name) for name in of.names], axis=1)

    def steps(self, latent: Latent, own: FloatArray) -> FloatArray:
        """Answers (n, i) to those items, as the number of thresholds passed."""
        rest = np.sqrt(1 - np.einsum("if,fg,ig->i", latent.loads, latent.phi, latent.loads))
        z = self.factors(latent) @ latent.loads.T + rest * own
        return np.asarray(sum((z > tau).astype(float) for tau in latent.tau.T))

    def figures(self, of: Instrument, latent: Latent, own: FloatArray, opened: BoolArray) -> Figures:
        """What these respondents make of the targets; a score is the mean of what was answered."""
        steps = self.steps(latent, own)
        given, members = np.where(opened, 0.0, steps), (of.means > 0).astype(float)
        answered = (~opened).astype(float) @ members.T
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = given @ members.T / answered
        loyalty, emotion = scores[:, 3], 1 + scores[:, 0]
        high, low = emotion >= of.cuts[1], emotion < of.cuts[0]
        known = ~np.isnan(emotion)
        says = [(steps[:, i] > cut, ~opened[:, i]) for i, cut in zip(of.at["outcome"], of.at["cut"], strict=True)]
        emotions = np.where(opened, np.nan, steps)[:, of.at["item"]]
        return {
            "scale": np.array([_r(score, loyalty) for score in scores.T[:3]]),
            "between": np.array([_r(scores[:, i], scores[:, j]) for i, j in ((0, 1), (0, 2), (1, 2))]),
            "item": np.array([_r(one, loyalty) for one in emotions.T]),
            "group": np.array([high[known & (self.country == c)].mean() for c in range(len(of.countries))]),
            "high": np.array([yes[high & there].mean() for yes, there in says]),
            "low": np.array([yes[low & there].mean() for yes, there in says]),
        }


def _r(a: FloatArray, b: FloatArray) -> float:
    """Correlation (…) over the rows where both are known."""
    both = ~(np.isnan(a) | np.isnan(b))
    return float(np.corrcoef(a[both], b[both])[0, 1])


class AnswerSheet:
    """The answers of respondents item by item, as they would stand in a file."""

    def __init__(self, who: Respondents, of: Instrument, latent: Latent, *, balanced: bool) -> None:
        own, _ = who.fixed(of)
        self.who, self.of, self.balanced = who, of, balanced
        self.factors = who.factors(latent)
        self.phi = latent.phi
        self.steps = dict(zip(of.names, who.steps(latent, own).T, strict=True))
        scales = who.book.scales.values()
        self.scale_of = {name: scale.name for scale in scales if len(scale.items) > 1 for name in scale.items}
        self.shared: dict[str, FloatArray] = {}

    def frame(self, names: list[str]) -> pd.DataFrame:
        """Columns of these items."""
        import pandas as pd

        return pd.DataFrame({name: self.column(name, len(names)) for name in names})

    def column(self, name: str, asked: int) -> Any:
        """One column: design as it is, answers with the open ones empty and reversed items as answered."""
        item, who = self.who.book.items[name], self.who
        if item.role == "respondent":
            return [f"{SIMULATED}{i:06d}" for i in range(1, who.n + 1)]
        if item.role == "cluster":
            return who.branch.astype(str)
        if item.role == "weight":
            return self.weights()
        if name == "country":
            return np.array(self.of.countries)[who.country]
        if item.role == "duration":
            pace = calibration_file()["seconds"]
            return np.round(
                pace["per_question"] * asked * np.exp(pace["spread"] * who.stream(name).standard_normal(who.n))
            )
        values = self.values(name)
        if item.reverse and item.range:
            values = sum(item.range) - values
        return np.where(who.open(name), np.nan, values)

    def values(self, name: str) -> FloatArray:
        """The answers to one item before any is left open."""
        item, spec = self.who.book.items[name], spec_of(name)
        if name in self.steps:
            return coded(item)[0] + self.steps[name]
        if name == calibration_file()["frequency"]["item"]:
            return self.frequency()
        loads = np.array([spec.get("loads", {}).get(factor, 0.0) for factor in FACTORS])
        rest = np.sqrt(1 - loads @ self.phi @ loads)
        z = self.factors @ loads + rest * self.own(name)
        if "median" in spec:
            return self.amounts(spec, z)
        if "decimals" in spec:
            low, high = item.range or (0.0, 1.0)
            return np.round(
                np.clip(low + (high - low) * (spec["at"] + spec["spread"] * z), low, high), spec["decimals"]
            )
        if "shares" in spec:
            tau = normal_quantile(np.cumsum(spec["shares"])[:-1])
            found = coded(item)[np.searchsorted(tau, z)]
            for other, answer in spec.get("surely", {}).items():
                found[self.values(other) >= answer] = coded(item)[-1]
            return found
        return coded(item)[0] + np.searchsorted(thresholds(item), z)

    def own(self, name: str) -> FloatArray:
        """What an item has that no factor gives it (n,): in part shared with the items of its scale."""
        mine = self.who.stream(name).standard_normal(self.who.n)
        if name not in self.scale_of:
            return mine
        part, scale = calibration_file()["specific"], self.scale_of[name]
        if scale not in self.shared:
            self.shared[scale] = self.who.stream(f"{scale} scale").standard_normal(self.who.n)
        return np.sqrt(part) * self.shared[scale] + np.sqrt(1 - part) * mine

    def amounts(self, spec: dict[str, Any], z: FloatArray) -> FloatArray:
        """Whole numbers from 1 up; `beyond` another, or no `most` than an earlier answer allows."""
        found = np.ceil(spec["median"] * np.exp(spec["log_sd"] * z))
        if "beyond" in spec:
            base = self.values(spec["beyond"])
            return base + np.floor(base * spec["median"] * np.exp(spec["log_sd"] * z))
        for other, most in spec.get("most", {}).items():
            item = self.who.book.items[other]
            found = np.minimum(found, np.array(most)[np.searchsorted(coded(item), self.values(other))])
        return found

    def frequency(self) -> FloatArray:
        """How often they buy, given whether they feel loyal: Bayes' rule on the shares by frequency."""
        found, who = calibration_file()["frequency"], self.who
        feels = self.values(found["feels"]["item"]) >= found["feels"]["from"]
        groups, others = found["groups"], found["others"]
        codes = np.array([*groups, *others])
        part = np.array([*(row["part"] for row in groups.values()), *others.values()])
        said = sum(row["part"] * row["value"] for row in groups.values())
        rest = (feels.mean() - said) / sum(others.values())  # what the others must say for all to add up
        share = np.array(
            [*(row["value"] for row in groups.values()), *[float(np.clip(rest, 0.02, 0.98))] * len(others)]
        )
        u, answer = who.stream(found["item"]).random(who.n), np.empty(who.n)
        for group, weight in ((feels, part * share), (~feels, part * (1 - share))):
            mine = u[group]
            if self.balanced:
                mine = (np.argsort(np.argsort(mine)) + 0.5) / len(mine)
            answer[group] = codes[np.searchsorted(np.cumsum(weight / weight.sum())[:-1], mine)]
        return answer

    def weights(self) -> FloatArray:
        """Weights (n,) that give every age band its part of the population; 1 on average."""
        name, part = next(iter(calibration_file()["population"].items()))
        band = np.searchsorted(coded(self.who.book.items[name]), self.values(name))
        found = np.bincount(band, minlength=len(part)) / self.who.n
        weight = (np.array(part) / np.maximum(found, 1 / self.who.n))[band]
        return np.round(weight / weight.mean(), 4)
