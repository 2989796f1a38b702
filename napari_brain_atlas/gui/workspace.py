"""One opened file in one window: hears the session, draws scenes, wires wishes to deeds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from qtpy.QtCore import QEvent, QObject, QTimer

from napari_brain_atlas.gui.advising import Advising
from napari_brain_atlas.gui.after_frame import AfterFrame
from napari_brain_atlas.gui.choosing import Choosing
from napari_brain_atlas.gui.colorist import Colorist
from napari_brain_atlas.gui.curator import Curator
from napari_brain_atlas.gui.docks import Docks, Drawer, DrawnScene
from napari_brain_atlas.gui.inspection import Inspection
from napari_brain_atlas.gui.keys import Keys
from napari_brain_atlas.gui.linking import link_acts
from napari_brain_atlas.gui.piecemeal import Piecemeal
from napari_brain_atlas.gui.pointer import Place, Pointer
from napari_brain_atlas.gui.publishing import Publishing
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import present, present_canvas
from napari_brain_atlas.gui.stage import Stage
from napari_brain_atlas.gui.view_state import ViewState
from napari_brain_atlas.gui.warming import warm
from napari_brain_atlas.gui.wayfinding import Wayfinding
from napari_brain_atlas.gui.whole_brain import WholeBrain
from napari_brain_atlas.model.session import Change
from napari_brain_atlas.workflow.document import Document

logger = logging.getLogger(__name__)
_open: WeakKeyDictionary[Any, Workspace] = WeakKeyDictionary()


class Workspace(QObject):
    """The one subscriber of a session.

    Panels say what the user wants; the stage changes the view, or the curator
    gives the session a command; then the scene is drawn anew. All panels take
    the same path, and one that fails does not stop the others.

    Parameters
    ----------
    viewer : napari.Viewer
        A workspace that it has already is closed first.
    document : Document
        Closed with the workspace.
    """

    closed = Signal()

    def __init__(self, viewer: Any, document: Document) -> None:
        super().__init__()
        warm()
        viewer = _bare(viewer)
        close_workspace(viewer)
        self.viewer = viewer
        self.document = document
        self.atlas = document.session.atlas
        self.stage = Stage(document, self)
        self.curator = Curator(self.stage, self)
        self.docks = Docks(viewer, self.atlas, self)
        self.ways = Wayfinding(viewer, self.stage, self.docks)
        self.brain = WholeBrain(viewer, self.stage, self.docks)
        self.choosing = Choosing(viewer, self.stage, self.docks, self.curator)
        self.colorist = Colorist(self.stage, self)
        self.advising = Advising(self.stage, self.docks, self.curator)
        self.piecemeal = Piecemeal(self.stage, self.docks, lambda: self._place)
        self._inspection = Inspection(self.atlas)
        self._place: Place | None = None
        self._pointer = Pointer(viewer, self._hover, self._click)
        self._publishing = Publishing(self.stage, self.docks, viewer, self)
        self._keys = Keys(self.docks.window, self._bindings(), self)
        self._panels = AfterFrame(self.docks.canvas, self._draw_all, self)
        self._connect()
        _open[viewer] = self
        self.render()
        # Docks can be sized only when the window has been laid out with them.
        QTimer.singleShot(0, self._arrange)

    @property
    def view(self) -> ViewState:
        """What the window shows."""
        return self.stage.view

    def render(self) -> None:
        """Draw the present scene on everything that is visible."""
        # The tissue answers first: panels that tell the same are drawn after its frame.
        canvas, changed = present_canvas(self.stage.curation, self.view), False
        for layer in self.docks.layers:
            changed |= self._tried(layer, canvas)
        if changed and self.docks.canvas.isVisible():
            self._panels.wait()
        else:
            self._draw_all()

    def _draw_all(self) -> None:
        scene = present(self.atlas, self.stage.history, self.view)
        for drawer in self.docks.drawers:
            self._tried(drawer, scene)

    def _tried(self, drawer: Drawer[DrawnScene], scene: DrawnScene) -> bool:
        """Whether it looks different from before; a view that fails must not stop the others."""
        try:
            return drawer.draw(scene) is True
        except Exception:
            # What is committed is committed.
            logger.exception("%s could not be drawn", type(drawer).__name__)
            return False

    def close(self) -> None:
        """Stop everything, and close the document."""
        if _open.get(self.viewer) is not self:
            return
        del _open[self.viewer]
        self.docks.window.removeEventFilter(self)
        self.document.session.changed.disconnect(self._changed)
        self.curator.close()
        self.advising.close()
        self.ways.close()
        self.brain.close()
        self.colorist.close()
        self.choosing.close()
        self._keys.close()
        self._pointer.close()
        self._panels.stop()
        self.docks.close()
        self.document.close()
        self.closed.emit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Close with the window, and settle in it when it appears."""
        kind = event.type() if event is not None else None
        if kind == QEvent.Type.Show and event is not None and not event.spontaneous():
            # A file may be opened before there is a window to lay out.
            QTimer.singleShot(0, self._arrange)
        elif kind == QEvent.Type.Close and event is not None:
            if event.spontaneous():
                # napari may ask the user, who may say no.
                QTimer.singleShot(0, self._close_with_window)
            else:
                self.close()
        return False

    def _arrange(self) -> None:
        if _open.get(self.viewer) is self:
            self.docks.arrange()
            self.docks.tissue.fit()

    def _close_with_window(self) -> None:
        if _open.get(self.viewer) is self and self.docks.window.isHidden():
            self.close()

    def _changed(self, change: Change) -> None:
        self.curator.hear(change)
        self.advising.keep_up()
        # The view may be as it was; the curation is not, nor what is under the pointer.
        self.render()
        if self._place is not None:
            self._hover(self._place)

    # -- pointer -----------------------------------------------------------

    def _hover(self, place: Place) -> None:
        self._place = place
        curation, view = self.stage.curation, self.view
        found = self.docks.cell_under(view.section, place)
        told = "" if found is None else self._inspection.sentence(curation, *found, view.painted)
        if found is not None and found[0] != view.section:
            told += f" · section {self.atlas.sections[found[0]].name}"
        self.docks.sections.tell(told)

    def _forget_place(self) -> None:
        self._place = None
        self.docks.sections.tell("")

    def _click(self, place: Place, adds: bool) -> None:
        found = self.docks.cell_under(self.view.section, place)
        if found is None:
            if not adds:
                self.stage.select(())
            return
        owner = self._inspection.owner(self.stage.curation, *found)
        if adds:
            self.stage.toggle(owner)
        else:
            self.stage.select((owner,))

    # -- wiring ------------------------------------------------------------

    def _bindings(self) -> dict[str, Callable[[], bool | None]]:
        stage, curator = self.stage, self.curator
        return {
            "G": curator.merge,
            "K": curator.split,
            "F2": curator.ask_name,
            "L": curator.ask_name,
            "Shift+G": curator.group,
            "Shift+U": curator.ungroup,
            "Ctrl+Shift+L": curator.lock,
            "Del": curator.delete,
            "Shift+Return": curator.help,
            "Shift+Enter": curator.help,
            "Ctrl+Z": curator.undo,
            "Ctrl+Shift+Z": curator.redo,
            "Ctrl+Y": curator.redo,
            "Ctrl+S": curator.save,
            "Alt+Left": stage.select_back,
            "PgUp": lambda: stage.step_section(-1),
            "PgDown": lambda: stage.step_section(1),
            **self.ways.bindings(),
            **self.brain.bindings(),
            **self.colorist.bindings(),
            **self.choosing.bindings(),
            **self.piecemeal.bindings(),
            **self._publishing.bindings(),
        }

    def _connect(self) -> None:
        docks, stage = self.docks, self.stage
        self.document.session.changed.connect(self._changed)
        stage.changed.connect(self.render)
        docks.neighborhoods.selected.connect(stage.select)
        docks.floating.notice_gone.connect(stage.forget_notice)
        self.choosing.clicked.connect(self._click)
        self.brain.arrived.connect(self._forget_place)
        docks.window.installEventFilter(self)
        self._connect_curator()
        self._connect_colors()
        for panel in docks.panels:
            panel.shown.connect(self.render)
            self._keys.watch_all(panel)
        self._keys.watch(docks.canvas)

    def _connect_colors(self) -> None:
        colors, colorist = self.docks.colors, self.colorist
        colors.by_asked.connect(colorist.color_by)
        colors.limits_asked.connect(colorist.limit)
        colors.reset_asked.connect(colorist.reset_limits)
        colors.map_asked.connect(colorist.use_map)
        colors.showing_asked.connect(lambda changes: colorist.show(**changes))
        self.docks.floating.legend_scope_asked.connect(colorist.count_all)

    def _connect_curator(self) -> None:
        docks, curator = self.docks, self.curator
        curator.name_wanted.connect(docks.neighborhoods.edit_name)
        curator.color_wanted.connect(docks.neighborhoods.choose_color)
        docks.neighborhoods.renamed.connect(curator.rename)
        docks.neighborhoods.recolored.connect(curator.recolor)
        docks.cluster.find_asked.connect(curator.find)
        docks.cluster.cancel_asked.connect(curator.cancel)
        docks.cluster.cut_asked.connect(curator.recut)
        docks.cluster.embedding_asked.connect(curator.use_embedding)
        for origin in (docks.cluster, docks.floating):
            origin.take_asked.connect(curator.take)
        docks.cluster.discard_asked.connect(curator.clear)
        docks.floating.clear_asked.connect(curator.clear)
        for bar in (docks.actions.triggered, docks.neighborhoods.asked):
            bar.connect(self._act)
        docks.floating.name_given.connect(curator.answer)
        docks.floating.remedy_asked.connect(curator.help)
        docks.history.snapshot_asked.connect(curator.ask_snapshot)
        docks.history.restore_asked.connect(curator.do)

    def _act(self, name: str) -> None:
        acts: dict[str, Callable[[], None]] = {
            "visit": self.ways.visit_selected,
            "merge": self.curator.merge,
            "split": self.curator.split,
            "rename": self.curator.ask_name,
            "color": self.curator.ask_color,
            "group": self.curator.group,
            "ungroup": self.curator.ungroup,
            "lock": self.curator.lock,
            "delete": self.curator.delete,
            **link_acts(self.stage, self.curator),
            "undo": self.curator.undo,
            "redo": self.curator.redo,
            "save": self.curator.save,
        }
        acts[name]()


def workspace_of(viewer: Any) -> Workspace | None:
    """The workspace of a viewer, if a file is open in it."""
    return _open.get(_bare(viewer))


def close_workspace(viewer: Any) -> None:
    """Close the workspace of a viewer, if there is one."""
    if (opened := workspace_of(viewer)) is not None:
        opened.close()


def _bare(viewer: Any) -> Any:
    """The viewer itself, where napari gives plugins a proxy of it."""
    return getattr(viewer, "__wrapped__", viewer)
