"""Named thresholds, each with the work it is taken from."""

from __future__ import annotations

from .errors import check_known
from .provenance import Provenance
from .results import Quantity

#: Thresholds of the checks, each with where it comes from. Rules of thumb, not laws.
RULES: dict[str, tuple[float, str]] = {
    "nonresponse": (0.10, "Bennett 2001, doi:10.1111/j.1467-842X.2001.tb00294.x"),
    "straight_items": (8, "long strings: Curran 2016, doi:10.1016/j.jesp.2015.07.006; the number of items is ours"),
    "speed": (0.5, "half the median time: Greszki, Meyer & Schoen 2015, doi:10.1093/poq/nfu058"),
    "same_items": (8, "duplicates: Kuriakose & Robbins 2016, doi:10.3233/SJI-160978; the number of items is ours"),
    "alpha": (0.7, "Nunnally & Bernstein 1994, Psychometric Theory"),
    "alpha_gain": (0.05, "ours: a gain a reader would notice in the second digit"),
    "standard_errors": (2, "about 95%: 1/√n is the standard error of a correlation of zero"),
    "alpha_apart": (0.005, "ours: a difference that shows in the third digit"),
    "htmt": (0.9, "Henseler, Ringle & Sarstedt 2015, doi:10.1007/s11747-014-0403-8"),
    "single_factor": (0.5, "Podsakoff et al. 2003, doi:10.1037/0021-9010.88.5.879, who also say why it proves little"),
    "rows_per_driver": (10, "Harrell 2015, doi:10.1007/978-3-319-19425-7, 4.4"),
    "steady_shares": (
        200,
        "ours: in simulations the interval of the largest share holds it in 90% at n = 100 and in 94% at 200",
    ),
    "equivalence": (0.2, "Cohen 1988, a small difference in SDs; bounds: Lakens 2017, doi:10.1177/1948550617697177"),
    "region": (0.1, "Cohen 1988, a small correlation (r) and a small difference of two (q), tables 3.3.1 and 4.2.1"),
    "necessity": (0.1, "Dul 2016, doi:10.1177/1094428115584005: below it a small effect, from it a medium one"),
    "necessity_large": (0.3, "Dul 2016, doi:10.1177/1094428115584005"),
    "necessity_very_large": (0.5, "Dul 2016, doi:10.1177/1094428115584005"),
    "variance_inflation": (10, "usual, and contested: O'Brien 2007, doi:10.1007/s11135-006-9018-6"),
    "condition_index": (30, "Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153"),
    "cook": (4, "divided by n: Bollen & Jackman 1985, doi:10.1177/0049124185013004004"),
    "leverage": (2, "times the terms over n: Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153"),
    "studentised": (3, "beyond three standard deviations: Fox 2016, Applied Regression Analysis, 11.3"),
    "high_element": (
        0.8,
        "of the way up the answers, 8 of 10: Almquist, Senior & Bloch 2016, HBR 94(9); other ranges are ours",
    ),
    "high_company": (
        0.5,
        "of a company's respondents: Almquist, Senior & Bloch 2016, HBR 94(9), as it is told; not checked against the article",
    ),
    "reproduction": (0.10, "a tenth of what is printed, a major error: Hardwicke et al. 2018, doi:10.1098/rsos.180448"),
    "weight_effect": (2.0, "Kish 1965, Survey Sampling: weighting costs more than half the sample"),
}


def rule(name: str) -> Quantity:
    """A threshold of `RULES`, ready for prose.

    >>> f"{rule('alpha'):.1f}"
    '0.7'
    """
    check_known("rule", name, RULES)
    value, source = RULES[name]
    return Quantity(value, None, None, None, f"RULES: {name}", Provenance("published", source))
