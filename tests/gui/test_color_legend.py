"""What the legend and the status line tell of the colours of the tissue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from painted_cells import SECTION, painted_as, types_of, with_missing

from napari_brain_atlas.gui.color_maps import (
    map_colors,
)
from napari_brain_atlas.gui.color_sources import ColorSources
from napari_brain_atlas.gui.colors import ColorBy, Painted, Shading
from napari_brain_atlas.gui.inspection import Inspection
from napari_brain_atlas.gui.legend import LEGEND_LINES, Legend, legend_for
from napari_brain_atlas.gui.view_state import Showing, ViewState
from napari_brain_atlas.model.neighborhood import NOBODY
from napari_brain_atlas.model.palette import hex_to_rgb
from napari_brain_atlas.workflow.document import Document


@pytest.fixture
def sources(document: Document) -> ColorSources:
    return ColorSources(document.atlas)


@pytest.fixture
def here(document: Document) -> slice:
    return document.atlas.sections[SECTION].cells


def legend_as(document: Document, painted: Painted, **view: object) -> Legend:
    shown = ViewState(section=SECTION, painted=painted, color_by=painted.by, **view)  # type: ignore[arg-type]
    return legend_for(document.atlas, document.session.curation, shown)


@pytest.mark.parametrize("of_all", [False, True], ids=["this", "all"])
def test_the_legend_counts_categories_here_or_everywhere(
    document: Document, sources: ColorSources, here: slice, of_all: bool
) -> None:
    painted = painted_as("types", document, sources)
    lost = np.arange(here.start, here.stop)[:4]
    painted = with_missing(painted, lost)
    legend = legend_as(document, painted, legend_of_all=of_all)
    shown = painted.categories
    assert shown is not None
    codes = shown.codes if of_all else shown.codes[here]
    told = {line.name: (line.color, line.note) for line in legend.whole}
    assert told.pop("missing") == (NOBODY.color, "4")
    assert told == {
        shown.names[c]: (shown.colors[c], f"{(codes == c).sum():,}")
        for c in set(codes[codes >= 0])
    }
    assert legend.title == shown.column
    assert legend.last[0].name == "missing"


def test_the_legend_is_never_higher_than_its_room(document: Document) -> None:
    n = document.atlas.n_cells
    names = tuple(f"type {i}" for i in range(40))
    painted = Painted(ColorBy("column", ("it",)))
    sources = ColorSources(document.atlas)
    assert document.atlas.cell_type is not None
    known = sources.categories(document.atlas.cell_type)
    many = replace(
        known,
        codes=(np.arange(n) % 41 - 1).astype(np.int32),
        names=names,
        colors=("#112233",) * 40,
    )
    painted = replace(painted, categories=many, reference=known)
    showing = Showing(reference=document.atlas.cell_type)
    legend = legend_as(document, painted, showing=showing)
    assert len(legend.lines) + len(legend.last) == LEGEND_LINES
    assert [line.name for line in legend.last] == ["missing", "neighborhoods", known.column]
    assert legend.more == 40 - len(legend.lines)


def test_a_number_has_a_bar_with_its_limits(document: Document, sources: ColorSources) -> None:
    painted = painted_as("gene", document, sources)
    limits = (0.0, 50.0)
    legend = legend_as(document, painted, shading=Shading((limits,) * 3, "cividis"))
    assert legend.bar is not None and not legend.lines
    assert [float(legend.bar.low), float(legend.bar.high)] == pytest.approx(
        painted.numbers[0].at(limits), rel=0.01
    )
    ends = [hex_to_rgb(c) for c in (legend.bar.colors[0], legend.bar.colors[-1])]
    assert ends == [tuple(c) for c in map_colors("cividis")[[0, -1]].tolist()]


def test_channels_are_named_with_their_limits(document: Document, sources: ColorSources) -> None:
    legend = legend_as(document, painted_as("two genes", document, sources))
    assert [line.name for line in legend.lines] == list(document.atlas.genes[:2])
    assert legend.bar is None and all("–" in line.note for line in legend.lines)
    assert legend.title == f"{document.atlas.genes[0]} and {document.atlas.genes[1]}"


def test_what_is_still_being_read_is_said(document: Document) -> None:
    view = ViewState(color_by=ColorBy("genes", ("Calb1",)))
    legend = legend_for(document.atlas, document.session.curation, view)
    assert legend.title == "reading Calb1 …"
    assert legend.lines


# -- the cell under the pointer ----------------------------------------------


def test_the_cell_under_the_pointer_tells_what_it_is_colored_by(
    document: Document, sources: ColorSources, here: slice
) -> None:
    atlas, curation = document.atlas, document.session.curation
    gene = atlas.genes[0]
    value = atlas.measurements.gene(gene)[here.start + 5]
    told = Inspection(atlas).sentence(
        curation, SECTION, 5, sources.painted(ColorBy("genes", (gene,)))
    )
    name, number = told.rsplit(" · ", 1)[1].rsplit(" ", 1)
    assert name == gene
    assert float(number.replace(",", "")) == pytest.approx(value, abs=0.02 * max(value, 1))
    plain = Inspection(atlas).sentence(curation, SECTION, 5)
    # The cell type is told anyway, and once.
    assert (
        Inspection(atlas).sentence(curation, SECTION, 5, sources.painted(types_of(atlas))) == plain
    )
