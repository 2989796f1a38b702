"""What a curator could merge or split next, with the reasons; and what a split would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.borders import TOUCHING, borders_of
from napari_brain_atlas.compute.expression import expression_scale
from napari_brain_atlas.compute.neighbors import atlas_neighbors
from napari_brain_atlas.compute.resolve import VOTERS, vote
from napari_brain_atlas.compute.suggestions import (
    MergeFigures,
    SplitFigures,
    rank_merges,
    rank_splits,
)
from napari_brain_atlas.compute.sums import gather
from napari_brain_atlas.compute.tree_groups import TreeGroups
from napari_brain_atlas.errors import CommandError
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.links import LinkedPair
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.proposal import Proposal
from napari_brain_atlas.workflow.describing import described
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.embedding import Grown, hierarchy_key
from napari_brain_atlas.workflow.reasons import merge_reason, split_reason

MOST = 30
"""Of each kind that are told."""
Kind = Literal["merge", "split"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that could be done, and why.

    Attributes
    ----------
    kind : {"merge", "split"}
    neighborhoods : tuple of int
        The two to merge, the larger first, as it keeps its name; or the one to split.
    score : float
        0 to 1; only for the order.
    reason : str
        One line.
    figures : mapping
        All that it was ranked by.
    node : int
        Of a split: the branch of the tree whose cells leave; -1 else.
    """

    kind: Kind
    neighborhoods: tuple[int, ...]
    score: float
    reason: str
    figures: Mapping[str, Any]
    node: int = -1

    @property
    def key(self) -> str:
        """The same each time it is made, for :class:`Dismiss`."""
        return key_of(self.kind, *self.neighborhoods)

    @property
    def evidence(self) -> dict[str, Any]:
        """As it stands in the command that follows it."""
        return {"suggestion": self.key, **self.figures}


@dataclass(frozen=True, slots=True)
class Ground:
    """What suggestions are read from, found once: states come and go over it.

    Attributes
    ----------
    grown : Grown
        Over all cells.
    neighbors : (n_cells, k) int32
    typed : bool
        Whether there are cell types to compare.
    """

    grown: Grown
    neighbors: NDArray[np.int32]
    typed: bool

    @classmethod
    def of(cls, atlas: Atlas, grown: Grown, progress: Progress = silent) -> Ground:
        """Find what the hierarchy does not hold."""
        neighbors = grown.neighbors
        if neighbors is None:
            neighbors = atlas_neighbors(atlas, TOUCHING, progress)
        typed = atlas.cell_type is not None or expression_scale(atlas).content == "types"
        return cls(grown, neighbors, typed)


def kept_hierarchy(document: Document) -> str | None:
    """The key of the hierarchy over all cells in our own embedding; None if it is not kept."""
    key = hierarchy_key(document.atlas, None, seed=0)
    return key if any(kept == key for kept, _ in document.cache.entries()) else None


def key_of(kind: Kind, *neighborhoods: int) -> str:
    """``merge:3,17`` or ``split:7``."""
    return f"{kind}:{','.join(str(i) for i in sorted(neighborhoods))}"


def suggest(
    atlas: Atlas, curation: Curation, ground: Ground, most: int = MOST, progress: Progress = silent
) -> tuple[Suggestion, ...]:
    """Rank merges and splits of the present neighborhoods: the best of each kind first.

    Left out are what is locked, pairs that must stay apart, and what was dismissed.
    """
    ids = curation.ids.tolist()
    codes = np.searchsorted(curation.ids, curation.owners_of_cells())
    tree = TreeGroups.of(ground.grown.hierarchy, codes, len(ids))
    free = [i for i in ids if i != UNASSIGNED and curation.lock_on(i) is None]
    known = {ids.index(i) for i in free}
    progress("Comparing neighborhoods", 0.3)

    def allowed(one: int, other: int) -> bool:
        pair = ids[one], ids[other]
        apart = LinkedPair("cannot", *pair) in curation.links
        return known >= {one, other} and not apart and _open(curation, "merge", *pair)

    shares = _shares(atlas, codes, len(ids)) if ground.typed else None
    merges = rank_merges(tree, borders_of(codes, ground.neighbors, len(ids)), shares, allowed)
    progress("Comparing neighborhoods", 0.6)
    groups = [g for g in sorted(known) if _open(curation, "split", ids[g])]
    splits = rank_splits(tree, codes, ground.neighbors, groups)
    progress("Comparing neighborhoods", 1.0)
    return (
        *(_merge(curation, ids, m) for m in merges[:most]),
        *(_split(ids, s) for s in splits[:most]),
    )


def proposed_split(
    atlas: Atlas, curation: Curation, ground: Ground, suggestion: Suggestion
) -> Proposal:
    """What a suggested split would make: the branch leaves, once the nearest cells have voted.

    Raises
    ------
    CommandError
        If the neighborhood has changed since, so that nothing of it would leave.
    """
    (origin,) = suggestion.neighborhoods
    cells = curation.cells_of(curation.neighborhood(origin).id)
    hierarchy = ground.grown.hierarchy
    tree = TreeGroups.of(hierarchy, np.zeros(hierarchy.n_cells, np.int64), 1)
    leaves = tree.under(suggestion.node)[hierarchy.point_of_cell[cells]]
    if leaves.all() or not leaves.any():
        raise CommandError("there is nothing to split any more; look for suggestions again")
    strengths = np.ones(len(cells), np.float32)
    owner, confidence = vote(
        atlas, leaves.astype(np.int32), strengths, cells=cells, n_voters=VOTERS, rounds=1
    )
    proposal = Proposal(
        labels=owner,
        confidence=confidence_to_bytes(confidence),
        neighborhoods=(),
        cells=cells,
        evidence=suggestion.evidence,
    )
    return described(proposal, atlas, curation, origin)


def _open(curation: Curation, kind: Kind, *neighborhoods: int) -> bool:
    return key_of(kind, *neighborhoods) not in curation.dismissed


def _shares(atlas: Atlas, codes: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    cells = gather(atlas, codes, n, expression=False).types.sum(axis=1)[:n]
    total = cells.sum(axis=1, keepdims=True)
    return np.asarray(cells / np.maximum(total, 1))


def _merge(curation: Curation, ids: list[int], found: MergeFigures) -> Suggestion:
    pair = sorted((ids[found.one], ids[found.other]), key=lambda i: (-curation.n_cells(i), i))
    figures = {
        "same_cell_types": _rounded(found.overlap),
        "separation": _rounded(found.separation),
        "shared_border": _rounded(found.contact),
        "together": _rounded(found.together),
        "apart": [_rounded(hold) for hold in found.apart],
    }
    return Suggestion("merge", tuple(pair), round(found.score, 4), merge_reason(found), figures)


def _split(ids: list[int], found: SplitFigures) -> Suggestion:
    figures = {
        "cells": [found.n_stays, found.n_leaves],
        "holds": [_rounded(hold) for hold in (found.holds[1], found.holds[0])],
        "coherence": _rounded(found.coherence),
        "separation": _rounded(found.separation),
        "level": _rounded(found.parting.level),
    }
    return Suggestion(
        "split", (ids[found.group],), round(found.score, 4), split_reason(found), figures,
        found.parting.leaves,
    )  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)
