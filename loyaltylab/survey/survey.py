"""`Survey`: answers of real or simulated respondents with their codebook and design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..codebook import NOT_LISTED, UNLISTED, Codebook, Item, Scale, options
from ..core import (
    LANGUAGES,
    MIN_CELL,
    UNSTATED,
    CodebookError,
    DataError,
    Label,
    ModelError,
    Provenance,
    UnknownName,
    check_known,
    listed,
    may_stand_alone,
    pd,
    printable,
    refuse_few_others,
    the_one_called,
    unknown,
    whole,
    withheld,
)
from ..kernels import FloatArray
from ..moments import Moments, Source, check_kind
from .samples import SCREENS, Composition, Distribution, Sample


@dataclass(frozen=True, eq=False)
class Survey:
    """Rows of answers with their codebook and design.

    Made by `read_survey`. `frame` holds the items (missing codes blank, reversed items turned round) and the scales.

    Attributes
    ----------
    frame : DataFrame
        Items (missing codes blank, reversed items turned round) and scales.
    codebook : Codebook
        What the columns mean.
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    weight : str, optional
        Column of survey weights.
    cluster : str, optional
        Column of clusters.
    strata : str, optional
        Column of strata.
    missing : str
        Rule for items not answered.
    cells_missing : dict of str → int
        Item → blanks.
    unavailable : dict of str → str
        Scale → why it could not be scored.
    excluded : dict of str → int
        Rule → respondents left out.
    others : DataFrame, optional
        The respondents that `only` left out.

    See Also
    --------
    loyaltylab.loyalty.with_both_groups : Makes it.
    loyaltylab.loyalty.with_implicit_groups : Makes it.
    loyaltylab.loyalty.with_main_scale : Makes it.
    loyaltylab.loyalty.with_promoter_groups : Makes it.
    """

    frame: pd.DataFrame
    codebook: Codebook
    provenance: Provenance
    weight: str | None = None
    cluster: str | None = None
    strata: str | None = None
    missing: str = "listwise"
    cells_missing: dict[str, int] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    #: The respondents that `only` left out: what is shown of the others must not give away a handful of them.
    others: pd.DataFrame | None = field(default=None, repr=False)
    has_rows = True
    note = None

    def __repr__(self) -> str:
        design = "".join(
            f"; {what} {name}"
            for what, name in (("weight", self.weight), ("clusters", self.cluster), ("strata", self.strata))
            if name
        )
        return f"Survey of {len(self.frame):,} respondents, codebook '{self.codebook.name}'{design}; {self.missing}"

    def has(self, name: str) -> bool:
        """Whether there are answers to this item, or scores on this scale."""
        try:
            return self.named(name) in self.frame
        except UnknownName:
            return False

    def named(self, asked: str) -> str:
        """The name of the item or scale that is asked for by its name or its label."""
        return self.codebook.named(asked)

    def moments(self, names: Iterable[str]) -> Moments:
        """Moments of the respondents who are complete on these variables."""
        names = self.present(names)
        return self._known(Moments.from_frame(self.frame, names, weight=self.weight, provenance=self.provenance))

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments:
        """Bootstrap draws of `moments(names)`: by respondent, or by cluster where the survey has one."""
        names = self.present(names)
        design: dict[str, Any] = {"weight": self.weight, "cluster": self.cluster, "provenance": self.provenance}
        drawn = Moments.bootstrap(self.frame, names, n_draws=n_draws, seed=seed, strata=self.strata, **design)
        return self._known(drawn)

    def jackknife(self, names: Iterable[str]) -> Moments:
        """Moments with each respondent, or cluster, left out in turn; BCa intervals need them."""
        design: dict[str, Any] = {"weight": self.weight, "cluster": self.cluster, "provenance": self.provenance}
        return self._known(Moments.jackknife(self.frame, self.present(names), **design))

    def _known(self, moments: Moments) -> Moments:
        """Moments that know their variables by the codebook's labels too."""
        return replace(moments, called=self.codebook.called)

    def _used(self, names: Sequence[str]) -> pd.Series:
        """Whether each row is used for a model of these variables."""
        return self.frame[[*names, *filter(None, [self.weight])]].notna().all(axis=1)

    def sample(self, names: Iterable[str]) -> Sample:
        """Who is used for a model of these variables, and what was left out."""
        names, filled = self.present(names), self.missing == "item_mean"
        variables = [self.codebook.variable(name) for name in names]
        cells = [
            sum(self.cells_missing.get(i, 0) for i in v.items) if isinstance(v, Scale) else None for v in variables
        ]
        absent = [int(self.frame[name].isna().sum()) for name in names]
        rows = pd.DataFrame(
            {
                "term": names,
                "n_cells_missing": [n if c is None else c for n, c in zip(absent, cells, strict=True)],
                "n_filled": [(c or 0) if filled else 0 for c in cells],
                "n_missing": absent,
            }
        )
        excluded = sum(self.excluded.values())
        complete = self._used(names)
        weights = self.frame.loc[complete, self.weight] if self.weight else complete[complete].astype(float)
        n_rows, used = len(self.frame) + excluded, len(weights)
        whole = {"n_rows": n_rows, "n_excluded": excluded, "n_complete": used, "n_left_out": n_rows - used}
        whole["n_incomplete"] = (
            n_rows - used - excluded - (int(self.frame[self.weight].isna().sum()) if self.weight else 0)
        )
        whole |= {
            "n_effective": float(weights.sum() ** 2 / (weights**2).sum()) if used else 0.0,
            "n_filled": int(rows["n_filled"].sum()),
        }
        if self.cluster:
            whole["n_clusters"] = int(self.frame[self.cluster].nunique())
        no_weight = int(self.frame[self.weight].isna().sum()) if self.weight else 0
        steps = {"asked": n_rows, **self.excluded, **({"unweighted": no_weight} if no_weight else {})}
        steps |= {"incomplete": n_rows - used - excluded - no_weight, "used": used}
        return Sample(rows, whole, self.provenance, steps, self.cluster or "")

    def distribution(self, name: str, min_cell: int = MIN_CELL) -> Distribution:
        """How many gave each answer, in whole scale points."""
        (name,) = self.present([name])
        variable, given = self.codebook.variable(name), self.frame[name].dropna()
        answers = np.floor(given + 0.5).astype(int)
        item = self.codebook.items[variable.items[0]] if isinstance(variable, Scale) else variable
        low, high = item.range or (answers.min(), answers.max())
        weight = self.frame[self.weight][answers.index] if self.weight else pd.Series(1.0, answers.index)
        points = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        n = np.array([int((answers == point).sum()) for point in points])
        share = np.array([weight[answers == point].sum() for point in points]) / weight.sum()
        hidden = withheld(n[None], min_cell)[0]
        shown = {"n": np.where(hidden, np.nan, n), "share": np.where(hidden, np.nan, share)}
        rows = pd.DataFrame({"answer": [str(point) for point in points], **shown})
        return Distribution(rows, {"term": name, "n": len(given)}, self.provenance, min_cell)

    def composition(
        self, names: Iterable[str], segments: Iterable[str] | None = None, min_cell: int = MIN_CELL
    ) -> Composition:
        """Respondents in each segment, and how many are complete on `names`."""
        names = self.present(names)
        if segments is None:
            segments = [name for name in self.codebook.names("segment") if name in self.frame]
        complete = self.frame[list(names)].notna().all(axis=1).to_numpy()
        parts = []
        for segment in segments:
            item = self.segment(segment)
            values, segment = self.segment_values(item), item.name
            answers = self.frame[segment]
            here = np.array([np.ones(len(answers), bool), *((answers == code).to_numpy() for code in values)])
            n = np.stack([here.sum(axis=1), (here & complete).sum(axis=1)], axis=1)
            small = np.concatenate([withheld(n[:, [j]], min_cell) for j in range(2)], axis=1)
            shown = np.where(small[:, :1] | small, np.nan, n)[1:]
            labels = [label["en"] for label in values.values()]
            counts = {"n_rows": shown[:, 0], "n_complete": shown[:, 1]}
            parts.append(pd.DataFrame({"term": segment, "segment": labels, **counts}))
        none = pd.DataFrame(columns=["term", "segment", "n_rows", "n_complete"])
        rows = pd.concat(parts, ignore_index=True) if parts else none
        return Composition(rows, self.sample(names).totals, self.provenance, min_cell)

    def only(self, condition: str) -> Survey:
        """The respondents of one segment, as in `servicetype=prepaid`; by code or by label.

        Raises
        ------
        UnknownName
            Listing the segments, or the values of this one.
        """
        name, code = self.condition(condition)
        chosen = self.frame[name] == code
        kept, label = self.frame[chosen], self.segment_values(self.segment(name))[code]["en"]
        step = f"only {name} = {label}: {len(kept):,} of {self.n_rows:,} rows"
        return replace(self, frame=kept, others=self.frame[~chosen], provenance=self.provenance.then(step))

    def condition(self, text: str) -> tuple[str, Any]:
        """Segment and code that a condition such as `servicetype=prepaid` means, by names or by labels."""
        asked, _, value = (part.strip() for part in text.partition("="))
        segment = self.segment(asked)
        return segment.name, one_value(segment.name, value, self.segment_values(segment))

    def sizes(self, name: str) -> dict[Any, int]:
        """Respondents by the code of a segment."""
        answers = self.frame[name]
        return {code: int((answers == code).sum()) for code in self.segment_values(self.segment(name))}

    @property
    def n_rows(self) -> int:
        """How many respondents there are."""
        return len(self.frame)

    def excluding(self, *rules: str) -> Survey:
        """The respondents that none of these rules concerns; how many each leaves out is counted in `excluded`.

        Parameters
        ----------
        rules : str
            Of `SCREENS`: straight_lining, speeding, same_answers, repeated_respondent, impossible. Someone concerned by
            several is counted with the first.

        Examples
        --------
        >>> import pandas as pd
        >>> from loyaltylab import read_codebook, read_survey
        >>> book = read_codebook("mobi")
        >>> rows = pd.DataFrame({name: [7, 9, 4 + i % 3] for i, name in enumerate(book.items)})
        >>> survey = read_survey(rows, book).excluding("straight_lining")
        >>> len(survey.frame), survey.excluded
        (1, {'straight_lining': 2})
        """
        survey = self
        for rule in rules:
            check_known("rule", rule, SCREENS)
            gone, others = SCREENS[rule](survey.frame, survey.codebook), survey.others
            count = int(gone.sum())
            step = f"excluded for {rule}: {count:,} of {len(gone):,} rows"
            survey = replace(
                survey,
                frame=survey.frame[~gone],
                others=None if others is None else others[~SCREENS[rule](others, survey.codebook)],
                excluded={**survey.excluded, rule: survey.excluded.get(rule, 0) + count},
                provenance=survey.provenance.then(step),
            )
        if survey.frame.empty and rules:
            raise DataError(f"excluding {listed(rules)} leaves no respondent.")
        return survey

    def split(self, segment: str, *, min_n: int = 50) -> dict[str, Survey]:
        """One survey for each value of a segment with at least `min_n` respondents, by its English label.

        One beside which everyone's numbers would give a handful away is left out like a small one.
        """
        item = self.segment(segment)
        segment = item.name
        rows, parts = self.frame.groupby(segment, sort=False).indices, {}
        alone = may_stand_alone(self.sizes(segment), self.n_rows, MIN_CELL if min_n >= MIN_CELL else 1)
        for code, label in self.segment_values(item).items():
            if len(kept := rows.get(code, ())) >= min_n and code in alone:
                step = f"only {segment} = {label['en']}: {len(kept):,} of {len(self.frame):,} rows"
                parts[label["en"]] = replace(self, frame=self.frame.iloc[kept], provenance=self.provenance.then(step))
        return parts

    def with_indicators(self, name: str) -> tuple[Survey, tuple[str, ...]]:
        """The survey with a 0/1 column for each answer of a categorical item but its first, and their names.

        Use the names as a block, with `players="blocks"`: which answer is left out then makes no difference.
        """
        item = self.codebook.variable(name)
        if not isinstance(item, Item) or not item.values:
            able = [other.name for other in self.codebook.items.values() if other.values]
            raise unknown("categorical item", name, able, "Give the item 'values' in the codebook.")
        name = item.name
        codes = list(item.values.items())[1:]
        columns = {
            f"{name}={label['en']}": (self.frame[name] == code).astype(float).where(self.frame[name].notna())
            for code, label in codes
        }
        new = [
            Item(column, {k: f"{item.label[k]}: {label[k]}" for k in label}, role="covariate")
            for column, (_, label) in zip(columns, codes, strict=True)
        ]
        return self.with_columns(columns, new), tuple(columns)

    def with_columns(self, columns: Mapping[str, Any], items: Iterable[Item], step: str = "") -> Survey:
        """The survey with columns, each of them (n,), and the item that says what it is; `step` says how they were made."""
        book = replace(self.codebook, items={**self.codebook.items, **{item.name: item for item in items}})
        made = pd.DataFrame(dict(columns), index=self.frame.index)
        frame = pd.concat([self.frame.drop(columns=list(columns), errors="ignore"), made], axis=1)
        return replace(
            self, frame=frame, codebook=book, provenance=self.provenance.then(step) if step else self.provenance
        )

    def with_means(self, blocks: Mapping[str, Iterable[str]]) -> Survey:
        """The survey with the mean of each block's variables as a column named after the block.

        Raises
        ------
        DataError
            For a block whose name is taken, or whose variables are answered on different ranges.
        """
        columns, items = {}, []
        for block, names in blocks.items():
            names = self.present(names)
            if not names or block in self.frame:
                raise DataError(f"'{block}': a block needs at least one variable and a name that no column has.")
            spans = {self.codebook.range_of(name) for name in names}
            if len(spans) > 1:
                raise DataError(
                    f"'{block}': {listed(names)} are answered on different ranges, so their mean says nothing."
                )
            columns[block] = self.frame[names].mean(axis=1, skipna=False)
            label = self.codebook.block_labels.get(block) or dict.fromkeys(LANGUAGES, block)
            items.append(Item(block, label, role="covariate", range=spans.pop()))
        return self.with_columns(columns, items, f"means of {listed(blocks)}")

    def to_sav(self, path: str | Path, language: str = "en") -> Path:
        """Write the answers as an SPSS file: items as they were read, scales, with labels from the codebook.

        A reversed item is turned back, so that the file reads again with the same codebook.

        Examples
        --------
        >>> import tempfile
        >>> from loyaltylab import read_survey, simulate
        >>> survey = simulate(n=100)
        >>> path = survey.to_sav(Path(tempfile.mkdtemp()) / "answers.sav")
        >>> len(read_survey(path, "loyalty").frame)
        100
        """
        import pyreadstat

        check_known("language", language, LANGUAGES)
        path, book, named = (
            Path(path),
            self.codebook,
            [n for n in self.frame if n in {**self.codebook.items, **self.codebook.scales}],
        )
        if path.suffix not in (".sav", ".zsav"):
            raise DataError(f"'{path}': an SPSS file ends in .sav or .zsav.")
        frame = self.frame[named].copy()
        for item in (book.items[name] for name in named if name in book.items):
            if item.reverse and item.range:
                frame[item.name] = sum(item.range) - frame[item.name]
        values = {
            name: {code: str(label[language]) for code, label in options(book.items[name], book).items()}
            for name in named
            if name in book.items and (book.items[name].values or book.items[name].format)
        }
        labels = {name: str(book.label(name, language)) for name in named}
        with whole(path) as made:
            pyreadstat.write_sav(
                frame, str(made), column_labels=labels, variable_value_labels=values, compress=path.suffix == ".zsav"
            )
        return path

    def with_block(self, block: str) -> tuple[Survey, str]:
        """The survey with one column for a block of drivers, the mean of all of them, and its name; of one driver, that one.

        Raises
        ------
        UnknownName, DataError
            For a block that no driver is in, or drivers answered on different ranges.

        Examples
        --------
        >>> from loyaltylab import simulate
        >>> simulate(n=100).with_block("emotional")[1]
        'EMOTION'
        """
        members = self.codebook.blocks(block)[block]
        return (self, members[0]) if len(members) == 1 else (self.with_means({block: members}), block)

    def with_product(self, a: str, b: str) -> tuple[Survey, str]:
        """The survey with the product of two variables, each about its mean, and the name of that column.

        In a model with both variables it is their interaction: by how much the slope of one differs per scale point of
        the other. The means are those of the respondents with both answers, weighted where the survey has weights.

        Examples
        --------
        >>> from loyaltylab import simulate
        >>> survey, product = simulate(n=1000).with_product("EMOTION", "BONDS")
        >>> product, survey.codebook.labels("nl")[product]
        ('EMOTION × BONDS', 'Emoties × Structurele binding')
        """
        a, b = self.present([a, b])
        if a == b:
            raise DataError(f"the product of '{a}' with itself is a square, not an interaction; name two variables.")
        both = self.frame[[a, b, *([self.weight] if self.weight else [])]].dropna()[[a, b]]
        w = self.frame.loc[both.index, self.weight] if self.weight else None
        about = self.frame[[a, b]] - np.average(both, axis=0, weights=w)
        name = f"{a} × {b}"
        first, second = (self.codebook.variable(x).label for x in (a, b))
        item = Item(name, {k: f"{first[k]} × {second[k]}" for k in first}, role="covariate")
        step = f"product of {a} and {b}, each about its mean"
        return self.with_columns({name: about[a] * about[b]}, [item], step), name

    def reach(self, name: str, points: int = 25) -> FloatArray:
        """Evenly spaced values from the 5th to the 95th percentile of a variable, as distances from its mean (points,).

        Where a curve may be drawn: at the ends of what was answered there is nobody.
        """
        (name,) = self.present([name])
        values = self.frame[name].dropna().to_numpy(dtype=float)
        w = self.frame.loc[self.frame[name].notna(), self.weight] if self.weight else None
        low, high = np.quantile(values, [0.05, 0.95])
        return np.linspace(low, high, points) - np.average(values, weights=w)

    def segment(self, name: str) -> Item:
        """The item of a segment, by its name or label; it must have that role in the codebook and be in the file."""
        return one_segment(self.codebook, name, self.frame.columns)

    def segment_values(self, segment: Item) -> dict[Any, dict[str, str]]:
        """Code → label by language; the codes found in the file where the codebook names none."""
        if segment.values:
            unlisted = (self.frame[segment.name] == NOT_LISTED).any()
            return {**segment.values, **({NOT_LISTED: UNLISTED} if unlisted else {})}
        found = self.frame[segment.name].dropna().unique().tolist()
        found.sort(key=str if any(isinstance(code, str) for code in found) else None)
        names = [f"{code:g}" if isinstance(code, float) else printable(str(code)) for code in found]
        return {code: dict.fromkeys(LANGUAGES, name) for code, name in zip(found, names, strict=True)}

    def segment_labels(self, language: str) -> dict[str, str]:
        """Label of each value of the segments, by its English one; also where the codebook names no values."""
        segments = [self.segment(name) for name in self.codebook.names("segment") if name in self.frame]
        labels = [label for segment in segments for label in self.segment_values(segment).values()]
        return {label["en"]: Label(label[language]) for label in labels}

    def present(self, names: Iterable[str]) -> list[str]:
        """The names of what is asked for by name or label, once it is sure that the survey has it; the error says why not.

        Raises
        ------
        DataError
            Also where the respondents that `only` left out are complete on these names in a handful: the same numbers of
            everyone would differ from these by theirs.
        """
        names = [self.named(name) for name in names]
        for name in names:
            if name in self.unavailable:
                raise DataError(f"{name} cannot be scored: {self.unavailable[name]}.")
            if name not in self.frame:
                raise DataError(
                    f"the file has no column '{name}', which the codebook '{self.codebook.name}' describes."
                )
        if self.others is not None and names:
            asked = [name for name in names if name in self.others]
            refuse_few_others(names, int(self.others[asked].notna().all(axis=1).sum()))
        return names


