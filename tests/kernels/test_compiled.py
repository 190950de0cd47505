"""The compiled kernel against NumPy's and against exact fractions; without Numba, with a broken draw, in threads."""

import io
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyaltylab.core import progress
from loyaltylab.kernels import attribution, linalg
from loyaltylab.kernels import compiled as accelerated

needs_numba = pytest.mark.skipif("kernel() is None", reason="Numba is not installed, or switched off")
KERNELS = [pytest.param("1", marks=needs_numba, id="numba"), pytest.param("0", id="numpy")]


def random_corr(seed: int, size: int, batch: tuple[int, ...] = (), common: float = 0.7) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=(*batch, size + 5, size))
    x = x + common * x[..., :1]
    x = x - x.mean(axis=-2, keepdims=True)
    x = x / np.sqrt((x**2).sum(axis=-2, keepdims=True))
    return np.swapaxes(x, -1, -2) @ x


def shapley(R: np.ndarray, sizes: tuple[int, ...], *, numba: str) -> np.ndarray:
    """By one of the two kernels, however small the work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTYLAB_NUMBA", numba)
        patch.setattr(attribution, "_LONG", 0)
        return attribution.shapley(R, sizes)


@needs_numba
@pytest.mark.parametrize("p", range(1, 13))
@pytest.mark.parametrize("batch", [(), (3, 5), (70,)])
def test_compiled_equals_numpy(p, batch):
    R, sizes = random_corr(p, p + 1, batch), (1,) * p
    compiled, plain = shapley(R, sizes, numba="1"), shapley(R, sizes, numba="0")
    assert compiled.shape == (*batch, p)
    np.testing.assert_allclose(compiled, plain, rtol=0, atol=1e-12)
    np.testing.assert_allclose(compiled.sum(axis=-1), linalg.r_squared(R), rtol=0, atol=1e-12)


@needs_numba
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 4), min_size=1, max_size=9), draws=st.integers(1, 70))
def test_compiled_equals_numpy_for_blocks_in_any_order(seed, sizes, draws):
    R = random_corr(seed, 1 + sum(sizes), (draws,))
    compiled, plain = (shapley(R, tuple(sizes), numba=numba) for numba in "10")
    np.testing.assert_allclose(compiled, plain, rtol=0, atol=1e-12)


@pytest.mark.parametrize("lanes, cached", [(1, 1), (2, 16), (4, 64), (16, 16)])
def test_numpy_gives_the_same_numbers_however_the_work_is_cut(monkeypatch, lanes, cached):
    cases = [(random_corr(1, 10, (21,)), (1,) * 9), (random_corr(2, 14), (3, 1, 2, 1, 1, 4, 1))]
    whole = [shapley(R, sizes, numba="0") for R, sizes in cases]
    monkeypatch.setattr(attribution, "_LANES", lanes)
    monkeypatch.setattr(attribution, "_CACHED", cached)
    for (R, sizes), expected in zip(cases, whole, strict=True):
        np.testing.assert_allclose(shapley(R, sizes, numba="0"), expected, rtol=0, atol=1e-13)


def exact_shapley(R: np.ndarray) -> list[float]:
    """Shapley values of these very floating-point numbers, in fractions: no rounding anywhere."""
    exact, p = [[Fraction(float(value)) for value in row] for row in R], len(R) - 1

    def residual(subset):
        m = [[exact[i][j] for j in (0, *subset)] for i in (0, *subset)]
        for at in range(len(m) - 1, 0, -1):
            for i in range(at):
                factor = m[i][at] / m[at][at]
                m[i] = [m[i][j] - factor * m[at][j] for j in range(at)]
        return m[0][0]

    others = [[i for i in range(1, p + 1) if i != j] for j in range(1, p + 1)]
    return [
        float(
            sum(
                (residual(T) - residual(tuple(sorted((*T, j))))) / (p * comb(p - 1, size))
                for size in range(p)
                for T in combinations(rest, size)
            )
        )
        for j, rest in enumerate(others, start=1)
    ]


@pytest.mark.parametrize("numba", KERNELS)
@pytest.mark.parametrize("apart", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("pair", [(1, 2), (1, 5), (4, 6)])
def test_near_duplicates_lose_no_more_than_their_condition(numba, apart, pair):
    """Drivers nearly the same: condition up to 10¹², so a rounding of the entries alone moves R² by as many units."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(50, 7))
    x[:, pair[1]] = x[:, pair[0]] + apart * rng.normal(size=50)
    x[:, 0] += 0.5 * x[:, 1] + x[:, 4]
    R = np.corrcoef(x.T)
    condition = np.linalg.cond(R)
    error = np.abs(shapley(R, (1,) * 6, numba=numba) - exact_shapley(R)).max()
    assert error <= max(1e-12, 10 * condition * np.finfo(float).eps)


