"""What the window shows, as one frozen value. Never journaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from napari_brain_atlas.gui.brain import FLAT, Space
from napari_brain_atlas.gui.chosen import Chosen
from napari_brain_atlas.gui.colors import (
    BY_NEIGHBORHOOD,
    NEIGHBORHOODS,
    USUALLY,
    ColorBy,
    Painted,
    Shading,
)
from napari_brain_atlas.gui.remedies import Remedy
from napari_brain_atlas.gui.suggestion_scene import UNKNOWN, Suggestions
from napari_brain_atlas.gui.tool import Tool
from napari_brain_atlas.gui.turning import AS_MEASURED, Turns
from napari_brain_atlas.model.hierarchy import CutParameters
from napari_brain_atlas.model.proposal import Proposal
from napari_brain_atlas.workflow.discovery import Scope


@dataclass(frozen=True, slots=True)
class Merging:
    """A merge that waits for Enter.

    Attributes
    ----------
    members : tuple of int
        Ids; the first keeps its id, name and colour.
    evidence : mapping, optional
        Why, where it was suggested.
    """

    members: tuple[int, ...]
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Suggested:
    """A proposal that waits for Enter.

    Attributes
    ----------
    proposal : Proposal
        What is taken then.
    scope : Scope
        What was clustered.
    whole : Proposal, optional
        All that was found, where only a part of it is to be taken.
    left_out : frozenset of int
        Which neighborhoods of the whole are not taken.
    """

    proposal: Proposal
    scope: Scope
    whole: Proposal | None = None
    left_out: frozenset[int] = frozenset()

    @property
    def found(self) -> Proposal:
        """All that was found."""
        return self.proposal if self.whole is None else self.whole

    @property
    def splits(self) -> int | None:
        """The neighborhood that is split by it, where it is one."""
        return self.scope.splits


@dataclass(frozen=True, slots=True)
class Tree:
    """The hierarchy that the slider cuts.

    Attributes
    ----------
    scope : Scope
        What it was grown over.
    n_cells : int
        How many cells that is.
    parameters : CutParameters
        Where the slider stands.
    """

    scope: Scope
    n_cells: int
    parameters: CutParameters


@dataclass(frozen=True, slots=True)
class Work:
    """Long work that is under way.

    Attributes
    ----------
    what : str
        In words for the user.
    share : float
        How much is done, 0 to 1.
    can_be_canceled : bool
    """

    what: str
    share: float
    can_be_canceled: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the user; `error` where something was refused.

    `remedy` is what would make it possible, for the user to do or to leave.
    """

    text: str
    error: bool = False
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """A name that is asked for.

    Attributes
    ----------
    what : {"group", "snapshot"}
        What is to get it.
    words : str
        Before the line in which it is typed.
    name : str
        What stands in the line at first.
    members : tuple of int
        What is to be grouped.
    """

    what: Literal["group", "snapshot"]
    words: str
    name: str
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Showing:
    """What is drawn of the tissue beside its cells.

    Attributes
    ----------
    territories : bool
        Whether the area around the cells of a neighborhood is filled.
    reach : float or None
        How far, in the unit of the atlas; None for some spacings of the cells.
    spacings : float
        How many.
    boundaries : bool
        Whether there are lines where neighborhoods meet.
    boundary_width : int
        In pixels.
    boundary_color : str
        ``#rrggbb``.
    opacity : float
        Of the area that is filled, 0 to 1.
    reference : str or None
        Column whose boundaries are drawn too.
    reference_width : int
    reference_color : str
    """

    territories: bool = True
    reach: float | None = None
    spacings: float = 3.0
    boundaries: bool = True
    boundary_width: int = 1
    boundary_color: str = "#ffffff"
    opacity: float = 0.45
    reference: str | None = None
    reference_width: int = 2
    reference_color: str = "#ffd166"


@dataclass(frozen=True, slots=True)
class ViewState:
    """What the window shows.

    Attributes
    ----------
    section : int
        Index of the section shown.
    selection : tuple of int
        Selected neighborhoods, the one selected first at the front.
    staged : Merging or Suggested or Chosen or None
        What waits for Enter.
    tree : Tree or None
        What the cluster panel cuts.
    work : Work or None
        Long work that is under way.
    notice : Notice or None
    asking : Asking or None
        The name that is being typed.
    saved : bool
        Whether the file holds the present state.
    showing : Showing
    color_by : ColorBy
        What is wanted; what is shown until it has been read is `painted`.
    shading : Shading
    painted : Painted
    legend_of_all : bool
        Whether the legend counts cells on all sections.
    turns : Turns
        How sections are laid on the canvas.
    sheet : bool
        Whether the contact sheet is unfolded.
    tool : Tool
        What the mouse draws with.
    brush : int
        Radius of the brush in pixels.
    joined : tuple of int
        Indexes of the sections that tools draw on too, rising.
    space : Space
        Whether the whole brain is shown, and how.
    embedding : str
        The obsm array in which neighborhoods are looked for; empty for our own.
    suggestions : Suggestions
        What could be merged or split.
    """

    section: int = 0
    selection: tuple[int, ...] = ()
    staged: Merging | Suggested | Chosen | None = None
    tree: Tree | None = None
    work: Work | None = None
    notice: Notice | None = None
    asking: Asking | None = None
    saved: bool = True
    showing: Showing = Showing()
    color_by: ColorBy = BY_NEIGHBORHOOD
    shading: Shading = USUALLY
    painted: Painted = NEIGHBORHOODS
    legend_of_all: bool = False
    turns: Turns = AS_MEASURED
    sheet: bool = True
    tool: Tool = "pan"
    brush: int = 24
    joined: tuple[int, ...] = ()
    space: Space = FLAT
    embedding: str = ""
    suggestions: Suggestions = UNKNOWN
