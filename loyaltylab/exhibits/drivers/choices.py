"""Figure of one comparison under other choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core import tr
from ...drivers import CODINGS, METHODS, OtherChoices
from ..exhibit import Exhibit, Labels, Printer
from ..parts import PHRASES, WIDTH, difference_label, difference_points
from ..sketch import draws
from ..style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PHRASES = {
    "reported": tr("As reported", "choice"),
    "without": tr("Without {term}"),
    "method": tr("{term}"),
    "coding": tr("{term} in the other block"),
    "elsewhere": tr("Items where other sources put them"),
    "weakest_out": tr("Without each block's weakest scale"),
    "item_mean": tr("Gaps filled in"),
    "listwise": tr("Gaps left open"),
    "imputed": tr("Gaps allowed for by a model"),
    "how": tr(
        "Difference between the blocks, as reported and with one choice made otherwise. Hollow: the verdict is another one."
    ),
}


@draws(OtherChoices)
def plot_choices(result: OtherChoices, *, printer: Printer) -> Exhibit:
    """The difference between two blocks as reported, and below it with each choice made otherwise."""
    data = result.tidy()
    names = [
        choice_name(choice, term, printer.labels, printer.language)
        for choice, term in zip(data["choice"], data["term"], strict=True)
    ]
    changed = (data["verdict"] != data["verdict"].iloc[0]).to_numpy()

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        difference_points(ax, names, data, printer)
        y = np.arange(len(data))[::-1]
        ax.plot(data["estimate"][changed], y[changed], "o", color=INK, markerfacecolor="white", markersize=7)
        ax.set_xlabel(difference_label(result.reported.a, result.reported.b, printer).replace(", ", ",\n"))
        return ax

    other_verdict = f" ({printer.tr('another verdict')})"
    listing = "; ".join(
        f"{name}: {printer.interval(row, '+.0pp')}{other_verdict if other else ''}"
        for name, (_, row), other in zip(names, data.iterrows(), changed, strict=True)
    )
    alt = f"{difference_label(result.reported.a, result.reported.b, printer)}. {listing}."
    text = f"{printer.text(_PHRASES['how'])} {printer.text(PHRASES['by_chance'])}"
    return printer.figure(data, result.provenance, draw, (WIDTH, 0.4 * len(data) + 1.0), caption=text, alt=alt)


def choice_name(choice: str, term: str, labels: Labels, language: str) -> str:
    """What was chosen otherwise, in words.

    Parameters
    ----------
    choice : str
        method, missing, without or coding; or reported.
    term : str
        Which one.
    labels : Labels
        Name → what a reader calls it; a name without one stands as it is.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        For a row of a figure.

    Examples
    --------
    >>> choice_name("method", "lmg", {}, "en"), choice_name("without", "joy", {"joy": "Joy"}, "en")
    ('LMG (Shapley)', 'Without Joy')
    """
    if term in CODINGS:
        return _PHRASES[term][language]
    if choice in ("reported", "missing"):
        return _PHRASES["reported" if choice == "reported" else term][language]
    known = METHODS[term].label[language] if choice == "method" else labels.get(term, term)
    return _PHRASES[choice][language].format(term=known)
