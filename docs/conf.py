"""The site: `make docs`. Pages are Markdown; cells in them are run, so what they print is what the library says today."""

import ast
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
# cells run in another process, from the folder of the page
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

from loyaltylab import __version__  # noqa: E402

project, author, release = "loyaltylab", "loyaltylab", __version__
project_copyright = "loyaltylab, MIT licence"
extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["_build", "jupyter_execute"]

html_theme = "pydata_sphinx_theme"
html_title = "loyaltylab"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False, "header_links_before_dropdown": 3}
html_show_sourcelink = False

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
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False


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

    folder = Path(__file__).parent / "reference"
    folder.mkdir(exist_ok=True)
    pages = []
    for room in rooms():
        module = importlib.import_module(f"loyaltylab.{room}")
        functions, values = [], []
        for name in offered(room):
            found = getattr(module, name)
            documented = callable(found) and (getattr(found, "__module__", "") or "").startswith("loyaltylab")
            (functions if documented else values).append(name)
        said = (module.__doc__ or "").strip()
        listing = "\n".join(f"   {name}" for name in functions)
        more = f"\nBesides: {', '.join(f'``{name}``' for name in values)}.\n" if values else ""
        title = f"``loyaltylab.{room}``"
        text = f"{title}\n{'=' * len(title)}\n\n{said}\n\n.. currentmodule:: loyaltylab.{room}\n\n.. autosummary::\n   :toctree: names\n   :nosignatures:\n\n{listing}\n{more}"
        _keep(folder / f"{room}.rst", text)
        pages.append(room)
    entries = "\n".join(f"   {page}" for page in pages)
    head = "Reference\n=========\n\nEvery public name, by room. About fifty of them stand at the front too: ``ll.importance`` is\n``loyaltylab.drivers.importance``.\n"
    _keep(folder / "index.rst", f"{head}\n.. toctree::\n   :maxdepth: 1\n\n{entries}\n")


def _keep(path: Path, text: str) -> None:
    """Written only where it changed, so that a second build reads only what is new."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


write_reference()
