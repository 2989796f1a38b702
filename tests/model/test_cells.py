"""Sets of cells: three forms of one meaning."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_atlas import CountingArchive, bits_of, blob_of, rows_by_number, small_atlas

from napari_brain_atlas.errors import BrainAtlasError, CommandError, JournalError
from napari_brain_atlas.model.archive import MemoryArchive, StagingArchive, arrays_to_bytes
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.cells import CellBits, CellBlob, decode_cells, encode_cells
from napari_brain_atlas.model.commands import Reassign, command_to_json, parse_command


@st.composite
def atlases(draw: st.DrawFn) -> Atlas:
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    animals = sorted(
        draw(st.lists(st.sampled_from("ab"), min_size=len(sizes), max_size=len(sizes)))
    )
    return small_atlas(sizes, animals, draw(st.integers(0, 2**16)))


def decoded(cells: Any, atlas: Atlas, archive: Any = None) -> list[int]:
    """Rows of the file that a set in JSON stands for."""
    command = parse_command(json.loads(json.dumps({"op": "reassign", "cells": cells, "into": 0})))
    assert isinstance(command, Reassign)
    found = decode_cells(command.cells, atlas, archive or MemoryArchive())
    assert found.dtype == np.int64
    assert np.all(np.diff(found) > 0)
    return sorted(atlas.file_positions[found].tolist())


@given(atlas=atlases(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_three_forms_mean_the_same(atlas: Atlas, data: st.DataObject) -> None:
    rows = data.draw(st.sets(st.integers(0, atlas.n_cells - 1)))
    archive = MemoryArchive()
    assert decoded(sorted(rows, reverse=True), atlas) == sorted(rows)
    assert decoded(bits_of(rows, atlas), atlas) == sorted(rows)
    assert decoded(blob_of(rows, atlas, archive), atlas, archive) == sorted(rows)


@given(atlas=atlases(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(atlas: Atlas, data: st.DataObject) -> None:
    rows = data.draw(st.sets(st.integers(0, atlas.n_cells - 1)))
    cells = atlas.atlas_positions[sorted(rows)]
    archive = MemoryArchive()
    written = command_to_json(Reassign(cells=encode_cells(cells, atlas, archive), into=0))["cells"]
    assert decoded(written, atlas, archive) == sorted(rows)
    if len(rows) > 64:
        # The bytes of the bitmaps are those that the format says.
        assert set(written["bits"]) == set(bits_of(rows, atlas)["bits"])


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, list), (1, list), (64, list), (65, CellBits), (9_000, CellBits), (60_000, CellBlob)],
)
def test_a_set_is_written_in_its_smallest_form(n: int, form: type) -> None:
    atlas = small_atlas((300_000, 40_000), ("a", "b"))
    archive = CountingArchive()
    rows = np.random.default_rng(n).permutation(atlas.n_cells)[:n]
    written = encode_cells(atlas.atlas_positions[rows], atlas, archive)
    assert isinstance(written, tuple if form is list else form)
    assert archive.writes == (form is CellBlob)
    assert np.array_equal(
        decode_cells(written, atlas, archive), np.sort(atlas.atlas_positions[rows])
    )


def test_a_compact_set_of_many_cells_stays_in_the_line() -> None:
    atlas = small_atlas((90_000,), ("a",))
    written = encode_cells(np.arange(50_000), atlas, CountingArchive())
    assert isinstance(written, CellBits)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        pytest.param({"section": [0]}, JournalError, "not a set of cells", id="incomplete"),
        pytest.param({"section": [9], "bits": [1]}, CommandError, "number 9", id="no section"),
        pytest.param({"section": [0], "bits": []}, JournalError, "does not fit", id="short"),
        pytest.param({"section": [], "bits": [1]}, JournalError, "does not fit", id="long"),
        pytest.param(
            {"section": [0, 0], "bits": [1] * 4}, JournalError, "does not fit", id="twice"
        ),
    ],
)
def test_a_blob_that_is_no_set_of_these_cells(
    arrays: dict[str, list[int]], error: type[BrainAtlasError], message: str
) -> None:
    atlas = small_atlas((10, 12), ("a", "b"))
    packed = {k: np.array(v, np.int32 if k == "section" else np.uint8) for k, v in arrays.items()}
    archive = MemoryArchive()
    digest = archive.write(arrays_to_bytes(packed))
    with pytest.raises(error, match=message):
        decode_cells(CellBlob(blob=digest), atlas, archive)


def test_a_blob_may_be_empty() -> None:
    atlas = small_atlas()
    archive = MemoryArchive()
    blob = CellBlob(**blob_of([], atlas, archive))
    assert decode_cells(blob, atlas, archive).tolist() == []


def test_a_damaged_blob_is_a_damaged_journal() -> None:
    atlas = small_atlas()
    archive = MemoryArchive()
    digest = archive.write(b"PK\x03\x04 not a zip")
    with pytest.raises(JournalError, match="cannot be read"):
        decode_cells(CellBlob(blob=digest), atlas, archive)


def test_bits_beyond_the_last_cell_mean_nothing() -> None:
    atlas = small_atlas((3,), ("a",))
    assert decoded(bits_of([0, 2], atlas), atlas) == [0, 2]
    full = CellBits(bits={"0": _packed(b"\xff")})
    assert decode_cells(full, atlas, MemoryArchive()).tolist() == [0, 1, 2]


def _packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


def test_sections_are_numbered_by_their_first_cell_in_the_file() -> None:
    atlas = small_atlas()
    for number, rows in enumerate(rows_by_number(atlas)):
        section = int(atlas.section_of(atlas.atlas_positions[rows[:1]])[0])
        assert atlas.section_numbers[section] == number
        assert atlas.file_positions[atlas.sections[section].cells].tolist() == rows


# -- staging -----------------------------------------------------------------


def test_what_is_staged_is_kept_only_by_a_commit() -> None:
    archive = CountingArchive()
    old = archive.write(b"old")
    staging = StagingArchive(archive)
    new = staging.write(b"new")
    assert new == hashlib.sha256(b"new").hexdigest()
    assert (staging.read(old), staging.read(new), archive.writes) == (b"old", b"new", 1)
    with pytest.raises(JournalError):
        archive.read(new)
    staging.commit()
    assert archive.read(new) == b"new"
