"""What became of cells, neighborhoods and snapshots that were carried over, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_brain_atlas.compute.displacement import Displacement
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.wording import count, listed
from napari_brain_atlas.workflow.reading import Reading

Report = dict[str, Any]
_SHOWN = 20


def author_report(reading: Reading, sentence: str, rows: NDArray[np.int64]) -> Report:
    """What one author's neighborhoods lost.

    Parameters
    ----------
    rows : (n_new,) int64
        Rows of the old file, -1 for cells that are not in it.
    """
    curation = reading.session.curation
    owners = curation.owners_of_cells()[reading.atlas.atlas_positions]
    size = int(curation.ids[-1]) + 1
    before = np.bincount(owners, minlength=size)
    kept = np.bincount(owners[rows[rows >= 0]], minlength=size)
    snapshots = reading.session.history.snapshots
    return {
        "author": reading.author,
        "decisions": reading.seq,
        "snapshots": sorted(snapshots, key=lambda name: snapshots[name]),
        "sentence": sentence,
        "neighborhoods": [
            {
                "id": i,
                "name": curation.neighborhood(i).name,
                "cells": int(before[i]),
                "kept": int(kept[i]),
                "lost": int(before[i] - kept[i]),
            }
            for i in curation.ids.tolist()
            if i != UNASSIGNED
        ],
    }


def rebase_lines(report: Report) -> list[str]:
    """`rebase` for a terminal."""
    lines = [
        f"{report['old']} → {report['new']}: {count(report['kept'], 'cell')} in both; "
        f"{report['lost']:,} lost, {report['found']:,} found, which are unassigned"
    ]
    for author in report["authors"]:
        lines.append(author["sentence"])
        if author["snapshots"]:
            names = listed(repr(name) for name in author["snapshots"])
            lines.append(f"  with {count(len(author['snapshots']), 'snapshot')}: {names}")
        lines += _losses(author["neighborhoods"])
    lines += [f"warning: {warning}" for warning in report["warnings"]]
    return lines


def warnings_of(moved: Displacement, atlas: Atlas, same: bool, folder: Path) -> list[str]:
    """What a curator should look at before going on."""
    warnings = []
    unit = "px" if atlas.unit.name == "px" else "µm"
    share = f"of {count(moved.n_cells, 'cell')} in both"
    if n := len(moved.other_section):
        warnings.append(
            f"{n:,} {share} lie on another section than before; if cells were named anew, the "
            "names do not mean the same cells: take it back with undo"
        )
    if moved.elsewhere is None:
        warnings.append("the units of the two files differ, so places were not compared")
    elif n := len(moved.elsewhere):
        warnings.append(
            f"{n:,} {share} lie elsewhere, half of these by more than {moved.median:,.1f} {unit} "
            f"(neighboring cells are {moved.spacing:,.1f} {unit} apart)"
        )
    if same:
        warnings.append(
            "the cells of both files are the same: a copy of the folder "
            f"{folder} would have kept every decision as a step"
        )
    return warnings


def _losses(neighborhoods: list[Report]) -> list[str]:
    emptied = [n for n in neighborhoods if n["cells"] and not n["kept"]]
    partly = [n for n in neighborhoods if n["lost"] and n["kept"]]
    partly.sort(key=lambda n: -n["lost"])
    lines = [
        f"  {n['name']!r} ({n['id']}) lost all {count(n['cells'], 'cell')}; it is kept, empty"
        for n in emptied
    ]
    lines += [
        f"  {n['name']!r} ({n['id']}) lost {n['lost']:,} of {count(n['cells'], 'cell')} "
        f"({100 * n['lost'] / n['cells']:.1f} %)"
        for n in partly[:_SHOWN]
    ]
    if len(partly) > _SHOWN:
        lost = sum(n["lost"] for n in partly[_SHOWN:])
        lines.append(f"  {len(partly) - _SHOWN:,} more lost {count(lost, 'cell')}; see --json")
    return lines
