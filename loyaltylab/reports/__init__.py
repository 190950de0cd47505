"""Notebooks as reports: their parameters, the run, the page, and the `Report` a notebook writes to."""

from .parameters import Notebook, Parameter, list_reports, read_notebook
from .run import Run, run_report
from .session import Report

__all__ = ["Notebook", "Parameter", "Report", "Run", "list_reports", "read_notebook", "run_report"]
