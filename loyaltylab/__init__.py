"""loyaltylab: does emotion or reason drive customer loyalty, how sure are we, and may I cite that?"""

__version__ = "0.1.0"

from typing import TYPE_CHECKING, Any

from .assumptions import Assumption, assumed
from .asymmetry import penalty_reward
from .beyond_linear import FITS, importance_of_fit
from .bibliography import read_references
from .block_leads import leads
from .bonds import bond_interactions, levels_of, moved_item, three_bonds
from .checks import check_survey
from .choices import leave_one_out, other_choices
from .claims import Claim, read_claim, read_claims
from .codebook import Codebook, Item, Scale, flatten, read_codebook
from .collinearity import collinearity
from .companies import high_companies
from .comparisons import above_noise, compare, compare_segments, head_to_head, two_blocks
from .composites import composites
from .consistency import check_consistency, from_figures
from .contrasts import (
    compare_independent_correlations,
    compare_nonoverlapping_correlations,
    compare_overlapping_correlations,
    compare_proportions,
    correlation_contrast,
    equivalence_correlation,
    equivalence_means,
    equivalence_rows,
    odds_ratio,
    proportion_interval,
    risk_ratio,
    trend_in_proportions,
)
from .curves import compare_curves, curve
from .dimensions import factorability, parallel_analysis, single_factor
from .division import Division, division
from .dominance import commonality, dominance
from .drafting import draft_codebook
from .economics import lifetime_value
from .elements import read_value_map
from .equal_lengths import index_length, length_effect
from .errors import LoyaltyLabError
from .exhibits import Exhibit
from .explained import explained
from .explore import check_answer, sliders
from .findings import RULES, rule
from .flips import decisive, leave_groups_out, smallest_flip
from .gradients import assumed_sizes, chain, trend_of_score
from .heterogeneity import heterogeneity, n_large_enough, segment_contrasts
from .high_counts import high_counts, high_from, score_ratio
from .importance import importance
from .imputation import imputed_importance, pairwise_moments
from .interval_cost import interval_cost
from .ledger import ARTICLES, Ledger, hold_against, holm
from .levels import group_equivalence, share_by_level, share_ratio, with_satisfaction_groups
from .logit_models import logit, marginal_effects, ordered_logit
from .long_lists import MOST_GROUPS
from .loyalty import (
    csat,
    customer_effort,
    likert_summary,
    net_promoter,
    net_promoter_from_shares,
    satisfaction_index,
    secure_customers,
    top_box,
)
from .loyalty_groups import (
    answer_shares,
    engagement_groups,
    frequency_groups,
    loyalty_bands,
    loyalty_types,
    promoter_groups,
    satisfaction_groups,
    security_groups,
    segment_shares,
)
from .loyalty_spending import purchase_frequency, share_of_wallet
from .means_by_group import group_means
from .measurement import confirmatory_model
from .method_shares import assumed_method
from .method_variance import criterion_overlap, marker_check
from .methods import METHODS
from .misfiling import (
    misfiled_promoters,
    with_implicit_groups,
    with_main_scale,
    with_promoter_groups,
)
from .moderation import conditional_lines, johnson_neyman
from .moments import Moments
from .necessity import necessity
from .ordinal import ordinal_correlations, ordinal_draws
from .pairs import pairwise_draws
from .paths import mediate, moderated_mediation, path_model
from .performance import performance_map
from .planning import named_numbers, plan, reliabilities, weaker_contrast, whole_numbers
from .plans import compare_plans
from .plots import (
    input_name,
    plot_against_rows,
    plot_assumed_method,
    plot_blocks,
    plot_break_even_cost,
    plot_choices,
    plot_coefficients,
    plot_comparison,
    plot_contrast_ranges,
    plot_contrasts,
    plot_correlations,
    plot_curve,
    plot_curves,
    plot_decisive,
    plot_distribution,
    plot_effects,
    plot_equivalence,
    plot_expected_change,
    plot_explained,
    plot_forest,
    plot_funnel,
    plot_gradient,
    plot_groups,
    plot_head_to_head,
    plot_high_counts,
    plot_importance,
    plot_index_length,
    plot_interval_cost,
    plot_leads,
    plot_ledger,
    plot_levels,
    plot_likert,
    plot_lines,
    plot_loyalty_types,
    plot_misfiling,
    plot_necessity,
    plot_paths,
    plot_penalty_reward,
    plot_performance_map,
    plot_plan,
    plot_programmes,
    plot_ranks,
    plot_region,
    plot_reliability,
    plot_reproductions,
    plot_sample_sizes,
    plot_scores,
    plot_segments,
    plot_sensitivity,
    plot_simple_slopes,
    plot_specification_curve,
    plot_split,
    plot_tornado,
    plot_value_curves,
    plot_values,
    plot_verdicts,
    plot_what_if,
    table_again,
    table_calibration,
    table_claims,
    table_coefficients,
    table_composition,
    table_consistency,
    table_dominance,
    table_effects,
    table_findings,
    table_flow,
    table_groups,
    table_high_companies,
    table_importance,
    table_items,
    table_ledger,
    table_literature,
    table_necessity,
    table_pairs,
    table_path_model,
    table_plan,
    table_plans,
    table_recorded,
    table_reliability,
    table_reproduction,
    table_reproductions,
    table_rules,
    table_sample,
    table_sample_sizes,
    table_scores,
    table_value_map,
    table_verdicts,
)
from .printed_models import PublishedModel, models_of, read_model
from .programmes import block_slopes, break_even_cost, programme_return
from .provenance import Provenance
from .published import PublishedTable, read_table
from .ranks import ranks
from .reading import read_data
from .regression import ols, simple_slopes
from .regression_rows import influence, robust_ols
from .reliability import reliability
from .reproduction import against_rows, reproduce, reproductions
from .results import Quantity, Result
from .sample_sizes import sample_sizes
from .sampling import lmg_with_intervals, sampled_lmg
from .scoring import read_survey
from .sensitivity import sensitivity
from .specification_curves import specification_curve
from .specifications import specifications
from .splits import claimed_split
from .survey import Survey
from .swings import break_even, tornado, value_at
from .synthetic import exact_rows, rows_of, simulate, simulated_rows
from .tactics import ASSUMPTIONS, expected_change, read_tactics
from .targets import calibration_table
from .unprinted import contrast_ranges
from .validity import corrected_correlations, fornell_larcker, htmt
from .verdicts import VERDICT_RULES, VERDICTS, Verdict
from .warehouse import Warehouse, read_warehouse
from .what_if import hypothetical, possible_correlations, turning_point, what_if

if TYPE_CHECKING:
    from .questionnaires import questionnaire
    from .reports import Report

#: Loaded when first asked for: a calculation needs neither reports nor questionnaires.
_LATER = {"Report": "reports", "questionnaire": "questionnaires"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'loyaltylab' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)
