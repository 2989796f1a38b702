from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from napari_brain_atlas.gui.standing import standing_text


def atlas_of(*animals: str):
    """As much of an atlas as tells whose its sections are."""

    class Sections(list):
        pass

    sections = Sections(SimpleNamespace(animal=a) for a in animals)
    sections.animals = tuple(dict.fromkeys(animals))
    return sections


@pytest.mark.parametrize(
    ("animals", "counts", "told"),
    [
        pytest.param("aaabbb", [90, 90, 90, 90, 90, 90], "in 2 of 2 animals, no gaps", id="all"),
        pytest.param("aaabbb", [90, 0, 90, 0, 90, 0], "in 2 of 2 animals, 1 gap", id="gap"),
        pytest.param("aaabbb", [90, 90, 0, 0, 0, 90], "in 2 of 2 animals, no gaps", id="ends"),
        pytest.param("aaabbb", [90, 90, 90, 3, 0, 2], "in 1 of 2 animals, no gaps", id="strays"),
        pytest.param("aaaa", [0, 90, 2, 90], "1 gap", id="one animal"),
        pytest.param("ab", [90, 90], "in 2 of 2 animals", id="one section each"),
        pytest.param("aa", [90, 90], "", id="nothing to tell"),
        pytest.param("aaabbb", [0] * 6, "", id="no cells"),
    ],
)
def test_standing_is_told_in_a_few_words(animals, counts, told) -> None:
    assert standing_text(atlas_of(*animals), np.array(counts)) == told
