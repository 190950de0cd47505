"""Loyalty metrics and what they are worth: scores, groups of customers, bonds, tactics, elements of value, lifetime value.

A metric is a function of a `Survey`; a new column of the promoter score is added in `metrics` or `scores`. `value` and
`economics` are subjects of their own. How much each driver goes together with a metric is in `drivers`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
