"""What the panel of colours shows, computed from the view. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.color_sources import reference_columns
from napari_brain_atlas.gui.colors import ColorBy, Limits, Shading
from napari_brain_atlas.gui.legend import told_number
from napari_brain_atlas.gui.view_state import Showing, ViewState
from napari_brain_atlas.model.atlas import Atlas

OURS = ("neighborhood", "neighborhood_id", "neighborhood_confidence")
"""Columns that a save writes: what they held when the file was opened, not what is shown."""
GENES = ColorBy("genes")


@dataclass(frozen=True, slots=True)
class Channel:
    """The contrast of one number.

    Attributes
    ----------
    name : str
    limits : (float, float)
        Percentiles.
    told : str
        The numbers at them.
    """

    name: str
    limits: Limits
    told: str


@dataclass(frozen=True, slots=True)
class ColorScene:
    """What the panel of colours shows.

    Attributes
    ----------
    choices : tuple of (str, ColorBy)
        All that cells can be coloured by, in words; genes are one entry.
    by : ColorBy
        What is wanted.
    reading : bool
        Whether it has still to come.
    genes : tuple of str
        All that can be written for a gene.
    channels : tuple of Channel
        The numbers that are shown, none where there are categories.
    has_map : bool
        Whether one number is shown, in the colours of a map.
    shading : Shading
    showing : Showing
    references : tuple of str
        Columns whose boundaries can be drawn, the likeliest first.
    unit : str
        Of the reach of territories.
    """

    choices: tuple[tuple[str, ColorBy], ...]
    by: ColorBy
    reading: bool
    genes: tuple[str, ...]
    channels: tuple[Channel, ...]
    has_map: bool
    shading: Shading
    showing: Showing
    references: tuple[str, ...]
    unit: str


def color_scene(atlas: Atlas, view: ViewState) -> ColorScene:
    """What the panel shows of a view."""
    painted, shading = view.painted, view.shading
    channels = [
        Channel(n.name, limits, " – ".join(map(told_number, n.at(limits))))
        for n, limits in zip(painted.numbers, shading.limits, strict=False)
    ]
    columns = atlas.measurements.column_names
    likely = reference_columns(columns)
    others = tuple(c for c in columns if c not in (*likely, *OURS))
    return ColorScene(
        choices=choices_of(atlas),
        by=view.color_by,
        reading=view.color_by != painted.by,
        genes=atlas.genes,
        channels=tuple(channels),
        has_map=len(channels) == 1 or painted.by.kind == "confidence",
        shading=shading,
        showing=view.showing,
        references=(*likely, *others),
        unit="" if atlas.unit.name == "px" else "µm",
    )


def choices_of(atlas: Atlas) -> tuple[tuple[str, ColorBy], ...]:
    """All that cells can be coloured by: what is looked at most comes first."""
    columns = atlas.measurements.column_names
    first = [c for c in (atlas.cell_type, *reference_columns(columns)) if c in columns]
    rest = [c for c in columns if c not in first and c not in OURS]
    named = dict.fromkeys((*first, *rest))
    found = [("neighborhood", ColorBy()), ("confidence", ColorBy("confidence"))]
    if atlas.genes:
        found.append(("genes", GENES))
    return (*found, *((name, ColorBy("column", (name,))) for name in named if name))
