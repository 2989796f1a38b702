"""What ``score`` says: how well the neighborhoods agree with a reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from napari_brain_atlas.compute.agreement import agree
from napari_brain_atlas.compute.regions import LEFT_OUT
from napari_brain_atlas.errors import InputError
from napari_brain_atlas.model.neighborhood import UNASSIGNED
from napari_brain_atlas.model.progress import Progress, silent
from napari_brain_atlas.model.wording import count
from napari_brain_atlas.workflow.document import Document

Report = dict[str, Any]
_SHOWN_SECTIONS = 12


def score(document: Document, truth: str, progress: Progress = silent) -> Report:
    """Agreement of the neighborhoods with a reference column.

    Raises
    ------
    InputError
        If there is no such column, or no neighborhoods to score.
    """
    require_neighborhoods(document, "score")
    owners = document.session.curation.owners_of_cells()
    found = agree(
        document.atlas,
        np.where(owners == UNASSIGNED, -1, owners).astype(np.int32),
        document.atlas.measurements.column(truth),
        progress=progress,
    )
    parts = found.scored, found.match, found.space, found.animals, found.sections
    return {
        "file": str(document.path),
        "truth": truth,
        "left_out": list(LEFT_OUT),
        **{key: _known(v) for part in parts for key, v in asdict(part).items()},
        "effort": asdict(found.effort),
        "tiles": asdict(found.tiles),
    }


def require_neighborhoods(document: Document, what_for: str) -> None:
    """Raises InputError if the file has no neighborhoods yet."""
    if len(document.session.curation.neighborhoods) < 2:
        told = f"there are no neighborhoods to {what_for}; run discover first"
        raise InputError(str(document.path), [told])


def score_lines(report: Report) -> list[str]:
    """`score` for a terminal."""
    left_out = (
        f" ({report['n_left_out']:,} without a region or named "
        f"{', '.join(map(repr, report['left_out']))} left out)"
        if report["n_left_out"]
        else ""
    )
    return [
        f"{report['file']} against {report['truth']}: {report['n_scored']:,} cells{left_out}",
        f"  agreement      ARI {report['ari']:.3f}, AMI {report['ami']:.3f}, NMI "
        f"{report['nmi']:.3f}, homogeneity {report['homogeneity']:.3f}, completeness "
        f"{report['completeness']:.3f}",
        *_section_lines(report),
        f"  in space       coherence {_shown(report['coherence'])} (the reference has "
        f"{_shown(report['truth_coherence'])}), fragmentation {_shown(report['fragmentation'])}, "
        f"unassigned {100 * report['unassigned']:.1f} %",
        *_animal_lines(report),
        *_effort_lines(report),
    ]


def _section_lines(report: Report) -> Iterator[str]:
    each = report["ari_per_section"]
    if len(each) < 2:
        return
    # The worst are what one wants to look at.
    worst = sorted(each.items(), key=lambda item: item[1])
    shown = worst if len(worst) <= _SHOWN_SECTIONS else worst[: _SHOWN_SECTIONS // 2]
    lowest = "" if len(shown) == len(worst) else "lowest "
    yield (
        f"  by section     ARI mean {report['ari_mean_over_sections']:.3f}, median "
        f"{report['ari_median_over_sections']:.3f} over {len(each):,} sections; {lowest}"
        + ", ".join(f"{name} {value:.3f}" for name, value in shown)
    )


def _animal_lines(report: Report) -> Iterator[str]:
    if report["composition_correlation"] is not None:
        yield (
            f"  across animals a neighborhood stands in {report['animals_per_neighborhood']:.1f} "
            f"animals on average; composition correlates by "
            f"{report['composition_correlation']:.3f}, {100 * (report['recognized'] or 0):.0f} % "
            "are most like themselves"
        )


def _effort_lines(report: Report) -> Iterator[str]:
    effort, tiles = report["effort"], report["tiles"]
    yield (
        f"  curation       {count(effort['merges'], 'merge')} bring {effort['n_clusters']:,} "
        f"neighborhoods to {effort['n_named_regions']:,} of {report['n_regions']:,} regions with "
        f"accuracy {effort['oracle_accuracy']:.3f} (ARI {effort['oracle_ari']:.3f}); "
        f"{_missed(effort['regions_missed'])}"
    )
    if effort["merges"]:
        points = _few(effort["curve"])
        yield (
            "                 accuracy after merges, the best first: "
            + ", ".join(f"{merges:,} → {accuracy:.3f}" for merges, accuracy in points)
            + f"; {effort['merges_for_most']:,} reach 95 % of it"
        )
    yield (
        f"                 {tiles['n_clusters']:,} tiles that know no biology reach "
        f"{tiles['oracle_accuracy']:.3f} (ARI {tiles['oracle_ari']:.3f})"
    )


def _missed(n: int) -> str:
    if not n:
        return "no region missed"
    return f"{count(n, 'region')} missed, which only a split brings back"


def _few(curve: Any, most: int = 6) -> list[Any]:
    kept = np.unique(np.round(np.linspace(0, len(curve) - 1, most)).astype(int))
    return [curve[i] for i in kept]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _known(value: Any) -> Any:
    """JSON has no word for NaN but null."""
    return None if isinstance(value, float) and np.isnan(value) else value
