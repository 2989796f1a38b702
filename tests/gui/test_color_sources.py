from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.gui.color_maps import (
    BLEND_STEPS,
    CHANNELS,
    DARK,
    MAPS,
    MISSING,
    blend_colors,
    map_colors,
)
from napari_brain_atlas.gui.color_sources import (
    ColorSources,
    category_colors,
    in_levels,
    reference_columns,
)
from napari_brain_atlas.gui.colors import PERCENTS, Categories, ColorBy, Kept, Numbers
from napari_brain_atlas.gui.wishes import is_grey
from napari_brain_atlas.model.atlas import Atlas, Column
from napari_brain_atlas.model.palette import _hex_to_lab
from napari_brain_atlas.workflow.document import Document

GREY = _hex_to_lab(("#808080",))[0]


class Table:
    """Columns that were never in a file, and how often they were read."""

    genes = ("Calb1",)

    def __init__(self, n: int, **columns: NDArray[Any]) -> None:
        self.columns, self.n, self.read = columns, n, 0
        self.given: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def is_numeric(self, name: str) -> bool:
        return self.columns[name].dtype.kind in "fiu"

    def numbers(self, name: str) -> NDArray[np.float32]:
        self.read += 1
        return self.columns[name].astype(np.float32)

    def column(self, name: str) -> Column:
        self.read += 1
        names, codes = np.unique(self.columns[name].astype(str), return_inverse=True)
        return Column(codes.astype(np.int32), tuple(map(str, names)))

    def colors(self, name: str) -> tuple[str, ...]:
        return self.given

    def gene(self, name: str) -> NDArray[np.float32]:
        self.read += 1
        return np.arange(self.n, dtype=np.float32)


def sources_of(atlas: Atlas, **columns: NDArray[Any]) -> tuple[ColorSources, Table]:
    table = Table(atlas.n_cells, **columns)
    return ColorSources(replace(atlas, measurements=table)), table  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        pytest.param(lambda n: np.arange(n) % 5, Categories, id="few whole numbers are labels"),
        pytest.param(lambda n: np.arange(n), Numbers, id="many whole numbers"),
        pytest.param(lambda n: (np.arange(n) % 5) / 2, Numbers, id="few fractions"),
        pytest.param(lambda n: np.array(["1", "2"])[np.arange(n) % 2], Categories, id="texts"),
        pytest.param(lambda n: np.arange(n) % 2 == 0, Categories, id="truth"),
        pytest.param(lambda n: np.full(n, np.nan), Numbers, id="all missing"),
    ],
)
def test_a_column_is_what_the_file_has(document: Document, values: Any, kind: type) -> None:
    sources, _ = sources_of(document.atlas, it=values(document.atlas.n_cells))
    assert isinstance(sources.column("it"), kind)


@pytest.mark.parametrize(
    ("values", "exact"),
    [
        pytest.param(np.array([0, 0, 0, 2, 7, 7, np.nan]), True, id="counts"),
        pytest.param(np.random.default_rng(1).lognormal(0, 1, 20_000), False, id="long tail"),
        pytest.param(np.array([-3.0, -1.5, 4.0, np.inf]), True, id="infinite is missing"),
        pytest.param(np.full(5, np.nan), True, id="nothing known"),
    ],
)
def test_levels_stay_close_to_the_numbers(values: NDArray[Any], exact: bool) -> None:
    values = values.astype(np.float32)
    numbers = in_levels("it", values)
    found = numbers.levels[numbers.codes]
    known = np.isfinite(values)
    np.testing.assert_array_equal(numbers.codes == 0, ~known)
    assert np.isnan(found[~known]).all()
    if exact:
        np.testing.assert_array_equal(found[known], values[known])
    else:
        share = np.abs(found - values) / (values.max() - values.min())
        assert share.max() < 1 / 100 and len(numbers.levels) <= 257


def test_limits_are_percentiles_of_the_numbers() -> None:
    values = np.random.default_rng(2).normal(10, 3, 50_000).astype(np.float32)
    low, high = in_levels("it", values).at((5.0, 95.0))
    np.testing.assert_allclose([low, high], np.percentile(values, [5, 95]), rtol=1e-5)


def test_limits_of_a_rare_gene_are_of_the_cells_that_have_it() -> None:
    values = np.concatenate([np.zeros(990), np.arange(1, 11)]).astype(np.float32)
    numbers = in_levels("rare", values)
    assert numbers.at((0, 100)) == (0, 10)
    low, high = numbers.at((10, 50))
    np.testing.assert_allclose([low, high], np.percentile(np.arange(1, 11), [10, 50]), rtol=1e-6)


def test_shares_lie_between_the_limits_and_missing_stays_missing() -> None:
    values = np.array([np.nan, *range(101)], np.float32)
    numbers = in_levels("it", values)
    share = numbers.share((20, 60))[numbers.codes]
    assert np.isnan(share[0])
    np.testing.assert_allclose(share[1:], np.clip((np.arange(101) - 20) / 40, 0, 1), atol=1e-6)
    # Both handles at one place: what is above is told from what is not.
    flat = numbers.share((50, 50))[numbers.codes]
    np.testing.assert_array_equal(flat[1:], np.arange(101) > 50)


