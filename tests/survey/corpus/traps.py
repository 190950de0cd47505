"""The traps that real files set, each in a made-up file that is otherwise without a flaw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import EMOTION, REASON, Case, Loads, Refused, book, shop, wide
from .texts import outside, text_in

N = 120
GOOD = shop()
HALF = np.arange(N) < N // 2


def with_cells(**cells: dict[int, object]) -> pd.DataFrame:
    """The sound file with some of its cells changed: column → row → value."""
    frame = GOOD.astype(object)
    for name, changes in cells.items():
        for row, value in changes.items():
            frame.loc[row, name] = value
    return frame


def straight(rows: int) -> pd.DataFrame:
    frame = GOOD.copy()
    frame.loc[: rows - 1, [*EMOTION, *REASON]] = 4
    return frame


def twice(rows: int) -> pd.DataFrame:
    return pd.concat([GOOD, GOOD.iloc[:rows]], ignore_index=True)


def one_thing() -> pd.DataFrame:
    """All items of both scales measure one thing."""
    rng = np.random.default_rng(2)
    joy = GOOD[list(EMOTION)].mean(axis=1)
    return GOOD.assign(**{r: 1 + np.argsort(np.argsort(joy + 1.2 * rng.normal(size=N))) * 7 // N for r in REASON})


def wrong(*problems: str) -> Refused:
    return Refused("shop.csv: " + "\n".join(problems))


def found(*findings: tuple, **cells: list) -> Loads:
    return Loads(cells, findings)


UNUSED = ("unused_weight", "wt", None)
WEIGHT = wide("wt: {role: weight}")
MISSING = "e1: {range: [1, 7], missing: [%s]}"
FIRST = GOOD["e1"].tolist()


def lost(code: object, n: int = 3) -> pd.DataFrame:
    return with_cells(e1=dict.fromkeys(range(n), code))


def stated(codes: str) -> str:
    return wide().replace("e1: {range: [1, 7]}", MISSING % codes)


CODES = [
    *(
        Case(f"{code} left in", "shop.csv", lost(code), wrong(outside("e1", code, 3, N, "1 to 7")), wide())
        for code in (-99, 99, 98, 999, 0)
    ),
    *(
        Case(f"{code} stated as missing", "shop.csv", lost(code), found(e1=[None] * 3 + FIRST[3:]), stated(code))
        for code in (-99, 99, 98, 999, 0, "BLANK", "n.v.t.")
    ),
    Case("6 for never used, among answers 1 to 5", "shop.csv", "t1\n1\n6\n5\n", wrong(outside("t1", "6", 1, 3)), book("t1: {range: [1, 5]}")),
    Case("6 for never used, stated", "shop.csv", "t1\n1\n6\n5\n", found(("nonresponse", "t1", 1), t1=[1, None, 5]), book("t1: {range: [1, 5], missing: [6]}")),
    Case("99 in an item without a range", "shop.csv", GOOD.assign(x=[*range(10)] * 11 + [99] * 10), found(("likely_missing", "x", 10)), wide("x: {label: Visits}")),
    Case("two codes that mean no answer, one stated", "shop.csv", with_cells(e1={0: 98, 1: 99}), wrong(outside("e1", "98", 1, N, "1 to 7")), stated(99)),
    Case("-99 left in 41 columns", "shop.csv", pd.DataFrame({f"q{i}": [-99, 3, 4] for i in range(41)}), wrong(*(outside(f"q{i}", -99, 1, 3) for i in range(10)), "and 31 more columns; loyaltylab check lists them all."), book("\n".join(f"q{i}: {{range: [1, 5]}}" for i in range(41)))),
    Case("text in a numeric column", "shop.csv", lost("soso"), wrong(text_in("e1", "'soso'", 3, N)), wide()),
    Case("text and codes outside the range at once", "shop.csv", with_cells(e1={0: "soso", 1: 9}, r2={5: 0}), wrong(text_in("e1", "'soso'", 1, N), outside("e1", "9", 1, N, "1 to 7"), outside("r2", "0", 1, N, "1 to 7")), wide()),
    Case("half points on a whole scale", "shop.csv", with_cells(e1={0: 3.5}), found(e1=[3.5, *FIRST[1:]]), wide()),
    Case("a brand the codebook does not know", "shop.csv", GOOD.assign(merk=np.where(HALF, 1, 3)), wrong(outside("merk", "3", 60, N, "1, 2")), wide("merk: {role: segment, values: {1: a, 2: b}}")),
]  # fmt: skip

RESPONDENTS = [
    Case("straight-liners", "shop.csv", straight(5), found(("straight_lining", "", 5)), wide()),
    Case("speeders", "shop.csv", GOOD.assign(secs=[100] * 4 + [600] * 116), found(("speeding", "secs", 4)), wide("secs: {role: duration}")),
    Case("rows twice in the file", "shop.csv", twice(3), found(("same_answers", "", 3)), wide()),
    Case("respondents with several rows", "shop.csv", GOOD.assign(who=np.arange(N) // 2), found(("repeated_respondent", "who", 60)), wide("who: {role: respondent}")),
    Case("rows that belong together", "shop.csv", GOOD.assign(branch=np.arange(N) % 12), found(("clustered_rows", "branch", None)), wide("branch: {role: cluster}")),
    Case("answers that cannot go together", "shop.csv", GOOD.assign(car=[0] * 6 + [1] * 114, fuel=[2] * 120), found(("impossible", "no car", 6), ("constant_column", "fuel", 120)), wide("car: {values: {0: without, 1: with}}\nfuel: {range: [0, 3]}", "impossible:\n  no car: {label: fuel without a car, answers: {car: [0], fuel: {from: 1}}}\n")),
    Case("more than a tenth unanswered", "shop.csv", lost(None, 13), found(("nonresponse", "e1", 13), e1=[None] * 13 + FIRST[13:]), wide()),
    Case("tiny segments", "shop.csv", GOOD.assign(merk=["a"] * 112 + ["b"] * 8), found(("tiny_segment", "merk", None)), wide("merk: {role: segment}")),
    Case("groups alike but for capitals", "shop.csv", GOOD.assign(merk=["Noord"] * 60 + ["noord "] * 30 + ["Zuid"] * 30), found(("alike_answers", "merk", 90)), wide("merk: {role: segment}")),
    Case("cells a spreadsheet would run", "shop.csv", GOOD.assign(merk=np.where(HALF, "=1+cmd|'/c calc'!A0", "@SUM(A1)")), found(("formula_cell", "merk", 120)), wide("merk: {role: segment}")),
    Case("negative numbers are no formula", "shop.csv", GOOD.assign(merk=np.where(HALF, "-1", "-")), found(), wide("merk: {role: segment}")),
]  # fmt: skip

SCALES = [
    Case("an item that was not reversed", "shop.csv", GOOD.assign(e4=8 - GOOD["e4"]), found(("unreversed_item", "e4", None), ("bad_item", "e4", None), ("low_reliability", "JOY", 120)), wide()),
    Case("the same item, reversed in the codebook", "shop.csv", GOOD.assign(e4=8 - GOOD["e4"]), found(e4=GOOD["e4"].tolist()), wide().replace("e4: {range: [1, 7]}", "e4: {range: [1, 7], reverse: true}")),
    Case("a scale with one bad item", "shop.csv", GOOD.assign(r4=np.roll(GOOD["r4"], 3)), found(("bad_item", "r4", None), ("low_reliability", "PRICE", 120)), wide()),
    Case("a scale of noise", "shop.csv", GOOD.assign(**{name: np.roll(GOOD[name], 2 * k) for k, name in enumerate(REASON)}), found(("low_reliability", "PRICE", 120)), wide()),
    Case("one item asked on another scale", "shop.csv", GOOD.assign(e4=1 + (GOOD["e4"] - 1) * 4 // 6), found(("mixed_ranges", "e4", None), ("alpha_kinds", "JOY", None)), wide()),
    Case("two response ranges in one scale of the codebook", "shop.csv", GOOD, Refused("book.yml, scales: JOY: items: have different response ranges (e1 (1, 5); e2 (1, 7); e3 (1, 7); e4 (1, 7)); a mean of these means nothing."), wide().replace("e1: {range: [1, 7]}", "e1: {range: [1, 5]}")),
    Case("two scales that are one", "shop.csv", one_thing(), found(("one_construct", "PRICE", None), ("single_factor", "", None)), wide()),
    Case("raw and standardised alpha differ", "shop.csv", GOOD.assign(e1=np.where(GOOD["e1"] > 4, 7, 1)), found(("alpha_kinds", "JOY", None)), wide()),
    Case("an outcome item that is a driver item too", "shop.csv", GOOD, found(("criterion_overlap", "e1", None)), wide(scales="  LOVE: {items: [e1], role: outcome}\n")),
]  # fmt: skip

COLUMNS = [
    Case("a constant column", "shop.csv", GOOD.assign(x=3), found(("constant_column", "x", 120)), wide("x: {range: [1, 7]}")),
    Case("an empty column", "shop.csv", GOOD.assign(x=None), found(("empty_column", "x", 120)), wide("x: {range: [1, 7]}")),
    Case("a column the codebook has and the file has not", "shop.csv", GOOD.drop(columns="r4"), found(("absent_column", "r4", None)), wide()),
    Case("columns the codebook does not have", "shop.csv", GOOD.assign(extra=1, more=2), found(("unknown_column", "", None), e1=FIRST), wide()),
    Case("a column copied", "shop.csv", GOOD.assign(x=GOOD["e1"]), found(("same_column", "x", 120)), wide("x: {range: [1, 7]}")),
    Case("a column mirrored", "shop.csv", GOOD.assign(x=8 - GOOD["e1"]), found(("same_column", "x", 120)), wide("x: {range: [1, 7]}")),
    Case("a column recoded", "shop.csv", GOOD.assign(x=GOOD["e1"] ** 2), found(("same_column", "x", 120)), wide("x: {range: [1, 49]}")),
]  # fmt: skip

DESIGN = [
    Case("negative weights", "shop.csv", GOOD.assign(wt=[-1.0] * 2 + [1.0] * 118), found(("negative_weight", "wt", 2), UNUSED), WEIGHT),
    Case("weights missing", "shop.csv", GOOD.assign(wt=[None] * 2 + [1.0] * 118), found(("missing_weight", "wt", 2), UNUSED), WEIGHT),
    Case("weights all zero", "shop.csv", GOOD.assign(wt=0), found(("zero_weights", "wt", 120), UNUSED), WEIGHT),
    Case("weights all empty", "shop.csv", GOOD.assign(wt=""), found(("empty_column", "wt", 120), UNUSED), WEIGHT),
    Case("weights that cost most of the sample", "shop.csv", GOOD.assign(wt=[50.0] * 4 + [1.0] * 116), found(("weight_effect", "wt", 120), UNUSED), WEIGHT),
    Case("text among weights", "shop.csv", GOOD.assign(wt=["zwaar"] + ["1"] * 119), Refused("shop.csv: " + text_in("wt", "'zwaar'", 1, 120)), WEIGHT),
    Case("more drivers than rows", "shop.csv", pd.DataFrame({f"d{i}": [1, 4, 2, 5] for i in range(6)} | {"y": [1, 2, 4, 3]}), found(("more_drivers_than_rows", "", 4)), book("\n".join(f"d{i}: {{range: [1, 5], role: driver, block: rational}}" for i in range(6)) + "\ny: {range: [1, 5], role: outcome}")),
    Case("few rows per driver", "shop.csv", pd.DataFrame({"d": [1, 4, 2, 5, 3] * 2, "y": [1, 2, 4, 3, 3] * 2}).iloc[:9], found(("few_rows_per_driver", "", 9)), book("d: {range: [1, 5], role: driver, block: rational}\ny: {range: [1, 5], role: outcome}")),
    Case("two rows", "shop.csv", GOOD.iloc[:2], found(("more_drivers_than_rows", "", 2), *(("constant_column", name, 2) for name in ("e3", "r2", "r4")), e1=FIRST[:2]), wide()),
    Case("one row", "shop.csv", GOOD.iloc[:1], found(("more_drivers_than_rows", "", 1), e1=FIRST[:1]), wide()),
]  # fmt: skip

CASES = [*CODES, *RESPONDENTS, *SCALES, *COLUMNS, *DESIGN]
