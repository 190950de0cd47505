"""`METHODS`: the registry of importance methods, each with what a reader must know before citing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core import Phrase, tr
from ..kernels import FloatArray, attribution, subsets


@dataclass(frozen=True)
class Method:
    """One importance method.

    Parameters
    ----------
    kernel : callable
        (R, sizes) → one estimate a player, over any leading axes.
    additive : bool
        Whether the estimates sum to R².
    label, meaning, misleads : dict of str
        Its name, what an estimate is, and when it misleads, by language.
    cite : str
        Reference, with DOI where there is one.
    unit : {"r_squared", "coefficient"}
        Parts of R², which have shares, or signed coefficients, which have none.
    takes_blocks : bool
        Whether a whole block can be a player.
    most : int
        Players that can be computed exactly.
    work : int
        What visiting one model takes, in visits of lmg by NumPy. With `most` it decides what is sensible (see `division`).
    sampled : bool
        Whether it is an average over orders of entry that can be sampled where an exact one costs too much.
    """

    kernel: Callable[[FloatArray, tuple[int, ...]], FloatArray]
    additive: bool
    label: Phrase
    meaning: Phrase
    misleads: Phrase
    cite: str
    unit: str = "r_squared"
    takes_blocks: bool = False
    most: int = 10_000
    work: int = 1
    sampled: bool = False


METHODS: dict[str, Method] = {
    "lmg": Method(
        attribution.shapley,
        additive=True,
        label=tr("LMG (Shapley)"),
        meaning=tr("average gain in R² over all orders of entry"),
        misleads=tr("a driver that matters only through another one still gets a share"),
        cite="Lindeman, Merenda & Gold 1980; Grömping 2007, doi:10.1198/000313007X188252",
        takes_blocks=True,
        most=32,
        sampled=True,
    ),
    "dominance": Method(
        attribution.shapley,
        additive=True,
        label=tr("General dominance"),
        meaning=tr("average gain in R² over models of every size; the same number as LMG"),
        misleads=tr("an average can hide that another driver adds more in many models; dominance() shows the levels"),
        cite="Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129",
        takes_blocks=True,
        most=32,
        sampled=True,
    ),
    "relative_weights": Method(
        attribution.relative_weights,
        additive=True,
        label=tr("Relative weights"),
        meaning=tr("R² divided by way of the nearest uncorrelated drivers"),
        misleads=tr("close to LMG but without a definition of its own; nearly equal drivers are levelled"),
        cite="Johnson 2000, doi:10.1207/S15327906MBR3501_1; Genizi 1993",
    ),
    "pmvd": Method(
        subsets.pmvd,
        additive=True,
        label=tr("PMVD"),
        meaning=tr("average gain in R² over orders, weighted towards drivers with a coefficient of their own"),
        misleads=tr("unstable when drivers are close: intervals are much wider than those of LMG"),
        cite="Feldman 2005; Grömping 2007, doi:10.1198/000313007X188252",
        takes_blocks=True,
        most=20,
        work=100,
    ),
    "car": Method(
        attribution.car,
        additive=True,
        label=tr("CAR scores"),
        meaning=tr("squared correlations with the nearest uncorrelated drivers"),
        misleads=tr("belongs to the uncorrelated stand-in, not to the driver itself"),
        cite="Zuber & Strimmer 2011, doi:10.2202/1544-6115.1730",
    ),
    "pratt": Method(
        attribution.pratt,
        additive=True,
        label=tr("Pratt index"),
        meaning=tr("standardised coefficient times correlation"),
        misleads=tr("negative for a suppressor, and near zero for a driver whose coefficient another one takes over"),
        cite="Pratt 1987; Thomas, Hughes & Zumbo 1998, doi:10.1023/A:1006954016433",
    ),
    "first": Method(
        attribution.first,
        additive=False,
        label=tr("Alone (r²)"),
        meaning=tr("R² of the driver by itself"),
        misleads=tr("counts what drivers share once for each of them"),
        cite="Grömping 2006, doi:10.18637/jss.v017.i01",
        takes_blocks=True,
    ),
    "last": Method(
        attribution.last,
        additive=False,
        label=tr("On top (last)"),
        meaning=tr("R² lost when the driver leaves the full model"),
        misleads=tr("counts what drivers share for none of them"),
        cite="Grömping 2006, doi:10.18637/jss.v017.i01",
        takes_blocks=True,
    ),
    "betasq": Method(
        attribution.betasq,
        additive=False,
        label=tr("Squared beta"),
        meaning=tr("squared standardised coefficient"),
        misleads=tr("ignores what drivers share, and can exceed R²"),
        cite="Darlington 1968, doi:10.1037/h0025471",
    ),
    "beta": Method(
        attribution.beta,
        additive=False,
        label=tr("Standardised beta"),
        meaning=tr("difference in the outcome, in SDs, that goes with one SD of the driver, the others equal"),
        misleads=tr("says little about importance when drivers are correlated; its sign can flip"),
        cite="Grömping 2006, doi:10.18637/jss.v017.i01",
        unit="coefficient",
    ),
    "structure": Method(
        attribution.structure,
        additive=False,
        label=tr("Structure coefficient"),
        meaning=tr("correlation of the driver with the predicted outcome"),
        misleads=tr("the plain correlation over R: it knows nothing of the other drivers"),
        cite="Courville & Thompson 2001, doi:10.1177/0013164401612006",
        unit="coefficient",
    ),
}
