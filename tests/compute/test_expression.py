from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from napari_brain_atlas.compute.expression import (
    ExpressionScale,
    expression_scale,
    finite_expression,
    log_normalized,
)

RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(3.0, (40, 6)).astype(float)


@pytest.mark.parametrize(
    ("x", "content"),
    [
        pytest.param(COUNTS, "counts", id="counts"),
        pytest.param(COUNTS / 7.3 * 100, "counts", id="densities"),
        pytest.param(np.log1p(COUNTS), "logarithms", id="logarithms"),
        pytest.param(COUNTS - 3, "logarithms", id="negative"),
        pytest.param(np.eye(6)[RNG.integers(0, 6, 40)], "types", id="one-hot"),
        pytest.param(np.zeros((40, 6)), "none", id="all zero"),
        pytest.param(np.zeros((40, 0)), "none", id="no genes"),
        pytest.param((COUNTS > 2).astype(float), "counts", id="zeros and ones"),
    ],
)
def test_what_expression_is(make_atlas, x, content) -> None:
    assert (
        expression_scale(make_atlas(np.zeros((40, 2)), [15, 25], expression=x)).content == content
    )


def test_one_section_that_is_not_one_hot_makes_all_of_it_counts(make_atlas) -> None:
    x = np.eye(6)[RNG.integers(0, 6, 40)]
    x[30] = 1
    atlas = make_atlas(np.zeros((40, 2)), [20, 20], expression=x)
    assert expression_scale(atlas).content == "counts"


def test_every_cell_is_scaled_to_the_typical_total() -> None:
    x = sparse.csr_matrix(COUNTS.astype(np.float32))
    scaled = np.expm1(log_normalized(x, ExpressionScale("counts", 50.0)).toarray())
    np.testing.assert_allclose(scaled.sum(axis=1), 50.0, rtol=1e-4)
    np.testing.assert_array_equal(x.toarray(), COUNTS)


def test_an_empty_cell_stays_empty() -> None:
    x = sparse.csr_matrix(np.array([[0, 0], [1, 3]], np.float32))
    out = log_normalized(x, ExpressionScale("counts", 4.0)).toarray()
    np.testing.assert_allclose(out, [[0, 0], np.log1p([1, 3])], rtol=1e-6)


def test_what_is_not_a_number_counts_as_not_measured(make_atlas) -> None:
    x = np.array([[1.0, np.nan], [np.inf, 2.0]])
    atlas = make_atlas(np.zeros((2, 2)), expression=x)
    read = finite_expression(atlas, atlas.sections[0]).toarray()
    np.testing.assert_array_equal(read, [[1, 0], [0, 2]])
