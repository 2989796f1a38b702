"""The curation folder: where it lies, whose journals it holds, what is kept durably."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from napari_brain_atlas.errors import JournalError, JournalLockedError, WriteError
from napari_brain_atlas.io import durable
from napari_brain_atlas.io import folder as folders
from napari_brain_atlas.io.blobs import FileArchive
from napari_brain_atlas.io.durable import make_folder, replacing, sweep, write_durably
from napari_brain_atlas.io.folder import CurationFolder, folder_of
from napari_brain_atlas.model.archive import digest_of
from napari_brain_atlas.model.commands import Undo


@pytest.mark.parametrize(
    "author",
    ["ann", "Ann O'Neil", "a/b", "..", ".hidden", "x.jsonl", "100%", "%2E", "ünï", "名前", "a\nb",
     "a@b.org", "~", "*", "con:aux", "-rf"],
)  # fmt: skip
def test_every_author_has_a_journal(author: str, folder: CurationFolder, open_writer: Any) -> None:
    writer = open_writer(author)
    writer.write(Undo())
    assert folder.authors() == (author,)
    path = folder.journal_path(author)
    assert path.parent == folder.path
    assert path.exists()
    assert not path.name.startswith(".")
    contents = folder.journal(author)
    assert contents is not None
    assert {line.author for line in contents.lines} == {author}


def test_authors_do_not_share_journals(folder: CurationFolder) -> None:
    names = ["a", "a.b", "a b", "a%20b", "a/b", ".a", "%2Ea", "..a"]
    assert len({folder.journal_path(name) for name in names}) == len(names)


def test_hidden_files_are_nobodys(folder: CurationFolder) -> None:
    folder.make()
    (folder.path / "._ann.jsonl").write_text("left by a file manager")
    assert folder.authors() == ()
    assert not folder.has_decisions()


# -- where it lies -----------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state directory."""
    monkeypatch.setattr(folders, "user_state_path", lambda name: tmp_path / "state" / name)
    return tmp_path / "state" / "napari-brain-atlas"


def deny(monkeypatch: pytest.MonkeyPatch, *, writable: bool = False) -> None:
    monkeypatch.setattr(folders.os, "access", lambda *_: writable)


def test_beside_the_file(tmp_path: Path, state: Path) -> None:
    file = tmp_path / "a.h5ad"
    assert folder_of(file).path == tmp_path / "a.h5ad.nba"
    assert folder_of(file, tmp_path / "chosen").path == tmp_path / "chosen"
    file.touch()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "link.h5ad").symlink_to(file)
    assert folder_of(tmp_path / "there" / "link.h5ad").path == tmp_path / "a.h5ad.nba"


