"""The curated columns: what `save` and `discover` write, and read back as a base."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_brain_atlas.io.elements import COLORS, CONFIDENCE, ID, NAME, RECORD
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.curation import Curation
from napari_brain_atlas.model.lineage import is_tree
from napari_brain_atlas.model.neighborhood import UNASSIGNED, Neighborhood
from napari_brain_atlas.model.packing import beside_to_record, record_to_beside
from napari_brain_atlas.model.partition import confidence_to_bytes
from napari_brain_atlas.model.proposal import Base

RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class CuratedColumns:
    """What goes into the file, in file order.

    Attributes
    ----------
    obs : mapping of str to array
        ``neighborhood`` (categorical), ``neighborhood_id`` (int32) and
        ``neighborhood_confidence`` (float32), each (n_cells,).
    uns : mapping
        ``neighborhood_colors``, one ``#rrggbb`` for each category in their
        order, and ``napari_brain_atlas``, one JSON string.
    fingerprint : str
        Of the cells that the columns belong to.
    """

    obs: Mapping[str, Any]
    uns: Mapping[str, Any]
    fingerprint: str


def curated_columns(atlas: Atlas, curation: Curation, record: Mapping[str, Any]) -> CuratedColumns:
    """The columns of a curation.

    Parameters
    ----------
    record : mapping
        What else the JSON string says: journal, seq, layout.
    """
    order = atlas.atlas_positions
    owners = curation.owners_of_cells()[order]
    shown = _shown(curation)
    names = category_names(shown)
    ids = np.array([n.id for n in shown], np.int32)
    by_id = np.argsort(ids)
    codes = by_id[np.searchsorted(ids[by_id], owners)]
    confidence = [curation.confidence_on(s.index) for s in atlas.sections]
    return CuratedColumns(
        obs={
            NAME: pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=object)),
            ID: owners,
            CONFIDENCE: np.concatenate(confidence)[order],
        },
        uns={
            COLORS: np.array([n.color for n in shown], dtype=object),
            RECORD: json.dumps(_record(curation, record), ensure_ascii=False),
        },
        fingerprint=atlas.fingerprint,
    )


def category_names(neighborhoods: Sequence[Neighborhood]) -> list[str]:
    """Names as categories: a repeated or empty name gets its id appended."""
    counts = Counter(n.name for n in neighborhoods)
    kept = {name for name, n in counts.items() if n == 1 and name.strip()}
    shown: list[str] = []
    for n in neighborhoods:
        name = n.name if n.name in kept else f"{n.name} ({n.id})".strip()
        # Where somebody called another one "CA1 (17)".
        while n.name not in kept and name in (kept | set(shown)):
            name = f"{name} ({n.id})"
        shown.append(name)
    return shown


def base_from_columns(
    atlas: Atlas,
    ids: NDArray[np.int32],
    confidence: NDArray[np.float32],
    record: str,
    layout: Mapping[str, Any],
) -> Base | None:
    """The base in columns that this program wrote before, or None if they do not fit.

    Parameters
    ----------
    ids, confidence : (n_cells,)
        In atlas order.
    record : str
        The JSON string of uns.
    """
    try:
        said = json.loads(record)
        neighborhoods = tuple(Neighborhood.model_validate(n) for n in said["neighborhoods"])
        beside = record_to_beside(said, (n.id for n in neighborhoods))
    except (ValueError, KeyError, TypeError):
        return None
    known = [n.id for n in neighborhoods]
    if min(known, default=1) <= UNASSIGNED or len(set(known)) != len(known):
        return None
    if not is_tree(neighborhoods):
        return None
    if not np.isin(ids, [UNASSIGNED, *known]).all():
        return None
    return Base(ids, confidence_to_bytes(confidence), neighborhoods, layout, **beside)


def _shown(curation: Curation) -> list[Neighborhood]:
    """Neighborhoods with cells, by id, unassigned last."""
    sizes = dict(zip(curation.ids.tolist(), curation.counts.sum(1).tolist(), strict=True))
    filled = [n for i, n in sorted(curation.neighborhoods.items()) if sizes[i]]
    return sorted(filled, key=lambda n: n.id == UNASSIGNED)


def _record(curation: Curation, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": RECORD_VERSION,
        **record,
        "neighborhoods": [
            n.model_dump(mode="json")
            for i, n in sorted(curation.neighborhoods.items())
            if i != UNASSIGNED
        ],
        **beside_to_record(curation.links, curation.dismissed, curation.next_id),
    }
