"""Make the example thesis from a run: `python build.py RUN` in this folder, after `loyaltylab run drivers`.

Writes cited/ (the output of `loyaltylab cite`), thesis.pdf with Typst and thesis.docx with pandoc. For LaTeX run
`pdflatex thesis; biber thesis; pdflatex thesis; pdflatex thesis` afterwards.
"""

import os
import re
import sys
from pathlib import Path

import pypandoc
import typst
import yaml

from loyaltylab.core.escapes import markdown as escaped
from loyaltylab.reports.citing.citing import cite
from loyaltylab.reports.running.record import Run, find_run

EXHIBITS = ("fig-drivers", "fig-blocks", "tbl-drivers")
AUTHORS = ["Student, A."]
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
    for style, ending in ENDINGS.items():
        (cited / f"numbers.{ending}").write_text(cite(run, "numbers", style), encoding="utf-8")
    (cited / "references.bib").write_text(cite(run, style="biblatex", authors=AUTHORS), encoding="utf-8")
    root = os.path.commonpath([run.folder.resolve(), folder.resolve()])
    pdf = typst.compile(str(folder / "thesis.typ"), root=root, timestamp=0)
    (folder / "thesis.pdf").write_bytes(pdf)

    text = (folder / "thesis.md").read_text(encoding="utf-8")
    numbers = yaml.safe_load(cite(run, "numbers", "markdown").strip("-\n"))["numbers"]
    text = re.sub(r"\{\{(\w+)\}\}", lambda name: escaped(numbers[name[1]]), text)
    text = re.sub(r"^cite: (\S+)$", lambda found: cite(run, found[1], "markdown", start=folder), text, flags=re.M)
    pypandoc.convert_text(
        f'{text}\n::: {{custom-style="Bibliography"}}\n{cite(run, style="markdown", authors=AUTHORS)}\n:::\n',
        "docx+native_numbering",
        format="markdown-citations",
        outputfile=str(folder / "thesis.docx"),
        extra_args=[f"--resource-path={folder}"],
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Which run? For instance: python build.py drivers/0123456789ab")
    build(find_run(sys.argv[1]), Path(__file__).parent)
