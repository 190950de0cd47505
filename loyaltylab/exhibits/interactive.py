"""For a notebook run by hand: sliders that ask "what if", drivers to put in other blocks, and answers that are checked."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from ..core import GLOSSARY, LoyaltyLabError, MatrixError, Quantity, Result, and_list, tr
from ..drivers import Hypothetical, Importance, hypothetical, importance, possible_correlations
from ..moments import Moments, by_name
from .drivers.importance import plot_blocks
from .drivers.performance import plot_what_if
from .exhibit import Exhibit, Printer

if TYPE_CHECKING:
    from ipywidgets import FloatSlider, HBox, ToggleButtons, VBox


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
    """Sliders for the correlations of the strongest drivers with the outcome; figure, block totals and R² follow them.

    Each slider runs over what the other correlations, as they were found, allow. Where several together are impossible, the
    figure fades and what is wrong stands above it. It works in a running notebook only, so a report shows `plot_what_if`.

    Parameters
    ----------
    moments, outcome, drivers, method
        As for `importance`.
    most : int
        Number of sliders.
    labels : mapping
        Name → what a reader calls it.
    language : {"en", "nl"}
        Of the words.

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
    from ipywidgets import VBox

    printer = Printer(labels=labels, language=language)
    outcome, drivers = by_name(moments, outcome, drivers, of="moments")
    found = importance(moments, outcome, drivers, method=method)
    strongest = sorted(found.terms, key=dict(zip(found.terms, -found.estimates, strict=True)).__getitem__)[:most]
    moved = {name: _slider(moments, outcome, name, printer) for name in strongest}
    start = {name: slider.value for name, slider in moved.items()}

    def drawn() -> str:
        now = {name: round(slider.value, 2) for name, slider in moved.items()}  # a browser may send 0.5600000000000001
        changed = {name: r for name, r in now.items() if r != start[name]}
        try:
            return _picture(hypothetical(moments, outcome, drivers, changed, method=method), printer)
        except MatrixError:
            raise MatrixError(_cannot_be(changed, outcome, printer)) from None

    asked = printer.tr(
        "What if a driver went together with {outcome} more, or less? Move its correlation.",
        outcome=printer.label(outcome),
    )
    return VBox(_live(asked, moved, drawn, printer.tr("As found")))


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
    language : str
        Of the words: en or nl.
    most : int
        Sliders shown.
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
    from ipywidgets import FloatSlider, Layout, VBox

    printer = Printer(labels=labels, language=language)
    named = {name: labels.get(name) or (printer.text(GLOSSARY[name].heading) if name in GLOSSARY else name) for name in ranges}  # fmt: skip
    moved = {}
    for name, (low, start, high) in [*ranges.items()][:most]:
        digits = max(0, 2 - floor(log10(high - low)))
        ends = {"min": min(low, start), "max": max(high, start), "step": 10.0**-digits}
        moved[name] = FloatSlider(start, description=named[name], readout_format=f".{digits}f", continuous_update=False, style={"description_width": "13em"}, layout=Layout(width="100%", max_width="640px"), **ends)  # fmt: skip

    start = {name: round(slider.value, 6) for name, slider in moved.items()}

    def drawn() -> str:
        now = {name: round(slider.value, 6) for name, slider in moved.items()}  # a browser may send 0.5600000000000001
        changed = {name: value for name, value in now.items() if value != start[name]}
        moves = "; ".join(f"{named[name]} {printer.number(value, ',.3g')}" for name, value in changed.items())
        title = printer.tr("Set by hand: {changed}", changed=moves) if moves else printer.tr("As assumed")
        drawing = result_of(changed).plot("fig-explored", **options)
        figure = drawing.exhibit(title=title, labels=labels, language=language)
        return _embedded(figure, title, [printer.tr("Changed by hand: for learning, no evidence.")])

    return VBox(_live(printer.tr("What if? Move an assumption."), moved, drawn, printer.tr("As assumed")))