def test_in_the_state_directory_where_nothing_can_be_written(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    deny(monkeypatch)
    one, other = folder_of(tmp_path / "a.h5ad").path, folder_of(tmp_path / "other" / "a.h5ad").path
    assert one.parent == other.parent == state
    assert one != other
    assert one == folder_of(tmp_path / "a.h5ad").path


def test_decisions_are_found_where_they_were_taken(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions change; a curation must not disappear with them."""
    file = tmp_path / "a.h5ad"
    deny(monkeypatch)
    away = folder_of(file)
    away.make()
    deny(monkeypatch, writable=True)
    assert folder_of(file) == away
    beside = CurationFolder(tmp_path / "b.h5ad.nba")
    beside.make()
    deny(monkeypatch)
    assert folder_of(tmp_path / "b.h5ad") == beside


# -- bases ---------------------------------------------------------------------------


def test_a_base_is_kept_under_its_hash(folder: CurationFolder) -> None:
    assert folder.base() is None
    digest = folder.write_base(b"one")
    assert digest == digest_of(b"one")
    assert folder.base() == folder.base(digest) == (digest, b"one")
    path = folder.path / f"base-{digest}"
    before = path.stat()
    folder.write_base(b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    os.utime(path, (1, 1))
    newer = folder.write_base(b"two")
    assert folder.base() == (newer, b"two")
    assert folder.base(digest) == (digest, b"one")


def test_a_damaged_or_missing_base_is_said(folder: CurationFolder) -> None:
    digest = folder.write_base(b"one")
    (folder.path / f"base-{digest}").write_bytes(b"onE")
    for ask in (None, digest):
        with pytest.raises(JournalError, match="is damaged; restore it"):
            folder.base(ask)
    with pytest.raises(JournalError, match="cannot be read"):
        folder.base("0" * 64)
    folder.write_base(b"one")
    assert folder.base(digest) == (digest, b"one")


def test_starting_anew_needs_that_nobody_decided(folder: CurationFolder, open_writer: Any) -> None:
    old = folder.write_base(b"one")
    writer = open_writer()
    with pytest.raises(JournalLockedError), folder.starting_anew(b"two"):
        pass
    writer.close()
    with pytest.raises(KeyError), folder.starting_anew(b"two"):
        raise KeyError("what should have been written first")
    assert folder.base() == (old, b"one")
    with folder.starting_anew(b"two") as new:
        assert folder.base() == (old, b"one")
    assert folder.base() == (new, b"two")
    with pytest.raises(JournalError):
        folder.base(old)
    again = open_writer()
    again.write(Undo())
    again.close()
    with pytest.raises(JournalError, match="holds decisions"), folder.starting_anew(b"three"):
        pass
    assert folder.base() == (new, b"two")
    assert len(list(folder.path.glob("base-*"))) == 1


def test_a_copy_brings_all_that_decides(folder: CurationFolder, open_writer: Any) -> None:
    digest = folder.write_base(b"one")
    blob = folder.archive.write(b"large")
    writer = open_writer()
    writer.write(Undo())
    writer.close()
    folder.cache.mkdir()
    (folder.cache / "tree.npz").write_bytes(b"tree")
    (folder.path / "original.h5ad").write_bytes(b"before")
    there = CurationFolder(folder.path.with_name("copy.nba"))
    folder.copy_to(there)
    assert there.base(digest) == (digest, b"one")
    assert there.archive.read(blob) == b"large"
    assert there.authors() == folder.authors()
    for author in folder.authors():
        assert there.journal(author) == folder.journal(author)
    assert (there.cache / "tree.npz").read_bytes() == b"tree"
    assert not (there.path / "original.h5ad").exists()


# -- blobs ---------------------------------------------------------------------------


def test_blobs(folder: CurationFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = folder.archive
    assert archive.digests() == ()
    digest = archive.write(b"cells")
    assert (archive.read(digest), archive.digests()) == (b"cells", (digest,))
    path = archive.folder / digest
    path.write_bytes(b"cellz")
    with pytest.raises(JournalError, match="is damaged"):
        archive.read(digest)
    assert archive.write(b"cells") == digest
    assert archive.read(digest) == b"cells"
    with pytest.raises(JournalError, match="cannot be read"):
        archive.read("0" * 64)


def test_a_disk_that_takes_no_blob(
    folder: CurationFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = folder.archive
    archive.write(b"first")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", refuse)
    with pytest.raises(WriteError, match="No space left"):
        archive.write(b"second")
    with pytest.raises(WriteError, match="cannot be made"):
        FileArchive(folder.path / "new").write(b"x")
    assert archive.digests() == (digest_of(b"first"),)
    assert [p.name for p in archive.folder.iterdir()] == [digest_of(b"first")]


def test_new_folders_are_made_durable_in_those_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    make_folder(tmp_path / "a.h5ad.nba" / "blobs")
    assert synced == [tmp_path, tmp_path / "a.h5ad.nba"]
    make_folder(tmp_path / "a.h5ad.nba")
    assert len(synced) == 2
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="cannot be made"):
        make_folder(tmp_path / "file" / "x")


# -- temporaries ---------------------------------------------------------------------


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_durably(path, b"old")
    for error, raised in ((OSError(5, "I/O error"), WriteError), (KeyError("x"), KeyError)):
        with pytest.raises(raised), replacing(path) as temporary:
            temporary.write_bytes(b"new")
            raise error
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_only_temporaries_of_dead_processes_are_swept(tmp_path: Path) -> None:
    path = tmp_path / "a[1].h5ad"
    path.touch()
    dead = 2**22 + 1
    stale = [tmp_path / f".a[1].h5ad.nba-tmp-{dead}-x", tmp_path / f".a[1].h5ad.nba-tmp-{dead}-y"]
    stale[0].touch()
    stale[1].mkdir()
    (stale[1] / "chunk").touch()
    kept = [tmp_path / f".a[1].h5ad.nba-tmp-{os.getpid()}-x", tmp_path / f".b.nba-tmp-{dead}-x",
            tmp_path / ".a[1].h5ad.nba-tmp-other"]  # fmt: skip
    for other in kept:
        other.touch()
    sweep(path)
    assert sorted(tmp_path.iterdir()) == sorted([path, *kept])
    path.unlink()
    stale[0].touch()
    sweep(path)
    assert stale[0].exists()
