"""Why something is suggested, in one line."""

from __future__ import annotations

from napari_brain_atlas.compute.suggestions import MergeFigures, SplitFigures


def merge_reason(found: MergeFigures) -> str:
    """``88 % same cell types · 41 % of a border shared · come back as one 0.91, alone …``."""
    if found.overlap is not None:
        alike = f"{_percent(found.overlap)} same cell types"
    else:
        alike = f"{found.separation:.1f} spreads apart"
    border = f"{_percent(found.contact)} of a border shared"
    apart = ", ".join(f"{hold:.2f}" for hold in found.apart)
    return f"{alike} · {border} · come back as one {found.together:.2f}, alone {apart}"


def split_reason(found: SplitFigures) -> str:
    """``2,310 of 9,800 cells leave · parts come back 0.84, 0.91 · lie apart 0.93``."""
    n = found.n_leaves + found.n_stays
    back = f"parts come back {found.holds[0]:.2f}, {found.holds[1]:.2f}"
    return f"{found.n_leaves:,} of {n:,} cells leave · {back} · lie apart {found.coherence:.2f}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
