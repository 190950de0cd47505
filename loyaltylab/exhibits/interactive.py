"""For a notebook run by hand: sliders that ask "what if", and answers to exercises that can be checked."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from ..core import GLOSSARY, LoyaltyLabError, Quantity, Result, format_number, tr
from ..drivers import Hypothetical, hypothetical, importance, possible_correlations
from ..moments import Moments
from .drivers.what_if import plot_what_if
from .exhibit import Exhibit

if TYPE_CHECKING:
    from ipywidgets import FloatSlider, VBox

__all__ = ["Answer", "check_answer", "explore", "sliders"]


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
    found = importance(moments, outcome, drivers, method=method)
    strongest = sorted(found.terms, key=dict(zip(found.terms, -found.estimates, strict=True)).__getitem__)[:most]
    moved = {name: _slider(moments, outcome, name, labels) for name in strongest}
    asked = tr("What if a driver went together with {outcome} more, or less? Move its correlation.")[language]

    def picture(changed: Mapping[str, float]) -> str:
        return _picture(hypothetical(moments, outcome, drivers, changed, method=method), labels, language)

    return _following(moved, picture, asked.format(outcome=labels.get(outcome, outcome)), tr("As found")[language])


def explore(
    result_of: Callable[[Mapping[str, float]], Result],
    ranges: Mapping[str, tuple[float, float, float]],
    *,
    labels: Mapping[str, str],
    language: str = "en",
    most: int = 6,
    **options: Any,
) -> VBox:
    """Sliders for the numbers a result rests on; its figure below follows them. It works in a running notebook only.

    Parameters
    ----------
    result_of : callable
        Takes the numbers that were moved, by name, and gives the result, such as `programmes.supposing`.
    ranges : mapping of name → (lowest, where it starts, highest)
        One slider each, of the first `most`.
    labels : mapping of name → text
        Of the sliders and of the figure; a name without one goes by its heading in the `GLOSSARY`.
    options
        What the figure takes besides, such as `currency="€"`.

    Returns
    -------
    ipywidgets.VBox

    Examples
    --------
    >>> from loyaltylab import read_table, plan
    >>> table = read_table("hedonic_utilitarian")
    >>> m, quick = table.moments(["AttLoyalty", "Enjoyment", "Excellence"]), {"n_simulations": 100, "n_draws": 100}
    >>> def planned(changed):
    ...     return plan(m, "AttLoyalty", ["Enjoyment", "Excellence"], **(quick | {"difference": 0.2} | changed))
    >>> box = explore(planned, {"power": (0.5, 0.8, 0.95)}, labels=table.codebook.labels())
    >>> box.children[1].children[0].description
    'Power'
    """
    from ipywidgets import FloatSlider

    named = {name: labels.get(name) or (GLOSSARY[name].heading[language] if name in GLOSSARY else name) for name in ranges}  # fmt: skip
    moved = {}
    for name, (low, start, high) in [*ranges.items()][:most]:
        digits = max(0, 2 - floor(log10(high - low)))
        ends = {"min": min(low, start), "max": max(high, start), "step": 10.0**-digits}
        moved[name] = FloatSlider(start, description=named[name], readout_format=f".{digits}f", continuous_update=False, **ends, **_look())  # fmt: skip

    def picture(changed: Mapping[str, float]) -> str:
        now = "; ".join(f"{named[name]} {format_number(value, ',.3g', language)}" for name, value in changed.items())
        title = tr("Set by hand: {changed}")[language].format(changed=now) if changed else tr("As assumed")[language]
        figure = (
            result_of(changed).plot("fig-explored", **options).exhibit(title=title, labels=labels, language=language)
        )
        return _drawn(figure, tr("Changed by hand: for learning, no evidence.")[language])

    return _following(moved, picture, tr("What if? Move an assumption.")[language], tr("As assumed")[language])


def _following(
    moved: Mapping[str, FloatSlider], picture: Callable[[Mapping[str, float]], str], asked: str, back: str
) -> VBox:
    """Sliders, a button that puts them `back`, and the picture of what was changed."""
    from ipywidgets import HTML, Button, Layout, VBox

    start = {name: slider.value for name, slider in moved.items()}
    shown, reset = HTML(layout=Layout(max_width="640px")), Button(description=back)

    def redraw(_: Any = None) -> None:
        now = {name: round(slider.value, 6) for name, slider in moved.items()}  # a browser may send 0.5600000000000001
        try:
            shown.value = picture({name: value for name, value in now.items() if value != round(start[name], 6)})
        except LoyaltyLabError as error:
            shown.value = f"<p role='status'><strong>{html.escape(str(error))}</strong></p>"

    def put_back(_: Any) -> None:
        for name, slider in moved.items():
            slider.value = start[name]

    for slider in moved.values():
        slider.observe(redraw, names="value")
    reset.on_click(put_back)
    redraw()
    return VBox([HTML(f"<p>{html.escape(asked)}</p>"), VBox([*moved.values()]), reset, shown])


def _look() -> dict[str, Any]:
    """How a slider looks."""
    from ipywidgets import Layout

    return {"style": {"description_width": "13em"}, "layout": Layout(width="100%", max_width="640px")}


def _slider(moments: Moments, outcome: str, driver: str, labels: Mapping[str, str]) -> FloatSlider:
    """A slider from the correlation as found, over the range the others leave."""
    from ipywidgets import FloatSlider

    low, high = possible_correlations(moments, outcome, driver)
    found = round(float(moments.corr[tuple(moments.index([outcome, driver]))]), 2)
    return FloatSlider(
        value=found,
        min=min(found, ceil(low * 100 + 1e-6) / 100),
        max=max(found, floor(high * 100 - 1e-6) / 100),
        step=0.01,
        description=labels.get(driver, driver),
        readout_format=".2f",
        **_look(),
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
    note = tr("R² {after}, as found {before}. Changed by hand: for learning, no evidence.")[language].format(
        after=after, before=before
    )
    return _drawn(figure, note)


def _drawn(figure: Exhibit, note: str) -> str:
    """A figure as html, with its title and a note."""
    address = f"data:image/svg+xml;base64,{base64.b64encode(figure.plain).decode()}"
    return (
        f"<p><strong>{html.escape(figure.title)}</strong></p>"
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
