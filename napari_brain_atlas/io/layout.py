"""Where sections, animals, coordinates and their unit are in an AnnData file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from napari_brain_atlas.model.atlas import UnitName

SECTION_NAMES = (
    "brain_section_label", "section", "section_id", "section_label", "slice_id", "slice",
    "library_id", "sample_id", "sample", "puck",
)  # fmt: skip
ANIMAL_NAMES = (
    "donor_label", "donor", "donor_id", "animal", "animal_id", "mouse", "mouse_id",
    "specimen", "specimen_id", "subject", "individual",
)  # fmt: skip
POSITION_NAMES = (
    "bregma_mm", "bregma", "Bregma", "position_mm", "ap_mm", "ap", "z_section", "z",
)  # fmt: skip
CELL_TYPE_NAMES = (
    "cell_type", "celltype", "subclass", "subtype", "cell_class", "class", "cluster",
    "ClusterName", "annotation",
)  # fmt: skip
OBSM_NAMES = ("spatial", "X_spatial", "X_centroids")
XY_NAMES = (
    ("x", "y"), ("center_x", "center_y"), ("x_centroid", "y_centroid"),
    ("x_section", "y_section"), ("X", "Y"), ("CenterX_global_px", "CenterY_global_px"),
)  # fmt: skip

_UNIT_WORDS: tuple[tuple[str, UnitName], ...] = (
    (r"micromet|micron|µm|μm|\bum\b", "um"),
    (r"millimet|\bmm\b", "mm"),
    (r"pixel|\bpx\b|native", "px"),
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says of a file; None is found by the names the field uses.

    Attributes
    ----------
    section, animal, cell_type : str, optional
        obs columns.
    x, y : str, optional
        obs columns, or a column of an obsm array as ``spatial:0``.
    unit : {"um", "mm", "px"}, optional
        Unit of the coordinates.
    """

    section: str | None = None
    x: str | None = None
    y: str | None = None
    unit: UnitName | None = None
    animal: str | None = None
    cell_type: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a file.

    Attributes
    ----------
    x, y : str
        obs column, or ``key:column`` of an obsm array.
    section, animal, position, cell_type : str or None
        obs columns; None where the file has none.
    unit : {"um", "mm", "px"} or None
        None where it has still to be told by the spacing of the cells.
    unit_evidence : str
        How the unit is known, in words for the user.
    """

    x: str
    y: str
    section: str | None
    animal: str | None
    position: str | None
    cell_type: str | None
    unit: UnitName | None
    unit_evidence: str

    def as_options(self) -> ReadOptions:
        """The options that read the file in the same way again."""
        kept = asdict(self)
        del kept["position"], kept["unit_evidence"]
        return ReadOptions(**kept)

    def as_record(self) -> dict[str, Any]:
        """The layout as JSON."""
        return asdict(self)


def options_of_record(record: Mapping[str, Any], options: ReadOptions) -> ReadOptions:
    """The options that read a file as a record of `Layout.as_record` says.

    What the user gives now goes before what the record says.
    """
    given = {k: v for k, v in asdict(options).items() if v is not None}
    known = {f.name for f in fields(ReadOptions)}
    said = {k: v for k, v in record.items() if k in known and v is not None}
    return ReadOptions(**{**said, **given})


def find_layout(
    columns: Sequence[str],
    arrays: Mapping[str, int],
    uns: Mapping[str, Any],
    options: ReadOptions,
    problems: list[str],
) -> Layout | None:
    """Find the parts of a file by their names.

    Parameters
    ----------
    columns : sequence of str
        Names of the obs columns.
    arrays : mapping of str to int
        Names of the obsm arrays and their numbers of columns.
    uns : mapping
        Where a unit may be stated.
    options : ReadOptions
        What is given goes before what is found.
    problems : list of str
        Everything that is wrong is added here.

    Returns
    -------
    Layout or None
        None if there are no coordinates.
    """
    for what, name in (
        ("section", options.section), ("animal", options.animal), ("cell type", options.cell_type),
    ):  # fmt: skip
        if name is not None and name not in columns:
            problems.append(f"no obs column {name!r} for the {what}; {_there_are(columns)}")
    xy = _find_coordinates(columns, arrays, options, problems)
    if xy is None:
        return None
    unit, evidence = _find_unit(xy, columns, uns, options)
    return Layout(
        x=xy[0],
        y=xy[1],
        section=options.section or _first(SECTION_NAMES, columns),
        animal=options.animal or _first(ANIMAL_NAMES, columns),
        position=_first([n for n in POSITION_NAMES if n not in xy], columns),
        cell_type=options.cell_type or _first(CELL_TYPE_NAMES, columns),
        unit=unit,
        unit_evidence=evidence,
    )


def _find_coordinates(
    columns: Sequence[str],
    arrays: Mapping[str, int],
    options: ReadOptions,
    problems: list[str],
) -> tuple[str, str] | None:
    if options.x or options.y:
        return _given_coordinates(columns, arrays, options, problems)
    for key in OBSM_NAMES:
        if arrays.get(key, 0) >= 2:
            return f"{key}:0", f"{key}:1"
    for x, y in XY_NAMES:
        if x in columns and y in columns:
            return x, y
    problems.append(
        "no coordinates: neither obsm['spatial'] nor obs columns like x, y or center_x, center_y; "
        f"name them with --x and --y; {_there_are(columns)}"
    )
    return None


def _given_coordinates(
    columns: Sequence[str],
    arrays: Mapping[str, int],
    options: ReadOptions,
    problems: list[str],
) -> tuple[str, str] | None:
    if not (options.x and options.y):
        problems.append("give both --x and --y, or neither")
        return None
    missing = [n for n in (options.x, options.y) if not _has(n, columns, arrays)]
    problems.extend(
        f"no obs column {n!r} for a coordinate; {_there_are(columns)}" for n in missing
    )
    return None if missing else (options.x, options.y)


def _has(name: str, columns: Sequence[str], arrays: Mapping[str, int]) -> bool:
    key, _, column = name.rpartition(":")
    if name in columns:
        return True
    return column.isdecimal() and int(column) < arrays.get(key, 0)


def _find_unit(
    xy: tuple[str, str], columns: Sequence[str], uns: Mapping[str, Any], options: ReadOptions
) -> tuple[UnitName | None, str]:
    if options.unit:
        return options.unit, "given by the user"
    for key in ("units", "unit", "spatial_unit"):
        text = uns.get(key)
        unit = _unit_in_words(text) if isinstance(text, str) else None
        if unit:
            return unit, f"stated in uns[{key!r}]"
    if xy in {("center_x", "center_y"), ("x_centroid", "y_centroid")}:
        return "um", f"columns {xy[0]}, {xy[1]} are in micrometres by their maker's convention"
    if xy[0].endswith("_px") and xy[1].endswith("_px"):
        return "px", f"columns {xy[0]}, {xy[1]} say so"
    if "brain_section_label" in columns and xy in {("x", "y"), ("x_section", "y_section")}:
        return "mm", "the ABC Atlas writes x, y in millimetres"
    return None, ""


def _unit_in_words(text: str) -> UnitName | None:
    """The unit named first in a text: "pixels of 0.3 um" are pixels."""
    found = [
        (match.start(), unit)
        for pattern, unit in _UNIT_WORDS
        if (match := re.search(pattern, text, re.IGNORECASE))
    ]
    return min(found)[1] if found else None


def _first(wanted: Sequence[str], columns: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in columns), None)


def _there_are(columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:20])
    return f"there are: {shown}" + (", …" if len(columns) > 20 else "")
