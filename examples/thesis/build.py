"""Make the example thesis from a run: `python build.py RUN` in this folder, after `loyaltylab run drivers`.

Writes cited/ (the output of `loyaltylab cite`), thesis.pdf with Typst and thesis.docx with pandoc. For LaTeX run
`pdflatex thesis; bibtex thesis; pdflatex thesis; pdflatex thesis` afterwards.
"""

import os
import re
import sys
from pathlib import Path

import pypandoc
import typst

from loyaltylab.core.escapes import markdown as escaped
from loyaltylab.reports.citing.citing import cite
from loyaltylab.reports.running.record import Run, find_run

EXHIBITS = ("fig-drivers", "fig-blocks", "tbl-drivers")
ENDINGS = {"latex": "tex", "typst": "typ"}


def build(run: Run, folder: Path) -> None:
    """Write what the thesis in `folder` includes, and make its pdf and docx."""
    cited = folder / "cited"
    cited.mkdir(exist_ok=True)
    for exhibit in EXHIBITS:
        for style, ending in ENDINGS.items():
            # Typst looks for a picture from the included file, LaTeX from the document
            text = cite(run, exhibit, style, start=cited if style == "typst" else folder)
            (cited / f"{exhibit}.{ending}").write_text(text, encoding="utf-8")
    (cited / "references.bib").write_text(entries(run), encoding="utf-8")
    root = os.path.commonpath([run.folder.resolve(), folder.resolve()])
    pdf = typst.compile(str(folder / "thesis.typ"), root=root, timestamp=0)
    (folder / "thesis.pdf").write_bytes(pdf)

    text = (folder / "thesis.md").read_text(encoding="utf-8")
    filled = re.sub(r"^cite: (\S+)$", lambda found: cite(run, found[1], "markdown", start=folder), text, flags=re.M)
    pypandoc.convert_text(
        f"{filled}\n{listed(run)}",
        "docx+native_numbering",
        format="markdown-citations",
        outputfile=str(folder / "thesis.docx"),
        extra_args=[f"--resource-path={folder}"],
    )


def listed(run: Run) -> str:
    """The reference list, each entry once: figures of one run share the data they come from."""
    lines = "".join(cite(run, exhibit, "apa") for exhibit in EXHIBITS).splitlines()
    return "\n\n".join(escaped(line) for line in sorted(set(lines), key=str.lower))


def entries(run: Run) -> str:
    """The BibTeX entries of all exhibits, each once."""
    found = "\n".join(cite(run, exhibit, "bibtex") for exhibit in EXHIBITS)
    return "\n".join(dict.fromkeys(re.findall(r"^@.*?^}\n", found, flags=re.M | re.S)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Which run? For instance: python build.py drivers/0123456789ab")
    build(find_run(sys.argv[1]), Path(__file__).parent)
