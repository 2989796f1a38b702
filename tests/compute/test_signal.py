from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.encoders.signal import (
    SIGNAL_POWER,
    Learned,
    between_sections,
    signal_axes,
    signal_loadings,
)
from napari_brain_atlas.compute.projection import moments_of, no_moments

RNG = np.random.default_rng(0)


def learned(signal: np.ndarray, noise: np.ndarray) -> Learned:
    return Learned(moments_of(signal + noise), moments_of(noise))


def test_the_first_axis_is_signal_even_where_noise_varies_more() -> None:
    # The second feature varies four times more, and nearly all of that is chance.
    axes = signal_axes(np.diag([1.0, 4.0]), np.diag([0.1, 3.9]), 2)
    first = np.abs(axes[:, 0] * np.sqrt([1.0, 4.0]))
    assert first[0] > 10 * first[1]


def test_the_unit_of_everything_does_not_matter() -> None:
    a = RNG.normal(size=(4, 4))
    noise = np.diag([0.3, 0.5, 0.2, 0.4])
    plain = signal_axes(noise + a @ a.T, noise, 4)
    np.testing.assert_allclose(signal_axes(49 * (noise + a @ a.T), 49 * noise, 4) * 7, plain)


def test_projections_vary_by_a_power_of_their_ratio_and_by_one_together() -> None:
    variance, noise = np.diag([90.0, 10.0, 1.0]), np.eye(3)
    axes = signal_axes(variance, noise, 3)
    varied = np.diag(axes.T @ variance @ axes)
    assert varied.sum() == pytest.approx(1)
    assert varied[0] / varied[1] == pytest.approx(9 ** (2 * SIGNAL_POWER), rel=1e-6)


@pytest.mark.parametrize(
    "variance", [np.zeros((3, 3)), np.zeros((0, 0))], ids=["nothing varies", "no features"]
)
def test_without_variance_there_is_no_axis(variance) -> None:
    assert signal_axes(variance, variance, 3).shape == (len(variance), 0)


def test_without_noise_axes_are_those_of_variance() -> None:
    axes = signal_axes(np.diag([4.0, 1.0]), np.zeros((2, 2)), 2)
    np.testing.assert_allclose(axes[1, 0], 0, atol=1e-12)
    assert np.isfinite(axes).all()


def test_what_differs_between_sections_that_follow_each_other_is_noise() -> None:
    base = RNG.normal(size=(200, 2))
    shifted = [moments_of(base + np.array([0, shift])) for shift in (0.0, 2.0, 0.0)]
    between = between_sections(shifted, 2)
    np.testing.assert_allclose(between, [[0, 0], [0, 2.0]], atol=1e-12)


def test_a_tiny_section_tells_little_of_noise() -> None:
    base = RNG.normal(size=(1000, 1))
    strange = [moments_of(base), moments_of(base), moments_of(base[:2] + 5)]
    assert between_sections(strange, 1)[0, 0] < 0.2


@pytest.mark.parametrize("sections", [[], [no_moments(2)], [moments_of(np.ones((3, 2)))]])
def test_one_section_shows_no_difference(sections) -> None:
    np.testing.assert_array_equal(between_sections(sections, 2), 0)


def test_scales_share_the_variance_and_the_first_dimension_is_signal() -> None:
    domain = np.repeat([0.0, 1.0], 500)[:, None]
    signal = domain * [3.0, 0, 3.0, 0]
    noise = RNG.normal(size=(1000, 4)) * [0.3, 3, 0.1, 3]
    mean, loadings = signal_loadings([learned(signal, noise)], 4, (1.0, 1.0), 3)
    embedding = (signal + noise - mean) @ loadings
    assert abs(np.corrcoef(embedding[:, 0], domain[:, 0])[0, 1]) > 0.95
    assert embedding.var(axis=0).sum() == pytest.approx(2, rel=0.1)


def test_a_scale_of_half_weight_has_a_quarter_of_the_variance() -> None:
    both = RNG.normal(size=(1000, 2)) @ [[3.0, 1, 0, 0], [0, 0, 1, 3]]
    noise = RNG.normal(size=(1000, 4)) * 0.1
    mean, loadings = signal_loadings([learned(both, noise)], 4, (0.5, 1.0), 4)
    near, far = loadings[:2], loadings[2:]
    values = both + noise - mean
    assert (values[:, :2] @ near).var(axis=0).sum() == pytest.approx(0.25, rel=0.1)
    assert (values[:, 2:] @ far).var(axis=0).sum() == pytest.approx(1, rel=0.1)


def test_cells_that_are_all_alike_get_one_dimension_of_zeros() -> None:
    still = Learned(moments_of(np.ones((5, 2))), moments_of(np.zeros((5, 2))))
    mean, loadings = signal_loadings([still], 2, (1.0,), 5)
    np.testing.assert_array_equal(mean, 1)
    np.testing.assert_array_equal(loadings, np.zeros((2, 1)))
