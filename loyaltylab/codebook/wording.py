"""The answers an item offers, as a questionnaire prints them and an export gives them back."""

from __future__ import annotations

from typing import Any

from .book import Codebook
from .entries import LANGUAGES, Item

__all__ = ["options"]

#: A rating of more steps than this is asked as a number.
MOST_STEPS = 11


def options(item: Item, book: Codebook) -> dict[Any, dict[str, str]]:
    """Code → the answer a respondent sees, by language; empty for a question answered with a number.

    A rating shows its numbers, the ends in words beside them; one with a word for every step shows the words.
    """
    if item.values:
        return dict(item.values)
    if not item.range or any(end != int(end) for end in item.range) or item.range[1] - item.range[0] >= MOST_STEPS:
        return {}
    low, high = map(int, item.range)
    steps, form = range(low, high + 1), book.formats.get(item.format)
    if form and all(step in form.labels for step in steps):
        return {step: form.labels[step] for step in steps}
    ends = form.ends if form else {}
    words = {end: {language: pair[at] for language, pair in ends.items()} for at, end in ((0, low), (1, high)) if ends}
    words |= form.labels if form else {}
    return {
        step: {language: f"{step} – {words[step][language]}" if step in words else str(step) for language in LANGUAGES}
        for step in steps
    }
