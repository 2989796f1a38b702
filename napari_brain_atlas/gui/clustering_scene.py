"""What the cluster panel shows."""

from __future__ import annotations

from dataclasses import dataclass

from napari_brain_atlas.gui.arranging import owners_among
from napari_brain_atlas.gui.strip import noise_text, scope_words
from napari_brain_atlas.gui.view_state import Suggested, ViewState, Work
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import count
from napari_brain_atlas.workflow.discovery import Scope

SMALLEST_CLUSTER = 5


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
    staged : bool
        Whether a proposal waits to be taken.
    """

    scopes: tuple[tuple[str, Scope], ...]
    parameters: CutParameters | None
    smallest: int
    largest: int
    found: str
    work: Work | None
    staged: bool


def cluster_scene(curation: Curation, view: ViewState) -> ClusterScene:
    """Compute what the cluster panel shows."""
    tree = view.tree
    staged = view.staged if isinstance(view.staged, Suggested) else None
    return ClusterScene(
        scopes=_scopes(curation, view.selection),
        parameters=tree.parameters if tree else None,
        smallest=SMALLEST_CLUSTER,
        largest=max((tree.n_cells if tree else 0) // 3, SMALLEST_CLUSTER + 1),
        found=_found(curation, view, staged),
        work=view.work,
        staged=staged is not None,
    )


def _scopes(curation: Curation, selection: tuple[int, ...]) -> tuple[tuple[str, Scope], ...]:
    everything = ("all cells", Scope())
    chosen = tuple(i for i in selection if i != UNASSIGNED)
    if not chosen:
        return (everything,)
    # A group has no cells to look into but those of what lies under it.
    inside = Scope(owners_among(curation, chosen))
    if not inside.neighborhoods:
        return (everything,)
    named = Scope(chosen).title(curation)
    if len(chosen) > 2:
        named = f"inside the {len(chosen)} selected neighborhoods"
    return (everything, (named, inside))


def _found(curation: Curation, view: ViewState, staged: Suggested | None) -> str:
    if staged is not None:
        return f"{noise_text(staged)} (noise of HDBSCAN)"
    if view.tree is None:
        return "Press Find neighborhoods: nothing changes until you take what is found."
    over = f"{scope_words(curation, view.tree.scope)}, {count(view.tree.n_cells, 'cell')}"
    return f"Move the slider to propose again ({over})."
