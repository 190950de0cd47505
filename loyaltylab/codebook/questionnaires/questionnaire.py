"""Questionnaires from a codebook, for the tools that field them and for paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core import check_known
from ..book import Codebook
from ..entries import LANGUAGES
from .limesurvey import limesurvey
from .paper import pdf, word
from .qualtrics import qualtrics
from .questions import Section, minutes, sections
from .xlsform import xlsform

__all__ = ["FORMS", "minutes", "questionnaire"]

#: Form → (codebook, sections, language) → file name → content.
FORMS: dict[str, Callable[[Codebook, Sequence[Section], str], dict[str, bytes]]] = {
    "xlsform": xlsform,
    "limesurvey": limesurvey,
    "qualtrics": qualtrics,
    "word": word,
    "pdf": pdf,
}


def questionnaire(
    codebook: Codebook, form: str, *, language: str = "en", modules: Sequence[str] = ()
) -> dict[str, bytes]:
    """The questionnaire of a codebook in the form a survey tool imports, or to print.

    Items with values become a choice, items with a short range a rating, others a number. Weight, cluster, respondent
    and duration come from the field and are not asked; nor is an item without wording, which is measured otherwise.
    Every question may be skipped. What the tools export comes back through `read_survey` with the same codebook.

    Parameters
    ----------
    form : {"xlsform", "limesurvey", "qualtrics", "word", "pdf"}
        XLSForm opens in ODK and KoBo; LimeSurvey's is its tab-separated structure, Qualtrics' its advanced text.
    language : {"en", "nl"}
        The language shown first by XLSForm and LimeSurvey, which hold both; the only one of the others.
    modules : sequence of str
        Modules of the codebook to ask; all where left out.

    Returns
    -------
    dict
        File name → content; the same bytes every time.

    Raises
    ------
    UnknownName
        For a form, language or module that does not exist.
    CodebookError
        If nothing is left to ask, or a name or code is one the tool cannot hold.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> files = questionnaire(read_codebook("mobi"), "qualtrics", language="nl")
    >>> list(files)
    ['mobi_qualtrics_nl.txt']
    """
    check_known("form", form, FORMS)
    check_known("language", language, LANGUAGES)
    return FORMS[form](codebook, sections(codebook, modules), language)
