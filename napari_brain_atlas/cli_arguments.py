"""The arguments of every verb: a contract that tools outside depend on."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from napari_brain_atlas.io.layout import ReadOptions

_AUTHOR_HELP = (
    "whose journal; else as NAPARI_BRAIN_ATLAS_AUTHOR or the configuration says, or the login name"
)


class _OneLineParser(argparse.ArgumentParser):
    """Tells what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = _OneLineParser(
        prog="napari-brain-atlas",
        description="Discover, merge, split, redraw and annotate brain neighborhoods.",
    )
    told = f"%(prog)s {version('napari-brain-atlas')}"
    parser.add_argument("--version", action="version", version=told)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_demo(verbs)
    _add_phantom(verbs)
    _of_journal(_on_file(verbs, "open", "the window on a file"))
    _of_journal(_on_file(verbs, "info", "what was found in a file", json=True))
    _add_discover(verbs)
    _add_apply(verbs)
    log = _on_file(verbs, "log", "the journal, in plain English or as JSON", json=True)
    _of_journal(log)
    log.add_argument(
        "--carried", action="store_true", help="first what was carried over from other files"
    )
    _of_journal(_on_file(verbs, "undo", "take back the last command"))
    _of_journal(_on_file(verbs, "redo", "do again what was undone last"))
    save = _on_file(verbs, "save", "write the curation into the AnnData")
    _of_journal(save)
    save.add_argument("--out", type=Path, help="write a copy there; the file stays as it is")
    stats = _on_file(verbs, "stats", "figures of every neighborhood", json=True)
    _of_journal(stats)
    stats.add_argument("--genes", metavar="A,B", help="mean expression of these genes too")
    stats.add_argument("--markers", type=_count, default=5, metavar="N", help="marker genes each")
    suggest = _on_file(verbs, "suggest", "what could be merged or split next, and why", json=True)
    _of_journal(suggest)
    suggest.add_argument("--most", type=_count, default=30, metavar="N", help="of each kind")
    suggest.add_argument("--embedding", metavar="KEY", help="obsm array instead of our own")
    score = _on_file(verbs, "score", "agreement with a reference column", json=True)
    _of_journal(score)
    score.add_argument("--truth", required=True, metavar="COLUMN", help="obs column of regions")
    _add_report(verbs)
    _add_compare(verbs)
    _add_rebase(verbs)
    return parser


def read_options(arguments: argparse.Namespace) -> ReadOptions:
    """What the user says of a file."""
    return ReadOptions(
        section=arguments.section, x=arguments.x, y=arguments.y, unit=arguments.unit,
        animal=arguments.animal, cell_type=arguments.cell_type,
    )  # fmt: skip


