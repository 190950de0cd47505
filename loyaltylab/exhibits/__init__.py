"""From a result to a figure or table: `Exhibit`, the look they share, and every `plot_*` and `table_*`, a folder a subject.

Drawing comes last and computes no statistic. What stands around an exhibit on a page is in `reports`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
