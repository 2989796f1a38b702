"""The phantom brain as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from napari_brain_atlas.datasets import (
    PHANTOM_VERSION,
    PhantomParameters,
    PhantomSection,
    phantom_genes,
    phantom_sections,
    plan_phantom,
)
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.io.section_writer import Categories, SectionRows, write_sections
from napari_brain_atlas.model.progress import Progress, silent

_LABELS = (
    "cell_type", "cell_class", "truth_division", "truth_structure", "truth_substructure",
    "reference_region",
)  # fmt: skip


def phantom_parameters(**given: Any) -> PhantomParameters:
    """Parameters of a phantom; what is None takes its default.

    Raises
    ------
    InputError
        If no such phantom can be made.
    """
    return PhantomParameters(**{name: v for name, v in given.items() if v is not None})


def write_phantom(
    path: Path, parameters: PhantomParameters, progress: Progress = silent
) -> tuple[str, ...]:
    """Write a phantom brain as .h5ad or .zarr, in the memory of one section.

    Returns
    -------
    tuple of str
        What the phantom is too small for, in sentences for the user.

    Raises
    ------
    InputError
        If the target's folder cannot be written, or the file there has been curated.
    WriteError
        If the disk refuses.
    """
    if folder_of(path).has_decisions():
        raise InputError(
            str(path), [f"has decisions in {folder_of(path).path}; choose another name"]
        )
    genes = phantom_genes(parameters.n_genes)
    uns = {
        "units": "micrometres",
        "source": f"phantom brain of napari-brain-atlas, version {PHANTOM_VERSION}: simulated",
        "counts": "simulated integer counts in X",
        "phantom": {k: v for k, v in asdict(parameters).items() if v is not None},
    }
    write_sections(path, _rows(parameters, progress), parameters.n_cells, genes, uns)
    progress("phantom written", 1.0)
    return plan_phantom(parameters).notes


def _rows(parameters: PhantomParameters, progress: Progress) -> Iterator[SectionRows]:
    names: list[str] = [f"animal{i + 1}" for i in range(parameters.n_animals)]
    labels = tuple(
        f"{a}_s{s + 1:03d}" for a in names for s in range(parameters.sections_per_animal)
    )
    done = 0
    for section in phantom_sections(parameters):
        progress("drawing the phantom brain", done / parameters.n_cells)
        yield _section_rows(section, labels, tuple(names))
        done += section.n_cells


def _section_rows(
    section: PhantomSection, labels: tuple[str, ...], animals: tuple[str, ...]
) -> SectionRows:
    n = section.n_cells
    obs: dict[str, Any] = {
        "section": Categories(np.full(n, labels.index(section.name), np.int16), labels),
        "donor": Categories(np.full(n, animals.index(section.animal), np.int8), animals),
        "bregma_mm": np.full(n, section.position, np.float32),
        "x": section.xy[:, 0],
        "y": section.xy[:, 1],
    }
    for name in _LABELS:
        values = getattr(section, name)
        obs[name] = Categories(values.codes, values.names)
    obs["rare_domain"] = section.rare_domain
    return SectionRows(section.cells, obs, section.xy, section.counts)