def one_segment(codebook: Codebook, asked: str, columns: Iterable[str]) -> Item:
    """The item of a segment that is asked for by its name or its label, among those that there is a column of."""
    columns = set(columns)
    known = {name: codebook.called[name] for name in codebook.names("segment") if name in columns}
    todo = "Segments are the items with role 'segment' in the codebook."
    return codebook.items[the_one_called("segment", asked, known, todo)]


def one_value(segment: str, asked: str, values: Mapping[Any, Mapping[str, str]]) -> Any:
    """The code of a segment's value that is asked for by its code or its label."""
    texts = {code: dict.fromkeys((str(code), *label.values())) for code, label in values.items()}
    possible = [label["en"] for label in values.values()]
    return the_one_called(f"value of {segment}", asked, texts, possible=possible)


def source_of(
    data: Survey | pd.DataFrame, weight: str | None, cluster: str | None, strata: str | None, origin: Provenance | None
) -> Source:
    """Rows, design and origin of a survey, or of a frame whose design the caller names.

    Parameters
    ----------
    data : Survey or DataFrame
        Answers.
    weight, cluster, strata : str, optional
        Columns of a frame; a survey brings its own.
    origin : Provenance, optional
        Where a frame came from; not stated where it is left out.

    Returns
    -------
    Source
        What `complete` takes.

    Raises
    ------
    DataError
        For data without rows, or a design beside that of a survey.

    Examples
    --------
    >>> import pandas as pd
    >>> source_of(pd.DataFrame({"stay": [1, 2]}), None, None, None, None).provenance.tier
    'unstated'
    """
    check_kind(data, "rows")
    if isinstance(data, pd.DataFrame):
        return Source(data, origin or UNSTATED, weight, cluster, strata)
    if weight or cluster or strata or origin:
        raise DataError("a survey brings its own weight, clusters, strata and provenance; name them in read_survey.")
    return Source(data.frame, data.provenance, data.weight, data.cluster, data.strata)


