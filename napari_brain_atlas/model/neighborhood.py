"""What a curator says of one neighborhood."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Certainty = Literal["low", "medium", "high"]
Status = Literal["draft", "reviewed", "disputed", "final"]
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


def not_truth(value: Any) -> Any:
    """Refuse true and false where a number is meant: a mask is not a list of positions."""
    if isinstance(value, bool):
        raise ValueError("a number was expected, not true or false")
    return value


def _storable(name: str) -> str:
    # HDF5 ends its texts at this character; such a name could never be saved.
    if "\0" in name:
        raise ValueError("a name must not hold the character NUL")
    name.encode()  # raises ValueError for half of a surrogate pair
    return name


Name = Annotated[str, AfterValidator(_storable)]

UNASSIGNED = 0
"""Id of the reserved neighborhood of the cells that nobody has placed."""


class FrozenModel(BaseModel):
    """A value that never changes and accepts no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Neighborhood(FrozenModel):
    """A named domain of cells.

    Attributes
    ----------
    id : int
        Never reused; 0 is unassigned.
    name : str
        Need not be unique.
    color : str
        ``#rrggbb``, lower case.
    full_name, term_id, term_label : str
        Long name, and the ontology term, for example ``UBERON:0003881``.
    marker_genes, dois : tuple of str
        Evidence in the data, and in the literature.
    rationale, notes : str
    certainty : {"low", "medium", "high"}, optional
        The curator's own judgement; None where not given.
    status : {"draft", "reviewed", "disputed", "final"}
    parent : int, optional
        Id of the neighborhood that it is grouped under; None at the top.
    locked : bool
        Whether it refuses every change, and all that is grouped under it too.
    """

    id: int
    name: str
    color: Color
    full_name: str = ""
    term_id: str = ""
    term_label: str = ""
    marker_genes: tuple[str, ...] = ()
    rationale: str = ""
    dois: tuple[str, ...] = ()
    certainty: Certainty | None = None
    notes: str = ""
    status: Status = "draft"
    parent: int | None = None
    locked: bool = False


NOBODY = Neighborhood(id=UNASSIGNED, name="unassigned", color="#808080")
"""The reserved neighborhood 0; grey means unassigned and nothing else."""
