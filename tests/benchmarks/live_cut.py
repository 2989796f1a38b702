"""How long a new cut takes in the window, from the slider to the frame that shows it.

A real window on a phantom brain, all cells searched once. The clock runs from a move of
the slider until Qt says that the first frame with the new proposal was swapped: the cut,
the resolve of every cell, the proposal's table and the drawing. Beside it the same steps in
plain Python, without any cut: a vote of the nearest cells with scikit-learn, and new colours
of one section as a plain napari Points layer.

Run by itself, on a display or under a virtual one::

    python tests/benchmarks/live_cut.py --cells 1000000 --json OUT [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import napari
import numpy as np
from frames import Frames, changes, fit_canvas, told
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from sklearn.neighbors import KNeighborsClassifier

from napari_brain_atlas.gui.application import show
from napari_brain_atlas.gui.screen import virtual_screen
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.workflow.document import open_document

PATIENCE_S = 1_200
METHODS = ("level", "eom", "leaf")
LIMIT_MS = 300
VOTERS = 20


def wait_for(what: Any) -> None:
    start = time.perf_counter()
    while not what():
        QApplication.processEvents()
        time.sleep(0.0005)
        if time.perf_counter() - start > PATIENCE_S:
            raise TimeoutError("the window did not come to it")


def recut(workspace: Workspace, frames: Frames, act: Any) -> float:
    """Milliseconds from an act to the first frame that shows another proposal."""
    frames.settle(0.3)
    before = workspace.view.staged
    return frames.showing(act, lambda: workspace.view.staged is not before)


def measure(path: Path, runs: int) -> dict[str, Any]:
    document = open_document(path)
    workspace = show(document)
    frames = Frames(fit_canvas(workspace.viewer, docks=True))
    panel = workspace.docks.cluster
    start = time.perf_counter()
    QTest.mouseClick(panel.search, Qt.MouseButton.LeftButton)
    wait_for(lambda: workspace.view.staged is not None)
    found: dict[str, Any] = {"cells": document.atlas.n_cells}
    found["first proposal s"] = time.perf_counter() - start
    frames.settle(2)
    for method in METHODS:
        if panel.extra.method.currentData() != method:
            at = panel.extra.method.findData(method)
            first = recut(workspace, frames, lambda i=at: panel.extra.method.setCurrentIndex(i))
            found[f"{method}, first ms"] = first
        start_at = panel.size_slider.value()
        times = [
            recut(workspace, frames, partial(panel.size_slider.setSliderPosition, start_at + by))
            for by in (40 * (-1) ** i + 3 * i for i in range(runs))
        ]
        found[method] = told(times)
        print(method, found[method], flush=True)
        found[f"{method}, found"] = len(workspace.view.staged.proposal.neighborhoods)
    slider = panel.size_slider
    act = partial(slider.setSliderPosition, slider.maximum() * 3 // 4 - slider.value() // 2)
    found["pixels changed"] = changes(workspace.viewer, lambda: recut(workspace, frames, act))
    found["plain"] = plain(document.atlas, workspace.view.staged.proposal.labels)
    viewer = workspace.viewer
    workspace.close()
    viewer.close()
    return found


def plain(atlas: Atlas, labels: NDArray[np.int32]) -> dict[str, float]:
    """A vote on every section and new colours of one of them, as a notebook does it, in ms."""
    start = time.perf_counter()
    voted = labels.copy()
    for section in atlas:
        xy, here = atlas.xy[section.cells], labels[section.cells]
        model = KNeighborsClassifier(min(VOTERS, len(xy))).fit(xy, here)
        voted[section.cells] = model.predict(xy)
    vote = 1e3 * (time.perf_counter() - start)
    shown = max(atlas.sections, key=lambda section: section.n_cells)
    viewer = napari.Viewer(show=False)
    viewer.window.show()
    frames = Frames(fit_canvas(viewer))
    layer = viewer.add_points(atlas.xy[shown.cells][:, ::-1], size=8, border_width=0)
    frames.settle(1)
    colors = np.random.default_rng(0).uniform(0.2, 1, (int(labels.max()) + 1, 4))[voted]
    recolor = frames.after(lambda: setattr(layer, "face_color", colors[shown.cells]))
    viewer.close()
    return {"vote ms": vote, "recolor ms": recolor, "both ms": vote + recolor}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--file", type=Path, help="instead of a phantom brain")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="where the brain is left, and found again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, virtual_screen():
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = given.file or folder / f"brain-{given.cells}.zarr"
        if not path.exists():
            command = [sys.executable, "-m", "napari_brain_atlas", "phantom", str(path)]
            subprocess.run([*command, "--cells", str(given.cells)], check=True)
        found = measure(path, given.runs)
    slowest = max(found[method]["median"] for method in METHODS)
    found["plain / ours"] = found["plain"]["both ms"] / slowest
    print(json.dumps(found, indent=1))
    print(f"slowest median {slowest:.0f} ms (limit {LIMIT_MS})")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
