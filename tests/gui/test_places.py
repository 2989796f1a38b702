from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_brain_atlas.gui.places import KEPT_PLACES, Places, Visit

HERE = Visit(3, (100.0, 50.0), 200.0)


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (Visit(3, (100.0, 50.0), 200.0), True),
        (Visit(3, (190.0, 50.0), 200.0), True),
        (Visit(3, (210.0, 50.0), 200.0), False),
        (Visit(3, (100.0, 50.0), 390.0), True),
        (Visit(3, (100.0, 50.0), 410.0), False),
        (Visit(3, (100.0, 50.0), 90.0), False),
        (Visit(4, (100.0, 50.0), 200.0), False),
    ],
    ids=["same", "moved a little", "moved far", "out a little", "out far", "in", "section"],
)
def test_what_is_the_same_place(other: Visit, near: bool) -> None:
    assert HERE.is_near(other) is near
    assert other.is_near(HERE) is near


def visits(*sections: int) -> list[Visit]:
    return [Visit(section, (0.0, 0.0), 1.0) for section in sections]


def went(*sections: int) -> Places:
    places = Places()
    for visit in visits(*sections):
        places = places.arrive(visit)
    return places


def test_back_and_forward_again() -> None:
    a, b, c = visits(1, 5, 2)
    places = went(1, 5, 2)
    assert places.back().present == b
    assert places.back().back() == Places((), a, (b, c))
    assert places.back().back().forward().forward() == places


def test_the_ends_stay() -> None:
    assert Places().back() == Places() == Places().forward()
    assert went(1).back() == went(1) == went(1).forward()


def test_a_new_place_takes_the_way_forward() -> None:
    places = went(1, 5, 2).back().arrive(visits(9)[0])
    assert [v.section for v in places.past] == [1, 5]
    assert places.future == ()


def test_looking_around_is_no_new_place_and_keeps_the_way_forward() -> None:
    closer = Visit(5, (0.1, 0.0), 0.8)
    places = went(1, 5, 2).back().arrive(closer)
    assert places == Places((visits(1)[0],), closer, (visits(2)[0],))


def test_only_the_last_places_are_kept() -> None:
    places = went(*range(KEPT_PLACES + 20))
    assert len(places.past) == KEPT_PLACES
    assert places.past[0].section == 19


@given(st.lists(st.integers(0, 4), min_size=1), st.integers(0, 30))
def test_as_many_steps_forward_as_back_end_where_they_began(way: list[int], steps: int) -> None:
    places = went(*way)
    gone, n = places, 0
    for _ in range(steps):
        n += gone.back() != gone
        gone = gone.back()
    for _ in range(n):
        gone = gone.forward()
    assert gone == places
