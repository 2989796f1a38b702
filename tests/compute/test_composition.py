from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute import expression
from napari_brain_atlas.compute.encoders import encode_atlas, surroundings
from napari_brain_atlas.compute.encoders.composition import (
    MANY_NEIGHBORHOODS,
    fit_composition,
    near_weight_for,
)
from napari_brain_atlas.compute.partition import partition_into
from napari_brain_atlas.errors import InputError

RNG = np.random.default_rng(3)
N = 120
XY = RNG.uniform(0, 100, (N, 2))
TYPES = RNG.integers(0, 4, N)


def counts(n_genes: int) -> np.ndarray:
    return RNG.poisson(RNG.gamma(2, 1, (4, n_genes))[TYPES])


CONSTANT = counts(12)
CONSTANT[:, 3:] = 2
ONE_GENE_NAN = counts(12).astype(float)
ONE_GENE_NAN[::10, 0] = np.nan
CASES = [
    pytest.param({"expression": counts(9)}, id="9 genes"),
    pytest.param({"expression": counts(1000)}, id="1000 genes"),
    pytest.param({"expression": np.eye(4)[TYPES]}, id="one-hot"),
    pytest.param({"cell_type": "cell_type"}, id="types only"),
    pytest.param({"expression": counts(20), "cell_type": "cell_type"}, id="expression and types"),
    pytest.param({"expression": np.eye(4)[TYPES], "cell_type": "cell_type"}, id="types twice"),
    pytest.param({"expression": CONSTANT}, id="constant genes"),
    pytest.param({"expression": np.ones((N, 5))}, id="nothing varies"),
    pytest.param({"expression": ONE_GENE_NAN}, id="not a number"),
    pytest.param({"expression": np.log1p(counts(9))}, id="logarithms"),
]


@pytest.mark.parametrize("given", CASES)
@pytest.mark.parametrize("sizes", [[N], [60, 1, 3, 0, 56]], ids=["one section", "tiny sections"])
def test_every_cell_gets_a_finite_vector(make_atlas, make_column, given, sizes) -> None:
    atlas = make_atlas(XY, sizes, columns={"cell_type": make_column(TYPES)}, **given)
    encoder = fit_composition(atlas, n_neighbors=10)
    embedding = encode_atlas(atlas, encoder)
    assert embedding.shape == (N, encoder.n_dimensions)
    assert embedding.dtype == np.float32
    assert 1 <= encoder.n_dimensions <= 60
    assert np.isfinite(embedding).all()


def test_layers_are_found_across_a_batch_effect(layers) -> None:
    embedding = encode_atlas(layers.atlas, fit_composition(layers.atlas, n_neighbors=30))
    found = partition_into(embedding, 3).labels
    assert adjusted_rand_score(layers.layer, found) > 0.7


@pytest.mark.parametrize("n_neighbors", [1, 30], ids=["one scale", "two scales"])
def test_what_is_near_weighs_less_where_asked_to(layers, n_neighbors) -> None:
    whole, less = (
        fit_composition(layers.atlas, n_neighbors=n_neighbors, near_weight=weight)
        for weight in (1.0, near_weight_for(MANY_NEIGHBORHOODS))
    )
    near = whole.surroundings.features.n_features
    share = [np.square(e.loadings[:near]).sum() for e in (whole, less)]
    # With one scale alone there is nothing that it could weigh less than.
    assert share[1] < 0.5 * share[0] if n_neighbors > 1 else share[1] == share[0]


def test_few_neighborhoods_are_told_apart_by_the_embedding_of_the_hierarchy() -> None:
    assert near_weight_for(None) == near_weight_for(MANY_NEIGHBORHOODS - 1) == 1.0


def test_expression_alone_finds_them_too(layers, make_atlas) -> None:
    blind = make_atlas(layers.atlas.xy, [600, 600], expression=layers.atlas.measurements.x)
    embedding = encode_atlas(blind, fit_composition(blind, n_neighbors=30))
    assert adjusted_rand_score(layers.layer, partition_into(embedding, 3).labels) > 0.7


def test_a_batch_that_scales_every_gene_of_a_section_leaves_no_trace(make_atlas) -> None:
    # Logarithms that are shifted and stretched gene by gene: z-scores undo exactly this.
    x = RNG.normal(3, 1, (N, 8)).clip(0.1)
    stretched = x.copy()
    stretched[60:] = x[60:] * RNG.uniform(0.5, 2, 8) + RNG.uniform(0, 5, 8)
    plain, batch = (make_atlas(XY, [60, 60], expression=v) for v in (x, stretched))
    a, b = (encode_atlas(v, fit_composition(v, n_neighbors=10)) for v in (plain, batch))
    np.testing.assert_allclose(a, b, atol=1e-3)


def test_sections_may_be_mapped_by_a_pool_and_cut_into_blocks(layers, monkeypatch) -> None:
    alone = encode_atlas(layers.atlas, fit_composition(layers.atlas))
    monkeypatch.setattr(surroundings, "ROWS", 97)
    with ThreadPoolExecutor(2) as pool:
        shared = encode_atlas(layers.atlas, fit_composition(layers.atlas, map_sections=pool.map))
    np.testing.assert_allclose(alone, shared, atol=1e-4)


def test_the_same_seed_gives_the_same_bits(layers) -> None:
    a, b = (encode_atlas(layers.atlas, fit_composition(layers.atlas, seed=5)) for _ in "ab")
    np.testing.assert_array_equal(a, b)


def test_cells_of_another_section_do_not_count(make_atlas, make_column) -> None:
    # Two sections on top of each other, each of one type.
    column = make_column(["A"] * 60 + ["B"] * 60)
    atlas = make_atlas(XY, [60, 60], columns={"t": column}, cell_type="t")
    embedding = encode_atlas(atlas, fit_composition(atlas, n_neighbors=10))
    assert embedding[:60].std() == pytest.approx(0, abs=1e-6)
    assert abs(embedding[0, 0] - embedding[60, 0]) > 1


def test_progress_runs_up_to_one(layers) -> None:
    told: list[tuple[str, float]] = []
    fit_composition(layers.atlas, progress=lambda *step: told.append(step))
    assert told[-1][1] == 1.0
    assert all(0 <= share <= 1 for _, share in told)


def test_nothing_to_learn_from_is_said(make_atlas) -> None:
    with pytest.raises(InputError, match="neither expression nor cell types"):
        fit_composition(make_atlas(XY))


def test_an_atlas_too_large_to_learn_from_is_learned_from_a_part(layers, monkeypatch) -> None:
    monkeypatch.setattr(expression, "CELLS_TO_LEARN_FROM", 600)
    seen: list[int] = []

    def watch(function, sections):
        sections = list(sections)
        seen.extend(section.index for section in sections)
        return map(function, sections)

    encoder = fit_composition(layers.atlas, map_sections=watch)
    assert set(seen) == {0}
    found = partition_into(encode_atlas(layers.atlas, encoder), 3).labels
    assert adjusted_rand_score(layers.layer, found) > 0.7
