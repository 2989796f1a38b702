"""How sections are laid, to and from what is kept beside the file. No Qt."""

from __future__ import annotations

from napari_brain_atlas.gui.turning import AS_MEASURED, Turn, Turns
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow.kept_view import KeptView, LaidSection


def kept_to_turns(kept: KeptView, atlas: Atlas) -> Turns:
    """What was kept of sections that the atlas has."""
    indices = {(s.animal, s.name): s.index for s in atlas.sections}
    turns = AS_MEASURED
    for laid in kept.laid:
        index = indices.get((laid.animal, laid.section))
        if index is not None:
            turns = turns.with_turn(index, Turn(laid.quarters, laid.flipped))
    return turns


def turns_to_kept(turns: Turns, atlas: Atlas, sheet: bool) -> KeptView:
    """What is to be kept; `sheet` says whether the contact sheet is unfolded."""
    laid = [
        LaidSection(
            animal=atlas.sections[index].animal, section=atlas.sections[index].name,
            quarters=turn.quarters, flipped=turn.flipped,
        )
        for index, turn in turns.of_sections
    ]  # fmt: skip
    return KeptView(laid=tuple(laid), sheet=sheet)
