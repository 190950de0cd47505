"""Array kernels: the bivariate normal distribution, and the correlations behind ordered answers.

Thresholds are those of the margins (Olsson's two-step method); the correlation then maximises the likelihood of the
joint answers. *Lanes* are pairs of variables, or bootstrap draws of one pair.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..core import MatrixError
from .linalg import FloatArray, symmetric_root

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(20)
_BOUND = 0.9999  # an estimate beyond it is none: the answers agree perfectly
_INFINITE = 40.0
_TINY = 1e-300


def bivariate_normal_cdf(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """P(X ≤ h, Y ≤ k) for standard normal X, Y with correlation rho, |rho| < 1; accurate to 1e-14.

    Any shapes that broadcast; finite h and k. Drezner & Wesolowsky's (1990) integral over the correlation by
    20-point Gauss-Legendre quadrature, and Genz's (2004) expansion for |rho| above .925.
    """
    h, k, rho = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (h, k, rho)))
    out = np.empty(h.shape)
    steep = np.abs(rho) > 0.925
    out[~steep] = _moderate(h[~steep], k[~steep], rho[~steep])
    if steep.any():
        out[steep] = _steep(-h[steep], -k[steep], rho[steep])
    return out


def _moderate(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """The integral of exp(−(h² + k² − 2 h k sin t) / (2 cos² t)) / 2π from t = 0 to asin rho, plus Φ(h) Φ(k)."""
    from scipy.special import ndtr

    half = np.arcsin(rho) / 2
    product, squares = h * k, (h**2 + k**2) / 2
    total = np.zeros(h.shape)
    for node, weight in zip(_NODES, _NODE_WEIGHTS, strict=True):
        sine = np.sin(half * (1 + node))
        total += weight * np.exp((sine * product - squares) / (1 - sine**2))
    return total * half / (2 * np.pi) + ndtr(h) * ndtr(k)


def _steep(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """P(X > h, Y > k) for |rho| > .925 (Genz 2004, doi:10.1023/B:STCO.0000035304.20635.31, section 2.4)."""
    from scipy.special import ndtr

    down = rho < 0
    k = np.where(down, -k, k)
    hk = h * k
    rest = (1 - rho) * (1 + rho)
    a, gap = np.sqrt(rest), (h - k) ** 2
    c, d = (4 - hk) / 8, (12 - hk) / 16
    series = 1 - c * (gap - rest) * (1 - d * gap / 5) / 3 + c * d * rest**2 / 5
    b = np.sqrt(gap)
    out = a * np.exp(np.maximum(-(gap / rest + hk) / 2, -700)) * series
    tail = (
        np.exp(np.minimum(-hk / 2, 50)) * np.sqrt(2 * np.pi) * ndtr(-b / a) * b * (1 - c * gap * (1 - d * gap / 5) / 3)
    )
    out -= np.where(hk > -100, tail, 0.0)
    for node, weight in zip(_NODES, _NODE_WEIGHTS, strict=True):
        x = (a / 2 * (1 + node)) ** 2
        root = np.sqrt(1 - x)
        power = -(gap / x + hk) / 2
        correction = np.exp(-hk * x / (2 * (1 + root) ** 2)) / root - (1 + c * x * (1 + d * x))
        out += np.where(power > -100, a / 2 * weight * np.exp(np.maximum(power, -100)) * correction, 0.0)
    out = -out / (2 * np.pi)
    return np.where(down, np.maximum(ndtr(k) - ndtr(h), 0) - out, out + ndtr(-np.maximum(h, k)))


def thresholds(counts: FloatArray) -> FloatArray:
    """Thresholds of answers from their counts (..., K) → (..., K + 1), ±40 for infinity at the ends."""
    from scipy.special import ndtri

    below = counts.cumsum(axis=-1)[..., :-1] / counts.sum(axis=-1, keepdims=True)
    inner = np.clip(ndtri(below), -_INFINITE, _INFINITE)
    ends = np.full((*counts.shape[:-1], 1), _INFINITE)
    return np.concatenate([-ends, inner, ends], axis=-1)


def polychoric(tables: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Polychoric correlations of contingency tables and their standard errors (Olsson 1979); 2 × 2: tetrachoric.

    tables (L, K, M) of counts → (L,), (L,); not a number where a variable does not vary or the answers agree
    perfectly. Answers nobody gave and cells without respondents need nothing special. The standard error takes the
    thresholds as given.
    """
    from scipy.special import ndtr

    a, b = thresholds(tables.sum(axis=2)), thresholds(tables.sum(axis=1))

    def derivatives(lanes: npt.NDArray[np.intp], rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        h, k, r = a[lanes, 1:-1, None], b[lanes, None, 1:-1], rho[:, None, None]
        shape = np.broadcast_shapes(h.shape, k.shape)
        rest = 1 - r**2
        form = h**2 - 2 * r * h * k + k**2
        density = np.exp(-form / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
        bend = density * (r / rest + h * k / rest - r * form / rest**2)
        corners = np.zeros((len(lanes), shape[1] + 2, shape[2] + 2))
        corners[:, 1:-1, 1:-1] = bivariate_normal_cdf(h, k, r)
        corners[:, -1, :], corners[:, :, -1] = ndtr(b[lanes]), ndtr(a[lanes])
        P, slope, curve = (_cells(x) for x in (corners, np.pad(density, _EDGES), np.pad(bend, _EDGES)))
        P = np.maximum(P, 1e-15)
        n = tables[lanes]
        return (n * slope / P).sum(axis=(1, 2)), (n * ((slope / P) ** 2 - curve / P)).sum(axis=(1, 2))

    varies = ((tables.sum(axis=2) > 0).sum(axis=1) > 1) & ((tables.sum(axis=1) > 0).sum(axis=1) > 1)
    return _maximised(derivatives, varies)


_EDGES = ((0, 0), (1, 1), (1, 1))


def _cells(corners: FloatArray) -> FloatArray:
    return np.diff(np.diff(corners, axis=1), axis=2)


def polyserial(z: FloatArray, codes: npt.NDArray[np.intp], w: FloatArray, K: int) -> tuple[FloatArray, FloatArray]:
    """Polyserial correlations of scores z and ordered answers, and standard errors (Olsson, Drasgow & Dorans 1982).

    z (n,), codes (n,) in 0 … K−1, w (L, n) counts or weights → (L,), (L,). The score is standardised in every lane, with
    divisor Σw. The standard error takes mean, SD and thresholds as given.
    """
    from scipy.special import ndtr

    total = w.sum(axis=1, keepdims=True)
    mean = w @ z[:, None] / total
    sd = np.sqrt((w * (z - mean) ** 2).sum(axis=1, keepdims=True) / total)
    varies = (sd[:, 0] > 1e-12 * (1 + np.abs(mean[:, 0]))) & ((w @ np.eye(K)[codes] > 0).sum(axis=1) > 1)
    score = (z - mean) / np.where(sd > 0, sd, 1.0)
    tau = thresholds(w @ np.eye(K)[codes])

    def derivatives(lanes: npt.NDArray[np.intp], rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        x, r = score[lanes], rho[:, None]
        rest = 1 - r**2
        value, slope, curve = [], [], []
        for edge in (tau[lanes][:, codes + 1], tau[lanes][:, codes]):
            at = (edge - r * x) / np.sqrt(rest)
            moved = (edge * r - x) / rest**1.5
            density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
            value.append(at)
            slope.append(density * moved)
            curve.append(density * (edge / rest**1.5 + 3 * r * moved / rest - at * moved**2))
        flip = value[1] > 0  # the upper tail keeps its digits there
        P = np.where(flip, ndtr(-value[1]) - ndtr(-value[0]), ndtr(value[0]) - ndtr(value[1]))
        P = np.maximum(P, _TINY)
        gain, bend = (slope[0] - slope[1]) / P, (curve[0] - curve[1]) / P
        return (w[lanes] * gain).sum(axis=1), (w[lanes] * (gain**2 - bend)).sum(axis=1)

    return _maximised(derivatives, varies)


def _maximised(
    derivatives: Callable[[npt.NDArray[np.intp], FloatArray], tuple[FloatArray, FloatArray]],
    varies: npt.NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray]:
    """Root of the score of each lane in (−1, 1) by Newton's method within a bracket, and 1 / √information there."""
    L = len(varies)
    rho, error = np.full(L, np.nan), np.full(L, np.nan)
    low, high = np.full(L, -_BOUND), np.full(L, _BOUND)
    active = np.flatnonzero(varies)
    for _ in range(100):
        if not len(active):
            break
        at = np.where(np.isnan(rho[active]), 0.0, rho[active])
        score, information = derivatives(active, at)
        rising = score > 0
        low[active[rising]], high[active[~rising]] = at[rising], at[~rising]
        with np.errstate(divide="ignore", invalid="ignore"):
            new = at + score / information
        inside = (information > 0) & (new > low[active]) & (new < high[active])
        new = np.where(inside, new, (low[active] + high[active]) / 2)
        rho[active] = new
        done = (inside & (np.abs(new - at) < 1e-11)) | (high[active] - low[active] < 1e-12)
        error[active[done]] = 1 / np.sqrt(np.maximum(information[done], _TINY))
        active = active[~done]
    perfect = np.abs(rho) > _BOUND - 1e-6
    rho[perfect | (np.isin(np.arange(L), active))] = np.nan
    return rho, np.where(np.isnan(rho), np.nan, error)


# ---- Answers in whole steps on normal variables: their exact moments and shares, and rows with moments that are given.

#: Terms of the Hermite series; what is left out is below 1e-5 for correlations up to .8.
TERMS = 24


def normal_tail(z: FloatArray) -> FloatArray:
    """P(Z > z) of a standard normal variable."""
    from scipy.special import ndtr

    return ndtr(-z)


def normal_quantile(p: FloatArray) -> FloatArray:
    """The z with P(Z < z) = p."""
    from scipy.special import ndtri

    return ndtri(p)


def normal_grid(shift: FloatArray, step: float = 0.1) -> tuple[FloatArray, FloatArray]:
    """Points (q,) and weights (g, q) that integrate over N(shift_g, 1); the trapezium rule is near exact here."""
    e = np.arange(min(shift.min(), 0) - 6, max(shift.max(), 0) + 6, step)
    return e, step * np.exp(-0.5 * (e - shift[:, None]) ** 2) / np.sqrt(2 * np.pi)


def above(tau: FloatArray, along: FloatArray, e: FloatArray) -> FloatArray:
    """P(z > tau | e) of variables with correlation `along` with e.  tau (i, t), along (i,), e (q,) → (q, i, t)."""
    return normal_tail((tau - along[:, None] * e[:, None, None]) / np.sqrt(1 - along[:, None] ** 2))


def sums_above(tau: FloatArray, along: FloatArray, e: FloatArray, cuts: FloatArray) -> FloatArray:
    """P(sum of the answers ≥ cut | e), the answers being independent given e.  → (q, cuts).

    An answer counts the thresholds that its variable exceeds, so that the sum runs from 0 up.
    """
    p = above(tau, along, e)
    ends = np.ones((*p.shape[:2], 1))
    mass = -np.diff(np.concatenate([ends, p, 0 * ends], axis=-1), axis=-1)
    size = 1 + tau.size
    whole = np.fft.irfft(np.fft.rfft(mass, size).prod(axis=1), size)
    return np.stack([whole[:, int(np.ceil(cut - 1e-9)) :].sum(axis=-1) for cut in cuts], axis=-1)


def _series(tau: FloatArray) -> FloatArray:
    """Hermite coefficients of the number of thresholds exceeded.  tau (..., t) → (..., TERMS), from the first degree."""
    finite = np.isfinite(tau)
    t = np.where(finite, tau, 0.0)
    density = np.where(finite, np.exp(-0.5 * t**2) / np.sqrt(2 * np.pi), 0.0)
    before, h, found = np.zeros_like(t), np.ones_like(t), []
    for k in range(1, TERMS + 1):
        found.append((density * h).sum(axis=-1) / np.sqrt(k))
        before, h = h, (t * h - np.sqrt(k - 1) * before) / np.sqrt(k)
    return np.stack(found, axis=-1)


def covariances(
    tau: FloatArray, corr: FloatArray, along: FloatArray, shift: FloatArray, part: FloatArray
) -> FloatArray:
    """Covariances (i, i) of answers on normal variables whose means differ between groups.

    Parameters
    ----------
    tau : array (i, t)
        Thresholds of each answer, increasing; infinite where an answer has fewer.
    corr : array (i, i)
        Correlations of the variables within a group.
    along, shift, part : array (i,), (g,), (g,)
        The mean of variable i in group g is along_i · shift_g; `part` of all are in group g.

    References
    ----------
    Mehler, F. G. (1866). J. reine angew. Math. 66, 161–176: a bivariate normal density in Hermite polynomials.
    """
    moved = tau - (along * shift[:, None])[..., None]
    p, a = normal_tail(moved), _series(moved)
    mean = p.sum(axis=-1)
    odd = 2 * np.arange(tau.shape[1]) + 1
    variance = (odd * p).sum(axis=-1) - mean**2
    power, within = np.ones_like(corr), np.zeros((len(shift), *corr.shape))
    for k in range(TERMS):
        power = power * corr
        within += a[:, :, None, k] * a[:, None, :, k] * power
    np.einsum("gii->gi", within)[...] = variance
    gap = mean - part @ mean
    return np.tensordot(part, within + gap[:, :, None] * gap[:, None, :], 1)


def coloured(mean: FloatArray, cov: FloatArray, n: int, seed: int, divisor: int) -> FloatArray:
    """Rows (n, k) of normal draws whose sample mean and covariance are those given.

    The draws are centred, whitened by their own covariances and coloured by the root of `cov`, which may be singular.

    Raises
    ------
    MatrixError
        For too few rows, or covariances that no data can have.
    """
    k = len(mean)
    if n <= k:
        raise MatrixError(f"n = {n:,}: rows with given moments of {k} variables need n of {k + 1} or more.")
    values = np.linalg.eigvalsh(cov)
    if values[0] < -1e-10 * max(values[-1], 1e-300):
        raise MatrixError(f"no data can have these covariances: the smallest eigenvalue is {values[0]:.3g}, below 0.")
    x = np.random.default_rng(seed).standard_normal((n, k))
    for _ in range(2):  # the second time takes out what rounding left
        x -= x.mean(axis=0)
        x = np.linalg.qr(x)[0] * np.sqrt(divisor)
    x -= x.mean(axis=0)
    return mean + x @ symmetric_root(cov)
