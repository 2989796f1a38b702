"""Which embeddings are kept, and for what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_brain_atlas.compute.encoders.composition import MANY_NEIGHBORHOODS
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow import embedding as workflow
from napari_brain_atlas.workflow.embedding import embed


@pytest.fixture
def atlas(phantom_file: Path) -> Atlas:
    return read_atlas(phantom_file)[0]


def embeddings(cache: Cache) -> int:
    return sum(key.startswith("embedding-") for key, _ in cache.entries())


def test_very_many_neighborhoods_do_not_take_the_embedding_of_a_few(
    atlas: Atlas, tmp_path: Path
) -> None:
    cache = Cache(tmp_path / "cache")
    few, many = embed(atlas, cache), embed(atlas, cache, n_neighborhoods=MANY_NEIGHBORHOODS)
    assert few.shape != many.shape or not np.allclose(few, many)
    assert embeddings(cache) == 2
    np.testing.assert_array_equal(embed(atlas, None, n_neighborhoods=MANY_NEIGHBORHOODS), many)


def test_each_is_computed_once(
    atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    few, many = embed(atlas, cache), embed(atlas, cache, n_neighborhoods=MANY_NEIGHBORHOODS)

    def fails(*_: object, **__: object) -> None:
        raise AssertionError("encoded again")

    monkeypatch.setattr(workflow, "encode_atlas", fails)
    for asked in (None, 2, MANY_NEIGHBORHOODS - 1):
        np.testing.assert_array_equal(embed(atlas, cache, n_neighborhoods=asked), few)
    for asked in (MANY_NEIGHBORHOODS, MANY_NEIGHBORHOODS + 70):
        np.testing.assert_array_equal(embed(atlas, cache, n_neighborhoods=asked), many)
