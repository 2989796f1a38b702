from __future__ import annotations

import pytest

from napari_brain_atlas.datasets import PhantomParameters, phantom_genes, phantom_sections
from napari_brain_atlas.errors import InputError


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param({"n_cells": 0}, "0 cells asked for", id="no cells"),
        pytest.param({"n_cells": 10, "n_animals": 0}, "0 animals", id="no animals"),
        pytest.param({"n_cells": 10, "n_sections": 0}, "0 sections", id="no sections"),
        pytest.param({"n_cells": 5, "n_sections": 3}, "6 sections of 5 cells", id="few cells"),
        pytest.param({"n_cells": 10, "n_genes": 0}, "0 genes", id="no genes"),
        pytest.param({"n_cells": 10, "n_genes": 99999}, "99999 genes.*1 to 7", id="many genes"),
        pytest.param({"n_cells": 10, "seed": -1}, "the seed is -1", id="negative seed"),
    ],
)
def test_a_phantom_that_cannot_be_made_is_refused(wrong: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PhantomParameters(**wrong)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        PhantomParameters(0, n_genes=0, seed=-3)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("cells", "animals", "sections"),
    [
        (2, 2, 1),
        (1_400, 1, 1),
        (6_000, 1, 4),
        (20_000, 2, 5),
        (200_000, 2, 8),
        (10_000_000, 5, 167),
    ],
)
def test_the_number_of_sections_follows_the_cells(cells: int, animals: int, sections: int) -> None:
    assert PhantomParameters(cells, n_animals=animals).sections_per_animal == sections


@pytest.mark.parametrize("cells", [4, 5, 17])
def test_the_smallest_phantoms_have_a_cell_on_each_section(cells: int) -> None:
    parameters = PhantomParameters(cells, n_sections=2, n_genes=3)
    counts = [section.n_cells for section in phantom_sections(parameters)]
    assert sum(counts) == cells
    assert min(counts) >= 1


def test_genes_are_distinct_and_begin_with_markers() -> None:
    genes = phantom_genes()
    assert len(set(genes)) == len(genes) >= 500
    assert phantom_genes(20) == genes[:20]
    assert {"Slc17a7", "Gad1", "Gad2", "Slc32a1"} < set(phantom_genes(50))
    with pytest.raises(InputError, match="1 to"):
        phantom_genes(len(genes) + 1)
