"""Whole partitions as values: proposals and bases."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_atlas import small_atlas, start

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.model.archive import arrays_to_bytes, bytes_to_arrays
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import (
    Base,
    Proposal,
    ProposedNeighborhood,
    base_to_bytes,
    base_to_curation,
    bytes_to_base,
    bytes_to_proposal,
    proposal_to_bytes,
    record_of_base,
    unassigned_base,
)

ATLAS = small_atlas()
LAYOUT = {"x": "x", "y": "y", "unit": "um"}


def proposal(labels: Any, cells: Any = None, n: int = 3) -> Proposal:
    labels = np.asarray(labels, np.int32)
    return Proposal(
        labels, (np.arange(len(labels)) % 256).astype(np.uint8),
        tuple(ProposedNeighborhood(name=f"n/{i}", color="#a1b2c3") for i in range(n)),
        None if cells is None else np.asarray(cells, np.int64), {"seed": 3},
    )  # fmt: skip


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_proposal_is_read_as_it_was_written(data: st.DataObject) -> None:
    n = data.draw(st.sampled_from([1, 3, 200]))
    cells = data.draw(st.none() | st.sets(st.integers(0, ATLAS.n_cells - 1)).map(sorted))
    size = ATLAS.n_cells if cells is None else len(cells)
    labels = data.draw(st.lists(st.integers(-1, n - 1), min_size=size, max_size=size))
    given_ = proposal(labels, cells, n)
    back = bytes_to_proposal(proposal_to_bytes(given_, ATLAS), ATLAS)
    assert back.labels.tolist() == labels
    assert back.labels.dtype == np.int32
    assert back.confidence.tolist() == given_.confidence.tolist()
    assert (back.cells is None) == (cells is None)
    assert cells is None or back.cells.tolist() == cells
    assert back.neighborhoods == given_.neighborhoods
    assert back.evidence == given_.evidence


def test_a_proposal_is_written_in_file_order() -> None:
    cells = [40, 2, 9]
    arrays = bytes_to_arrays(proposal_to_bytes(proposal([0, 1, 2], sorted(cells)), ATLAS), "it")
    rows = ATLAS.file_positions[sorted(cells)]
    assert arrays["positions"].tolist() == sorted(rows.tolist())
    by_row = dict(zip(arrays["positions"].tolist(), arrays["labels"].tolist(), strict=True))
    assert [by_row[int(r)] for r in rows] == [0, 1, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"labels": [0, 1, 3]}, "does not fit", id="label of nobody"),
        pytest.param({"labels": [0, 1, -2]}, "does not fit", id="label below none"),
        pytest.param({"labels": [0, 1]}, "incomplete", id="label missing"),
        pytest.param({"positions": [0, 1, 47]}, "does not fit", id="cell outside"),
        pytest.param({"positions": [-1, 1, 2]}, "does not fit", id="cell below"),
        pytest.param({"positions": [1, 1, 2]}, "does not fit", id="cell twice"),
        pytest.param({"positions": [2, 1, 0]}, "does not fit", id="cells not in order"),
        pytest.param({"record": b"{"}, "cannot be read", id="no JSON"),
        pytest.param({"record": b'{"kind": "base"}'}, "a proposal was expected", id="a base"),
        pytest.param(
            {"record": b'{"kind": "proposal", "version": 9}'}, "update napari", id="newer"
        ),
        pytest.param(
            {"record": b'{"kind": "proposal", "version": 1}'}, "cannot be read", id="bare"
        ),
    ],
)
def test_a_proposal_that_does_not_fit(change: dict[str, Any], message: str) -> None:
    arrays = bytes_to_arrays(proposal_to_bytes(proposal([0, 1, 2], [0, 1, 2]), ATLAS), "it")
    for name, value in change.items():
        arrays[name] = (
            np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.array(value)
        )
    with pytest.raises(JournalError, match=message):
        bytes_to_proposal(arrays_to_bytes(arrays), ATLAS)


def test_bytes_that_are_no_container() -> None:
    with pytest.raises(JournalError, match="the proposal cannot be read"):
        bytes_to_proposal(b"PK nothing", ATLAS)


# -- bases ---------------------------------------------------------------------


def base(labels: Any = None, ids: tuple[int, ...] = (3, 900)) -> Base:
    if labels is None:
        labels = np.random.default_rng(0).choice([0, *ids], ATLAS.n_cells)
    return Base(
        np.asarray(labels, np.int32), np.arange(ATLAS.n_cells).astype(np.uint8),
        tuple(
            Neighborhood(
                id=i, name=f"CA{i}/x", color="#00ff11", marker_genes=("Wfs1",), certainty="low"
            )
            for i in ids
        ),
        LAYOUT, {"how": "k"},
    )  # fmt: skip


@pytest.mark.parametrize("ids", [(1,), (3, 900), (2, 70_000), ()], ids=str)
def test_a_base_is_read_as_it_was_written(ids: tuple[int, ...]) -> None:
    given_ = base(ids=ids)
    back = bytes_to_base(base_to_bytes(given_, ATLAS), ATLAS)
    assert back.labels.tolist() == given_.labels.tolist()
    assert back.labels.dtype == np.int32
    assert back.confidence.tolist() == given_.confidence.tolist()
    assert back.neighborhoods == given_.neighborhoods
    assert (back.layout, back.evidence) == (MappingProxyType(LAYOUT), {"how": "k"})


def test_the_same_base_has_the_same_bytes() -> None:
    assert base_to_bytes(base(), ATLAS) == base_to_bytes(base(), ATLAS)


def test_a_base_says_of_itself_what_is_needed_before_there_is_an_atlas() -> None:
    record = record_of_base(base_to_bytes(base(), ATLAS))
    assert (record["layout"], record["fingerprint"]) == (LAYOUT, ATLAS.fingerprint)


def test_a_base_of_other_cells_is_refused() -> None:
    content = base_to_bytes(base(), ATLAS)
    with pytest.raises(JournalError, match="belongs to other cells"):
        bytes_to_base(content, small_atlas((46,), ("a",)))
    arrays = bytes_to_arrays(content, "it")
    record = json.loads(arrays["record"].tobytes())
    arrays["record"] = np.frombuffer(
        json.dumps({**record, "fingerprint": "47-other"}).encode(), np.uint8
    )
    with pytest.raises(JournalError, match="belongs to other cells"):
        bytes_to_base(arrays_to_bytes(arrays), ATLAS)


def test_a_curation_starts_with_one_fragment_for_each_neighborhood() -> None:
    curation = base_to_curation(base(), ATLAS)
    assert curation.owners.tolist() == [0, 3, 900]
    assert curation.next_id == 901
    assert curation.owners_of_cells().tolist() == base().labels.tolist()
    assert not curation.by_hand.any()


def test_a_base_that_names_nobody() -> None:
    with pytest.raises(JournalError, match="does not describe"):
        base_to_curation(base(np.full(ATLAS.n_cells, 7)), ATLAS)


def test_nobody_has_placed_anything() -> None:
    curation = base_to_curation(unassigned_base(ATLAS, LAYOUT), ATLAS)
    assert (curation.n_cells(0), curation.next_id) == (ATLAS.n_cells, 1)
    assert set(start(ATLAS).neighborhoods) == {0, 1, 2, 3, 4}
