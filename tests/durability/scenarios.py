"""What is done while the recorder looks on.

    python scenarios.py ROOT

Each scenario prepares a folder of its own, says ``begin NAME``, and then marks in
ROOT/marks what it does: ``do``, ``ack SEQ DIGEST`` or ``refused``; ``saving TARGET``
and ``saved TARGET DIGEST``; ``kept BLOB``.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# The small tissue of the tests of io.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "io"))

import numpy as np
from curated_labels import curation_digest, file_digest
from tissue import tissue, write

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.model import cells
from napari_brain_atlas.model.commands import (
    Annotate,
    Command,
    Merge,
    Reassign,
    Redo,
    Repartition,
    Split,
    Undo,
)
from napari_brain_atlas.model.proposal import Proposal, ProposedNeighborhood, proposal_to_bytes
from napari_brain_atlas.workflow.document import Document, open_document

AUTHOR = "ann"
PARTS = Split.model_validate(
    {
        "op": "split", "neighborhood": 0,
        "parts": [
            {"cells": [*range(0, 30)], "name": "left"}, {"cells": [*range(30, 50)], "name": "up"},
        ],
    }
)  # fmt: skip


def main(root: Path) -> None:
    for name, scenario in SCENARIOS.items():
        folder = root / name
        folder.mkdir()
        kind = "zarr" if name.startswith("zarr") else "h5ad"
        file = write(tissue(), folder / f"data.{kind}")
        for step in scenario(file):
            if step == "begin":
                _mark(root, f"begin {name}")
            else:
                _mark(root, step)


def _mark(root: Path, text: str) -> None:
    # Each in the place of the one before, so that no limit on sizes is met.
    handle = os.open(root / "marks", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(handle, f"{text}\n".encode())
    os.close(handle)


Steps = Iterator[str]


def do(document: Document, *commands: Command) -> Steps:
    for command in commands:
        yield "do"
        try:
            document.session.do(command)
        except WriteError:
            yield "refused"
        else:
            yield f"ack {document.seq} {curation_digest(document.session.curation)}"


def save(document: Document, out: Path | None = None) -> Steps:
    name = (out or document.path).name
    yield f"saving {name}"
    document.save(out)
    yield f"saved {name} {file_digest(out or document.path)}"


def named(name: str, neighborhood: int = 1) -> Annotate:
    return Annotate(neighborhood=neighborhood, name=name)


def begun(file: Path, *commands: Command) -> Steps:
    """Decisions that were there before; then the recorded part begins."""
    with open_document(file, author=AUTHOR) as document:
        before = [*do(document, PARTS, *commands)]
    yield "begin"
    yield from (step for step in before if step.startswith("ack"))


# -- scenarios --------------------------------------------------------------------------


def first(file: Path) -> Steps:
    """Base, folder, journal and its first lines come into being."""
    yield "begin"
    with open_document(file, author=AUTHOR) as document:
        yield from do(document, PARTS, named("CA1"))


def small(file: Path) -> Steps:
    """Small commands, a second opening, and a longer line after an undo."""
    yield from begun(file)
    with open_document(file, author=AUTHOR) as document:
        yield from do(
            document, named("CA1"), Merge(neighborhoods=(1, 2), into=1), Undo(),
            Reassign(cells=(1, 2, 3), into=2), Undo(), Redo(),
        )  # fmt: skip
    with open_document(file, author=AUTHOR) as document:
        yield from do(document, named("x" * 1500), named("y"))


def blobs(file: Path) -> Steps:
    """A split whose cells go to a blob, a proposal that is kept, and one that is taken."""
    yield from begun(file)
    with open_document(file, author=AUTHOR) as document, _everything_is_large():
        yield from do(document, Split(neighborhood=1, cells=(*range(9),)))
        pending, taken = (_proposal(document, seed) for seed in (1, 2))
        yield f"kept {document.session.archive.write(pending)}"
        blob = document.session.archive.write(taken)
        yield f"kept {blob}"
        yield from do(document, Repartition(blob=blob), Undo())
    assert len([*(file.parent / f"{file.name}.nba" / "blobs").iterdir()]) == 3


def saves(file: Path) -> Steps:
    """Saves in place: the first keeps the original, later ones go on."""
    yield from begun(file)
    with open_document(file, author=AUTHOR) as document:
        yield from save(document)
        yield from do(document, named("saved again"))
        yield from save(document)
        yield from do(document, Undo())


def copies(file: Path) -> Steps:
    """Saves under another name, with the curation folder, twice."""
    yield from begun(file)
    out = file.with_name("copy.h5ad")
    with open_document(file, author=AUTHOR) as document:
        yield from save(document, out)
        yield from do(document, named("and again"))
        yield from save(document, out)


def full(file: Path) -> Steps:
    """The disk takes a part of a line and no more; then there is room again."""
    yield from begun(file)
    journal = file.parent / f"{file.name}.nba" / f"{AUTHOR}.jsonl"
    with open_document(file, author=AUTHOR) as document:
        yield from do(document, named("before"))
        with _no_file_larger_than(journal.stat().st_size + 60):
            yield from do(document, named("refused, and longer than the next one"))
        yield from do(document, named("after"), Undo())


def torn(file: Path) -> Steps:
    """A line was cut off by an earlier crash; the next command overwrites it."""
    steps = begun(file, named("before", 2), named("a" * 2600))
    begin, *acks = steps
    journal = file.parent / f"{file.name}.nba" / f"{AUTHOR}.jsonl"
    os.truncate(journal, journal.stat().st_size - 20)
    yield begin
    yield from acks[:-1]
    with open_document(file, author=AUTHOR) as document:
        yield from do(document, named("b" * 2500), named("c"))


def unsynced(file: Path) -> Steps:
    """What must not be: nothing is synced. The judge has to notice."""
    yield from begun(file)
    sync, os.fsync = os.fsync, lambda _: None
    try:
        with open_document(file, author=AUTHOR) as document:
            yield from do(document, named("a"), named("b"))
    finally:
        os.fsync = sync


SCENARIOS: dict[str, Callable[[Path], Steps]] = {
    "first": first, "small": small, "blobs": blobs, "saves": saves, "copies": copies,
    "zarr": saves, "full": full, "torn": torn, "unsynced": unsynced,
}  # fmt: skip


@contextmanager
def _everything_is_large() -> Iterator[None]:
    few, inline = cells.FEW_CELLS, cells.INLINE_BYTES
    cells.FEW_CELLS = cells.INLINE_BYTES = 0
    try:
        yield
    finally:
        cells.FEW_CELLS, cells.INLINE_BYTES = few, inline


@contextmanager
def _no_file_larger_than(size: int) -> Iterator[None]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def _proposal(document: Document, seed: int) -> bytes:
    n = document.atlas.n_cells
    labels = np.random.default_rng(seed).integers(0, 3, n, dtype=np.int32)
    neighborhoods = tuple(ProposedNeighborhood(name=f"p{i}", color="#00ff00") for i in range(3))
    confidence = np.full(n, 200, np.uint8)
    return proposal_to_bytes(Proposal(labels, confidence, neighborhoods), document.atlas)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
