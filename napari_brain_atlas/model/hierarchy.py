"""HDBSCAN's tree and the flat clusterings that are read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SelectionMethod = Literal["eom", "leaf"]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A single-linkage tree of mutual reachability over points.

    A point is a cell, or a micro-cluster that stands for several cells.

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
    """

    linkage: NDArray[np.float64]
    weights: NDArray[np.int64]
    point_of_cell: NDArray[np.int32]
    centers: NDArray[np.float32]

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
    method : {"eom", "leaf"}
        Excess of mass, or the leaves of the condensed tree.
    epsilon : float
        Clusters closer than this distance in the embedding are not separated.
    max_cluster_size : int
        No cluster larger than this many cells; 0 for no limit ("eom" only).
    """

    min_cluster_size: int
    method: SelectionMethod = "eom"
    epsilon: float = 0.0
    max_cluster_size: int = 0


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
    """

    labels: NDArray[np.int32]
    strengths: NDArray[np.float32]
    n_clusters: int

    @property
    def noise_share(self) -> float:
        """Share of the cells in no cluster."""
        return float(np.mean(self.labels < 0)) if len(self.labels) else 0.0
