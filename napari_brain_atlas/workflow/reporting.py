"""What info, stats and score say of a file, as values and as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.agreement import LEFT_OUT, agree
from napari_brain_atlas.compute.statistics import Statistics, describe
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.versions import original_in, size_of, versions_in
from napari_brain_atlas.model.genes import unknown_gene
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.workflow.document import Document
from napari_brain_atlas.workflow.journals import journal_states

Report = dict[str, Any]


def info(document: Document) -> Report:
    """What was found in a file and in its curation folder."""
    atlas, layout, folder = document.atlas, document.layout, document.folder
    curation = document.session.curation
    journals = journal_states(folder)
    return {
        "file": str(document.path),
        "cells": atlas.n_cells,
        "sections": len(atlas.sections),
        "animals": len(atlas.animals),
        "genes": len(atlas.genes),
        "unit": atlas.unit.name,
        "unit_evidence": atlas.unit.evidence,
        "coordinates": [layout.x, layout.y],
        "section_column": layout.section,
        "animal_column": layout.animal,
        "position_column": layout.position,
        "cell_type_column": layout.cell_type,
        "extent": _extent(document),
        "section_order": [
            {"name": s.name, "animal": s.animal, "position_mm": s.position, "cells": s.n_cells}
            for s in atlas.sections
        ],
        "curation_folder": str(folder.path),
        "author": document.author,
        "author_source": document.author_source,
        "journals": {a: state.decisions for a, state in journals.items()},
        "held": {a: state.held for a, state in journals.items() if state.held},
        "damaged": {a: state.damage for a, state in journals.items() if state.damage},
        "recovered": document.recovered,
        "snapshots": dict(document.session.history.snapshots),
        "saved": document.saved,
        "neighborhoods": len(curation.neighborhoods) - 1,
        "unassigned_cells": curation.n_cells(UNASSIGNED),
        "blobs": len(folder.archive.digests()),
        "original": _original(document),
        "versions": [
            {"file": str(v.path), "time": v.time, "seq": v.seq, "bytes": v.size}
            for v in versions_in(folder.path)
        ],
        "cache": [{"key": key, "bytes": size} for key, size in document.cache.entries()],
    }


def info_lines(report: Report) -> list[str]:
    """`info` for a terminal."""
    unit = "mm" if report["unit"] == "mm" else "µm" if report["unit"] == "um" else "px"
    shown = "px" if unit == "px" else "µm"
    width, height = report["extent"]
    lines = [
        f"{report['file']}",
        f"  {report['cells']:,} cells on {report['sections']:,} sections of "
        f"{report['animals']:,} animals, {report['genes']:,} genes",
        f"  coordinates {report['coordinates'][0]}, {report['coordinates'][1]} in {unit} "
        f"({report['unit_evidence']})",
        f"  the largest section is {width:,.0f} × {height:,.0f} {shown}",
        f"  section column {report['section_column'] or 'none: all cells on one section'}, animal "
        f"column {report['animal_column'] or 'none'}, position "
        f"{report['position_column'] or 'by name'}, cell types {report['cell_type_column']}",
    ]
    lines += _section_lines(report["section_order"])
    decided = ", ".join(f"{a} {n:,}" for a, n in report["journals"].items()) or "none yet"
    kept = sum(entry["bytes"] for entry in report["cache"]) / 2**20
    lines += [
        f"  {report['neighborhoods']:,} neighborhoods, {report['unassigned_cells']:,} cells "
        "unassigned",
        f"  curation in {report['curation_folder']}; decisions: {decided}; cache {kept:,.1f} MB",
        f"  you are {report['author']} ({report['author_source']})",
        *_kept_lines(report),
    ]
    lines += [f"  the journal of {author} {held}" for author, held in report["held"].items()]
    return lines + [f"  damaged: {damage}" for damage in report["damaged"].values()]


def _kept_lines(report: Report) -> list[str]:
    """What there is to go back to."""
    original = report["original"]
    snapshots = ", ".join(f"{name!r} ({seq:,})" for name, seq in report["snapshots"].items())
    versions = ", ".join(
        f"{v['time'][:10]} {v['time'][11:19].replace('-', ':')} ({v['seq']:,})"
        for v in report["versions"]
    )
    lines = []
    if snapshots:
        lines.append(f"  snapshots, after which decision: {snapshots}")
    if original:
        size = original["bytes"] / 2**20
        lines.append(f"  the file before it was first saved: {original['file']}, {size:,.1f} MB")
    if versions:
        size = sum(v["bytes"] for v in report["versions"]) / 2**20
        lines.append(f"  former versions, saved after which decision: {versions}; {size:,.1f} MB")
    return lines


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
    confidence = _mean_confidence(document, described)
    filled = described.ids.tolist()
    return [
        _row(document, described, int(i), genes, n_markers, confidence)
        for i in sorted(filled, key=lambda i: (i == UNASSIGNED, i))
    ] + [_empty_row(document, i) for i in curation.ids.tolist() if i not in {*filled, UNASSIGNED}]


def stats_lines(rows: Sequence[Report]) -> list[str]:
    """`stats` for a terminal."""
    lines = [
        f"{'id':>5}  {'name':<24} {'cells':>10} {'sections':>8} {'animals':>7}  markers · types"
    ]
    for row in rows:
        markers = ", ".join(m["gene"] for m in row["markers"])
        types = ", ".join(f"{t} {100 * share:.0f} %" for t, share in row["cell_types"].items())
        lines.append(
            f"{row['id']:>5}  {row['name']:<24.24} {row['cells']:>10,} {row['sections']:>8,} "
            f"{row['animals']:>7,}  {markers or '–'} · {types or '–'}"
        )
        if row["expression"]:
            told = ", ".join(f"{g} {v:.2f}" for g, v in row["expression"].items())
            lines.append(f"{'':>7}mean log expression: {told}")
    return lines


def score(document: Document, truth: str, progress: Progress = silent) -> Report:
    """Agreement of the neighborhoods with a reference column.

    Raises
    ------
    InputError
        If there is no such column, or no neighborhoods to score.
    """
    curation = document.session.curation
    if len(curation.neighborhoods) < 2:
        raise InputError(
            str(document.path), ["there are no neighborhoods to score; run discover first"]
        )
    measured = document.atlas.measurements
    owners = curation.owners_of_cells()
    types = measured.column(document.atlas.cell_type) if document.atlas.cell_type else None
    found = agree(
        document.atlas,
        np.where(owners == UNASSIGNED, -1, owners).astype(np.int32),
        measured.column(truth),
        cell_types=types,
        progress=progress,
    )
    return {
        "file": str(document.path),
        "truth": truth,
        "left_out": list(LEFT_OUT),
        **asdict(found),
    }


def score_lines(report: Report) -> list[str]:
    """`score` for a terminal."""
    left_out = (
        f" ({report['n_left_out']:,} without a region or named "
        f"{', '.join(map(repr, report['left_out']))} left out)"
        if report["n_left_out"]
        else ""
    )
    lines = [
        f"{report['file']} against {report['truth']}: {report['n_scored']:,} cells{left_out}",
        f"  ARI {report['ari']:.3f}, mean over sections {report['ari_mean_over_sections']:.3f}; "
        f"AMI {report['ami']:.3f}, NMI {report['nmi']:.3f}, homogeneity "
        f"{report['homogeneity']:.3f}, completeness {report['completeness']:.3f}",
        f"  spatial coherence {report['coherence']:.3f} (the reference has "
        f"{report['truth_coherence']:.3f}), fragmentation {report['fragmentation']:.3f}",
    ]
    effort = report["effort"]
    lines.append(
        f"  curation effort: {effort['merges']:,} merges bring {effort['n_clusters']:,} "
        f"neighborhoods to {report['n_regions']:,} regions with accuracy "
        f"{effort['oracle_accuracy']:.3f} (ARI {effort['oracle_ari']:.3f}); "
        f"{effort['regions_missed']:,} regions need a split"
    )
    by_section = ", ".join(f"{s} {v:.3f}" for s, v in report["ari_per_section"].items())
    return [*lines, f"  ARI by section: {by_section}"]


def _extent(document: Document) -> tuple[float, float]:
    spans = [np.ptp(document.atlas.xy[s.cells], axis=0) for s in document.atlas.sections]
    width, height = np.max(spans, axis=0)
    return float(width), float(height)


def _original(document: Document) -> Report | None:
    """The file as it was before the first save in place, where it is kept."""
    kept = original_in(document.folder.path, document.path.suffix)
    return {"file": str(kept), "bytes": size_of(kept)} if kept.exists() else None


def _section_lines(sections: Sequence[Report], shown: int = 6) -> list[str]:
    names = [
        s["name"] + (f" ({s['position_mm']:+.2f} mm)" if s["position_mm"] is not None else "")
        for s in sections
    ]
    more = f", … {names[-1]}" if len(names) > shown else ""
    return ["  anterior to posterior: " + ", ".join(names[:shown]) + more]


def _mean_confidence(document: Document, described: Statistics) -> NDArray[np.float64]:
    """Mean confidence of each neighborhood over the cells that have one; NaN without."""
    curation = document.session.curation
    sums, counts = np.zeros(len(described.ids)), np.zeros(len(described.ids))
    for section in document.atlas.sections:
        confidence = curation.confidence_on(section.index)
        known = ~np.isnan(confidence)
        rows = np.searchsorted(described.ids, curation.owners_on(section.index)[known])
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
