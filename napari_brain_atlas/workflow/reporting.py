"""What ``info`` says of a file, as values and as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_brain_atlas.io.versions import original_in, size_of, versions_in
from napari_brain_atlas.model.neighborhood import UNASSIGNED
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
