"""The central noun: weighted n, means and centred scatter of named variables, with any leading axes.

Rows, printed correlation tables and databases all become `Moments`, and draws are moments with one more axis, so every
linear method gets its intervals free. `query` makes the same sums where the answers are. Where rows come from and who they
are is in `survey`; what is computed from moments is in `models` and `drivers`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
