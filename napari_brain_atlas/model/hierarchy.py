"""HDBSCAN's tree and the flat clusterings that are read from it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SelectionMethod = Literal["level", "eom", "leaf"]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A binary tree over points, from which every cut is read.

    A point is a cell, or a micro-cluster that stands for several cells. The tree is a
    single linkage of mutual reachability (plain HDBSCAN), or what the trees over halves
    of the tissue agree on.

    Attributes
    ----------
    linkage : (n_points - 1, 4) float64
        SciPy's format: left, right, distance, size (in points).
    weights : (n_points,) int64
        Number of cells that each point stands for.
    point_of_cell : (n_cells,) int32
        Point of each cell, in the order of the embedding that was given.
    centers : (n_points, d) float32
        Coordinates of the points in the embedding.
    recurrence : (2 n_points - 1,) float32 or None
        How surely each node comes back where half of the tissue is left out, 0 to 1,
        the mean Jaccard index; nodes are the points, then what each merge makes. 0 for
        nodes that are too small to be followed; None where it was not measured.
    replication : (n_levels,) float32 or None
        How well halves of the tissue that have no cell in common agree when each is cut
        into 1, 2, … clusters, the mean adjusted Rand index.
    """

    linkage: NDArray[np.float64]
    weights: NDArray[np.int64]
    point_of_cell: NDArray[np.int32]
    centers: NDArray[np.float32]
    recurrence: NDArray[np.float32] | None = None
    replication: NDArray[np.float32] | None = None

    def frozen(self) -> Hierarchy:
        """The same, after its arrays were made read-only."""
        for array in (getattr(self, field.name) for field in fields(self)):
            if array is not None:
                array.flags.writeable = False
        return self

    @property
    def n_cells(self) -> int:
        """Number of cells under the tree."""
        return len(self.point_of_cell)

    @property
    def exact(self) -> bool:
        """Whether every point is one cell."""
        return len(self.weights) == len(self.point_of_cell)


@dataclass(frozen=True, slots=True)
class CutParameters:
    """How a flat clustering is read from a hierarchy.

    Attributes
    ----------
    min_cluster_size : int
        No cluster smaller than this many cells.
    method : {"level", "eom", "leaf"}
        All splits down to one distance, the excess of mass, or the leaves of the
        condensed tree.
    epsilon : float
        Clusters closer than this distance in the embedding are not separated.
    max_cluster_size : int
        No cluster larger than this many cells; 0 for no limit ("eom" only).
    about : int
        About so many clusters ("level" only); 0 for as many as halves of the tissue
        agree on.
    smallest_piece : float or None
        Area of the smallest piece of a neighborhood that stays on a section, in µm² (in areas
        of a cell where the size of a unit is not known): smaller speckles and holes go to what
        is around them. None for that of some cells; 0 leaves all.
    """

    min_cluster_size: int
    method: SelectionMethod = "eom"
    epsilon: float = 0.0
    max_cluster_size: int = 0
    about: int = 0
    smallest_piece: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """One flat clustering.

    Attributes
    ----------
    labels : (n_cells,) int32
        Cluster of each cell, 0 to n_clusters - 1; -1 is noise.
    strengths : (n_cells,) float32
        Membership 0 to 1; 0 for noise.
    n_clusters : int
    nodes : (n_clusters,) int64 or None
        Node of the tree that each cluster is: the points, then what each merge makes;
        None where the clusters were not read from a tree.
    """

    labels: NDArray[np.int32]
    strengths: NDArray[np.float32]
    n_clusters: int
    nodes: NDArray[np.int64] | None = None

    @property
    def noise_share(self) -> float:
        """Share of the cells in no cluster."""
        return float(np.mean(self.labels < 0)) if len(self.labels) else 0.0
