from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from painted_cells import MODES, SECTION, Rgba, cell_colors, painted_as, with_missing

from napari_brain_atlas.compute.cell_grid import grid_cells
from napari_brain_atlas.compute.picture import Coloring, Look, Painter, Ramp
from napari_brain_atlas.compute.view import whole_view
from napari_brain_atlas.gui.cell_colors import FADED
from napari_brain_atlas.gui.color_maps import (
    BLEND_STEPS,
    MISSING,
    STEPS,
    blend_colors,
    map_colors,
)
from napari_brain_atlas.gui.color_sources import ColorSources, in_levels
from napari_brain_atlas.gui.coloring import Tissue, color_section
from napari_brain_atlas.gui.colors import ColorBy, Painted, Shading
from napari_brain_atlas.gui.view_state import Merging, Showing
from napari_brain_atlas.model.commands import Reassign
from napari_brain_atlas.model.neighborhood import NOBODY
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.workflow.document import Document


@pytest.fixture
def sources(document: Document) -> ColorSources:
    return ColorSources(document.atlas)


@pytest.fixture
def here(document: Document) -> slice:
    return document.atlas.sections[SECTION].cells


def test_cells_have_the_color_of_their_category_and_missing_is_grey(
    document: Document, sources: ColorSources, here: slice
) -> None:
    painted = painted_as("types", document, sources)
    lost = np.arange(here.start, here.stop)[::7]
    painted = with_missing(painted, lost)
    colors, _ = cell_colors(
        document.atlas, Tissue(document.session.curation, SECTION, painted=painted)
    )
    assert painted.categories is not None
    table = [*painted.categories.colors, NOBODY.color]
    expected = [(*hex_to_rgb(table[c]), 255) for c in painted.categories.codes[here]]
    np.testing.assert_array_equal(colors, expected)
    assert (colors[::7, :3] == hex_to_rgb(NOBODY.color)).all()


@pytest.mark.parametrize("limits", [(0.0, 100.0), (20.0, 60.0)], ids=["all", "narrow"])
def test_a_gene_goes_through_the_map_between_its_limits(
    document: Document, sources: ColorSources, here: slice, limits: tuple[float, float]
) -> None:
    gene = document.atlas.genes[0]
    painted, shading = sources.painted(ColorBy("genes", (gene,))), Shading((limits,) * 3, "magma")
    tissue = Tissue(document.session.curation, SECTION, painted=painted, shading=shading)
    colors, _ = cell_colors(document.atlas, tissue)
    values = document.atlas.measurements.gene(gene)
    low, high = painted.numbers[0].at(limits)
    steps = np.clip((values[here] - low) / (high - low), 0, 1) * STEPS
    expected = map_colors("magma")[np.minimum(steps.astype(int), STEPS - 1)].astype(int)
    # Numbers come in levels: off by one step of the map at most.
    assert np.abs(colors[:, :3].astype(int) - expected).max() <= 8
    assert len(np.unique(colors, axis=0)) > 2


def test_numbers_that_are_missing_have_a_color_of_their_own(
    document: Document, here: slice
) -> None:
    values = np.linspace(0, 1, document.atlas.n_cells).astype(np.float32)
    lost = np.arange(document.atlas.n_cells) % 3 == 0
    values[lost] = np.nan
    painted = Painted(ColorBy("column", ("it",)), numbers=(in_levels("it", values),))
    tissue = Tissue(document.session.curation, SECTION, painted=painted)
    colors, _ = cell_colors(document.atlas, tissue)
    missing = (colors[:, :3] == hex_to_rgb(MISSING)).all(axis=1)
    np.testing.assert_array_equal(missing, lost[here])


@pytest.mark.parametrize("n", [2, 3])
def test_genes_are_blended_by_their_shares(
    document: Document, sources: ColorSources, here: slice, n: int
) -> None:
    painted = sources.painted(ColorBy("genes", document.atlas.genes[:n]))
    shading = Shading()
    tissue = Tissue(document.session.curation, SECTION, painted=painted, shading=shading)
    colors, _ = cell_colors(document.atlas, tissue)
    steps = BLEND_STEPS[n]
    table = blend_colors(n).reshape(*[steps] * n, 3)
    shares = [m.share(l)[m.codes[here]] for m, l in zip(painted.numbers, shading.limits)]  # noqa: B905, E741
    rows = tuple(np.minimum((s * steps).astype(int), steps - 1) for s in shares)
    np.testing.assert_array_equal(colors[:, :3], table[rows])


def test_confidence_is_that_of_the_curation_and_none_by_hand(document: Document) -> None:
    atlas = document.atlas
    cells = tuple(int(p) for p in atlas.file_positions[atlas.sections[SECTION].cells][:5])
    document.session.do(Reassign(cells=cells, into=3))
    curation = document.session.curation
    painted = Painted(ColorBy("confidence"))
    colors, _ = cell_colors(atlas, Tissue(curation, SECTION, painted=painted))
    confidence = curation.confidence_on(SECTION)
    missing = (colors[:, :3] == hex_to_rgb(MISSING)).all(axis=1)
    np.testing.assert_array_equal(missing, np.isnan(confidence))
    assert missing[:5].all() and not missing.all()
    steps = np.clip(confidence[~missing] * STEPS, 0, STEPS - 1).astype(int)
    expected = map_colors("viridis")[steps].astype(int)
    assert np.abs(colors[~missing, :3].astype(int) - expected).max() <= 4


