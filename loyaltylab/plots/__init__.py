"""From a result to an exhibit: every `plot_*` and `table_*`."""

from .figures import (
    plot_blocks,
    plot_comparison,
    plot_correlations,
    plot_distribution,
    plot_head_to_head,
    plot_importance,
    plot_segments,
)
from .sensitivity import plot_sensitivity
from .tables import table_composition, table_dominance, table_importance, table_sample
