"""What the tests of the command line share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MERGE = {"op": "merge", "neighborhoods": [1, 2], "into": 1}
NAME = {"op": "annotate", "neighborhood": 1, "name": "CA1"}


def commands_in(folder: Path, *commands: dict[str, Any] | str) -> Path:
    path = folder / "commands.jsonl"
    lines = (c if isinstance(c, str) else json.dumps(c) for c in commands)
    path.write_text("\n".join(lines) + "\n")
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
