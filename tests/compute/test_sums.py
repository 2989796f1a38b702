from __future__ import annotations

import numpy as np
import pytest

from napari_brain_atlas.compute.sums import gather, ids_and_codes

RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(1.0, (90, 5))
TYPES = RNG.choice(["A", "B", "C"], 90)
CODES = RNG.integers(0, 3, 90)
SIZES, ANIMALS = [40, 20, 30], ["a", "b", "a"]
OF_ANIMAL = np.repeat([0, 1, 0], SIZES)


@pytest.fixture
def atlas(make_atlas, make_column):
    def made(typed: bool, expression=COUNTS):
        columns = {"t": make_column(TYPES)} if typed else None
        return make_atlas(
            np.zeros((90, 2)), SIZES, animals=ANIMALS, expression=expression, columns=columns,
            cell_type="t" if typed else None,
        )  # fmt: skip

    return made


def normalized(counts) -> np.ndarray:
    totals = counts.sum(axis=1, keepdims=True)
    known = totals[totals > 0]
    return np.log1p(
        np.divide(counts * np.median(known), totals, where=totals > 0, out=0.0 * counts)
    )


def test_sums_are_those_of_the_whole_matrix(atlas) -> None:
    sums = gather(atlas(typed=True), CODES, 2)
    x = normalized(COUNTS)
    assert sums.basis == "cell types"
    assert sums.expression.shape == (3, 1, 5)
    for row in range(3):
        mine = row == CODES
        np.testing.assert_allclose(sums.expression[row, 0], x[mine].sum(axis=0), rtol=1e-5)
        np.testing.assert_allclose(sums.squares[row], (x[mine] ** 2).sum(axis=0), rtol=1e-5)
        np.testing.assert_array_equal(sums.expressing[row], (x[mine] > 0).sum(axis=0))
        for animal in (0, 1):
            here = mine & (animal == OF_ANIMAL)
            assert sums.cells[row, animal] == here.sum()
            counted = [(TYPES[here] == t).sum() for t in sums.type_names]
            assert sums.types[row, animal].tolist() == counted


def test_without_types_expression_is_kept_by_animal(atlas) -> None:
    sums = gather(atlas(typed=False), CODES, 2)
    x = normalized(COUNTS)
    assert sums.basis == "expression"
    here = (CODES == 1) & (OF_ANIMAL == 1)
    np.testing.assert_allclose(sums.expression[1, 1], x[here].sum(axis=0), rtol=1e-5)


def test_genes_are_not_read_where_types_are_enough(atlas) -> None:
    class Unread:
        def __getattr__(self, name):
            raise AssertionError("expression was read")

    quick = atlas(typed=True)
    object.__setattr__(quick.measurements, "x", Unread())
    sums = gather(quick, CODES, 2, expression=False)
    assert sums.genes == ()
    assert sums.types.sum() == 90


def test_one_hot_expression_is_types(atlas) -> None:
    which = RNG.integers(0, 5, 90)
    sums = gather(atlas(typed=False, expression=np.eye(5)[which]), CODES, 2)
    assert (sums.basis, sums.genes) == ("cell types", ())
    assert sums.types[0, 0].tolist() == [
        ((CODES == 0) & (OF_ANIMAL == 0) & (which == t)).sum() for t in range(5)
    ]


def test_ids_and_codes_put_nobodys_cells_last() -> None:
    ids, codes = ids_and_codes(np.array([7, -1, 3, 7, -5], np.int32))
    assert ids.tolist() == [3, 7]
    assert codes.tolist() == [1, 2, 0, 1, 2]
