"""Is A more than B: correlations, proportions, trend and equivalence, from printed summary numbers, moments or rows.

Every comparison is two-sided, and where a method has both a p-value and an interval they never disagree: p is below
1 − conf_level exactly when the interval excludes "no difference". Kernels take arrays of any shape that broadcast.
"""

from .correlations import (
    compare_independent_correlations,
    compare_nonoverlapping_correlations,
    compare_overlapping_correlations,
    correlation_contrast,
    correlation_pair_contrast,
    correlation_segment_contrast,
)
from .equivalence import (
    equivalence_correlation,
    equivalence_mean,
    equivalence_means,
    equivalence_paired,
    equivalence_rows,
)
from .inference import Equivalence, Inference
from .kernels import CORRELATION_TESTS, CorrelationTest
from .proportions import (
    DIFFERENCE_METHODS,
    INTERVAL_METHODS,
    ODDS_METHODS,
    RATIO_METHODS,
    compare_proportions,
    odds_ratio,
    proportion_interval,
    proportion_segment_contrast,
    risk_ratio,
    trend_in_proportions,
)
