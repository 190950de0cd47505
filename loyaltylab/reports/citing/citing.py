"""What goes into a thesis: references, and figures and tables with caption, source note and evidence tier."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ...core import (
    TIERS,
    ReportError,
    available,
    check_known,
    expanded,
    listed,
    markdown,
    pandoc,
    sha256,
    tex,
    tr,
    typst,
)
from ...exhibits import WIDTHS, fit_columns, smaller_columns
from ..cards import table_cells
from ..running.parameters import Notebook
from ..running.record import Run, find_run, read_json, write_json
from .authorship import authorship
from .numbers import NUMBERS, numbers_of
from .references import CITATION_WORDS, Reference, references, together

#: Seconds for a reference list in a CSL style, which takes one: parts of a style that call each other have no end.
_PATIENCE = 60
#: Style → what it gives.
STYLES: dict[str, str] = {
    "apa": "lines for the reference list, APA 7",
    "bibtex": "entries for BibTeX",
    "biblatex": "entries for biblatex, Typst and pandoc",
    "csl": "CSL-JSON, for Zotero and pandoc",
    "ris": "RIS, for EndNote, Zotero and Mendeley",
    "latex": "figure or table for a LaTeX document",
    "typst": "figure or table for a Typst document",
    "markdown": "figure or table for pandoc Markdown",
    "word": "what to insert and to paste in Word",
}
WORD_STEPS = {
    "figure": tr("Insert this picture"),
    "table": tr("Open in a browser, copy the table"),
    "caption": tr("Caption (References > Insert Caption)"),
    "note": tr("Note below it"),
    "alt": tr("Alt text"),
    "reference": tr("Reference list"),
}


def cite(
    run: str | Path | Run | Sequence[str | Path | Run],
    exhibit: str | None = None,
    style: str = "apa",
    *,
    folder: str | Path | None = None,
    start: str | Path | None = None,
    width: str = "",
    csl: str | Path = "",
    **by: Any,
) -> str:
    """What a thesis needs to cite a run, or to show and cite one of its exhibits.

    Parameters
    ----------
    run : str, path or Run, or several
        A run as `find_run` knows it; `drivers/0123456789ab#fig-drivers` names an exhibit too. Several give one reference
        list, in which what they share stands once.
    exhibit : str, optional
        Id of a figure or table of one run; "numbers" for every number of the prose by a name, so that a thesis retypes none.
    style : str
        One of `STYLES`.
    folder : path, optional
        Where reports are; `default_folder()` if left out.
    start : path, optional
        Folder of the document that paths are written for; the current one if left out.
    width : {"", "one", "two", "slide"}
        Width of a figure, where the run saved it.
    csl : path
        A CSL style to set the reference list in, instead of a `style`.
    by
        Who made it, where that is not what was kept beside the run or stands in the settings: `authors` (names),
        `institution`, `year`.

    Returns
    -------
    str
        Text to paste; of a figure with the path of its file.

    Raises
    ------
    UnknownName
        For a style, run, exhibit or width that does not exist, listing those that do.
    ReportError
        For a width the run did not save, with the command that does; for the numbers of several runs at once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cite("drivers/3f2a91c#fig-drivers", style="latex", folder=folder)
    Traceback (most recent call last):
    loyaltylab.core.errors.UnknownName: run 'drivers/3f2a91c' does not exist. Possible: none. There are no runs yet; make one with: loyaltylab run drivers.
    """
    check_known("style", style, STYLES)
    if not isinstance(run, (str, Path, Run)):
        runs = [_manifest_of(one, folder, by) for one in run]
        if len(runs) == 1:
            return cite(run[0], exhibit, style, folder=folder, start=start, width=width, csl=csl, **by)
        if exhibit or width or NUMBERS in [shown for _, shown, _ in runs]:
            raise ReportError(
                "An exhibit, and #numbers, are cited of one run at a time; several runs give one reference list."
            )
        whole = together(references(manifest, _card(found, manifest, shown)) for found, shown, manifest in runs)
        return _set_in(csl, whole, runs[0][2]["language"]) if csl else _LISTS[style](whole)
    found, shown, manifest = _manifest_of(run, folder, by)
    exhibit = shown or exhibit
    if exhibit == NUMBERS:
        doi = manifest["authorship"].get("doi", "")
        return numbers_of(read_json(found.folder / "notebook.ipynb"), found.id, style, doi)
    card = _card(found, manifest, exhibit)
    if csl:
        return _set_in(csl, references(manifest, card), manifest["language"])
    if not card:
        return _LISTS[style](together([references(manifest)]))
    exhibits = found.folder / "exhibits"
    if card["kind"] == "table":
        text = (exhibits / f"{exhibit}.md").read_text(encoding="utf-8")
        # the table alone: a citation says its source itself
        card["markdown"] = text.split("\n\n")[0].rstrip("\n") + "\n"
    elif width:
        _check_width(exhibits, card, width, manifest)
    place = os.path.relpath(exhibits.resolve(), Path(start or ".").resolve())
    return cite_all(manifest, card, [style], place=Path(place).as_posix(), width=width)[style]


def _manifest_of(
    run: str | Path | Run, folder: str | Path | None, by: dict[str, Any]
) -> tuple[Run, str | None, dict[str, Any]]:
    """A run, the exhibit its name names, and its manifest with whose it is."""
    exhibit = None
    if isinstance(run, str) and "#" in run:
        run, _, exhibit = run.partition("#")
    found = run if isinstance(run, Run) else find_run(run, folder)
    whose = authorship(found.folder.parent.parent, found.manifest.get("authorship"), **by)
    return found, exhibit, found.manifest | {"authorship": whose}


def _card(found: Run, manifest: dict[str, Any], exhibit: str | None) -> dict[str, Any] | None:
    """The card of an exhibit; none for a run as a whole."""
    if not exhibit:
        return None
    check_known("exhibit", exhibit, manifest["exhibits"])
    path = found.folder / "exhibits" / f"{exhibit}.json"
    if not path.is_file():
        raise ReportError(f"{found.id} has lost the file exhibits/{exhibit}.json; run the report again with --force.")
    return read_json(path)


def cite_all(
    manifest: dict[str, Any],
    card: dict[str, Any] | None = None,
    styles: Iterable[str] = tuple(STYLES),
    *,
    place: str = "exhibits",
    width: str = "",
) -> dict[str, str]:
    """Every style's text for a run, or for an exhibit by its card.

    Parameters
    ----------
    manifest : dict
        The run's manifest.
    card : dict, optional
        The exhibit's card; that of a table with its pipe table as `markdown`.
    styles : iterable of str
    place : str
        Folder of the exhibit's files as the document sees it.
    width : str
        As in `cite`.

    Examples
    --------
    >>> manifest = {"id": "loyaltylab:demo/0123456789ab", "title": "A report", "language": "en", "exhibits": []}
    >>> manifest |= {"evidence_tier": "synthetic", "code_version": "0.1.0", "commit_date": "2026-11-22"}
    >>> print(cite_all(manifest, styles=["apa"])["apa"], end="")
    A report [data: synthetic, no evidence] (Report loyaltylab:demo/0123456789ab; Version 0.1.0). (2026).
    loyaltylab (Version 0.1.0) [Computer software]. (2026).
    """
    found = references(manifest, card)
    texts = {}
    for style in styles:
        check_known("style", style, STYLES)
        if card and style in _SNIPPETS:
            stem = f"{place}/{card['id']}{'_' * bool(width)}{width}"
            texts[style] = _SNIPPETS[style](card, found, stem)
        else:
            texts[style] = _LISTS[style](found)
    return texts


def _check_width(exhibits: Path, card: dict[str, Any], width: str, manifest: dict[str, Any]) -> None:
    check_known("width", width, WIDTHS)
    if reason := card.get("does_not_fit", {}).get(width):
        raise ReportError(f"{card['id']} does not fit width '{width}': {reason}. Take a wider one of {listed(WIDTHS)}.")
    if not (exhibits / f"{card['id']}_{width}.pdf").is_file():
        again = manifest.get("rebuild", f"loyaltylab run {manifest['report']}")
        raise ReportError(f"{card['id']} was not saved in width '{width}'. Save it with: {again} --widths {width}")


# ---- the reference list ---------------------------------------------------------------------------------------------


def _set_in(csl: str | Path, found: list[Reference], language: str) -> str:
    """The reference list in a CSL style, as plain lines in the style's order."""
    path = expanded(csl)
    if not path.is_file():
        raise ReportError(f"--csl {csl}: no such file. Styles are at https://www.zotero.org/styles.")
    if parent := _parent(path):
        raise ReportError(
            f"--csl {csl}: takes its rules from another style, and nothing is fetched. Download that one, and give it: {parent}"
        )
    items = json.dumps([reference.for_styles() for reference in found])
    options = ["--citeproc", f"--csl={path}", f"--metadata=lang:{language}"]
    lines = pandoc(items, "plain", *options, source="csljson", patience=_PATIENCE).decode()
    return "".join(f"{line}\n" for line in lines.splitlines() if line)


