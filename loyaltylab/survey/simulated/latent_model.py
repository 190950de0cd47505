"""The latent model of the simulated respondents: which published figures it must return, and its parameters by search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any
from zlib import crc32

import numpy as np

from ...codebook import Codebook, Item
from ...core import CodebookError, ModelError, home, read_yaml
from ...kernels import FloatArray, above, covariances, normal_grid, normal_quantile, sums_above

__all__ = ["FACTORS", "INDICES", "Figures", "Instrument", "Latent", "calibration_file", "coded", "solved", "spec_of"]

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
