"""All that a workspace shows, put into napari's window, and taken out of it again."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar
from weakref import ref

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

from napari_brain_atlas.gui import window
from napari_brain_atlas.gui.drawings import Drawings
from napari_brain_atlas.gui.layers.cloud import CloudLayer
from napari_brain_atlas.gui.layers.tissue import TissueLayer
from napari_brain_atlas.gui.panels.actions import ActionBar
from napari_brain_atlas.gui.panels.cluster import ClusterPanel
from napari_brain_atlas.gui.panels.colors import ColorsPanel
from napari_brain_atlas.gui.panels.floating import Floating
from napari_brain_atlas.gui.panels.history import HistoryPanel
from napari_brain_atlas.gui.panels.neighborhoods import NeighborhoodsPanel
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.panels.scale_plate import ScalePlate
from napari_brain_atlas.gui.panels.sections import SectionsPanel
from napari_brain_atlas.gui.panels.suggestions import SuggestionsPanel
from napari_brain_atlas.gui.pointer import Place
from napari_brain_atlas.gui.scene import OnCanvas, Scene
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow.given import usable_arrays

RIGHT_WIDTH = 350
CLUSTER_HEIGHT = 200


DrawnScene = TypeVar("DrawnScene", contravariant=True)


class Drawer(Protocol[DrawnScene]):
    """What draws a scene, and may say whether it looks different from before."""

    def draw(self, scene: DrawnScene) -> bool | None:
        """Show the scene."""


class Docks:
    """The panels, the toolbar, what floats over the canvas, the tissue and the whole brain.

    The tissue is the first to be drawn, the panels come after it.
    """

    def __init__(self, viewer: Any, atlas: Atlas, parent: QObject) -> None:
        self._viewer = viewer
        self.neighborhoods = NeighborhoodsPanel()
        self.cluster = ClusterPanel(
            usable_arrays(atlas), "cells" if atlas.unit.name == "px" else "µm²"
        )
        self.history = HistoryPanel()
        self.colors = ColorsPanel()
        self.suggestions = SuggestionsPanel()
        self.sections = SectionsPanel(atlas)
        self.actions = ActionBar(parent)
        self._right, self._lower, self._history, self._colors = self._dock()
        self.sections.heightened.connect(self._fit_sections)
        self._window = ref(window.window_of(self._right))
        window.add_toolbar(self.window, self.actions.bar)
        self.floating = Floating(self.canvas, parent)
        self.drawings = Drawings(atlas)
        self.tissue = TissueLayer(viewer, atlas, self.drawings)
        self.cloud = CloudLayer(viewer, atlas, self.canvas)
        self.scale = ScalePlate(self.canvas, viewer, atlas.unit.name)

    @property
    def window(self) -> QMainWindow:
        """The main window, which belongs to napari and may be gone."""
        main = self._window()
        if main is None:
            raise RuntimeError("the window is closed")
        return main

    @property
    def canvas(self) -> QWidget:
        """The widget that napari draws on."""
        return window.canvas_of(self.window)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The docked panels."""
        behind = self.suggestions, self.history, self.colors
        return self.neighborhoods, self.cluster, *behind, self.sections

    @property
    def layers(self) -> tuple[Drawer[OnCanvas], ...]:
        """What draws on the canvas: the section, and the whole brain."""
        return self.tissue, self.cloud

    def cell_under(self, section: int, place: Place) -> tuple[int, int] | None:
        """Section, and rank on it, of the cell under the pointer; None beside the tissue."""
        if self.cloud.layer is not None:
            return self.cloud.cell_at(place)
        cell = self.drawings.nearest(section, *self.tissue.tissue_place(place))
        return None if cell is None else (section, cell)

    @property
    def drawers(self) -> tuple[Drawer[Scene], ...]:
        """What tells of a scene now; hidden panels do when they are shown."""
        visible = [panel for panel in self.panels if panel.isVisible()]
        return self.floating, self.actions, *visible

    def arrange(self) -> None:
        """Give the docks their sizes, once the window has its own."""
        self.show_history(False)
        window.size_docks(self.window, {self._right: RIGHT_WIDTH}, vertical=False)
        heights = {self._right: 1000, self._lower: CLUSTER_HEIGHT}
        window.size_docks(self.window, heights, vertical=True)

    def show_history(self, shown: bool) -> None:
        """Bring the history to the front, or the cluster panel."""
        front = self._history if shown else self._lower
        front.show()
        front.raise_()

    def show_colors(self) -> None:
        """Bring the panel of colours to the front."""
        self._colors.show()
        self._colors.raise_()

    def _fit_sections(self, height: int) -> None:
        """Give the canvas what the contact sheet leaves."""
        window.size_dock_of(self.sections, height)

    def close(self) -> None:
        """Leave the window as it was found."""
        self.floating.close()
        self.scale.close_plate()
        self.sections.sheet.stop()
        self.cloud.close()
        self.tissue.close()
        window.remove_toolbar(self.window, self.actions.bar)
        del self._right, self._lower, self._history, self._colors
        for panel in self.panels:
            window.remove_dock(self._viewer, panel)

    def _dock(self) -> tuple[QDockWidget, QDockWidget, QDockWidget, QDockWidget]:
        viewer = self._viewer
        right = window.add_dock(viewer, self.neighborhoods, "Neighborhoods", "right")
        window.give_right_side_its_corner(window.window_of(right))
        lower = window.add_dock(viewer, self.cluster, "Cluster", "right")
        advice = window.add_dock(viewer, self.suggestions, "Suggestions", "right", tabify=True)
        history = window.add_dock(viewer, self.history, "History", "right", tabify=True)
        colors = window.add_dock(viewer, self.colors, "Colors", "right", tabify=True)
        window.entitle(window.add_dock(viewer, self.sections, "Sections", "bottom"), "")
        for dock in (right, lower, advice, history, colors):
            window.entitle(dock, dock.objectName())
        return right, lower, history, colors
