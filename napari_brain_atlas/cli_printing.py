"""How the command line prints reports, and what is being done meanwhile."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from napari_brain_atlas.model.progress import Progress


def told(
    arguments: argparse.Namespace, report: Any, lines: Callable[[Any], list[str]] | None
) -> int:
    """Print a report as JSON or as lines; returns the exit status."""
    if arguments.json or lines is None:
        print(json.dumps(report, indent=1, ensure_ascii=False, default=float))
    else:
        print("\n".join(lines(report)))
    return 0


def progress() -> Progress:
    """Print what is being done to the error output, so that reports stay clean."""
    last: list[str] = []

    def tell(message: str, share: float) -> None:
        line = f"{message} … {100 * share:3.0f} %"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
        elif message not in last:
            last[:] = [message]
            print(f"{message} …", file=sys.stderr, flush=True)

    return tell
