"""Of very many rows draws take random groups: intervals stay as wide, by row and by every design."""

import numpy as np
import pandas as pd
import pytest

import loyaltylab.moments.rows as module
from loyaltylab.moments import Moments, Source, complete
from tests.conftest import MADE_UP

NAMES = ["loyalty", "joy"]
DRAWS, GROUPS = 2000, 500
#: Standard errors from 2,000 draws of rows and 2,000 draws of 500 groups differ by this much by chance, three times over.
BY_CHANCE = 3 * np.sqrt(2 / (2 * DRAWS) + 1 / (2 * GROUPS))


@pytest.fixture
def many(monkeypatch):
    """3,000 rows of clusters whose members are alike, in strata that differ by far more than their members."""
    monkeypatch.setattr(module, "MOST_UNITS", 600)
    monkeypatch.setattr(module, "GROUPS", GROUPS)
    rng = np.random.default_rng(3)
    region, shop = np.repeat(np.arange(3), 1000), np.repeat(np.arange(1500), 2)
    joy = rng.normal(size=1500)[shop] + 3 * region + 0.1 * rng.normal(size=3000)
    loyalty = 0.5 * joy + np.exp(rng.normal(size=1500)[shop])
    rows = {"loyalty": loyalty, "joy": joy, "weight": rng.gamma(3, size=3000), "region": region, "shop": shop}
    return pd.DataFrame(rows).sample(frac=1, random_state=1)


def draws(many, monkeypatch, limit, **design):
    monkeypatch.setattr(module, "MOST_UNITS", limit)
    return Moments.bootstrap(many, NAMES, n_draws=DRAWS, provenance=MADE_UP, **design)


@pytest.mark.slow
@pytest.mark.parametrize(
    "design",
    [
        {},
        {"weight": "weight"},
        {"cluster": "shop"},
        {"weight": "weight", "strata": "region"},
        {"cluster": "shop", "strata": "region"},
    ],
)
def test_intervals_from_random_groups_are_as_wide_as_those_from_rows(many, monkeypatch, design):
    one, other = (draws(many, monkeypatch, limit, **design) for limit in (10_000, 600))
    assert "random groups" not in one.scheme
    assert f"random groups of {1500 if 'cluster' in design else 3000:,} " in other.scheme
    assert other.provenance.steps[-1] == other.scheme
    np.testing.assert_allclose(other.mean.std(axis=0) / one.mean.std(axis=0), 1, atol=BY_CHANCE)
    np.testing.assert_allclose(other.corr[:, 0, 1].std() / one.corr[:, 0, 1].std(), 1, atol=1.5 * BY_CHANCE)
    np.testing.assert_allclose(other.mean.mean(axis=0), one.mean.mean(axis=0), atol=4 * one.mean.std(axis=0).max() / 40)


def test_groups_take_whole_clusters_of_one_stratum_and_are_about_as_large(many):
    used, design = complete(Source(many, MADE_UP, cluster="shop", strata="region"), NAMES)
    drawn = design.joined(seed=1)
    of = pd.DataFrame({"group": drawn.unit, "shop": used["shop"].to_numpy(), "region": used["region"].to_numpy()})
    assert (of.groupby("shop")["group"].nunique() == 1).all()
    assert (of.groupby("group")["region"].nunique() == 1).all()
    assert set(of.groupby("group")["shop"].nunique()) <= {2, 3, 4}
    assert (drawn.stratum[of["group"]] == of["region"]).all()
    assert not np.array_equal(drawn.unit, design.joined(seed=2).unit)
    assert np.array_equal(drawn.unit, design.joined(seed=1).unit)


def test_a_stratum_of_few_stays_one_of_single_rows(many):
    few = many.assign(region=np.where(np.arange(3000) < 7, 9, many["region"]))
    _, design = complete(Source(few, MADE_UP, strata="region"), NAMES)
    drawn = design.joined(seed=1)
    small = np.flatnonzero(few["region"] == 9)
    assert len(np.unique(drawn.unit[small])) == 7


def test_the_jackknife_leaves_out_the_groups(many, monkeypatch):
    left = Moments.jackknife(many, NAMES, provenance=MADE_UP)
    assert left.scheme == f"jackknife over {GROUPS} random groups of 3,000 rows"
    monkeypatch.setattr(module, "MOST_UNITS", 10_000)
    one = Moments.jackknife(many, NAMES, provenance=MADE_UP)
    errors = [np.sqrt((len(m.labels) - 1) * m.mean.var(axis=0)) for m in (left, one)]
    np.testing.assert_allclose(errors[0] / errors[1], 1, atol=3 / np.sqrt(2 * GROUPS))


def test_weights_of_rows_in_draws_are_those_of_their_group(many, monkeypatch):
    used, design = complete(Source(many, MADE_UP, weight="weight"), NAMES)
    monkeypatch.setattr(module, "_CELLS", 3000 * 7)
    parts = [*design.draws(20, 1, 250)]
    assert [len(part) for part in parts] == [7, 7, 6]
    sums = np.concatenate(parts) @ used[NAMES].to_numpy() / np.concatenate(parts).sum(axis=1)[:, None]
    whole = Moments.bootstrap(many, NAMES, n_draws=100, weight="weight", provenance=MADE_UP)
    np.testing.assert_allclose(sums, whole.mean[:20], atol=1e-12)
