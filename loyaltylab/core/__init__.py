"""What everything stands on: errors and their wording, provenance, the base of every result, languages, files.

Nothing here knows what a survey, a driver or a report is. A new refusal is worded with `errors`, a new column of a result
is explained in `glossary.csv`, a threshold is named in `rules`, a text that others read is said through `words`. Numbers on arrays are in `kernels`; the meaning of a survey's
columns is in `codebook`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
