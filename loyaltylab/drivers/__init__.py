"""How much of loyalty each driver, or block of drivers, accounts for; and what would turn that verdict.

`importance()` and its registry `METHODS` are the heart: a new method is a kernel and a row there. `planning` asks how many
respondents it takes, `robustness` whether the answer survives other choices, `bounds` what a source leaves open. Coefficients and
paths are in `models`. Library only, in no report: `importance_of_fit` (outcomes that no linear model fits), `commonality`,
`sampled_lmg`; the documentation says when one needs them.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
