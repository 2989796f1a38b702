"""Marker genes from sums per group: the t-test that scanpy does by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Marker:
    """A gene that is higher in a neighborhood than in all other cells.

    Attributes
    ----------
    gene : str
    score : float
        Welch's t.
    log_fold_change : float
        Base 2.
    mean : float
        Mean log-normalised expression in the neighborhood.
    fraction : float
        Share of its cells that express the gene.
    """

    gene: str
    score: float
    log_fold_change: float
    mean: float
    fraction: float


def best_markers(
    genes: Sequence[str],
    n_cells: NDArray[np.int64],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    expressing: NDArray[np.float64],
    n: int,
) -> list[tuple[Marker, ...]]:
    """Genes that mark each group against all others, the highest score first.

    Parameters
    ----------
    n_cells : (n_groups,) int64
    sums, squares, expressing : (n_groups, n_genes) float64
        Sums of the expression and of its square over the cells of a group, and number of
        its cells that express the gene.
    n : int
        At most so many for each group, only genes that are higher there.
    """
    scores, changes = welch_scores(n_cells, sums, squares), log_fold_changes(n_cells, sums)
    counted = np.maximum(n_cells, 1)[:, None]
    means, fractions = sums / counted, expressing / counted
    best = np.argsort(-scores, axis=1, kind="stable")[:, :n].tolist()
    return [
        tuple(
            Marker(
                gene=genes[g],
                score=float(scores[i, g]),
                log_fold_change=float(changes[i, g]),
                mean=float(means[i, g]),
                fraction=float(fractions[i, g]),
            )
            for g in best[i]
            if scores[i, g] > 0
        )
        for i in range(len(n_cells))
    ]


def welch_scores(
    n_cells: NDArray[np.int64], sums: NDArray[np.float64], squares: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Welch's t of each group against the cells of all other groups.

    Parameters
    ----------
    n_cells : (n_groups,) int64
    sums, squares : (n_groups, n_genes) float64
        Sums of the expression and of its square over the cells of a group.

    Returns
    -------
    (n_groups, n_genes) float32
        0 where a group or its rest has fewer than two cells, or nothing varies.
    """
    n = n_cells[:, None].astype(np.float64)
    mean, variance = _moments(n, sums, squares)
    rest = n.sum() - n
    rest_mean, rest_variance = _moments(
        rest, sums.sum(axis=0) - sums, squares.sum(axis=0) - squares
    )
    error = np.sqrt(variance / np.maximum(n, 1) + rest_variance / np.maximum(rest, 1))
    valid = (error > 0) & (n > 1) & (rest > 1)
    scores = np.divide(mean - rest_mean, error, out=np.zeros_like(mean), where=valid)
    return np.asarray(scores, np.float32)


def log_fold_changes(n_cells: NDArray[np.int64], sums: NDArray[np.float64]) -> NDArray[np.float32]:
    """Log2 of the ratio of mean expression, in a group and in all other cells.

    The mean of ``log(1 + x)`` is taken back with ``expm1``, as scanpy does.

    Returns
    -------
    (n_groups, n_genes) float32
    """
    n = n_cells[:, None].astype(np.float64)
    mean = sums / np.maximum(n, 1)
    rest_mean = (sums.sum(axis=0) - sums) / np.maximum(n.sum() - n, 1)
    # Expression that was standardised elsewhere may be negative: no fold change below 0.
    ratio = (_linear(mean) + 1e-9) / (_linear(rest_mean) + 1e-9)
    return np.asarray(np.log2(ratio), np.float32)


def _linear(mean_log: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.expm1(mean_log), 0.0)


def _moments(
    n: NDArray[np.float64], sums: NDArray[np.float64], squares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean, and variance with ``n - 1`` degrees of freedom."""
    mean = sums / np.maximum(n, 1)
    variance = (squares - n * mean**2) / np.maximum(n - 1, 1)
    # Rounding must not make a spread of nothing.
    noise = 1e-12 * (squares / np.maximum(n, 1))
    return mean, np.where(variance > noise, variance, 0.0)
