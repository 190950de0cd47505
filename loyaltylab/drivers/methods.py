"""`METHODS`: the registry of importance methods, each with what a reader must know before citing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..kernels import FloatArray, attribution, indices, subsets

__all__ = ["METHODS", "Method"]


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
    label: dict[str, str]
    meaning: dict[str, str]
    misleads: dict[str, str]
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
        label={"en": "LMG (Shapley)", "nl": "LMG (Shapley)"},
        meaning={
            "en": "average gain in R² over all orders of entry",
            "nl": "gemiddelde toename van R² over alle volgordes van opname",
        },
        misleads={
            "en": "a driver that matters only through another one still gets a share",
            "nl": "een driver die alleen via een andere werkt, krijgt toch een aandeel",
        },
        cite="Lindeman, Merenda & Gold 1980; Grömping 2007, doi:10.1198/000313007X188252",
        takes_blocks=True,
        most=32,
        sampled=True,
    ),
    "dominance": Method(
        attribution.shapley,
        additive=True,
        label={"en": "General dominance", "nl": "Algemene dominantie"},
        meaning={
            "en": "average gain in R² over models of every size; the same number as LMG",
            "nl": "gemiddelde toename van R² over modellen van elke omvang; hetzelfde getal als LMG",
        },
        misleads={
            "en": "an average can hide that another driver adds more in many models; dominance() shows the levels",
            "nl": "een gemiddelde kan verhullen dat een andere driver in veel modellen meer toevoegt; dominance() toont de niveaus",
        },
        cite="Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129",
        takes_blocks=True,
        most=32,
        sampled=True,
    ),
    "relative_weights": Method(
        attribution.relative_weights,
        additive=True,
        label={"en": "Relative weights", "nl": "Relatieve gewichten"},
        meaning={
            "en": "R² divided by way of the nearest uncorrelated drivers",
            "nl": "R² verdeeld via de dichtstbijzijnde ongecorreleerde drivers",
        },
        misleads={
            "en": "close to LMG but without a definition of its own; nearly equal drivers are levelled",
            "nl": "dicht bij LMG maar zonder eigen definitie; bijna gelijke drivers worden gelijkgetrokken",
        },
        cite="Johnson 2000, doi:10.1207/S15327906MBR3501_1; equal to Genizi 1993",
    ),
    "pmvd": Method(
        subsets.pmvd,
        additive=True,
        label={"en": "PMVD", "nl": "PMVD"},
        meaning={
            "en": "average gain in R² over orders, weighted towards drivers with a coefficient of their own",
            "nl": "gemiddelde toename van R² over volgordes, met meer gewicht voor drivers met een eigen coëfficiënt",
        },
        misleads={
            "en": "unstable when drivers are close: intervals are much wider than those of LMG",
            "nl": "onstabiel als drivers dicht bij elkaar liggen: de intervallen zijn veel breder dan die van LMG",
        },
        cite="Feldman 2005; Grömping 2007, doi:10.1198/000313007X188252",
        takes_blocks=True,
        most=20,
        work=100,
    ),
    "car": Method(
        indices.car,
        additive=True,
        label={"en": "CAR scores", "nl": "CAR-scores"},
        meaning={
            "en": "squared correlations with the nearest uncorrelated drivers",
            "nl": "gekwadrateerde correlaties met de dichtstbijzijnde ongecorreleerde drivers",
        },
        misleads={
            "en": "belongs to the uncorrelated stand-in, not to the driver itself",
            "nl": "hoort bij de ongecorreleerde vervanger, niet bij de driver zelf",
        },
        cite="Zuber & Strimmer 2011, doi:10.2202/1544-6115.1730",
    ),
    "pratt": Method(
        indices.pratt,
        additive=True,
        label={"en": "Pratt index", "nl": "Pratt-index"},
        meaning={
            "en": "standardised coefficient times correlation",
            "nl": "gestandaardiseerde coëfficiënt maal correlatie",
        },
        misleads={
            "en": "negative for a suppressor, and near zero for a driver whose coefficient another one takes over",
            "nl": "negatief bij een suppressor, en bijna nul als een andere driver de coëfficiënt overneemt",
        },
        cite="Pratt 1987; Thomas, Hughes & Zumbo 1998, doi:10.1023/A:1006954016433",
    ),
    "first": Method(
        attribution.first,
        additive=False,
        label={"en": "Alone (r²)", "nl": "Alleen (r²)"},
        meaning={"en": "R² of the driver by itself", "nl": "R² van de driver op zichzelf"},
        misleads={
            "en": "counts what drivers share once for each of them",
            "nl": "telt wat drivers delen bij elk van hen mee",
        },
        cite="Grömping 2006, doi:10.18637/jss.v017.i01",
        takes_blocks=True,
    ),
    "last": Method(
        attribution.last,
        additive=False,
        label={"en": "On top (last)", "nl": "Bovenop (laatste)"},
        meaning={
            "en": "R² lost when the driver leaves the full model",
            "nl": "R² die verdwijnt als de driver het volledige model verlaat",
        },
        misleads={
            "en": "counts what drivers share for none of them",
            "nl": "telt wat drivers delen bij geen van hen mee",
        },
        cite="Grömping 2006, doi:10.18637/jss.v017.i01",
        takes_blocks=True,
    ),
    "betasq": Method(
        indices.betasq,
        additive=False,
        label={"en": "Squared beta", "nl": "Gekwadrateerde bèta"},
        meaning={"en": "squared standardised coefficient", "nl": "gekwadrateerde gestandaardiseerde coëfficiënt"},
        misleads={
            "en": "ignores what drivers share, and can exceed R²",
            "nl": "negeert wat drivers delen, en kan groter zijn dan R²",
        },
        cite="Darlington 1968, doi:10.1037/h0025471",
    ),
    "beta": Method(
        indices.beta,
        additive=False,
        label={"en": "Standardised beta", "nl": "Gestandaardiseerde bèta"},
        meaning={
            "en": "difference in the outcome, in SDs, that goes with one SD of the driver, the others equal",
            "nl": "verschil in de uitkomst, in SD's, dat samengaat met één SD van de driver, bij gelijke andere",
        },
        misleads={
            "en": "says little about importance when drivers are correlated; its sign can flip",
            "nl": "zegt weinig over belang als drivers samenhangen; het teken kan omslaan",
        },
        cite="Grömping 2006, doi:10.18637/jss.v017.i01",
        unit="coefficient",
    ),
    "structure": Method(
        indices.structure,
        additive=False,
        label={"en": "Structure coefficient", "nl": "Structuurcoëfficiënt"},
        meaning={
            "en": "correlation of the driver with the predicted outcome",
            "nl": "correlatie van de driver met de voorspelde uitkomst",
        },
        misleads={
            "en": "the plain correlation over R: it knows nothing of the other drivers",
            "nl": "de gewone correlatie gedeeld door R: het weet niets van de andere drivers",
        },
        cite="Courville & Thompson 2001, doi:10.1177/0013164401612006",
        unit="coefficient",
    ),
}
