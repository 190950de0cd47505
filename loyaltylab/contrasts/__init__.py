"""Is A more than B: correlations, proportions, means and groups, from rows, moments or printed summary numbers.

Every comparison is two-sided, and where a method has both a p-value and an interval they never disagree: p is below
1 − conf_level exactly when the interval excludes "no difference". Contrasts of drivers' shares are in `drivers`.
Reports compare correlations, proportions and groups of their own rows; what takes printed numbers, ratios and
equivalence of means are library only, for numbers that one finds in print (the documentation says when).
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
