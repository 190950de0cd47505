"""The latent model of the simulated respondents: which published figures it must return, and its parameters by search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from ..codebook import Codebook, Item
from ..core import SIMULATED, CodebookError, ModelError, home, pd, read_yaml
from ..kernels import FloatArray, above, covariances, normal_grid, normal_quantile, sums_above

#: The last two are what attitude and behaviour have apart from each other and from all else.
FACTORS = ("emotion", "rational", "values", "bonds", "loyalty", "attitude", "behaviour")
#: The indices whose correlation with loyalty is published, and loyalty itself; each measures the factor of its position.
INDICES = ("EMOTION", "RATIONAL", "VALUES", "LOYALTY")
_E, _L, _INDEX = 0, 4, [0, 1, 2, 4]
#: Largest part of an answer that factors may determine.
_MOST = 0.95

Figures = dict[str, FloatArray]


@lru_cache
def calibration_file() -> dict[str, Any]:
    """Targets with source and grade, and the assumptions of the model, from `data/calibration.yml`."""
    return read_yaml(home() / "data" / "calibration.yml")


def spec_of(name: str) -> dict[str, Any]:
    """What the model assumes of an item: its own entry, or that of the longest beginning of its name.

    Items that share an entry vary about it, by an amount that their name fixes.
    """
    found = calibration_file()
    items, vary = found["items"], found["vary"]
    if name in items:
        return items[name]
    fitting = [key for key in items if key.endswith("_") and name.startswith(key)]
    if not fitting:
        raise CodebookError(f"calibration.yml: items: has no entry for '{name}'; add one, or one for its beginning.")
    spec = items[max(fitting, key=len)]
    at, factor = np.random.default_rng(crc32(name.encode())).standard_normal(2).clip(-1.5, 1.5)
    loads = {key: load * (1 + vary["loads"] * factor) for key, load in spec.get("loads", {}).items()}
    return {**spec, "loads": loads, **({"at": spec["at"] + vary["at"] * at} if "at" in spec else {})}


def coded(item: Item) -> FloatArray:
    """The codes an answer may have, in order of the underlying variable."""
    if item.values:
        return np.array(list(item.values), dtype=float)
    if item.range is None:
        raise CodebookError(f"items: {item.name}: has neither range nor values, so it cannot be simulated.")
    return np.arange(item.range[0], item.range[1] + 1)


@dataclass(frozen=True, eq=False)
class Instrument:
    """The items the model is calibrated on, as arrays, and the targets; made from the codebook."""

    book: Codebook
    intercorrelation: float

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The items of the four indices, then the other items with a target."""
        members = [name for scale in INDICES for name in self.book.scales[scale].items]
        return tuple(dict.fromkeys([*members, *(row["item"] for row in self.outcomes)]))

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """Items with a share among the highly engaged, and where there is one among the low."""
        return calibration_file()["outcomes"]

    @cached_property
    def means(self) -> FloatArray:
        """Rows (4, i) that average the items of each index."""
        rows = np.zeros((len(INDICES), len(self.names)))
        for row, scale in zip(rows, INDICES, strict=True):
            row[[self.names.index(name) for name in self.book.scales[scale].items]] = 1
        return rows / rows.sum(axis=1, keepdims=True)

    @cached_property
    def at(self) -> dict[str, Any]:
        """Positions among the items: of the emotions, of the outcomes, and which threshold counts for each outcome."""
        lowest = [float(coded(self.book.items[row["item"]])[0]) for row in self.outcomes]
        return {
            "item": [self.names.index(name) for name in calibration_file()["emotions"]],
            "outcome": [self.names.index(row["item"]) for row in self.outcomes],
            "cut": [int(row["from"] - low) - 1 for row, low in zip(self.outcomes, lowest, strict=True)],
        }

    @cached_property
    def countries(self) -> tuple[Any, ...]:
        """Codes of the countries in the codebook, in the order of the calibration file."""
        codes = {label["en"]: code for code, label in self.book.items["country"].values.items()}
        return tuple(codes[name] for name in calibration_file()["countries"])

    @property
    def cuts(self) -> tuple[float, float]:
        """Lowest medium and lowest high engagement, in scale points of EMOTION."""
        low, high = calibration_file()["engagement"]["cuts"]
        return float(low), float(high)

    @cached_property
    def goal(self) -> Figures:
        """The targets; a share among the low is not a number where no source prints one."""
        found, c = calibration_file(), self.intercorrelation
        return {
            "scale": np.array([row["value"] for row in found["correlations"].values()]),
            "between": np.full(3, c),
            "item": np.array([row["value"] for row in found["emotions"].values()]),
            "group": np.array([row["value"] for row in found["countries"].values()]),
            "high": np.array([row["high"]["value"] for row in self.outcomes]),
            "low": np.array([row["low"]["value"] if "low" in row else np.nan for row in self.outcomes]),
        }

    def start(self) -> Latent:
        """The model before the search."""
        specs = [spec_of(name) for name in self.names]
        loads = np.array([[spec["loads"].get(factor, 0.0) for factor in FACTORS] for spec in specs])
        tau = np.full((len(specs), max(len(coded(self.book.items[name])) for name in self.names) - 1), np.inf)
        for row, name in zip(tau, self.names, strict=True):
            found = thresholds(self.book.items[name])
            row[: len(found)] = found
        assumed = calibration_file()["factors"]
        phi = np.eye(len(FACTORS))
        phi[_INDEX[:3], _L] = phi[_L, _INDEX[:3]] = np.minimum(1.1 * self.goal["scale"], 0.95)
        for i, j in ((0, 1), (0, 2), (1, 2)):
            phi[i, j] = phi[j, i] = min(1.1 * self.intercorrelation, 0.95)
        for factor, r in assumed["bonds"].items():
            j = FACTORS.index(factor)
            phi[3, j] = phi[j, 3] = r
        return Latent(phi, loads, tau, normal_quantile(self.goal["group"]))


