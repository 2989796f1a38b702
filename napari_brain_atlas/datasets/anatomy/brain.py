"""The whole brain: which substructure each place of a section belongs to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.datasets.anatomy import brainstem, cerebrum
from napari_brain_atlas.datasets.anatomy.cerebellum import paint_cerebellum
from napari_brain_atlas.datasets.anatomy.cerebrum import Mantle, measure_mantle, paint_cortex
from napari_brain_atlas.datasets.anatomy.hippocampus import paint_hippocampus
from napari_brain_atlas.datasets.anatomy.nuclei import paint_nuclei
from napari_brain_atlas.datasets.anatomy.olfactory import (
    paint_anterior_nucleus,
    paint_bulb,
    paint_tubercle,
)
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane
from napari_brain_atlas.datasets.structures import NOWHERE

FRONT, BACK = 4.35, -7.7
"""Most anterior and most posterior position with tissue, mm from bregma."""
HALF_WIDTH, HEIGHT = 5.4, 7.8
"""Bounds of the standard brain: |x| and y, mm."""

DORSAL = -3.15
"""Behind this position the midbrain lies before the hippocampus."""


def locate(
    x: NDArray[np.float64], y: NDArray[np.float64], ap: float, tilt: float = 0.0
) -> NDArray[np.int16]:
    """Substructure of each place of a coronal section of the standard brain.

    Parameters
    ----------
    x, y : (n,) float64
        mm from the midline to the right, mm from the top downwards.
    ap : float
        Position from bregma, mm.
    tilt : float
        By how much the right hemisphere is cut more anterior than the left,
        mm; no knife stands exactly upright.

    Returns
    -------
    (n,) int16
        Codes of `structure_tree`, or `NOWHERE`.
    """
    codes = np.full(len(x), NOWHERE, np.int16)
    for side, shift in ((x >= 0, tilt / 2), (x < 0, -tilt / 2)):
        plane = HalfPlane(np.abs(x[side]), y[side], ap + shift, codes[side])
        _paint(plane)
        codes[side] = plane.codes
    return codes


def _paint(plane: HalfPlane) -> None:
    paint_cerebellum(plane)
    mantle = None
    if plane.within(cerebrum.FRONT, cerebrum.BACK):
        mantle = measure_mantle(plane)
        if plane.ap > brainstem.FRONT - 0.35:
            paint_nuclei(plane, mantle.inside)
        elif plane.ap < -4.1:
            plane.paint(mantle.inside, "PRE")
        paint_tubercle(plane, mantle)
        paint_cortex(plane, mantle)
        _open_ventricles(plane, mantle)
    # The dorsal hippocampus lies on the thalamus, the ventral beside the midbrain.
    if plane.ap > DORSAL:
        brainstem.paint_brainstem(plane)
    if mantle is not None:
        paint_hippocampus(plane, mantle.inside & (mantle.depth > mantle.thickness))
    if plane.ap <= DORSAL:
        brainstem.paint_brainstem(plane)
    paint_anterior_nucleus(plane)
    paint_bulb(plane)


def _open_ventricles(plane: HalfPlane, mantle: Mantle) -> None:
    deep = mantle.inside & (mantle.depth > 1.1 * mantle.thickness)
    if plane.within(1.2, -0.6):
        beside = np.abs(plane.x - (0.82 + 0.1 * (plane.y - 3.2)))
        height = deep & (plane.y < 4.2)
        plane.paint(height & (beside < 0.13), "SEZ")
        plane.erase(height & (beside < 0.08) & (plane.y < 4.15))
    if plane.within(0.2, -2.65):
        height = (plane.y > 5.0) & (plane.y < 7.15) & mantle.inside
        plane.paint(height & (plane.x < 0.1), "V3")
        plane.erase(height & (plane.x < 0.06))
