"""From a result to an exhibit: every `plot_*` and `table_*`."""

from .choices import plot_choices
from .claims import table_claims
from .curves import plot_curve, plot_curves, plot_equivalence, plot_penalty_reward
from .diagrams import plot_paths
from .economics import input_name, plot_break_even_cost, plot_programmes, plot_tornado, plot_value_curves, plot_values
from .figures import (
    plot_blocks,
    plot_comparison,
    plot_correlations,
    plot_distribution,
    plot_head_to_head,
    plot_importance,
    plot_segments,
)
from .forest import plot_contrasts, plot_forest, plot_funnel
from .gradients import plot_gradient
from .ledger import plot_ledger, plot_verdicts
from .ledger_tables import (
    table_again,
    table_consistency,
    table_ledger,
    table_recorded,
    table_rules,
    table_verdicts,
)
from .literature import table_literature
from .loyalty import plot_groups, plot_likert, plot_loyalty_types
from .measures import plot_reliability, table_items, table_pairs, table_reliability
from .moderation import plot_lines, plot_misfiling, plot_region
from .necessity import plot_necessity, table_necessity
from .paths import plot_effects, table_effects, table_path_model
from .performance import plot_expected_change, plot_performance_map
from .planning import plot_plan, table_plan, table_plans
from .ranks import plot_contrast_ranges, plot_ranks
from .regression import plot_coefficients, plot_simple_slopes, plot_split, table_coefficients
from .reproduction import plot_against_rows, plot_leads, plot_reproductions, table_reproduction, table_reproductions
from .robustness import plot_assumed_method, plot_index_length
from .sample_sizes import plot_sample_sizes, table_sample_sizes
from .scores import plot_scores, table_groups, table_scores
from .sensitivity import plot_sensitivity
from .specifications import plot_decisive, plot_specification_curve
from .synthetic import table_calibration
from .tables import table_composition, table_dominance, table_findings, table_flow, table_importance, table_sample
from .value import (
    plot_explained,
    plot_high_counts,
    plot_interval_cost,
    plot_levels,
    table_high_companies,
    table_value_map,
)
from .what_if import plot_what_if
