"""Numbers and lists as the sentences of commands say them."""

from __future__ import annotations

from collections.abc import Iterable

from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import subtree

_MANY = 6
"""A sentence names at most so many things."""


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 cell``, ``12,403 cells``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def extent(curation: Curation, identity: int) -> str:
    """Cells and sections of a neighborhood and all under it: ``12,403 cells on 9 sections``."""
    members = subtree(curation.neighborhoods, identity)
    cells = count(curation.n_cells(*members), "cell")
    return f"{cells} on {count(curation.n_sections(*members), 'section')}"


def names(curation: Curation, identities: Iterable[int]) -> str:
    """Names of neighborhoods in a sentence: ``'CA1' and 'CA3'``."""
    return listed(repr(curation.neighborhood(i).name) for i in identities)


def with_ids(curation: Curation, identities: Iterable[int]) -> str:
    """Names with the ids that a next command needs: ``'CA1' (3) and 'CA3' (4)``."""
    return listed(f"{curation.neighborhood(i).name!r} ({i})" for i in identities)


def listed(items: Iterable[str]) -> str:
    """Items in a sentence: ``a``, ``a and b``, ``a, b and c``; of many the first, and how many."""
    items = list(items)
    if len(items) > _MANY:
        items[_MANY - 1 :] = [f"{len(items) - _MANY + 1:,} others"]
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)
