"""A journal of forty commands, with every op that there is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tissue import N

from napari_brain_atlas.io.folder import CurationFolder
from napari_brain_atlas.model.atlas import Atlas
from napari_brain_atlas.model.commands import OPS, parse_command
from napari_brain_atlas.model.proposal import (
    Proposal,
    ProposedNeighborhood,
    base_to_bytes,
    base_to_curation,
    bytes_to_base,
    proposal_to_bytes,
    unassigned_base,
)
from napari_brain_atlas.model.session import Session
from napari_brain_atlas.model.state import state_to_bytes

COMMANDS: list[dict[str, Any]] = [
    {"op": "split", "neighborhood": 0, "parts": [
        {"cells": [*range(0, 20)], "name": "left"}, {"cells": [*range(20, 36)], "name": "up"},
        {"cells": [*range(36, 50)]}]},
    {"op": "annotate", "neighborhood": 1, "name": 'CA1/CA2 "ünï🧠" ,"crc":"00000000"}'},
    {"op": "split", "neighborhood": 1, "cells": [0, 5, 9], "evidence": {"crc": "x"}},
    {"op": "undo"},
    {"op": "redo"},
    {"op": "create", "name": "new", "cells": [50, 51, 52], "notes": "line\nbreak"},
    {"op": "merge", "neighborhoods": [2, 3], "into": 2},
    {"op": "snapshot", "name": "before the lock"},
    {"op": "lock", "neighborhoods": [4]},
    {"op": "reassign", "cells": [20, 21, 59], "into": 1},
    {"op": "unlock", "neighborhoods": [4]},
    {"op": "group", "neighborhoods": [1, 4], "name": "hippocampus"},
    {"op": "link", "kind": "must", "neighborhoods": [1, 4]},
    {"op": "link", "kind": "cannot", "neighborhoods": [2, 5]},
    {"op": "unlink", "neighborhoods": [1, 4]},
    {"op": "dismiss", "suggestion": "merge-2-5", "told": "Merge up and new?"},
    {"op": "batch", "name": "two names", "commands": [
        {"op": "annotate", "neighborhood": 2, "status": "final"},
        {"op": "annotate", "neighborhood": 5, "certainty": "low"}]},
    {"op": "undo"},
    {"op": "ungroup", "neighborhood": 6},
    {"op": "delete", "neighborhoods": [5]},
    {"op": "repartition", "scope": "all", "blob": "proposal"},
    {"op": "undo"},
    {"op": "redo"},
    {"op": "restore", "snapshot": "before the lock"},
    {"op": "annotate", "neighborhood": 2, "name": "nan", "color": "#123456"},
    {"op": "reassign", "cells": [2, 3], "into": 0},
    {"op": "restore", "seq": 11},
    {"op": "rebase", "blob": "state", "kept": 59, "lost": 2, "found": 1, "origin": {
        "file": "old.h5ad", "journal": "0" * 32, "author": "ann", "seq": 3, "fingerprint": "x"}},
    {"op": "reassign", "cells": [7], "into": 2},
    {"op": "annotate", "neighborhood": 2, "marker_genes": ["g1", "g2"]},
    {"op": "annotate", "neighborhood": 2, "marker_genes": []},
    {"op": "reassign", "cells": [8], "into": 2},
    {"op": "undo"},
    {"op": "undo"},
    {"op": "redo"},
    {"op": "snapshot", "name": "nearly"},
    {"op": "create"},
    {"op": "reassign", "cells": [10, 11, 12], "into": 2},
    {"op": "annotate", "neighborhood": 2, "rationale": "x" * 300},
    {"op": "lock", "neighborhoods": [2]},
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LongJournal:
    """Where it lies, on which cells, and what it means.

    Attributes
    ----------
    states : list
        What stands after the first k commands, k from 0.
    """

    folder: CurationFolder
    path: Path
    atlas: Atlas
    states: list[Any]


def write_long_journal(folder: CurationFolder, atlas: Atlas) -> LongJournal:
    """Do all of it, as ann."""
    content = base_to_bytes(unassigned_base(atlas, {}), atlas)
    digest = folder.write_base(content)
    writer = folder.writer("ann", atlas.fingerprint, digest, "0.1.0", None)
    start = base_to_curation(bytes_to_base(content, atlas), atlas)
    session = Session(atlas, start, folder.archive, writer.write)
    states = [stands(session)]
    for command in COMMANDS:
        session.do(parse_command(_with_blob(command, session, folder)))
        states.append(stands(session))
    writer.close()
    assert (len(COMMANDS), {c["op"] for c in COMMANDS}) == (40, set(OPS))
    return LongJournal(folder, folder.journal_path("ann"), atlas, states)


def replay(journal: LongJournal, commands: list[Any]) -> Any:
    """What stands after these commands, done one by one from the base."""
    base = journal.folder.base()
    assert base is not None
    start = base_to_curation(bytes_to_base(base[1], journal.atlas), journal.atlas)
    archive = journal.folder.archive
    return stands(Session(journal.atlas, start, archive, lambda _: None, commands))


def stands(session: Session) -> Any:
    """Everything that a journal decides, as plain values."""
    curation, history = session.curation, session.history
    return (
        curation.owners_of_cells().tolist(),
        {i: n.model_dump(mode="json") for i, n in curation.neighborhoods.items()},
        curation.next_id,
        sorted(map(repr, curation.links)),
        sorted(curation.dismissed),
        (len(history.past), len(history.future), dict(history.snapshots)),
    )


def _with_blob(
    command: dict[str, Any], session: Session, folder: CurationFolder
) -> dict[str, Any]:
    if command.get("blob") == "state":
        curation, atlas = session.curation, session.atlas
        labels = curation.owners_of_cells()[atlas.atlas_positions]
        unsure = np.full(N, 255, np.uint8)
        content = state_to_bytes(curation, labels, unsure, atlas.fingerprint)
        return {**command, "blob": folder.archive.write(content)}
    if command.get("blob") == "proposal":
        kept = ProposedNeighborhood(name="a", color="#112233", continues=1)
        made = ProposedNeighborhood(name="b", color="#445566")
        labels = (np.arange(N) % 2).astype(np.int32)
        proposal = Proposal(labels, np.full(N, 127, np.uint8), (kept, made))
        return {
            **command,
            "blob": folder.archive.write(proposal_to_bytes(proposal, session.atlas)),
        }
    return command
