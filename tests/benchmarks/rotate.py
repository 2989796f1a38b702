"""How long the whole brain in 3D takes from an event to the frame.

A real window with legend and panels; the canvas has 1200 × 900 pixels. The clock
runs from the call that turns the camera, changes the section or merges until Qt
says that the frame was swapped; that its pixels changed is read back once for
each kind. The floor is a plain napari image of the size of the canvas whose
camera moves; beside it a plain napari Points layer with the same cells in 3D.

Run by itself, on a display or under a virtual one::

    python tests/benchmarks/rotate.py --cells 10400000 --json OUT
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from big_brain import make_brain
from draw import _leave, _merge, _print, _resident, measure_floor
from frames import Frames, changes, fit_canvas, plain_window, told
from numpy.typing import NDArray

from napari_brain_atlas.gui.application import show
from napari_brain_atlas.gui.screen import virtual_screen
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.workflow.document import open_document

NEIGHBORHOODS = 1300
LIMIT_MS = 50
"""Beyond the floor, for a turn: below it some twelve frames a second are left."""


def measure_brain(path: Path, runs: int, floor: float) -> tuple[dict[str, Any], Any]:
    """Turns of the brain, sections passed in it and merges; and its points, (z, y, x)."""
    # Merges are written to a copy of the curation, so that every run begins with the same.
    kept = Path(tempfile.mkdtemp()) / "curation"
    shutil.copytree(folder_of(path).path, kept)
    workspace = show(open_document(path, folder=kept))
    frames = Frames(fit_canvas(workspace.viewer, docks=True))
    frames.settle(1)
    before = _resident()
    entered = frames.after(workspace.brain.switch)
    frames.settle(1)
    brain = workspace.view.space.brain
    assert brain is not None
    turned = told(turns(workspace.viewer, frames, runs))
    first, n = workspace.view.section, len(brain.sheets)
    step = 1 if first + runs < n else -1
    found = {
        "drawn": len(brain.cloud.points),
        "of": brain.thinned.n_all,
        "entered": entered,
        "entered MB": _resident() - before,
        "turn": turned,
        "turn beyond floor": turned["median"] - floor,
        "limit beyond floor": LIMIT_MS,
        "next section": _timed(frames, runs, lambda i: workspace.stage.step_section(step)),
        "merge": _timed(frames, runs, lambda i: _merge(workspace, i)),
        "hover": told([_hover(workspace, i) for i in range(runs)]),
        "turns are seen": changes(workspace.viewer, lambda: _turn(workspace.viewer, 40)),
        "left": frames.after(workspace.brain.switch),
    }
    points = np.asarray(brain.cloud.points)[:, ::-1].copy()
    _leave(workspace)
    shutil.rmtree(kept.parent)
    return found, points


def measure_points(points: NDArray[np.float32], spacing: float, runs: int) -> dict[str, Any]:
    """A plain Points layer in 3D with the same cells."""
    viewer, frames = plain_window()
    colors = np.random.default_rng(0).integers(60, 255, (len(points), 4)).astype(np.uint8)
    colors[:, 3] = 255
    viewer.dims.ndisplay = 3
    start = time.perf_counter()
    frames.after(
        lambda: viewer.add_points(points, size=spacing, border_width=0, face_color=colors / 255)
    )
    shown = time.perf_counter() - start
    viewer.reset_view()
    frames.settle(1)
    found: dict[str, Any] = told(turns(viewer, frames, runs))
    found["first s"] = shown
    viewer.close()
    return found


def turns(viewer: Any, frames: Frames, runs: int) -> list[float]:
    """Milliseconds of turns of the camera by some degrees."""
    return [frames.after(lambda i=i: _turn(viewer, 20 + 7 * i)) for i in range(runs)]


def _turn(viewer: Any, degrees: float) -> None:
    viewer.scene.camera.angles = (-15.0, degrees, 5.0)


def _timed(frames: Frames, runs: int, act: Callable[[int], None]) -> dict[str, float]:
    return told([frames.after(lambda i=i: act(i)) for i in range(runs)])


def _hover(workspace: Any, i: int) -> float:
    canvas = workspace.docks.canvas
    start = time.perf_counter()
    workspace._hover((canvas.width() / 2 + 5 * i, canvas.height() / 2 - 3 * i))
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_400_000, help="cells of the whole brain")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--points-runs", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the file is kept")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.gettempdir()) / "napari-brain-atlas-benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"brain-{arguments.cells}.zarr"
    make_brain(path, arguments.cells, NEIGHBORHOODS)
    with virtual_screen():
        floor = measure_floor(arguments.runs)
        _print("floor", floor)
        mine, points = measure_brain(path, arguments.runs, floor["median"])
        _print(f"{arguments.cells:,} cells", mine)
        found = {"floor": floor, "brain": mine}
        if arguments.points_runs:
            size = float(np.ptp(points[:, 1])) / 100
            plain = measure_points(points, size, arguments.points_runs)
            plain["ratio"] = plain["median"] / mine["turn"]["median"]
            found["points"] = plain
            _print(f"{len(points):,} cells, plain Points", plain)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
