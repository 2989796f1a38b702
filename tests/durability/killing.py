"""Kill curators and their saves, and look at what they leave."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anndata
import numpy as np
from curated_labels import curation_digest
from curating_child import command_number

from napari_brain_atlas.model.archive import MemoryArchive
from napari_brain_atlas.model.commands import parse_command
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.session import Session
from napari_brain_atlas.workflow.document import open_document

HERE = Path(__file__).resolve().parent
AUTHOR = "ann"
_PATIENCE = 60.0


@dataclass(slots=True)
class Facts:
    """What a curator said before it was killed."""

    acked: int
    saved: int
    under_way: str = "opening"
    done: int = 0
    saving: int | None = None
    refused: int = 0
    failed: str = ""
    status: int | None = None
    alone: bool = False
    pid: int = 0

    def take(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        match word:
            case "pid":
                self.pid = int(rest)
            case "do":
                self.under_way, self.done = "journal", int(rest)
            case "ack":
                self.under_way, self.acked = "between", int(rest)
            case "saving":
                self.under_way, self.saving = "save", int(rest)
            case "saved":
                self.under_way, self.saved, self.saving = "between", int(rest), None
            case "refused":
                self.under_way, self.refused = "between", self.refused + 1
            case "failed":
                self.failed = rest
            case "ended":
                self.status = int(rest)
            case "alone":
                self.alone = True


class Server:
    """The process that forks curators."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", HERE / "curating_child.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "NAPARI_BRAIN_ATLAS_AUTHOR": AUTHOR},
        )  # fmt: skip
        self._rest = b""

    def start(self, path: Path, door: str, stop: str, facts: Facts) -> None:
        """Fork a curator; returns once its process is known."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path}\t{door}\t{stop}\n".encode())
        self._process.stdin.flush()
        while not facts.pid:
            self.listen(facts, _PATIENCE)

    def listen(self, facts: Facts, seconds: float) -> bool:
        """Take one fact, or return False if there is none for so long."""
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        if b"\n" not in self._rest:
            if not select.select([handle], [], [], max(seconds, 0))[0]:
                return False
            self._rest += os.read(handle, 65536)
            if b"\n" not in self._rest:
                raise AssertionError("the server is gone")
        line, _, self._rest = self._rest.partition(b"\n")
        facts.take(line.decode())
        return True

    def listen_until(self, facts: Facts, seconds: float) -> None:
        """Take facts until a moment, or until the curator has ended."""
        end = time.monotonic() + seconds
        while facts.status is None and self.listen(facts, end - time.monotonic()):
            pass

    def listen_to_the_end(self, facts: Facts) -> None:
        while not facts.alone:
            if not self.listen(facts, _PATIENCE):
                raise AssertionError(f"nothing more is heard: {facts}")

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=_PATIENCE)
        self._process.stdout.close()


def kill(facts: Facts, victims: str) -> None:
    """kill -9 of the curator, of the process that saves for it, or of both at once."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(facts.pid, signal.SIGSTOP)
        children = _children(facts.pid)
        for child in children if victims != "curator" else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        if victims == "save" and children:
            os.kill(facts.pid, signal.SIGCONT)
        else:
            os.kill(facts.pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


@dataclass(slots=True)
class Bench:
    """A file that is curated and killed again and again, and what it must hold.

    Attributes
    ----------
    path : Path
    seq, saved : int
        Commands in the journal, and in the file.
    save_seconds : float
        How long a save takes.
    fell : Counter
        What was under way when a kill fell.
    mixed : int
        Stores that a foreign reader would have seen half swapped, before they were mended.
    """

    path: Path
    seq: int = 0
    saved: int = 0
    save_seconds: float = 1.0
    fell: Counter[str] = field(default_factory=Counter)
    mixed: int = 0
    _states: list[Curation] = field(default_factory=list)
    _session: Session | None = None
    _order: Any = None
    _plain: Any = None

    def __post_init__(self) -> None:
        self._plain = _read(self.path)
        with open_document(self.path, author=AUTHOR) as document:
            start = document.session.curation
            self._order = document.atlas.atlas_positions
            self._session = Session(document.atlas, start, MemoryArchive(), lambda _: None)
        self._states = [start]

    def expected(self, seq: int) -> Curation:
        """The state after so many commands, worked out without any file."""
        assert self._session is not None
        while len(self._states) <= seq:
            self._session.do(parse_command(command_number(len(self._states))))
            self._states.append(self._session.curation)
        return self._states[seq]

    def facts(self) -> Facts:
        return Facts(acked=self.seq, saved=self.saved)

    def look(self, facts: Facts) -> list[str]:
        """What is wrong after a kill; then one more command is done."""
        assert not facts.failed, facts.failed
        self.fell[facts.under_way] += 1
        wrong = self._look_at_file(facts) if self.path.is_file() else self._glance_at_store()
        wrong += self._look_at_decisions(facts)
        if not self.path.is_file():
            wrong += self._look_at_file(facts)
        return [f"{facts}: {problem}" for problem in wrong]

    def _look_at_decisions(self, facts: Facts) -> list[str]:
        wrong = []
        with open_document(self.path, author=AUTHOR) as document:
            seq = document.seq
            if seq not in (facts.acked, max(facts.acked, facts.done)):
                wrong.append(f"lost: {seq} commands")
            if curation_digest(document.session.curation) != curation_digest(self.expected(seq)):
                wrong.append(f"the state after {seq} commands is another one")
            document.session.do(parse_command(command_number(seq + 1)))
        with open_document(self.path, author=AUTHOR) as document:
            self.seq = document.seq
        if self.seq != seq + 1:
            wrong.append("one more command is not there")
        return wrong

    def _look_at_file(self, facts: Facts) -> list[str]:
        """Read as everybody does, it is the last that was saved, or the one under way."""
        adata = _read(self.path)
        record = json.loads(adata.uns.get("napari_brain_atlas", '{"seq": 0}'))
        self.saved = int(record["seq"])
        wrong = []
        if self.saved not in (facts.saved, facts.saving):
            wrong.append(f"the file is of command {self.saved}")
        if self.saved:
            wrong += self._look_at_labels(adata, self.expected(self.saved))
        elif "neighborhood_id" in adata.obs:
            wrong.append("there are labels, but no record of them")
        if (adata.X != self._plain.X).nnz or {*self._plain.obs} - {*adata.obs}:
            wrong.append("what belongs to others was changed")
        return wrong

    def _look_at_labels(self, adata: Any, expected: Curation) -> list[str]:
        ids = adata.obs["neighborhood_id"].to_numpy()
        wrong = []
        if not np.array_equal(ids, expected.owners_of_cells()[self._order]):
            wrong.append(f"the labels are not those after {self.saved} commands")
        names = adata.obs["neighborhood"]
        if len(names.cat.categories) != len(adata.uns["neighborhood_colors"]):
            wrong.append("categories and colors differ")
        told = dict(zip(ids.tolist(), names.astype(str), strict=True))
        wrong += [
            f"neighborhood {i} is called {name!r}" for i, name in told.items()
            if not name.startswith(expected.neighborhood(i).name)
        ]  # fmt: skip
        return wrong

    def _glance_at_store(self) -> list[str]:
        """A store between two swaps may show both for a moment; see the docs of the format."""
        try:
            adata = _read(self.path)
            seq = int(json.loads(adata.uns.get("napari_brain_atlas", '{"seq": 0}'))["seq"])
            self.mixed += bool(seq and self._look_at_labels(adata, self.expected(seq)))
        except Exception:
            self.mixed += 1
        return []


def _read(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (anndata.read_zarr if path.is_dir() else anndata.read_h5ad)(path)


def copy_of(source: Path, folder: Path) -> Path:
    """A fresh file in a fresh folder."""
    folder.mkdir(parents=True)
    target = folder / source.name
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return target
