from __future__ import annotations

import subprocess
import sys

import pytest

from napari_brain_atlas.gui.scene import Scene, present, title_of
from napari_brain_atlas.gui.view_state import Merging, Tree, ViewState, Work
from napari_brain_atlas.model.atlas import Section
from napari_brain_atlas.model.commands import Annotate, Merge, Undo
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.workflow.discovery import Scope
from napari_brain_atlas.workflow.document import Document

HEADLESS = (
    "scene", "view_state", "coloring", "availability", "strip", "clustering_scene", "drawings",
    "colors", "color_maps", "color_sources", "cell_colors", "color_scene", "legend",
    "inspection", "wishes", "child", "arranging", "remedies", "rows", "lines",
    "tool", "draft", "chosen", "chosen_colors",
)  # fmt: skip


def scene_of(document: Document, **view: object) -> Scene:
    return present(document.atlas, document.session.history, ViewState(**view))  # type: ignore[arg-type]


def test_what_is_computed_for_the_window_needs_no_qt() -> None:
    imports = "".join(f"import napari_brain_atlas.gui.{module}\n" for module in HEADLESS)
    code = (
        f"import sys\n{imports}print([m for m in sys.modules if m.split('.')[0] in "
        "('qtpy', 'PyQt6', 'PySide6', 'napari', 'vispy')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("animal", "position", "title"),
    [
        pytest.param("2", 0.42, "animal 2 · section 1 of 1 · +0.42 mm", id="number"),
        pytest.param("Zhuang-1", -1.2, "Zhuang-1 · section 1 of 1 · −1.20 mm", id="name"),
        pytest.param("", None, "section 1 of 1", id="nothing known"),
    ],
)
def test_the_title_says_animal_rank_and_position(
    document: Document, animal: str, position: float | None, title: str
) -> None:
    from dataclasses import replace

    section = Section(0, "a", animal, position, 0, document.atlas.n_cells)
    assert title_of(replace(document.atlas, sections=(section,)), section) == title


def test_the_rank_counts_within_the_animal(document: Document) -> None:
    assert "section 1 of 3" in scene_of(document, section=3).title
    assert "section 3 of 3" in scene_of(document, section=5).title


def test_rows_agree_with_the_curation_and_unassigned_is_last(document: Document) -> None:
    curation = document.session.curation
    rows = scene_of(document, section=1).rows
    assert rows[-1].id == UNASSIGNED
    assert [r.n_cells for r in rows[:-1]] == sorted((r.n_cells for r in rows[:-1]), reverse=True)
    for row in rows:
        assert row.n_cells == curation.n_cells(row.id)
        assert row.n_sections == curation.n_sections(row.id)
        assert row.here == int((curation.owners_on(1) == row.id).sum())


def test_a_staged_merge_says_what_it_would_make(document: Document) -> None:
    document.session.do(Annotate(neighborhood=1, name="CA1"))
    strip = scene_of(document, staged=Merging((1, 2))).strip
    assert strip is not None
    assert [p.text for p in strip.pieces] == ["merge", "CA1", "N2", "→", "CA1"]
    assert strip.pieces[-1].color == document.session.curation.neighborhood(1).color
    merged = document.session.history.step(
        Merge(neighborhoods=(1, 2), into=1), document.session.atlas, document.session.archive
    )[0].curation
    assert strip.details == (f"{merged.n_cells(1):,} cells · {merged.n_sections(1)} sections")


def test_a_merge_of_many_fits_its_strip(document: Document) -> None:
    strip = scene_of(document, staged=Merging((1, 2, 3, 4, 5))).strip
    assert strip is not None
    told = [p.text for p in strip.pieces]
    assert told == ["merge", "N1", "N2", "N3", "and 2 more", "→", ""]
    assert strip.pieces[-1].color == document.session.curation.neighborhood(1).color


@pytest.mark.parametrize(
    ("selection", "enabled"),
    [
        pytest.param((), set(), id="nothing"),
        pytest.param((1,), {"split", "rename"}, id="one"),
        pytest.param((1, 2), {"merge"}, id="two"),
        pytest.param((UNASSIGNED,), set(), id="unassigned"),
        pytest.param((UNASSIGNED, 1), {"split", "rename"}, id="one and unassigned"),
    ],
)
def test_what_can_be_done_follows_the_selection(
    document: Document, selection: tuple[int, ...], enabled: set[str]
) -> None:
    actions = scene_of(document, selection=selection).actions
    for name in ("merge", "split", "rename"):
        able = getattr(actions, name)
        assert able.enabled == (name in enabled)
        assert able.enabled or "select" in able.tip


def test_undo_says_what_it_would_undo(document: Document) -> None:
    assert not scene_of(document).actions.undo.enabled
    document.session.do(Merge(neighborhoods=(1, 2), into=1))
    scene = scene_of(document)
    assert scene.actions.undo.text == "Undo merge"
    assert "Merged 'N1' and 'N2' into 'N1'" in scene.actions.undo.tip
    document.session.do(Undo())
    scene = scene_of(document)
    assert scene.actions.redo.text == "Redo merge"
    assert [line.undone for line in scene.history] == [True]


def test_long_work_disables_what_would_start_more(document: Document) -> None:
    actions = scene_of(document, selection=(1,), work=Work("growing", 0.5)).actions
    assert not actions.split.enabled
    assert not actions.save.enabled
    assert "cancel" in actions.split.tip


def test_the_scope_can_be_the_selection(document: Document) -> None:
    scopes = scene_of(document, selection=(2, UNASSIGNED)).cluster.scopes
    assert [s for _, s in scopes[:2]] == [Scope(), Scope((2,))]
    assert "N2" in scopes[1][0]


def test_the_slider_ends_where_a_cut_makes_sense(document: Document) -> None:
    cluster = scene_of(document, tree=Tree(Scope(), 3000, CutParameters(30))).cluster
    assert cluster.parameters == CutParameters(30)
    assert cluster.smallest < 30 < cluster.largest <= 3000


def test_the_legend_lists_only_what_is_on_the_section(document: Document) -> None:
    scene = scene_of(document, section=2)
    curation = document.session.curation
    owners = curation.owners_on(2)
    expected = {n.name: f"{(owners == n.id).sum():,}" for n in curation.neighborhoods.values()}
    told = scene.legend.whole
    assert {line.name: line.note for line in told} == {
        k: n for k, n in expected.items() if n != "0"
    }
    counts = [int(line.note.replace(",", "")) for line in told]
    assert counts == sorted(counts, reverse=True)
