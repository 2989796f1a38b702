"""What the cluster panel shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from napari_brain_atlas.gui.arranging import owners_among
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.strip import noise_text, scope_words
from napari_brain_atlas.gui.view_state import Suggested, ViewState, Work
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import count
from napari_brain_atlas.workflow.scope import Picked, Scope

SMALLEST_CLUSTER = 5
STEPS = 1000
"""Of the slider of sizes, which is logarithmic."""


@dataclass(frozen=True, slots=True)
class ClusterScene:
    """What the cluster panel draws.

    Attributes
    ----------
    scopes : tuple of (str, Scope)
        What can be clustered, in words.
    parameters : CutParameters or None
        Where the sliders stand; None while there is no hierarchy to cut.
    smallest, largest : int
        Ends of the slider, in cells.
    found : str
        What the cut found.
    work : Work or None
        Long work that is under way.
    staged : Suggested or None
        The proposal that waits to be taken.
    """

    scopes: tuple[tuple[str, Scope], ...]
    parameters: CutParameters | None
    smallest: int
    largest: int
    found: str
    work: Work | None
    staged: Suggested | None


def cluster_scene(atlas: Atlas, curation: Curation, view: ViewState) -> ClusterScene:
    """Compute what the cluster panel shows."""
    tree = view.tree
    staged = view.staged if isinstance(view.staged, Suggested) else None
    return ClusterScene(
        scopes=scopes_of(atlas, curation, view),
        parameters=tree.parameters if tree else None,
        smallest=SMALLEST_CLUSTER,
        largest=max((tree.n_cells if tree else 0) // 3, SMALLEST_CLUSTER + 1),
        found=_found(curation, view, staged),
        work=view.work,
        staged=staged,
    )


def scopes_of(atlas: Atlas, curation: Curation, view: ViewState) -> tuple[tuple[str, Scope], ...]:
    """What can be clustered, in words: all, what is chosen, and what is shown."""
    scopes = [
        Scope(),
        *_inside(curation, view.selection),
        *_picked(view.staged),
        *_sections(atlas, view),
    ]
    return tuple((_words(curation, scope, view), scope) for scope in scopes)


def _inside(curation: Curation, selection: tuple[int, ...]) -> list[Scope]:
    chosen = tuple(i for i in selection if i != UNASSIGNED)
    # A group has no cells to look into but those of what lies under it.
    inside = Scope(owners_among(curation, chosen)) if chosen else Scope()
    return [inside] if inside.neighborhoods else []


def _picked(staged: object) -> list[Scope]:
    return [Scope(picked=Picked(staged.cells))] if isinstance(staged, Chosen) else []


def _sections(atlas: Atlas, view: ViewState) -> list[Scope]:
    if len(atlas.sections) == 1:
        return []
    here = atlas.sections[view.section]
    scopes = [Scope(sections=(here.index,))]
    if set(view.joined) - {here.index}:
        scopes.append(Scope(sections=tuple(sorted({here.index, *view.joined}))))
    if len(atlas.animals) > 1:
        scopes.append(Scope.of_animal(atlas, here.animal))
    return scopes


def _words(curation: Curation, scope: Scope, view: ViewState) -> str:
    if scope.sections == (view.section,) and not scope.animal:
        return "this section"
    if scope.neighborhoods:
        chosen = tuple(i for i in view.selection if i != UNASSIGNED)
        if len(chosen) > 2:
            return f"inside the {len(chosen)} selected neighborhoods"
        return Scope(chosen).title(curation)
    return scope.title(curation)


def _found(curation: Curation, view: ViewState, staged: Suggested | None) -> str:
    if staged is not None:
        return noise_text(staged)
    if view.tree is None:
        return "Press Find neighborhoods: nothing changes until you take what is found."
    over = f"{scope_words(curation, view.tree.scope)}, {count(view.tree.n_cells, 'cell')}"
    return f"Move the slider to propose again ({over})."


def step_to_size(step: int, cluster: ClusterScene) -> int:
    """The smallest cluster, in cells, where the slider stands."""
    span = math.log(cluster.largest / cluster.smallest)
    return round(cluster.smallest * math.exp(span * step / STEPS))


def size_to_step(size: int, cluster: ClusterScene) -> int:
    """Where the slider stands for a smallest cluster, in cells."""
    span = math.log(cluster.largest / cluster.smallest)
    return round(STEPS * math.log(max(size, cluster.smallest) / cluster.smallest) / span)
