"""A journal of forty commands cut at every byte, and with every byte flipped.

Every outcome is what stands after the first whole lines, or one clear line.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from long_journal import COMMANDS, LongJournal, replay, write_long_journal
from tissue import tissue, write

from napari_brain_atlas.errors import BrainAtlasError, JournalDamagedError
from napari_brain_atlas.io.anndata_io import read_atlas
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.journal_lines import contents_of

N = len(COMMANDS)
ONE_FLIP = (0x01,)
ALL_FLIPS = (*(1 << bit for bit in range(8)), 0x2A, 0xFF)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> LongJournal:
    folder = tmp_path_factory.mktemp("forty")
    atlas, _ = read_atlas(write(tissue(), folder / "tissue.h5ad"))
    return write_long_journal(CurationFolder(folder / "tissue.h5ad.nba"), atlas)


class Reader:
    """Reads bytes as the journal, and replays each series of lines that it meets but once."""

    def __init__(self, journal: LongJournal) -> None:
        self.journal = journal
        self.ends = [i for i, b in enumerate(journal.path.read_bytes()) if b == ord("\n")]
        self._met: dict[tuple[Any, ...], Any] = {}

    def meets(self, raw: bytes) -> int | None:
        """How many commands stand; None where it is refused."""
        try:
            contents = contents_of(self.journal.path, raw)
            if contents is None:
                return 0
            lines = tuple((line.seq, line.crc, str(line.command)) for line in contents.lines)
            if lines not in self._met:
                self._met[lines] = replay(self.journal, contents.commands())
        except BrainAtlasError as refused:
            assert "\n" not in str(refused)
            assert self.journal.path.name in str(refused)
            return None
        assert self._met[lines] == self.journal.states[len(lines)]
        return len(lines)

    def whole(self, size: int) -> int:
        """Lines that are whole in the first bytes, with or without their newline."""
        return sum(end <= size for end in self.ends)


def test_it_means_what_it_meant(journal: LongJournal) -> None:
    assert Reader(journal).meets(journal.path.read_bytes()) == N
    different = {str(state) for state in journal.states}
    # Undo and redo lead back to where one was; nearly everything else does not.
    assert len(different) > 30


def test_cut_at_every_byte(journal: LongJournal) -> None:
    raw, reader = journal.path.read_bytes(), Reader(journal)
    for size in range(len(raw) + 1):
        assert reader.meets(raw[:size]) == max(reader.whole(size) - 1, 0)


def flipped_everywhere(journal: LongJournal, flips: tuple[int, ...]) -> None:
    raw, reader = journal.path.read_bytes(), Reader(journal)
    changed = bytearray(raw)
    for place in range(len(raw)):
        for flip in flips:
            changed[place] = raw[place] ^ flip
            met = reader.meets(bytes(changed))
            # A newline at the very end may be lost without loss; nothing else is let pass.
            assert met == (N if place == len(raw) - 1 else None), (place, flip)
        changed[place] = raw[place]


def test_every_byte_flipped(journal: LongJournal) -> None:
    flipped_everywhere(journal, ONE_FLIP)


@pytest.mark.slow
def test_every_bit_flipped(journal: LongJournal) -> None:
    flipped_everywhere(journal, ALL_FLIPS)


def test_the_damage_names_its_line_and_what_stands_before_it(journal: LongJournal) -> None:
    raw = journal.path.read_bytes()
    for place in range(0, len(raw) - 1, 97):
        changed = raw[:place] + bytes([raw[place] ^ 0x04]) + raw[place + 1 :]
        line = raw[:place].count(b"\n") + 1
        with pytest.raises(JournalDamagedError) as refused:
            contents_of(journal.path, changed)
        assert refused.value.line == line
        assert refused.value.decisions == max(line - 2, 0)
        assert f"line {line} is damaged" in str(refused.value)
        assert "--before-damage" in str(refused.value)


# -- power that goes while a line is written -----------------------------------------------


@pytest.mark.parametrize("seq", [N - 1, N])
def test_sectors_that_never_reached_the_disk(
    journal: LongJournal, seq: int, tmp_path: Path
) -> None:
    """The end of the last line is there, and a sector before it is empty: it was never synced."""
    raw, reader = journal.path.read_bytes(), Reader(journal)
    start, end = reader.ends[seq - 1] + 1, reader.ends[seq] + 1
    edges = [start, *range(start // 512 * 512 + 512, end, 512), end]
    lost = [(a, b) for a, b in itertools.pairwise(edges) if b - a >= 8]
    assert lost
    for a, b in lost:
        torn = raw[:a] + bytes(b - a) + raw[b:end]
        assert reader.meets(torn) == seq - 1
        if raw[end:]:
            # Behind it stands another line: it was there once, whole.
            assert reader.meets(torn + raw[end:]) is None
        # Zeros that begin anywhere are none that a disk leaves.
        if b - a > 16:
            odd = raw[: a + 3] + bytes(8) + raw[a + 11 : end]
            assert reader.meets(odd) is None


@pytest.mark.parametrize(
    "tail", [b"\0", bytes(4096), b"{", b"\xff" * 600], ids=["zero", "zeros", "text", "ones"]
)
def test_what_a_disk_leaves_behind_the_last_line(journal: LongJournal, tail: bytes) -> None:
    raw, reader = journal.path.read_bytes(), Reader(journal)
    assert reader.meets(raw + tail) == N
    # Also where the newline is lost, the line is whole.
    assert reader.meets(raw[:-1] + tail) == N
    assert reader.meets(raw + tail + b"\n") is (N if tail == bytes(4096) else None)
