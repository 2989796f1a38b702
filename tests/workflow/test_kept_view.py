from __future__ import annotations

import json
from pathlib import Path

import pytest

from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.workflow.kept_view import FILE, KeptView, LaidSection, keep_view, read_view

VIEW = KeptView(laid=(LaidSection(animal="2", section="2.07", quarters=3, flipped=True),))


@pytest.fixture
def folder(tmp_path: Path) -> CurationFolder:
    made = CurationFolder(tmp_path / "brain.h5ad.nba")
    made.path.mkdir()
    return made


def test_a_view_comes_back_as_it_was_kept(folder: CurationFolder) -> None:
    assert read_view(folder) == KeptView()
    assert keep_view(folder, VIEW)
    assert read_view(folder) == VIEW
    assert keep_view(folder, KeptView(sheet=False))
    assert read_view(folder) == KeptView(sheet=False)


def test_no_folder_is_made_for_a_view(tmp_path: Path) -> None:
    folder = CurationFolder(tmp_path / "brain.h5ad.nba")
    assert not keep_view(folder, VIEW)
    assert not folder.path.exists()
    assert read_view(folder) == KeptView()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"laid": [{"animal": "1"}]}',
        b'{"laid": [{"animal": "1", "section": "a", "quarters": 7}]}',
        b'{"sheet": "perhaps"}',
    ],
    ids=["empty", "torn", "no text", "no object", "no section", "too far", "no answer"],
)
def test_wrong_content_is_told_and_not_used(
    folder: CurationFolder, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (folder.path / FILE).write_bytes(content)
    assert read_view(folder) == KeptView()
    assert "is not used" in caplog.text
    assert keep_view(folder, VIEW)
    assert read_view(folder) == VIEW


def test_what_a_later_version_adds_is_passed_over(folder: CurationFolder) -> None:
    later = {**VIEW.model_dump(), "lamp": "on"}
    (folder.path / FILE).write_text(json.dumps(later))
    assert read_view(folder) == VIEW


def test_a_disk_that_refuses_stops_nobody(
    folder: CurationFolder, caplog: pytest.LogCaptureFixture
) -> None:
    (folder.path / FILE).mkdir()
    assert not keep_view(folder, VIEW)
    assert read_view(folder) == KeptView()
    assert FILE in caplog.text
