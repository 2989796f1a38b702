"""Nuclei below the cortex: ellipsoids that share the space between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy.plane import HalfPlane, Mask
from napari_brain_atlas.datasets.structures import structure_tree
from napari_brain_atlas.datasets.tables import table_rows

REACH = 3.2
"""A nucleus takes no place farther from its center than this many of its radii."""
STRIOSOME = 0.13
"""Radius of a striosome, mm."""
MATRIX = ("CPdl", "CPdm", "CPvl", "CPvm")


@dataclass(frozen=True, slots=True)
class Nuclei:
    """Ellipsoids: (m,) int16 codes, (m, 3) centers and radii in mm, (x, y, ap)."""

    codes: NDArray[np.int16]
    centers: NDArray[np.float64]
    radii: NDArray[np.float64]


@cache
def nuclei() -> Nuclei:
    """Return the nuclei of the packaged table."""
    rows = table_rows("nuclei.csv")
    codes = np.array([structure_tree().code(row["acronym"]) for row in rows], np.int16)
    return Nuclei(
        codes, _numbers(rows, "x", "y", "ap"), _numbers(rows, "size_x", "size_y", "size_ap")
    )


def paint_nuclei(plane: HalfPlane, where: Mask) -> None:
    """Give each place to the nucleus whose center is nearest, in radii of the nucleus."""
    chosen = np.flatnonzero(where)
    x, y = _wobbled(plane.x[chosen], plane.y[chosen], plane.ap)
    best = np.full(len(chosen), REACH**2)
    codes = np.full(len(chosen), -1, np.int16)
    for code, (cx, cy, cz), (sx, sy, sz) in zip(*_columns(nuclei()), strict=True):
        away = ((plane.ap - cz) / sz) ** 2
        if away > REACH**2:
            continue
        distance = ((x - cx) / sx) ** 2 + ((y - cy) / sy) ** 2 + away
        closer = distance < best
        best[closer], codes[closer] = distance[closer], code
    codes[_is_striosome(codes, x, y, plane.ap)] = structure_tree().code("CPs")
    plane.codes[chosen] = codes


def _is_striosome(
    codes: NDArray[np.int16], x: NDArray[np.float64], y: NDArray[np.float64], ap: float
) -> Mask:
    # Striosomes are a labyrinth: the crests of a smooth wave in three dimensions.
    body = np.isin(codes, [structure_tree().code(name) for name in MATRIX])
    x, y = x[body], y[body]
    wave = np.sin(x / STRIOSOME + 1.3 * np.sin(2.1 * y + ap))
    wave += np.sin(y / STRIOSOME + 1.3 * np.sin(1.7 * x - ap))
    body[body] = wave + 0.5 * np.sin(4 * ap + 3 * x) > 1.25
    return body


def _wobbled(
    x: NDArray[np.float64], y: NDArray[np.float64], ap: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Borders between ellipsoids are conics; a small wave makes them look grown.
    return (
        x + 0.05 * np.sin(5.3 * y + 2.0 * ap) + 0.02 * np.sin(13.0 * y),
        y + 0.05 * np.sin(4.7 * x + 3.0 * ap) + 0.02 * np.sin(11.0 * x),
    )


def _numbers(rows: tuple[dict[str, str], ...], *names: str) -> NDArray[np.float64]:
    return np.array([[float(row[name]) for name in names] for row in rows])


def _columns(table: Nuclei) -> tuple[NDArray[np.int16], NDArray[np.float64], NDArray[np.float64]]:
    return table.codes, table.centers, table.radii
