"""Groups of cells in a hierarchy: how surely they hold together, and what they consist of.

A curated neighborhood is seldom a branch of the tree: its borders were voted on, merged
and moved. It is found in the tree by the branch that has most in common with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.linkage_nodes import counts_of_nodes
from napari_brain_atlas.model.hierarchy import Hierarchy

_SMALLEST_SPREAD = 1e-9


@dataclass(frozen=True, slots=True)
class Parting:
    """Where the tree parts a group.

    Attributes
    ----------
    leaves : int
        Node under which the smaller part is.
    level : float
        How different the parts are to the tree: the distance at which they merge, as a
        share of that of the whole tissue.
    """

    leaves: int
    level: float


@dataclass(frozen=True, slots=True)
class TreeGroups:
    """How the cells of groups are spread over a tree.

    Attributes
    ----------
    hierarchy : Hierarchy
    counts : (n_nodes, n_groups) float64
        Cells of each group under each node: the points, then what each merge makes.
    sizes : (n_nodes,) float64
        All cells under each node.
    starts, n_points : (n_nodes,) int64
        The points under a node follow each other in the order of the leaves: where they
        start there, and how many they are.
    """

    hierarchy: Hierarchy
    counts: NDArray[np.float64]
    sizes: NDArray[np.float64]
    starts: NDArray[np.int64]
    n_points: NDArray[np.int64]

    @classmethod
    def of(cls, hierarchy: Hierarchy, codes: NDArray[np.int64], n_groups: int) -> TreeGroups:
        """Spread groups over a tree.

        Parameters
        ----------
        codes : (n_cells,) int64
            Group of each cell, in the order of the hierarchy's cells.
        """
        n, linkage = len(hierarchy.weights), hierarchy.linkage
        met = hierarchy.point_of_cell.astype(np.int64) * n_groups + codes
        counts = np.bincount(met, minlength=n * n_groups).reshape(n, n_groups)
        weights = hierarchy.weights.astype(np.float64)[:, None]
        n_points = np.concatenate([np.ones(n), linkage[:, 3]]).astype(np.int64)
        return cls(
            hierarchy,
            counts_of_nodes(linkage, counts.astype(np.float64)),
            counts_of_nodes(linkage, weights)[:, 0],
            _starts(linkage, n_points),
            n_points,
        )

    def hold(self, inside: NDArray[np.float64]) -> float:
        """How surely a set of cells comes back where half of the tissue is left out, 0 to 1.

        The largest product of a branch's recurrence and of its Jaccard index with the
        set. The whole tissue does not count, as it always comes back. Where recurrence
        was not measured it is the Jaccard index alone: whether the set is a branch.

        Parameters
        ----------
        inside : (n_nodes,) float64
            Cells of the set under each node, such as a column of `counts`.
        """
        likeness = inside / np.maximum(self.sizes + inside[-1] - inside, 1)
        recurrence = self.hierarchy.recurrence
        held = likeness if recurrence is None else likeness * recurrence
        return float(held[:-1].max(initial=0.0))

    def separation(self, one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        """How far apart two sets lie in the embedding, in their spread along the way (d').

        Parameters
        ----------
        one, other : (n_nodes,) float64
            Cells of the sets under each node.
        """
        centers = self.hierarchy.centers
        weights = [np.asarray(s[: len(centers)]) for s in (one, other)]
        means = [w @ centers / w.sum() for w in weights]
        way = means[1] - means[0]
        length = float(np.linalg.norm(way))
        if length == 0.0:
            return 0.0
        along = centers @ (way / length)
        spread = [_variance(along, w) for w in weights]
        return length / max(float(np.sqrt(np.mean(spread))), _SMALLEST_SPREAD * length)

    def under(self, node: int) -> NDArray[np.bool_]:
        """Which points are under a node, (n_points,)."""
        first = self.starts[node]
        at = self.starts[: len(self.hierarchy.weights)]
        return np.asarray((at >= first) & (at < first + self.n_points[node]))

    def part(self, group: int, node: int) -> NDArray[np.float64]:
        """The cells of a group that are under a node, again under each node, (n_nodes,)."""
        inside = self.under(node)
        points = np.where(inside, self.counts[: len(inside), group], 0.0)
        return counts_of_nodes(self.hierarchy.linkage, points[:, None])[:, 0]

    def partings(self, group: int, least: int) -> Iterator[Parting]:
        """Where the tree parts a group into two of enough cells, from the top down.

        Below each it goes on in the larger part.
        """
        n_points = len(self.hierarchy.weights)
        whole = float(self.hierarchy.linkage[-1, 2]) if n_points > 1 else 1.0
        node = len(self.sizes) - 1
        while node >= n_points:
            row = self.hierarchy.linkage[node - n_points]
            large, small = sorted(
                (int(row[0]), int(row[1])), key=lambda child: -self.counts[child, group]
            )
            if self.counts[large, group] < least:
                return
            if self.counts[small, group] >= least:
                yield Parting(small, float(row[2]) / whole if whole else 0.0)
            node = large


def _variance(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    total = weights.sum()
    mean = float(weights @ values) / total
    return float((weights @ (values - mean) ** 2) / total)


def _starts(linkage: NDArray[np.float64], n_points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the points of each node start in the order of the leaves."""
    starts = np.zeros(len(n_points), np.int64)
    n = len(linkage) + 1
    sizes, children = n_points.tolist(), linkage[:, :2].astype(np.int64).tolist()
    for row in range(n - 2, -1, -1):
        left, right = children[row]
        starts[left] = starts[n + row]
        starts[right] = starts[n + row] + sizes[left]
    return starts
