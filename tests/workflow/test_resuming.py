"""An embedding that was interrupted goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_brain_atlas.compute.encoders.composition import CompositionEncoder
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.cache import Cache
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.workflow import embedding
from napari_brain_atlas.workflow.embedding import embed

AFTER = 3


@pytest.fixture
def atlas(phantom_file: Path, monkeypatch: pytest.MonkeyPatch) -> Atlas:
    monkeypatch.setattr(embedding, "WORTH_KEEPING", 0)
    found = read_atlas(phantom_file)[0]
    assert len(found.sections) > AFTER + 1
    return found


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sections that were truly encoded, in their order."""
    seen: list[int] = []
    whole = CompositionEncoder.encode

    def counted(self: CompositionEncoder, section: Section) -> np.ndarray:
        seen.append(section.index)
        return whole(self, section)

    monkeypatch.setattr(CompositionEncoder, "encode", counted)
    return seen


def interrupted(atlas: Atlas, cache: Cache, after: int = AFTER) -> None:
    """Ctrl+C once so many sections are encoded."""
    bound = atlas.sections[after - 1].stop / atlas.n_cells

    def progress(what: str, share: float) -> None:
        if what == "Encoding sections" and share >= bound:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed(atlas, cache, progress=progress)


def parts(cache: Cache) -> list[str]:
    return [key for key, _ in cache.entries() if key.startswith("part-")]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_encoded_is_not_encoded_again(
    atlas: Atlas, encoded: list[int], tmp_path: Path, workers: int
) -> None:
    whole = embed(atlas, None)
    cache = Cache(tmp_path / "cache")
    interrupted(atlas, cache)
    assert len(parts(cache)) == AFTER
    encoded.clear()
    again = embed(atlas, cache, workers=workers)
    assert sorted(encoded) == [s.index for s in atlas.sections[AFTER:]]
    np.testing.assert_array_equal(again, whole)
    assert not parts(cache)  # nothing is kept twice
    encoded.clear()
    np.testing.assert_array_equal(embed(atlas, cache), whole)
    assert not encoded


def test_another_seed_uses_nothing_of_it(atlas: Atlas, encoded: list[int], tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    interrupted(atlas, cache)
    encoded.clear()
    np.testing.assert_array_equal(embed(atlas, cache, 1), embed(atlas, None, 1))
    assert len(encoded) == 2 * len(atlas.sections)


@pytest.mark.parametrize("how", ["torn", "of another length", "gone"])
def test_a_damaged_part_is_encoded_again(
    atlas: Atlas, encoded: list[int], tmp_path: Path, how: str
) -> None:
    whole = embed(atlas, None)
    cache = Cache(tmp_path / "cache")
    interrupted(atlas, cache)
    path = cache.folder / f"{parts(cache)[1]}.npz"
    if how == "torn":
        path.write_bytes(path.read_bytes()[:100])
    elif how == "gone":
        path.unlink()
    else:
        cache.put(path.stem, {"block": np.zeros((1, 2), np.float32)})
    encoded.clear()
    np.testing.assert_array_equal(embed(atlas, cache), whole)
    assert len(encoded) == len(atlas.sections) - AFTER + 1


def test_a_disk_that_keeps_nothing_is_no_error(atlas: Atlas, tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file where the folder should be")
    np.testing.assert_array_equal(embed(atlas, Cache(blocked)), embed(atlas, None))


KILLED = """
import os, signal, sys
from napari_brain_atlas.workflow import embedding
embedding.WORTH_KEEPING = 0
from napari_brain_atlas.io.cache import Cache
put = Cache.put
def counted(self, key, arrays, kept=[]):
    there = put(self, key, arrays)
    kept.append(key)
    if len(kept) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return there
Cache.put = counted
from napari_brain_atlas.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_discovery_goes_on(
    phantom_file: Path, atlas: Atlas, encoded: list[int], tmp_path: Path
) -> None:
    out = tmp_path / "found.h5ad"
    arguments = [sys.executable, "-c", KILLED, "discover", str(phantom_file), "--out", str(out)]
    killed = subprocess.run(arguments, capture_output=True, text=True, env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    cache = Cache(Path(f"{out}.nba") / "cache")
    assert len(parts(cache)) == AFTER
    embed(atlas, cache)
    assert sorted(encoded) == [s.index for s in atlas.sections[AFTER:]]
