"""What survey files call things: the words of `vocabulary.yml` as one regular expression a subject."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ..core import read_yaml

__all__ = ["called"]


@cache
def _subjects() -> dict[str, list[str]]:
    return read_yaml(Path(__file__).with_suffix(".yml"))


@cache
def called(subject: str, frame: str = "{}") -> re.Pattern[str]:
    """Whatever a subject is called in one of the languages of the files met, within a frame.

    >>> bool(called("no_answer").fullmatch("weet niet")), bool(called("weight").fullmatch("wgt_pop"))
    (True, True)
    """
    return re.compile(frame.format("(" + "|".join(_subjects()[subject]) + ")"), re.IGNORECASE)
