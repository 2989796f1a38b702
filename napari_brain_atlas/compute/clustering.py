"""A hierarchy over an embedding, and its cuts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute import condensed, levels, spanning
from napari_brain_atlas.compute.blurring import blur_points
from napari_brain_atlas.compute.microclusters import (
    default_micro_clusters,
    every_cell,
    micro_clusters,
)
from napari_brain_atlas.compute.partition import number_by_size
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.hierarchy import Cut, CutParameters, Hierarchy
from napari_brain_atlas.model.progress import Progress, silent

# Beyond this many cells the exact tree over 20 dimensions takes more than a minute.
EXACT_LIMIT = 100_000

# Defaults of a first cut, one set for all tissue: the middle of a broad plateau of the
# scores on labelled sections of four technologies.
FEWEST_CELLS = 20
SHARE_OF_SECTION = 0.01
CELLS_OF_SECTION = 40_000
LARGEST_SHARE = 0.3
TOO_MUCH_NOISE = 0.5
EVEN_SHARES = 20


def build_hierarchy(
    embedding: NDArray[np.float32],
    *,
    min_samples: int = 10,
    seed: int = 0,
    exact_limit: int = EXACT_LIMIT,
    n_micro_clusters: int | None = None,
    blur_rounds: int = 0,
    progress: Progress = silent,
) -> Hierarchy:
    """Build HDBSCAN's tree, the single linkage of mutual reachability.

    Parameters
    ----------
    embedding : (n_cells, d) float32
    min_samples : int
        The neighbor whose distance is a point's core distance; lowered to the
        number of other points.
    exact_limit : int
        With more cells than this the tree is built over micro-clusters.
    n_micro_clusters : int
        How many, then; by default 4,000 to 20,000 by the number of cells.
    blur_rounds : int
        How often points are first drawn together, see :func:`blur_points`; 0 is
        plain HDBSCAN.

    Raises
    ------
    BrainAtlasError
        If there are no cells, or the embedding holds values that are not numbers.
    """
    check_embedding(embedding)
    points = (
        every_cell(embedding)
        if len(embedding) <= exact_limit
        else micro_clusters(
            embedding,
            n_micro_clusters or default_micro_clusters(len(embedding)),
            seed=seed,
            progress=progress,
        )
    )
    centers = blur_points(points.centers, points.weights, rounds=blur_rounds)
    progress("Building the hierarchy", 0.0)
    linkage = single_linkage(centers, min_samples)
    progress("Building the hierarchy", 1.0)
    return Hierarchy(linkage, points.weights, points.point_of_cell, centers).frozen()


def single_linkage(points: NDArray[np.float32], min_samples: int) -> NDArray[np.float64]:
    """Single-linkage tree of mutual reachability, exact, as ``hdbscan`` defines it.

    Returns
    -------
    (n_points - 1, 4) float64
        SciPy's format, ascending distance.
    """
    if len(points) < 2:
        return np.zeros((0, 4))
    others = len(points) - 1
    tree = spanning.spanning_tree(points, max(min(min_samples, others), 1))
    return spanning.linkage_of(tree)


def cut(hierarchy: Hierarchy, parameters: CutParameters) -> Cut:
    """Read one flat clustering from a hierarchy, in milliseconds.

    Returns
    -------
    Cut
        Clusters numbered by size, the largest first; among equals the one with the
        first cell.

    Raises
    ------
    BrainAtlasError
        If `parameters` make no sense.
    """
    _check_parameters(parameters)
    tree = condensed.condense(hierarchy.linkage, hierarchy.weights, parameters.min_cluster_size)
    selected = select(tree, parameters, hierarchy)
    clusters, strengths = condensed.membership(tree, selected)
    labels, n_clusters = number_by_size(clusters, hierarchy.weights)
    nodes = np.zeros(n_clusters, np.int64)
    nodes[labels[labels >= 0]] = tree.node[clusters[labels >= 0]]
    sure = strengths.astype(np.float32)
    if hierarchy.exact:
        return Cut(labels, sure, n_clusters, nodes)
    cells = hierarchy.point_of_cell
    return Cut(labels[cells], sure[cells], n_clusters, nodes)


def select(
    tree: condensed.CondensedTree,
    parameters: CutParameters,
    hierarchy: Hierarchy,
) -> NDArray[np.bool_]:
    """Select clusters of a condensed tree as the parameters say, (n_clusters,) bool.

    Where the hierarchy's replication was not measured, a level without a number has as
    many clusters as the excess of mass.
    """
    limit = parameters.max_cluster_size
    if parameters.method == "leaf":
        selected = condensed.leaves(tree)
    elif parameters.method == "eom":
        selected = condensed.excess_of_mass(tree, limit)
    else:
        selected = levels.level(tree, _n_clusters(tree, parameters.about, hierarchy))
    if parameters.epsilon > 0:
        selected = condensed.join_close(tree, selected, parameters.epsilon, limit)
    return selected


def _n_clusters(tree: condensed.CondensedTree, about: int, hierarchy: Hierarchy) -> int:
    if about:
        return levels.about(tree, about, hierarchy.replication)
    if hierarchy.replication is None:
        return int(condensed.excess_of_mass(tree).sum())
    return levels.finest_level(tree, hierarchy.replication, _variance(hierarchy))


def _variance(hierarchy: Hierarchy) -> float:
    mean = np.average(hierarchy.centers, axis=0, weights=hierarchy.weights)
    squares = ((hierarchy.centers - mean) ** 2).sum(axis=1)
    return float(np.average(squares, weights=hierarchy.weights))


def default_min_cluster_size(n_cells: int) -> int:
    """Smallest cluster of a first cut, in cells.

    A hundredth of the cells of one section; over many sections it grows with the square
    root, as a brain of more sections also has more domains.
    """
    whole_section = min(n_cells, CELLS_OF_SECTION)
    sections = max(n_cells / CELLS_OF_SECTION, 1.0)
    return int(max(FEWEST_CELLS, round(SHARE_OF_SECTION * whole_section * sections**0.5)))


def parameters_about(hierarchy: Hierarchy, n_clusters: int) -> CutParameters:
    """How about a given number of clusters is read from a hierarchy.

    None is smaller than the twentieth part of an even share of the cells, or than the
    smallest of a first cut.
    """
    even = hierarchy.n_cells // (EVEN_SHARES * max(n_clusters, 1))
    size = min(default_min_cluster_size(hierarchy.n_cells), max(even, 2))
    return CutParameters(size, "level", about=n_clusters)


def default_parameters(hierarchy: Hierarchy, min_cluster_size: int | None = None) -> CutParameters:
    """How a first cut is read from a hierarchy.

    Where halves of the tissue were compared, the finest level that they agree on. In
    plain HDBSCAN's tree the excess of mass, of which no cluster holds more than 30 % of
    the cells, since one branch of a density tree may otherwise swallow most of a tissue;
    unless so much does not split any further that the limit would leave half of the
    cells out.
    """
    size = min_cluster_size or default_min_cluster_size(hierarchy.n_cells)
    if hierarchy.replication is not None:
        return CutParameters(size, "level")
    limit = max(round(LARGEST_SHARE * hierarchy.n_cells), 2 * size)
    limited = CutParameters(size, max_cluster_size=limit)
    if cut(hierarchy, limited).noise_share > TOO_MUCH_NOISE:
        return CutParameters(size)
    return limited


def warm() -> None:
    """Compile what a cut needs, so that nothing compiles under the user's hand."""
    spanning.warm()
    points = np.arange(8, dtype=np.float32)[:, None] ** 2
    hierarchy = build_hierarchy(points, min_samples=2, blur_rounds=1)
    for parameters in (
        CutParameters(2),
        CutParameters(2, "leaf", epsilon=1.5),
        CutParameters(2, "level"),
    ):
        cut(hierarchy, parameters)


def check_embedding(embedding: NDArray[np.float32]) -> None:
    """Refuse an embedding without cells, or with values that are not numbers.

    Raises
    ------
    BrainAtlasError
    """
    if embedding.ndim != 2 or not embedding.size:
        raise BrainAtlasError("There is nothing to cluster: the embedding is empty.")
    if not np.isfinite(embedding).all():
        bad = int((~np.isfinite(embedding).all(axis=1)).sum())
        raise BrainAtlasError(
            f"The embedding holds values that are not numbers for {bad} cells; "
            "leave those cells out or choose another embedding."
        )


def _check_parameters(parameters: CutParameters) -> None:
    if parameters.min_cluster_size < 2:
        raise BrainAtlasError(
            f"A cluster needs at least 2 cells, not {parameters.min_cluster_size}; "
            "raise the smallest cluster size."
        )
    if min(parameters.epsilon, parameters.max_cluster_size, parameters.about) < 0:
        raise BrainAtlasError(
            "epsilon, the largest cluster size and the number of clusters cannot be negative."
        )
