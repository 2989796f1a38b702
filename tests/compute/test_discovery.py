from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute.agreement import agree
from napari_brain_atlas.compute.discovery import find_neighborhoods
from napari_brain_atlas.compute.encoders import encode_atlas
from napari_brain_atlas.compute.encoders.composition import fit_composition
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.io.anndata_io import read_atlas

SLOW = pytest.mark.slow
# Well under what five seeds reach, well over what a wrong step would leave.
FLOORS = [
    pytest.param("starmap_mpfc", 4, 0.75, 0.60, id="cortex of two mice"),
    pytest.param("osmfish_ssp", 11, 0.65, 0.58, id="cortex, 33 genes"),
    pytest.param("merfish_hypo_animal1", 8, 0.38, 0.40, id="hypothalamus", marks=SLOW),
    pytest.param("starmap_plus_well11_types", 39, 0.48, 0.40, id="types only", marks=SLOW),
]


@pytest.fixture(scope="module")
def embedding(layers) -> np.ndarray:
    return encode_atlas(layers.atlas, fit_composition(layers.atlas, n_neighbors=30))


def test_a_given_number_is_found(layers, embedding) -> None:
    found = find_neighborhoods(layers.atlas, embedding, n_neighborhoods=3)
    assert adjusted_rand_score(layers.layer, found.resolution.owner) > 0.8
    assert set(found.resolution.owner) == {0, 1, 2}
    assert found.hierarchy is None and found.parameters is None


def test_without_a_number_every_layer_is_made_of_whole_neighborhoods(
    layers, embedding, make_column
) -> None:
    found = find_neighborhoods(layers.atlas, embedding)
    assert found.resolution.owner.min() == 0
    assert found.cut.n_clusters >= 3
    truth = layers.atlas.measurements.column("layer")
    effort = agree(layers.atlas, found.resolution.owner, truth).effort
    assert effort.regions_missed == 0
    assert effort.oracle_accuracy > 0.8


def test_a_larger_smallest_cluster_gives_no_more_neighborhoods(layers, embedding) -> None:
    counts = [
        find_neighborhoods(layers.atlas, embedding, min_cluster_size=m).cut.n_clusters
        for m in (20, 80, 250)
    ]
    assert counts == sorted(counts, reverse=True)


def test_a_scope_is_clustered_alone(layers, embedding) -> None:
    cells = np.flatnonzero(layers.layer < 2)
    found = find_neighborhoods(layers.atlas, embedding[cells], n_neighborhoods=2, cells=cells)
    assert found.resolution.owner.shape == cells.shape
    assert adjusted_rand_score(layers.layer[cells], found.resolution.owner) > 0.7


@pytest.mark.parametrize("k", [None, 4])
def test_the_same_seed_gives_the_same_neighborhoods(layers, embedding, k) -> None:
    a, b = (find_neighborhoods(layers.atlas, embedding, n_neighborhoods=k, seed=2) for _ in "ab")
    np.testing.assert_array_equal(a.resolution.owner, b.resolution.owner)
    np.testing.assert_array_equal(a.resolution.confidence, b.resolution.confidence)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_a_section_of_a_few_cells_has_a_sane_result(make_atlas, n) -> None:
    rng = np.random.default_rng(0)
    atlas = make_atlas(rng.uniform(0, 9, (n, 2)), expression=rng.poisson(2, (n, 5)))
    vectors = encode_atlas(atlas, fit_composition(atlas))
    found = find_neighborhoods(atlas, vectors)
    assert found.resolution.owner.shape == (n,)
    assert np.isfinite(found.resolution.confidence).all()
    assert (
        find_neighborhoods(atlas, vectors, n_neighborhoods=1).resolution.owner.tolist() == [0] * n
    )


def test_more_neighborhoods_than_cells_are_refused(layers, embedding) -> None:
    with pytest.raises(BrainAtlasError, match="cannot be parted"):
        find_neighborhoods(layers.atlas, embedding, n_neighborhoods=10**6)


@pytest.mark.real
@pytest.mark.parametrize(("name", "k", "with_k", "without_k"), FLOORS)
def test_regions_of_real_sections_are_found(real_section, name, k, with_k, without_k) -> None:
    atlas, _ = read_atlas(real_section(name))
    vectors = encode_atlas(atlas, fit_composition(atlas))
    truth = atlas.measurements.column("region")
    for number, floor in ((k, with_k), (None, without_k)):
        found = find_neighborhoods(atlas, vectors, n_neighborhoods=number)
        score = agree(atlas, found.resolution.owner, truth)
        assert score.scored.unassigned == 0
        assert score.sections.ari_mean_over_sections > floor
