from __future__ import annotations

import math

import numpy as np
import pytest

from napari_brain_atlas.compute.branches import branches_of
from napari_brain_atlas.compute.clustering import build_hierarchy, cut
from napari_brain_atlas.compute.condensed import condense
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import CutParameters, Hierarchy

# {0, 1}, {2, 3} join at 2, {4, 5}, {6, 7} at 4, all at 10; pairs at 1. Nodes 8 to 14.
LINKAGE = np.array(
    [
        [0, 1, 1, 2],
        [2, 3, 1, 2],
        [4, 5, 1, 2],
        [6, 7, 1, 2],
        [8, 9, 2, 4],
        [10, 11, 4, 4],
        [12, 13, 10, 8],
    ],
    float,
)
# Point 7 stands for three cells, 0, 1 and 9.
POINT_OF_CELL = np.array([7, 7, 0, 1, 2, 3, 4, 5, 6, 7], np.int32)
WEIGHTS = np.array([1, 1, 1, 1, 1, 1, 1, 3])
RECURRENCE = np.linspace(0, 1, 15).astype(np.float32)
PAIRS = Hierarchy(LINKAGE, WEIGHTS, POINT_OF_CELL, np.zeros((8, 2), np.float32), RECURRENCE)


@pytest.fixture(scope="module")
def tree():
    return branches_of(PAIRS, 2)


def test_a_branch_knows_its_place(tree) -> None:
    branch = tree.branch(13)
    assert (branch.parent, branch.children, branch.size) == (14, (10, 11), 6)
    assert (branch.birth, branch.death) == (10, 4)
    # Everything in it lasts from 10 to 4: 1 - (1 / 10) / (1 / 4).
    assert branch.stability == pytest.approx(0.6)
    assert branch.recurrence == pytest.approx(13 / 14)
    assert tree.branch(8).children == ()


def test_the_whole_tissue_is_the_root(tree) -> None:
    root = tree.root
    assert (root.node, root.parent, root.size, root.birth) == (14, None, 10, math.inf)
    assert tree.natural_merge(root.node) is None


@pytest.mark.parametrize(
    ("node", "cells"),
    [(8, [2, 3]), (12, [2, 3, 4, 5]), (11, [0, 1, 8, 9]), (14, list(range(10)))],
)
def test_a_branch_knows_its_cells(tree, node, cells) -> None:
    assert tree.cells(node).tolist() == cells
    assert tree.branch(node).size == len(cells)


def test_the_natural_split_is_the_next_parting_larger_part_first(tree) -> None:
    split = tree.natural_split(13)
    assert [part.node for part in split.parts] == [11, 10]
    assert split.distance == 4
    assert tree.natural_split(8) is None


@pytest.mark.parametrize(
    ("cut_nodes", "partners"),
    [((12, 13), (13,)), ((12, 10, 11), (10, 11)), ((12, 10), (10,)), ((), ())],
    ids=["sibling is a cluster", "sibling is split", "one of two is noise", "no cut"],
)
def test_the_natural_merge_names_the_clusters_in_the_sibling(tree, cut_nodes, partners) -> None:
    merge = tree.natural_merge(12, cut_nodes)
    assert (merge.into.node, merge.sibling.node, merge.distance) == (14, 13, 10)
    assert merge.partners == partners


@pytest.mark.parametrize("node", [0, 99, -1])
def test_a_node_without_a_branch_is_named(tree, node) -> None:
    with pytest.raises(BrainAtlasError, match=f"node {node} "):
        tree.branch(node)


def test_nothing_was_measured_in_plain_hdbscan() -> None:
    plain = Hierarchy(LINKAGE, WEIGHTS, POINT_OF_CELL, PAIRS.centers)
    assert branches_of(plain, 2).branch(13).recurrence is None


@pytest.mark.parametrize("method", ["level", "eom", "leaf"])
def test_every_cluster_of_a_cut_is_a_branch_with_its_cells(method) -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(600, 3)) + rng.integers(0, 4, 600)[:, None] * 3
    hierarchy = build_hierarchy(points.astype(np.float32))
    found = cut(hierarchy, CutParameters(15, method, about=3 if method == "level" else 0))
    tree = branches_of(hierarchy, 15)
    assert found.n_clusters == len(found.nodes) >= 3
    for label, node in enumerate(found.nodes):
        np.testing.assert_array_equal(tree.cells(node), np.flatnonzero(found.labels == label))
        merge = tree.natural_merge(node, found.nodes)
        assert node not in merge.partners
        assert merge.into.size >= tree.branch(node).size + merge.sibling.size


def test_sizes_and_stabilities_are_those_of_the_condensed_tree() -> None:
    rng = np.random.default_rng(2)
    hierarchy = build_hierarchy(rng.normal(size=(400, 2)).astype(np.float32), min_samples=4)
    condensed = condense(hierarchy.linkage, hierarchy.weights, 8)
    tree = branches_of(hierarchy, 8)
    assert len(tree) == len(condensed.parent) > 3
    for cluster, node in enumerate(condensed.node):
        branch = tree.branch(int(node))
        assert branch.size == condensed.size[cluster] == len(tree.cells(int(node)))
        assert 0 <= branch.stability <= 1
        assert branch.death <= branch.birth
