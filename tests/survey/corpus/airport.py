"""Made-up twins of the traps in an official airport survey: blanks coded 0, 11 and BLANK, 6 for never used, weights."""

from __future__ import annotations

from . import Case, Loads, Refused, book
from .texts import outside, text_in

#: Ten respondents, twice. Of NETPRO eight answered: four promoters, one passive, three detractors; weights 5, 1 and 3.
TEN = """NETPRO ,WEIGHT  ,ART,PARKING
10,2,0,BLANK
9,1,6,BLANK
10,1,5,6
8,1,4,6
6,1,3,0
11,5,5,6
0,1,4,6
9,1,3,3
3,1,2,4
11,5,1,BLANK
"""
FILE = TEN + TEN.partition("\n")[2]
ITEMS = {
    "NETPRO": "range: [0, 10], missing: [11], role: outcome",
    "WEIGHT": "role: weight",
    "ART": "range: [1, 5], missing: [0, 6]",
    "PARKING": "range: [1, 5], missing: [0, 6, BLANK]",
}
FOUND = (
    ("padded_header", "NETPRO", None),
    ("padded_header", "WEIGHT", None),
    ("unused_weight", "WEIGHT", None),
    ("nonresponse", "NETPRO", 4),
    ("nonresponse", "ART", 4),
    ("nonresponse", "PARKING", 16),
)
CELLS = {
    "NETPRO": [10, 9, 10, 8, 6, None, 0, 9, 3, None] * 2,
    "ART": [None, None, 5, 4, 3, 5, 4, 3, 2, 1] * 2,
    "PARKING": [None, None, None, None, None, None, None, 3, 4, None] * 2,
}
#: Percent, by hand: 100 (4 − 3) / 8 and 100 (5 − 3) / 9; with 11 as a promoter 100 (6 − 3) / 10.
NET_PROMOTER, WEIGHTED, IF_11_PROMOTED = 12.5, 200 / 9, 30.0
#: Mean of ART, by hand: 27 / 8 and 51 / 16.
MEAN, WEIGHTED_MEAN = 3.375, 3.1875


def airport(**entries: str) -> str:
    """The codebook, some of its items otherwise."""
    return book("\n".join(f"{name}: {{{entry}}}" for name, entry in {**ITEMS, **entries}.items()))


STATED = Case("airport: every code stated", "shop.csv", FILE, Loads(CELLS, FOUND), airport())
PROMOTED = Case(
    "airport: a range that takes 11 for an answer",
    "shop.csv",
    FILE,
    Loads({"NETPRO": [10, 9, 10, 8, 6, 11, 0, 9, 3, 11] * 2}, tuple(f for f in FOUND if f[:2] != ("nonresponse", "NETPRO"))),
    airport(NETPRO="range: [0, 11], role: outcome"),
)  # fmt: skip
CASES = [
    STATED,
    PROMOTED,
    *(
        Case(f"airport: {name}", "shop.csv", FILE, Refused(f"shop.csv: {words}"), airport(**entry))
        for name, entry, words in (
            ("11 for a blank, not stated", {"NETPRO": "range: [0, 10]"}, outside("NETPRO", "11", 4, 20, "0 to 10")),
            ("0 for a blank, not stated", {"ART": "range: [1, 5], missing: [6]"}, outside("ART", "0", 2, 20)),
            ("6 for never used, not stated", {"ART": "range: [1, 5], missing: [0]"}, outside("ART", "6", 2, 20)),
            ("the text BLANK, not stated", {"PARKING": "range: [1, 5], missing: [0, 6]"}, text_in("PARKING", "'BLANK'", 6, 20)),
        )
    ),
]  # fmt: skip
