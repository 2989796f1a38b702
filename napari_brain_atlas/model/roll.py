"""The roll: all neighborhoods of a state, shared between states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, ValuesView
from itertools import chain

from napari_brain_atlas.model.neighborhood import Neighborhood

_PAGE = 64


class Roll(Mapping[int, Neighborhood]):
    """Neighborhoods by id; frozen.

    Ids are given out in order, so the roll is a row of pages of 64 ids. A
    changed roll shares all pages that it does not touch: a journal of ten
    thousand annotations of 1,300 neighborhoods keeps some 30 MB, where whole
    copies would keep 370.

    Parameters
    ----------
    pages : sequence of dict
        Neighborhoods by id, those of page *i* from id 64 *i* on; not to be
        changed any more.
    """

    __slots__ = ("_length", "pages")

    def __init__(self, pages: Sequence[dict[int, Neighborhood]] = ()) -> None:
        self.pages = tuple(pages)
        self._length = sum(map(len, pages))

    @classmethod
    def of(cls, neighborhoods: Iterable[Neighborhood]) -> Roll:
        """The roll of these neighborhoods; of two with the same id the later one counts."""
        return cls().with_changed(neighborhoods)

    def __getitem__(self, identity: int) -> Neighborhood:
        page = identity // _PAGE
        if not 0 <= page < len(self.pages):
            raise KeyError(identity)
        return self.pages[page][identity]

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.pages)

    def __len__(self) -> int:
        return self._length

    # The mixins of Mapping look up every id; these take page after page.

    def values(self) -> ValuesView[Neighborhood]:
        """All neighborhoods."""
        return _Values(self)

    def with_changed(self, changed: Iterable[Neighborhood]) -> Roll:
        """The same roll with neighborhoods added or replaced."""
        pages, own = list(self.pages), set[int]()
        for neighborhood in changed:
            page = _own_page(pages, own, neighborhood.id)
            page[neighborhood.id] = neighborhood
        return Roll(pages)

    def without(self, identities: Iterable[int]) -> Roll:
        """The same roll without these neighborhoods."""
        pages, own = list(self.pages), set[int]()
        for identity in identities:
            if identity in self:
                del _own_page(pages, own, identity)[identity]
        return Roll(pages)

    def listed(self) -> list[Neighborhood]:
        """All neighborhoods, by id; unassigned first."""
        return sorted(self.values(), key=lambda n: n.id)


class _Values(ValuesView[Neighborhood]):
    """The neighborhoods of a roll, page after page."""

    def __init__(self, roll: Roll) -> None:
        super().__init__(roll)
        self._roll = roll

    def __iter__(self) -> Iterator[Neighborhood]:
        return chain.from_iterable(page.values() for page in self._roll.pages)


def _page_of(pages: list[dict[int, Neighborhood]], identity: int) -> dict[int, Neighborhood]:
    while len(pages) <= identity // _PAGE:
        pages.append({})
    return pages[identity // _PAGE]


def _own_page(
    pages: list[dict[int, Neighborhood]], own: set[int], identity: int
) -> dict[int, Neighborhood]:
    """The page of an id, copied the first time it is asked for."""
    page, index = _page_of(pages, identity), identity // _PAGE
    if index not in own:
        own.add(index)
        pages[index] = page = dict(page)
    return page