def test_what_was_read_is_not_read_again_until_it_is_forgotten(document: Document) -> None:
    n = document.atlas.n_cells
    sources, table = sources_of(document.atlas, region=np.arange(n).astype(str))
    by = ColorBy("genes", ("Calb1",))
    assert not sources.at_hand(by)
    first = sources.painted(by)
    assert sources.at_hand(by) and sources.painted(by).numbers[0] is first.numbers[0]
    assert table.read == 1
    assert not sources.at_hand(by, "region")
    assert sources.painted(by, "region").reference is not None
    assert sources.at_hand(by, "region")


def test_memory_has_a_bound() -> None:
    kept = Kept(100)
    for key in range(5):
        assert kept.get(key, lambda key=key: key, lambda _: 40) == key  # type: ignore[misc]
    assert kept.n_bytes <= 100
    assert 4 in kept and 0 not in kept
    # What is larger than the bound is there as long as it is the last.
    kept.get("large", lambda: 0, lambda _: 1000)
    assert "large" in kept and 4 not in kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [(("#010203", "#040506"), True), (("#010203",), False), ((), False)],
    ids=["fitting", "of other categories", "none"],
)
def test_colors_of_the_file_are_kept(
    document: Document, given: tuple[str, ...], kept: bool
) -> None:
    sources, table = sources_of(
        document.atlas, it=np.array(["a", "b"])[np.arange(document.atlas.n_cells) % 2]
    )
    table.given = given
    assert (sources.categories("it").colors == given) == kept
    if not kept:
        assert sources.categories("it").colors == category_colors(2)


def test_colors_of_categories_are_stable_told_apart_and_never_grey() -> None:
    colors = category_colors(60)
    assert category_colors(20) == colors[:20]
    assert len(set(colors)) == 60 and not any(map(is_grey, colors))
    assert len(category_colors(5000)) == 5000


def test_what_is_not_there_is_refused_in_one_line(document: Document) -> None:
    sources = ColorSources(document.atlas)
    with pytest.raises(InputError, match="no obs column 'nowhere'"):
        sources.painted(ColorBy("column", ("nowhere",)))
    with pytest.raises(InputError, match="no gene 'Nothing1'"):
        sources.painted(ColorBy("genes", ("Nothing1",)))


def test_genes_and_columns_of_a_file_are_its_own(document: Document) -> None:
    atlas = document.atlas
    sources = ColorSources(atlas)
    numbers = sources.painted(ColorBy("genes", atlas.genes[:2])).numbers
    for name, found in zip(atlas.genes, numbers, strict=False):
        given = atlas.measurements.gene(name)
        np.testing.assert_allclose(
            found.levels[found.codes], given, atol=(given.max() - given.min()) / 100
        )
    assert atlas.cell_type is not None
    shown = sources.painted(ColorBy("column", (atlas.cell_type,))).categories
    assert shown is not None
    np.testing.assert_array_equal(shown.codes, atlas.measurements.column(atlas.cell_type).codes)


def test_references_are_known_by_name() -> None:
    assert reference_columns(("x", "region", "reference_region")) == ("reference_region", "region")


# -- colours -----------------------------------------------------------------


def lab(rgb: NDArray[Any]) -> NDArray[np.float64]:
    return _hex_to_lab(tuple("#{:02x}{:02x}{:02x}".format(*c) for c in rgb.tolist()))


@pytest.mark.parametrize("name", MAPS)
def test_maps_get_lighter_in_even_steps(name: str) -> None:
    lightness = lab(map_colors(name))[:, 0]
    assert (np.diff(lightness[::8]) > 0).all()
    steps = np.diff(lightness[::32])
    assert steps.max() < 3 * steps.min()


@pytest.mark.parametrize("name", MAPS)
def test_missing_looks_like_no_number(name: str) -> None:
    apart = np.linalg.norm(lab(map_colors(name)) - _hex_to_lab((MISSING,)), axis=1)
    assert apart.min() > 0.1


_SIMULATED = {
    "full": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
"""Machado, Oliveira and Fernandes (2009), for linear RGB."""


@pytest.mark.parametrize("vision", _SIMULATED)
@pytest.mark.parametrize("n", [2, 3])
def test_mixtures_of_channels_are_told_apart_by_everybody(n: int, vision: str) -> None:
    steps = BLEND_STEPS[n]
    corners = blend_colors(n).reshape(*[steps] * n, 3)[tuple([slice(None, None, steps - 1)] * n)]
    linear = (corners.reshape(-1, 3) / 255) ** 2.2 @ _SIMULATED[vision].T
    seen = lab(np.rint(255 * np.clip(linear, 0, 1) ** (1 / 2.2)).astype(int))
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    assert apart[np.triu_indices(2**n, 1)].min() > 0.06


@pytest.mark.parametrize("n", [2, 3])
def test_channels_add_up(n: int) -> None:
    steps = BLEND_STEPS[n]
    table = blend_colors(n).reshape(*[steps] * n, 3)
    assert tuple(table[(0,) * n]) == DARK
    for channel, color in enumerate(CHANNELS[n]):
        alone = [0] * n
        alone[channel] = steps - 1
        expected = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        np.testing.assert_array_equal(table[tuple(alone)], np.maximum(expected, DARK))
    assert len(PERCENTS) == 1001