def outcome_of(data: Survey | Any, asked: str = "", *rather: str) -> str:
    """The variable to explain: the one asked for, else the first of `rather` and of the codebook's outcomes that the data have.

    Parameters
    ----------
    data : Survey, PublishedTable or Warehouse
        As `read_data` gives it.
    asked : str
        A name or label; it wins.
    *rather : str
        Names to try before those of the codebook.

    Returns
    -------
    str
        Name of a variable that the data have, or what was asked.

    Raises
    ------
    CodebookError
        Where the codebook names none that is in the data.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> outcome_of(read_data("corporate_reputation_simple"))
    'CUSL'
    """
    book = data.codebook
    found = next(filter(data.has, filter(None, (*rather, *book.names("outcome")))), "")
    if asked or found:
        return asked or found
    named = book.names("outcome")
    what = f"names {listed(named)} as outcome, which the data do not have" if named else "names no outcome"
    raise CodebookError(
        f"The codebook '{book.name}' {what}. Give one item or scale 'role: outcome' in the codebook, or name it: "
        f"outcome=…; possible: {listed(name for name in (*book.scales, *book.items) if data.has(name))}."
    )


class MomentSource(Protocol):
    """What gives moments of the variables it is asked for: a `Survey`, a `PublishedTable`, a `Warehouse`.

    See Also
    --------
    loyaltylab.survey.moments_of : Takes one.
    """

    def moments(self, names: Iterable[str]) -> Moments: ...

    def draws(self, names: Iterable[str], *, n_draws: int = 2000, seed: int = 1) -> Moments: ...


