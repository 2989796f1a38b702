"""Why something is suggested, in one line."""

from __future__ import annotations

from napari_brain_atlas.compute.suggestions import MergeFigures, SplitFigures


def merge_reason(found: MergeFigures) -> str:
    """``88 % the same cell types · 41 % of a border shared · come back as one 0.91 …``."""
    if found.overlap is not None:
        alike = f"{_percent(found.overlap)} the same cell types"
    else:
        alike = f"{found.separation:.1f} spreads apart"
    border = f"{_percent(found.contact)} of a border shared"
    apart = " and ".join(f"{hold:.2f}" for hold in found.apart)
    return f"{alike} · {border} · come back together {found.together:.2f}, each alone {apart}"


def split_reason(found: SplitFigures) -> str:
    """``2,310 of 9,800 cells leave · the parts come back 0.84 and 0.91 · lie apart 0.93``."""
    n = found.n_leaves + found.n_stays
    back = f"the parts come back {found.holds[0]:.2f} and {found.holds[1]:.2f}"
    return f"{found.n_leaves:,} of {n:,} cells leave · {back} · lie apart {found.coherence:.2f}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
