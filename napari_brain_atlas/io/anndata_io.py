"""AnnData in: coordinates and the columns in use, never the whole expression matrix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from napari_brain_atlas.errors import InputError, LayoutError
from napari_brain_atlas.io import obs
from napari_brain_atlas.io.checks import (
    check_coordinates,
    check_names,
    check_sections,
    tell_unit,
)
from napari_brain_atlas.io.fingerprint import fingerprint_of
from napari_brain_atlas.io.layout import Layout, ReadOptions, find_layout
from napari_brain_atlas.io.measurements import FileMeasurements
from napari_brain_atlas.io.names import CellNames
from napari_brain_atlas.io.sections import (
    Coded,
    Slices,
    arrange,
    group_cells,
    positions_from_column,
    positions_from_names,
)
from napari_brain_atlas.io.store import Group, opened
from napari_brain_atlas.model.atlas import Atlas, Unit

_TO_UM = {"um": 1.0, "mm": 1000.0, "px": 1.0}
_SPACING_SAMPLE = 20_000


def read_atlas(path: Path, options: ReadOptions | None = None) -> tuple[Atlas, Layout]:
    """Read the cells of an AnnData file and how they lie on sections.

    Parameters
    ----------
    path : Path
        An .h5ad file or a .zarr store.
    options : ReadOptions, optional
        What the user says of the file; the rest is found by the field's names.

    Returns
    -------
    atlas : Atlas
    layout : Layout
        What was found where; its unit is always known.

    Raises
    ------
    InputError
        With all problems of the file at once.
    """
    options = options or ReadOptions()
    problems: list[str] = []
    with opened(path) as root:
        obs.require_anndata(root, str(path))
        with ThreadPoolExecutor(1) as beside:
            # Half of the time goes into names, and they are needed last.
            coming = beside.submit(CellNames.of, root)
            amiss: list[str] = []
            layout = _layout_of(root, options, amiss)
            read = None if layout is None else (_read_xy(root, layout), _read_coded(root, layout))
            names = coming.result()
        check_names(names, problems)
        problems += amiss
        if layout is None or read is None:
            raise LayoutError(str(path), problems)
        xy, coded = read
        check_coordinates(xy, names, problems)
        slices = _slices(coded, layout, names, path.stem, problems)
        if problems or slices is None:
            raise InputError(str(path), problems)
        layout = _with_unit(layout, _spacing(xy, slices), options, problems)
        if problems:
            raise InputError(str(path), problems)
        sections, file_positions = arrange(slices, _positions(root, layout, slices))
        measurements = FileMeasurements.of(path, root, file_positions)
    unit = Unit(layout.unit or "px", _TO_UM[layout.unit or "px"], layout.unit_evidence)
    atlas = Atlas(
        sections=sections,
        xy=(xy[file_positions] * unit.to_um).astype(np.float32),
        file_positions=file_positions,
        unit=unit,
        fingerprint=fingerprint_of(names.fingerprint, slices.codes, slices.names, xy),
        measurements=measurements,
        cell_type=layout.cell_type,
    )
    return atlas, layout


def _layout_of(root: Group, options: ReadOptions, problems: list[str]) -> Layout | None:
    return find_layout(
        obs.column_names(root), obs.array_widths(root), obs.texts_in_uns(root), options, problems
    )


def _read_xy(root: Group, layout: Layout) -> NDArray[np.float64]:
    columns = [obs.read_numbers(root, name) for name in (layout.x, layout.y)]
    return np.stack(columns, axis=1)


def _read_coded(root: Group, layout: Layout) -> tuple[Coded | None, Coded | None]:
    """Section and animal of each cell, where there are columns of them."""
    known = obs.column_names(root)
    section, animal = (
        obs.read_categories(root, str(name)) if name in known else None
        for name in (layout.section, layout.animal)
    )
    return section, animal


def _slices(
    coded: tuple[Coded | None, Coded | None],
    layout: Layout,
    names: CellNames,
    fallback: str,
    problems: list[str],
) -> Slices | None:
    nothing = np.zeros(names.n_cells, np.int32)
    section: Coded = coded[0] or (nothing, (fallback,))
    if coded[0] is not None:
        check_sections(section[0], layout.section, names, problems)
    animal: Coded = (nothing, ("animal",))
    if coded[1] is not None:
        codes, animals = coded[1]
        # Cells of no stated animal are kept together rather than refused.
        unknown = codes < 0
        animal = (np.where(unknown, len(animals), codes), (*animals, "unknown animal"))
    return None if problems else group_cells(section, animal)


def _spacing(xy: NDArray[np.float64], slices: Slices) -> float:
    """Median distance from a cell to its nearest on the largest section, in file units."""
    largest = np.bincount(slices.codes).argmax()
    here = xy[slices.codes == largest]
    if len(here) < 2:
        return 0.0
    # Only the cells asked about are sampled: thinning the tissue would widen the spacing.
    asked = here[:: max(1, len(here) // _SPACING_SAMPLE)]
    apart = np.asarray(cKDTree(here).query(asked, k=2)[0])[:, 1]
    return float(np.median(apart[apart > 0])) if np.any(apart > 0) else 0.0


def _with_unit(
    layout: Layout, spacing: float, options: ReadOptions, problems: list[str]
) -> Layout:
    by_user = options.unit is not None
    unit, evidence = tell_unit(layout.unit, layout.unit_evidence, spacing, by_user, problems)
    return replace(layout, unit=unit, unit_evidence=evidence)


def _positions(root: Group, layout: Layout, slices: Slices) -> tuple[float | None, ...]:
    if layout.position is not None:
        values = obs.read_numbers(root, layout.position)
        if layout.position.startswith("z") and layout.unit == "um":
            values = values / 1000.0
        found = positions_from_column(slices, values)
        if found is not None:
            return found
    return positions_from_names(slices)
