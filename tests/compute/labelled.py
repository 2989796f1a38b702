"""Curations made of labels, for the tests of comparing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from napari_brain_atlas.model.atlas import Atlas, Section, Unit
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.neighborhood import Neighborhood
from napari_brain_atlas.model.proposal import Base, base_to_curation


def neighborhood(identity: int, **said: object) -> Neighborhood:
    given = {"name": f"N{identity}", "color": "#102030", **said}
    return Neighborhood.model_validate({"id": identity, **given})


def curation_of(
    labels: NDArray[np.int32], sizes: Sequence[int] | None = None, *more: Neighborhood
) -> Curation:
    """One fragment for each label; `more` replaces or adds records."""
    sizes = [len(labels)] if sizes is None else list(sizes)
    named = {int(i): neighborhood(int(i)) for i in np.unique(labels) if i}
    named |= {n.id: n for n in more}
    atlas = _cells_on(sizes)
    confidence = np.full(len(labels), 255, np.uint8)
    return base_to_curation(Base(labels, confidence, tuple(named.values())), atlas)


def _cells_on(sizes: Sequence[int]) -> Atlas:
    stops = np.cumsum(sizes).tolist()
    bounds = zip([0, *stops], stops, strict=False)
    sections = tuple(Section(i, f"s{i}", "a", None, a, b) for i, (a, b) in enumerate(bounds))
    n = sum(sizes)
    unit = Unit("um", 1.0, "made for a test")
    return Atlas(sections, np.zeros((n, 2), np.float32), np.arange(n), unit, "test", None)


def relabelled(curation: Curation, owners: Mapping[int, int]) -> Curation:
    """The same partition with fragments of other owners; sections stay shared."""
    changed = curation.owners.copy()
    for old, new in owners.items():
        changed[curation.owners == old] = new
    made = [neighborhood(i) for i in owners.values() if i and i not in curation.neighborhoods]
    return replace(curation.with_neighborhoods(*made), owners=changed)


def labels_of_sections() -> st.SearchStrategy[list[NDArray[np.int32]]]:
    """Labels 0 to 6 of one to four sections of one to forty cells."""
    section = st.integers(1, 40).flatmap(lambda n: arrays(np.int32, n, elements=st.integers(0, 6)))
    return st.lists(section, min_size=1, max_size=4)
