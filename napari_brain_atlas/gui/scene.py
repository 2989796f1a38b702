"""Everything that the window shows, computed from atlas, history and view. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.availability import Actions, actions_of
from napari_brain_atlas.gui.clustering_scene import ClusterScene, cluster_scene
from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.strip import Strip, strip_of
from napari_brain_atlas.gui.view_state import Notice, ViewState
from napari_brain_atlas.model.atlas import Atlas, Section
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.history import History
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import count, listed

LEGEND_LINES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A neighborhood in the table; `here` is its number of cells on the section shown."""

    id: int
    name: str
    color: str
    n_cells: int
    n_sections: int
    here: int


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What was done; `undone` where it was taken back."""

    text: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """What the panels draw.

    Attributes
    ----------
    title : str
        Animal, section and position.
    section, n_sections : int
    section_names : tuple of str
    rows : tuple of Row
        By size, unassigned last.
    selection : tuple of int
    summary : str
        The selected neighborhoods in words.
    legend : tuple of Row
        What is on this section, the largest first.
    more : int
        How many more there are.
    tissue : Tissue
    strip : Strip or None
        What waits for Enter.
    cluster : ClusterScene
    actions : Actions
    history : tuple of HistoryLine
        Oldest first.
    notice : Notice or None
    saved : str
        Whether the file holds the present state.
    """

    title: str
    section: int
    n_sections: int
    section_names: tuple[str, ...]
    rows: tuple[Row, ...]
    selection: tuple[int, ...]
    summary: str
    legend: tuple[Row, ...]
    more: int
    tissue: Tissue
    strip: Strip | None
    cluster: ClusterScene
    actions: Actions
    history: tuple[HistoryLine, ...]
    notice: Notice | None
    saved: str


def present(atlas: Atlas, history: History, view: ViewState) -> Scene:
    """Compute what the window shows. Pure: the same values give the same scene."""
    curation = history.curation
    section = atlas.sections[view.section]
    rows = rows_of(curation, view.section)
    here = sorted((r for r in rows if r.here), key=lambda r: (r.id == UNASSIGNED, -r.here))
    return Scene(
        title=title_of(atlas, section),
        section=view.section,
        n_sections=len(atlas.sections),
        section_names=tuple(s.name for s in atlas.sections),
        rows=rows,
        selection=view.selection,
        summary=summary_of(rows, view.selection),
        legend=tuple(here[:LEGEND_LINES]),
        more=max(len(here) - LEGEND_LINES, 0),
        tissue=Tissue(curation, view.section, view.selection, view.staged),
        strip=strip_of(curation, view.staged),
        cluster=cluster_scene(curation, view),
        actions=actions_of(history, view),
        history=_history_lines(history),
        notice=view.notice,
        saved="saved ✓" if view.saved else "not saved yet",
    )


def rows_of(curation: Curation, section: int) -> tuple[Row, ...]:
    """The neighborhoods that have cells, and those named but empty; unassigned last."""
    counts = curation.counts
    cells, sections = counts.sum(axis=1), (counts > 0).sum(axis=1)
    rows = [
        Row(n.id, n.name, n.color, int(cells[i]), int(sections[i]), int(counts[i, section]))
        for i, n in enumerate(curation.neighborhoods[int(j)] for j in curation.ids)
    ]
    return tuple(sorted(rows, key=lambda r: (r.id == UNASSIGNED, -r.n_cells, r.id)))


def title_of(atlas: Atlas, section: Section) -> str:
    """``animal 2 · section 37 of 147 · +0.42 mm``; the rank is that within the animal."""
    mates = [s.index for s in atlas.sections if s.animal == section.animal]
    rank = f"section {mates.index(section.index) + 1} of {len(mates)}"
    animal = f"animal {section.animal}" if section.animal.isdecimal() else section.animal
    return " · ".join(filter(None, (animal, rank, position_text(section.position))))


def position_text(position: float | None) -> str:
    """A position with its sign and unit; empty where it is not known."""
    return "" if position is None else f"{position:+.2f} mm".replace("-", "−")


def summary_of(rows: tuple[Row, ...], selection: tuple[int, ...]) -> str:
    """The selected neighborhoods in words."""
    chosen = {r.id: r for r in rows if r.id in selection}
    if not chosen:
        return "Click the tissue or a row to select a neighborhood."
    names = [chosen[i].name for i in selection if i in chosen]
    told = listed(names[:3]) if len(names) <= 3 else f"{', '.join(names[:3])} and others"
    cells = count(sum(r.n_cells for r in chosen.values()), "cell")
    if len(chosen) > 1:
        return f"{len(chosen)} selected: {told} · {cells}"
    row = chosen[selection[0]]
    return f"{told} · {cells} on {count(row.n_sections, 'section')} · {row.here:,} here"


def _history_lines(history: History) -> tuple[HistoryLine, ...]:
    done = [HistoryLine(step.sentence, False) for step in history.past]
    return (*done, *(HistoryLine(step.sentence, True) for step in history.future))
