"""Pure array functions: arrays in, arrays out, shapes stated, papers cited.

No names, no frames, no messages to a reader, no tier of evidence: whoever calls a kernel adds those. Leading axes are
draws or groups. The face offers whole modules (`kernels.attribution`, `kernels.intervals`, …) beside the few functions that
everybody needs. What a number of a survey means begins in `codebook` and `moments`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
