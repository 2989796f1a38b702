"""Long stages say how far they are, and never go back."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import pytest

from napari_brain_atlas.compute import minimum_variance
from napari_brain_atlas.compute.consensus import consensus_hierarchy
from napari_brain_atlas.compute.microclusters import every_cell, micro_clusters
from napari_brain_atlas.compute.partition import partition_into

Told = list[tuple[str, float]]
N = 3_000
RNG = np.random.default_rng(8)
POINTS = (RNG.normal(size=(N, 6)) + 4 * RNG.integers(0, 5, (N, 1))).astype(np.float32)


@pytest.fixture
def told() -> Told:
    return []


def shares(told: Told) -> dict[str, list[float]]:
    """What each stage told, once it is clear that none was told in two pieces."""
    stages = [(name, [share for _, share in run]) for name, run in groupby(told, lambda s: s[0])]
    assert len(dict(stages)) == len(stages)
    return dict(stages)


def check(said: list[float], at_least: int) -> None:
    assert all(a <= b for a, b in pairwise(said))
    assert said[0] == 0.0 and said[-1] <= 1.0
    assert len(set(said)) >= at_least


def test_parting_tells_of_every_start_and_every_round(told: Told) -> None:
    partition_into(POINTS, 30, progress=lambda *step: told.append(step))
    said = shares(told)["Parting the cells"]
    check(said, at_least=25)
    assert said[-1] == 1.0


def test_summarising_tells_of_every_group_while_learning_and_while_placing(told: Told) -> None:
    micro_clusters(POINTS, 400, progress=lambda *step: told.append(step))
    check(shares(told)["Summarising cells"], at_least=30)


def test_the_first_tree_is_told_of_as_it_grows(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minimum_variance, "LOOK_EVERY", 0.001)
    halves = iter(RNG.random((4, N)) < 0.5)
    consensus_hierarchy(
        POINTS,
        every_cell(POINTS),
        lambda: next(halves),
        n_pairs=4,
        progress=lambda *step: told.append(step),
    )
    said = shares(told)["Building the hierarchy"]
    check(said, at_least=8)
    assert said[-1] == 1.0
    assert sum(share < 1 / (1 + 2 * 4) for share in said) > 2
