"""Links hold in every later proposal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_brain_atlas.model.commands import Link, Lock
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.proposal import Proposal
from napari_brain_atlas.workflow.describing import described
from napari_brain_atlas.workflow.document import Document, open_document
from napari_brain_atlas.workflow.obeying import obeying_links


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory, _discovered: Path) -> Iterator[Document]:
    import shutil

    path = tmp_path_factory.mktemp("links") / "tissue.h5ad"
    shutil.copytree(f"{_discovered}.nba", f"{path}.nba")
    with open_document(Path(shutil.copy(_discovered, path))) as opened:
        yield opened


def proposed(document: Document, labels: Any, cells: Any = None) -> Proposal:
    labels = np.asarray(labels, np.int32)
    return Proposal(labels, np.full(len(labels), 200, np.uint8), (), cells)


def linked(document: Document, *links: LinkedPair) -> Any:
    return replace(document.session.curation, links=frozenset(links))


def shared(document: Document, proposal: Proposal, first: int, second: int) -> set[int]:
    """Clusters with cells of both."""
    owners = document.session.curation.owners_of_cells()
    if proposal.cells is not None:
        owners = owners[proposal.cells]
    ends = [set(proposal.labels[owners == i].tolist()) - {-1} for i in (first, second)]
    return ends[0] & ends[1]


def test_what_belongs_together_is_found_as_one(document: Document) -> None:
    owners = document.session.curation.owners_of_cells()
    found = obeying_links(
        proposed(document, owners - 1), document.atlas, linked(document, LinkedPair("must", 1, 3))
    )
    assert len(np.unique(found.labels)) == len(np.unique(owners)) - 1
    assert set(found.labels[owners == 1]) == set(found.labels[owners == 3])
    assert found.evidence["links_obeyed"] == 1


def test_what_must_stay_apart_is_parted_along_its_border(document: Document) -> None:
    owners = document.session.curation.owners_of_cells()
    # All in one cluster.
    found = obeying_links(
        proposed(document, np.zeros(len(owners))), document.atlas,
        linked(document, LinkedPair("cannot", 1, 3)),
    )  # fmt: skip
    smaller = min((1, 3), key=lambda i: int((owners == i).sum()))
    np.testing.assert_array_equal(found.labels == 1, owners == smaller)


def test_guests_go_home(document: Document) -> None:
    owners = document.session.curation.owners_of_cells()
    labels = owners - 1
    strays = np.flatnonzero(owners == 3)[:7]
    labels[strays] = 0
    found = obeying_links(
        proposed(document, labels), document.atlas,
        linked(document, LinkedPair("cannot", 1, 3)),
    )  # fmt: skip
    np.testing.assert_array_equal(found.labels, owners - 1)


def test_links_to_what_is_not_in_scope_change_nothing(document: Document) -> None:
    owners = document.session.curation.owners_of_cells()
    cells = np.flatnonzero(owners == 1)
    proposal = proposed(document, np.arange(len(cells)) % 2, cells)
    links = LinkedPair("cannot", 1, 3), LinkedPair("must", 1, 2)
    assert obeying_links(proposal, document.atlas, linked(document, *links)) is proposal


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_cluster_ever_has_cells_of_two_that_must_stay_apart(
    document: Document, data: st.DataObject
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    n = data.draw(st.integers(1, 6))
    labels = rng.integers(-1, n, document.atlas.n_cells)
    pairs = st.tuples(st.integers(1, 8), st.integers(1, 8)).filter(lambda p: p[0] < p[1])
    kinds = data.draw(st.dictionaries(pairs, st.sampled_from(["must", "cannot"]), max_size=6))
    links = [LinkedPair(kind, *pair) for pair, kind in kinds.items()]
    found = obeying_links(proposed(document, labels), document.atlas, linked(document, *links))
    for kind, first, second in links:
        if kind == "cannot":
            assert not shared(document, found, first, second)
    np.testing.assert_array_equal(found.labels < 0, labels < 0)
    known = found.labels[found.labels >= 0]
    assert set(known.tolist()) == set(range(int(known.max(initial=-1)) + 1))
    if not any(kind == "cannot" for kind, *_ in links):
        owners = document.session.curation.owners_of_cells()
        for _, first, second in links:
            sides = [
                np.bincount(found.labels[(owners == s) & (labels >= 0)]) for s in (first, second)
            ]
            assert sides[0].argmax() == sides[1].argmax()


def test_links_and_locks_hold_in_what_is_proposed(tissue_file: Path) -> None:
    with open_document(tissue_file) as document:
        document.session.do(Link(kind="cannot", neighborhoods=(1, 2)))
        document.session.do(Lock(neighborhoods=(3,)))
        n = document.atlas.n_cells
        found = described(
            proposed(document, np.zeros(n)), document.atlas, document.session.curation
        )
        assert len(found.neighborhoods) == 2
        assert not shared(document, found, 1, 2)
        owners = document.session.curation.owners_of_cells()
        assert found.cells is not None and not (owners[found.cells] == 3).any()