def block_buttons(result: Importance, a: str, b: str, *, labels: Mapping[str, str], language: str = "en") -> VBox:
    """Buttons that put each driver in another block; the totals of the blocks, their interval and the verdict follow.

    What a driver explains stays: only the sums change, so that one sees what the verdict on `a` and `b` owes to where each
    driver was put. A block of the two that holds no driver leaves nothing to compare: the figure fades, and why stands above
    it. It works in a running notebook only.

    Parameters
    ----------
    result : Importance
        Of drivers in blocks, with draws, by a method that adds up.
    a, b : str
        The two blocks that are compared.
    labels : mapping
        Name → what a reader calls it.
    language : {"en", "nl"}
        Of the words.

    Returns
    -------
    ipywidgets.VBox

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks()
    >>> result = importance(table, "AttLoyalty", blocks, n_draws=200)
    >>> box = block_buttons(result, "emotional", "rational", labels=table.codebook.labels())
    >>> name, buttons = box.children[1].children[-1].children
    >>> name.value, buttons.value
    ('Economic value', 'rational')
    """
    from ipywidgets import VBox

    printer = Printer(labels=labels, language=language)
    where = {name: block for block, members in result.members.items() for name in members}
    put = {name: _buttons(block, list(result.members), printer) for name, block in where.items()}
    rows = [_named(printer.label(name), buttons) for name, buttons in put.items()]
    a_label, b_label = printer.label(a), printer.label(b)

    def drawn() -> str:
        blocks = {block: [name for name, one in put.items() if one.value == block] for block in result.members}
        if empty := [printer.label(block) for block in (a, b) if not blocks[block]]:
            why = tr("No driver is left in the block “{block}”, so there is nothing to compare. Put one back.")
            raise LoyaltyLabError(printer.text(why, block=empty[0]))
        now = result.regrouped({block: members for block, members in blocks.items() if members})
        gap = now.contrast(a, b)
        title = printer.text(_VERDICTS[now.verdict_on(a, b)], a=a_label, b=b_label)
        moved = [printer.label(name) for name, one in put.items() if one.value != where[name]]
        notes = [_difference(gap.difference, a_label, b_label, printer)]
        if moved:
            note = tr("In another block than the codebook's: {drivers}. With the codebook's blocks: {verdict}")
            before = printer.text(_VERDICTS[result.verdict_on(a, b)], a=a_label, b=b_label)
            notes.append(printer.text(note, drivers=and_list(moved, language), verdict=before))
        figure = plot_blocks(now, gap, id="fig-block-buttons", title=title, labels=labels, language=language)
        return _embedded(figure, title, notes)

    asked = printer.tr("Which block does a driver belong to? Put it in another, and see what becomes of the verdict.")
    return VBox(_live(asked, put, drawn, printer.tr("As in the codebook"), rows))


def _live(
    asked: str, controls: Mapping[str, Any], drawn: Callable[[], str], back: str, rows: Sequence[Any] = ()
) -> list[Any]:
    """A question, its controls, a button that puts them back, and what is drawn by them; faded where that cannot be."""
    from ipywidgets import HTML, Button, Layout, VBox

    shown, reset = HTML(layout=Layout(max_width="640px")), Button(description=back, layout=Layout(width="max-content"))
    start, last = {name: control.value for name, control in controls.items()}, ""

    def redraw(_: Any = None) -> None:
        nonlocal last
        try:
            shown.value = last = drawn()
        except LoyaltyLabError as error:
            faded = f"<div style='opacity: 0.25' aria-hidden='true'>{last}</div>"
            shown.value = f"<p role='status'><strong>{html.escape(str(error))}</strong></p>{faded}"

    def put_back(_: Any) -> None:
        for name, control in controls.items():
            control.value = start[name]

    for control in controls.values():
        control.observe(redraw, names="value")
    reset.on_click(put_back)
    redraw()
    return [HTML(f"<p>{html.escape(asked)}</p>"), VBox(list(rows) or list(controls.values())), reset, shown]


#: What is told of two blocks, by verdict.
_VERDICTS = {
    "more": tr("The {a} drivers weigh more than the {b} ones."),
    "less": tr("The {b} drivers weigh more than the {a} ones."),
    "undecided": tr("Nobody can say from these answers whether the {a} or the {b} drivers weigh more."),
    "mixed": tr(
        "Whether the {a} or the {b} drivers weigh more depends on how you count: all of a block together, or per driver."
    ),
    "nothing": tr("All drivers together explain no more than chance would, so nothing can be said of {a} against {b}."),
    "simulated": tr("These respondents were simulated, so nothing is said about {a} and {b} drivers of customers."),
}


def _difference(gap: Quantity, a: str, b: str, printer: Printer) -> str:
    label, difference = (
        tr("{a} minus {b}: {difference} percentage points of what is explained."),
        gap.text("ci+.0pp", printer.language),
    )
    return printer.text(label, a=a, b=b, difference=difference)


