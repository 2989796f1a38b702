"""What ``stats`` says of every neighborhood, as values and as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.statistics import Statistics, describe
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.genes import unknown_gene
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.standing import Standing, standing_notes

Report = dict[str, Any]


def stats(
    document: Document,
    genes: Sequence[str] = (),
    n_markers: int = 5,
    progress: Progress = silent,
) -> list[Report]:
    """Cells, sections, animals, cell types and marker genes of every neighborhood.

    One without cells of its own, as a group is, comes after the others.

    Raises
    ------
    InputError
        If a gene that is asked for is not measured.
    """
    atlas, curation = document.atlas, document.session.curation
    missing = [unknown_gene(g, atlas.genes) for g in genes if g not in atlas.genes]
    if missing:
        raise InputError(str(document.path), missing)
    owners = curation.owners_of_cells()
    described = describe(atlas, owners, progress)
    confidence = mean_confidence(document, described.ids)
    standing = Standing.of(atlas, owners, described.profiles, progress)
    filled = described.ids.tolist()
    return [
        {
            **_row(document, described, i, genes, n_markers, confidence),
            **standing.record(i),
        }
        for i in sorted(filled, key=lambda i: (i == UNASSIGNED, i))
    ] + [
        {**_empty_row(document, i), **standing.record(i)}
        for i in curation.ids.tolist()
        if i not in {*filled, UNASSIGNED}
    ]


def stats_lines(rows: Sequence[Report]) -> list[str]:
    """`stats` for a terminal."""
    lines = [
        f"{'id':>5}  {'name':<24} {'cells':>10} {'sections':>8} {'gaps':>5} {'in place':>13} "
        f"{'animals':>7} {'alike':>12}  markers · types"
    ]
    for row in rows:
        markers = ", ".join(m["gene"] for m in row["markers"])
        types = ", ".join(f"{t} {100 * share:.0f} %" for t, share in row["cell_types"].items())
        lines.append(
            f"{row['id']:>5}  {row['name']:<24.24} {row['cells']:>10,} {row['sections']:>8,} "
            f"{_continuity_text(row['continuity'])} {row['animals']:>7,} "
            f"{_animals_text(row['across_animals'])}  {markers or '–'} · {types or '–'}"
        )
        if row["expression"]:
            told = ", ".join(f"{g} {v:.2f}" for g, v in row["expression"].items())
            lines.append(f"{'':>7}mean log expression: {told}")
    return lines + standing_notes(rows)


def mean_confidence(document: Document, ids: NDArray[np.int32]) -> NDArray[np.float64]:
    """Mean confidence of neighborhoods, ascending, over the cells that have one; NaN without."""
    curation = document.session.curation
    sums, counts = np.zeros(len(ids)), np.zeros(len(ids))
    for section in document.atlas.sections:
        confidence = curation.confidence_on(section.index)
        known = ~np.isnan(confidence)
        rows = np.searchsorted(ids, curation.owners_on(section.index)[known])
        sums += np.bincount(rows, confidence[known], len(sums))
        counts += np.bincount(rows, minlength=len(counts))
    means = np.full(len(sums), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def _row(
    document: Document,
    described: Statistics,
    identity: int,
    genes: Sequence[str],
    n_markers: int,
    confidence: NDArray[np.float64],
) -> Report:
    i = described.row(identity)
    sure = float(confidence[i])
    return {
        **_record_of(document, identity),
        "cells": int(described.n_cells[i]),
        "sections": int(described.n_sections[i]),
        "animals": int(described.n_animals[i]),
        "mean_confidence": None if np.isnan(sure) else round(sure, 4),
        "cell_types": {t: round(s, 4) for t, s in described.main_types(identity, 3)},
        "markers": [asdict(m) for m in described.markers(identity, n_markers)],
        "expression": {
            g: round(float(described.mean_expression[i, described.genes.index(g)]), 4)
            for g in genes
            if g in described.genes
        },
    }


def _empty_row(document: Document, identity: int) -> Report:
    figures = {"cells": 0, "sections": 0, "animals": 0, "mean_confidence": None}
    lists: Report = {"cell_types": {}, "markers": [], "expression": {}}
    return {**_record_of(document, identity), **figures, **lists}


def _record_of(document: Document, identity: int) -> Report:
    neighborhood = document.session.curation.neighborhood(identity)
    fields = {"id", "name", "color", "parent", "locked", "status"}
    return neighborhood.model_dump(mode="json", include=fields)


def _continuity_text(record: Report | None) -> str:
    if record is None or not (record["steps"] or record["gaps"]):
        return f"{'–':>5} {'–':>13}"
    place = "–"
    if record["overlap"] is not None:
        place = f"{record['overlap']:.2f} ({record['by_chance']:.2f})"
    return f"{record['gaps']:>5,} {place:>13}"


def _animals_text(record: Report | None) -> str:
    if record is None or record["correlation"] is None:
        return f"{'–':>12}"
    own = f"{record['recognized']}/{record['compared']}"
    return f"{record['correlation']:>5.2f} {own:>6}"
