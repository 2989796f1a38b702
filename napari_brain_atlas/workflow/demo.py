"""The demonstration: a phantom brain with discovered neighborhoods."""

from __future__ import annotations

from pathlib import Path

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.io.durable import reason
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover
from napari_brain_atlas.workflow.phantom import phantom_parameters, write_phantom


def prepare_demo(folder: Path, n_cells: int, seed: int, progress: Progress = silent) -> Path:
    """Make a phantom brain with neighborhoods, or go on with the one that is there.

    Returns
    -------
    Path
        The file with neighborhoods; what a visitor decided on it stays.

    Raises
    ------
    WriteError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be made: {reason(error)}") from error
    brain = folder / f"phantom-{n_cells}-{seed}.h5ad"
    found = folder / f"phantom-{n_cells}-{seed}-neighborhoods.h5ad"
    if found.exists() and folder_of(found).base() is not None:
        return found
    if not brain.exists():
        write_phantom(brain, phantom_parameters(n_cells=n_cells, seed=seed), progress)
    # Rather too many than too few: a curator merges more easily than splits.
    parameters = DiscoveryParameters(min_cluster_size=max(20, n_cells // 120), seed=seed)
    discover(brain, found, parameters, progress=progress)
    return found
