from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from napari_brain_atlas.datasets import (
    Labels,
    PhantomParameters,
    PhantomSection,
    draw_section,
    phantom,
    phantom_genes,
    phantom_sections,
    plan_phantom,
)

SMALL = PhantomParameters(6_000, n_sections=3, n_genes=40, seed=3)
TRUTHS = ("truth_substructure", "truth_structure", "truth_division")


@pytest.fixture(scope="module")
def small() -> list[PhantomSection]:
    return list(phantom_sections(SMALL))


@pytest.fixture(scope="module")
def large() -> list[PhantomSection]:
    return list(phantom_sections(PhantomParameters(30_000, n_genes=30)))


def bytes_of(section: PhantomSection) -> Iterator[bytes]:
    for field in fields(section):
        value: Any = getattr(section, field.name)
        if isinstance(value, Labels):
            yield value.codes.tobytes() + repr(value.names).encode()
        elif sparse.issparse(value):
            yield value.data.tobytes() + value.indices.tobytes() + value.indptr.tobytes()
        else:
            yield np.asarray(value).tobytes()


def test_the_same_seed_gives_the_same_bytes(small: list[PhantomSection]) -> None:
    for first, second in zip(small, phantom_sections(SMALL), strict=True):
        assert list(bytes_of(first)) == list(bytes_of(second))


def test_another_seed_gives_another_brain(small: list[PhantomSection]) -> None:
    other = next(phantom_sections(PhantomParameters(6_000, n_sections=3, n_genes=40, seed=4)))
    assert not np.array_equal(other.xy[:100], small[0].xy[:100])
    assert not np.array_equal(other.cell_type.codes[:100], small[0].cell_type.codes[:100])


def test_a_section_does_not_depend_on_those_before(small: list[PhantomSection]) -> None:
    plan = plan_phantom(SMALL)
    assert list(bytes_of(draw_section(plan, plan.sections[4]))) == list(bytes_of(small[4]))


def test_totals_names_and_shapes(small: list[PhantomSection]) -> None:
    names = np.concatenate([section.cells for section in small])
    assert len(names) == len(np.unique(names)) == 6_000
    assert len({section.name for section in small}) == 6
    for section in small:
        assert section.xy.shape == (section.n_cells, 2)
        assert section.xy.dtype == np.float32
        assert section.counts.shape == (section.n_cells, 40)
        assert section.counts.dtype == np.float32
        assert len(np.unique(section.xy, axis=0)) == section.n_cells


def test_sections_go_from_the_front_to_the_back(small: list[PhantomSection]) -> None:
    for animal in ("animal1", "animal2"):
        mine = [section for section in small if section.animal == animal]
        assert (np.diff([section.position for section in mine]) < 0).all()
        assert (np.diff([section.z for section in mine]) > 0).all()
        assert mine[0].z >= 0


def test_a_brain_has_the_size_of_a_brain(large: list[PhantomSection]) -> None:
    width, height = np.max([np.ptp(section.xy, axis=0) for section in large], axis=0)
    assert 9_000 < width < 12_000
    assert 6_000 < height < 9_000
    assert min(section.xy.min() for section in large) > -300


@pytest.mark.parametrize(("fine", "coarse"), [(0, 1), (1, 2)])
def test_truth_is_nested(large: list[PhantomSection], fine: int, coarse: int) -> None:
    parents: dict[int, set[int]] = {}
    for section in large:
        inner, outer = getattr(section, TRUTHS[fine]), getattr(section, TRUTHS[coarse])
        assert inner.codes.min() >= 0
        assert inner.codes.max() < len(inner.names)
        for child, parent in set(zip(inner.codes.tolist(), outer.codes.tolist(), strict=True)):
            parents.setdefault(child, set()).add(parent)
    assert all(len(found) == 1 for found in parents.values())


def test_the_reference_is_a_textbook_slightly_beside_the_truth(
    large: list[PhantomSection],
) -> None:
    agreed = [
        np.mean(section.reference_region.codes == section.truth_structure.codes)
        for section in large
    ]
    assert all(
        section.reference_region.names == large[0].truth_structure.names for section in large
    )
    assert 0.8 < np.mean(agreed) < 0.97


def test_each_rare_domain_has_its_cells_in_each_animal(large: list[PhantomSection]) -> None:
    for animal in ("animal1", "animal2"):
        mine = [section for section in large if section.animal == animal]
        codes = np.concatenate([s.truth_substructure.codes[s.rare_domain] for s in mine])
        domains, counts = np.unique(codes, return_counts=True)
        assert len(domains) == 4
        assert counts.min() >= 200
    assert plan_phantom(PhantomParameters(30_000)).notes == ()


def test_a_small_phantom_tells_that_its_rare_domains_are_smaller() -> None:
    assert "rare domains have fewer than 200 cells" in plan_phantom(SMALL).notes[0]


def test_counts_are_whole_and_overdispersed(large: list[PhantomSection]) -> None:
    section = max(large, key=lambda s: s.n_cells)
    assert (section.counts.data > 0).all()
    assert (section.counts.data == np.rint(section.counts.data)).all()
    common = np.bincount(section.cell_type.codes).argmax()
    counts = section.counts[section.cell_type.codes == common].toarray()
    mean, variance = counts.mean(0), counts.var(0)
    high = mean > 0.4
    assert high.sum() >= 2
    # A Poisson distribution has a variance equal to its mean.
    assert (variance[high] > 1.15 * mean[high]).all()


def test_animals_differ_by_size_warp_and_batch() -> None:
    first, second = (each.animal for each in plan_phantom(SMALL).animals)
    assert first.size != second.size
    assert not np.allclose(first.waves, second.waves)
    assert np.std(np.log(first.gene_scale / second.gene_scale)) > 0.2


def test_markers_mark_their_cells(large: list[PhantomSection]) -> None:
    section = max(large, key=lambda s: s.n_cells)
    glutamatergic = np.array([n.endswith("CTX Glut") for n in section.cell_type.names])
    inhibitory = np.array([n.endswith("Gaba") for n in section.cell_type.names])
    slc17a7, gad1 = section.counts[:, 0].toarray().ravel(), _gene(section, "Gad1")
    cortical, gaba = glutamatergic[section.cell_type.codes], inhibitory[section.cell_type.codes]
    assert slc17a7[cortical].mean() > 5 * slc17a7[gaba].mean()
    assert gad1[gaba].mean() > 5 * gad1[cortical].mean()


def _gene(section: PhantomSection, name: str) -> np.ndarray[Any, Any]:
    return section.counts[:, phantom_genes(30).index(name)].toarray().ravel()


def test_sections_are_drawn_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    real = phantom.draw_section

    def counted(plan: Any, section: Any) -> PhantomSection:
        drawn.append(section.index)
        return real(plan, section)

    monkeypatch.setattr(phantom, "draw_section", counted)
    sections = phantom_sections(SMALL)
    next(sections)
    next(sections)
    assert drawn == [0, 1]


def test_many_sections_need_no_more_memory_than_one() -> None:
    def peak(n_sections: int) -> int:
        parameters = PhantomParameters(1_500 * n_sections, 1, n_sections=n_sections, n_genes=100)
        tracemalloc.start()
        for _ in phantom_sections(parameters):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(1)
    assert peak(6) < 2 * peak(1)
