"""What all tests share: real sections, where they are, and small files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from napari_brain_atlas.cli import main
from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover
from napari_brain_atlas.workflow.phantom import phantom_parameters, write_phantom

DATA_VARIABLE = "NAPARI_BRAIN_ATLAS_DATA"
REPOSITORY = Path(__file__).resolve().parents[1]

# Examples of hypothesis: "ci" for every run, "nightly" (HYPOTHESIS_PROFILE=nightly) for the
# session machine and all tests that set no number of their own.
settings.register_profile(
    "ci", max_examples=200, stateful_step_count=40, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def _author(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions of tests are nobody's who runs them, and follow nobody's configuration."""
    monkeypatch.setenv("NAPARI_BRAIN_ATLAS_AUTHOR", "tester")
    monkeypatch.setenv("NAPARI_BRAIN_ATLAS_CONFIG", os.devnull)


@pytest.fixture(scope="session")
def real_section() -> Callable[[str], Path]:
    """The path of a real section by name; skips where it is not there."""
    folder = Path(os.environ.get(DATA_VARIABLE, REPOSITORY / "../shared/data"))

    def find(name: str) -> Path:
        path = folder / f"{name}.h5ad"
        if not path.exists():
            pytest.skip(f"real section {name} not found; set {DATA_VARIABLE} to its folder")
        return path.resolve()

    return find


@pytest.fixture(scope="session")
def _phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("phantom") / "phantom.h5ad"
    write_phantom(path, phantom_parameters(n_cells=3000, n_sections=3, n_genes=60))
    return path


@pytest.fixture(scope="session")
def _discovered(tmp_path_factory: pytest.TempPathFactory, _phantom: Path) -> Path:
    path = tmp_path_factory.mktemp("discovered") / "tissue.h5ad"
    discover(_phantom, path, DiscoveryParameters(n_neighborhoods=8))
    return path


@pytest.fixture
def phantom_file(tmp_path: Path, _phantom: Path) -> Path:
    """A phantom brain of 3,000 cells on 2 × 3 sections, nothing discovered."""
    return Path(shutil.copy(_phantom, tmp_path / "phantom.h5ad"))


@pytest.fixture
def tissue_file(tmp_path: Path, _discovered: Path) -> Path:
    """The same with eight neighborhoods and their curation folder."""
    shutil.copytree(f"{_discovered}.nba", tmp_path / "tissue.h5ad.nba")
    return Path(shutil.copy(_discovered, tmp_path / "tissue.h5ad"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run one verb; returns its status, output lines and error lines."""

    def call(*arguments: Any) -> tuple[int, list[str], list[str]]:
        capsys.readouterr()
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        errors = [e for e in captured.err.splitlines() if not e.endswith("…")]
        return status, captured.out.splitlines(), errors

    return call
