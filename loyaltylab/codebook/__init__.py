"""What the columns of a survey mean: items, scales, roles, blocks, and how an answer becomes a number.

Reading and checking a codebook, recoding answers by it, what may be found on the way, and the questionnaires that are made
of it. No respondent is held here: rows with their codebook are in `survey`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
