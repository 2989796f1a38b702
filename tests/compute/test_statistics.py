from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from napari_brain_atlas.compute.statistics import describe

OWNER_IDS = np.array([4, 9, 11], np.int32)


@pytest.fixture(scope="module")
def owner(layers) -> np.ndarray:
    return OWNER_IDS[layers.layer]


@pytest.fixture(scope="module")
def statistics(layers, owner):
    return describe(layers.atlas, owner)


def log_expression(atlas) -> np.ndarray:
    x = atlas.measurements.x.toarray().astype(float)
    totals = x.sum(axis=1)
    return np.log1p(x / totals[:, None] * np.median(totals))


def test_cells_sections_and_animals_are_counted(layers, owner) -> None:
    only_one_section = owner.copy()
    only_one_section[600:][owner[600:] == 9] = -1
    result = describe(layers.atlas, only_one_section)
    assert result.ids.tolist() == [4, 9, 11]
    assert result.n_cells.tolist() == [(only_one_section == i).sum() for i in OWNER_IDS]
    assert result.n_sections.tolist() == [2, 1, 2]
    assert result.n_animals.tolist() == [2, 1, 2]


def test_the_mixture_is_that_of_a_cross_table(layers, owner, statistics) -> None:
    types = layers.atlas.measurements.column("cell_type")
    table = pd.crosstab(owner, np.array(types.names)[types.codes], normalize="index")
    assert statistics.type_names == tuple(table.columns)
    np.testing.assert_allclose(statistics.composition, table.to_numpy(), rtol=1e-5)
    best = statistics.main_types(9, 2)
    assert best[0] == (table.loc[9].idxmax(), pytest.approx(table.loc[9].max()))
    assert len(best) == 2


def test_means_and_fractions_are_those_of_the_whole_matrix(layers, owner, statistics) -> None:
    x = log_expression(layers.atlas)
    for row, name in enumerate(OWNER_IDS):
        np.testing.assert_allclose(
            statistics.mean_expression[row], x[owner == name].mean(axis=0), rtol=1e-4
        )
        np.testing.assert_allclose(
            statistics.fraction_expressing[row], (x[owner == name] > 0).mean(axis=0), rtol=1e-5
        )


@pytest.mark.filterwarnings("ignore")
def test_markers_are_those_of_scanpy(layers, owner, statistics) -> None:
    anndata = pytest.importorskip("anndata")
    scanpy = pytest.importorskip("scanpy")
    data = anndata.AnnData(log_expression(layers.atlas))
    data.var_names = list(layers.atlas.genes)
    data.obs["owner"] = pd.Categorical(owner.astype(str))
    data.uns["log1p"] = {"base": None}
    scanpy.tl.rank_genes_groups(data, "owner", method="t-test")
    for name in OWNER_IDS:
        theirs = scanpy.get.rank_genes_groups_df(data, str(name)).head(8)
        ours = statistics.markers(name, 8)
        positive = theirs[theirs.scores > 0]
        assert [m.gene for m in ours] == positive.names.tolist()
        np.testing.assert_allclose([m.score for m in ours], positive.scores, rtol=1e-3)
        np.testing.assert_allclose(
            [m.log_fold_change for m in ours], positive.logfoldchanges, atol=1e-3
        )


def test_cells_in_no_neighborhood_are_among_the_others(layers, owner, statistics) -> None:
    partly = np.where(owner == 11, -1, owner).astype(np.int32)
    result = describe(layers.atlas, partly)
    assert result.ids.tolist() == [4, 9]
    np.testing.assert_array_equal(result.marker_scores, statistics.marker_scores[:2])


def test_one_neighborhood_of_all_cells_has_no_markers(layers) -> None:
    result = describe(layers.atlas, np.zeros(layers.atlas.n_cells, np.int32))
    assert result.markers(0) == ()
    assert np.isfinite(result.log_fold_changes).all()


def test_a_single_cell_has_no_score(layers) -> None:
    alone = np.zeros(layers.atlas.n_cells, np.int32)
    alone[3] = 1
    result = describe(layers.atlas, alone)
    assert (result.marker_scores[1] == 0).all()
    assert np.isfinite(result.marker_scores).all()


def test_a_one_hot_matrix_is_types_and_no_genes(make_atlas) -> None:
    types = np.array([0, 0, 1, 2, 2, 2])
    atlas = make_atlas(np.zeros((6, 2)), [4, 2], expression=np.eye(3)[types])
    result = describe(atlas, np.array([0, 0, 0, 1, 1, 1], np.int32))
    assert result.genes == () and result.markers(0) == ()
    np.testing.assert_allclose(result.composition, [[2 / 3, 1 / 3, 0], [0, 0, 1]], rtol=1e-6)


def test_missing_types_do_not_count(make_atlas, make_column) -> None:
    column = make_column(["A", "A", "B", "B"])
    column.codes[2:] = [-1, 1]
    atlas = make_atlas(np.zeros((4, 2)), columns={"t": column}, cell_type="t")
    result = describe(atlas, np.zeros(4, np.int32))
    np.testing.assert_allclose(result.composition, [[2 / 3, 1 / 3]], rtol=1e-6)


def test_a_neighborhood_without_cells_is_a_key_error(statistics) -> None:
    with pytest.raises(KeyError):
        statistics.markers(5)


def test_nobody_owned_gives_empty_tables(layers) -> None:
    result = describe(layers.atlas, np.full(layers.atlas.n_cells, -1, np.int32))
    assert len(result.ids) == 0
    assert result.mean_expression.shape == (0, 24)
