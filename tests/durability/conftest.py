"""The recorded log, once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
import system_calls
from disk_events import Event
from power_loss import RecordingForbiddenError, record_scenarios


@pytest.fixture(scope="session")
def recorded_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recorded")


@pytest.fixture(scope="session")
def scenarios(recorded_in: Path) -> dict[str, list[Event]]:
    """What the program did to the disk, by scenario."""
    if not system_calls.SUPPORTED:
        pytest.skip("system calls are recorded on Linux only (x86-64, 64-bit ARM)")
    try:
        return record_scenarios(recorded_in)
    except RecordingForbiddenError:
        pytest.skip("this system does not let a process watch another one (ptrace)")
