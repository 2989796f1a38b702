"""What *more* offers reaches the cut."""

from __future__ import annotations

from typing import Any

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_brain_atlas.gui.clustering_scene import ClusterScene
from napari_brain_atlas.gui.panels.cluster import ClusterPanel
from napari_brain_atlas.gui.panels.cut_form import CutForm
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.workflow.scope import Scope


@pytest.fixture
def panel(qtbot: Any) -> ClusterPanel:
    made = ClusterPanel(("X_scVI",))
    qtbot.addWidget(made)
    made.show()
    made.more.click()
    show(made, CutParameters(100, "level"))
    return made


def show(panel: ClusterPanel, parameters: CutParameters | None) -> None:
    class Drawn:
        cluster = ClusterScene((("all cells", Scope()),), parameters, 5, 10_000, "", None, None)

    panel.draw(Drawn())  # type: ignore[arg-type]


def asked(panel: ClusterPanel) -> list[CutParameters]:
    heard: list[CutParameters] = []
    panel.cut_asked.connect(heard.append)
    return heard


def typed(control: Any, text: str) -> None:
    control.setFocus()
    control.selectAll()
    QTest.keyClicks(control, text)
    QTest.keyClick(control, Qt.Key.Key_Return)


def test_about_so_many(panel: ClusterPanel) -> None:
    heard = asked(panel)
    typed(panel.extra.about, "12")
    assert heard[-1].about == 12
    assert heard[-1].method == "level"
    assert heard[-1].smallest_piece is None


def test_a_smallest_piece(panel: ClusterPanel) -> None:
    heard = asked(panel)
    typed(panel.extra.piece, "2500")
    assert heard[-1].smallest_piece == 2500
    panel.extra.piece.setValue(0)
    assert heard[-1].smallest_piece is None


def test_limits_belong_to_their_method(panel: ClusterPanel) -> None:
    form: CutForm = panel.extra
    assert form.about.isEnabled() and not form.largest.isEnabled()
    form.about.setValue(9)
    heard = asked(panel)
    form.method.setCurrentIndex(form.method.findData("eom"))
    assert (heard[-1].method, heard[-1].about) == ("eom", 0)
    show(panel, heard[-1])
    assert form.largest.isEnabled() and not form.about.isEnabled()
    typed(form.largest, "700")
    assert heard[-1].max_cluster_size == 700


def test_another_embedding(panel: ClusterPanel) -> None:
    heard: list[str] = []
    panel.embedding_asked.connect(heard.append)
    panel.extra.embedding.setCurrentIndex(1)
    panel.extra.embedding.setCurrentIndex(0)
    assert heard == ["X_scVI", ""]


def test_nothing_can_be_moved_before_there_is_a_tree(panel: ClusterPanel) -> None:
    show(panel, None)
    form = panel.extra
    for control in (form.method, form.about, form.largest, form.epsilon, form.piece):
        assert not control.isEnabled()
    assert form.embedding.isEnabled()
