"""The verbs that set two states or two files against each other."""

from __future__ import annotations

import argparse
import sys

from napari_brain_atlas.cli_arguments import read_options
from napari_brain_atlas.cli_printing import progress, told

Arguments = argparse.Namespace


def compare(arguments: Arguments) -> int:
    """What differs between two states."""
    from napari_brain_atlas.workflow import comparing

    report = comparing.compare_states(
        arguments.one, arguments.two, author=arguments.author, options=read_options(arguments),
        folder=arguments.journal, before_damage=arguments.before_damage, progress=progress(),
    )  # fmt: skip
    return told(arguments, report, comparing.comparison_lines)


def rebase(arguments: Arguments) -> int:
    """Carry decisions over to a file of other cells."""
    from napari_brain_atlas.workflow import rebasing

    report = rebasing.rebase(
        arguments.old, arguments.new, author=arguments.author, options=read_options(arguments),
        old_folder=arguments.journal, new_folder=arguments.new_journal,
        before_damage=arguments.before_damage, progress=progress(),
    )  # fmt: skip
    for warning in report["warnings"] if arguments.json else ():
        print(f"napari-brain-atlas: {warning}", file=sys.stderr)
    return told(arguments, report, rebasing.rebase_lines)