def thresholds(item: Item) -> FloatArray:
    """Where the underlying variable passes from one answer to the next, for the mean and spread assumed."""
    spec, steps = spec_of(item.name), len(coded(item)) - 1
    return (np.arange(steps) + 0.5 - spec["at"] * steps) / (spec["spread"] * steps)


@dataclass(frozen=True, eq=False)
class Latent:
    """Parameters: factor correlations phi (f, f), loads (i, f), thresholds tau (i, t) and country means shift (g,)."""

    phi: FloatArray
    loads: FloatArray
    tau: FloatArray
    shift: FloatArray

    @property
    def along(self) -> FloatArray:
        """Correlation of each underlying variable with the emotion factor."""
        return self.loads @ self.phi[:, _E]

    def covariances(self) -> FloatArray:
        """Covariances (i, i) of the answers in an endless population with as many in each country."""
        part = np.full(len(self.shift), 1 / len(self.shift))
        return covariances(self.tau, self.loads @ self.phi @ self.loads.T, self.along, self.shift, part)

    def figures(self, of: Instrument) -> Figures:
        """What the model says the targets are, exactly: no sampling.  Also `mean_high`, `mean_low` of the factor."""
        S = self.covariances()
        rows = np.vstack([of.means, np.eye(len(S))[of.at["item"]]])
        C = rows @ S @ rows.T
        R = C / np.sqrt(np.outer(np.diag(C), np.diag(C)))
        e, weight = normal_grid(self.shift)
        emotions = of.means[0] > 0
        low, high = [(cut - 1) * emotions.sum() for cut in of.cuts]
        reach = sums_above(self.tau[emotions], self.along[emotions], e, np.array([low, high]))
        is_high, is_low = reach[:, 1], 1 - reach[:, 0]
        k = of.at["outcome"]
        says = above(self.tau[k], self.along[k], e)[:, range(len(k)), of.at["cut"]].T
        everyone = weight.mean(axis=0)

        def among(group: FloatArray, what: FloatArray) -> FloatArray:
            return np.asarray(what @ (group * everyone) / (group @ everyone))

        return {
            "scale": R[:3, 3],
            "between": R[[0, 0, 1], [1, 2, 2]],
            "item": R[4:, 3],
            "group": weight @ is_high,
            "high": among(is_high, says),
            "low": among(is_low, says),
            "mean_high": among(is_high, e),
            "mean_low": among(is_low, e),
        }


