"""The phantom is as hard as docs/decisions/0002-phantom-difficulty.md says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from napari_brain_atlas.datasets import PhantomParameters

PROGRAM = Path(__file__).parents[1] / "benchmarks" / "phantom_difficulty.py"


@pytest.fixture(scope="module")
def difficulty() -> ModuleType:
    spec = importlib.util.spec_from_file_location("phantom_difficulty", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["phantom_difficulty"] = module
    spec.loader.exec_module(module)
    return module


def test_dice_of_the_best_cluster(difficulty: ModuleType) -> None:
    truth = np.repeat(np.array([0, 1, 3], np.int16), (100, 60, 20))
    labels = np.concatenate([np.zeros(80), np.ones(20 + 60), np.zeros(20)]).astype(np.int32)
    dice = difficulty.best_dice(truth, labels)
    assert dice == pytest.approx({0: 160 / 200, 1: 120 / 140})
    assert difficulty.recovered({**dice, 2: 0.49}) == pytest.approx(2 / 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_phantom_is_as_hard_as_defined(difficulty: ModuleType, seed: int) -> None:
    found = difficulty.measure(PhantomParameters(100_000, seed=seed))
    assert 0.30 <= found.composition <= 0.60
    assert found.expression < 0.15
    assert found.fewest_rare_cells >= 200


@pytest.mark.slow
def test_without_substructures_there_is_little_to_recover(difficulty: ModuleType) -> None:
    plain, null = (
        difficulty.measure(PhantomParameters(100_000, null=null)) for null in (False, True)
    )
    assert null.composition < 0.4 * plain.composition
