"""`Result`, the base of every answer, `Quantity`, the only number that may stand in prose, and the column glossary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .errors import DataError, unknown
from .provenance import Provenance

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GLOSSARY", "Quantity", "Result", "format_number"]

#: Every column a result may have: its heading in a table, by language, and its meaning.
GLOSSARY: dict[str, dict[str, str]] = {
    "kind": {"en": "Kind", "nl": "Soort", "is": "kind of correlation: polychoric, tetrachoric, polyserial or pearson"},
    "fit": {"en": "Fit", "nl": "Maat", "is": "what is divided: R², or the fit index of a logit model"},
    "term": {"en": "Variable", "nl": "Variabele", "is": "what the row is about"},
    "against": {"en": "Against", "nl": "Tegenover", "is": "what the term is compared with"},
    "segment": {"en": "Segment", "nl": "Segment", "is": "the group of respondents"},
    "method": {"en": "Method", "nl": "Methode", "is": "name of the method"},
    "block": {"en": "Block", "nl": "Blok", "is": "the group of drivers the term belongs to"},
    "answer": {
        "en": "Answer",
        "nl": "Antwoord",
        "is": "the answer, rounded to whole scale points, or the group of respondents",
    },
    "estimate": {"en": "Estimate", "nl": "Schatting", "is": "the estimate, in the unit its result states"},
    "std_error": {"en": "Std. error", "nl": "Std.fout", "is": "standard error of the estimate"},
    "statistic": {
        "en": "Statistic",
        "nl": "Toetsgrootheid",
        "is": "standard normal, or t where there are degrees of freedom",
    },
    "p_value": {"en": "p", "nl": "p", "is": "two-sided p-value; for equivalence the larger of the two one-sided ones"},
    "measure": {
        "en": "Measure",
        "nl": "Maat",
        "is": "what the estimate is: a difference of correlations, a risk ratio",
    },
    "bound_low": {"en": "Lower bound", "nl": "Ondergrens", "is": "smallest value that still counts as equivalent"},
    "bound_high": {"en": "Upper bound", "nl": "Bovengrens", "is": "largest value that still counts as equivalent"},
    "statistic_low": {
        "en": "Statistic, lower",
        "nl": "Toetsgrootheid onder",
        "is": "one-sided test against the lower bound",
    },
    "statistic_high": {
        "en": "Statistic, upper",
        "nl": "Toetsgrootheid boven",
        "is": "one-sided test against the upper bound",
    },
    "p_value_low": {"en": "p, lower", "nl": "p onder", "is": "one-sided p-value against the lower bound"},
    "p_value_high": {"en": "p, upper", "nl": "p boven", "is": "one-sided p-value against the upper bound"},
    "conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the estimate"},
    "conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the estimate"},
    "share": {
        "en": "Share",
        "nl": "Aandeel",
        "is": "part of the explained (for an eigenvalue: the total) variance, 0 to 1",
    },
    "share_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the share"},
    "share_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the share"},
    "rank": {"en": "Rank", "nl": "Rang", "is": "1 for the largest estimate"},
    "rank_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the rank"},
    "rank_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the rank"},
    "mean": {"en": "Mean", "nl": "Gemiddelde", "is": "mean, in scale points"},
    "sd": {"en": "SD", "nl": "SD", "is": "standard deviation, in scale points"},
    "n": {"en": "n", "nl": "n", "is": "respondents used"},
    "n_for_trend": {
        "en": "n for a trend",
        "nl": "n voor een trend",
        "is": "assumed respondents in each group from which on a trend shows",
    },
    "n_effective": {"en": "Effective n", "nl": "Effectieve n", "is": "Kish's n: what the weights leave of n"},
    "n_rows": {"en": "Rows", "nl": "Rijen", "is": "respondents in the file or segment"},
    "n_complete": {"en": "Complete", "nl": "Volledig", "is": "respondents with every variable of the model"},
    "n_left_out": {"en": "Left out", "nl": "Weggelaten", "is": "respondents not used"},
    "n_missing": {"en": "No score", "nl": "Geen score", "is": "respondents without a value for the variable"},
    "n_cells_missing": {
        "en": "Items unanswered",
        "nl": "Items open",
        "is": "item answers that are blank or a missing code",
    },
    "n_filled": {"en": "Items filled in", "nl": "Items ingevuld", "is": "item answers replaced by the item mean"},
    "r_squared": {"en": "R²", "nl": "R²", "is": "part of the variance of the outcome that the drivers explain"},
    "r_squared_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of R²"},
    "r_squared_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of R²"},
    "r_squared_covariates": {
        "en": "R² covariates",
        "nl": "R² covariaten",
        "is": "R² of the always-in covariates alone",
    },
    "effect": {
        "en": "Effect",
        "nl": "Effect",
        "is": "direct, indirect (along a route, or all together), total, or proportion: indirect over total",
    },
    "route": {
        "en": "Route",
        "nl": "Route",
        "is": "the variables an indirect effect runs through; empty for all routes",
    },
    "outcome": {"en": "Outcome", "nl": "Uitkomst", "is": "the variable to be explained"},
    "additive": {"en": "Adds up", "nl": "Telt op", "is": "whether the estimates sum to R²"},
    "n_draws": {"en": "Draws", "nl": "Trekkingen", "is": "draws behind the intervals"},
    "n_orders": {
        "en": "Orders a draw",
        "nl": "Volgordes per trekking",
        "is": "sampled orders of entry in each draw; 0 where draws are divided exactly",
    },
    "n_orders_estimate": {
        "en": "Orders",
        "nl": "Volgordes",
        "is": "sampled orders of entry behind the estimates; 0 where these are exact",
    },
    "n_draws_left_out": {
        "en": "Draws left out",
        "nl": "Weggelaten",
        "is": "draws in which the model cannot be computed",
    },
    "conf_level": {"en": "Confidence", "nl": "Betrouwbaarheid", "is": "confidence level of the intervals"},
    "agreement": {
        "en": "Agreement",
        "nl": "Overeenkomst",
        "is": "lowest rank correlation (Spearman) between two methods",
    },
    "largest_difference": {
        "en": "Largest difference",
        "nl": "Grootste verschil",
        "is": "largest difference in share between methods",
    },
    "lowest": {"en": "Lowest", "nl": "Laagste", "is": "lowest correlation between two of the variables"},
    "highest": {"en": "Highest", "nl": "Hoogste", "is": "highest correlation between two of the variables"},
    "level": {"en": "Level", "nl": "Niveau", "is": "strictest level of dominance: complete, conditional or general"},
    "proportion": {
        "en": "Of models",
        "nl": "Van modellen",
        "is": "part of all models in which the term adds more than the other",
    },
    "reproducibility": {
        "en": "Of draws",
        "nl": "Van trekkingen",
        "is": "part of the draws that show the same dominance",
    },
    "assumed": {
        "en": "Assumed correlation",
        "nl": "Veronderstelde correlatie",
        "is": "correlation assumed between every two drivers",
    },
    "beta": {"en": "Beta", "nl": "Bèta", "is": "standardised regression coefficient"},
    "share_low": {
        "en": "Smallest share",
        "nl": "Kleinste aandeel",
        "is": "smallest share found over possible inter-correlations",
    },
    "share_high": {
        "en": "Largest share",
        "nl": "Grootste aandeel",
        "is": "largest share found over possible inter-correlations",
    },
    "common_share_low": {
        "en": "Smallest, alike",
        "nl": "Kleinste, gelijk",
        "is": "smallest share if all drivers correlate alike",
    },
    "common_share_high": {
        "en": "Largest, alike",
        "nl": "Grootste, gelijk",
        "is": "largest share if all drivers correlate alike",
    },
    "part_first": {
        "en": "First in",
        "nl": "Eerste in",
        "is": "part of the sets drawn in which the driver is first",
    },
    "sum_r_squared": {
        "en": "Σ r²",
        "nl": "Σ r²",
        "is": "sum of squared correlations with the outcome; above 1 the drivers cannot be uncorrelated",
    },
    "common_low": {"en": "Lowest common", "nl": "Laagste gelijke", "is": "lowest correlation all drivers can share"},
    "common_high": {"en": "Highest common", "nl": "Hoogste gelijke", "is": "highest correlation all drivers can share"},
    "first": {"en": "First", "nl": "Eerste", "is": "driver with the largest share in most sets drawn"},
    "lead_low": {
        "en": "Smallest lead",
        "nl": "Kleinste voorsprong",
        "is": "smallest lead in share of that driver over the next",
    },
    "verdict": {
        "en": "Verdict",
        "nl": "Oordeel",
        "is": "what the interval or rule decides, in one word",
    },
    "rule": {"en": "Rule", "nl": "Regel", "is": "the named rule that gave the verdict on a claim"},
    "article": {"en": "Article", "nl": "Artikel", "is": "the article a claim stands in; empty for what is in none"},
    "claim": {"en": "Claim", "nl": "Bewering", "is": "the claim the row is about"},
    "p_value_holm": {"en": "p (Holm)", "nl": "p (Holm)", "is": "p corrected by Holm for all claims tested at once"},
    "report": {"en": "Report", "nl": "Rapport", "is": "the report that tests a claim, or that found something"},
    "exhibit": {"en": "Exhibit", "nl": "Figuur of tabel", "is": "the figures and tables that support a finding"},
    "n_claims": {"en": "Claims", "nl": "Beweringen", "is": "number of claims"},
    "n_tested": {"en": "Tested", "nl": "Getoetst", "is": "claims with an estimate from the data they are held against"},
    "n_decided": {"en": "Decided", "nl": "Beslist", "is": "of those, consistent or contradicted"},
    "n_by_chance": {
        "en": "By chance",
        "nl": "Door toeval",
        "is": "claims that would seem to be decided by chance alone, if there were nothing to find",
    },
    "n_after_holm": {"en": "After Holm", "nl": "Na Holm", "is": "decided claims that stay so after Holm's correction"},
    "n_findings": {"en": "Findings", "nl": "Bevindingen", "is": "findings of our own reports"},
    "n_synthetic": {
        "en": "Synthetic, left out",
        "nl": "Synthetisch, weggelaten",
        "is": "findings on simulated respondents, which are no evidence and are left out",
    },
    "n_holds": {"en": "Hold", "nl": "Kloppen", "is": "checks without data whose figures agree"},
    "n_fails": {"en": "Fail", "nl": "Kloppen niet", "is": "checks without data whose figures do not agree"},
    "n_unknown": {"en": "Open", "nl": "Open", "is": "checks without data that cannot be decided from what is printed"},
    "scale": {"en": "Scale", "nl": "Schaal", "is": "the scale the item belongs to"},
    "interval": {"en": "Interval", "nl": "Interval", "is": "how the interval was made: feldt, draws or none"},
    "n_items": {"en": "Items", "nl": "Items", "is": "number of items in the scale"},
    "item_rest": {"en": "Item–rest", "nl": "Item-rest", "is": "correlation of the item with the sum of the others"},
    "item_rest_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the item-rest correlation"},
    "item_rest_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the item-rest correlation"},
    "alpha_if_dropped": {"en": "Alpha without", "nl": "Alfa zonder", "is": "raw alpha of the scale without the item"},
    "alpha_if_dropped_standardised": {
        "en": "Std. alpha without",
        "nl": "Gest. alfa zonder",
        "is": "standardised alpha without the item",
    },
    "gain": {"en": "Gain", "nl": "Winst", "is": "raw alpha without the item minus alpha with it"},
    "gain_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the gain"},
    "gain_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the gain"},
    "loading": {"en": "Loading", "nl": "Lading", "is": "loading of the item on its factor or composite"},
    "general": {"en": "General", "nl": "Algemeen", "is": "loading on the general factor"},
    "factor": {"en": "Factor", "nl": "Factor", "is": "the group factor on which the item loads most"},
    "communality": {
        "en": "Communality",
        "nl": "Communaliteit",
        "is": "part of the variance of the item that the factors share",
    },
    "bound": {"en": "Bound", "nl": "Grens", "is": "value the estimate is held against"},
    "omega_hierarchical": {
        "en": "ω hierarchical",
        "nl": "ω hiërarchisch",
        "is": "part of the variance of the sum due to one general factor",
    },
    "omega_total": {"en": "ω total", "nl": "ω totaal", "is": "part of the variance of the sum due to all factors"},
    "n_factors": {"en": "Factors", "nl": "Factoren", "is": "number of factors"},
    "kmo": {"en": "KMO", "nl": "KMO", "is": "sampling adequacy of all items together"},
    "chi_squared": {"en": "χ²", "nl": "χ²", "is": "test statistic of Bartlett, or of a factor model"},
    "min_cell": {"en": "Smallest cell", "nl": "Kleinste cel", "is": "cells of fewer respondents are withheld"},
    "n_withheld": {
        "en": "Withheld",
        "nl": "Niet getoond",
        "is": "rows withheld because they, or what they would give away, are too small",
    },
    "n_dominant": {
        "en": "Settled pairs",
        "nl": "Besliste paren",
        "is": "pairs in which one term adds more in every model",
    },
    "unique": {"en": "Unique", "nl": "Uniek", "is": "part of R² explained by the term alone"},
    "common": {"en": "Common", "nl": "Gedeeld", "is": "part of R² explained by the term together with others"},
    "sampling_error": {
        "en": "Sampling error",
        "nl": "Steekproeffout",
        "is": "standard error from visiting a sample of orders only",
    },
    "df": {"en": "df", "nl": "df", "is": "degrees of freedom"},
    "missing_information": {
        "en": "Missing information",
        "nl": "Ontbrekende informatie",
        "is": "part of the variance of the estimate that is due to missing answers",
    },
    "marker": {"en": "Marker", "nl": "Marker", "is": "variable unrelated in content, asked in the same way"},
    "r_marker": {"en": "Marker r", "nl": "Marker-r", "is": "correlation taken as the method's part"},
    "r_marker_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of r_marker"},
    "r_marker_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of r_marker"},
    "adjusted": {"en": "Adjusted", "nl": "Gecorrigeerd", "is": "correlation without the marker's part"},
    "adjusted_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the adjusted correlation"},
    "adjusted_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the adjusted correlation"},
    "difference": {"en": "Difference", "nl": "Verschil", "is": "item-rest correlation minus the size of the estimate"},
    "difference_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the difference"},
    "difference_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the difference"},
    "nearest": {
        "en": "Nearest item",
        "nl": "Naaste item",
        "is": "item of the driver that correlates most with the term",
    },
    "nearest_correlation": {
        "en": "Its correlation",
        "nl": "Correlatie ermee",
        "is": "correlation of the term with that item",
    },
    "severity": {"en": "Severity", "nl": "Ernst", "is": "error, warning or note"},
    "check": {"en": "Check", "nl": "Controle", "is": "the check that found it"},
    "where": {"en": "Where", "nl": "Waar", "is": "column, scale or rule"},
    "what": {"en": "What", "nl": "Wat", "is": "what was found"},
    "todo": {"en": "What to do", "nl": "Wat te doen", "is": "what to do about it"},
    "n_errors": {"en": "Errors", "nl": "Fouten", "is": "findings that must be mended"},
    "n_warnings": {"en": "Warnings", "nl": "Waarschuwingen", "is": "findings that may change a conclusion"},
    "n_notes": {"en": "Notes", "nl": "Opmerkingen", "is": "findings that are good to know"},
    "n_excluded": {"en": "Excluded", "nl": "Uitgesloten", "is": "respondents left out by a rule the user named"},
    "part": {"en": "Part", "nl": "Deel", "is": "figure, table, prose, page or file"},
    "before": {"en": "In the run", "nl": "In de run", "is": "the value the run holds"},
    "after": {"en": "Made again", "nl": "Opnieuw gemaakt", "is": "the value when made again"},
    "n_differences": {"en": "Differences", "nl": "Verschillen", "is": "number of values that differ"},
    "run": {"en": "Run", "nl": "Run", "is": "id of the run"},
    "n_identical": {"en": "Identical", "nl": "Identiek", "is": "parts with the same bytes"},
    "n_equal": {"en": "Equal", "nl": "Gelijk", "is": "parts the same within the tolerance"},
    "n_different": {"en": "Different", "nl": "Verschillend", "is": "parts that differ"},
    "n_gone": {"en": "Gone", "nl": "Verdwenen", "is": "parts not made again"},
    "n_added": {"en": "New", "nl": "Nieuw", "is": "parts the run did not have"},
    "n_tampered": {"en": "Touched files", "nl": "Gewijzigde bestanden", "is": "files that are not those the run wrote"},
    "changed": {"en": "Changed", "nl": "Gewijzigd", "is": "inputs that changed since"},
    "target": {"en": "Target", "nl": "Doel", "is": "value aimed at: a published figure, or the wished power"},
    "grade": {
        "en": "Grade",
        "nl": "Graad",
        "is": "A peer-reviewed or recomputable, B the publisher's own, C other press, D not traced, or assumed",
    },
    "source": {"en": "Source", "nl": "Bron", "is": "where the figure was printed"},
    "tolerance": {"en": "Tolerance", "nl": "Marge", "is": "largest difference from the target that was sought"},
    "n_targets": {"en": "Targets", "nl": "Doelen", "is": "number of figures sought"},
    "n_published": {
        "en": "With a source",
        "nl": "Met een bron",
        "is": "figures that stand in a source, whatever its grade",
    },
    "n_held": {"en": "Returned", "nl": "Teruggegeven", "is": "figures returned within their tolerance"},
    "weakest": {"en": "Weakest item", "nl": "Zwakste item", "is": "item whose removal raises raw alpha most"},
    "shown": {"en": "Shown", "nl": "Getoond", "is": "estimate and interval as printed, or that it is withheld"},
    "n_drivers": {"en": "Drivers", "nl": "Drivers", "is": "number of drivers in the block"},
    "first_above": {
        "en": "First above",
        "nl": "Eerste hoger",
        "is": "comparisons in which the first driver has the larger share",
    },
    "n_pairs": {"en": "Pairs", "nl": "Paren", "is": "number of pairs compared"},
    "power": {
        "en": "Power",
        "nl": "Onderscheidend vermogen",
        "is": "part of simulated studies whose interval of the difference lies wholly above zero",
    },
    "power_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the simulation's own interval of power"},
    "power_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the simulation's own interval of power"},
    "wrong_side": {
        "en": "Wrong side",
        "nl": "Verkeerde kant",
        "is": "part of simulated studies whose interval of the difference lies wholly below zero",
    },
    "right_first": {
        "en": "Right block first",
        "nl": "Juiste blok eerst",
        "is": "part of simulated studies in which the block that is ahead comes first, whatever the interval",
    },
    "coverage": {
        "en": "Coverage",
        "nl": "Dekking",
        "is": "part of simulated studies whose interval holds the difference as measured",
    },
    "width": {"en": "Width", "nl": "Breedte", "is": "mean width of the interval of the difference"},
    "share_width": {
        "en": "Width of share",
        "nl": "Breedte aandeel",
        "is": "mean width of the interval of the term's share",
    },
    "share_width_against": {
        "en": "Width of other share",
        "nl": "Breedte ander aandeel",
        "is": "mean width of the interval of the share it is compared with",
    },
    "measured": {"en": "As measured", "nl": "Zoals gemeten", "is": "the assumed difference after measurement error"},
    "reliability": {
        "en": "Reliability",
        "nl": "Betrouwbaarheid",
        "is": "lowest reliability of the planned scales in relation to the assumed correlations",
    },
    "correlation": {
        "en": "Correlation",
        "nl": "Correlatie",
        "is": "correlation with the outcome, maybe changed by hand",
    },
    "correlation_found": {
        "en": "Correlation as found",
        "nl": "Correlatie zoals gevonden",
        "is": "correlation with the outcome before it was changed by hand",
    },
    "share_found": {
        "en": "Share as found",
        "nl": "Aandeel zoals gevonden",
        "is": "share before a correlation was changed by hand",
    },
    "r_squared_found": {
        "en": "R² as found",
        "nl": "R² zoals gevonden",
        "is": "R² before a correlation was changed by hand",
    },
    "choice": {
        "en": "Choice",
        "nl": "Keuze",
        "is": "what was chosen otherwise: a method, a rule for gaps, a driver left out",
    },
    "n_choices": {"en": "Other choices", "nl": "Andere keuzes", "is": "number of other choices tried"},
    "n_changed": {
        "en": "Verdict changed",
        "nl": "Ander oordeel",
        "is": "other choices under which the verdict is another",
    },
    "gap_low": {"en": "Lowest", "nl": "Laagste", "is": "lowest difference between the blocks under another choice"},
    "gap_high": {"en": "Highest", "nl": "Hoogste", "is": "highest difference between the blocks under another choice"},
    "cluster_size": {"en": "Cluster size", "nl": "Clusteromvang", "is": "respondents in a cluster"},
    "icc": {"en": "ICC", "nl": "ICC", "is": "intraclass correlation of answers within a cluster"},
    "design_effect": {"en": "Design effect", "nl": "Designeffect", "is": "by how much clustering divides n"},
    "missing": {"en": "Incomplete", "nl": "Onvolledig", "is": "part of the respondents expected to be incomplete"},
    "half_width": {
        "en": "Wished margin",
        "nl": "Gewenste marge",
        "is": "half-width the interval of the difference should have",
    },
    "n_smallest": {"en": "Smallest n", "nl": "Kleinste n", "is": "smallest number of respondents tried"},
    "n_largest": {"en": "Largest n", "nl": "Grootste n", "is": "largest number of respondents tried"},
    "n_simulations": {"en": "Studies", "nl": "Onderzoeken", "is": "simulated studies of each size"},
    "n_needed": {"en": "n needed", "nl": "n nodig", "is": "respondents for the wished power"},
    "n_needed_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the simulation's own interval of n_needed"},
    "n_needed_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the simulation's own interval of n_needed"},
    "n_source": {"en": "n, source", "nl": "n, bron", "is": "respondents behind what is assumed"},
    "n_never": {"en": "Never", "nl": "Nooit", "is": "analyses that no number of respondents is enough for"},
    "basis": {
        "en": "Assumed from",
        "nl": "Aangenomen uit",
        "is": "whether the assumed size comes from the source or is a convention",
    },
    "n_for_width": {"en": "n for margin", "nl": "n voor marge", "is": "respondents for the wished half-width"},
    "n_for_width_conf_low": {
        "en": "From",
        "nl": "Van",
        "is": "lower end of the simulation's own interval of n_for_width",
    },
    "n_for_width_conf_high": {
        "en": "To",
        "nl": "Tot",
        "is": "upper end of the simulation's own interval of n_for_width",
    },
    "n_needed_least": {
        "en": "Least n needed",
        "nl": "Kleinste n nodig",
        "is": "smallest n_needed of the plans compared",
    },
    "n_needed_most": {"en": "Most n needed", "nl": "Grootste n nodig", "is": "largest n_needed of the plans compared"},
    "verdict_width": {
        "en": "Verdict on margin",
        "nl": "Oordeel marge",
        "is": "where the size for the wished half-width lies: within, beyond or below the sizes tried",
    },
    "statistic_least": {
        "en": "Least z",
        "nl": "Kleinste z",
        "is": "smallest z over all that the correlation that is not printed can be",
    },
    "statistic_most": {
        "en": "Most z",
        "nl": "Grootste z",
        "is": "largest z over all that the correlation that is not printed can be",
    },
    "n_enough": {
        "en": "n enough",
        "nl": "n genoeg",
        "is": "smallest n that tells two correlations apart whatever the one that is not printed",
    },
    "pooling_weight": {"en": "Weight", "nl": "Gewicht", "is": "weight of the group in the mean over groups, 0 to 1"},
    "prediction_low": {"en": "Predicted from", "nl": "Voorspeld van", "is": "lower end for another such group"},
    "prediction_high": {"en": "Predicted to", "nl": "Voorspeld tot", "is": "upper end for another such group"},
    "cochran_q": {"en": "Q", "nl": "Q", "is": "Cochran's Q: differences between groups in squared standard errors"},
    "i_squared": {"en": "I²", "nl": "I²", "is": "part of the variation between groups that is not chance"},
    "i_squared_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of I²"},
    "i_squared_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of I²"},
    "tau_squared": {"en": "τ²", "nl": "τ²", "is": "variance between groups of what is estimated"},
    "shrunken": {
        "en": "Shrunken",
        "nl": "Gekrompen",
        "is": "empirical-Bayes estimate of the group: drawn towards the mean over groups, the more so the less sure it is",
    },
    "shrunken_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the shrunken estimate"},
    "shrunken_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the shrunken estimate"},
    "n_beyond": {
        "en": "Beyond limits",
        "nl": "Buiten de grenzen",
        "is": "groups beyond the 99.8 % limits of a funnel plot",
    },
    "n_beyond_expected": {
        "en": "Expected there",
        "nl": "Daar verwacht",
        "is": "groups that chance alone puts beyond the 99.8 % limits",
    },
    "n_found": {
        "en": "Found to differ",
        "nl": "Wijken af",
        "is": "groups that differ from the mean at a false discovery rate of 5 %",
    },
    "n_groups": {"en": "Groups", "nl": "Groepen", "is": "number of groups compared"},
    "performance": {
        "en": "Performance",
        "nl": "Prestatie",
        "is": "mean answer, as 0 to 100 of the answer range",
    },
    "performance_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of performance"},
    "performance_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of performance"},
    "quadrant": {
        "en": "Quadrant",
        "nl": "Kwadrant",
        "is": "part of the importance-performance map in which the point lies",
    },
    "driver": {"en": "Driver", "nl": "Driver", "is": "the driver that a tactic is to raise"},
    "raised": {
        "en": "Assumed rise",
        "nl": "Aangenomen stijging",
        "is": "scale points a driver is assumed to be raised",
    },
    "n_tactics": {"en": "Tactics", "nl": "Tactieken", "is": "number of tactics"},
    "n_not_asked": {"en": "Not asked", "nl": "Niet gevraagd", "is": "tactics whose emotion is no driver here"},
    "n_may_be_first": {"en": "May be first", "nl": "Kan eerste zijn", "is": "drivers whose interval of ranks holds 1"},
    "n_settled": {
        "en": "Settled neighbours",
        "nl": "Besliste buren",
        "is": "neighbours in rank whose difference lies above zero with its whole interval",
    },
    "n_above_zero": {"en": "Above zero", "nl": "Boven nul", "is": "rows whose whole interval lies above zero"},
    "zone": {"en": "Empty zone", "nl": "Lege zone", "is": "area above the ceiling, in squared scale points"},
    "scope": {"en": "Scope", "nl": "Bereik", "is": "area of all possible combinations, in squared scale points"},
    "accuracy": {"en": "Accuracy", "nl": "Nauwkeurigheid", "is": "share of respondents on or below the ceiling"},
    "effect_protected": {
        "en": "d without the outermost",
        "nl": "d zonder de uitersten",
        "is": "size of the empty zone once the respondents nearest to it are set aside",
    },
    "n_permutations": {"en": "Permutations", "nl": "Permutaties", "is": "random pairings behind the p-value"},
    "penalty": {
        "en": "Penalty",
        "nl": "Verlies",
        "is": "what goes with a low answer against a middle one, scale points",
    },
    "penalty_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the penalty"},
    "penalty_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the penalty"},
    "reward": {"en": "Reward", "nl": "Winst", "is": "what goes with a high answer against a middle one, scale points"},
    "reward_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the reward"},
    "reward_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the reward"},
    "n_low": {"en": "Low answers", "nl": "Lage antwoorden", "is": "respondents with a low answer"},
    "n_high": {"en": "High answers", "nl": "Hoge antwoorden", "is": "respondents with a high answer"},
    "mean_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the mean"},
    "mean_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the mean"},
    "aic": {"en": "AIC", "nl": "AIC", "is": "Akaike's criterion; lower is better"},
    "bic": {"en": "BIC", "nl": "BIC", "is": "Schwarz's criterion; lower is better"},
    "bend": {"en": "Bend", "nl": "Buiging", "is": "coefficient of the square, or change of slope at the breakpoint"},
    "bend_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the bend"},
    "bend_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the bend"},
    "breakpoint": {"en": "Breakpoint", "nl": "Knikpunt", "is": "answer at which two lines meet"},
    "breakpoint_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the breakpoint"},
    "breakpoint_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the breakpoint"},
    "slope_below": {"en": "Slope below", "nl": "Helling onder", "is": "outcome per scale point below the breakpoint"},
    "slope_above": {"en": "Slope above", "nl": "Helling boven", "is": "outcome per scale point above the breakpoint"},
    "df_residual": {"en": "Residual df", "nl": "Vrijheidsgraden rest", "is": "degrees of freedom of the residuals"},
    "r_squared_adjusted": {
        "en": "Adjusted R²",
        "nl": "Gecorrigeerde R²",
        "is": "R² less what as many columns of noise would explain",
    },
    "sigma": {
        "en": "Residual SD",
        "nl": "Restspreiding",
        "is": "standard deviation of what is left unexplained, in scale points",
    },
    "f_statistic": {"en": "F", "nl": "F", "is": "test that no term explains anything"},
    "vif": {
        "en": "Variance inflation",
        "nl": "Variantie-inflatie",
        "is": "by how much the others widen the variance of the coefficient",
    },
    "own_part": {
        "en": "Tolerance",
        "nl": "Tolerantie",
        "is": "part of its variance that the other drivers do not explain",
    },
    "n_inflated": {"en": "Inflated", "nl": "Opgeblazen", "is": "drivers with a variance inflation beyond the rule"},
    "inflation": {"en": "Width", "nl": "Breedte", "is": "by how much the others widen the interval of the coefficient"},
    "condition_number": {
        "en": "Condition number",
        "nl": "Conditiegetal",
        "is": "largest eigenvalue of the correlation matrix over the smallest",
    },
    "condition_index": {"en": "Condition index", "nl": "Conditie-index", "is": "square root of the condition number"},
    "rate": {"en": "Misfiled", "nl": "Verkeerd ingedeeld", "is": "part of the promoters that is assumed to be none"},
    "rate_outside_passives": {
        "en": "Outside from",
        "nl": "Erbuiten vanaf",
        "is": "rate from which the score lies outside its reported interval, if the misfiled are passives",
    },
    "rate_to_zero_passives": {
        "en": "Zero from",
        "nl": "Nul vanaf",
        "is": "rate from which the score is not told from 0, if the misfiled are passives",
    },
    "rate_outside_detractors": {
        "en": "Outside from",
        "nl": "Erbuiten vanaf",
        "is": "rate from which the score lies outside its reported interval, if the misfiled are detractors",
    },
    "rate_to_zero_detractors": {
        "en": "Zero from",
        "nl": "Nul vanaf",
        "is": "rate from which the score is not told from 0, if the misfiled are detractors",
    },
    "span_low": {"en": "From", "nl": "Van", "is": "lowest value of the moderator, as a distance from its mean"},
    "span_high": {"en": "To", "nl": "Tot", "is": "highest value of the moderator, as a distance from its mean"},
    "edge": {"en": "Edge", "nl": "Rand", "is": "value of the moderator at which the slope's interval touches zero"},
    "edge_second": {"en": "Second edge", "nl": "Tweede rand", "is": "the other such value"},
    "at": {"en": "At", "nl": "Bij", "is": "value of the moderator, as a distance from its mean, in scale points"},
    "odds_ratio": {
        "en": "Odds ratio",
        "nl": "Oddsratio",
        "is": "by what a scale point multiplies the odds of a higher answer",
    },
    "odds_ratio_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the odds ratio"},
    "odds_ratio_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the odds ratio"},
    "mcfadden": {
        "en": "McFadden R²",
        "nl": "McFadden-R²",
        "is": "by how much the terms improve the log-likelihood, 0 to 1",
    },
    "log_likelihood": {
        "en": "Log-likelihood",
        "nl": "Log-likelihood",
        "is": "logarithm of the likelihood at its maximum",
    },
    "largest_change": {
        "en": "Largest change",
        "nl": "Grootste verandering",
        "is": "change of the coefficient without one respondent, in standard errors",
    },
    "sign_kept": {
        "en": "Sign kept",
        "nl": "Teken blijft",
        "is": "whether the sign stays whichever respondent is left out",
    },
    "n_cook": {"en": "Cook's distance", "nl": "Cooks afstand", "is": "respondents beyond 4/n"},
    "n_leverage": {"en": "Leverage", "nl": "Hefboom", "is": "respondents beyond 2k/n"},
    "n_residual": {"en": "Residuals", "nl": "Residuen", "is": "respondents with a studentised residual beyond 3"},
    "set_to": {"en": "At", "nl": "Bij", "is": "value of the input that is varied"},
    "retention": {"en": "Retention", "nl": "Behoud", "is": "part of the customers that stays until the next year"},
    "retention_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of retention"},
    "retention_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of retention"},
    "worth": {"en": "Brings in", "nl": "Brengt op", "is": "what a programme brings in per customer, in money"},
    "worth_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of what it brings in"},
    "worth_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of what it brings in"},
    "spent": {"en": "Costs", "nl": "Kost", "is": "what a programme costs per customer, in money"},
    "spent_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of what it costs"},
    "spent_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of what it costs"},
    "assumed_low": {"en": "Low", "nl": "Laag", "is": "low end of the range of an input"},
    "assumed_high": {"en": "High", "nl": "Hoog", "is": "high end of the range of an input"},
    "at_low": {"en": "Outcome at low", "nl": "Uitkomst bij laag", "is": "outcome with the input at its low end"},
    "at_high": {"en": "Outcome at high", "nl": "Uitkomst bij hoog", "is": "outcome with the input at its high end"},
    "swing": {"en": "Swing", "nl": "Uitslag", "is": "how far the outcome moves over the range of an input"},
    "part_below_zero": {
        "en": "Below zero",
        "nl": "Onder nul",
        "is": "part of the draws in which the value is below zero",
    },
    "part_above_zero": {
        "en": "Above zero",
        "nl": "Boven nul",
        "is": "part of the draws in which the difference is above zero",
    },
    "part_breaking_even": {
        "en": "Breaks even",
        "nl": "Kiet",
        "is": "part of the draws that are zero between the bounds",
    },
    "n_capped": {"en": "Held at a bound", "nl": "Begrensd", "is": "draws in which retention is held at 0 or 1"},
    "n_holding": {"en": "Holding it", "nl": "Bevatten het", "is": "choices whose interval holds the claimed share"},
    "building": {"en": "Drivers made of", "nl": "Drivers gemaakt van", "is": "how drivers are made of items"},
    "left_out": {"en": "Left out", "nl": "Weggelaten", "is": "the item or driver left out, if any"},
    "blocks_kept": {"en": "Blocks in the model", "nl": "Blokken in het model", "is": "all blocks, or the two compared"},
    "covariates": {"en": "Always in", "nl": "Altijd in het model", "is": "covariates that are always in the model"},
    "weighting": {"en": "Weight", "nl": "Weging", "is": "column of survey weights"},
    "predicted": {"en": "Expected", "nl": "Verwacht", "is": "what length alone would give, by Spearman–Brown"},
    "subset_low": {"en": "Subsets from", "nl": "Deelsets van", "is": "2.5 % of the subsets of items lie below"},
    "subset_high": {"en": "Subsets to", "nl": "Deelsets tot", "is": "97.5 % of the subsets of items lie below"},
    "n_subsets": {"en": "Subsets", "nl": "Deelsets", "is": "subsets of items computed"},
    "n_items_a": {"en": "Items of the first", "nl": "Items van het eerste", "is": "items of the first of two blocks"},
    "n_items_b": {"en": "Items of the second", "nl": "Items van het tweede", "is": "items of the second of two blocks"},
    "equal_length": {"en": "Equal length", "nl": "Gelijke lengte", "is": "items of both indices, made equally long"},
    "gap_as_asked": {"en": "As asked", "nl": "Zoals gevraagd", "is": "difference with all items of both blocks"},
    "gap_as_asked_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of that difference"},
    "gap_as_asked_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of that difference"},
    "gap_equal_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval at equal length"},
    "gap_equal_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval at equal length"},
    "gap_equal": {"en": "Equally long", "nl": "Even lang", "is": "mean difference with equally many items"},
    "gap_predicted": {"en": "Expected", "nl": "Verwacht", "is": "difference expected by Spearman–Brown"},
    "r_marker_flip": {"en": "Turns at", "nl": "Slaat om bij", "is": "assumed r_marker at which the difference is zero"},
    "r_marker_smallest": {
        "en": "Smallest r",
        "nl": "Kleinste r",
        "is": "smallest correlation of all, a proxy for r_marker",
    },
    "r_marker_most": {"en": "Possible to", "nl": "Mogelijk tot", "is": "r_marker from which no data can fit"},
    "gap_first": {"en": "Without", "nl": "Zonder", "is": "difference with nothing assumed"},
    "gap_last": {"en": "At most", "nl": "Hoogstens", "is": "difference at the largest value assumed"},
    "correction": {"en": "Correlations", "nl": "Correlaties", "is": "as observed, or corrected for unreliability"},
    "n_impossible": {
        "en": "Impossible",
        "nl": "Onmogelijk",
        "is": "combinations of choices that no data can have",
    },
    "n_specifications": {"en": "Specifications", "nl": "Specificaties", "is": "combinations of choices computed"},
    "median": {"en": "Median", "nl": "Mediaan", "is": "median estimate over all combinations of choices"},
    "main": {"en": "Main", "nl": "Hoofdkeuze", "is": "estimate of the first combination of choices"},
    "main_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the first combination"},
    "main_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the first combination"},
    "part_ahead": {"en": "Ahead", "nl": "Voor", "is": "part of the combinations with an estimate above zero"},
    "part_behind": {"en": "Behind", "nl": "Achter", "is": "part of the combinations with an estimate below zero"},
    "part_clear": {"en": "Clearly ahead", "nl": "Duidelijk voor", "is": "part with the whole interval above zero"},
    "part_clear_against": {
        "en": "Clearly behind",
        "nl": "Duidelijk achter",
        "is": "part of the combinations with the whole interval below zero",
    },
    "part_undecided": {"en": "Undecided", "nl": "Onbeslist", "is": "part with an interval that includes zero"},
    "p_value_median": {"en": "p, median", "nl": "p mediaan", "is": "two-sided p of the median over all combinations"},
    "p_value_ahead": {"en": "p, ahead", "nl": "p voor", "is": "two-sided p of the part of combinations ahead"},
    "p_value_clear": {
        "en": "p, clear",
        "nl": "p duidelijk",
        "is": "two-sided p of the part clearly ahead less the part clearly behind",
    },
    "spread": {"en": "Spread", "nl": "Spreiding", "is": "largest less smallest mean over the options of a choice"},
    "eta_squared": {
        "en": "η²",
        "nl": "η²",
        "is": "part of the variance of the estimates between the options of a choice",
    },
    "option_low": {"en": "Lowest with", "nl": "Laagst bij", "is": "option of a choice with the lowest mean"},
    "mean_low": {"en": "Mean there", "nl": "Gemiddelde daar", "is": "mean estimate with that option"},
    "part_ahead_low": {"en": "Ahead there", "nl": "Voor daar", "is": "part ahead with the option of the lowest mean"},
    "option_high": {"en": "Highest with", "nl": "Hoogst bij", "is": "option of a choice with the highest mean"},
    "mean_high": {"en": "Mean there", "nl": "Gemiddelde daar", "is": "mean estimate with that option"},
    "part_ahead_high": {"en": "Ahead there", "nl": "Voor daar", "is": "part ahead with the option of the highest mean"},
    "n_options": {"en": "Options", "nl": "Opties", "is": "options of a choice"},
    "n_models": {
        "en": "Models",
        "nl": "Modellen",
        "is": "models with and without each driver: 2 to the power of their number",
    },
    "how": {"en": "Counted", "nl": "Geteld", "is": "how a level is counted: its questions summed, or the level as one"},
    "n_levels": {"en": "Levels", "nl": "Niveaus", "is": "levels of value that were asked about"},
    "n_elements": {"en": "In the source", "nl": "In de bron", "is": "elements or levels the source names"},
    "n_pillars": {"en": "Pillars asked", "nl": "Pijlers gevraagd", "is": "pillars of experience that were asked about"},
    "n_pillars_named": {"en": "Pillars", "nl": "Pijlers", "is": "pillars of experience the source names"},
    "width_of_share": {
        "en": "Width of the share",
        "nl": "Breedte van het aandeel",
        "is": "width of the interval of the share, in normal theory",
    },
    "width_apart": {
        "en": "Width if apart",
        "nl": "Breedte indien los",
        "is": "the same if the drivers were uncorrelated and explained as much",
    },
    "share_inflation": {
        "en": "Width, share",
        "nl": "Breedte, aandeel",
        "is": "by how much correlated drivers widen the interval of the share",
    },
    "share_inflation_low": {"en": "Smallest", "nl": "Kleinste", "is": "smallest widening of a share"},
    "share_inflation_high": {"en": "Largest", "nl": "Grootste", "is": "largest widening of a share"},
    "inflation_low": {"en": "Smallest", "nl": "Kleinste", "is": "smallest widening of a coefficient"},
    "inflation_high": {"en": "Largest", "nl": "Grootste", "is": "largest widening of a coefficient"},
    "mean_count": {"en": "Mean count", "nl": "Gemiddeld aantal", "is": "mean number of highly scored elements"},
    "slope": {"en": "Slope", "nl": "Helling", "is": "change of the score for one highly scored element more"},
    "slope_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval of the slope"},
    "slope_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval of the slope"},
    "n_falls": {"en": "Falls", "nl": "Dalingen", "is": "neighbouring groups between which the score falls"},
    "n_merged": {"en": "Merged", "nl": "Samengevoegd", "is": "numbers that were put together because few had them"},
    "n_high_elements": {"en": "High elements", "nl": "Hoge elementen", "is": "elements that a company does well on"},
    "n_surely": {"en": "Surely", "nl": "Zeker", "is": "elements whose interval lies wholly at or above the rule"},
    "n_possibly": {"en": "Possibly", "nl": "Mogelijk", "is": "elements whose interval reaches the rule"},
    "lowest_count": {"en": "Fewest", "nl": "Minste", "is": "fewest high elements of a company"},
    "highest_count": {"en": "Most", "nl": "Meeste", "is": "most high elements of a company"},
    "smallest": {"en": "Smallest group", "nl": "Kleinste groep", "is": "respondents a group must have"},
    "n_at_distance": {
        "en": "Combinations",
        "nl": "Combinaties",
        "is": "combinations with as many choices changed",
    },
    "group": {
        "en": "Where",
        "nl": "Waar",
        "is": "the group of numbers that stand together in a source, counted from 1",
    },
    "printed": {"en": "Printed", "nl": "Gedrukt", "is": "the number a source prints"},
    "printed_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the printed interval"},
    "printed_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the printed interval"},
    "decimals": {"en": "Decimals", "nl": "Decimalen", "is": "decimals that a source prints"},
    "off": {
        "en": "Off by",
        "nl": "Afwijking",
        "is": "the second of two numbers less the first: ours less what is printed",
    },
    "rounding_low": {"en": "From", "nl": "Van", "is": "lowest value of ours over all tables that print alike"},
    "rounding_high": {"en": "To", "nl": "Tot", "is": "highest value of ours over all tables that print alike"},
    "other": {
        "en": "Another form",
        "nl": "Andere vorm",
        "is": "whether the source computed the number in a way its table does not allow",
    },
    "n_printed_models": {"en": "Models", "nl": "Modellen", "is": "published models computed"},
    "n_printed": {"en": "Printed", "nl": "Gedrukt", "is": "numbers a source prints for a model"},
    "n_to_digit": {"en": "Equal", "nl": "Gelijk", "is": "printed numbers that come back to the printed digit"},
    "n_rounding": {
        "en": "Within rounding",
        "nl": "Binnen afronding",
        "is": "printed numbers that a table printed alike would give",
    },
    "n_close": {"en": "Close", "nl": "Dichtbij", "is": "printed numbers missed by less than the rule `reproduction`"},
    "n_differs": {"en": "Different", "nl": "Anders", "is": "printed numbers missed by more than that"},
    "n_differs_same": {
        "en": "Different, same form",
        "nl": "Anders, zelfde vorm",
        "is": "printed numbers missed though computed in the same way",
    },
    "n_returned": {"en": "Come back", "nl": "Komen terug", "is": "printed numbers equal or within rounding"},
    "n_other": {
        "en": "Of another form",
        "nl": "Van andere vorm",
        "is": "printed numbers computed in a way the table does not allow",
    },
    "largest_off": {"en": "Most off by", "nl": "Grootste afwijking", "is": "largest size of off"},
    "n_compared": {"en": "Compared", "nl": "Vergeleken", "is": "models and outcomes in which two blocks are compared"},
    "n_ahead": {"en": "Ahead", "nl": "Voor", "is": "of these, where the first block is ahead with its whole interval"},
    "n_behind": {"en": "Behind", "nl": "Achter", "is": "of these, where it is behind with its whole interval"},
    "n_undecided": {"en": "Undecided", "nl": "Onbeslist", "is": "of these, where the interval includes zero"},
    "n_not_ahead": {
        "en": "Not ahead",
        "nl": "Niet voor",
        "is": "of these, where the first block is behind or it is undecided",
    },
    "rows_estimate": {"en": "From rows", "nl": "Uit rijen", "is": "the estimate from rows"},
    "rows_conf_low": {"en": "From", "nl": "Van", "is": "lower end of the interval from rows"},
    "rows_conf_high": {"en": "To", "nl": "Tot", "is": "upper end of the interval from rows"},
    "width_ratio": {
        "en": "Width",
        "nl": "Breedte",
        "is": "width of a bootstrap interval over that of the Wishart interval of the same scores",
    },
    "width_ratio_low": {"en": "Narrowest", "nl": "Smalste", "is": "smallest width_ratio of the effects"},
    "width_ratio_high": {"en": "Widest", "nl": "Breedste", "is": "largest width_ratio of the effects"},
    "printed_width_ratio": {
        "en": "Printed width",
        "nl": "Gedrukte breedte",
        "is": "median width of a printed interval over that of ours",
    },
    "n_effects": {"en": "Effects", "nl": "Effecten", "is": "effects compared"},
    "n_apart": {"en": "Apart", "nl": "Uiteen", "is": "effects of the table outside the interval from rows"},
}

_WORDS = {"en": ("{level} CI", "to"), "nl": ("{level}-BI", "tot")}


def format_number(value: float, spec: str, language: str = "en") -> str:
    """A number as a reader of that language writes it.

    `pp` at the end of `spec` turns shares into points; one `p` is for p-values, which are never printed as zero.

    >>> format_number(0.5132, ".1%", "nl"), format_number(-1234.5, ",.1f"), format_number(0.047, "+.1pp", "nl")
    ('51,3%', '−1,234.5', '+4,7')
    >>> format_number(0.0312, ".3p"), format_number(4e-8, ".3p", "nl")
    ('0.031', '<0,001')
    """
    if value != value:
        return "–"
    if spec.endswith("pp"):
        value, spec = 100 * value, spec[:-2] + "f"
    elif spec.endswith("p"):
        spec = spec[:-1] + "f"
        least = 10.0 ** -int(spec[1:-1])
        if value < least:
            return "<" + format_number(least, spec, language)
    text = format(value, spec)
    if float(re.sub(r"[^\d.]", "", text) or 1) == 0:
        text = text.lstrip("+-")
    if language == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", "−")


@dataclass(frozen=True)
class Quantity:
    """A number that remembers where it came from.

    `format(q, ".0%")` prints the number; `ci` before the format, as in `"ci.0%"`, adds its interval.

    >>> share = Quantity(0.494, 0.41, 0.58, 0.95, "Importance(lmg): emotional, share", Provenance("observed", "survey"))
    >>> f"{share:.0%}; {share:ci.0%}"
    '49%; 49% (95% CI 41% to 58%)'
    >>> share.text("ci.1%", "nl")
    '49,4% (95%-BI 41,0% tot 58,0%)'
    """

    value: float
    conf_low: float | None
    conf_high: float | None
    conf_level: float | None
    origin: str
    provenance: Provenance

    def __format__(self, spec: str) -> str:
        return self.text(spec, "en")

    def text(self, spec: str, language: str) -> str:
        """The number in words of `language`."""
        spec, with_interval = (spec[2:], True) if spec.startswith("ci") else (spec, False)
        spec = spec or ("d" if isinstance(self.value, int) else ".3g")
        number = format_number(self.value, spec, language)
        if not with_interval:
            return number
        if self.conf_low is None or self.conf_high is None:
            raise DataError(f"{self.origin} has no interval; give the estimator draws= to get one.")
        name, to = _WORDS[language]
        low, high = (format_number(bound, spec, language) for bound in (self.conf_low, self.conf_high))
        return f"{number} ({name.format(level=format_number(self.conf_level or 0, '.0%', language))} {low} {to} {high})"


class Result:
    """Base of every answer: `tidy()` a row per term, `glance()` one row, both in columns of the `GLOSSARY`.

    A subclass is a frozen dataclass with a `provenance`; it checks on creation that its parts add up.
    """

    #: Columns that name a row of `tidy()`.
    keys: ClassVar[tuple[str, ...]] = ("term",)
    provenance: Provenance

    def tidy(self) -> pd.DataFrame:
        """One row per term."""
        raise NotImplementedError

    def glance(self) -> pd.DataFrame:
        """Exactly one row about the whole."""
        raise NotImplementedError

    def value(self, term: str | tuple[str | float, ...], column: str = "estimate") -> Quantity:
        """One number of `tidy()`, with its interval and its origin, ready for prose."""
        wanted = term if isinstance(term, tuple) else (term,)
        frame = self.tidy()
        names = list(frame[list(self.keys)].itertuples(index=False, name=None))
        if wanted not in names:
            raise unknown(
                " and ".join(self.keys), ", ".join(map(str, wanted)), [", ".join(map(str, name)) for name in names]
            )
        return self._quantity(frame.iloc[[names.index(wanted)]], column, ", ".join(map(str, wanted)))

    def stat(self, column: str) -> Quantity:
        """One number of `glance()`."""
        return self._quantity(self.glance(), column, "all")

    def _quantity(self, frame: pd.DataFrame, column: str, term: str) -> Quantity:
        row = {name: frame[name].iloc[0] for name in frame.columns}
        if column not in row or isinstance(row[column], str):
            raise unknown("column", column, [name for name, value in row.items() if not isinstance(value, str)])
        prefix = "" if column == "estimate" else f"{column}_"
        low, high = row.get(f"{prefix}conf_low"), row.get(f"{prefix}conf_high")
        has_interval = low is not None and low == low
        return Quantity(
            row[column].item() if hasattr(row[column], "item") else row[column],
            float(low) if has_interval else None,
            float(high) if has_interval else None,
            getattr(self, "conf_level", 0.95) if has_interval else None,
            f"{self.__class__.__name__}: {term}, {column}",
            self.provenance,
        )
