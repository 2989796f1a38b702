"""Colours of neighborhoods: far apart from each other, and never grey.

Distances are taken in OKLab (B. Ottosson, "A perceptual color space for image
processing", 2020), where equal steps look equally large.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_LIGHTNESS = (0.5, 0.62, 0.74, 0.86)
_CHROMA = (0.1, 0.15, 0.2)
_HUES = 36
_CLEAR = 0.4
"""A distance in OKLab beyond which more distance does not help."""
_REUSE = 0.05

_LMS_FROM_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def new_color(taken: Sequence[str]) -> str:
    """The colour that looks least like any of those taken, as ``#rrggbb``."""
    names, lab = _candidates()
    if not taken:
        return names[0]
    times = Counter(taken)
    uses = np.array([times.pop(name, 0) for name in names])
    apart = _between_candidates()[:, uses > 0].min(axis=1, initial=np.inf)
    if times:
        apart = np.minimum(apart, _nearest(lab, _hex_to_lab(tuple(times))))
    # Once all are taken, those used least often come again.
    return names[int(np.where(uses == uses.min(), apart, -1.0).argmax())]


def assign_colors(
    touching: sparse.csr_array[np.float64], fixed: Sequence[str | None] = ()
) -> tuple[str, ...]:
    """Colours for many neighborhoods at once: those that touch look least alike.

    Parameters
    ----------
    touching : (n, n) sparse
        How much neighborhoods share a border; symmetric, the diagonal is ignored.
    fixed : sequence of str or None, optional
        Colours that some of them have already, and keep.

    Returns
    -------
    tuple of str
        One ``#rrggbb`` for each. Deterministic.
    """
    names, lab = _candidates()
    n = touching.shape[0]
    given = [*fixed, *([None] * (n - len(fixed)))]
    chosen = {i: color for i, color in enumerate(given) if color is not None}
    # How far each candidate is from the colour of each that has one already.
    apart = np.full((len(names), n), np.inf)
    for i, color in chosen.items():
        apart[:, i] = _nearest(lab, _hex_to_lab((color,)))
    nearest = apart.min(axis=1, initial=np.inf)
    uses = np.zeros(len(names))
    border = np.asarray(touching.sum(axis=1), np.float64).ravel()
    for i in (int(j) for j in np.argsort(-border, kind="stable") if j not in chosen):
        row = touching.indices[touching.indptr[i] : touching.indptr[i + 1]]
        beside = apart[:, row[row != i]].min(axis=1, initial=np.inf)
        best = int(np.argmax(_contrast(beside, nearest) - uses))
        chosen[i] = names[best]
        apart[:, i] = _between_candidates()[:, best]
        nearest = np.minimum(nearest, apart[:, i])
        uses[best] += _REUSE
    return tuple(chosen[i] for i in range(n))


def _contrast(beside: NDArray[np.float64], nearest: NDArray[np.float64]) -> NDArray[np.float64]:
    """How well each candidate is told from what touches, and a little from all others."""
    # What does not touch may be similar, but not the same while there is a choice.
    return np.minimum(beside, _CLEAR) + 0.5 * np.minimum(nearest, _CLEAR / 2)


def hex_to_rgb(color: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three numbers 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _nearest(lab: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    distance = np.linalg.norm(lab[:, None, :] - others[None, :, :], axis=-1)
    return np.asarray(distance.min(axis=1))


@lru_cache(maxsize=1)
def _between_candidates() -> NDArray[np.float64]:
    """Distances of all candidates, (n, n)."""
    lab = _candidates()[1]
    return np.asarray(np.linalg.norm(lab[:, None, :] - lab[None, :, :], axis=-1))


@lru_cache(maxsize=1)
def _candidates() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    hues = np.arange(_HUES) * (2 * np.pi / _HUES)
    grid = np.array([(li, c, h) for c in reversed(_CHROMA) for li in _LIGHTNESS for h in hues])
    lightness, chroma, hue = grid.T
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    rgb = _lab_to_linear(lab)
    shown = np.all((rgb >= 0) & (rgb <= 1), axis=1)
    names = tuple(_linear_to_hex(c) for c in rgb[shown])
    return names, lab[shown]


def _lab_to_linear(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    lms = (lab @ np.linalg.inv(_LAB_FROM_LMS).T) ** 3
    return np.asarray(lms @ np.linalg.inv(_LMS_FROM_RGB).T)


def _linear_to_hex(rgb: NDArray[np.float64]) -> str:
    encoded = np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(v) * 255):02x}" for v in encoded)


@lru_cache(maxsize=64)
def _hex_to_lab(colors: tuple[str, ...]) -> NDArray[np.float64]:
    encoded = np.array([hex_to_rgb(c) for c in colors], float) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _LMS_FROM_RGB.T) @ _LAB_FROM_LMS.T)
