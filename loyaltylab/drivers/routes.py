"""`division()`: what dividing R² over drivers costs, and which road `importance` takes where that is more than sensible.

A road is chosen by counting models, never by a clock, and so is the same on every machine, with Numba or without.

Sampled orders put right by the exact answer were chosen because they cover as exact draws do. Coverage of 95% intervals of
drivers' shares, and their width over that of exact ones for the difference of two blocks, over populations of 12 drivers
whose shares are known (n = 150, 344 and 1,000, 200 samples each, the same draws for every road; simulation error
below 0.5 points; `python -m tests.benchmarks many_drivers`):

================================  =====================  =====================
road, drivers that correlate      0.3 to 0.5             0.6 to 0.8
================================  =====================  =====================
exact, 400 draws                            94.2 (1.00)            94.2 (1.00)
exact, 200 draws                            94.3 (1.01)            94.2 (1.01)
exact, 200 draws, normal                    89.7 (0.99)            90.8 (0.99)
exact, 200, estimate ± z SD                 91.2 (0.99)            92.0 (0.99)
100 orders, put right                       94.0 (1.00)            93.9 (1.01)
100 orders, as they are                     92.5 (1.00)            82.4 (1.01)
relative weights, recentred                 94.9 (0.99)            94.1 (0.95)
================================  =====================  =====================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..codebook import as_blocks, flatten
from ..core import ModelError, check_known
from ..kernels import kernel
from .methods import METHODS

#: "auto": exact as far as is sensible; "exact": whatever it costs; "sampled": orders of entry in each draw.
DIVISIONS = ("auto", "exact", "sampled")
#: Models visited exactly in a sample and all its draws: 21 drivers with 2,000 draws; seconds compiled, most of a minute not.
MOST_MODELS = 1 << 32
#: Drivers divided exactly in the sample itself, at 2^32 models.
MOST_EXACT = METHODS["lmg"].most
#: Sampled orders of entry in each draw, and how many times as many for the estimate where nothing is exact.
N_ORDERS, TIMES = 100, 100

_SECONDS_A_MODEL = {"compiled": 0.8e-9, "NumPy": 10e-9}
_SECONDS_AN_ORDER = {"compiled": 0.15e-9, "NumPy": 0.6e-9}  # times the cube of the variables


@dataclass(frozen=True)
class Division:
    """What it takes to divide R² over players in one sample and in `n_sets` draws of it.

    Attributes
    ----------
    models : int
        Visited by one exact division.
    n_orders : int
        Sampled orders of entry in each draw; 0 where draws are divided exactly.
    n_orders_estimate : int
        The same for the sample itself.
    """

    method: str
    n_players: int
    n_sets: int
    models: int
    n_orders: int = 0
    n_orders_estimate: int = 0
    players: str = "drivers"

    def __repr__(self) -> str:
        return f"Division({self.method}) of {self.note}"

    @property
    def work(self) -> int:
        """Visits of models if everything were exact, each counted as one of lmg; of methods in closed form 0."""
        return METHODS[self.method].work * self.models * (1 + self.n_sets) if self.models > 1 else 0

    @property
    def in_orders(self) -> bool:
        """Whether anything is divided over sampled orders of entry."""
        return bool(self.n_orders or self.n_orders_estimate)

    def step(self, seed: int) -> str:
        """What was done, as a step of a result's provenance."""
        how = f"from {self.n_orders_estimate:,} sampled orders of entry" if self.n_orders_estimate else f"exact over all 2^{self.n_players} models"  # fmt: skip
        few = f"; intervals from {self.n_orders:,} sampled orders" if self.n_orders else ""
        return f"{how}{few}, seed {seed}{', put right by it' if few else ''}"

    @cached_property
    def seconds(self) -> float:
        """About how long it takes here. It depends on the machine, and nothing else depends on it."""
        return self._exact(0 if self.n_orders_estimate else 1 if self.n_orders else 1 + self.n_sets) + self._sampled(
            self.n_orders_estimate + self.n_sets * self.n_orders
        )

    @cached_property
    def seconds_exact(self) -> float:
        """The same if everything were exact."""
        return self._exact(1 + self.n_sets)

    def _exact(self, sets: int) -> float:
        row = METHODS[self.method]
        how = "compiled" if row.work == 1 and kernel() else "NumPy"
        return sets * self.models * row.work * _SECONDS_A_MODEL[how]

    def _sampled(self, orders: int) -> float:
        return orders * (self.n_players + 1) ** 3 * _SECONDS_AN_ORDER["compiled" if kernel() else "NumPy"]

    @property
    def note(self) -> str:
        """What is done and what it takes, in a sentence."""
        what = f"{self.n_players:,} {self.players}"
        whole = f"{self.models:,} models" if self.models < 1e6 else f"{self.models:.1e} models"
        draws = f" in each of {self.n_sets:,} draws" if self.n_sets else ""
        if not self.in_orders:
            return f"{what}: {self.method} visits {whole}{draws}, {duration(self.seconds)}."
        exact = f"{what}: an exact {self.method} visits {whole}{draws}, {duration(self.seconds_exact)}"
        few = f"{self.n_orders:,} sampled orders of entry{draws}, put right by the exact answer"
        if alone := self.n_orders_estimate:
            few = f"{alone:,} sampled orders of entry" + (f",{draws} from {self.n_orders:,}" if self.n_sets else "")
        what = "the parts" if alone else "the intervals"
        return f"{exact}. So {what} come from {few}: {duration(self.seconds)}."


