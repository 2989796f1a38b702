"""A file whose journal holds a name in each line: damaged, held by another window, and read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from napari_brain_atlas.io.folder import folder_of
from napari_brain_atlas.model.commands import Annotate

N_NAMES = 5


def named(name: str) -> Annotate:
    return Annotate(neighborhood=1, name=name)


def name_of(document: Any) -> str:
    return str(document.session.curation.neighborhood(1).name)


def damage(file: Path, seq: int, author: str = "tester") -> Path:
    """Flip a letter of the name that a command gives; 0 damages the header."""
    path = folder_of(file).journal_path(author)
    lines = path.read_bytes().split(b"\n")
    lines[seq] = lines[seq].replace(b'"n', b'"m') if seq else lines[0].replace(b"ver", b"vel")
    path.write_bytes(b"\n".join(lines))
    return path


def files_of(file: Path) -> dict[str, bytes]:
    """What lies in the curation folder, but for what comes and goes with a lock."""
    found = folder_of(file).path.rglob("*")
    return {
        p.name: p.read_bytes()
        for p in found
        if p.is_file() and p.suffix not in (".lock", ".holder")
    }


HOLD = (
    "import sys\n"
    "from napari_brain_atlas.workflow.document import open_document\n"
    "from napari_brain_atlas.model.commands import Annotate\n"
    "document = open_document(sys.argv[1], author=sys.argv[2], lock=True, program='window')\n"
    "assert not document.read_only\n"
    "print('held', flush=True)\n"
    "for name in sys.stdin:\n"
    "    document.session.do(Annotate(neighborhood=1, name=name.strip()))\n"
    "    print('done', flush=True)\n"
)


@contextmanager
def holding(file: Path, author: str, *names: str) -> Iterator[int]:
    """Another window, which gives these names; killed at the end."""
    arguments = [sys.executable, "-c", HOLD, str(file), author]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            for name in names:
                other.stdin.write(f"{name}\n")
                other.stdin.flush()
                assert other.stdout.readline() == "done\n"
            yield other.pid
        finally:
            other.kill()