def _parent(path: Path) -> str:
    """The style that another one stands for, which pandoc would fetch, sandbox or not; nothing for one that is whole."""
    try:
        root, why = ElementTree.parse(path).getroot(), ""
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        root, why = ElementTree.Element(""), f" ({error})"
    if root.tag != "{http://purl.org/net/xbiblio/csl}style":
        raise ReportError(f"--csl {path}: is no CSL style{why}. Styles are at https://www.zotero.org/styles.")
    found = (one.get("href", "") or "unnamed" for one in root.iter() if "independent-parent" in one.attrib.values())
    return next(found, "")


_EMPH = r"\emph{{{}}}"


def _set(one: Reference, escaped: Callable[[str], str], italic: str, upright: str = "{}") -> str:
    """The APA line in a document's language, with its italics; blanks at the ends of a piece stand outside it."""

    def piece(text: str, slanted: bool) -> str:
        bare = text.strip()
        before, after = " " * text.startswith(" "), " " * text.endswith(" ")
        return f"{before}{(italic if slanted else upright).format(escaped(bare))}{after}" if bare else text

    return "".join(piece(text, slanted) for text, slanted in one.pieces)


def _word_list(found: list[Reference]) -> str:
    return "".join(f"{WORD_STEPS['reference'][one.item['language']]}: {one.apa}\n" for one in found)