@pytest.mark.parametrize("mode", MODES)
def test_the_selected_are_lit_and_the_rest_fade_in_every_mode(
    document: Document, sources: ColorSources, mode: str
) -> None:
    curation = document.session.curation
    painted = painted_as(mode, document, sources)
    plain, _ = cell_colors(document.atlas, Tissue(curation, SECTION, painted=painted))
    lit, _ = cell_colors(document.atlas, Tissue(curation, SECTION, (1,), painted=painted))
    mine = curation.owners_on(SECTION) == 1
    np.testing.assert_array_equal(lit[:, :3], plain[:, :3])
    assert (plain[:, 3] == 255).all()
    np.testing.assert_array_equal(lit[:, 3], np.where(mine, 255, FADED))


@pytest.mark.parametrize("mode", MODES)
def test_a_merge_is_striped_over_every_mode_where_it_changes_something(
    document: Document, sources: ColorSources, mode: str
) -> None:
    curation = document.session.curation
    owners = curation.owners_on(SECTION)
    first, second = sorted(set(owners.tolist()))[:2]
    painted = painted_as(mode, document, sources)
    tissue = Tissue(curation, SECTION, staged=Merging((first, second)), painted=painted)
    now, proposed = cell_colors(document.atlas, tissue)
    assert proposed is not None
    goes = owners == second
    color = (*hex_to_rgb(curation.neighborhood(first).color), 255)
    assert (proposed[goes] == color).all()
    np.testing.assert_array_equal(proposed[~goes], now[~goes])


@pytest.mark.parametrize("mode", ["neighborhood", *MODES])
def test_both_boundaries_lie_over_every_mode(
    document: Document, sources: ColorSources, here: slice, mode: str
) -> None:
    atlas, curation = document.atlas, document.session.curation
    plain = Painted() if mode == "neighborhood" else painted_as(mode, document, sources)
    assert atlas.cell_type is not None
    regions = sources.categories(atlas.cell_type)
    painted = replace(plain, reference=regions)
    showing = Showing(reference=atlas.cell_type, boundary_width=3, reference_color="#112233")
    coloring = color_section(atlas, Tissue(curation, SECTION, showing=showing, painted=painted))
    reference, boundary = coloring.outlines
    assert (reference.color, boundary.width) == ((0x11, 0x22, 0x33, 255), 3)
    np.testing.assert_array_equal(boundary.of_codes[coloring.codes], curation.owners_on(SECTION))
    np.testing.assert_array_equal(reference.of_codes[coloring.codes], regions.codes[here] + 1)


def test_codes_stay_while_only_colors_change(document: Document, sources: ColorSources) -> None:
    painted = painted_as("gene", document, sources)
    tissue = Tissue(document.session.curation, SECTION, painted=painted)
    codes = color_section(document.atlas, tissue).codes
    for other in (
        replace(tissue, selection=(1,)),
        replace(tissue, shading=Shading(((10.0, 50.0),) * 3, "cividis")),
        replace(tissue, showing=Showing(boundaries=False)),
    ):
        assert color_section(document.atlas, other).codes is codes
        assert not other.looks_like(tissue)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dense", [False, True], ids=["apart", "dense"])
def test_pixels_have_the_colors_of_the_mode(
    document: Document, sources: ColorSources, mode: str, dense: bool
) -> None:
    atlas, curation = document.atlas, document.session.curation
    painted = painted_as(mode, document, sources)
    tissue = Tissue(curation, SECTION, (1,), showing=Showing(boundaries=False), painted=painted)
    coloring, (colors, _) = color_section(atlas, tissue), cell_colors(atlas, tissue)
    grid = grid_cells(atlas.xy[atlas.sections[SECTION].cells])
    assert grid.n_cells > 500
    # So small that all cells share few pixels, or so large that each has its own.
    view = whole_view(*grid.extent, grid.spacing, 8 if dense else 1500)
    picture = Painter().draw(grid, view, coloring, Look(0.4 * grid.spacing))
    places = np.floor(view.place(atlas.xy[atlas.sections[SECTION].cells])).astype(int)
    if dense:
        _check_crowds(picture, places, coloring, colors)
        return
    found = picture[places[:, 1], places[:, 0]]
    agree = (np.abs(found[:, :3].astype(int) - colors[:, :3]) <= 1).all(axis=1)
    assert agree.mean() > 0.99


def _check_crowds(
    picture: NDArray[np.uint8], places: NDArray[np.int64], coloring: Coloring, colors: Rgba
) -> None:
    """A pixel has the colour of most of its cells, or that of their mean number."""
    now, pixels = coloring.now, np.unique(places, axis=0)
    assert len(pixels) >= 20 and len(places) > 5 * len(pixels)
    for x, y in pixels.tolist():
        inside = (places == (x, y)).all(axis=1)
        if isinstance(now, Ramp):
            mean = now.of_codes[coloring.codes[inside]].astype(np.float64)
            known = mean[~np.isnan(mean).any(axis=1)].mean(axis=0)
            row = now.groups(known[None].astype(np.float32))[0]
            near = now.colors[max(row - 1, 0) : row + 2, :3].astype(int)
            # Sums in another order may end one step beside, of the last channel.
            assert (np.abs(near - picture[y, x, :3]).max(axis=1) <= 1).any()
        else:
            kinds, counts = np.unique(colors[inside], axis=0, return_counts=True)
            most = kinds[counts == counts.max()]
            assert (most[:, :3] == picture[y, x, :3]).all(axis=1).any()


# -- legend ------------------------------------------------------------------
