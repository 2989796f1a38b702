"""The report against a reference for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from napari_brain_atlas.model.wording import count

Report = dict[str, Any]
_SHOWN = 20
_SHOWN_PARTS = 8


def novelty_lines(report: Report) -> list[str]:
    """`novelty_report` for a terminal: the most informative of each sort."""
    lines = [
        f"{report['file']} against {report['reference']}: "
        f"{count(report['n_neighborhoods'], 'neighborhood')}, "
        f"{count(report['n_regions'], 'region')}; {report['n_matching']:,} match one another",
    ]
    if report["bits"] is not None:
        lines.append(f"  neighborhoods add {report['bits']:.2f} bits to the region of a cell")
    for title, told in (
        (f"{count(len(report['subdivisions']), 'region')} divided", _subdivisions(report)),
        (f"{count(len(report['crossings']), 'neighborhood')} across borders", _crossings(report)),
        (f"{count(len(report['uncharted']), 'neighborhood')} without a region", _rest(report)),
    ):
        lines += [f"{title[0].upper()}{title[1:]}", *told]
    return [*lines, *_notes(report)]


def _subdivisions(report: Report) -> Iterator[str]:
    every = report["subdivisions"]
    for found in every[:_SHOWN]:
        lie, parts = found["compactness"], found["parts"]
        apart = "never on one section" if lie is None else f"{lie:.2f} apart in space"
        yield (
            f"  {found['region']}: {len(parts)} parts add {found['bits']:.2f} bits to "
            f"{100 * found['divided']:.0f} % of {found['cells']:,} cells, {apart}"
            + _in_animals(found, report["n_animals"])
        )
        for part in parts[:_SHOWN_PARTS]:
            yield "   " + _part(part)
        if len(parts) > _SHOWN_PARTS:
            yield f"          … and {len(parts) - _SHOWN_PARTS:,} smaller parts"
    yield from _more(every)


def _in_animals(found: Report, n_animals: int) -> str:
    if n_animals < 2:
        return ""
    return f", {found['in_all_animals']} of them in all {n_animals} animals"


def _part(part: Report) -> str:
    genes = [f"{m['gene']} {m['log_fold_change']:+.1f}" for m in part["markers"]]
    types = [f"{t} {100 * share:.0f} %" for t, share in part["cell_types"].items()]
    mark, share = "*" if part["claimed"] else " ", 100 * part["share_of_region"]
    told = [
        f"{mark}{part['id']:>4}  {part['name']:<24.24} {share:>3.0f} % of it",
        f"{100 * part['share_inside']:>3.0f} % inside",
        f"{count(part['animals'], 'animal')}, {count(part['sections'], 'section')}",
        *_sureness(part),
        ", ".join(genes or types),
    ]
    return " · ".join(filter(None, told))


def _sureness(part: Report) -> Iterator[str]:
    if part["stability"] is not None:
        yield f"stability {part['stability']:.2f}"
    if part["distinctness"] is not None:
        yield f"distinct {part['distinctness']:.2f}"
    if part["mean_confidence"] is not None:
        yield f"confidence {part['mean_confidence']:.2f}"


def _crossings(report: Report) -> Iterator[str]:
    every = report["crossings"]
    for found in every[:_SHOWN]:
        shares = ", ".join(f"{100 * r['share']:.0f} % {r['region']}" for r in found["regions"])
        each = f"; in each of them in {count(found['animals'], 'animal')}"
        yield (
            f"    {found['id']:>4}  {found['name']:<24.24} {found['cells']:>9,} cells: {shares}"
            + (each if report["n_animals"] > 1 else "")
        )
    yield from _more(every)


def _rest(report: Report) -> Iterator[str]:
    every = report["uncharted"]
    for part in every[:_SHOWN]:
        yield (
            f"    {part['id']:>4}  {part['name']:<24.24} {part['cells']:>9,} cells "
            f"({100 * part['share_inside']:.0f} %) in {count(part['animals'], 'animal')}"
        )
    yield from _more(every)


def _more(every: list[Report]) -> Iterator[str]:
    if len(every) > _SHOWN:
        yield f"  … and {len(every) - _SHOWN:,} more, see --json"


def _notes(report: Report) -> Iterator[str]:
    how = report["parameters"]
    yield (
        f"A part lies with at least {100 * how['mostly']:.0f} % of its cells inside its region; "
        f"across a border lies what has {100 * how['substantial']:.0f} % in each of several."
    )
    yield (
        "Markers are against the other parts of the region (log2 fold change). Apart in space: 1 "
        "wholly, 0 as by chance."
    )
    if report["n_claimed"] is not None:
        yield (
            f"* Claimed: {count(report['n_claimed'], 'part')} with a stability of at least "
            f"{how['claimed_stability']:g} whose own cells are distinct, by at least "
            f"{how['claimed_distinctness']:g} standard deviations, from those of the other parts. "
            "What is less may be the nearness of another region, or a piece of a gradient."
        )
