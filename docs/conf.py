"""The site: `make docs`. Pages are Markdown; cells in them are run, so what they print is what the library says today."""

import ast
import html
import json
import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))
# cells run in another process, from the folder of the page
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

from numpydoc.docscrape_sphinx import SphinxDocString  # noqa: E402

from loyaltylab import __version__  # noqa: E402
from loyaltylab.core import language_name, markdown  # noqa: E402
from loyaltylab.reports import Run, run_book  # noqa: E402

project, author, release = "loyaltylab", "loyaltylab", __version__
project_copyright = "loyaltylab, MIT licence"
extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["_build", "_templates", "jupyter_execute", "reports/pages"]
templates_path = ["_templates"]
# the pages of reports are files of their own, which open offline: they are laid beside the site as they are
html_extra_path = ["reports/pages"]

html_theme = "pydata_sphinx_theme"
html_title = "loyaltylab"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False, "header_links_before_dropdown": 3}
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
# a page beside no others needs no column that lists them; the reference keeps it
html_sidebars = {"*": [], "tutorials/*": [], "reports/*": []}

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 120
nb_merge_streams = True

default_role = "code"  # what docstrings set in single backticks
autosummary_generate = True
autosummary_imported_members = False
autosummary_context = {"of_python": {*dir(str), *dir(dict), *dir(tuple), *dir(Exception)}}
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
# numpydoc compiles its one template anew for each of five thousand docstrings: a fifth of the time of a build
_template, _configured = SphinxDocString("").template, SphinxDocString.load_config
SphinxDocString.load_config = lambda self, config: _configured(self, {"template": _template, **config})


def rooms() -> list[str]:
    """The rooms, from the front door down."""
    order = ["reports", "exhibits", "claims", "drivers", "loyalty", "models", "contrasts", "survey", "moments"]
    return [*order, "codebook", "kernels", "core"]


def offered(room: str) -> list[str]:
    """The names a room offers: those of its face."""
    tree = ast.parse((ROOT / "loyaltylab" / room / "__init__.pyi").read_text(encoding="utf-8"))
    names = [alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    return sorted((name for name in names if name), key=str.lower)


def write_reference() -> None:
    """A page for each room, from its face and its docstring."""
    import importlib

    folder = HERE / "reference"
    folder.mkdir(exist_ok=True)
    pages, known = [], {}
    for room in rooms():
        module = importlib.import_module(f"loyaltylab.{room}")
        functions, values = [], []
        for name in offered(room):
            known[room, name] = found = getattr(module, name)
            documented = callable(found) and (getattr(found, "__module__", "") or "").startswith("loyaltylab")
            (functions if documented else values).append(name)
        said = (module.__doc__ or "").strip()
        listing = "\n".join(f"   {name}" for name in functions)
        more = f"\nBesides: {', '.join(f'``{name}``' for name in values)}.\n" if values else ""
        title = f"``loyaltylab.{room}``"
        text = f"{title}\n{'=' * len(title)}\n\n{said}\n\n.. currentmodule:: loyaltylab.{room}\n\n.. autosummary::\n   :toctree: names\n   :nosignatures:\n\n{listing}\n{more}"
        _keep(folder / f"{room}.rst", text)
        pages.append(room)
    _forget_what_is_gone(folder / "names", known)
    entries = "\n".join(f"   {page}" for page in pages)
    head = "Reference\n=========\n\nEvery public name, by room. About fifty of them stand at the front too: ``ll.importance`` is\n``loyaltylab.drivers.importance``.\n"
    _keep(folder / "index.rst", f"{head}\n.. toctree::\n   :maxdepth: 1\n\n{entries}\n")


def _forget_what_is_gone(folder: Path, known: dict[tuple[str, str], object]) -> None:
    """Pages that an earlier build made of names that are no longer offered; what is missing Sphinx makes again."""
    for path in folder.glob("loyaltylab.*.rst"):
        _, room, name, *members = path.stem.split(".")
        one = known.get((room, name))
        for member in members:
            one = getattr(one, member, None)
        if one is None:
            path.unlink()


def _keep(path: Path, text: str) -> None:
    """Written only where it changed, so that a second build reads only what is new."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def write_reports(languages: tuple[str, ...] = ("en", "nl")) -> None:
    """A page that shows every report, and beside the site each of them in every language, from runs made here.

    What is up to date is not run again. `sphinx-build -t quick` leaves them out, for one who changes a page.
    """
    folder = HERE / "reports"
    pages = folder / "pages" / "reports"
    pages.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, Run]] = {}
    for language in () if tags.has("quick") else languages:  # noqa: F821 (sphinx gives it)
        book = run_book({"language": language}, folder=HERE / "_build" / "runs", formats=("html",))
        if book.failed:
            raise RuntimeError("; ".join(f"{point}: {point.error}" for point in book.failed))
        for point in book.points:
            found.setdefault(point.run.manifest["report"], {})[language] = point.run
    cells = []
    for name, runs in found.items():
        for language, run in runs.items():
            shutil.copyfile(run.page, pages / f"{name}.{language}.html")
        first, *_ = runs.values()
        figure = next(id for id in first.manifest["exhibits"] if id.startswith("fig-"))
        shutil.copyfile(first.folder / "exhibits" / f"{figure}.svg", folder / f"{name}.svg")
        card = json.loads((first.folder / "exhibits" / f"{figure}.json").read_text(encoding="utf-8"))
        to = " · ".join(
            f'<a href="../reports/{name}.{one}.html" lang="{one}">{html.escape(language_name(one, one))}</a>'
            for one in runs
        )
        cells.append(
            f"## {markdown(first.manifest['title'])}\n\n`loyaltylab run {name}`: {to}\n\n"
            f"{markdown(first.manifest['headline'])}\n\n```{{image}} {name}.svg\n:alt: {' '.join(card['alt'].split())}\n:width: 480px\n```\n"
        )
    head = (
        "# Reports\n\nEvery report on the data it comes with, in each language, as `make docs` ran it: one file each, as "
        "you get it. Below its finding stands the figure it opens with.\n"
    )
    _keep(folder / "index.md", "\n".join([head, *cells]))


write_reference()
write_reports()
