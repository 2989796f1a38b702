"""The command line: each verb is one call into workflow; it only parses and prints."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

from napari_brain_atlas.cli_arguments import make_parser, read_options
from napari_brain_atlas.cli_comparing import compare, rebase
from napari_brain_atlas.cli_opening import reading, writing
from napari_brain_atlas.cli_printing import progress, told
from napari_brain_atlas.cli_reporting import info, report, score, stats, suggest
from napari_brain_atlas.errors import BrainAtlasError, InputError, MissingExtraError

Arguments = argparse.Namespace


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0, or 2 for wrong input."""
    arguments = make_parser().parse_args(argv)
    if not sys.warnoptions:
        # Warnings of libraries about each other are nothing that a user can act on.
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What was done is told also where the terminal has no such letter.
            stream.reconfigure(errors="replace")
    try:
        return VERBS[arguments.verb](arguments)
    except BrainAtlasError as error:
        print(f"napari-brain-atlas: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # Of a place that is named in a way, or kept so, that nothing could be looked up.
        print(f"napari-brain-atlas: {_place_and_reason(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("napari-brain-atlas: interrupted; all decisions so far are kept", file=sys.stderr)
        return 130


def demo(arguments: Arguments) -> int:
    """Phantom brain → discover → window, or pictures where there is no display."""
    from napari_brain_atlas.workflow.demo import prepare_demo
    from napari_brain_atlas.workflow.document import open_document

    path = prepare_demo(
        Path(arguments.folder), arguments.cells, arguments.seed, progress=progress()
    )
    if arguments.screenshots is None and _has_display():
        with open_document(path, author=arguments.author, lock=True, program="window") as document:
            _gui("application").run(document)
        return 0
    tour_headless = _gui("demo").tour_headless
    folder = Path(arguments.screenshots or "demo")
    pictures, curated = tour_headless(path, folder, author=arguments.author)
    for picture in pictures:
        print(f"screenshot: {picture}")
    print(f"curated file: {curated}")
    print(f"decisions: {curated}.nba")
    return 0


def open_(arguments: Arguments) -> int:
    """The window on a file."""
    with ThreadPoolExecutor(1) as reader:
        # Read while napari is imported and the window is built.
        coming = reader.submit(writing, arguments, "window")
        try:
            if not _has_display():
                # What is wrong with the file is worth more to know.
                coming.result()
                _gui("application")
                raise BrainAtlasError("there is no display to open a window on; set DISPLAY")
            _gui("application").run_when_read(coming)
        finally:
            if coming.exception() is None:
                coming.result().close()
    return 0


def phantom(arguments: Arguments) -> int:
    """Write a phantom brain with known truth."""
    from napari_brain_atlas.workflow.phantom import phantom_parameters, write_phantom

    parameters = phantom_parameters(
        n_cells=arguments.cells, n_animals=arguments.animals, n_sections=arguments.sections,
        n_genes=arguments.genes, seed=arguments.seed, null=arguments.null,
    )  # fmt: skip
    notes = write_phantom(arguments.out, parameters, progress())
    print("\n".join(notes), end="\n" if notes else "")
    print(f"wrote {parameters.n_cells:,} cells to {arguments.out}")
    return 0


def discover(arguments: Arguments) -> int:
    """Find neighborhoods and write them to a new file."""
    from napari_brain_atlas.workflow.discover import DiscoveryParameters, discover

    if arguments.encoder == "transformer":
        raise InputError("--encoder", ["transformer is not in this version; use composition"])
    found = discover(
        arguments.file,
        arguments.out,
        DiscoveryParameters(
            n_neighborhoods=arguments.neighborhoods,
            min_cluster_size=arguments.min_cluster_size,
            smallest_piece=arguments.smallest_piece,
            embedding=arguments.embedding,
            seed=arguments.seed,
            workers=arguments.workers,
            dask=arguments.dask,
        ),
        author=arguments.author,
        options=read_options(arguments),
        folder=arguments.journal,
        progress=progress(),
    )
    noise = f", {100 * found.noise_share:.1f} % of the cells placed by their neighbors"
    print(f"found {found.n_neighborhoods:,} neighborhoods{noise}")
    if found.not_numbers:
        share = max(100 * found.not_numbers, 0.01)
        print(f"{share:.2g} % of the expression values are not numbers; they counted as 0")
    if found.proposal is None:
        print(f"wrote {found.target}")
        return 0
    command = json.dumps({"op": "repartition", "scope": "all", "blob": found.proposal})
    print(f"{found.target} has decisions, so nothing of it was changed; to take what was found:")
    print(f"  echo '{command}' | napari-brain-atlas apply {found.target} -")
    return 0


def apply(arguments: Arguments) -> int:
    """Do the commands of a file."""
    from napari_brain_atlas.workflow.applying import apply_lines

    lines = _lines_of(arguments.commands)
    refused = 0
    with writing(arguments) as document:
        for outcome in apply_lines(document, lines, keep_going=arguments.keep_going):
            refused += outcome.refused
            if outcome.refused:
                place = f"{arguments.commands} line {outcome.line}"
                print(f"napari-brain-atlas: {place}: {outcome.sentence}", file=sys.stderr)
            else:
                print(outcome.sentence, flush=True)
    return 2 if refused else 0


def log(arguments: Arguments) -> int:
    """The journal."""
    from napari_brain_atlas.workflow import journals

    whose = arguments.file, arguments.author, arguments.journal
    found = journals.read_log(*whose)
    if not arguments.json:
        options = read_options(arguments)
        found = journals.log_sentences(found, arguments.file, options, arguments.journal)
    if arguments.carried:
        found = journals.carried_log(*whose) + found
    if arguments.json:
        told(arguments, list(found.lines), None)
    else:
        print("\n".join(journals.log_text(found) or ["no decisions yet"]))
    for problem in found.problems:
        print(f"napari-brain-atlas: {problem}", file=sys.stderr)
    return 2 if found.problems and not arguments.before_damage else 0


def step(arguments: Arguments) -> int:
    """Undo or redo one command."""
    from napari_brain_atlas.workflow.applying import step

    with writing(arguments) as document:
        print(step(document, arguments.verb))
    return 0


def save(arguments: Arguments) -> int:
    """Write the curation into the AnnData."""
    # A damaged journal is put aside before anything else says what follows it.
    with reading(arguments, lock=arguments.before_damage) as document:
        target = document.save(arguments.out, progress())
    print(f"saved {document.seq:,} decisions of {document.author} to {target}")
    return 0


VERBS: dict[str, Callable[[Arguments], int]] = {
    "demo": demo, "open": open_, "phantom": phantom, "info": info, "discover": discover,
    "apply": apply, "log": log, "undo": step, "redo": step, "save": save, "stats": stats,
    "suggest": suggest, "score": score, "report": report, "compare": compare, "rebase": rebase,
}  # fmt: skip


def _lines_of(path: str) -> list[str]:
    if path == "-":
        return sys.stdin.read().split("\n")
    try:
        return Path(path).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, [f"cannot be read: {error}"]) from error


def _gui(module: str) -> Any:
    """A module of the window, imported only when there is to be one.

    Raises
    ------
    MissingExtraError
        If napari or a Qt binding is not installed.
    """
    try:
        return import_module(f"napari_brain_atlas.gui.{module}")
    except ImportError as error:
        raise MissingExtraError(
            f"the window needs napari and Qt ({error}); install them with "
            "pip install 'napari-brain-atlas[all]'"
        ) from error


def _place_and_reason(error: OSError) -> str:
    named = "" if error.filename is None else f"{str(error.filename)[:200]}: "
    return f"{named}cannot be used: {error.strerror or error}; check its name and permissions"


def _has_display() -> bool:
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
