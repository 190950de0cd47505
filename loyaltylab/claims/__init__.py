"""Published claims held against data: what is stated, where its figures come from, and what data say about it.

A claim, the variables it is about, its statistic, its verdict and the ledger of all. `published` rebuilds printed models.
No verdict is made anywhere else. The claims themselves are text, in `data/claims`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
