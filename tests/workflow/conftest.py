"""A file with decisions of every sort, and one with a name in each line of its journal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from carried_files import decide, owner_of_row
from named_files import N_NAMES, named

from napari_brain_atlas.model.commands import (
    Annotate,
    Group,
    Link,
    Lock,
    Merge,
    Reassign,
    Snapshot,
    Split,
)


@pytest.fixture(scope="session")
def _decided(tmp_path_factory: pytest.TempPathFactory, _discovered: Path) -> Path:
    path = tmp_path_factory.mktemp("decided") / "tissue.h5ad"
    shutil.copytree(f"{_discovered}.nba", f"{path}.nba")
    shutil.copy(_discovered, path)
    decide(
        path,
        Split(neighborhood=owner_of_row(path, 7), cells=(7,), name="one cell"),
        Snapshot(name="split"),
        Merge(neighborhoods=(1, 2), into=1),
        Annotate(neighborhood=3, name="CA1", term_id="UBERON:0003881", certainty="high"),
        Snapshot(name="merged"),
        Group(neighborhoods=(3, 4), name="HPF"),
        Link(neighborhoods=(5, 6), kind="must"),
        Reassign(cells=(10, 11, 12), into=0),
        Lock(neighborhoods=(3,)),
    )
    return path


@pytest.fixture
def decided_file(tmp_path: Path, _decided: Path) -> Path:
    """A file with decisions of every sort and two snapshots."""
    shutil.copytree(f"{_decided}.nba", tmp_path / "tissue.h5ad.nba")
    return Path(shutil.copy(_decided, tmp_path / "tissue.h5ad"))


@pytest.fixture(scope="session")
def _named(tmp_path_factory: pytest.TempPathFactory, _discovered: Path) -> Path:
    path = tmp_path_factory.mktemp("named") / "tissue.h5ad"
    shutil.copytree(f"{_discovered}.nba", f"{path}.nba")
    shutil.copy(_discovered, path)
    decide(path, *(named(f"n{i}") for i in range(1, N_NAMES + 1)))
    decide(path, named("of bob"), author="bob")
    return path


@pytest.fixture
def named_file(tmp_path: Path, _named: Path) -> Path:
    """Five names by the tester, and one by bob."""
    shutil.copytree(f"{_named}.nba", tmp_path / "tissue.h5ad.nba")
    return Path(shutil.copy(_named, tmp_path / "tissue.h5ad"))
