"""Minimum spanning tree of mutual reachability, exact, on all cores.

Boruvka's rounds (1926) over a k-d tree, as March, Ram & Gray (2010) and ``hdbscan`` have
them: every tree of a forest is joined to its nearest other tree. Most points know a
nearest point of another tree from the neighbors that their core distance was read from.
Only where all of these are in the point's own tree is the k-d tree asked, most hopeful
points first and only below what their tree has found so far. What a point once learned
bounds it in all later rounds, since points of other trees only become fewer.

The mutual reachability of two points is the largest of their distance and both core
distances (Campello et al. 2013). Lengths are right to single precision, which is what the
points have.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.boxes import Boxes, boxes_of, nearest_foreign, nearest_slots
from napari_brain_atlas.compute.forest import look_around, merges, shorten, summarize, unite

WORKERS = min(os.cpu_count() or 1, 8)
_PARTS = 16
_FIRST_BATCH = 256
_GROWTH = 4


@dataclass(frozen=True, slots=True)
class SpanningTree:
    """Edges of a minimum spanning tree.

    Attributes
    ----------
    edges : (n - 1, 2) int64
        Points.
    lengths : (n - 1,) float64
        Mutual reachability.
    """

    edges: NDArray[np.int64]
    lengths: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Known:
    """What each slot knows, distances squared; see :func:`forest.look_around`."""

    neighbors: NDArray[np.int32]
    squares: NDArray[np.float32]
    core: NDArray[np.float32]
    nearest: NDArray[np.int32]
    reach: NDArray[np.float32]
    floor: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Forest:
    """Tree of each slot and box, and each tree's shortest way out with the slot it starts at."""

    tree: NDArray[np.int32]
    box_tree: NDArray[np.int32]
    box_core: NDArray[np.float32]
    best: NDArray[np.float32]
    giver: NDArray[np.int64]


def spanning_tree(points: NDArray[np.float32], min_samples: int) -> SpanningTree:
    """Minimum spanning tree of mutual reachability.

    The same on any number of cores.

    Parameters
    ----------
    points : (n, d) float32
        At least two.
    min_samples : int
        The neighbor whose distance is a point's core distance, the point itself not
        counted; at least 1, at most n - 1.
    """
    scale = _scale(points)
    boxes = boxes_of(np.ascontiguousarray(points / scale, np.float32))
    known = _acquaint(boxes, min_samples)
    edges, squares = _grow(boxes, known)
    return SpanningTree(boxes.point[edges], np.sqrt(squares.astype(np.float64)) * scale)


def linkage_of(tree: SpanningTree) -> NDArray[np.float64]:
    """Single-linkage tree of a spanning tree, (n - 1, 4) float64, SciPy's format."""
    order = np.argsort(tree.lengths, kind="stable")
    return np.asarray(merges(tree.edges[order], tree.lengths[order]))


def warm() -> None:
    """Compile what a spanning tree needs."""
    # Two groups far apart: neighbors alone do not join them, so the boxes are asked.
    points = np.repeat(np.array([[0.0], [9.0]], np.float32), 20, axis=0)
    linkage_of(spanning_tree(points, 2))


def _scale(points: NDArray[np.float32]) -> np.float64:
    """A power of two, so that no square leaves the range of single precision."""
    largest = float(np.abs(points).max())
    return np.float64(2.0 ** np.floor(np.log2(largest)) if largest > 0 else 1.0)


def _acquaint(boxes: Boxes, min_samples: int) -> _Known:
    n = len(boxes.point)
    neighbors = np.full((n, min_samples), -1, np.int32)
    squares = np.full((n, min_samples), np.inf, np.float32)

    def work(first: int, stop: int) -> None:
        nearest_slots(
            boxes.coordinates, boxes.point, boxes.low, boxes.high, first, stop, neighbors, squares
        )

    _in_parts(work, n)
    core = squares[:, -1].copy()
    nobody, never = np.full(n, -1, np.int32), np.full(n, np.inf, np.float32)
    return _Known(neighbors, squares, core, nobody, never, core.copy())


