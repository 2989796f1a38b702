"""What ``report`` says: regions of a reference that are divided, and borders that are crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.compactness import compactness
from napari_brain_atlas.compute.contingency import contingency_of_labels
from napari_brain_atlas.compute.distinctness import LARGE, distinctness, halves_of
from napari_brain_atlas.compute.markers import Marker, best_markers
from napari_brain_atlas.compute.novelty import (
    UNCHARTED,
    USUAL,
    Novelty,
    NoveltyParameters,
    Part,
    Subdivision,
    novelty,
)
from napari_brain_atlas.compute.regions import LEFT_OUT, region_codes
from napari_brain_atlas.compute.sums import Sums, animal_of_sections, gather, in_pairs
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.atlas import Column
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.score_report import require_neighborhoods
from napari_brain_atlas.workflow.stats_report import mean_confidence

Report = dict[str, Any]
CLAIMED_STABILITY = 0.5
"""A part is claimed that comes back more often than not, if its own cells differ, too."""


def novelty_report(
    document: Document,
    reference: str,
    *,
    parameters: NoveltyParameters = USUAL,
    n_markers: int = 5,
    stability: Mapping[int, float] | None = None,
    progress: Progress = silent,
) -> Report:
    """Set the neighborhoods of a file against a column of known regions.

    Parameters
    ----------
    reference : str
        An obs column; missing names and "Unknown" are no regions.
    stability : mapping of int to float, optional
        How surely each comes back where half of the tissue is left out, where that is known;
        no part is claimed without.

    Raises
    ------
    InputError
        If there is no such column, no cell has a region, or there are no neighborhoods.
    """
    column, regions = require_reference(document, reference)
    atlas = document.atlas
    owners = document.session.curation.owners_of_cells()
    progress("Comparing with the reference", 0.0)
    table = contingency_of_labels(regions + 1, owners, atlas.section_starts)
    found = novelty(table, animal_of_sections(atlas), parameters)
    return _Telling(document, column, regions, owners, found, parameters.mostly).report(
        {
            "file": str(document.path),
            "reference": reference,
            "left_out": list(LEFT_OUT),
            "parameters": asdict(parameters)
            | {"claimed_stability": CLAIMED_STABILITY, "claimed_distinctness": LARGE},
            "n_animals": len(atlas.animals),
        },
        n_markers,
        stability or {},
        progress,
    )


def require_reference(document: Document, reference: str) -> tuple[Column, NDArray[np.int32]]:
    """The column of known regions, and the region of every cell (-1 for none).

    Raises
    ------
    InputError
        As for :func:`novelty_report`.
    """
    require_neighborhoods(document, "report")
    column = document.atlas.measurements.column(reference)
    regions = region_codes(column, LEFT_OUT)
    if not (regions >= 0).any():
        told = f"no cell has a region in the column {reference!r}; choose another one"
        raise InputError(str(document.path), [told])
    return column, regions


class _Telling:
    """One report being written."""

    def __init__(
        self, document: Document, column: Column, regions: NDArray[np.int32],
        owners: NDArray[np.int32], found: Novelty, mostly: float,
    ) -> None:  # fmt: skip
        self._document = document
        self._column = column
        self._regions = regions
        self._owners = owners
        self._found = found
        self._mostly = mostly

    def report(
        self, about: Report, n_markers: int, stability: Mapping[int, float], progress: Progress
    ) -> Report:
        found, ids = self._found, self._document.session.curation.ids
        sure = mean_confidence(self._document, ids)
        self._confidence = dict(zip(ids.tolist(), sure.tolist(), strict=True))
        self._stability = stability
        parts = self._parts_of_cells()
        region_of_part = np.repeat(
            np.arange(len(found.subdivisions)), [len(s.parts) for s in found.subdivisions]
        )
        atlas = self._document.atlas
        apart = compactness(atlas, parts, region_of_part, progress)
        sums = self._gathered(parts, region_of_part, progress)
        firsts = np.searchsorted(region_of_part, np.arange(len(found.subdivisions)))
        return {
            **about,
            "n_regions": found.n_regions,
            "n_neighborhoods": found.n_neighborhoods,
            "n_matching": found.n_matching,
            "n_claimed": self._n_claimed() if stability else None,
            "bits": _known(found.bits),
            "subdivisions": [
                self._subdivision(s, float(apart[i]), sums, int(firsts[i]), n_markers)
                for i, s in enumerate(found.subdivisions)
            ],
            "crossings": [
                {
                    **self._named(c.neighborhood),
                    "cells": c.cells,
                    "bits": round(c.bits, 4),
                    "animals": c.animals,
                    "regions": [
                        {"region": self._region(r), "cells": n, "share": round(share, 4)}
                        for r, n, share in c.parts
                    ],
                }
                for c in found.crossings
            ],
            "uncharted": [self._part(part) for part in found.uncharted],
        }

    def _parts_of_cells(self) -> NDArray[np.int32]:
        """Part of each cell, counted through all subdivisions; -1 in none."""
        parts = [(s.region, p.neighborhood) for s in self._found.subdivisions for p in s.parts]
        part_of = np.full(int(self._owners.max(initial=0)) + 1, -1, np.int32)
        region_of = np.full(len(part_of), UNCHARTED, np.int32)
        for i, (region, identity) in enumerate(parts):
            part_of[identity], region_of[identity] = i, region
        inside = region_of[self._owners] == self._regions + 1
        return np.where(inside, part_of[self._owners], -1).astype(np.int32)

    def _gathered(
        self, parts: NDArray[np.int32], region_of_part: NDArray[np.int64], progress: Progress
    ) -> Sums:
        """The sums of all parts; on the way, how far each differs from the others."""
        atlas, n_parts = self._document.atlas, len(region_of_part)
        halves = halves_of(atlas)
        codes = np.where(parts < 0, 2 * n_parts, 2 * parts + halves).astype(np.int64)
        sums = gather(atlas, codes, 2 * n_parts, progress=progress)
        differ = distinctness(atlas, parts, halves, region_of_part, sums, progress)
        ids = [p.neighborhood for s in self._found.subdivisions for p in s.parts]
        self._distinctness = dict(zip(ids, differ.tolist(), strict=True))
        return in_pairs(sums)

    def _n_claimed(self) -> int:
        return sum(self._claimed(p) for s in self._found.subdivisions for p in s.parts)

    def _claimed(self, part: Part) -> bool:
        """Whether it comes back and its own cells differ; NaN says neither.

        What holds most of the region is the region, and differs from what borders on it.
        """
        return (
            self._stability.get(part.neighborhood, 0.0) >= CLAIMED_STABILITY
            and self._distinctness[part.neighborhood] >= LARGE
            and part.share_of_region < self._mostly
        )

    def _subdivision(
        self, found: Subdivision, apart: float, sums: Sums, first: int, n_markers: int
    ) -> Report:
        rows = slice(first, first + len(found.parts))
        markers = _markers_between(sums, rows, n_markers)
        types = _types_of(sums, rows)
        return {
            "region": self._region(found.region),
            "cells": found.cells,
            "divided": round(found.divided, 4),
            "bits": round(found.bits, 4),
            "compactness": _known(apart),
            "in_all_animals": found.in_all_animals,
            "parts": [
                {
                    **self._part(p),
                    "distinctness": _known(self._distinctness[p.neighborhood]),
                    "claimed": self._claimed(p),
                    "markers": [asdict(m) for m in marks],
                    "cell_types": mixture,
                }
                for p, marks, mixture in zip(found.parts, markers, types, strict=True)
            ],
        }

    def _part(self, part: Part) -> Report:
        said = asdict(part)
        del said["neighborhood"]
        shares = {k: round(v, 4) for k, v in said.items() if isinstance(v, float)}
        return {
            **self._named(part.neighborhood),
            **said,
            **shares,
            "mean_confidence": _known(self._confidence.get(part.neighborhood, float("nan"))),
            "stability": _known(self._stability.get(part.neighborhood, float("nan"))),
        }

    def _named(self, identity: int) -> Report:
        return {
            "id": identity,
            "name": self._document.session.curation.neighborhood(identity).name,
        }

    def _region(self, code: int) -> str:
        return self._column.names[code - 1]


def _markers_between(sums: Sums, rows: slice, n: int) -> list[tuple[Marker, ...]]:
    """Genes that mark each part against the other parts of its region alone."""
    cells = sums.cells[rows].sum(axis=1)
    expression = sums.expression[rows].sum(axis=1)
    return best_markers(
        sums.genes, cells, expression, sums.squares[rows], sums.expressing[rows], n
    )


def _types_of(sums: Sums, rows: slice, n: int = 3) -> list[dict[str, float]]:
    """The most frequent cell types of each part with their shares."""
    types = sums.types[rows].sum(axis=1)
    shares = types / np.maximum(types.sum(axis=1, keepdims=True), 1)
    best = np.argsort(-shares, axis=1, kind="stable")[:, :n]
    return [
        {sums.type_names[t]: round(float(row[t]), 4) for t in order if row[t] > 0}
        for row, order in zip(shares, best, strict=True)
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
