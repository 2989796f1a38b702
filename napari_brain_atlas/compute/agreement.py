"""How well neighborhoods agree with a reference: the arithmetic of ``score``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.across_animals import Likeness, likeness, profiles_of
from napari_brain_atlas.compute.coherence import Coherence, spatial_coherence
from napari_brain_atlas.compute.contingency import Contingency, contingency_of_labels
from napari_brain_atlas.compute.effort import CurationEffort, curate, tiles
from napari_brain_atlas.compute.label_match import LabelMatch, adjusted_rand_of, match_labels
from napari_brain_atlas.compute.regions import LEFT_OUT, region_codes
from napari_brain_atlas.compute.sums import gather, ids_and_codes
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.atlas import Atlas, Column
from napari_brain_atlas.model.progress import Progress, silent

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Which cells are scored.

    Attributes
    ----------
    n_cells, n_scored, n_left_out : int
        Cells; those with a region; those without one or named "Unknown".
    n_regions : int
    unassigned : float
        Share of the scored cells in no neighborhood; they count as one label.
    majority_region_share : float
        Share of the largest region.
    """

    n_cells: int
    n_scored: int
    n_left_out: int
    n_regions: int
    unassigned: float
    majority_region_share: float


@dataclass(frozen=True, slots=True)
class SectionScores:
    """ARI of each section that has scored cells, with mean and median over them."""

    ari_per_section: dict[str, float]
    ari_mean_over_sections: float
    ari_median_over_sections: float


@dataclass(frozen=True, slots=True)
class AnimalScores:
    """How far neighborhoods are the same in different animals.

    Attributes
    ----------
    animals_per_neighborhood : float
        In how many animals a neighborhood stands, mean over neighborhoods.
    composition_correlation : float
        Correlation between animals of what a neighborhood is made of, mean over pairs of
        animals and neighborhoods; NaN with one animal.
    recognized : float
        Share of neighborhoods and animals in which it is most like itself in the others.
    """

    animals_per_neighborhood: float
    composition_correlation: float
    recognized: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Labels against a reference.

    Attributes
    ----------
    scored : Scored
    match : LabelMatch
    sections : SectionScores
    space : Coherence
    animals : AnimalScores
    effort : CurationEffort
    tiles : CurationEffort
        The same of as many tiles of the coordinates, which know no biology: merging gets
        further with more clusters, whatever they are.
    """

    scored: Scored
    match: LabelMatch
    sections: SectionScores
    space: Coherence
    animals: AnimalScores
    effort: CurationEffort
    tiles: CurationEffort


def agree(
    atlas: Atlas,
    owner: NDArray[np.int32],
    truth: Column,
    *,
    left_out: Sequence[str] = LEFT_OUT,
    progress: Progress = silent,
) -> Agreement:
    """Score labels against a reference column.

    Parameters
    ----------
    owner : (n_cells,) int32
        Neighborhood of each cell; below 0 is unassigned.
    truth : Column
        The region of each cell; cells without one stay in as neighbors.
    left_out : sequence of str
        Regions that are no regions, besides missing ones.

    Raises
    ------
    BrainAtlasError
        If no cell has a region.
    """
    regions = region_codes(truth, left_out)
    if not (regions >= 0).any():
        raise BrainAtlasError("No cell has a region to score against; choose another column.")
    labels = np.where(owner < 0, -1, owner).astype(np.int32)
    progress("Scoring", 0.0)
    shared = _Shared.of(atlas, labels, regions)
    effort = curate(shared.table[1:], shared.table[0])
    progress("Scoring", 0.2)
    control = shared
    if effort.n_clusters:
        control = _Shared.of(atlas, tiles(atlas, effort.n_clusters), regions)
    progress("Scoring", 0.5)
    return Agreement(
        scored=_scored(atlas, shared.table),
        match=match_labels(shared.table),
        sections=_section_scores(atlas, shared),
        space=spatial_coherence(atlas, labels, region_codes(truth)),
        animals=_animal_scores(atlas, labels),
        effort=effort,
        tiles=curate(control.table[1:], control.table[0]),
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """Cells in common of labels and regions, with the unassigned ones as the first label.

    Attributes
    ----------
    rows, columns, sections : (m,) int
    counts : (m,) int64
    table : (n_labels + 1, n_regions) int64
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    sections: NDArray[np.int32]
    counts: Counts
    table: Counts

    @classmethod
    def of(cls, atlas: Atlas, labels: NDArray[np.int32], regions: NDArray[np.int32]) -> _Shared:
        found = contingency_of_labels(labels + 1, regions + 1, atlas.section_starts)
        return cls.without_unscored(found)

    @classmethod
    def without_unscored(cls, found: Contingency) -> _Shared:
        scored = found.after > 0
        before, after = found.before[scored], found.after[scored]
        _, columns = np.unique(after, return_inverse=True)
        ids, rows = np.unique(np.append(0, before), return_inverse=True)
        rows, counts = rows[1:], found.counts[scored]
        table = np.zeros((len(ids), int(columns.max()) + 1), np.int64)
        np.add.at(table, (rows, columns), counts)
        return cls(rows, columns, found.sections[scored], counts, table)

    def by_section(self) -> Iterator[tuple[int, Counts]]:
        """The table of each section that has scored cells."""
        for section in np.unique(self.sections).tolist():
            here = self.sections == section
            rows, columns = (np.unique(c[here], return_inverse=True)[1]
                             for c in (self.rows, self.columns))  # fmt: skip
            table = np.zeros((int(rows.max()) + 1, int(columns.max()) + 1), np.int64)
            table[rows, columns] = self.counts[here]
            yield section, table


def _scored(atlas: Atlas, table: Counts) -> Scored:
    n_scored = int(table.sum())
    return Scored(
        n_cells=atlas.n_cells,
        n_scored=n_scored,
        n_left_out=atlas.n_cells - n_scored,
        n_regions=table.shape[1],
        unassigned=float(table[0].sum() / n_scored),
        majority_region_share=float(table.sum(axis=0).max() / n_scored),
    )


def _section_scores(atlas: Atlas, shared: _Shared) -> SectionScores:
    scores = {
        atlas.sections[section].name: adjusted_rand_of(table)
        for section, table in shared.by_section()
    }
    values = list(scores.values())
    return SectionScores(scores, float(np.mean(values)), float(np.median(values)))


def _animal_scores(atlas: Atlas, labels: NDArray[np.int32]) -> AnimalScores:
    if not (labels >= 0).any():
        return AnimalScores(float("nan"), float("nan"), float("nan"))
    if len(atlas.animals) == 1:
        return AnimalScores(1.0, float("nan"), float("nan"))
    ids, codes = ids_and_codes(labels)
    # Cell types are enough to compare animals; genes are read where there are none.
    found = likeness(profiles_of(ids, gather(atlas, codes, len(ids), expression=False)))
    return AnimalScores(float(found.n_animals.mean()), *_pooled(found))


def _pooled(found: Likeness) -> tuple[float, float]:
    pairs, compared = found.n_pairs.sum(), found.n_compared.sum()
    correlation = np.nansum(found.correlation * found.n_pairs) / pairs if pairs else np.nan
    recognized = found.n_recognized.sum() / compared if compared else np.nan
    return float(correlation), float(recognized)
