from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import napari
import npe2
import numpy as np
import pytest
from conftest_window import settle
from napari.utils.notifications import notification_manager

from napari_brain_atlas.gui import plugin
from napari_brain_atlas.gui.view_state import Showing
from napari_brain_atlas.gui.workspace import workspace_of
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.workflow.document import open_document

MANIFEST = Path(plugin.__file__).parents[1] / "napari.yaml"


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Any]) -> Any:
    made = make_napari_viewer(show=True)
    yield made
    opened = workspace_of(made)
    if opened is not None:
        opened.close()


def test_the_manifest_is_valid_and_its_commands_can_be_imported() -> None:
    manifest = npe2.PluginManifest.from_file(MANIFEST)
    manifest.validate_imports()
    assert {c.id for c in manifest.contributions.commands or ()} >= {
        r.command for r in manifest.contributions.readers or ()
    }


@pytest.mark.parametrize(
    ("name", "content", "ours"),
    [
        pytest.param("a.h5ad", "", True, id="h5ad"),
        pytest.param("a.tif", "", False, id="another file"),
        pytest.param("gone.h5ad", None, False, id="no file"),
        pytest.param(
            "a.zarr/.zattrs", json.dumps({"encoding-type": "anndata"}), True, id="zarr 2"
        ),
        pytest.param(
            "a.zarr/zarr.json",
            json.dumps({"attributes": {"encoding-type": "anndata"}}),
            True,
            id="zarr 3",
        ),
        pytest.param("a.zarr/.zattrs", json.dumps({"multiscales": []}), False, id="ome-zarr"),
        pytest.param("a.zarr/.zattrs", "{", False, id="damaged"),
    ],
)
def test_only_anndata_is_read(tmp_path: Path, name: str, content: str | None, ours: bool) -> None:
    path = tmp_path / name
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    opened = path if path.parent == tmp_path else path.parent
    assert (plugin.get_reader(str(opened)) is not None) == ours
    assert plugin.get_reader([str(opened)]) is None


def test_without_a_window_the_reader_gives_the_first_section(
    tissue_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(napari, "current_viewer", lambda: None)
    [(picture, options, kind)] = plugin.read(tissue_file)
    assert kind == "image" and options["rgb"]
    with open_document(tissue_file) as document:
        document.lock()
        curation = document.session.curation
        here = {hex_to_rgb(curation.neighborhood(i).color) for i in curation.owners_on(0).tolist()}
    shown = picture[picture[..., 3] > 0][:, :3]
    boundary = {hex_to_rgb(Showing().boundary_color)}
    assert {tuple(int(v) for v in c) for c in np.unique(shown, axis=0)} == here | boundary


def test_file_open_makes_a_workspace(viewer: Any, tissue_file: Path) -> None:
    viewer.open(tissue_file, plugin="napari-brain-atlas")
    opened = workspace_of(viewer)
    assert opened is not None
    settle(opened)
    assert [layer.name for layer in viewer.layers] == ["tissue"]
    assert opened.docks.neighborhoods.proxy.rowCount() == 9


def test_a_file_that_cannot_be_used_is_told_in_one_line(viewer: Any, tmp_path: Path) -> None:
    path = tmp_path / "text.h5ad"
    path.write_text("not an HDF5 file")
    said: list[str] = []
    notification_manager.notification_ready.connect(lambda n: said.append(n.message))
    assert plugin.read(path) == plugin.NOTHING
    assert len(said) == 1 and "text.h5ad" in said[0] and "\n" not in said[0]
    assert workspace_of(viewer) is None


def test_the_sample_is_one_layer_that_the_workspace_takes_over(
    viewer: Any, tissue_file: Path, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    monkeypatch.setattr(plugin, "phantom_path", lambda: tissue_file)
    viewer.open_sample("napari-brain-atlas", "phantom-brain")
    [given] = viewer.layers
    qtbot.waitUntil(lambda: workspace_of(viewer) is not None, timeout=5000)
    opened = workspace_of(viewer)
    assert opened is not None and list(viewer.layers) == [opened.docks.tissue.layer]
    # It lies where the picture lay that napari was given.
    [layer] = viewer.layers
    np.testing.assert_allclose(layer.extent.world, given.extent.world)


def test_the_widget_says_what_to_do_first(
    viewer: Any, tissue_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "phantom_path", lambda: tissue_file)
    _, widget = viewer.window.add_plugin_dock_widget("napari-brain-atlas", "Brain Atlas")
    assert "File ▸ Open" in plugin.NEXT_STEP
    widget.sample.click()
    assert workspace_of(viewer) is not None