_LISTS: dict[str, Callable[[list[Reference]], str]] = {
    "apa": lambda found: "".join(f"{reference.apa}\n" for reference in found),
    "bibtex": lambda found: "\n".join(reference.bibtex() for reference in found),
    "biblatex": lambda found: "\n".join(reference.bibtex(biblatex=True) for reference in found),
    "csl": lambda found: json.dumps([reference.item for reference in found], indent=2, ensure_ascii=False) + "\n",
    "ris": lambda found: "\n".join(reference.ris() for reference in found),
    "latex": lambda found: "\n".join(f"\\noindent {_set(one, tex, _EMPH)}\\par\n" for one in found),
    "typst": lambda found: "\n".join(f"#par[{_set(one, typst, '#emph({})', '#{}')}]\n" for one in found),
    "markdown": lambda found: "\n".join(f"{_set(one, markdown, '*{}*')}\n" for one in found),
    "word": _word_list,
}


# ---- the exhibit in a document --------------------------------------------------------------------------------------


def _caption(card: dict[str, Any]) -> str:
    title = " ".join(card["title"].split())
    return f"{title}{'' if title[-1] in '.?!' else '.'} {' '.join(card['caption'].split())}"


def _note(card: dict[str, Any], found: list[Reference]) -> str:
    """The evidence tier, whose data it is, and the id that leads back; the source where no work is named.

    A figure has its source drawn at its foot, and does not need it a second time below it.
    """
    own, language = found[0], found[0].item["language"]
    named = "; ".join(one.in_text for one in found if one.role == "data" and one.in_text)
    word = CITATION_WORDS["data"][language].capitalize()
    if card["kind"] == "figure" and named:
        return f"{word} ({TIERS[card['provenance']['tier']][language]}): {named}. {own.item['number']}"
    source_text = f"{' '.join(card['source'].split()).rstrip('.')}. "
    return f"{source_text}{f'{word}: {named}. ' if named else ''}{own.item['number']}"


def _commented(found: list[Reference], mark: str) -> str:
    """The reference list as comments of the document's language."""
    return "".join(f"{mark} {reference.apa}\n" for reference in found)


def _latex(card: dict[str, Any], found: list[Reference], stem: str) -> str:
    if bad := re.search(r"[%#{}\\^~$&]", stem):
        raise ReportError(f"LaTeX cannot read a path with '{bad[0]}' ({stem}); copy the files to another folder.")
    comment = _commented(found, "%") + f"% \\cite{{{','.join(reference.item['id'] for reference in found)}}}\n"
    if card["kind"] == "table":
        return f"{comment}\\input{{{stem}.tex}}\n"
    return (
        f"{comment}\\begin{{figure}}\n\\centering\n\\includegraphics[width=\\linewidth,alt={{{tex(card['alt'])}}}]{{{stem}.pdf}}\n"
        f"\\caption[{{{tex(card['title'])}}}]{{{tex(_caption(card))}}}\n\\label{{{card['id']}}}\n\n"
        f"{{\\footnotesize\\raggedright {tex(_note(card, found))}\\par}}\n\\end{{figure}}\n"
    )


def _typst(card: dict[str, Any], found: list[Reference], stem: str) -> str:
    if card["kind"] == "figure":
        body = f"image({typst(f'{stem}.svg')}, width: 100%, alt: {typst(card['alt'])})"
    else:
        (head, *rows), numeric = table_cells(card)
        sides = ", ".join("right" if number else "left" for number in numeric)
        cells = [", ".join(map(typst, row)) for row in (head, *rows)]
        lines = [
            "table.hline()",
            f"table.header({cells[0]})",
            "table.hline(stroke: 0.5pt)",
            *cells[1:],
            "table.hline()",
        ]
        shares = smaller_columns([head, *rows], numeric, _LINE)
        widths = f"({', '.join(f'{share:.4f}fr' for share in shares)},)" if shares else len(head)
        style = f"columns: {widths}, stroke: none, align: ({sides},)"
        body = f"table(\n    {style},\n    " + ",\n    ".join(lines) + ",\n  )"
        body = f"text(size: 0.8em, {body})" if shares else body
    caption = f"{{ {typst(_caption(card))}; linebreak(); text(size: 0.85em, {typst(_note(card, found))}) }}"
    return f"{_commented(found, '//')}#figure(\n  {body},\n  caption: {caption},\n) <{card['id']}>\n"


