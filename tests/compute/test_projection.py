from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.projection import moments_of, principal_axes

ROWS = np.random.default_rng(0).normal(size=(200, 5)) @ np.diag([5, 4, 3, 2, 1]) + 7


def test_moments_of_blocks_add_up() -> None:
    whole = moments_of(ROWS[:30]) + moments_of(ROWS[30:31]) + moments_of(ROWS[31:])
    np.testing.assert_allclose(whole.mean, ROWS.mean(axis=0))
    np.testing.assert_allclose(whole.covariance, np.cov(ROWS.T, bias=True))


def test_axes_are_those_of_a_singular_value_decomposition() -> None:
    axes, variances = principal_axes(np.cov(ROWS.T, bias=True), 3)
    _, values, right = np.linalg.svd(ROWS - ROWS.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(np.sum(axes.T * right[:3], axis=1)), 1, rtol=1e-9)
    np.testing.assert_allclose(variances, values[:3] ** 2 / len(ROWS))


def test_the_sign_is_fixed() -> None:
    axes, _ = principal_axes(np.cov(ROWS.T), 5)
    assert (axes[np.abs(axes).argmax(axis=0), range(5)] > 0).all()


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_directions_without_variance_are_left_out(rank: int) -> None:
    covariance = np.diag([3.0, 2.0, 1.0][:rank] + [0.0] * (3 - rank))
    axes, variances = principal_axes(covariance, 3)
    assert axes.shape == (3, rank)
    assert len(variances) == rank
