"""How long the tissue takes from an event to the frame, at 200,000 to 10.4 million cells.

A real window with territories, boundaries and legend; the canvas has
1200 × 900 pixels. The clock runs from the call that moves the camera, merges or
changes the section until Qt says that the frame was swapped; that its pixels
changed is read back once for each kind. The floor is a plain napari image of
the size of the canvas whose camera moves; beside it a plain napari Points layer
with the same cells, which is what a user of napari has today.

Run by itself, on a display or under a virtual one::

    python tests/benchmarks/draw.py --cells 200000 1000000 --json OUT
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from big_brain import make_brain, make_sections
from frames import CANVAS, Frames, changes, fit_canvas, moves, plain_window, told
from numpy.typing import NDArray
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QApplication

from napari_brain_atlas.gui.application import show, show_when_read
from napari_brain_atlas.gui.screen import virtual_screen
from napari_brain_atlas.gui.workspace import Workspace
from napari_brain_atlas.model.commands import Merge
from napari_brain_atlas.workflow.document import open_document

NEIGHBORHOODS = 160
SECTION_CELLS = 200_000
POINTS_LIMIT = 1_000_000
"""With more cells a plain Points layer takes minutes for each frame without a GPU."""
LIMITS_MS = {200_000: 10, 1_000_000: 25, 10_400_000: 90}
"""Beyond the floor, for a move of the camera."""


def measure_floor(runs: int) -> dict[str, float]:
    """A plain image of the size of the canvas whose camera moves."""
    viewer, frames = plain_window()
    pixels = np.random.default_rng(0).integers(0, 255, (*CANVAS[::-1], 4)).astype(np.uint8)
    viewer.add_image(pixels, rgb=True)
    viewer.reset_view()
    frames.settle(0.5)
    found = told(moves(viewer, frames, runs))
    viewer.close()
    return found


def measure_points(
    xy: NDArray[np.float32], colors: NDArray[np.uint8], runs: int
) -> dict[str, float]:
    """A plain Points layer with the same cells."""
    viewer, frames = plain_window()
    start = time.perf_counter()
    frames.after(
        lambda: viewer.add_points(xy[:, ::-1], size=8, border_width=0, face_color=colors / 255)
    )
    shown = time.perf_counter() - start
    viewer.reset_view()
    frames.settle(1)
    found = told(moves(viewer, frames, runs))
    layer = viewer.layers[0]
    found["recolor"] = frames.after(lambda: setattr(layer, "face_color", colors[::-1] / 255))
    found["first s"] = shown
    viewer.close()
    return found


def measure_tissue(path: Path, runs: int, floor: float) -> dict[str, Any]:
    """One section with all its cells in view."""
    workspace = show(open_document(path))
    frames = Frames(fit_canvas(workspace.viewer, docks=True))
    workspace.docks.tissue.fit()
    camera = workspace.viewer.scene.camera
    first = frames.after(lambda: setattr(camera, "zoom", camera.zoom * 0.99))
    workspace.docks.tissue.fit()
    frames.settle(1)
    moved = told(moves(workspace.viewer, frames, runs))
    merged = told([frames.after(lambda i=i: _merge(workspace, i)) for i in range(runs)])
    zoomed = changes(workspace.viewer, lambda: setattr(camera, "zoom", camera.zoom * 2))
    # What is merged next need not lie in the middle.
    workspace.docks.tissue.fit()
    found = {
        "move": moved,
        "merge": merged,
        "first gesture": first,
        "hover": told([_hover(workspace, i) for i in range(runs)]),
        "moves are seen": zoomed,
        "merges are seen": changes(workspace.viewer, lambda: _merge(workspace, runs)),
        "beyond floor": moved["median"] - floor,
        "merge beyond floor": merged["median"] - floor,
    }
    found["floor in this window"] = _floor_here(workspace, frames, runs)
    _leave(workspace)
    return found


def _floor_here(workspace: Workspace, frames: Frames, runs: int) -> dict[str, float]:
    """The floor between the same panels, with title and legend over it."""
    viewer, tissue = workspace.viewer, workspace.docks.tissue.layer
    assert tissue is not None
    tissue.visible = False
    low, high = tissue.extent.world
    pixels = np.random.default_rng(0).integers(0, 255, (*CANVAS[::-1], 4)).astype(np.uint8)
    scale = float(max((high - low) / CANVAS[::-1]))
    viewer.add_image(pixels, rgb=True, scale=(scale, scale), translate=low, units=tissue.units)
    frames.settle(0.5)
    return told(moves(viewer, frames, runs))


def _merge(workspace: Workspace, i: int) -> None:
    curation = workspace.stage.curation
    largest = curation.ids[np.argsort(-curation.counts[:, 0])]
    into, gone = (int(n) for n in largest[largest > 0][[i % 5, 6 + i % 5]])
    workspace.document.session.do(Merge(neighborhoods=(into, gone), into=into))


def _hover(workspace: Workspace, i: int) -> float:
    x, y = workspace.atlas.xy[(i * 7919) % workspace.atlas.n_cells]
    start = time.perf_counter()
    workspace._hover((float(x) + 1.5, float(y) - 1.5))
    return 1e3 * (time.perf_counter() - start)


def measure_sections(path: Path, floor: float) -> dict[str, Any]:
    """From one section to the next, for the first time and again."""
    workspace = show(open_document(path))
    frames = Frames(fit_canvas(workspace.viewer, docks=True))
    frames.settle(1)
    n = len(workspace.atlas.sections)
    first = told([frames.after(lambda i=i: workspace.stage.show_section(i)) for i in range(1, n)])
    again = told(
        [frames.after(lambda i=i: workspace.stage.show_section(i)) for i in reversed(range(n - 1))]
    )
    _leave(workspace)
    return {
        "first": first, "again": again, "first beyond floor": first["median"] - floor,
        "again beyond floor": again["median"] - floor,
    }  # fmt: skip


def measure_opening(path: Path) -> dict[str, Any]:
    """A whole brain: until the first frame, and while all sections of an animal go by."""
    start = time.perf_counter()
    with ThreadPoolExecutor(1) as reader:
        workspace = show_when_read(reader.submit(open_document, path))
    canvas = next(w for w in QApplication.allWidgets() if isinstance(w, QOpenGLWidget))
    frames = Frames(canvas)
    frames.after(canvas.update)
    opened = time.perf_counter() - start
    found: dict[str, Any] = {"first frame s": opened, "opened MB": _resident()}
    animal = workspace.atlas.sections[0].animal
    for section in workspace.atlas.sections:
        if section.animal == animal:
            workspace.stage.show_section(section.index)
            frames.settle(0.02)
    gc.collect()
    found["scrolled MB"] = _resident()
    for section in workspace.atlas.sections:
        if section.animal == animal:
            workspace.stage.show_section(section.index)
            frames.settle(0.02)
    found["scrolled again MB"] = _resident()
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _leave(workspace)
    return found


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _leave(workspace: Workspace) -> None:
    viewer = workspace.viewer
    workspace.close()
    viewer.close()
    for _ in range(20):
        QApplication.processEvents()
    gc.collect()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, nargs="+", default=[200_000, 1_000_000, 10_400_000])
    parser.add_argument("--brain", type=int, default=10_400_000, help="cells of the whole brain")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--points-runs", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the files are kept")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.gettempdir()) / "napari-brain-atlas-benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_screen():
        found = _measure(arguments, folder)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


def _measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if arguments.brain:
        brain = folder / f"brain-{arguments.brain}.zarr"
        make_brain(brain, arguments.brain, 1300)
        found["brain"] = measure_opening(brain)
        _print("brain", found["brain"])
    floor = measure_floor(arguments.runs)
    found["floor"] = floor
    _print("floor", floor)
    many = folder / f"sections-{SECTION_CELLS}.zarr"
    make_sections(many, [SECTION_CELLS] * 6, NEIGHBORHOODS)
    found["sections"] = measure_sections(many, floor["median"])
    _print("sections", found["sections"])
    for n in arguments.cells:
        one = folder / f"section-{n}.zarr"
        make_sections(one, [n], NEIGHBORHOODS)
        found[str(n)] = measure_tissue(one, arguments.runs, floor["median"])
        found[str(n)]["limit beyond floor"] = LIMITS_MS.get(n)
        _print(f"{n:,} cells", found[str(n)])
        if n <= POINTS_LIMIT and arguments.points_runs:
            with open_document(one) as document:
                xy = document.atlas.xy
            colors = np.random.default_rng(0).integers(60, 255, (n, 4)).astype(np.uint8)
            points = measure_points(xy, colors, arguments.points_runs)
            points["ratio"] = points["median"] / found[str(n)]["move"]["median"]
            found[f"{n} points"] = points
            _print(f"{n:,} cells, plain Points", points)
    return found


def _print(title: str, found: dict[str, Any]) -> None:
    print(title)
    for name, value in found.items():
        if isinstance(value, dict):
            said = f"{value['median']:10.1f}   p95 {value['p95']:8.1f} ms"
        else:
            said = f"{value:10.1f}" if isinstance(value, float) else f"{value!s:>10}"
        print(f"  {name:22}{said}", flush=True)


if __name__ == "__main__":
    main()
