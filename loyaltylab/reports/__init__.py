"""Notebooks as reports: their parameters, the run, the page, citing it, checking it, and many runs at once.

`Report` is what a notebook writes to. `running` executes, `formats` writes the page, the PDF and the Word file, `citing`
says how it is cited, `checking` whether it still holds, `sweeps` makes many. The command line that calls this is `cli`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
