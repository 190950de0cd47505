"""Notebooks as reports: their parameters, the run, the page, and the `Report` a notebook writes to."""

from .book import Book, run_book
from .citing import cite
from .index import write_index
from .parameters import Notebook, Parameter, list_reports, read_notebook
from .recorded import recorded_findings
from .run import Run, run_report
from .session import Report
from .sweep import Point, Sweep, run_sweep
from .verify import Verification, verify_run

__all__ = [
    "Book",
    "Notebook",
    "Parameter",
    "Point",
    "Report",
    "Run",
    "Sweep",
    "Verification",
    "cite",
    "list_reports",
    "read_notebook",
    "recorded_findings",
    "run_book",
    "run_report",
    "run_sweep",
    "verify_run",
    "write_index",
]
