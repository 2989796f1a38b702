"""Everything that the window shows, computed from atlas, history and view. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from napari_brain_atlas.gui.availability import Actions, actions_of
from napari_brain_atlas.gui.brain import Space
from napari_brain_atlas.gui.clustering_scene import ClusterScene, cluster_scene
from napari_brain_atlas.gui.color_scene import ColorScene, color_scene
from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.legend import Legend, legend_for
from napari_brain_atlas.gui.lines import HistoryLine, history_lines
from napari_brain_atlas.gui.rows import Row, rows_of, summary_of
from napari_brain_atlas.gui.strip import Strip, strip_of
from napari_brain_atlas.gui.suggestion_scene import SuggestionScene, suggestion_scene
from napari_brain_atlas.gui.turning import Turns
from napari_brain_atlas.gui.view_state import Asking, Notice, ViewState
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.history import History


class OnCanvas(Protocol):
    """What the canvas draws: a section, or the whole brain where it is shown."""

    @property
    def tissue(self) -> Tissue:
        """The section."""

    @property
    def space(self) -> Space:
        """The whole brain."""


@dataclass(frozen=True, slots=True)
class CanvasScene:
    """What the canvas draws, without what the panels tell of it: known in no time."""

    tissue: Tissue
    space: Space


@dataclass(frozen=True, slots=True)
class Scene:
    """What the panels draw.

    Attributes
    ----------
    title : str
        Animal, section and position; of a brain also what is drawn of it.
    section, n_sections : int
    section_names : tuple of str
    rows : tuple of Row
        Groups before or after what lies under them: by size, unassigned last.
    selection : tuple of int
    summary : str
        The selected neighborhoods in words.
    legend : Legend
        What the colours stand for.
    coloring : ColorScene
        What the panel of colours shows.
    tissue : Tissue
    turns : Turns
        How sections are laid.
    strip : Strip or None
        What waits for Enter.
    cluster : ClusterScene
    suggestions : SuggestionScene
    actions : Actions
    history : tuple of HistoryLine
        Oldest first.
    notice : Notice or None
    asking : Asking or None
        The name that is being typed.
    saved : str
        Whether the file holds the present state.
    sheet : bool
        Whether the contact sheet is unfolded.
    joined : tuple of int
        Sections that tools draw on besides the one shown.
    space : Space
        The whole brain, where it is shown.
    """

    title: str
    section: int
    n_sections: int
    section_names: tuple[str, ...]
    rows: tuple[Row, ...]
    selection: tuple[int, ...]
    summary: str
    legend: Legend
    coloring: ColorScene
    tissue: Tissue
    turns: Turns
    strip: Strip | None
    cluster: ClusterScene
    suggestions: SuggestionScene
    actions: Actions
    history: tuple[HistoryLine, ...]
    notice: Notice | None
    asking: Asking | None
    saved: str
    sheet: bool
    joined: tuple[int, ...]
    space: Space


def present_canvas(curation: Curation, view: ViewState) -> CanvasScene:
    """What the canvas shows. Pure, as `present` is, of which it is a part."""
    tissue = Tissue(
        curation,
        view.section,
        view.selection,
        view.staged,
        view.showing,
        turn=view.turns.of(view.section),
        painted=view.painted,
        shading=view.shading,
    )
    return CanvasScene(tissue, view.space)


def present(atlas: Atlas, history: History, view: ViewState) -> Scene:
    """Compute what the window shows. Pure: the same values give the same scene."""
    curation = history.curation
    section = atlas.sections[view.section]
    return Scene(
        title=_title(atlas, section, view.space),
        section=view.section,
        n_sections=len(atlas.sections),
        section_names=tuple(s.name for s in atlas.sections),
        rows=rows_of(curation, view.section),
        selection=view.selection,
        summary=summary_of(atlas, curation, view.section, view.selection),
        legend=legend_for(atlas, curation, view),
        coloring=color_scene(atlas, view),
        tissue=present_canvas(curation, view).tissue,
        turns=view.turns,
        strip=strip_of(curation, view.staged, view.selection, view.section),
        cluster=cluster_scene(atlas, curation, view),
        suggestions=suggestion_scene(
            curation, view.suggestions, view.staged is not None, view.work is not None
        ),
        actions=actions_of(history, view),
        history=history_lines(history),
        notice=view.notice,
        asking=view.asking,
        saved="saved ✓" if view.saved else "not saved yet",
        sheet=view.sheet,
        joined=view.joined,
        space=view.space,
    )


def _title(atlas: Atlas, section: Section, space: Space) -> str:
    told = [title_of(atlas, section), space.brain.told if space.brain is not None else ""]
    return "\n".join(filter(None, told))


def title_of(atlas: Atlas, section: Section) -> str:
    """``animal 2 · section 37 of 147 · +0.42 mm``; the rank is that within the animal."""
    mates = [s.index for s in atlas.sections if s.animal == section.animal]
    rank = f"section {mates.index(section.index) + 1} of {len(mates)}"
    told = animal_text(section.animal), rank, position_text(section.position)
    return " · ".join(filter(None, told))


def animal_text(animal: str) -> str:
    """The name of an animal, with what it is where that is only a number."""
    return f"animal {animal}" if animal.isdecimal() else animal


def position_text(position: float | None) -> str:
    """A position with its sign and unit; empty where it is not known."""
    return "" if position is None else f"{position:+.2f} mm".replace("-", "−")
