"""The few exceptions, and the helpers that word them: what, where, what to do, what was possible."""

from __future__ import annotations

import difflib
import errno
import re
import reprlib
import sys
from collections.abc import Iterable, Mapping
from typing import Any


class LoyaltyLabError(Exception):
    """Base of every error this package raises on purpose; its text is meant for the user."""


class CodebookError(LoyaltyLabError):
    """A codebook or another YAML file of the project is not as it should be."""


class DataError(LoyaltyLabError):
    """The rows of a survey cannot be used as they are."""


class MatrixError(LoyaltyLabError):
    """A correlation matrix is not one."""


class ModelError(LoyaltyLabError):
    """A model cannot be computed from these data."""


class ReportError(LoyaltyLabError):
    """A report cannot be run, or one of its cells failed."""


class UnknownName(LoyaltyLabError):
    """A name that does not exist; the message lists those that do."""


def listed(names: Iterable[object], limit: int = 15) -> str:
    """Names in a sentence, the tail counted when there are many.

    >>> listed(["trust", "joy", "price"])
    'trust, joy, price'
    >>> listed(range(5), limit=2)
    '0, 1 and 3 more'
    >>> listed([])
    'none'
    """
    names = [_short(str(name)) for name in names]
    if not names:
        return "none"
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return ", ".join(names)


def _short(text: str) -> str:
    """A long name without its middle: those of one matrix begin alike."""
    return text if len(text) <= 60 else f"{text[:29]}…{text[-30:]}"


def brief(value: object) -> str:
    """A value as a user wrote it, cut short: a file may hold one of any size.

    >>> brief([1, 7]), brief("x" * 100)
    ('[1, 7]', "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'")
    """
    words = reprlib.Repr()
    words.maxlevel, words.maxstring, words.maxother, words.maxlong = 2, 60, 60, 60
    return words.repr(value)


def near(name: object, options: Iterable[object], *, least: float = 0.6) -> str:
    """The option that was probably meant; empty where none is near.

    >>> near("lgm", ["lmg", "last"]), near("x", ["lmg"])
    ('lmg', '')
    """
    found = difflib.get_close_matches(str(name), map(str, options), n=1, cutoff=least)
    return found[0] if found else ""


def among(name: object, options: Iterable[object]) -> str:
    """The end of a refusal: the option that was probably meant, and all there are.

    >>> among("pratts", ["pratt", "last"]), among("x", [])
    ("; did you mean 'pratt'? Allowed: pratt, last", '; allowed: none, as none is defined')
    """
    options = list(options)
    allowed = listed(options, limit=20) if options else "none, as none is defined"
    meant = near(name, options, least=0.7)
    return f"; did you mean '{meant}'? Allowed: {allowed}" if meant else f"; allowed: {allowed}"


def unknown(
    what: str, name: object, options: Iterable[object], todo: str = "", *, meant: Mapping[str, str] | None = None
) -> UnknownName:
    """An `UnknownName` that names the nearest option first and then lists what was possible.

    `meant` says how to write what may be nearest, where that is more than the options.

    >>> print(unknown("method", "lgm", ["lmg", "last", "first"]))
    method 'lgm' does not exist; did you mean 'lmg'? Possible: lmg, last, first.
    """
    options = [str(option) for option in options]
    likely = meant or {option: f"'{option}'" for option in options}
    nearest = near(name, likely)
    hint = f"; did you mean {likely[nearest]}?" if nearest else "."
    return UnknownName(f"{what} '{name}' does not exist{hint} Possible: {listed(options)}.{' ' + todo if todo else ''}")


def check_known(what: str, name: object, options: Iterable[object], todo: str = "") -> None:
    """Raises `unknown` where the name is not among the options.

    >>> check_known("language", "nl", ["en", "nl"])
    """
    options = list(options)
    if name not in options:
        raise unknown(what, name, options, todo)


#: What a system says that a user can mend: kind of error → what it is, what to do; {} is the file or folder.
_OF_THE_SYSTEM = {
    errno.ENOSPC: "the disk is full{}. Make room and run the same again; runs that are finished are whole.",
    errno.EDQUOT: "your part of the disk is full{}. Make room and run the same again; runs that are finished are whole.",
    errno.EACCES: "no right to read or write{}. Give yourself that right, or choose another folder.",
    errno.EPERM: "no right to read or write{}. Give yourself that right, or choose another folder.",
    errno.EROFS: "nothing can be written there: the disk can only be read{}. Choose another folder.",
    errno.ENOTDIR: "there is a file where a folder is needed{}. Choose another folder, or move the file.",
    errno.EEXIST: "there is a file where a folder is needed{}. Choose another folder, or move the file.",
    errno.EISDIR: "there is a folder where a file is needed{}. Name a file.",
    errno.ENAMETOOLONG: "a name is longer than this system takes{}. Shorten it.",
    errno.ENOENT: "no such file or folder{}. Check the name, and the folder you are in.",
    errno.EMFILE: "too many files are open at once{}. Run fewer reports at a time (--jobs).",
    errno.ENOMEM: "there is too little memory{}. Close other programs, or run fewer reports at a time.",
}


