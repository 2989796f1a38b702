"""A journal that is cut or flipped anywhere: a prefix of it, or a clear refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from napari_brain_atlas.errors import JournalError
from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.io.journal import Contents, read_journal
from napari_brain_atlas.io.journal_lines import contents_of, record_to_line
from napari_brain_atlas.model.commands import Annotate, Command, Merge, Reassign, Undo

COMMANDS: list[Command] = [
    Merge(neighborhoods=(1, 2), into=1),
    Annotate(neighborhood=3, name='CA1/CA2 "ünï" ,"crc":"00000000"}', evidence={"crc": "x"}),
    Reassign(cells=(0, 5, 9), into=0),
    Undo(),
    Annotate(neighborhood=1, notes="line\nbreak"),
]


@pytest.fixture
def journal(folder: CurationFolder, open_writer: Any) -> Path:
    """A journal of six lines, the header being the first."""
    writer = open_writer()
    for command in COMMANDS:
        writer.write(command)
    writer.close()
    return folder.journal_path("ann")


def ends_of(raw: bytes) -> list[int]:
    """Bytes up to the end of each line, without its newline."""
    return [i for i, byte in enumerate(raw) if byte == ord("\n")]


def test_cut_at_every_byte(journal: Path) -> None:
    raw = journal.read_bytes()
    ends = ends_of(raw)
    assert len(ends) == 6
    for size in range(len(raw) + 1):
        contents = contents_of(journal, raw[:size])
        whole = sum(end <= size for end in ends)
        if whole == 0:
            assert contents is None
            continue
        assert contents is not None
        assert contents.commands() == COMMANDS[: whole - 1]
        assert contents.good + contents.torn == size
        assert raw[: contents.good].rstrip(b"\n").count(b"\n") == whole - 1


def test_a_cut_journal_goes_on(journal: Path, folder: CurationFolder, open_writer: Any) -> None:
    raw = journal.read_bytes()
    ends = ends_of(raw)
    last = Annotate(neighborhood=3, name="on")
    for size in (3, ends[0], ends[0] + 1, ends[2] - 1, ends[2], ends[2] + 1, ends[4] + 40):
        journal.write_bytes(raw[:size])
        writer = open_writer()
        kept = writer.seq
        writer.write(last)
        writer.close()
        contents = read_journal(journal)
        assert contents is not None
        assert contents.commands() == [*COMMANDS[:kept], last]
        assert contents.torn == 0
        assert journal.read_bytes().count(b"\n") == kept + 2


def test_every_byte_flipped(journal: Path) -> None:
    raw = journal.read_bytes()
    for place in range(len(raw)):
        for flip in (0x01, 0x20, 0x80, 0xFF):
            changed = bytearray(raw)
            changed[place] ^= flip
            outcome = read_or_refuse(journal, bytes(changed))
            # Only the newline at the very end may be lost without loss.
            if outcome is not None:
                assert place == len(raw) - 1
                assert outcome.commands() == COMMANDS[: len(outcome.lines)]


def read_or_refuse(path: Path, raw: bytes) -> Contents | None:
    try:
        return contents_of(path, raw)
    except JournalError as error:
        assert "\n" not in str(error)
        return None


def test_a_line_that_is_gone_or_doubled_or_moved(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    for wrong, message in (
        ([*lines[:2], *lines[3:]], "command 2 is missing, 3 follows"),
        ([*lines[:3], lines[2], *lines[3:]], "command 3 is missing, 2 follows"),
        ([*lines[:2], lines[3], lines[2], *lines[4:]], "command 2 is missing, 3 follows"),
        (lines[1:], "is not a journal"),
        ([*lines[:3], b"\n", *lines[3:]], "line 4 is damaged"),
        ([line.replace(b"\n", b"\r\n") for line in lines], "line 1 is damaged"),
        ([b"\xef\xbb\xbf", *lines], "line 1 is damaged"),
    ):
        with pytest.raises(JournalError, match=message):
            contents_of(journal, b"".join(wrong))


def test_a_damaged_middle_names_its_line_and_writes_nothing(
    journal: Path, folder: CurationFolder, open_writer: Any
) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"[0,5,9]", b"[0,5,8]")
    journal.write_bytes(b"".join(lines))
    before = journal.read_bytes()
    with pytest.raises(
        JournalError, match=r"ann\.jsonl: line 4 is damaged.*the 2 decisions before"
    ):
        open_writer()
    assert journal.read_bytes() == before
    journal.write_bytes(b"".join(lines[:3]))
    assert open_writer().seq == 2


HEADER = {
    "format": "napari-brain-atlas journal", "version": 1, "journal": "j", "author": "ann",
    "fingerprint": "f", "base": "b",
}  # fmt: skip


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"format": "something else", "version": 1}, "is not a journal"),
        ({**HEADER, "version": 2}, "journal format 2, this program reads 1; update"),
        ({**HEADER, "base": None}, "its header does not say: base"),
        ({"format": HEADER["format"], "version": 1}, "journal, author, fingerprint, base"),
    ],
)
def test_headers_of_others(header: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"
    path.write_bytes(record_to_line(header))
    with pytest.raises(JournalError, match=message):
        read_journal(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"seq": 1, "time": "t", "author": "a", "command": []}, "line 2 is not a journal line"),
        ({"seq": 1, "time": "t", "author": "a"}, "line 2 is not a journal line"),
        (
            {"seq": 1, "time": "t", "author": "a", "command": {"op": "undo"}, "batch": 3},
            "line 2 holds batch, which this program does not know; update",
        ),
        ({"seq": "1", "time": "t", "author": "a", "command": {"op": "undo"}}, "not a journal"),
        ({"seq": 1, "time": 5, "author": "a", "command": {"op": "undo"}}, "not a journal line"),
        ({"seq": 3, "time": "t", "author": "a", "command": {"op": "undo"}}, "1 is missing, 3 fo"),
    ],
)
def test_lines_of_others(line: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"
    path.write_bytes(record_to_line({**HEADER, "later": 1}) + record_to_line(line))
    with pytest.raises(JournalError, match=message):
        read_journal(path)


def test_a_command_of_a_later_version_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "ann.jsonl"
    line = {"seq": 1, "time": "t", "author": "ann", "command": {"op": "dream", "of": 3}}
    path.write_bytes(record_to_line(HEADER) + record_to_line(line))
    contents = read_journal(path)
    assert contents is not None
    with pytest.raises(
        JournalError, match=r"line 2 of the journal of 'ann'.*update .*unknown op 'dream'"
    ):
        contents.commands()


def test_a_journal_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        read_journal(tmp_path)
