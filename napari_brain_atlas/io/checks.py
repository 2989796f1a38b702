"""What a file must hold; all problems of a file are told together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.io.names import CellNames
from napari_brain_atlas.model.atlas import UnitName

_SPACING_UM = (0.5, 500.0)
"""Median distances between neighboring cells that tissue can have, in µm."""
_TELLING_UM = (3.0, 80.0)
"""Distances that tell the unit when nothing else does."""


def check_names(names: CellNames, problems: list[str]) -> None:
    """Cells need unique names, since decisions are kept by them."""
    if not names.n_cells:
        problems.append("it has no cells")
    if repeated := names.repeated():
        problems.append(
            f"{len(repeated):,} cell names occur more than once (for example {repeated[0]!r}); "
            "make them unique (anndata's obs_names_make_unique)"
        )


def check_coordinates(xy: NDArray[np.float64], names: CellNames, problems: list[str]) -> None:
    """Every cell needs a finite place."""
    bad = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if len(bad):
        problems.append(
            f"{len(bad):,} of {len(xy):,} cells have no coordinates (NaN or infinite; for example "
            f"{names.name(int(bad[0]))!r}); remove or place them"
        )


def check_sections(
    codes: NDArray[np.int32], column: str | None, names: CellNames, problems: list[str]
) -> None:
    """Every cell lies on a section."""
    bad = np.flatnonzero(codes < 0)
    if len(bad):
        problems.append(
            f"{len(bad):,} cells have no section in obs[{column!r}] (for example "
            f"{names.name(int(bad[0]))!r})"
        )


def tell_unit(
    stated: UnitName | None, evidence: str, spacing: float, by_user: bool, problems: list[str]
) -> tuple[UnitName, str]:
    """The unit of the coordinates, told from the spacing of cells where it is not stated.

    Parameters
    ----------
    stated : {"um", "mm", "px"} or None
        What the file or the user says, with its evidence.
    spacing : float
        Median distance from a cell to its nearest neighbor, in file units.
    by_user : bool
        The user's word is not questioned.
    problems : list of str
        A contradiction between the statement and the spacing is added here.
    """
    if stated is None:
        for unit, factor in (("um", 1.0), ("mm", 1000.0)):
            if _TELLING_UM[0] <= spacing * factor <= _TELLING_UM[1]:
                return unit, (  # type: ignore[return-value]
                    f"not stated; told by the spacing of the cells (median {spacing:.3g}); "
                    "if that is wrong give --unit"
                )
        return "px", f"not stated, and cells {spacing:.3g} apart tell nothing; give --unit"
    factor = {"um": 1.0, "mm": 1000.0, "px": 0.0}[stated]
    apart = spacing * factor
    if factor and not by_user and spacing > 0 and not _SPACING_UM[0] <= apart <= _SPACING_UM[1]:
        problems.append(
            f"the coordinates are said to be in {stated} ({evidence}), but then cells would lie "
            f"{apart:.3g} µm apart; say which unit it is with --unit um, mm or px"
        )
    return stated, evidence