#: Characters on a line of a document's own twelve points.
_LINE = 69


def _ruled(card: dict[str, Any]) -> str:
    """The pipe table of a card, its rule as long by column as pandoc must make it wide: a word that does not fit breaks anywhere."""
    cells, numeric = table_cells(card)
    lengths = [max(3, round(2 * _LINE * share)) for share in fit_columns(cells, numeric, _LINE, least=1)[0]]
    rules = ["-" * n + ":" if number else ":" + "-" * n for n, number in zip(lengths, numeric, strict=True)]
    head, _, *rows = card["markdown"].strip().splitlines()
    return "\n".join([head, f"| {' | '.join(rules)} |", *rows])


def _markdown(card: dict[str, Any], found: list[Reference], stem: str) -> str:
    caption = f"{markdown(_caption(card))} {markdown(_note(card, found))}"
    listing = " ".join(reference.apa for reference in found).replace("--", "–").replace(">", "&gt;")
    if card["kind"] == "table":
        return f"<!-- {listing} -->\n\n{_ruled(card)}\n\n: {caption} {{#{card['id']}}}\n"
    alt = " ".join(card["alt"].split()).replace("&", "&amp;").replace("\\", "\\\\").replace('"', "&quot;")
    return f'<!-- {listing} -->\n\n![{caption}](<{stem}.png>){{#{card["id"]} alt="{alt}" width=100%}}\n'


def _word(card: dict[str, Any], found: list[Reference], stem: str) -> str:
    step = {key: texts[found[0].item["language"]] for key, texts in WORD_STEPS.items()}
    lines = [
        (step[card["kind"]], f"{stem}.{'png' if card['kind'] == 'figure' else 'html'}"),
        (step["caption"], _caption(card)),
        (step["note"], _note(card, found)),
        (step["alt"], " ".join(card["alt"].split())),
    ]
    return "".join(f"{name}: {text}\n" for name, text in lines) + _word_list(found)


_SNIPPETS: dict[str, Callable[[dict[str, Any], list[Reference], str], str]] = {
    "latex": _latex,
    "typst": _typst,
    "markdown": _markdown,
    "word": _word,
}


# ---- what a card holds besides --------------------------------------------------------------------------------------


def command(notebook: Notebook, values: dict[str, Any]) -> str:
    """The command line that runs a report again, with the parameters that differ from the notebook's defaults.

    A value no command line can express, such as a name with a comma in a list, gives a line of Python instead.
    """
    shipped = notebook.path in available("notebooks", ".ipynb").values()
    report = notebook.name if shipped else notebook.path.name
    given = {name: value for name, value in values.items() if value != notebook.parameters[name].default}
    texts = {name: _as_text(value) for name, value in given.items()}
    if all(notebook.parameters[name].read(text) == given[name] for name, text in texts.items()):
        words = [f"-p {shlex.quote(f'{name}={text}')}" for name, text in texts.items()]
        return " ".join(["loyaltylab run", shlex.quote(report), *words])
    code = f"from loyaltylab.reports import run_report; run_report({report!r}, {given!r})"
    return f"python -c {shlex.quote(code)}"


def _as_text(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)


def complete_cards(folder: Path, manifest: dict[str, Any], notebook: Notebook) -> dict[str, Any]:
    """Write into each exhibit's card what only the runner knows; the manifest with the cards' new hashes.

    A card then stands by itself where an exhibit's files are copied elsewhere; versions of packages stay in the manifest.
    """
    rebuild = command(notebook, manifest["parameters"])
    facts = {key: manifest[key] for key in ("report", "parameters", "files", *_COMMIT) if key in manifest}
    hashes = dict(manifest["exhibit_files"])
    for exhibit in manifest["exhibits"]:
        path = folder / "exhibits" / f"{exhibit}.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        card |= {"report_title": manifest["title"], **facts, "rebuild": rebuild, "versions": "manifest.json"}
        card["references"] = [reference.apa for reference in references(manifest, card)]
        write_json(path, card)
        hashes[path.name] = sha256(path)
    return {**manifest, "rebuild": rebuild, "exhibit_files": hashes}


_COMMIT = ("commit", "commit_date", "uncommitted_changes")
