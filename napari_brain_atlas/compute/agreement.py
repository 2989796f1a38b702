"""How well neighborhoods agree with a reference: the arithmetic of ``score``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from napari_brain_atlas.compute.coherence import coherence, cross_animal, fragmentation
from napari_brain_atlas.errors import BrainAtlasError
from napari_brain_atlas.model.atlas import Atlas, Column
from napari_brain_atlas.model.progress import Progress, silent

# Names that say that nobody knows the region of a cell.
MISSING_NAMES = frozenset({"", "-1", "-1.0", "nan", "none", "na", "unassigned", "noise", "<na>"})
LEFT_OUT = ("Unknown",)


@dataclass(frozen=True, slots=True)
class CurationEffort:
    """What an oracle who may only merge makes of the labels.

    Every cluster gets the name of the region that most of its cells belong to.

    Attributes
    ----------
    n_clusters : int
    n_named_regions : int
    merges : int
        Merges the oracle needs.
    regions_missed : int
        Regions that no cluster is named after: merging cannot bring them back.
    oracle_ari, oracle_accuracy : float
    oracle_macro_recall : float
        Mean over regions; missed regions count 0.
    """

    n_clusters: int
    n_named_regions: int
    merges: int
    regions_missed: int
    oracle_ari: float
    oracle_accuracy: float
    oracle_macro_recall: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Labels against a reference.

    Attributes
    ----------
    n_cells, n_scored, n_left_out : int
        Cells; those with a region; those without one or named "Unknown".
    n_regions : int
    unassigned : float
        Share of the scored cells in no neighborhood; they count as one label.
    ari, ami, nmi, homogeneity, completeness : float
    coherence, truth_coherence : float
        Mean share of the ten nearest cells of the section with the same label.
    fragmentation : float
        Share of the cells outside the largest connected piece of their label on
        their section.
    animals_per_neighborhood : float
        Mean over neighborhoods.
    composition_correlation : float
        Correlation between animals of the mixture of cell types of a neighborhood,
        mean over pairs and neighborhoods; NaN with one animal or without types.
    effort : CurationEffort
    ari_per_section : dict of str to float
    ari_mean_over_sections : float
    majority_region_share : float
        Share of the largest region.
    """

    n_cells: int
    n_scored: int
    n_left_out: int
    n_regions: int
    unassigned: float
    ari: float
    ami: float
    nmi: float
    homogeneity: float
    completeness: float
    coherence: float
    truth_coherence: float
    fragmentation: float
    animals_per_neighborhood: float
    composition_correlation: float
    effort: CurationEffort
    ari_per_section: dict[str, float]
    ari_mean_over_sections: float
    majority_region_share: float


def agree(
    atlas: Atlas,
    owner: NDArray[np.int32],
    truth: Column,
    *,
    left_out: Sequence[str] = LEFT_OUT,
    cell_types: Column | None = None,
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
    cell_types : Column, optional
        For the likeness of neighborhoods across animals.

    Raises
    ------
    BrainAtlasError
        If no cell has a region.
    """
    regions = _region_codes(truth)
    kept = (regions >= 0) & ~np.isin(regions, _codes_of(truth, left_out))
    if not kept.any():
        raise BrainAtlasError("No cell has a region to score against; choose another column.")
    y = np.unique(regions[kept], return_inverse=True)[1]
    labels = np.where(owner < 0, -1, owner)
    predicted = labels[kept]
    progress("Scoring", 0.1)
    section_of = atlas.section_of(np.flatnonzero(kept))
    per_section = {
        atlas.sections[i].name: _ari(y[section_of == i], predicted[section_of == i])
        for i in np.unique(section_of)
    }
    progress("Scoring", 0.3)
    animals, correlation = cross_animal(atlas, labels, cell_types)
    progress("Scoring", 0.5)
    return Agreement(
        n_cells=atlas.n_cells,
        n_scored=len(y),
        n_left_out=atlas.n_cells - len(y),
        n_regions=int(y.max()) + 1,
        unassigned=float(np.mean(predicted < 0)),
        ari=_ari(y, predicted),
        ami=float(metrics.adjusted_mutual_info_score(y, predicted)),
        nmi=float(metrics.normalized_mutual_info_score(y, predicted)),
        homogeneity=float(metrics.homogeneity_score(y, predicted)),
        completeness=float(metrics.completeness_score(y, predicted)),
        coherence=coherence(atlas, labels),
        truth_coherence=coherence(atlas, regions),
        fragmentation=fragmentation(atlas, labels),
        animals_per_neighborhood=animals,
        composition_correlation=correlation,
        effort=curate(predicted, y),
        ari_per_section=per_section,
        ari_mean_over_sections=float(np.mean(list(per_section.values()))),
        majority_region_share=float(np.bincount(y).max() / len(y)),
    )


def curate(labels: NDArray[np.int32], regions: NDArray[np.int64]) -> CurationEffort:
    """Let an oracle merge clusters.

    Parameters
    ----------
    labels : (n,) int32
        Below 0 is unassigned: never named, always wrong.
    regions : (n,) int64
        0 to n_regions - 1, all present.
    """
    assigned = labels >= 0
    n_regions = int(regions.max()) + 1
    clusters, codes = np.unique(labels[assigned], return_inverse=True)
    table = np.zeros((len(clusters), n_regions), np.int64)
    np.add.at(table, (codes, regions[assigned]), 1)
    names = table.argmax(axis=1) if len(clusters) else np.zeros(0, np.int64)
    named = np.full(len(labels), n_regions)
    named[assigned] = names[codes]
    right = named == regions
    recall = np.bincount(regions, right) / np.bincount(regions)
    n_named = len(np.unique(names))
    return CurationEffort(
        n_clusters=len(clusters),
        n_named_regions=n_named,
        merges=len(clusters) - n_named,
        regions_missed=n_regions - n_named,
        oracle_ari=_ari(regions, named),
        oracle_accuracy=float(right.mean()),
        oracle_macro_recall=float(recall.mean()),
    )


def _region_codes(truth: Column) -> NDArray[np.int64]:
    """Codes of the regions, -1 where the name says that there is none."""
    missing = [i for i, name in enumerate(truth.names) if _is_missing(name)]
    return np.where(np.isin(truth.codes, missing), -1, truth.codes).astype(np.int64)


def _is_missing(name: str) -> bool:
    return name.strip().lower() in MISSING_NAMES


def _codes_of(column: Column, names: Sequence[str]) -> list[int]:
    return [i for i, name in enumerate(column.names) if name in names]


def _ari(a: NDArray[np.int64], b: NDArray[np.int64] | NDArray[np.int32]) -> float:
    return float(metrics.adjusted_rand_score(a, b))
