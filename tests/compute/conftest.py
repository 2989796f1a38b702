"""Atlases in memory for the tests of computing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.atlas import Atlas, Column, Section, Unit


@dataclass(frozen=True)
class MemoryMeasurements:
    """Measurements that were never in a file."""

    x: sparse.csr_matrix[Any]
    genes: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def column(self, name: str) -> Column:
        if name not in self.columns:
            raise InputError("memory", [f"no column {name}"])
        return self.columns[name]

    def numbers(self, name: str) -> NDArray[np.float32]:
        raise InputError("memory", [f"no column {name}"])

    def is_numeric(self, name: str) -> bool:
        raise NotImplementedError

    def colors(self, name: str) -> tuple[str, ...]:
        return ()

    def embedding(self, key: str) -> NDArray[np.float32]:
        raise InputError("memory", [f"no embedding {key}"])

    def embedding_widths(self) -> dict[str, int]:
        return {}

    def gene(self, name: str) -> NDArray[np.float32]:
        return self.x[:, self.genes.index(name)].toarray().ravel()

    def expression(self, section: Section) -> sparse.csr_matrix[Any]:
        return self.x[section.start : section.stop]


def column_of(values: list[str] | NDArray[Any]) -> Column:
    names, codes = np.unique(np.asarray(values, str), return_inverse=True)
    return Column(codes.astype(np.int32), tuple(map(str, names)))


def atlas_of(
    xy: NDArray[Any],
    sizes: list[int] | None = None,
    *,
    animals: list[str] | None = None,
    expression: Any = None,
    columns: dict[str, Column] | None = None,
    cell_type: str | None = None,
) -> Atlas:
    """Make an atlas of sections of the given sizes; one section by default."""
    sizes = [len(xy)] if sizes is None else sizes
    animals = ["a"] * len(sizes) if animals is None else animals
    stops = np.cumsum(sizes)
    sections = tuple(
        Section(i, f"s{i}", animals[i], None, int(stop - size), int(stop))
        for i, (size, stop) in enumerate(zip(sizes, stops, strict=True))
    )
    x = sparse.csr_matrix((len(xy), 0)) if expression is None else expression
    x = sparse.csr_matrix(x, dtype=np.float32)
    genes = tuple(f"gene{i}" for i in range(x.shape[1]))
    return Atlas(
        sections,
        np.array(xy, np.float32),
        np.arange(len(xy), dtype=np.int64),
        Unit("um", 1.0, "made for a test"),
        "test",
        MemoryMeasurements(x, genes, columns or {}),
        cell_type,
    )


@dataclass(frozen=True)
class Layers:
    """Two sections of three layers each, with a strong batch effect between them."""

    atlas: Atlas
    layer: NDArray[np.int64]


@pytest.fixture(scope="session")
def layers() -> Layers:
    rng = np.random.default_rng(7)
    n = 600
    xy = rng.uniform(0, 300, (2 * n, 2))
    layer = (xy[:, 1] // 100).astype(int)
    # Every layer mixes three cell types in its own shares; every type has its own genes.
    shares = np.array([[0.7, 0.2, 0.1], [0.15, 0.7, 0.15], [0.1, 0.2, 0.7]])
    types = np.array([rng.choice(3, p=shares[k]) for k in layer])
    rates = rng.gamma(2.0, 1.0, (3, 24)) * 3
    batch = np.exp(rng.normal(0, 1.0, (2, 24)))
    counts = rng.poisson(rates[types] * np.repeat(batch, n, axis=0))
    columns = {
        "cell_type": column_of(np.array(["A", "B", "C"])[types]),
        "layer": column_of(np.array(["L1", "L2", "L3"])[layer]),
    }
    atlas = atlas_of(
        xy, [n, n], animals=["a", "b"], expression=counts, columns=columns, cell_type="cell_type"
    )
    return Layers(atlas, layer)


@pytest.fixture
def make_atlas() -> Callable[..., Atlas]:
    return atlas_of


@pytest.fixture
def make_column() -> Callable[..., Column]:
    return column_of
