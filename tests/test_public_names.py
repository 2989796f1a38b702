from __future__ import annotations

import subprocess
import sys

import pytest

import napari_brain_atlas


@pytest.mark.parametrize("name", napari_brain_atlas.__all__)
def test_every_public_name_can_be_imported_and_is_documented(name: str) -> None:
    assert getattr(napari_brain_atlas, name).__doc__


def test_a_name_that_is_not_public_is_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="nothing_here"):
        napari_brain_atlas.nothing_here  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, napari_brain_atlas; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "anndata", "napari", "qtpy", "pydantic", "hdbscan"}
    assert not heavy & set(done.stdout.split())
