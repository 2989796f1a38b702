"""Which cells lie inside a polygon, exactly.

Coordinates are float32 and so are vertices, hence the sign that says on which
side of an edge a cell lies can be had without error: in double precision where
this is surely enough, else by a sum of its six terms, each of which is exact.

The method is that of J. R. Shewchuk, Adaptive Precision Floating-Point
Arithmetic and Fast Robust Geometric Predicates, Discrete & Computational
Geometry 18 (1997), 305–363: the bound of its section 4.2, the growing
expansion of its section 2.4.
"""

from __future__ import annotations

import numpy as np
from numba import njit

SURE = 3.4e-16
"""Shewchuk's bound A for an orientation, (3 + 16 ε) ε with ε = 2⁻⁵³, rounded up."""


@njit(cache=True, nogil=True)
def mark_inside(xy, order, boxes, vertices, inside):  # type: ignore[no-untyped-def]
    """Mark the cells inside a polygon by the even-odd rule.

    Boxes of the grid that no edge passes lie inside or outside as a whole.

    Parameters
    ----------
    xy, order, boxes
        As in a cell grid.
    vertices : (n, 2) float32
        The last is joined to the first.
    inside : (n_cells,) bool
        By rank in the section; set where a cell is inside, else left.
    """
    starts, n_columns, x0, y0, side = boxes
    edges = _edges(vertices)
    low, high = np.empty(len(edges)), np.empty(len(edges))
    here, near = np.empty(len(edges), np.int64), np.empty(len(edges), np.int64)
    # Boxes are found by division, so a cell may lie a hair beside its box.
    hair = 1e-3 * side + 1e-12 * max(abs(x0), abs(y0))
    for row in range((len(starts) - 1) // n_columns):
        top, bottom = y0 + row * side - hair, y0 + (row + 1) * side + hair
        n_here = _edges_in_band(edges, top, bottom, here, low, high, hair)
        if n_here == 0:
            continue
        for column in range(n_columns):
            first, last = starts[row * n_columns + column], starts[row * n_columns + column + 1]
            if first == last:
                continue
            left, right = x0 + column * side - hair, x0 + (column + 1) * side + hair
            odd, n_near, passed = False, 0, False
            for edge in here[:n_here]:
                if high[edge] < left:
                    continue
                if low[edge] > right and edges[edge, 1] <= top and edges[edge, 3] > bottom:
                    odd = not odd
                    continue
                passed |= low[edge] <= right
                near[n_near] = edge
                n_near += 1
            one = odd != _crosses_odd(edges, near[:n_near], xy[first])
            for cell in range(first, last):
                if passed:
                    one = odd != _crosses_odd(edges, near[:n_near], xy[cell])
                if one:
                    inside[order[cell]] = True


@njit(cache=True, nogil=True)
def _edges(vertices):  # type: ignore[no-untyped-def]
    """Edges from their lower to their higher y: (ax, ay, bx, by)."""
    edges = np.empty((len(vertices), 4))
    for k in range(len(vertices)):
        a, b = vertices[k - 1], vertices[k]
        if a[1] > b[1]:
            a, b = b, a
        edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3] = a[0], a[1], b[0], b[1]
    return edges


@njit(cache=True, nogil=True)
def _edges_in_band(edges, top, bottom, here, low, high, hair):  # type: ignore[no-untyped-def]
    """Edges in a band of rows, and how far to the left and right they reach within it."""
    n = 0
    for edge in range(len(edges)):
        ax, ay, bx, by = edges[edge]
        if by < top or ay > bottom:
            continue
        first, last = 0.0, 1.0
        if by > ay:
            first = min(max((top - ay) / (by - ay), 0.0), 1.0)
            last = min(max((bottom - ay) / (by - ay), 0.0), 1.0)
        one, two = ax + first * (bx - ax), ax + last * (bx - ax)
        # The share along an edge is known to 2⁻²⁹ of it, as its ends are float32.
        loose = hair + 1e-8 * abs(bx - ax)
        low[edge], high[edge] = min(one, two) - loose, max(one, two) + loose
        here[n] = edge
        n += 1
    return n


@njit(cache=True, nogil=True)
def _crosses_odd(edges, among, point):  # type: ignore[no-untyped-def]
    """Whether the way from a point to the right crosses an odd number of edges."""
    odd = False
    x, y = float(point[0]), float(point[1])
    for edge in among:
        if edges[edge, 1] <= y < edges[edge, 3]:
            odd ^= _is_left(edges[edge], x, y)
    return odd


@njit(cache=True, nogil=True)
def _is_left(edge, x, y):  # type: ignore[no-untyped-def]
    """Whether a point lies to the left of an edge, and not on it."""
    ax, ay, bx, by = edge[0], edge[1], edge[2], edge[3]
    one, two = (bx - ax) * (y - ay), (by - ay) * (x - ax)
    if abs(one - two) > SURE * (abs(one) + abs(two)):
        return one > two
    return _exactly(bx * y, -bx * ay, -ax * y, -by * x, by * ax, ay * x) > 0


@njit(cache=True, nogil=True)
def _exactly(*terms):  # type: ignore[no-untyped-def]
    """The leading part of a sum, of its sign without error."""
    parts = np.zeros(6)
    for n in range(6):
        total = terms[n]
        for k in range(n):
            both = total + parts[k]
            seen = both - total
            parts[k] = (total - (both - seen)) + (parts[k] - seen)
            total = both
        parts[n] = total
    for n in range(5, -1, -1):
        if parts[n] != 0:
            return parts[n]
    return 0.0
