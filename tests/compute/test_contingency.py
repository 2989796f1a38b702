from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from labelled import curation_of, labels_of_sections, relabelled
from sklearn.metrics import adjusted_rand_score

from napari_brain_atlas.compute.contingency import (
    Contingency,
    adjusted_rand,
    contingency,
    contingency_of_labels,
    variation_of_information,
)


def entropy(labels: np.ndarray) -> float:
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return -float(np.sum(shares * np.log2(shares)))


def as_rows(table: Contingency) -> list[tuple[int, int, int, int]]:
    columns = (table.before, table.after, table.sections, table.counts)
    return list(zip(*(c.tolist() for c in columns), strict=True))


def counted(before: np.ndarray, after: np.ndarray, sections: np.ndarray) -> list[tuple[int, ...]]:
    """The same by pandas."""
    cross = pd.crosstab([before, after], sections).stack()
    return sorted((*index, int(n)) for index, n in cross.items() if n)


@given(labels_of_sections(), labels_of_sections())
def test_every_way_to_count_is_a_crosstab(one, two) -> None:
    sizes = [min(len(a), len(b)) for a, b in zip(one, two, strict=False)]
    before = np.concatenate([a[:n] for a, n in zip(one, sizes, strict=False)])
    after = np.concatenate([b[:n] for b, n in zip(two, sizes, strict=False)])
    sections = np.repeat(np.arange(len(sizes)), sizes)
    wanted = counted(before, after, sections)
    starts = np.append(0, np.cumsum(sizes)).astype(np.int64)
    assert as_rows(contingency_of_labels(before, after, starts)) == wanted
    first, second = curation_of(before, sizes), curation_of(after, sizes)
    assert as_rows(contingency(first, second)) == wanted
    # One that shares all sections, and one that shares some.
    shared = relabelled(first, {1: 2, 3: 0})
    recoded = np.select([before == 1, before == 3], [2, 0], before)
    assert as_rows(contingency(first, shared)) == counted(before, recoded, sections)


@given(labels_of_sections())
def test_figures_are_those_of_scikit_learn_and_of_the_definition(one) -> None:
    before = np.concatenate(one)
    after = np.random.default_rng(len(before)).permutation(before)
    starts = np.array([0, len(before)])
    table = contingency_of_labels(before, after, starts)
    both = (before > 0) & (after > 0)
    if both.sum() > 1:
        wanted = adjusted_rand_score(before[both], after[both])
        assert adjusted_rand(table) == pytest.approx(wanted)
    else:
        assert np.isnan(adjusted_rand(table))
    pairs = np.unique(np.stack([before, after]), axis=1, return_counts=True)[1] / len(before)
    joint = -float(np.sum(pairs * np.log2(pairs)))
    split, merged = variation_of_information(table)
    assert split == pytest.approx(joint - entropy(before), abs=1e-9)
    assert merged == pytest.approx(joint - entropy(after), abs=1e-9)


def test_a_split_leaves_the_other_half_of_the_variation_of_information_at_zero() -> None:
    before = np.repeat([1, 2], 500).astype(np.int32)
    split, moved = before.copy(), before.copy()
    split[:200] = 3
    moved[450:500] = 2
    starts = np.array([0, 1000])
    apart, joined = variation_of_information(contingency_of_labels(before, split, starts))
    assert apart > 0.4
    assert joined == 0
    apart, joined = variation_of_information(contingency_of_labels(before, moved, starts))
    assert apart > 0.2
    assert joined > 0.2


def test_sections_of_pairs_are_counted_once() -> None:
    before = np.array([1, 1, 2, 1, 2, 2], np.int32)
    after = np.array([1, 3, 2, 3, 3, 2], np.int32)
    table = contingency_of_labels(before, after, np.array([0, 3, 6]))
    assert table.overlaps == {(1, 1): 1, (1, 3): 2, (2, 2): 2, (2, 3): 1}
    assert table.n_sections([(1, 3)]) == 2
    assert table.n_sections([(1, 1), (2, 3)]) == 2
    assert table.n_sections([(1, 1)]) == 1
    assert table.n_sections([]) == 0


def test_no_cells_are_no_error() -> None:
    none = np.empty(0, np.int32)
    table = contingency_of_labels(none, none, np.array([0, 0]))
    assert (table.overlaps, table.n_cells) == ({}, 0)
    assert np.isnan(adjusted_rand(table))
    assert variation_of_information(table) == (0, 0)
