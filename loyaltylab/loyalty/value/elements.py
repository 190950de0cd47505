"""Elements of value in four levels and pillars of experience: which questions of a codebook stand for them, as written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec.structs import asdict

from ...codebook import Codebook
from ...core import Entry, EntryFile, Names, Provenance, Result, Translated, home, listed, read_yaml, sha256

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ValueMap", "read_value_map"]


@dataclass(frozen=True, eq=False)
class ValueMap(Result):
    """Which questions of one codebook stand for the elements of value and the pillars; a choice, and no finding.

    Attributes
    ----------
    levels : dict
        Level → its questions.
    pillars : dict
        Pillar → its question, for those that were asked.
    sides : dict
        Pillar → "emotional" or "rational", as Capgemini's split would have it; KPMG calls all of them emotional.
    elsewhere : dict
        Question → the level another reader may put it in.
    quality : str
        The question nearest to the element quality; empty where there is none.
    company : str
        The segment that tells companies apart; empty where there is one company, or it is not known.
    stand_ins : bool
        Whether other things were asked and these come nearest.
    published : dict
        Level → number of elements in the source.
    """

    codebook: str
    levels: dict[str, tuple[str, ...]]
    pillars: dict[str, str]
    sides: dict[str, str]
    elsewhere: dict[str, str]
    quality: str
    company: str
    stand_ins: bool
    published: dict[str, int]
    level_labels: dict[str, dict[str, str]]
    pillar_labels: dict[str, dict[str, str]]
    provenance: Provenance

    def __repr__(self) -> str:
        row = self.glance().iloc[0]
        return (
            f"ValueMap of '{self.codebook}': {row['n_drivers']} questions in {row['n_levels']} levels, "
            f"{row['n_pillars']} of {row['n_pillars_named']} pillars{'; stand-ins' if self.stand_ins else ''}"
        )

    def labels(self, language: str = "en") -> dict[str, str]:
        """Levels and pillars → what they are called."""
        return {name: label[language] for name, label in (self.level_labels | self.pillar_labels).items()}

    def kept(self, has: Callable[[str], bool]) -> ValueMap:
        """The map without questions that the data lack, as `survey.has` tells."""
        from dataclasses import replace

        levels = {name: tuple(filter(has, members)) for name, members in self.levels.items()}
        return replace(
            self,
            levels={name: members for name, members in levels.items() if members},
            pillars={name: item for name, item in self.pillars.items() if has(item)},
            quality=self.quality if self.quality and has(self.quality) else "",
            company=self.company if self.company and has(self.company) else "",
        )

    def moved(self, towards: str) -> dict[str, tuple[str, ...]]:
        """The levels with every contested question that may stand in the level `towards` put there."""
        goes = {item for item, level in self.elsewhere.items() if level == towards}
        found = {
            level: tuple(item for item in members if item not in goes or level == towards)
            for level, members in self.levels.items()
        }
        here = [item for members in self.levels.values() for item in members if item in goes]
        found[towards] = tuple(dict.fromkeys([*found.get(towards, ()), *here]))
        return {level: members for level, members in found.items() if members}

    def pillar_blocks(self) -> dict[str, tuple[str, ...]]:
        """Emotional and rational → the questions of the pillars Capgemini's split would put there."""
        found: dict[str, tuple[str, ...]] = {}
        for side in ("emotional", "rational"):
            members = tuple(item for name, item in self.pillars.items() if self.sides[name] == side)
            if members:
                found[side] = members
        return found

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        rows = [(level, len(self.levels.get(level, ())), n) for level, n in self.published.items()]
        return pd.DataFrame(rows, columns=["term", "n_drivers", "n_elements"])

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        row = {
            "n_drivers": sum(map(len, self.levels.values())),
            "n_levels": len(self.levels),
            "n_elements": sum(self.published.values()),
            "n_pillars": len(self.pillars),
            "n_pillars_named": len(self.sides),
        }
        return pd.DataFrame({key: [value] for key, value in row.items()})


class Level(Entry, frozen=True):
    """A level of elements, and how many the source has there."""

    n: int
    label: Translated


class Pillar(Entry, frozen=True):
    """A pillar of experience, and the side where Capgemini's split would put it."""

    side: Literal["emotional", "rational"]
    label: Translated


class MapEntry(Entry, frozen=True, kw_only=True):
    """A map of one codebook: which questions stand for the levels and pillars."""

    levels: dict[str, Names]
    pillars: dict[str, str]
    elsewhere: dict[str, str]
    quality: str
    stand_ins: bool
    company: str = ""


class ValueFile(Entry, frozen=True):
    """A file of value: the elements, the pillars and what stands for them."""

    source: Translated
    levels: dict[str, Level]
    pillars: dict[str, Pillar]
    codebooks: dict[str, MapEntry]


_FILE = EntryFile("value.yml")


@lru_cache
def _file() -> tuple[ValueFile, str]:
    path = home() / "data" / "value.yml"
    return _FILE.read(ValueFile, read_yaml(path)), sha256(path)


def read_value_map(codebook: Codebook) -> ValueMap:
    """What `data/value.yml` says about a codebook.

    A codebook it does not name has no levels and no pillars: take its own blocks instead.

    Raises
    ------
    CodebookError
        Naming the question or level of the file that does not exist.

    Examples
    --------
    >>> from loyaltylab import read_codebook
    >>> read_value_map(read_codebook("loyalty"))
    ValueMap of 'loyalty': 30 questions in 4 levels, 6 of 6 pillars
    >>> read_value_map(read_codebook("corporate_reputation")).levels["life_changing"]
    ('like_1', 'attr_2')
    """
    found, digest = _file()
    entry = found.codebooks.get(codebook.name)
    common = {
        "codebook": codebook.name,
        "sides": {name: pillar.side for name, pillar in found.pillars.items()},
        "published": {name: level.n for name, level in found.levels.items()},
        "level_labels": {name: level.label for name, level in found.levels.items()},
        "pillar_labels": {name: pillar.label for name, pillar in found.pillars.items()},
        "provenance": Provenance("published", found.source, sha256=digest),
    }
    if entry is None:
        return ValueMap(levels={}, pillars={}, elsewhere={}, quality="", company="", stand_ins=False, **common)
    levels = {
        level: tuple(item for name in members for item in codebook.items_of(name) or (name,))
        for level, members in entry.levels.items()
    }
    _check(entry, levels, found.levels, found.pillars, codebook.name)
    return ValueMap(**{**asdict(entry), "levels": levels}, **common)


def _check(
    entry: MapEntry, members: Mapping[str, Sequence[str]], levels: Iterable[str], pillars: Iterable[str], name: str
) -> None:
    """Refuse a level, pillar or question that does not exist, and a question in two levels."""
    where, items = ("codebooks", name), [item for level in members.values() for item in level]
    for key, given, known in (
        ("levels", members, levels),
        ("elsewhere", entry.elsewhere.values(), levels),
        ("pillars", entry.pillars, pillars),
        ("elsewhere", entry.elsewhere, items),
        ("quality", filter(None, [entry.quality]), items),
    ):
        for one in given:
            _FILE.known(one, known, *where, key)
    if twice := {item for item in items if items.count(item) > 1}:
        raise _FILE.wrong(f"has {listed(sorted(twice))} in two of them", *where, "levels")
