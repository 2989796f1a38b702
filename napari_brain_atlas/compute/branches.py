"""The condensed tree as a value: what a neighborhood is part of, and what it is made of.

A branch is a cluster of the condensed tree and is named by its node in the hierarchy,
which does not change with the smallest cluster size; the clusters of a cut carry these
nodes (:attr:`Cut.nodes`). A branch ends in a *natural split*, into the two parts that
the tree parts next, and comes from a *natural merge*, with the branch it was parted from
last.

    tree = branches_of(hierarchy, parameters.min_cluster_size)
    found = cut(hierarchy, parameters)
    for node in found.nodes:
        split = tree.natural_split(node)
        merge = tree.natural_merge(node, found.nodes)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.condensed import NO_CLUSTER, CondensedTree, condense
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True)
class Branch:
    """One cluster of the condensed tree.

    Attributes
    ----------
    node : int
        Its node in the hierarchy: the points, then what each merge makes.
    parent : int or None
        Node of the branch it splits off; None for the whole tissue.
    children : tuple of int
        Nodes of the two branches it splits into; empty where it does not.
    size : int
        In cells.
    birth, death : float
        Distances in the embedding at which it splits off (infinite for the whole
        tissue), and at which the last of it falls apart or it splits.
    stability : float
        HDBSCAN's excess of mass by cell, relative to where the branch is born: 0 for a
        ripple, that is gone as soon as it is born, towards 1 for what holds together
        from far away to close up.
    recurrence : float or None
        How surely it comes back where half of the tissue is left out, 0 to 1, from 0.75
        on stable (Hennig 2007); None where it was not measured.
    """

    node: int
    parent: int | None
    children: tuple[int, ...]
    size: int
    birth: float
    death: float
    stability: float
    recurrence: float | None


@dataclass(frozen=True, slots=True)
class NaturalSplit:
    """The two parts of a branch that the tree parts next.

    Attributes
    ----------
    parts : tuple of Branch
        The larger first.
    distance : float
        At which they part; the larger, the more different they are.
    """

    parts: tuple[Branch, Branch]
    distance: float


@dataclass(frozen=True, slots=True)
class NaturalMerge:
    """What a branch becomes if its last parting is undone.

    Attributes
    ----------
    into : Branch
        The branch that both are part of.
    sibling : Branch
        What it was parted from.
    partners : tuple of int
        Nodes of the clusters of the cut that lie in the sibling, in the order of the
        cut: one where the sibling is a cluster itself, several where it is split.
    distance : float
        At which the two part; the smaller, the more alike they are.
    """

    into: Branch
    sibling: Branch
    partners: tuple[int, ...]
    distance: float


@dataclass(frozen=True, slots=True)
class Branches:
    """All branches of a hierarchy with at least so many cells.

    Attributes
    ----------
    hierarchy : Hierarchy
    condensed : CondensedTree
    cluster_of_node : mapping of int to int
        Number in the condensed tree of the branch that starts at a node.
    """

    hierarchy: Hierarchy
    condensed: CondensedTree
    cluster_of_node: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.condensed.parent)

    @property
    def root(self) -> Branch:
        """The whole tissue."""
        return self._branch(0)

    def branch(self, node: int) -> Branch:
        """The branch that starts at a node.

        Raises
        ------
        BrainAtlasError
            If none does.
        """
        return self._branch(self._cluster(node))

    def natural_split(self, node: int) -> NaturalSplit | None:
        """The two parts of a branch that the tree parts next; None if it has none."""
        branch = self.branch(node)
        if not branch.children:
            return None
        a, b = sorted((self.branch(child) for child in branch.children), key=_smaller_last)
        return NaturalSplit((a, b), a.birth)

    def natural_merge(self, node: int, cut_nodes: Iterable[int] = ()) -> NaturalMerge | None:
        """What undoing the last parting of a branch gives; None for the whole tissue.

        Parameters
        ----------
        cut_nodes : iterable of int
            Nodes of the clusters of the present cut, among which the partners are.
        """
        branch = self.branch(node)
        if branch.parent is None:
            return None
        into = self.branch(branch.parent)
        (other,) = (child for child in into.children if child != branch.node)
        partners = tuple(int(n) for n in cut_nodes if self.contains(other, int(n)))
        return NaturalMerge(into, self.branch(other), partners, branch.birth)

    def contains(self, node: int, other: int) -> bool:
        """Whether the branch at `node` is, or holds, the branch at `other`."""
        outer, cluster = self._cluster(node), self._cluster(other)
        while cluster > outer:  # children have larger numbers
            cluster = int(self.condensed.parent[cluster])
        return cluster == outer

    def cells(self, node: int) -> NDArray[np.int64]:
        """The cells of a branch, ascending, in the order of the hierarchy's cells."""
        wanted = np.zeros(len(self.hierarchy.weights), np.bool_)
        wanted[points_under(self.hierarchy, self._require(node))] = True
        return np.flatnonzero(wanted[self.hierarchy.point_of_cell])

    def _require(self, node: int) -> int:
        self._cluster(node)
        return int(node)

    def _cluster(self, node: int) -> int:
        cluster = self.cluster_of_node.get(int(node))
        if cluster is None:
            raise BrainAtlasError(
                f"No branch starts at node {node} with this smallest cluster size; "
                "read the tree with the size that the cut was read with."
            )
        return cluster

    def _branch(self, cluster: int) -> Branch:
        tree, recurrence = self.condensed, self.hierarchy.recurrence
        parent = int(tree.parent[cluster])
        node = int(tree.node[cluster])
        return Branch(
            node=node,
            parent=None if parent == NO_CLUSTER else int(tree.node[parent]),
            children=tuple(int(tree.node[c]) for c in self._children(cluster)),
            size=int(tree.size[cluster]),
            birth=_distance(tree.birth[cluster]),
            death=_distance(self._end(cluster)),
            stability=self._stability(cluster),
            recurrence=None if recurrence is None else float(recurrence[node]),
        )

    def _stability(self, cluster: int) -> float:
        tree = self.condensed
        gained = float(tree.stability[cluster] / tree.size[cluster])
        reached = gained + float(tree.birth[cluster])
        return gained / reached if reached > 0 else 0.0

    def _children(self, cluster: int) -> NDArray[np.int64]:
        return np.flatnonzero(self.condensed.parent == cluster)

    def _end(self, cluster: int) -> float:
        children = self._children(cluster)
        tree = self.condensed
        return float(tree.birth[children[0]] if len(children) else tree.death[cluster])


def branches_of(hierarchy: Hierarchy, min_cluster_size: int) -> Branches:
    """Read all branches with at least so many cells.

    Parameters
    ----------
    min_cluster_size : int
        As in the parameters of the cut whose clusters are looked up.
    """
    tree = condense(hierarchy.linkage, hierarchy.weights, min_cluster_size)
    return Branches(hierarchy, tree, {int(node): i for i, node in enumerate(tree.node)})


def points_under(hierarchy: Hierarchy, node: int) -> NDArray[np.int64]:
    """The points under a node of a hierarchy, ascending."""
    n_points = len(hierarchy.weights)
    found, open_nodes = [], [node]
    while open_nodes:
        node = open_nodes.pop()
        if node < n_points:
            found.append(node)
        else:
            open_nodes.extend(hierarchy.linkage[node - n_points, :2].astype(int).tolist())
    return np.array(sorted(found), np.int64)


def _smaller_last(branch: Branch) -> tuple[int, int]:
    return -branch.size, branch.node


def _distance(lam: float) -> float:
    return 1.0 / float(lam) if lam > 0 else np.inf
