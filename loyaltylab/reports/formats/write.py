"""A run's report in every format it is read in: the page, the typeset PDF, the Word file."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ...core import ReportError, check_known, pandoc, raw
from ...core import typst as typst_text
from ...exhibits import fit_columns, letters, typeset, typeset_with, unbroken
from ..cards import Card, on_paper, table_cells
from ..words import WORDS, stated, words_in
from .markdown import markdown
from .page import write_page
from .word import write_word

_HERE = Path(__file__).parent
#: Characters on a line of a table in nine points.
_LINE = 116
#: And on one in eight points in a column of the appendix.
_SHORT_LINE = 62


def write_formats(
    executed: dict[str, Any],
    manifest: dict[str, Any],
    folder: Path,
    formats: Sequence[str] = ("html", "pdf", "docx"),
) -> dict[str, str]:
    """Write report.html, report.pdf and report.docx into a run's folder, side by side in time.

    Parameters
    ----------
    executed : dict
        The executed notebook, as nbformat's JSON.
    manifest : dict
        The run's manifest.
    folder : path
        The run's folder, with its exhibits/.
    formats : sequence of {"html", "pdf", "docx"}

    Returns
    -------
    dict
        Format → why it could not be made, in one line; empty if all were made. What could be made is there.

    Raises
    ------
    UnknownName
        For a format that does not exist.
    ReportError
        If not one format could be made.
    """
    for name in formats:
        check_known("format", name, FORMATS)
    with ThreadPoolExecutor(len(FORMATS)) as pool:
        tasks = {name: pool.submit(FORMATS[name], executed, manifest, folder) for name in formats}
        errors = {name: error for name, task in tasks.items() if (error := task.exception())}
    for name in errors:
        (folder / f"report.{name}").unlink(missing_ok=True)
    failed = {name: _one_line(error) for name, error in errors.items()}
    if formats and len(failed) == len(formats):
        if len(set(failed.values())) == 1:
            raise ReportError(next(iter(failed.values())))
        raise ReportError("; ".join(f"{name}: {reason}" for name, reason in failed.items()))
    return failed


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, ReportError) else f"{type(error).__name__}: {text}"


# ---- PDF -----------------------------------------------------------------------------------------------------------------


class Paper:
    """The form of the PDF: exhibits are calls of the template, given strings, which Typst never reads as markup."""

    with_code = False

    def __init__(self, language: str) -> None:
        self.language = language
        self.files: dict[str, bytes] = {}
        self.line = _LINE

    def picture(self, png: bytes) -> str:
        """See `Form`."""
        name = f"picture-{len(self.files)}.svg"
        width, height = struct.unpack(">II", png[16:24])
        content = base64.b64encode(png).decode()  # wrapped, since Typst takes only texts from memory
        image = f'<image width="{width}" height="{height}" href="data:image/png;base64,{content}"/>'
        size = f'width="{width}" height="{height}"'
        self.files[name] = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{image}</svg>'.encode()
        word = WORDS["figure"][self.language]
        return raw(f"#shown-picture({_value(name)}, {_value(word)})", "typst")

    def appendix(self) -> str:
        """See `Form`."""
        self.line = _SHORT_LINE
        return raw("#show: appendix", "typst")

    def reference(self, card_id: str, name: str) -> str:
        """See `Form`."""
        return f"[{name}](#{card_id})"

    def exhibit(self, card: Card, name: str, data: dict[str, Any]) -> str:
        """See `Form`."""
        card = on_paper(card) if card["kind"] == "table" else card
        word, number = name.rsplit(" ", 1)
        said = (int(number), word, card["title"], card["read_caption"], card["read_source"])
        if card["kind"] == "figure":
            file = f"{card['id']}.svg"
            self.files[file] = letters("".join(data["image/svg+xml"])).encode()
            return _call("shown-figure", card["id"], file, card["alt"], *said)
        if not card["markdown"]:
            return _call("pointer", card["id"], card["title"], *said)
        cells, numeric = table_cells(card)
        facts = (
            numeric,
            *fit_columns(cells, numeric, self.line),
            cells[0],
            [[*map(unbroken, row)] for row in cells[1:]],
        )
        return _call("shown-table", card["id"], card["alt"], *said, *facts)


def _call(name: str, *values: Any) -> str:
    """A call of the template."""
    return raw(f"#{name}({', '.join(map(_value, values))})", "typst")


def _value(value: str | float | bool | list[Any]) -> str:
    r"""A value as Typst writes it; text as a string, so that nothing in it is read as markup or code.

    >>> print(_value(["#read(\"x\")", 1, True]))
    ("#read(\"x\")", 1, true,)
    """
    if isinstance(value, list):
        return f"({' '.join(_value(item) + ',' for item in value)})"
    if isinstance(value, str):
        return typst_text(re.sub(r"[\x00-\x1f\x7f]", " ", value))
    return str(value).lower()


def write_pdf(executed: dict[str, Any], manifest: dict[str, Any], folder: Path) -> Path:
    """`report.pdf`: typeset by Typst from prose and figures, tagged for screen readers, with nothing read from disk."""
    import typst

    paper = Paper(manifest["language"])
    text = markdown(executed, manifest, paper)
    body = pandoc(text, "typst-smart", f"--lua-filter={_HERE / 'report.lua'}", "--shift-heading-level-by=-1")
    main = f'#import "report.typ": *\n#show: report.with({_settings(manifest)})\n'
    files = {
        "main": main.encode() + body,
        "report.typ": (_HERE / "report.typ").read_bytes(),
        **paper.files,
    }
    try:
        done = typeset({**files, **_laid(files)}, "pdf")
    except typst.TypstError as error:
        raise ReportError(f"Typst could not set the PDF: {error}") from None
    target = folder / "report.pdf"
    target.write_bytes(done)
    return target


def _laid(files: dict[str, bytes]) -> dict[str, bytes]:
    """The file that says how each figure is laid: each in its turn, since it moves what follows, and once."""
    import typst

    laid: dict[str, float] = {}
    settled = 0
    while True:
        file = {"laid.json": json.dumps(laid).encode()}
        try:
            told = typst.query({**files, **file}, "<laid-figure>", field="value", **typeset_with())
        except RuntimeError:  # typesetting it says what is wrong
            return file
        figures = json.loads(told)
        sizes = [_size(figure, figures[:i]) for i, figure in enumerate(figures)]
        moved = next((i for i in range(settled, len(figures)) if sizes[i] != 1), None)
        if moved is None:
            return file
        laid[figures[moved]["id"]] = sizes[moved]
        settled = moved + 1


def _size(figure: dict[str, Any], earlier: list[dict[str, Any]]) -> float:
    """How many times its own size a figure has under its text, 0 where text goes on and it opens the next page.

    It is made smaller if only then it fits, and opens the next page if a quarter of its own would stay empty, or if an earlier
    one is still to come.

    >>> figure = {"told": 2, "stands": 3, "room": 200, "full": 700, "high": {"1": 220, "0.9": 198}}
    >>> _size(figure, []), _size({**figure, "room": 190}, []), _size({**figure, "room": 170}, [])
    (0.9, 0, 1)
    >>> _size(figure, [{"stands": 3}])
    0
    """
    if any(other["stands"] > figure["told"] for other in earlier):
        return 0
    if figure["stands"] == figure["told"]:
        return 1
    fits = (float(size) for size, high in figure["high"].items() if high <= figure["room"])
    return next(fits, 0 if figure["room"] > figure["full"] / 4 else 1)


def _settings(manifest: dict[str, Any]) -> str:
    language, tier, evidence = manifest["language"], manifest["evidence_tier"], manifest["evidence"]
    word = words_in(language)
    settings = {
        "title": manifest["title"],
        "language": language,
        "run": manifest["id"],
        "version": manifest["code_version"],
        "tier": word[tier] if tier else "",
        "source": stated(manifest),
        "note": evidence.get("note", ""),
    }
    words = ", ".join(f"{name}: {_value(word[name])}" for name in ("page", "of", "contents"))
    return ", ".join(f"{name}: {_value(text)}" for name, text in settings.items()) + f", words: ({words})"


FORMATS: dict[str, Callable[[dict[str, Any], dict[str, Any], Path], Path]] = {
    "html": write_page,
    "pdf": write_pdf,
    "docx": write_word,
}