def in_words(error: BaseException) -> str:
    """One sentence for an error that comes from the machine and not from here; our own have their text.

    >>> in_words(OSError(errno.ENOSPC, "No space left on device", "reports/x"))
    "the disk is full ('reports/x'). Make room and run the same again; runs that are finished are whole."
    """
    if isinstance(error, LoyaltyLabError):
        return str(error)
    if isinstance(error, MemoryError):
        return "this takes more memory than there is. Close other programs, use fewer rows or columns, or leave the data in a database (data=duckdb:FILE)."
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":  # bytes of a file's name
        before, after = (
            re.split('["\n/]', error.object[: error.start])[-1],
            re.split('["\n/]', error.object[error.start :])[0],
        )
        name = f"{before}{after}".encode(errors="replace").decode()
        return f"{brief(name)} holds bytes that are no text in UTF-8. Give the file or folder another name."
    if isinstance(error, UnicodeError):
        reason = getattr(error, "reason", "") or str(error)
        return f"a text cannot be read or written as {getattr(error, 'encoding', 'text')} ({reason}). Save it as UTF-8, or take the sign out."
    if isinstance(error, OSError):
        name = f" ({brief(str(error.filename))})" if error.filename is not None else ""
        known = _OF_THE_SYSTEM.get(error.errno or 0)
        return (
            known.format(name)
            if known
            else f"the system says: {error.strerror or error or type(error).__name__}{name}."
        )
    return f"{type(error).__name__}: {error}".strip().rstrip(":")


def the_one_called(
    what: str,
    asked: object,
    labels: Mapping[Any, Iterable[str]],
    todo: str = "",
    *,
    possible: Iterable[object] | None = None,
) -> Any:
    """The name that was meant: `asked` where it is one, else the name of the one thing that has it for a label.

    Parameters
    ----------
    labels : mapping of name → labels
        Of everything that may be named, in every language.
    possible : names, optional
        Those to list where none is meant; all if left out.

    Raises
    ------
    UnknownName
        Naming the nearest name or label; for a label that several things have, those.

    Examples
    --------
    >>> labels = {"CUSL": ["Loyalty", "Loyaliteit"], "CUSA": ["Satisfaction", "Tevredenheid"]}
    >>> the_one_called("variable", "CUSA", labels), the_one_called("variable", "loyaliteit", labels)
    ('CUSA', 'CUSL')
    >>> the_one_called("variable", "Loyalti", labels)
    Traceback (most recent call last):
    ...
    loyaltylab.core.errors.UnknownName: variable 'Loyalti' does not exist; did you mean 'Loyalty' (CUSL)? Possible: CUSL, CUSA.
    """
    if asked in labels:
        return asked
    wanted = str(asked).strip().casefold()
    found = [name for name, own in labels.items() if wanted in (label.casefold() for label in own)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownName(f"{what} '{asked}' may be {listed(found)}, which all have that label; write which one.")
    meant = {label: f"'{label}' ({name})" for name, own in labels.items() for label in own}
    meant |= {str(name): f"'{name}'" for name in labels}
    raise unknown(what, asked, labels if possible is None else possible, todo, meant=meant)


#: A moment later: where all cells were run, JupyterLab goes to the last, which was not.
_INTO_SIGHT = "setTimeout(() => element.closest('.jp-Cell')?.scrollIntoView({block: 'center'}), 500)"


def brief_in_notebooks(*, in_sight: bool = False) -> None:
    """In a notebook, errors that are meant for the user are a line or two, without a traceback.

    With `in_sight` JupyterLab scrolls to the cell that failed.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None

    def shown(shell: Any, kind: type, error: BaseException, *_: Any, **__: Any) -> None:
        shell._showtraceback(kind, error, [f"\x1b[31m{kind.__name__}:\x1b[0m {error}"])
        if in_sight:
            from IPython.display import Javascript, display

            display(Javascript(_INTO_SIGHT))

    if shell:
        shell.set_custom_exc((LoyaltyLabError,), shown)


brief_in_notebooks()
