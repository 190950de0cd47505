"""Answers with their codebook and design, wherever they come from, and whether they can be trusted.

Files of every kind, databases, printed tables and simulated respondents are opened here; checked, screened, scored, and
withheld where a group is small. To read one more kind of file, go to `files`; to guess what a column is, to `draft`; to find
one more trap, to `checks`. Metrics of loyalty are in `loyalty`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
