"""Finding neighborhoods: one tree, and a slider that cuts it live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import (
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_brain_atlas.gui.clustering_scene import (
    STEPS,
    ClusterScene,
    size_to_step,
    step_to_size,
)
from napari_brain_atlas.gui.panels.cut_form import CutForm
from napari_brain_atlas.gui.panels.forms import caption, row
from napari_brain_atlas.gui.panels.panel import Panel
from napari_brain_atlas.gui.panels.parts import PartList
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.workflow.scope import Scope

SIZE_TIP = "Min cluster size: no neighborhood smaller than this many cells"
PARTS_TIP = "Look at what was found one by one, and take only some of it"
PROGRESS_STYLE = """
QProgressBar { background: #424a54; border: 0px; border-radius: 3px; }
QProgressBar::chunk { background: #6f8cff; border-radius: 3px; }
"""


class ClusterPanel(Panel):
    """Scope, search, and the parameters of the cut."""

    find_asked = Signal(object)
    cancel_asked = Signal()
    cut_asked = Signal(object)
    embedding_asked = Signal(str)
    take_asked = Signal()
    discard_asked = Signal()

    def __init__(self, arrays: Sequence[str] = (), area: str = "µm²") -> None:
        super().__init__()
        self.scope = QComboBox()
        self.scope.setToolTip("Which cells are searched")
        self.scope.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.scope.setMinimumContentsLength(12)
        self.search = QPushButton("Find neighborhoods")
        self.search.setToolTip(
            "Groups cells with similar surroundings; nothing changes until you take it"
        )
        # Until it is known what there is to search.
        self.search.setEnabled(False)
        self.cancel = QPushButton("Cancel")
        self.progress = QProgressBar()
        self.doing = QLabel()
        self.size_slider = QSlider(Qt.Orientation.Horizontal)
        self.size_slider.setRange(0, STEPS)
        self.size_slider.setToolTip(SIZE_TIP)
        self.size_text = QLabel()
        self.more = QToolButton()
        self.extra = CutForm(arrays, area)
        self.found = QLabel()
        self.one_by_one = QToolButton()
        self.one_by_one.setToolTip(PARTS_TIP)
        self.parts = PartList()
        self.take = QPushButton("Take (Enter)")
        self.take.setToolTip("Make the proposal the present state; one Undo takes it back")
        self.discard = QPushButton("Discard (Esc)")
        self.discard.setToolTip("Leave everything as it is")
        self._scene: ClusterScene | None = None
        self._lay_out()
        self._connect()

    def draw(self, scene: Scene) -> None:
        """Show the scope, the work under way and where the cut stands."""
        cluster = scene.cluster
        before, self._scene = self._scene, cluster
        self._draw_scopes(cluster, before)
        self._draw_work(cluster)
        self.found.setText(cluster.found)
        self._draw_parameters(cluster)
        self._draw_parts(cluster)

    # -- drawing -----------------------------------------------------------

    def _draw_scopes(self, cluster: ClusterScene, before: ClusterScene | None) -> None:
        if before is not None and before.scopes == cluster.scopes:
            return
        kind = _kind(self.scope.currentData())
        self.scope.clear()
        for text, scope in cluster.scopes:
            self.scope.addItem(text, scope)
        # What was searched stays what is searched, with another selection or section too.
        kinds = [_kind(scope) for _, scope in cluster.scopes]
        self.scope.setCurrentIndex(kinds.index(kind) if kind in kinds else 0)

    def _draw_work(self, cluster: ClusterScene) -> None:
        work = cluster.work
        self.search.setEnabled(work is None)
        while_working: tuple[QWidget, ...] = (self.progress, self.doing, self.cancel)
        for widget in while_working:
            widget.setVisible(work is not None)
        # In their place, so that the panel keeps its height.
        at_rest: tuple[QWidget, ...] = (self.found, self.take, self.discard, self.more)
        for widget in at_rest:
            widget.setVisible(work is None)
        if work is not None:
            self.doing.setText(f"{work.what} …")
            self.progress.setValue(round(100 * work.share))
            self.cancel.setEnabled(work.can_be_canceled)

    def _draw_parts(self, cluster: ClusterScene) -> None:
        staged = cluster.staged
        n = len(staged.proposal.neighborhoods) if staged is not None else 0
        self.take.setEnabled(staged is not None and (n > 0 or not staged.left_out))
        self.take.setText(f"Take {n:,} (Enter)" if staged and staged.left_out else "Take (Enter)")
        self.discard.setEnabled(staged is not None)
        several = staged is not None and len(staged.found.neighborhoods) > 1
        shown = several and cluster.work is None
        self.one_by_one.setVisible(shown)
        listed = shown and self.one_by_one.isChecked()
        if listed and staged is not None:
            self.parts.draw(staged)
        elif staged is None:
            self.parts.forget()
        if self.parts.isHidden() == listed:
            self.parts.setVisible(listed)
            self._make_room()

    def _draw_parameters(self, cluster: ClusterScene) -> None:
        parameters = cluster.parameters
        ready = parameters is not None and cluster.work is None
        self.size_slider.setEnabled(ready)
        self.extra.draw(parameters, ready)
        if parameters is None:
            self.size_text.setText("–")
            return
        # While the user drags, the slider is ahead of the cut that is being shown.
        if not self.size_slider.isSliderDown():
            self._set_quietly(self.size_slider, size_to_step(parameters.min_cluster_size, cluster))
            self.size_text.setText(f"{parameters.min_cluster_size:,} cells")

    def _set_quietly(self, control: Any, value: float) -> None:
        with QSignalBlocker(control):
            control.setValue(value)

    # -- asking ------------------------------------------------------------

    def _connect(self) -> None:
        self.search.clicked.connect(lambda: self.find_asked.emit(self.scope.currentData()))
        self.cancel.clicked.connect(self.cancel_asked)
        self.take.clicked.connect(self.take_asked)
        self.discard.clicked.connect(self.discard_asked)
        self.size_slider.valueChanged.connect(self._ask_size)
        self.extra.changed.connect(self._ask)
        self.extra.embedding_asked.connect(self.embedding_asked)
        self.more.toggled.connect(self._show_more)
        self.one_by_one.toggled.connect(self._show_parts)

    def _ask_size(self, step: int) -> None:
        if self._scene is not None:
            size = step_to_size(step, self._scene)
            self.size_text.setText(f"{size:,} cells")
            self._ask(min_cluster_size=size)

    def _ask(self, **changes: Any) -> None:
        if self._scene is not None and self._scene.parameters is not None:
            # All controls count, as a slider may be ahead of the cut that is shown.
            size = step_to_size(self.size_slider.value(), self._scene)
            now = CutParameters(size, **self.extra.choices)
            self.cut_asked.emit(replace(now, **changes))

    # -- layout ------------------------------------------------------------

    def _lay_out(self) -> None:
        self.more.setText("more ▸")
        self.more.setCheckable(True)
        self.one_by_one.setText("one by one ▸")
        self.one_by_one.setCheckable(True)
        self.one_by_one.hide()
        self.found.setWordWrap(True)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setStyleSheet(PROGRESS_STYLE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(4)
        layout.addLayout(row(self.scope, self.search))
        layout.addLayout(row(self.doing, self.cancel))
        layout.addWidget(self.progress)
        layout.addLayout(row(caption("min size", SIZE_TIP), self.size_slider, self.size_text))
        self.size_text.setFixedWidth(92)
        self.size_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.extra.hide()
        layout.addWidget(self.extra)
        layout.addLayout(row(self.found, self.one_by_one))
        layout.addWidget(self.parts, 1)
        self.parts.hide()
        layout.addLayout(row(self.take, self.discard, self.more))
        layout.addStretch(1)

    def _show_more(self, shown: bool) -> None:
        self.more.setText("less ▾" if shown else "more ▸")
        self.extra.setVisible(shown)
        self._make_room()

    def _show_parts(self, shown: bool) -> None:
        self.one_by_one.setText("one by one ▾" if shown else "one by one ▸")
        if self._scene is not None:
            self._draw_parts(self._scene)

    def _make_room(self) -> None:
        """Else the dock would squeeze what it has no room for."""
        layout = self.layout()
        assert layout is not None
        unfolded = not (self.extra.isHidden() and self.parts.isHidden())
        self.setMinimumHeight(layout.totalHeightForWidth(self.width()) if unfolded else 0)


def _kind(scope: Scope | None) -> tuple[bool, ...]:
    """By what its cells are limited."""
    if scope is None:
        return ()
    several = len(scope.sections) > 1
    limits = scope.neighborhoods, scope.picked, scope.sections, scope.animal
    return (*map(bool, limits), several and not scope.animal)
