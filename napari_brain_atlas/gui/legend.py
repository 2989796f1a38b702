"""What the legend tells: swatches and counts, a bar for numbers, channels of a blend. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.gui.color_maps import MISSING, channel_colors, map_colors
from napari_brain_atlas.gui.colors import Categories, Numbers, Painted, Shading
from napari_brain_atlas.gui.rows import legend_of
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import NOBODY
from napari_brain_atlas.model.partition import UNKNOWN_CONFIDENCE
from napari_brain_atlas.model.wording import listed

LEGEND_LINES = 7
"""With its title the legend is as high as eight lines."""
BAR_STEPS = 24
AREA, LINE = "■", "━"


@dataclass(frozen=True, slots=True)
class LegendLine:
    """One colour.

    Attributes
    ----------
    name, color : str
    note : str
        How many cells, or between which numbers.
    sign : str
        An area or a line, drawn in the colour.
    always : bool
        Whether there has to be room for it, after all others.
    """

    name: str
    color: str
    note: str = ""
    sign: str = AREA
    always: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """Colours of a number from low to high.

    Attributes
    ----------
    colors : tuple of str
    low, high : str
        What the first and the last colour stand for.
    """

    colors: tuple[str, ...]
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours on the tissue stand for.

    Attributes
    ----------
    title : str
        What cells are coloured by.
    lines : tuple of LegendLine
        The largest first.
    more : int
        How many lines there is no room for.
    last : tuple of LegendLine
        What is missing, and lines between areas.
    bar : Bar or None
    of_all : bool
        Whether cells of all sections are counted.
    whole : tuple of LegendLine
        All lines, with their whole names.
    """

    title: str
    lines: tuple[LegendLine, ...]
    more: int
    last: tuple[LegendLine, ...]
    bar: Bar | None
    of_all: bool
    whole: tuple[LegendLine, ...]


def legend_for(atlas: Atlas, curation: Curation, view: ViewState) -> Legend:
    """The legend of a view. What is still being read is said, what is shown is explained."""
    painted = view.painted
    section = None if view.legend_of_all else view.section
    found = (*_lines(atlas, curation, painted, view.shading, section), *_borders(view))
    lines = tuple(line for line in found if not line.always)
    last = tuple(line for line in found if line.always)
    room = LEGEND_LINES - len(last)
    return Legend(
        title=_title(view),
        lines=lines[:room],
        more=max(len(lines) - room, 0),
        last=last,
        bar=_bar(painted, view.shading),
        of_all=view.legend_of_all,
        whole=found,
    )


def told_number(number: float) -> str:
    """A number in few digits."""
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _title(view: ViewState) -> str:
    if view.color_by != view.painted.by:
        return f"reading {listed(view.color_by.names)} …"
    return listed(view.painted.by.names) or view.painted.by.kind


def _lines(
    atlas: Atlas, curation: Curation, painted: Painted, shading: Shading, section: int | None
) -> tuple[LegendLine, ...]:
    if painted.categories is not None:
        return _of_categories(atlas, painted, painted.categories, section)
    if painted.by.kind == "confidence":
        return _missing(_without_confidence(curation, painted, section), "none: placed by hand")
    if painted.numbers:
        return _of_numbers(atlas, painted, shading, section)
    rows = legend_of(curation, section)
    return tuple(LegendLine(r.name, r.color, f"{r.here:,}") for r in rows)


def _of_categories(
    atlas: Atlas, painted: Painted, shown: Categories, section: int | None
) -> tuple[LegendLine, ...]:
    """The largest first, missing last."""
    codes = shown.codes if section is None else shown.codes[atlas.sections[section].cells]
    n: NDArray[np.int64] = painted.codes.get(
        ("counts", section),
        lambda: np.bincount(codes + 1, minlength=len(shown.names) + 1),
        lambda counts: int(counts.nbytes),
    )
    order = np.argsort(-n[1:], kind="stable")
    lines = [
        LegendLine(shown.names[i], shown.colors[i], f"{n[i + 1]:,}") for i in order if n[i + 1]
    ]
    if n[0]:
        lines.append(LegendLine("missing", NOBODY.color, f"{n[0]:,}", always=True))
    return tuple(lines)


def _of_numbers(
    atlas: Atlas, painted: Painted, shading: Shading, section: int | None
) -> tuple[LegendLine, ...]:
    cells = slice(None) if section is None else atlas.sections[section].cells
    missing: int = painted.codes.get(
        ("missing", section),
        lambda: int(np.any([n.codes[cells] == 0 for n in painted.numbers], axis=0).sum()),
        lambda _: 8,
    )
    if not painted.is_blend:
        return _missing(missing)
    colors = channel_colors(len(painted.numbers))
    lines = [
        LegendLine(n.name, color, "–".join(_limits(n, shading, i)))
        for i, (n, color) in enumerate(zip(painted.numbers, colors, strict=True))
    ]
    return (*lines, *_missing(missing))


def _missing(n: int, name: str = "missing") -> tuple[LegendLine, ...]:
    return (LegendLine(name, MISSING, f"{n:,}", always=True),) if n else ()


def _without_confidence(curation: Curation, painted: Painted, section: int | None) -> int:
    parts = curation.partition.sections
    chosen = parts if section is None else parts[section : section + 1]

    def counted() -> tuple[Curation, int]:
        unknown = [
            (p.confidence == UNKNOWN_CONFIDENCE) | curation.by_hand[p.fragments] for p in chosen
        ]
        return curation, sum(int(u.sum()) for u in unknown)

    # Kept with the curation, so that another one can never have its identity.
    found: tuple[Curation, int] = painted.codes.get(
        ("without", section, id(curation)), counted, lambda _: 1_000_000
    )
    return found[1]


def _bar(painted: Painted, shading: Shading) -> Bar | None:
    if painted.by.kind == "confidence":
        low, high = "0", "1"
    elif len(painted.numbers) == 1:
        low, high = _limits(painted.numbers[0], shading, 0)
    else:
        return None
    colors = map_colors(shading.map, BAR_STEPS).tolist()
    return Bar(tuple("#{:02x}{:02x}{:02x}".format(*c) for c in colors), low, high)


def _limits(numbers: Numbers, shading: Shading, channel: int) -> tuple[str, str]:
    low, high = numbers.at(shading.limits[channel])
    return told_number(low), told_number(high)


def _borders(view: ViewState) -> tuple[LegendLine, ...]:
    """Lines are explained where there are two kinds of them."""
    showing = view.showing
    if view.painted.reference is None or showing.reference is None:
        return ()
    lines = [LegendLine(view.painted.reference.column, showing.reference_color, "", LINE, True)]
    if showing.boundaries:
        lines.insert(0, LegendLine("neighborhoods", showing.boundary_color, "", LINE, True))
    return tuple(lines)