@pytest.mark.parametrize("numba", KERNELS)
@pytest.mark.parametrize("sizes", [(1,) * 8, (2, 1, 3, 1, 1), (3, 3, 2)])
def test_a_draw_that_is_not_a_number_leaves_the_others_alone(numba, sizes):
    R = random_corr(4, 9, (130,))
    sound = shapley(R, sizes, numba=numba)
    broken = R.copy()
    broken[7] = np.nan
    broken[64, 3, :] = broken[64, :, 3] = np.nan
    broken[129, 0, :] = broken[129, :, 0] = np.nan
    lmg = shapley(broken, sizes, numba=numba)
    bad = [7, 64, 129]
    assert np.isnan(lmg[bad]).all()
    np.testing.assert_array_equal(np.delete(lmg, bad, axis=0), np.delete(sound, bad, axis=0))


@needs_numba
def test_threads_change_no_digit(monkeypatch):
    R = random_corr(5, 13, (300,))
    alone = shapley(R, (1,) * 12, numba="1")
    monkeypatch.setattr(accelerated, "_THREADED", 0)
    monkeypatch.setattr(accelerated, "threads", lambda: 3)
    np.testing.assert_array_equal(shapley(R, (1,) * 12, numba="1"), alone)


def test_an_error_in_a_thread_is_not_lost(monkeypatch):
    def kernel(*args):
        raise MemoryError("no room")

    monkeypatch.setattr(accelerated, "kernel", lambda: kernel)
    monkeypatch.setattr(accelerated, "_THREADED", 0)
    monkeypatch.setattr(accelerated, "threads", lambda: 2)
    with pytest.raises(MemoryError, match="no room"):
        shapley(random_corr(1, 5), (1,) * 4, numba="1")


def test_the_kernel_is_right_before_it_is_compiled(monkeypatch):
    """Plain Python on two lanes; needs no Numba."""
    monkeypatch.setattr(accelerated, "LANES", 2)
    monkeypatch.setattr(accelerated, "kernel", lambda: accelerated._visit)
    for R, sizes in [
        (random_corr(1, 8, (3,)), (1,) * 7),
        (random_corr(2, 10), (3, 1, 2, 1, 1, 1)),
        (random_corr(3, 6), (2, 3)),
    ]:
        np.testing.assert_allclose(shapley(R, sizes, numba="1"), shapley_in_numpy(R, sizes), rtol=0, atol=1e-13)


def shapley_in_numpy(R, sizes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attribution, "_LONG", 1 << 60)
        return attribution.shapley(R, sizes)


# ---- when it is used --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "p, draws, compiled", [(10, 1, False), (19, 1, False), (20, 1, True), (10, 2000, False), (14, 2048, True)]
)
def test_long_work_is_compiled_and_short_work_is_not(monkeypatch, p, draws, compiled):
    asked = []
    zeros = lambda tri, sizes, *_: np.zeros((len(sizes) + 1, tri.shape[1]))  # noqa: E731
    monkeypatch.setattr(accelerated, "kernel", lambda: print)
    monkeypatch.setattr(accelerated, "sums", lambda *args: asked.append("compiled") or zeros(*args))
    monkeypatch.setattr(attribution, "_sums", lambda *args: asked.append("numpy") or zeros(*args))
    attribution.shapley(np.broadcast_to(np.eye(p + 1), (draws, p + 1, p + 1)), (1,) * p)
    assert asked == ["compiled" if compiled else "numpy"]


