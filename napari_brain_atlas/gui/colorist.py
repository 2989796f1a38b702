"""What cells are coloured by: reads it beside the window, and lets the last picture stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qtpy.QtCore import QObject

from napari_brain_atlas.gui.color_sources import ColorSources, reference_columns
from napari_brain_atlas.gui.colors import (
    BY_NEIGHBORHOOD,
    CHANNELS,
    NEIGHBORHOODS,
    USUAL,
    ColorBy,
    Limits,
    Painted,
)
from napari_brain_atlas.gui.latest import Latest
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.model.genes import unknown_gene


class Colorist(QObject):
    """Turns wishes of how the tissue is to look into changes of the view.

    What is not at hand is read in a thread; the tissue looks as before until
    it is there, and a wish that comes meanwhile overtakes it.
    """

    def __init__(self, stage: Stage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._atlas = stage.document.session.atlas
        self._sources = ColorSources(self._atlas)
        self._genes = self._atlas.genes[:1]
        self._reading = Latest(self)
        self._reading.done.connect(self._show)
        self._reading.failed.connect(self._tell)

    def bindings(self) -> dict[str, Callable[[], bool | None]]:
        """What its keys do."""
        return {
            "C": self.cycle,
            "T": self.toggle_territories,
            "O": self.toggle_boundaries,
            "Shift+O": self.toggle_reference,
        }

    def color_by(self, by: ColorBy) -> None:
        """Colour cells by something else; genes without a name are those shown last."""
        if by.kind == "genes":
            names = (by.names or self._genes)[:CHANNELS]
            unknown = [name for name in names if name not in self._atlas.genes]
            if unknown or not names:
                told = unknown_gene("".join(unknown[:1]), self._atlas.genes)
                self._stage.tell(told, error=True)
                return
            self._genes, by = names, ColorBy("genes", names)
        self._want(by, self._stage.view.showing.reference)

    def cycle(self) -> None:
        """Neighborhoods, cell types, the genes seen last, and neighborhoods again."""
        wishes = [BY_NEIGHBORHOOD]
        if self._atlas.cell_type is not None:
            wishes.append(ColorBy("column", (self._atlas.cell_type,)))
        if self._genes:
            wishes.append(ColorBy("genes", self._genes))
        now = self._stage.view.color_by
        at = wishes.index(now) if now in wishes else -1
        self.color_by(wishes[(at + 1) % len(wishes)])

    def toggle_boundaries(self) -> None:
        """Draw lines where neighborhoods meet, or none."""
        self.show(boundaries=not self._stage.view.showing.boundaries)

    def toggle_territories(self) -> None:
        """Fill the area around cells, or leave it dark."""
        self.show(territories=not self._stage.view.showing.territories)

    def toggle_reference(self) -> None:
        """Draw boundaries of a reference, or none."""
        known = reference_columns(self._atlas.measurements.column_names)
        if self._stage.view.showing.reference is not None:
            self.show(reference=None)
        elif known:
            self.show(reference=known[0])
        else:
            self._stage.tell(
                "This file names no column of reference regions; choose one under Colors"
            )

    def show(self, **changes: Any) -> None:
        """Change what is drawn beside the cells."""
        showing = replace(self._stage.view.showing, **changes)
        self._stage.update(showing=showing)
        self._want(self._stage.view.color_by, showing.reference)

    def limit(self, channel: int, limits: Limits) -> None:
        """Set the contrast of one number, in percentiles."""
        shading = self._stage.view.shading
        kept = list(shading.limits)
        kept[channel] = limits
        self._stage.update(shading=replace(shading, limits=tuple(kept)))

    def reset_limits(self) -> None:
        """Contrast as it was at first."""
        shading = self._stage.view.shading
        self._stage.update(shading=replace(shading, limits=(USUAL,) * CHANNELS))

    def use_map(self, name: str) -> None:
        """Show one number in other colours."""
        self._stage.update(shading=replace(self._stage.view.shading, map=name))

    def count_all(self, of_all: bool) -> None:
        """Count cells of all sections in the legend, or of this one."""
        self._stage.update(legend_of_all=of_all)

    def close(self) -> None:
        """Leave nothing running."""
        self._reading.stop()

    def _want(self, by: ColorBy, reference: str | None) -> None:
        painted = self._stage.view.painted
        shown = painted.reference.column if painted.reference else None
        if (by, reference) == (painted.by, shown):
            self._reading.drop()
            self._stage.update(color_by=by)
        elif self._sources.at_hand(by, reference):
            self._reading.drop()
            self._stage.update(color_by=by, painted=self._read(by, reference))
        else:
            self._stage.update(color_by=by)
            self._reading.ask(lambda: self._read(by, reference))

    def _read(self, by: ColorBy, reference: str | None) -> Painted:
        if by == BY_NEIGHBORHOOD and reference is None:
            return NEIGHBORHOODS
        return self._sources.painted(by, reference)

    def _show(self, painted: Painted) -> None:
        view = self._stage.view
        shown = painted.reference.column if painted.reference else None
        if (painted.by, shown) == (view.color_by, view.showing.reference):
            self._stage.update(painted=painted)

    def _tell(self, problem: str) -> None:
        """The wish is given up: what is shown is what is said."""
        view = self._stage.view
        shown = view.painted.reference.column if view.painted.reference else None
        showing = replace(view.showing, reference=shown)
        self._stage.update(color_by=view.painted.by, showing=showing)
        self._stage.tell(problem, error=True)
