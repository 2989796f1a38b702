"""The phantom brain: a generator of brain-like sections with known truth."""

from __future__ import annotations

from napari_brain_atlas.datasets.parameters import (
    PHANTOM_VERSION,
    PhantomParameters,
    phantom_genes,
)
from napari_brain_atlas.datasets.phantom import (
    Labels,
    PhantomSection,
    draw_section,
    phantom_sections,
)
from napari_brain_atlas.datasets.plan import PhantomPlan, SectionPlan, plan_phantom

__all__ = [
    "PHANTOM_VERSION",
    "Labels",
    "PhantomParameters",
    "PhantomPlan",
    "PhantomSection",
    "SectionPlan",
    "draw_section",
    "phantom_genes",
    "phantom_sections",
    "plan_phantom",
]
