"""The verbs that only read: what there is, and what it is worth."""

from __future__ import annotations

import argparse

from napari_brain_atlas.cli_opening import reading
from napari_brain_atlas.cli_printing import progress, told

Arguments = argparse.Namespace


def info(arguments: Arguments) -> int:
    """What was found in a file."""
    from napari_brain_atlas.workflow import reporting

    with reading(arguments) as document:
        report = reporting.info(document)
    return told(arguments, report, reporting.info_lines)


def stats(arguments: Arguments) -> int:
    """Figures of every neighborhood."""
    from napari_brain_atlas.workflow import stats_report

    genes = [g.strip() for g in (arguments.genes or "").split(",") if g.strip()]
    with reading(arguments) as document:
        rows = stats_report.stats(document, genes, arguments.markers, progress())
    return told(arguments, rows, stats_report.stats_lines)


def score(arguments: Arguments) -> int:
    """Agreement with a reference column."""
    from napari_brain_atlas.workflow import score_report

    with reading(arguments) as document:
        report = score_report.score(document, arguments.truth, progress())
    return told(arguments, report, score_report.score_lines)


def report(arguments: Arguments) -> int:
    """Known regions that are divided, and borders that are crossed."""
    from napari_brain_atlas.compute.novelty import NoveltyParameters
    from napari_brain_atlas.workflow import novelty_report, novelty_text, stability

    with reading(arguments) as document:
        novelty_report.require_reference(document, arguments.reference)
        found = novelty_report.novelty_report(
            document, arguments.reference, n_markers=arguments.markers,
            parameters=NoveltyParameters(arguments.mostly, arguments.substantial),
            stability=stability.stability(document, progress()), progress=progress(),
        )  # fmt: skip
    return told(arguments, found, novelty_text.novelty_lines)


def suggest(arguments: Arguments) -> int:
    """What could be merged or split next."""
    from napari_brain_atlas.workflow import suggestions_report

    with reading(arguments) as document:
        rows = suggestions_report.suggestions(
            document, arguments.most, arguments.embedding, progress()
        )
    return told(arguments, rows, suggestions_report.suggestions_lines)
