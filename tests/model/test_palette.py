"""Colours of neighborhoods: never grey, told apart, the same every time."""

from __future__ import annotations

import colorsys
import re
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from napari_brain_atlas.model import palette
from napari_brain_atlas.model.neighborhood import NOBODY
from napari_brain_atlas.model.palette import assign_colors, hex_to_rgb, new_color

N_COLORS = 225
"""As many colours there are before one comes again."""


def saturation(color: str) -> float:
    return colorsys.rgb_to_hsv(*(v / 255 for v in hex_to_rgb(color)))[1]


def ring(n: int) -> sparse.csr_array[np.float64]:
    """Neighborhoods in a ring, each touching the two nearest on either side."""
    i = np.arange(n)
    pairs = [(a, (a + d) % n) for a in i for d in (1, 2, n - 1, n - 2)]
    rows, cols = np.array(pairs).T
    return sparse.csr_array((np.ones(len(rows)), (rows, cols)), shape=(n, n))


def apart(one: str, other: str) -> float:
    return float(np.linalg.norm(np.subtract(hex_to_rgb(one), hex_to_rgb(other))))


def series(n: int) -> list[str]:
    taken: list[str] = []
    for _ in range(n):
        taken.append(new_color([NOBODY.color, *taken]))
    return taken


def test_new_colors_are_distinct_while_there_is_a_choice() -> None:
    colors = series(N_COLORS + 30)
    assert len(set(colors[:N_COLORS])) == N_COLORS
    # Then the least used come again, so that none is used a third time early.
    assert len(set(colors[N_COLORS:])) == 30
    assert all(re.fullmatch("#[0-9a-f]{6}", c) and saturation(c) > 0.2 for c in colors)
    assert series(20) == colors[:20]


def test_the_first_colors_are_far_apart() -> None:
    assert min(apart(a, b) for a, b in combinations(series(8), 2)) > 60


@pytest.mark.parametrize("n", [0, 1, 5, 60, 225, 400])
def test_many_colors_at_once(n: int) -> None:
    touching = ring(n) if n > 4 else sparse.csr_array((n, n), dtype=np.float64)
    colors = assign_colors(touching)
    assert colors == assign_colors(touching)
    assert len(colors) == n
    assert all(re.fullmatch("#[0-9a-f]{6}", c) and saturation(c) > 0.2 for c in colors)
    if n == 60:
        assert len(set(colors)) == n
    if n > 4:
        near = [apart(colors[a], colors[(a + d) % n]) for a in range(n) for d in (1, 2)]
        assert min(near) > 40


def test_colors_that_are_given_stay() -> None:
    fixed = ("#ff0000", None, "#00ff00", None)
    colors = assign_colors(ring(9), fixed)
    assert (colors[0], colors[2]) == ("#ff0000", "#00ff00")
    assert len(set(colors)) == 9


def test_colors_are_chosen_as_the_rule_says() -> None:
    """Against the rule written out, candidate by candidate."""
    rng = np.random.default_rng(3)
    square = rng.random((30, 30)) * (rng.random((30, 30)) < 0.2)
    touching = sparse.csr_array(square + square.T)
    fixed = ["#336699", None, "#ffcc00"]
    names, lab = palette._candidates()
    place = {0: palette._hex_to_lab(("#336699",))[0], 2: palette._hex_to_lab(("#ffcc00",))[0]}
    chosen, uses = {0: "#336699", 2: "#ffcc00"}, dict.fromkeys(names, 0.0)
    border = touching.sum(axis=1)
    for i in sorted((j for j in range(30) if j not in chosen), key=lambda j: (-border[j], j)):
        beside = [place[j] for j in np.flatnonzero(touching[[i]].toarray()[0]) if j in place]
        scores = []
        for name, color in zip(names, lab, strict=True):
            near = min((np.linalg.norm(color - c) for c in beside), default=9.0)
            any_ = min((np.linalg.norm(color - c) for c in place.values()), default=9.0)
            scores.append(min(near, 0.4) + 0.5 * min(any_, 0.2) - uses[name])
        best = int(np.argmax(scores))
        chosen[i], place[i] = names[best], lab[best]
        uses[names[best]] += 0.05
    assert assign_colors(touching, fixed) == tuple(chosen[i] for i in range(30))
