"""The whole brain in space: which cells of an animal stand for it, and where they are. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.cloud import Cloud, cloud_of
from napari_brain_atlas.compute.stacking import depths_of, frame_of, plane_through, shifts_of
from napari_brain_atlas.compute.thinning import Thinned, thin_sections
from napari_brain_atlas.gui.turning import Turns
from napari_brain_atlas.model.atlas import Atlas, Section

DRAWN = 300_000
"""Cells that stand for all of an animal: as many as turn without waiting."""
BALL = 0.5
"""Radius of a cell by the spacing of those that are drawn: they nearly touch."""
MARGIN = 0.02
"""Between the cells of a section and the edge of its sheet, by the size of the section."""
Where = Literal["sections", "ccf"]
FROM_FRONT = {"sections": (-0.79, 0.25, -0.56), "ccf": (0.79, 0.25, 0.56)}
"""Directions, (z, y, x), from which every section is seen: from the front, above and aside.

Sections are drawn as they are in 2D, what is anterior before the rest. CCF has its
anterior end at zero, and is not to be mirrored.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Brain:
    """One animal in space.

    Attributes
    ----------
    animal : str
    where : Where
        Sections one behind the other, or each cell at its CCF coordinates.
    turns : Turns
        How sections were laid.
    first : int
        Index of the first section of the animal.
    thinned : Thinned
        The cells that are drawn, in atlas order.
    cloud : Cloud
        Where they are, (x, y, z): to the right, downwards, towards the eye.
    sheets : tuple of (4, 3) float64 or None
        Corners of each section.
    told : str
        How many are drawn, and how they were placed, in words for the user.
    """

    animal: str
    where: Where
    turns: Turns
    first: int
    thinned: Thinned
    cloud: Cloud
    sheets: tuple[NDArray[np.float64] | None, ...]
    told: str

    def sheet_of(self, section: int) -> NDArray[np.float64] | None:
        """Corners of a section, by its index in the atlas."""
        rank = section - self.first
        return self.sheets[rank] if 0 <= rank < len(self.sheets) else None

    def drawn_of(self, section: int) -> tuple[int, int]:
        """First and stop of the drawn cells of a section, by its index in the atlas."""
        rank = section - self.first
        if not 0 <= rank < len(self.sheets):
            return 0, 0
        starts = self.thinned.starts
        return int(starts[rank]), int(starts[rank + 1])


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """Cells in the Common Coordinate Framework.

    Attributes
    ----------
    ccf : (n_cells, 3) float32
        µm, NaN for cells without; see `io.registration.read_ccf`.
    """

    ccf: NDArray[np.float32]

    @property
    def known(self) -> NDArray[np.bool_]:
        """The cells that have coordinates, (n_cells,)."""
        return ~np.isnan(self.ccf[:, 0])


@dataclass(frozen=True, slots=True)
class Space:
    """What is shown of the whole brain.

    Attributes
    ----------
    brain : Brain or None
        What is drawn in 3D; None while a section is looked at.
    where : Where
        What is wanted, once there are both.
    registered : Registered or None
        Where the file has CCF coordinates and they have been read.
    """

    brain: Brain | None = None
    where: Where = "sections"
    registered: Registered | None = None


FLAT = Space()


def mates_of(atlas: Atlas, animal: str) -> tuple[Section, ...]:
    """The sections of an animal, which follow each other."""
    return tuple(s for s in atlas.sections if s.animal == animal)


def thin_animal(atlas: Atlas, animal: str, registered: Registered | None = None) -> Thinned:
    """The cells that stand for an animal; of those with CCF coordinates where these are given."""
    mates = mates_of(atlas, animal)
    starts = np.array([mates[0].start, *(s.stop for s in mates)], np.int64)
    known = registered.known if registered is not None else None
    return thin_sections(atlas.xy, starts, DRAWN, known)


