from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from napari_brain_atlas.compute.label_match import match_labels

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=120)


def table_of(labels, regions) -> np.ndarray:
    table = np.zeros((labels.max() + 1, regions.max() + 1), np.int64)
    np.add.at(table, (labels, regions), 1)
    return table


def by_scikit_learn(labels, regions) -> list[float]:
    measures = (
        metrics.adjusted_rand_score, metrics.adjusted_mutual_info_score,
        metrics.normalized_mutual_info_score, metrics.homogeneity_score,
        metrics.completeness_score,
    )  # fmt: skip
    return [float(measure(regions, labels)) for measure in measures]


@settings(max_examples=150, deadline=None)
@given(PAIRS)
def test_every_figure_is_that_of_scikit_learn(rows) -> None:
    labels, regions = np.array(rows).T
    found = astuple(match_labels(table_of(labels, regions)))
    assert found == pytest.approx(by_scikit_learn(labels, regions), abs=1e-8)


def test_many_cells_cost_no_more_and_lose_no_digits() -> None:
    rng = np.random.default_rng(0)
    regions = rng.integers(0, 12, 200_000)
    labels = np.where(rng.random(200_000) < 0.3, regions, rng.integers(0, 40, 200_000))
    found = astuple(match_labels(table_of(labels, regions)))
    assert found == pytest.approx(by_scikit_learn(labels, regions), abs=1e-6)


def test_labels_that_mean_nothing_score_nothing() -> None:
    rng = np.random.default_rng(1)
    found = match_labels(table_of(rng.integers(0, 50, 3000), rng.integers(0, 8, 3000)))
    assert found.ari == pytest.approx(0, abs=0.01)
    assert found.ami == pytest.approx(0, abs=0.01)
    assert found.homogeneity > 0.02  # What is not adjusted for chance is above it.