def moments_of(
    data: Moments | MomentSource | pd.DataFrame,
    names: Sequence[str],
    draws: Moments | None = None,
    *,
    n_draws: int | None = None,
    seed: int = 1,
) -> tuple[Moments, Moments | None]:
    """What a linear method takes: moments of these variables, and draws of them by the design of the data.

    Moments come as they are, with the draws given. A survey, a table or a frame is drawn from where no draws are given,
    2,000 times unless `n_draws` says otherwise, and not at all for 0. The source of a frame is not stated.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        Moments are given back as they are; rows are summed here.
    names : sequence of str
        The variables, the outcome first.
    draws : Moments, optional
        Draws to take along, where `data` are moments.
    n_draws : int, optional
        Draws to make of other data; 2,000 if left out, 0 for none.
    seed : int
        Seed of those draws.

    Returns
    -------
    (Moments, Moments or None)
        Moments, and draws or None.

    Raises
    ------
    UnknownName, DataError, ModelError
        For a column that is absent, data of another kind, `n_draws` beside moments or draws, fewer than 100 draws.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"loyalty": range(20), "trust": [1, 3] * 10})
    >>> moments_of(frame, ["loyalty", "trust"], n_draws=200)
    (Moments of 2 variables: loyalty, trust; n = 20; sample, Moments of 2 variables: loyalty, trust; 200 sets; 200 bootstrap draws of 20 rows, seed 1)
    """
    if isinstance(data, Moments) or draws is not None:
        if n_draws:
            raise ModelError(
                "n_draws= is for data that are drawn from here; with moments, or draws= made already, leave it out "
                "and give draws=, such as survey.draws(names) or moments.draws()."
            )
        n_draws = 0
    n_draws = 2000 if n_draws is None else n_draws
    if isinstance(data, Moments):
        return data, draws
    if isinstance(data, pd.DataFrame):
        return (
            Moments.from_frame(data, names),
            Moments.bootstrap(data, names, n_draws=n_draws, seed=seed) if n_draws else draws,
        )
    check_kind(data, "variables", names)
    return data.moments(names), data.draws(names, n_draws=n_draws, seed=seed) if n_draws else draws
