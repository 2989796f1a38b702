from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_brain_atlas.errors import CommandError, WriteError
from napari_brain_atlas.model.commands import (
    Annotate,
    Delete,
    Lock,
    Repartition,
    Split,
    Unlock,
)
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.workflow.coloring import touching
from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover
from napari_brain_atlas.workflow.discovery import (
    Scope,
    default_parameters,
    hierarchy_request,
    load_hierarchy,
    prepare_hierarchy,
    propose,
    take,
)
from napari_brain_atlas.workflow.document import Document, open_document


@pytest.fixture
def document(tissue_file: Path):
    with open_document(tissue_file) as opened:
        yield opened


def grown_over(document: Document, scope: Scope):
    return load_hierarchy(document, prepare_hierarchy(hierarchy_request(document, scope)))


def test_a_proposal_changes_nothing_until_it_is_taken(document: Document) -> None:
    before = document.session.curation
    scope = Scope()
    grown = grown_over(document, scope)
    proposal = propose(document, grown, default_parameters(grown))
    assert document.session.curation is before
    assert not list(document.folder.archive.digests())
    command = take(document, proposal, scope)
    assert isinstance(command, Repartition)
    document.session.do(command)
    owners = document.session.curation.owners_of_cells()
    assert (owners > 0).all()
    # Clusters of the proposal and neighborhoods afterwards are the same partition.
    pairs = np.unique(np.stack([proposal.labels, owners]), axis=1)
    assert pairs.shape[1] == len(proposal.neighborhoods)


def test_what_is_locked_is_spared(document: Document) -> None:
    scope = Scope()
    grown = grown_over(document, scope)
    parameters = default_parameters(grown)
    document.session.do(take(document, propose(document, grown, parameters), scope))
    before = document.session.curation
    locked = [int(i) for i in before.ids[1:3]]
    document.session.do(Lock(neighborhoods=tuple(locked)))
    some = int(before.ids[3])
    document.session.do(Delete(neighborhoods=(some,)))
    again = propose(document, grown, parameters)
    assert again.evidence["locked_left_out"] == locked
    document.session.do(take(document, again, scope))
    after = document.session.curation
    assert (after.owners_of_cells() > 0).all()
    for identity in locked:
        assert after.cells_of(identity).tolist() == before.cells_of(identity).tolist()
        assert after.neighborhood(identity).locked
    with pytest.raises(CommandError, match="locked") as caught:
        hierarchy_request(document, Scope((locked[0],)))
    assert caught.value.remedy == Unlock(neighborhoods=(locked[0],))


def test_a_proposal_taken_twice_continues_what_is_there(document: Document) -> None:
    scope = Scope()
    grown = grown_over(document, scope)
    parameters = default_parameters(grown)
    document.session.do(take(document, propose(document, grown, parameters), scope))
    first = document.session.curation
    some = int(first.ids[1])
    document.session.do(Annotate(neighborhood=some, name="mine"))
    again = propose(document, grown, parameters)
    assert all(n.continues is not None for n in again.neighborhoods)
    document.session.do(take(document, again, scope))
    after = document.session.curation
    assert after.neighborhood(some).name == "mine"
    assert {n.color for n in after.neighborhoods.values()} == {
        n.color for n in first.neighborhoods.values()
    }


def test_the_inside_of_a_neighborhood_is_split_and_the_rest_left_alone(
    document: Document,
) -> None:
    before = document.session.curation
    largest = int(before.ids[1:][before.counts.sum(1)[1:].argmax()])
    scope = Scope((largest,))
    proposal = propose(document, grown_over(document, scope), CutParameters(20), scope)
    assert len(proposal.neighborhoods) > 1
    command = take(document, proposal, scope)
    assert isinstance(command, Split)
    document.session.do(command)
    after = document.session.curation
    old, new = before.owners_of_cells(), after.owners_of_cells()
    np.testing.assert_array_equal(old[old != largest], new[old != largest])
    parts = np.bincount(new[old == largest])
    assert parts[largest] == parts.max()
    assert after.neighborhood(largest) == before.neighborhood(largest)


def test_a_larger_min_cluster_size_never_gives_more_clusters(document: Document) -> None:
    grown = grown_over(document, Scope())
    numbers = [
        len(propose(document, grown, CutParameters(size, "leaf")).neighborhoods)
        for size in (20, 60, 200, 600)
    ]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1]


def test_the_hierarchy_is_there_again_without_growing(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = hierarchy_request(document, Scope())
    key = prepare_hierarchy(request)

    def grown_again(*_: object, **__: object) -> None:
        raise AssertionError("grown again")

    monkeypatch.setattr("napari_brain_atlas.workflow.embedding.embed", grown_again)
    assert prepare_hierarchy(request) == key
    assert load_hierarchy(document, key).hierarchy.n_cells == document.atlas.n_cells


def test_a_hierarchy_that_could_not_be_kept_is_told(document: Document) -> None:
    with pytest.raises(WriteError, match="make room"):
        load_hierarchy(document, "hierarchy-gone")


def test_touching_neighborhoods_do_not_look_alike(document: Document) -> None:
    from napari_brain_atlas.model.palette import hex_to_rgb

    curation = document.session.curation
    labels = curation.owners_of_cells() - 1
    colors = np.array(
        [hex_to_rgb(curation.neighborhood(i + 1).color) for i in range(labels.max() + 1)], float
    )
    pairs = touching(document.atlas, labels.astype(np.int32), len(colors)).tocoo()
    apart = np.abs(colors[pairs.row] - colors[pairs.col]).sum(axis=1)
    assert len(apart)
    assert apart.min() > 60


def test_workers_do_not_change_the_outcome(phantom_file: Path) -> None:
    labels = []
    for workers in (1, 3):
        out = phantom_file.with_name(f"out{workers}.h5ad")
        discover(phantom_file, out, DiscoveryParameters(n_neighborhoods=5, workers=workers))
        with open_document(out) as opened:
            labels.append(opened.session.curation.owners_of_cells())
    np.testing.assert_array_equal(*labels)
