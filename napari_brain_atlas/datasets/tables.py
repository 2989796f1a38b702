"""The packaged tables, the only files that the phantom reads."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def table_rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a packaged CSV file, by column name."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
