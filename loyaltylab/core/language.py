"""Numbers as each language writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

__all__ = ["format_number"]


def format_number(value: float, spec: str, language: str = "en") -> str:
    """A number as a reader of that language writes it.

    `pp` at the end of `spec` turns shares into points; one `p` is for p-values, which are never printed as zero.

    >>> format_number(0.5132, ".1%", "nl"), format_number(-1234.5, ",.1f"), format_number(0.047, "+.1pp", "nl")
    ('51,3%', '−1,234.5', '+4,7')
    >>> format_number(0.0312, ".3p"), format_number(4e-8, ".3p", "nl")
    ('0.031', '<0,001')
    """
    if value != value:
        return "–"
    if spec.endswith("pp"):
        value, spec = 100 * value, spec[:-2] + "f"
    elif spec.endswith("p"):
        spec = spec[:-1] + "f"
        least = 10.0 ** -int(spec[1:-1])
        if value < least:
            return "<" + format_number(least, spec, language)
    text = format(value, spec)
    if float(re.sub(r"[^\d.]", "", text) or 1) == 0:
        text = text.lstrip("+-")
    if language == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", "−")