def _buttons(block: str, blocks: Sequence[str], printer: Printer) -> ToggleButtons:
    """The blocks to choose from, one pressed."""
    from ipywidgets import ToggleButtons

    return ToggleButtons(
        options=[(printer.label(one), one) for one in blocks], value=block, style={"button_width": "9em"}
    )


def _named(name: str, control: Any) -> HBox:
    """A control with its name before it, on one line."""
    from ipywidgets import HBox, Label, Layout

    return HBox([Label(name, layout=Layout(width="13em", justify_content="flex-end")), control])


def _cannot_be(changed: Mapping[str, float], outcome: str, printer: Printer) -> str:
    """What no answers could give, in labels."""
    moved = "; ".join(f"{printer.label(name)} {printer.number(r, '.2f')}" for name, r in changed.items())
    text = tr(
        "No answers can correlate like this with {outcome}: {moved}. The other correlations do not leave room for it; bring one nearer to what was found."
    )
    return printer.text(text, outcome=printer.label(outcome), moved=moved)


def _slider(moments: Moments, outcome: str, driver: str, printer: Printer) -> FloatSlider:
    """A slider from the correlation as found, over the range the others leave."""
    from ipywidgets import FloatSlider, Layout

    low, high = possible_correlations(moments, outcome, driver)
    found = round(float(moments.corr[tuple(moments.index([outcome, driver]))]), 2)
    return FloatSlider(
        value=found,
        min=min(found, ceil(low * 100 + 1e-6) / 100),
        max=max(found, floor(high * 100 - 1e-6) / 100),
        step=0.01,
        description=printer.label(driver),
        readout_format=".2f",
        style={"description_width": "13em"},
        layout=Layout(width="100%", max_width="640px"),
    )


def _picture(result: Hypothetical, printer: Printer) -> str:
    """The figure as html with its title, what moved, and its alt text."""
    if len(result.changed) == 1:
        name = result.changed[0]
        share, before = (printer.number(result.value(name, column).value, ".0%") for column in ("share", "share_found"))  # fmt: skip
        title = printer.tr(
            "{driver}: {share} of what is explained, instead of {found}",
            driver=printer.label(name),
            share=share,
            found=before,
        )
    else:
        title = (
            printer.tr("Changed by hand: {n} correlations", n=len(result.changed))
            if result.changed
            else printer.tr("As found: nothing is changed")
        )
    figure = plot_what_if(result, id="fig-what-if", title=title, labels=printer.labels, language=printer.language)
    return _embedded(figure, title, [*_against(result, printer), _totals(result, printer)])


def _totals(result: Hypothetical, printer: Printer) -> str:
    """Shares of the blocks where there are any, and R²."""
    blocks = result.after.blocks() if tuple(result.after.members) != result.after.terms else None
    shares = zip(blocks.terms, blocks.shares, strict=True) if blocks else ()
    listing = [f"{printer.label(block)} {printer.number(share, '.0%')}" for block, share in shares]
    after, before = (printer.number(result.stat(name).value, ".2f") for name in ("r_squared", "r_squared_found"))  # fmt: skip
    note = tr("R² {after}, as found {before}. Changed by hand: for learning, no evidence.")
    together = printer.tr("Blocks: {shares}.", shares=", ".join(listing)) + " " if listing else ""
    return together + printer.text(note, after=after, before=before)


def _against(result: Hypothetical, printer: Printer) -> list[str]:
    """Why a driver that works against the outcome explains something all the same, where one does."""
    names = [printer.label(name) for name in result.after.terms if result.correlations[name] < 0]
    if not names:
        return []
    text = tr(
        "{drivers}: the more of it, the less {outcome}. It explains all the same: a share says how well {outcome} can be told from it, not which way it goes."
    )
    outcome = printer.label(result.after.outcome)
    return [printer.text(text, drivers=and_list(names, printer.language), outcome=outcome)]


def _embedded(figure: Exhibit, title: str, notes: Sequence[str]) -> str:
    """A figure as html that needs no file, its title above it and notes below."""
    address = f"data:image/svg+xml;base64,{base64.b64encode(figure.plain).decode()}"
    return (
        f"<p><strong>{html.escape(title)}</strong></p>"
        f'<img alt="{html.escape(figure.alt)}" src="{address}" style="width: 100%; background: white">'
        + "".join(f"<p>{html.escape(note)}</p>" for note in notes)
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
    language : str
        Of the words: en or nl.

    Returns
    -------
    Answer
        Right, wrong or still to be answered, in words.

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
    reply = tr("Right.") if right else tr("Not yet: it is more.") if off < 0 else tr("Not yet: it is less.")
    return Answer(right, reply[language])
