from __future__ import annotations

from math import comb

import numpy as np
import pytest

from napari_brain_atlas.compute.agreement import agree
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.atlas import Column

RNG = np.random.default_rng(5)
N = 400
XY = RNG.uniform(0, 100, (N, 2)).astype(np.float32)
SIZES = [150, 250]
REGIONS = RNG.choice(["L1", "L2", "L3", "Unknown", "nan"], N, p=[0.3, 0.3, 0.2, 0.1, 0.1])
OWNER = np.where(RNG.random(N) < 0.6, np.unique(REGIONS, return_inverse=True)[1], 7).astype(
    np.int32
)
OWNER[RNG.random(N) < 0.15] = -1
KNOWN = ~np.isin(REGIONS, ["Unknown", "nan"])


def rand_index(a, b) -> float:
    """Adjusted Rand index from pairs, in whole numbers."""
    pairs = sum(comb(int(((a == i) & (b == j)).sum()), 2) for i in set(a) for j in set(b))
    in_a = sum(comb(int((a == i).sum()), 2) for i in set(a))
    in_b = sum(comb(int((b == j).sum()), 2) for j in set(b))
    expected = in_a * in_b / comb(len(a), 2)
    return (pairs - expected) / ((in_a + in_b) / 2 - expected)


def entropy(*labels) -> float:
    _, counts = np.unique(
        np.array([str(row) for row in zip(*labels, strict=True)]), return_counts=True
    )
    shares = counts / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def coherence_of(labels, section) -> float:
    shares = []
    for i in range(N):
        others = np.flatnonzero((section == section[i]) & (np.arange(N) != i))
        gaps = np.linalg.norm(XY[others].astype(float) - XY[i], axis=1)
        shares.append(np.mean(labels[others[np.argsort(gaps)[:10]]] == labels[i]))
    return float(np.mean(shares))


@pytest.fixture(scope="module")
def section() -> np.ndarray:
    return np.repeat([0, 1], SIZES)


@pytest.fixture
def agreement(make_atlas, make_column):
    atlas = make_atlas(XY, SIZES, animals=["a", "b"])
    return agree(atlas, OWNER, make_column(REGIONS))


def test_unknown_and_missing_cells_are_left_out_and_counted(agreement) -> None:
    assert agreement.scored.n_cells == N
    assert agreement.scored.n_scored == KNOWN.sum()
    assert agreement.scored.n_left_out == N - KNOWN.sum()
    assert agreement.scored.n_regions == 3
    assert agreement.scored.unassigned == pytest.approx((OWNER[KNOWN] < 0).mean())


def test_agreement_is_that_of_the_definitions(agreement, section) -> None:
    y, z = REGIONS[KNOWN], OWNER[KNOWN]
    shared = entropy(y) + entropy(z) - entropy(y, z)
    assert agreement.match.ari == pytest.approx(rand_index(y, z))
    assert agreement.match.nmi == pytest.approx(2 * shared / (entropy(y) + entropy(z)))
    assert agreement.match.homogeneity == pytest.approx(shared / entropy(y))
    assert agreement.match.completeness == pytest.approx(shared / entropy(z))
    assert 0 < agreement.match.ami < agreement.match.nmi
    each = [rand_index(y[section[KNOWN] == s], z[section[KNOWN] == s]) for s in (0, 1)]
    assert list(agreement.sections.ari_per_section) == ["s0", "s1"]
    np.testing.assert_allclose(list(agreement.sections.ari_per_section.values()), each)
    assert agreement.sections.ari_mean_over_sections == pytest.approx(np.mean(each))
    assert agreement.scored.majority_region_share == pytest.approx(
        np.unique(y, return_counts=True)[1].max() / len(y)
    )


def test_coherence_is_that_of_a_full_search(agreement, section) -> None:
    regions = np.where(REGIONS == "nan", "", REGIONS)
    assert agreement.space.coherence == pytest.approx(coherence_of(OWNER, section))
    assert agreement.space.truth_coherence == pytest.approx(coherence_of(regions, section))


def test_the_oracle_names_each_cluster_after_its_majority(agreement) -> None:
    y, z = REGIONS[KNOWN], OWNER[KNOWN]
    name = {
        c: max(sorted(set(y)), key=lambda r, c=c: ((z == c) & (y == r)).sum())
        for c in set(z) - {-1}
    }
    named = np.array([name.get(c, "nobody") for c in z])
    found = agreement.effort
    assert found.n_clusters == len(name)
    assert found.n_named_regions == len(set(name.values()))
    assert found.merges == len(name) - len(set(name.values()))
    assert found.regions_missed == 3 - len(set(name.values()))
    assert found.oracle_ari == pytest.approx(rand_index(y, named))
    assert found.oracle_accuracy == pytest.approx((named == y).mean())
    recall = [(named[y == r] == r).mean() for r in sorted(set(y))]
    assert found.oracle_macro_recall == pytest.approx(np.mean(recall))


def test_truth_itself_agrees_fully(make_atlas, make_column) -> None:
    column = make_column(REGIONS)
    found = agree(make_atlas(XY, SIZES), column.codes, column)
    for value in (found.match.ari, found.match.nmi, found.match.ami, found.effort.oracle_accuracy):
        assert value == pytest.approx(1)
    assert found.effort.merges == found.effort.regions_missed == 0


def test_nothing_assigned_agrees_with_nothing(make_atlas, make_column) -> None:
    found = agree(make_atlas(XY), np.full(N, -1, np.int32), make_column(REGIONS))
    assert found.scored.unassigned == 1
    assert found.match.ari == 0
    assert found.effort.n_clusters == 0
    assert found.effort.oracle_accuracy == 0


def test_a_column_without_regions_is_refused(make_atlas) -> None:
    column = Column(np.zeros(N, np.int32), ("Unknown",))
    with pytest.raises(BrainAtlasError, match="choose another column"):
        agree(make_atlas(XY), OWNER, column)
