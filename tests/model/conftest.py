"""A small curation and a session on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from small_atlas import CountingArchive, small_atlas, start

from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import Command, command_to_json, parse_command
from napari_brain_atlas.model.session import Change, Session


@dataclass
class Desk:
    """A session with everything that it writes to."""

    atlas: Atlas
    archive: CountingArchive = field(default_factory=CountingArchive)
    lines: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = Session(self.atlas, start(self.atlas), self.archive, self._write)

    def do(self, command: dict[str, Any]) -> Change:
        return self.session.do(parse_command(command))

    def _write(self, command: Command) -> None:
        if self.error is not None:
            raise self.error
        self.lines.append(command_to_json(command))


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    return small_atlas()


@pytest.fixture
def desk(atlas: Atlas) -> Desk:
    return Desk(atlas)


@pytest.fixture
def large_desk() -> Desk:
    """A session whose sections are too large for a bitmap in a line."""
    return Desk(small_atlas((600_000, 30_000), ("a", "b")))