def test_the_package_loads_without_numba_and_answers_without_it():
    code = """
import sys
import loyaltylab
assert "numba" not in sys.modules
sys.modules["numba"] = None  # as if it were not installed
import numpy as np
from loyaltylab.kernels import attribution, compiled, linalg
assert compiled.kernel() is None
R = np.full((21, 21), 0.25); np.fill_diagonal(R, 1)
print(attribution.shapley(R, (1,) * 20).sum() - linalg.r_squared(R))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert abs(float(done.stdout)) < 1e-12


def test_switched_off_it_says_so(monkeypatch):
    monkeypatch.setenv("LOYALTYLAB_NUMBA", "0")
    assert accelerated.kernel() is None
    with pytest.raises(RuntimeError) as caught:
        accelerated.sums(np.ones((3, 1)), (1,), np.zeros(1, dtype=np.intp), np.ones(2))
    assert str(caught.value) == (
        "compiled sums need Numba, which is absent or switched off; install it, or let attribution.shapley choose."
    )


@needs_numba
def test_where_nothing_can_be_written_it_is_compiled_in_memory(monkeypatch):
    asked = []

    def njit(signature, **options):
        asked.append(options.get("cache", False))
        if options.get("cache"):
            raise RuntimeError("cannot cache function '_visit': no locator available")
        return lambda function: function

    monkeypatch.setattr(accelerated, "_numba", lambda: njit)
    assert accelerated._compiled.__wrapped__(accelerated._visit, "void()") is accelerated._visit
    assert asked == [True, False]


@pytest.mark.parametrize("numba", KERNELS)
def test_nothing_of_the_size_of_all_subsets_is_kept(monkeypatch, numba):
    monkeypatch.setenv("LOYALTYLAB_NUMBA", numba)
    R = random_corr(1, 23)
    tracemalloc.start()
    try:
        attribution.shapley(R, (1,) * 22)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**22 / 2


# ---- progress ---------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def stderr(monkeypatch, screen: io.StringIO) -> io.StringIO:
    """What is written to stderr from here on, outside a report."""
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.delenv("LOYALTYLAB_RUN_FOLDER", raising=False)
    return screen


def test_progress_is_told_at_a_terminal_and_wiped_after(monkeypatch, capsys):
    screen = stderr(monkeypatch, Terminal())
    assert [*progress.watched(iter("abcd"), 4, "2^23 models", patience=-1)] == [*"abcd"]
    shown = screen.getvalue().split("\r")
    assert shown[1:4] == [f"2^23 models: {percent}, about 0 s left" for percent in (" 25%", " 50%", " 75%")]
    assert shown[4].strip() == "" and shown[5] == ""
    assert capsys.readouterr().out == ""


def test_progress_is_silent_when_it_is_quick_and_without_a_reader(monkeypatch):
    screen = stderr(monkeypatch, Terminal())
    assert [*progress.watched([1, 2], 2, "x")] == [1, 2]
    monkeypatch.setenv("LOYALTYLAB_RUN_FOLDER", "somewhere")
    assert [*progress.watched([1, 2], 2, "x")] == [1, 2]
    assert screen.getvalue() == ""
    monkeypatch.delenv("LOYALTYLAB_RUN_FOLDER")
    unread = stderr(monkeypatch, io.StringIO())
    assert [*progress.watched([1, 2], 2, "x", patience=-1)] == [1, 2]
    assert unread.getvalue() == ""


def test_in_a_report_progress_and_notes_are_told_to_the_runner_in_lines_it_knows(monkeypatch):
    screen = stderr(monkeypatch, Terminal())
    monkeypatch.setenv("LOYALTYLAB_RUN_FOLDER", "somewhere")
    assert [*progress.watched([1, 2], 2, "x", patience=-1)] == [1, 2]
    for _ in range(2):
        progress.tell("this line is said in one test only")
    assert screen.getvalue() == (
        "loyaltylab is at: x:  50%, about 0 s left\nloyaltylab says: this line is said in one test only\n"
    )


def test_progress_is_wiped_when_the_work_fails(monkeypatch):
    screen = stderr(monkeypatch, Terminal())

    def work():
        yield 1
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        [*progress.watched(work(), 2, "x", patience=-1)]
    assert screen.getvalue().endswith("\r") and "50%" in screen.getvalue()
