"""How verbs open the file that they are about."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from napari_brain_atlas.cli_arguments import read_options

Arguments = argparse.Namespace


def reading(arguments: Arguments, **how: Any) -> Any:
    """The document of a verb that only reads."""
    from napari_brain_atlas.workflow.applying import open_reading

    document = open_reading(
        arguments.file, arguments.author, read_options(arguments), arguments.journal,
        program=f"command ({arguments.verb})", before_damage=_before_damage(arguments), **how,
    )  # fmt: skip
    _tell_of_damage(arguments, document)
    return document


def writing(arguments: Arguments, program: str = "") -> Any:
    """The document of a verb that decides; its journal is held."""
    from napari_brain_atlas.workflow.document import open_document

    document = open_document(
        arguments.file, author=arguments.author, options=read_options(arguments),
        folder=arguments.journal, lock=True, program=program or f"command ({arguments.verb})",
        before_damage=_before_damage(arguments),
    )  # fmt: skip
    _tell_of_damage(arguments, document)
    return document


def _before_damage(arguments: Arguments) -> bool:
    return bool(getattr(arguments, "before_damage", False))


def _tell_of_damage(arguments: Arguments, document: Any) -> None:
    if _before_damage(arguments) and document.recovered:
        print(f"napari-brain-atlas: {document.recovered}", file=sys.stderr)