def solved(of: Instrument, goal: Figures, start: Latent | None = None, *, tolerance: float = 1e-5) -> Latent:
    """The parameters for which the model's figures are the goal's, by Newton steps in one parameter at a time.

    Raises
    ------
    ModelError
        Where no model has these figures: correlations that cannot be together.
    """
    model = start or of.start()
    for _ in range(60):
        found = model.figures(of)
        gaps = [goal[name] - found[name] for name in goal]
        if max(np.nanmax(np.abs(gap)) for gap in gaps) < tolerance:
            return model
        model = _step(model, of, found, goal)
    raise ModelError(
        f"no model gives these figures with an intercorrelation of {of.intercorrelation:g}: "
        "the search does not settle. Choose one nearer to 0.5."
    )


def _step(model: Latent, of: Instrument, found: Figures, goal: Figures) -> Latent:
    """One round: correlations grow with their factor's, shares with their threshold on the probit scale."""
    phi, loads, tau = model.phi.copy(), model.loads.copy(), model.tau.copy()
    pairs = [(0, _L), (1, _L), (2, _L), (0, 1), (0, 2), (1, 2)]
    ratio = np.concatenate([goal["scale"] / found["scale"], goal["between"] / found["between"]])
    for (i, j), factor in zip(pairs, ratio, strict=True):
        phi[i, j] = phi[j, i] = phi[i, j] * factor
    least = np.linalg.eigvalsh(phi)[0]
    if least < 1e-6:
        raise ModelError(
            f"an intercorrelation of {of.intercorrelation:g} cannot go with the published correlations of the indices "
            "with loyalty, once their measurement error is allowed for. Choose one nearer to 0.5."
        )
    at, k = of.at["item"], of.at["outcome"]
    loads[at, _E] = np.minimum(loads[at, _E] * goal["item"] / found["item"], _MOST)
    gap = {name: normal_quantile(goal[name]) - normal_quantile(found[name]) for name in ("group", "high", "low")}
    slope = (gap["high"] - gap["low"]) / (found["mean_high"] - found["mean_low"])
    slope = np.where(np.isnan(slope), 0.0, slope)
    down = gap["high"] - slope * found["mean_high"]  # both in units of what emotion leaves of the variable
    along = model.along[k]
    rest = np.sqrt(1 - along**2)
    steep = along / rest + slope
    new = np.minimum(steep / np.sqrt(1 + steep**2), _MOST * phi[_E, _L])
    cut = tau[k, of.at["cut"]]
    moved = (cut / rest - down) * np.sqrt(1 - new**2)
    free = ~np.isnan(goal["low"])
    loads[k, _L] = np.where(free, new / phi[_E, _L], loads[k, _L])
    tau[k] += (moved - cut)[:, None]
    return replace(model, phi=phi, loads=loads, tau=tau, shift=model.shift + gap["group"])


# ---- Who the simulated respondents are and what they answer: seeded draws, steps of underlying variables, open answers.

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
        growing = asked.index(ends["at"]) + 1 if ends["at"] in asked else len(asked)
        rates = np.linspace(ends["first"], ends["last"], growing)
        return dict.fromkeys(asked, ends["last"]) | dict(zip(asked, rates, strict=False))

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
        z = self.underlying(spec, self.own(name))
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

    def underlying(self, spec: dict[str, Any], own: FloatArray) -> FloatArray:
        """The variable (n,) behind an answer, of variance 1: factors, earlier answers, and what is its own.

        Where it depends on another answer what determines it, the parts of those respondents are put together.
        """
        if "when" in spec:
            ((other, parts),) = spec["when"].items()
            answer = self.values(other)
            return np.select(
                [answer == code for code in parts], [self.underlying(part, own) for part in parts.values()]
            )
        loads = np.array([spec.get("loads", {}).get(factor, 0.0) for factor in FACTORS])
        known, rest = self.factors @ loads, 1 - loads @ self.phi @ loads
        if given := spec.get("given"):
            answers = np.stack([self.values(other) for other in given], axis=1)
            known = known + (answers - answers.mean(axis=0)) / answers.std(axis=0) @ np.array([*given.values()])
            rest = max(1 - known.var(), 1 - _MOST)
        for other, rises in spec.get("steps", {}).items():
            known = known + sum(rise * (self.values(other) >= answer) for answer, rise in rises.items())
        return np.asarray(known + np.sqrt(rest) * own)

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