def _add_demo(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    demo = verbs.add_parser("demo", help="phantom brain → discover → window")
    demo.add_argument("--cells", type=_count, default=60_000, metavar="N")
    demo.add_argument("--seed", type=int, default=0, metavar="S")
    demo.add_argument("--author", help=_AUTHOR_HELP)
    demo.add_argument("--folder", type=Path, default=Path("demo"), help="where the brain is put")
    demo.add_argument(
        "--screenshots", type=Path, metavar="DIR",
        help="take pictures of a tour into DIR instead of opening a window; done by itself "
        "where there is no display",
    )  # fmt: skip


def _add_phantom(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    phantom = verbs.add_parser("phantom", help="write a phantom brain with known truth")
    phantom.add_argument("out", type=Path, metavar="OUT")
    phantom.add_argument("--cells", type=_count, required=True, metavar="N")
    phantom.add_argument("--animals", type=_count, metavar="A")
    phantom.add_argument("--sections", type=_count, metavar="S", help="sections of each animal")
    phantom.add_argument("--genes", type=_count, metavar="G")
    phantom.add_argument("--seed", type=int, default=0, metavar="S")
    phantom.add_argument("--null", action="store_true", help="the same brain, no substructures")


def _add_discover(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    discover = _on_file(verbs, "discover", "find neighborhoods and write them to a new file")
    discover.add_argument("--out", type=Path, required=True, metavar="OUT")
    discover.add_argument("--encoder", choices=["composition", "transformer"],
                          default="composition")  # fmt: skip
    discover.add_argument("--embedding", metavar="KEY", help="an obsm array of the file instead "
                          "of the composition of surroundings")  # fmt: skip
    number = discover.add_mutually_exclusive_group()
    number.add_argument("--neighborhoods", type=_count, metavar="K", help="how many; else as "
                        "many as halves of the tissue agree on")  # fmt: skip
    number.add_argument("--min-cluster-size", type=_at_least_two, metavar="M",
                        help="no neighborhood smaller than this many cells")  # fmt: skip
    discover.add_argument("--smallest-piece", type=_area, metavar="UM2", help="speckles and holes "
                          "below this area go to what is around them (areas of a cell where the "
                          "unit is px); 0 leaves all (default: that of 10 cells)")  # fmt: skip
    discover.add_argument("--seed", type=int, default=0, metavar="S")
    where = discover.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="sections worked on at once"
    )
    where.add_argument("--dask", metavar="ADDRESS", help="a Dask cluster that works on sections")


def _add_apply(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    apply = _on_file(verbs, "apply", "do the commands of a file of JSON lines")
    _of_journal(apply)
    apply.add_argument("commands", metavar="COMMANDS.jsonl", help="- for the standard input")
    apply.add_argument("--keep-going", action="store_true", help="go on after a refused command")


def _add_report(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    report = _on_file(
        verbs, "report", "known regions that are divided, and borders that are crossed", json=True
    )
    _of_journal(report)
    report.add_argument("--reference", required=True, metavar="COLUMN",
                        help="obs column of the known regions")  # fmt: skip
    report.add_argument(
        "--mostly", type=_more_than_half, default=0.7, metavar="SHARE",
        help="of its cells that a neighborhood has inside a region to divide it (default 0.7)",
    )  # fmt: skip
    report.add_argument(
        "--substantial", type=_share, default=0.2, metavar="SHARE",
        help="of its cells in each of the regions whose border it crosses (default 0.2)",
    )  # fmt: skip
    report.add_argument("--markers", type=_count, default=5, metavar="N", help="marker genes each")


def _add_compare(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    told = "what differs between two states of the same cells"
    compare = verbs.add_parser(
        "compare", help=told,
        description=f"{told[0].upper()}{told[1:]}. A state is FILE or FILE.nba/AUTHOR.jsonl, as "
        "it is now, or with @ and the name of a snapshot or the number of a decision: "
        "tissue.h5ad@12; 0 is the base. A file whose name holds an @ goes before a snapshot, and "
        "a snapshot whose name is a number before a decision.",
    )  # fmt: skip
    compare.add_argument("one", metavar="A", help="file or journal, perhaps @SNAPSHOT or @SEQ")
    compare.add_argument("two", metavar="B", help="the other one")
    _of_cells(compare)
    _of_journal(compare)
    compare.add_argument("--json", action="store_true", help="print JSON")


def _add_rebase(verbs: argparse._SubParsersAction[_OneLineParser]) -> None:
    told = "carry decisions over to a filtered, reordered or extended file"
    rebase = verbs.add_parser(
        "rebase", help=told,
        description=f"{told[0].upper()}{told[1:]}. Cells are matched by their names in obs.",
    )  # fmt: skip
    rebase.add_argument("old", type=Path, metavar="OLD", help="the file as it was curated")
    rebase.add_argument("new", type=Path, metavar="NEW", help="the file to go on with")
    _of_cells(rebase)
    rebase.add_argument("--new-journal", type=Path, metavar="DIR",
                        help="the curation folder of NEW; --journal is that of OLD")  # fmt: skip
    _of_journal(rebase)
    rebase.add_argument("--json", action="store_true", help="print JSON")


def _on_file(
    verbs: argparse._SubParsersAction[_OneLineParser],
    name: str,
    told: str,
    *,
    json: bool = False,
) -> _OneLineParser:
    verb = verbs.add_parser(name, help=told, description=told)
    verb.add_argument("file", type=Path, metavar="FILE", help=".h5ad file or .zarr store")
    _of_cells(verb)
    if json:
        verb.add_argument("--json", action="store_true", help="print JSON")
    return verb


def _of_cells(verb: _OneLineParser) -> None:
    verb.add_argument("--section", metavar="COLUMN", help="obs column of the sections")
    verb.add_argument("--animal", metavar="COLUMN", help="obs column of the animals")
    verb.add_argument("--cell-type", metavar="COLUMN", help="obs column of the cell types")
    verb.add_argument("--x", metavar="COLUMN", help="obs column, or KEY:0 of an obsm array")
    verb.add_argument("--y", metavar="COLUMN", help="obs column, or KEY:1 of an obsm array")
    verb.add_argument("--unit", choices=["um", "mm", "px"], help="unit of the coordinates")
    verb.add_argument("--journal", type=Path, metavar="DIR", help="the curation folder")
    verb.add_argument("--author", help=_AUTHOR_HELP)


def _of_journal(verb: _OneLineParser) -> None:
    verb.add_argument(
        "--before-damage", action="store_true",
        help="go on from what stands before a damaged line of the journal; who writes puts the "
        "damaged journal aside, whole",
    )  # fmt: skip


def _count(text: str) -> int:
    try:
        number = int(text.replace("_", "").replace(",", ""))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _area(text: str) -> float:
    try:
        area = float(text.replace("_", "").replace(",", ""))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= area < float("inf"):
        raise argparse.ArgumentTypeError("must be 0 or more")
    return area


def _at_least_two(text: str) -> int:
    number = _count(text)
    if number < 2:
        raise argparse.ArgumentTypeError("must be at least 2")
    return number


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError("must be a share above 0, at most 1")
    return number


def _more_than_half(text: str) -> float:
    number = _share(text)
    if number <= 0.5:
        raise argparse.ArgumentTypeError("must be above 0.5: most of it lies in one region only")
    return number