def stacked(atlas: Atlas, animal: str, thinned: Thinned, turns: Turns) -> Brain:
    """The sections of an animal one behind the other, laid as they are shown in 2D."""
    mates = mates_of(atlas, animal)
    flat, boxes = _laid(atlas, mates, thinned, turns)
    low, high = boxes[:, 0], boxes[:, 1]
    size = float((high - low).max()) if len(boxes) else 1.0
    depths = depths_of([s.position for s in mates], size, atlas.unit.name != "px")
    shifts = shifts_of(low, high)
    how = depths.told + (", centered on each other" if shifts is not None else "")
    shifts = np.zeros_like(low) if shifts is None else shifts
    counts = np.diff(thinned.starts)
    moved = flat + np.repeat(shifts, counts, axis=0)
    points = np.column_stack([moved, np.repeat(depths.z, counts)])
    margin = MARGIN * (high - low).max(axis=1, keepdims=True)
    ends = zip(low + shifts - margin, high + shifts + margin, depths.z, strict=True)
    sheets = tuple(np.column_stack([frame_of(a, b), np.full(4, z)]) for a, b, z in ends)
    cloud = cloud_of(points, BALL * thinned.spacing)
    told = _told(thinned, how)
    return Brain(animal, "sections", turns, mates[0].index, thinned, cloud, sheets, told)


def placed_by_ccf(
    atlas: Atlas, animal: str, thinned: Thinned, turns: Turns, registered: Registered
) -> Brain:
    """Each cell of an animal at its CCF coordinates."""
    mates = mates_of(atlas, animal)
    # To the right the last axis, downwards the second; the first goes from front to back.
    points = registered.ccf[thinned.cells][:, ::-1]
    parts = [points[thinned.within(i)] for i in range(len(mates))]
    missing = sum(s.n_cells for s in mates) - thinned.n_all
    told = _told(thinned, "at their CCF coordinates")
    if not thinned.n_all:
        told = "no cell of this animal has CCF coordinates"
    elif missing:
        told += f"; {missing:,} cells have none"
    # Spacings of pixels tell nothing of µm.
    spacing = _spacing(points) if atlas.unit.name == "px" else thinned.spacing
    sheets = tuple(plane_through(part) for part in parts)
    cloud = cloud_of(points, BALL * spacing)
    return Brain(animal, "ccf", turns, mates[0].index, thinned, cloud, sheets, told)


def _laid(
    atlas: Atlas, mates: tuple[Section, ...], thinned: Thinned, turns: Turns
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drawn cells (n, 2) as their sections are laid, and the box of each section, (m, 2, 2)."""
    flat = atlas.xy[thinned.cells].astype(np.float64)
    boxes = np.zeros((len(mates), 2, 2))
    for rank, section in enumerate(mates):
        mine, xy = thinned.within(rank), atlas.xy[section.cells]
        if not len(xy):
            continue
        # Column by column: along the short axis numpy takes a hundred times as long.
        low = np.array([xy[:, 0].min(), xy[:, 1].min()], np.float64)
        high = np.array([xy[:, 0].max(), xy[:, 1].max()], np.float64)
        turn, middle = turns.of(section.index), (low + high) / 2
        flat[mine] = turn.about(flat[mine], middle)
        half = np.array(turn.size(*(high - low))) / 2
        boxes[rank] = middle - half, middle + half
    return flat, boxes


def _spacing(points: NDArray[np.float32]) -> float:
    """How far points of a volume are apart, if they fill it."""
    if not len(points):
        return 1.0
    size = points.max(axis=0) - points.min(axis=0)
    return float((np.prod(np.maximum(size, 1e-6)) / max(len(points), 1)) ** (1 / 3))


def _told(thinned: Thinned, how: str) -> str:
    drawn, n_all = len(thinned.cells), thinned.n_all
    count = f"all {n_all:,} cells" if drawn == n_all else f"{drawn:,} of {n_all:,} cells"
    return f"{count} · {how}"