def _grow(boxes: Boxes, known: _Known) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Edges between slots, (n - 1, 2), and their squared lengths, round by round."""
    occupied = boxes.point >= 0
    tree = np.where(occupied, np.cumsum(occupied) - 1, -1).astype(np.int32)
    n_trees = int(occupied.sum())
    edges, squares = [], []
    while n_trees > 1:
        _look(known, tree)
        forest = _forest(boxes, known, tree, n_trees)
        _ask(boxes, known, forest)
        joined, tree, n_trees = _join(known, forest)
        edges.append(np.stack([joined, known.nearest[joined].astype(np.int64)], axis=1))
        squares.append(known.reach[joined])
    return np.concatenate(edges), np.concatenate(squares)


def _look(known: _Known, tree: NDArray[np.int32]) -> None:
    k = known

    def work(first: int, stop: int) -> None:
        look_around(k.neighbors, k.squares, k.core, k.nearest, k.reach, k.floor, tree, first, stop)

    _in_parts(work, len(tree))


def _forest(boxes: Boxes, known: _Known, tree: NDArray[np.int32], n_trees: int) -> _Forest:
    box_tree = np.empty(len(boxes.low), np.int32)
    box_core = np.empty(len(boxes.low), np.float32)
    summarize(known.core, tree, box_core, box_tree)
    best = np.full(n_trees, np.inf, np.float32)
    giver = np.full(n_trees, -1, np.int64)
    with_way = np.flatnonzero(known.nearest >= 0)
    shorten(with_way, known.reach[with_way], tree, best, giver)
    return _Forest(tree, box_tree, box_core, best, giver)


def _ask(boxes: Boxes, known: _Known, forest: _Forest) -> None:
    """Ask the boxes for the points that may still shorten their tree's way out.

    First one point of every tree, then ever larger batches. Bounds change between batches
    only: within one they would depend on which core is quicker.
    """
    tree, best = forest.tree, forest.best
    waiting = np.flatnonzero((tree >= 0) & (known.floor < best[tree]))
    waiting = waiting[np.argsort(known.floor[waiting], kind="stable")]
    _, first = np.unique(tree[waiting], return_index=True)
    batch = waiting[np.sort(first)]
    size = _FIRST_BATCH
    while len(batch):
        _ask_batch(boxes, known, forest, batch)
        waiting = waiting[known.floor[waiting] < best[tree[waiting]]]
        batch = waiting[:size]
        size *= _GROWTH


def _ask_batch(boxes: Boxes, known: _Known, forest: _Forest, batch: NDArray[np.int64]) -> None:
    bounds = forest.best[forest.tree[batch]]
    found, squares = np.empty(len(batch), np.int32), np.empty(len(batch), np.float32)

    def work(first: int, stop: int) -> None:
        part = slice(first, stop)
        asked = (batch[part], bounds[part], found[part], squares[part])
        of_boxes = (forest.tree, forest.box_tree, forest.box_core)
        nearest_foreign(boxes.coordinates, boxes.low, boxes.high, known.core, *of_boxes, *asked)

    _in_parts(work, len(batch))
    known.floor[batch] = squares
    hit = found >= 0
    slots, ways = batch[hit], squares[hit]
    known.nearest[slots] = found[hit]
    known.reach[slots] = ways
    shorten(slots, ways, forest.tree, forest.best, forest.giver)


def _join(known: _Known, forest: _Forest) -> tuple[NDArray[np.int64], NDArray[np.int32], int]:
    """Slots whose edges were used, the tree of each slot from now on, and how many there are."""
    root = np.arange(len(forest.giver))
    used = unite(root, forest.giver, known.nearest, forest.tree)
    roots, number = np.unique(root, return_inverse=True)
    tree = np.where(forest.tree >= 0, number[forest.tree], -1).astype(np.int32)
    return forest.giver[used], tree, len(roots)


def _in_parts(work: Callable[[int, int], None], n: int) -> None:
    if n < 4 * _PARTS:
        work(0, n)
        return
    edges = [i * n // _PARTS for i in range(_PARTS + 1)]
    list(_pool().map(lambda part: work(*part), pairwise(edges)))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="spanning")
