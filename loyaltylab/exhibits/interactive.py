"""For a notebook run by hand: sliders that ask "what if", and answers to exercises that can be checked."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from ..core import LoyaltyLabError, Quantity, format_number, tr
from ..drivers import Hypothetical, hypothetical, importance, possible_correlations
from ..moments import Moments
from .drivers.what_if import plot_what_if

if TYPE_CHECKING:
    from ipywidgets import FloatSlider, VBox

__all__ = ["Answer", "check_answer", "sliders"]


def sliders(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    labels: Mapping[str, str],
    language: str = "en",
    method: str = "lmg",
    most: int = 6,
) -> VBox:
    """Sliders for the correlations of the strongest drivers with the outcome; the figure below follows them.

    Each slider runs over what the other correlations, as they were found, allow. What several make impossible together is
    said in place of the figure. It works in a running notebook only, so a report shows `plot_what_if` instead.

    Parameters
    ----------
    moments, outcome, drivers, method
        As for `importance`.
    most : int
        Number of sliders.

    Returns
    -------
    ipywidgets.VBox

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> m = table.moments(["AttLoyalty", "Enjoyment", "Excellence"])
    >>> box = sliders(m, "AttLoyalty", ["Enjoyment", "Excellence"], labels=table.codebook.labels())
    >>> excellence = box.children[1].children[0]
    >>> excellence.description, excellence.value, excellence.min, excellence.max
    ('Service excellence', 0.63, -0.67, 0.99)
    """
    from ipywidgets import HTML, Button, Layout, VBox

    found = importance(moments, outcome, drivers, method=method)
    strongest = sorted(found.terms, key=dict(zip(found.terms, -found.estimates, strict=True)).__getitem__)[:most]
    moved = {name: _slider(moments, outcome, name, labels) for name in strongest}
    start = {name: slider.value for name, slider in moved.items()}
    shown, reset = HTML(layout=Layout(max_width="640px")), Button(description=tr("As found")[language])

    def redraw(_: Any = None) -> None:
        now = {name: round(slider.value, 2) for name, slider in moved.items()}  # a browser may send 0.5600000000000001
        changed = {name: r for name, r in now.items() if r != start[name]}
        try:
            shown.value = _picture(hypothetical(moments, outcome, drivers, changed, method=method), labels, language)
        except LoyaltyLabError as error:
            shown.value = f"<p role='status'><strong>{html.escape(str(error))}</strong></p>"

    def put_back(_: Any) -> None:
        for name, slider in moved.items():
            slider.value = start[name]

    for slider in moved.values():
        slider.observe(redraw, names="value")
    reset.on_click(put_back)
    redraw()
    asked = html.escape(
        tr("What if a driver went together with {outcome} more, or less? Move its correlation.")[language].format(
            outcome=labels.get(outcome, outcome)
        )
    )
    return VBox([HTML(f"<p>{asked}</p>"), VBox(list(moved.values())), reset, shown])


def _slider(moments: Moments, outcome: str, driver: str, labels: Mapping[str, str]) -> FloatSlider:
    """A slider from the correlation as found, over the range the others leave."""
    from ipywidgets import FloatSlider, Layout

    low, high = possible_correlations(moments, outcome, driver)
    found = round(float(moments.corr[tuple(moments.index([outcome, driver]))]), 2)
    return FloatSlider(
        value=found,
        min=min(found, ceil(low * 100 + 1e-6) / 100),
        max=max(found, floor(high * 100 - 1e-6) / 100),
        step=0.01,
        description=labels.get(driver, driver),
        readout_format=".2f",
        style={"description_width": "13em"},
        layout=Layout(width="100%", max_width="640px"),
    )


def _picture(result: Hypothetical, labels: Mapping[str, str], language: str) -> str:
    """The figure as html with its title, what moved, and its alt text."""
    if len(result.changed) == 1:
        name = result.changed[0]
        share, before = (format_number(result.value(name, column).value, ".0%", language) for column in ("share", "share_found"))  # fmt: skip
        title = tr("{driver}: {share} of what is explained, instead of {found}")[language].format(
            driver=labels.get(name, name), share=share, found=before
        )
    else:
        title = (
            tr("Changed by hand: {n} correlations")[language].format(n=len(result.changed))
            if result.changed
            else tr("As found: nothing is changed")[language]
        )
    figure = plot_what_if(result, id="fig-what-if", title=title, labels=labels, language=language)
    after, before = (format_number(result.stat(name).value, ".2f", language) for name in ("r_squared", "r_squared_found"))  # fmt: skip
    address = f"data:image/svg+xml;base64,{base64.b64encode(figure.plain).decode()}"
    note = tr("R² {after}, as found {before}. Changed by hand: for learning, no evidence.")[language].format(
        after=after, before=before
    )
    return (
        f"<p><strong>{html.escape(title)}</strong></p>"
        f'<img alt="{html.escape(figure.alt)}" src="{address}" style="width: 100%; background: white">'
        f"<p>{html.escape(note)}</p>"
    )


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise, and what became of it; `right` is None as long as there is none."""

    right: bool | None
    text: str

    def __repr__(self) -> str:
        return self.text


def check_answer(
    given: float | str | None, expected: Quantity | str | bool, *, within: float = 0.005, language: str = "en"
) -> Answer:
    """Whether an answer is right; a wrong number is told whether to look higher or lower, never what it should be.

    Parameters
    ----------
    given : number, str or None
        None, or an empty text, where it is still to be answered.
    expected : Quantity, str or bool
        What the computation says; True or False of a question that is answered with yes or no.
    within : float
        How far a number may be off, in its own unit: 0.005 for a share that is read to the whole percentage point.

    Examples
    --------
    >>> check_answer("trust", "trust"), check_answer("", "trust"), check_answer("joy", "trust", language="nl")
    (Right., Not answered yet., Nog niet.)
    >>> check_answer("No.", False), check_answer("Ja", False, language="nl")
    (Right., Nog niet.)
    """
    if given is None or given == "":
        return Answer(None, tr("Not answered yet.")[language])
    if isinstance(expected, bool):
        expected = (tr("yes") if expected else tr("no"))[language]
    if isinstance(expected, str):
        right = str(given).strip(" .!").casefold() == expected.strip(" .!").casefold()
        return Answer(right, (tr("Right.") if right else tr("Not yet."))[language])
    try:
        off = float(given) - expected.value
    except ValueError:
        return Answer(False, tr("Not yet.")[language])
    right = abs(off) <= within + 1e-12
    said = tr("Right.") if right else tr("Not yet: it is more.") if off < 0 else tr("Not yet: it is less.")
    return Answer(right, said[language])
