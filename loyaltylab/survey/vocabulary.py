"""What survey files call things: the words of `vocabulary.yml` as one regular expression a subject."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from ..core import read_yaml


@cache
def _subjects() -> dict[str, list[Any]]:
    return read_yaml(Path(__file__).with_suffix(".yml"))


def listed_in(subject: str) -> list[Any]:
    """What stands under a subject, as it stands there: pairs, or lists in their order."""
    return _subjects()[subject]


@cache
def called(subject: str, frame: str = "{}") -> re.Pattern[str]:
    """Whatever a subject is called in one of the languages of the files met, within a frame.

    Parameters
    ----------
    subject : str
        A key of `vocabulary.yml`, such as recommend.
    frame : str
        A regular expression with `{}` for what is called so.

    Returns
    -------
    re.Pattern[str]
        Upper and lower case count as one.

    Examples
    --------
    >>> bool(called("no_answer").fullmatch("weet niet")), bool(called("weight").fullmatch("wgt_pop"))
    (True, True)
    """
    return re.compile(frame.replace("{}", "(" + "|".join(_subjects()[subject]) + ")"), re.IGNORECASE)
