"""Regression, logit, curves, paths and measurement models: what is associated with what, and how well a scale measures.

`scales` holds reliability, validity and factor models. How the explained variance is divided among drivers is in `drivers`;
what a model looks like is in `exhibits`. Library only, in no report: `logit` and what goes with it, `robust_ols`, polychoric
correlations, `marker_check`, `moderated_mediation`, and some checks of scales; the documentation says when one needs them.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
