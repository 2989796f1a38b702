"""Whether what a power loss left keeps what was promised."""

from __future__ import annotations

import warnings
from pathlib import Path

from curated_labels import curation_digest, file_digest
from disk_losses import State, materialize
from promises import SOURCES, Promises, Version

from napari_brain_atlas.model.commands import Annotate
from napari_brain_atlas.workflow.document import open_document

AUTHOR = "ann"
CURATED = ("neighborhood", "napari_brain_atlas")


def failures(left: State, promises: Promises, folder: Path) -> list[str]:
    """What is wrong with a state, in words; `folder` is empty and is filled."""
    materialize(left, folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [*_curation(promises, folder), *_files(left, promises, folder)]
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def _curation(promises: Promises, folder: Path) -> list[str]:
    """Open as a user does, look at the decisions, and decide once more."""
    source = next(name for name in SOURCES if name in promises.versions)
    wrong = []
    with open_document(folder / source, author=AUTHOR) as document:
        seq = document.seq
        allowed = {promises.seq, promises.seq + promises.under_way}
        if seq not in allowed:
            wrong.append(f"{seq} commands, not {sorted(allowed)}")
        digest = curation_digest(document.session.curation)
        if seq and digest != promises.curations.get(seq):
            wrong.append(f"the curation after {seq} commands is another one")
        for blob in promises.kept:
            document.session.archive.read(blob)
        some = max(document.session.curation.neighborhoods)
        if some:
            document.session.do(Annotate(neighborhood=some, notes="one more"))
    # A store takes long to open, and its journal is the same.
    if some and (folder / source).is_file():
        with open_document(folder / source, author=AUTHOR) as document:
            if document.seq != seq + 1:
                wrong.append("one more command is not there")
    return wrong


def _files(left: State, promises: Promises, folder: Path) -> list[str]:
    """Each data file is one of its versions; read plainly, after the program opened it."""
    wrong = []
    for name, versions in promises.versions.items():
        if name not in left and name not in SOURCES:
            # A copy that is being made may not be there yet.
            if len(versions) == 1 and versions[0].tree:
                wrong.append(f"{name} is gone")
            continue
        wrong += _file(folder / name, versions)
        if name not in SOURCES and not wrong:
            with open_document(folder / name, author=AUTHOR):
                pass
    if promises.original is not None:
        found = (p.read_bytes() for p in folder.rglob("*.h5ad") if p.parent != folder)
        if promises.original not in found:
            wrong.append("the original file is not kept")
    return wrong


def _file(path: Path, versions: tuple[Version, ...]) -> list[str]:
    now = tree_of(path)
    if any(version.tree == now for version in versions):
        return []
    foreign = {name: content for name, content in now.items() if _is_foreign(name)}
    if path.is_file() or not any(foreign == _foreign(v.tree) for v in versions):
        return [f"{path.name} is neither the old one nor the new one"]
    if file_digest(path) not in {version.labels for version in versions}:
        return [f"the labels of {path.name} are neither the old nor the new ones"]
    return []


def tree_of(path: Path) -> State:
    """A file or a store as it lies on the disk, by paths from its folder."""
    paths = [path, *sorted(path.rglob("*"))]
    return {
        str(p.relative_to(path.parent)): p.read_bytes() if p.is_file() else None for p in paths
    }


def _foreign(tree: State) -> State:
    return {name: content for name, content in tree.items() if _is_foreign(name)}


def _is_foreign(path: str) -> bool:
    """Whether a file of a store belongs to an element that the program never writes."""
    parts = path.split("/")
    ours = any(part.startswith(CURATED) or part.startswith(".") for part in parts[1:])
    # What lists the columns, and the attributes of all groups, is written with them.
    return not ours and path not in _LISTS and parts[-1] not in (".zmetadata",)


_LISTS = {f"data.zarr/{p}zarr.json" for p in ("", "obs/", "uns/")} | {
    f"data.zarr/{p}.zattrs" for p in ("", "obs/", "uns/")
}


def digest_of_promises(promises: Promises) -> int:
    """The same where the same states are allowed."""
    versions = sorted((n, tuple(v.labels for v in vs)) for n, vs in promises.versions.items())
    return hash(
        (promises.seq, promises.under_way, promises.kept, promises.original, tuple(versions))
    )
