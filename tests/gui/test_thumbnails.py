from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.contact_sheet import (
    MARGIN,
    Rows,
    SheetPainter,
    counterpart,
    frame_of,
    items_of,
    scale_of,
)
from napari_brain_atlas.gui.thumbnails import Thumbnails
from napari_brain_atlas.gui.turning import AS_MEASURED, UPRIGHT, Turn
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.workflow.document import Document


def test_rows_keep_what_they_show() -> None:
    rows = Rows("1", "2")
    assert rows.showing("2") is rows and rows.showing("1") is rows
    assert rows.showing("3") == Rows("3", "2")
    assert rows.with_beside("1") == Rows("1")
    assert rows.with_beside("").animals == ("1",)
    assert Rows("1").with_beside("3").animals == ("1", "3")


def test_every_section_of_an_animal_is_on_its_strip(document: Document) -> None:
    atlas = document.atlas
    found = [item.section for name in atlas.animals for item in items_of(atlas, name)]
    assert found == list(range(len(atlas.sections)))
    item = items_of(atlas, atlas.sections[4].animal)[1]
    assert item.name == atlas.sections[4].name
    assert item.position.endswith(" mm")
    assert f"{atlas.sections[4].n_cells:,} cells" in item.tip


def test_the_counterpart_lies_at_the_same_position(document: Document) -> None:
    atlas = document.atlas
    first, second = atlas.animals
    for section in atlas.sections:
        assert counterpart(atlas, section.index, section.animal) == section.index
        other = second if section.animal == first else first
        found = atlas.sections[counterpart(atlas, section.index, other)]
        assert found.animal == other
        assert found.position is not None and section.position is not None
        mates = [s.position for s in atlas.sections if s.animal == other]
        nearest = min(abs(p - section.position) for p in mates if p is not None)
        assert abs(found.position - section.position) == nearest


@pytest.mark.parametrize("turn", [UPRIGHT, Turn(1), Turn(2, True)], ids=str)
def test_all_cells_are_in_the_frame_and_the_largest_section_fills_it(turn: Turn) -> None:
    boxes = {0: (100.0, -50.0, 1100.0, 450.0), 1: (0.0, 0.0, 300.0, 400.0)}
    turns = AS_MEASURED.with_turn(0, turn)
    scale = scale_of(boxes, turns, 96, 66)
    filled = []
    for section, box in boxes.items():
        view = frame_of(box, turns.of(section), scale, 96, 66)
        assert view.scale == pytest.approx(scale)
        corners = view.place([(x, y) for x in box[::2] for y in box[1::2]])
        np.testing.assert_allclose(corners.mean(axis=0), (48, 33))
        assert (corners >= MARGIN - 1e-6).all()
        assert (corners <= np.array([96, 66]) - MARGIN + 1e-6).all()
        filled.append(np.ptp(corners, axis=0) / (96 - 2 * MARGIN, 66 - 2 * MARGIN))
    assert np.max(filled) == pytest.approx(1.0)


@pytest.mark.parametrize("turn", [UPRIGHT, Turn(1), Turn(0, True)], ids=str)
def test_a_picture_has_the_colors_of_its_cells(document: Document, turn: Turn) -> None:
    """Cell by cell, by a projection that knows nothing of how pictures are painted."""
    atlas, curation = document.atlas, document.session.curation
    turns = AS_MEASURED.with_turn(1, turn)
    picture = SheetPainter(atlas, 192, 132).draw(Tissue(curation, 1, turn=turn), turns)
    assert picture.shape == (132, 192, 4)
    animal = [s for s in atlas.sections if s.animal == atlas.sections[1].animal]
    sizes = [np.ptp(turns.of(s.index).about(atlas.xy[s.cells], (0, 0)), axis=0) for s in animal]
    room = np.array([192, 132]) - 2 * MARGIN
    scale = (room / np.max(sizes, axis=0)).min()
    xy = turn.about(atlas.xy[atlas.sections[1].cells], (0, 0))
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
    pixels = np.floor((xy - middle) * scale + (96, 66)).astype(int)
    colors = [hex_to_rgb(curation.neighborhood(i).color) for i in curation.owners_on(1).tolist()]
    seen = picture[pixels[:, 1], pixels[:, 0]]
    assert (seen[:, 3] == 255).all()
    # Cells that share a pixel with more cells of another color are outvoted.
    assert (seen[:, :3] == colors).all(axis=1).mean() > 0.9
    assert picture[[0, 0, -1, -1], [0, -1, 0, -1], 3].max() == 0


class _Broken:
    """A painter that fails, as a damaged file would make one."""

    def draw(self, *_: object) -> Any:
        raise RuntimeError("nothing can be painted")


def test_what_cannot_be_painted_is_told_once_and_asked_for_no_more(
    qapp: Any, qtbot: Any, document: Document, caplog: pytest.LogCaptureFixture
) -> None:
    thumbnails = Thumbnails(_Broken())  # type: ignore[arg-type]
    thumbnails.show(Tissue(document.session.curation, 0), AS_MEASURED, ("1",))
    with qtbot.waitSignal(thumbnails.drawn, timeout=3000):
        assert thumbnails.picture(2) is None
    assert thumbnails.is_current(2)
    assert thumbnails.picture(2) is None
    thumbnails.stop()
    assert caplog.text.count("no picture of section 2") == 1


def test_what_was_overtaken_is_not_kept(qapp: Any, qtbot: Any, document: Document) -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow:
        def draw(self, tissue: Tissue, *_: object) -> Any:
            started.set()
            assert go_on.wait(5)
            return np.full((2, 2, 4), 255 if tissue.selection else 1, np.uint8)

    curation = document.session.curation
    thumbnails = Thumbnails(Slow())  # type: ignore[arg-type]
    assert thumbnails.show(Tissue(curation, 0), AS_MEASURED, ("1",))
    assert not thumbnails.show(Tissue(curation, 3), AS_MEASURED, ("1",)), "another section only"
    thumbnails.picture(0)
    qtbot.waitUntil(started.is_set, timeout=3000)
    assert thumbnails.show(Tissue(curation, 0, (1,)), AS_MEASURED, ("1",))
    thumbnails.picture(0)
    go_on.set()
    qtbot.waitUntil(lambda: thumbnails.is_current(0), timeout=3000)
    image = thumbnails.picture(0)
    thumbnails.stop()
    assert image is not None and image.pixelColor(0, 0).red() == 255