def division(
    drivers: int | Mapping[str, Sequence[str]] | Sequence[str],
    n_draws: int = 2000,
    *,
    method: str = "lmg",
    players: str = "drivers",
    how: str = "auto",
    n_orders: int = N_ORDERS,
) -> Division:
    """What `importance` would do with so many drivers and draws, and what that takes; nothing is computed.

    Parameters
    ----------
    drivers : int, mapping of block → names, or sequence of names
        A number stands for as many players.
    n_draws : int
        Draws, and samples with a respondent left out (`jackknife=`).
    method : str
        One of `METHODS`.
    players : str
        As in `importance`.
    how : {"auto", "exact", "sampled"}
        As `division=` of `importance`. "auto" divides each draw exactly up to 2^32 models in all, which is 21 drivers with
        2,000 draws, 24 with 200; and the sample itself up to 32 drivers.
    n_orders : int
        Sampled orders of entry, where they are sampled.

    Returns
    -------
    Division
        Models visited, and sampled orders where exact division would take too long.

    Raises
    ------
    UnknownName
        For a method, kind of player or division that does not exist.
    ModelError
        For what cannot be done, or only at a cost that was not asked for; it names the cost and what can be done.

    Examples
    --------
    >>> division(12).n_orders, division(21).n_orders, division(22).n_orders
    (0, 0, 100)
    >>> division(24, n_draws=200).n_orders, division(40).n_orders_estimate
    (0, 10000)
    """
    for what, name, options in (
        ("method", method, METHODS),
        ("players", players, ("drivers", "blocks", "nested")),
        ("division", how, DIVISIONS),
    ):
        check_known(what, name, options)
    sizes = _sizes(drivers, players)
    row, k = METHODS[method], len(sizes) if players != "nested" else sum(sizes)
    if row.most > 10 * MOST_EXACT:  # closed form
        return Division(method, k, n_draws, 1)
    models = sum(1 << (len(sizes) - 1 + size) for size in sizes) if players == "nested" else 1 << k
    exact = Division(method, k, n_draws, models, players="drivers" if players == "nested" else players)
    can_sample = players == "drivers" and row.sampled
    possible = max(len(sizes), *sizes) <= row.most
    sensible = exact.work <= MOST_MODELS or n_draws == 0
    if how != "sampled" and possible and (how == "exact" or sensible):
        return exact
    if not can_sample or how == "exact":
        raise ModelError(_refused(exact, can_sample, possible))
    alone = 0 if possible else TIMES * n_orders
    return Division(method, k, n_draws, models, n_orders if n_draws else 0, alone, exact.players)


def _sizes(drivers: int | Mapping[str, Sequence[str]] | Sequence[str], players: str) -> tuple[int, ...]:
    if isinstance(drivers, int):
        return (1,) * drivers
    if players == "drivers":
        return (1,) * len(flatten(drivers))
    return tuple(len(members) for members in as_blocks(drivers).values())


def _refused(exact: Division, can_sample: bool, possible: bool) -> str:
    """Why a division is not made, what it would cost, and what can be done instead."""
    ways = ["'relative_weights'"] if exact.players == "drivers" else []
    most = METHODS[exact.method].most
    limit = "" if possible else f" More than {most} {exact.players} are not divided exactly."
    if can_sample:
        return f"{exact.note}{limit} Leave division= at 'auto', which samples orders of entry."
    draws = "" if not possible or not exact.n_sets else " Take fewer draws (n_draws=, or -p draws=) or allow it (division='exact')."  # fmt: skip
    return f"{exact.note}{limit}{draws} {instead(*ways)}"


def instead(*methods: str) -> str:
    """What to do where a method costs too much, in the words of Python and of the command line."""
    other = f"Use {' or '.join(methods)} (method=, or -p methods= of a report), " if methods else "Take "
    return f"{other}fewer drivers (drivers=, or -p blocks=)."


def duration(seconds: float) -> str:
    """So long, in words.

    >>> duration(0.2), duration(40), duration(2400), duration(9e4), duration(1e9)
    ('less than a second', 'about 40 seconds', 'about 40 minutes', 'about 25 hours', 'about 32 years')
    """
    if seconds < 1:
        return "less than a second"
    for size, word, most in ((1, "second", 100), (60, "minute", 100), (3600, "hour", 72), (86400, "day", 700)):
        if seconds < most * size:
            count = max(1, round(seconds / size))
            return f"about {count:,} {word}{'s' if count != 1 else ''}"
    return f"about {seconds / 31557600:,.0f} years"
