"""What a curator may want next, sensible or not, drawn beside the plain state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from plain_curation import Plain, PlainProposal

Draw = Callable[[st.SearchStrategy[Any]], Any]

NAMES = st.sampled_from(["CA1", "CA1/CA2", "x.1", "unassigned", "שלום 🧠"])
SAID = {
    "notes": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    "certainty": st.sampled_from(["low", "high", ""]),
    "dois": st.lists(st.just("10.1/x"), max_size=1),
    "status": st.sampled_from(["reviewed", "final"]),
    "marker_genes": st.sampled_from([["Wfs1"], [], ["Calb1"]] * 4 + [["Nope"]]),
}


def ids(state: Plain) -> st.SearchStrategy[int]:
    """An id that there is, often a group; rarely unassigned, or the one that is born next."""
    above = {f["parent"] for f in state.fields.values()}
    named = [i for i in sorted(state.fields) if i] + [
        i for i in sorted(state.fields) if i in above
    ]
    return st.sampled_from([*named * 4, 0, state.next_id] if named else [0, state.next_id])


def some_ids(draw: Draw, state: Plain) -> list[int]:
    """Mostly two; now and then none, or the same twice."""
    return [draw(ids(state)) for _ in range(draw(st.sampled_from([2, 2, 1, 3, 2, 1, 3, 0])))]


def rows_among(draw: Draw, mine: Sequence[int]) -> list[int]:
    """A pattern of rows, or a few of them, or none."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.lists(st.sampled_from(mine), max_size=4, unique=True)) if mine else []
    return list(mine[draw(st.integers(0, 4)) :: draw(st.integers(1, 7))])


def _rows_of(state: Plain, owner: int) -> list[int]:
    return [r for r, o in enumerate(state.owners) if o == owner]


def _merge(draw: Draw, state: Plain) -> dict[str, Any]:
    pairs = sorted([a, b] for _, a, b in state.links)
    linked = pairs and draw(st.integers(0, 3)) == 0
    members = draw(st.sampled_from(pairs)) if linked else some_ids(draw, state)
    own = st.sampled_from(members) if members else st.just(1)
    return {"neighborhoods": members, "into": draw(own | ids(state))}


def _split(draw: Draw, state: Plain) -> dict[str, Any]:
    origin = draw(ids(state))
    rows = rows_among(draw, _rows_of(state, origin))
    n = draw(st.integers(0, 3))
    if n == 0:
        named = draw(st.fixed_dictionaries({}, optional={"name": NAMES}))
        return {"neighborhood": origin, "rows": rows, "evidence": {"how": None}, **named}
    parts: list[dict[str, Any]] = [{"rows": rows[i::n]} for i in range(n)]
    if draw(st.integers(0, 9)) == 0:
        parts.append({"rows": rows_among(draw, range(len(state.owners))), "name": "y"})
    return {"neighborhood": origin, "parts": parts}


def _reassign(draw: Draw, state: Plain) -> dict[str, Any]:
    n = len(state.owners)
    rows = rows_among(draw, draw(st.sampled_from([range(n), range(n), range(n + 1)])))
    if draw(st.booleans()):
        rows = [r for r in rows if r < n and state.owners[r] == state.owners[rows[0]]]
    return {"rows": rows, "into": draw(ids(state))}


def _fields(draw: Draw, state: Plain) -> dict[str, Any]:
    return draw(st.fixed_dictionaries({}, optional={"name": NAMES, "parent": ids(state), **SAID}))


def _create(draw: Draw, state: Plain) -> dict[str, Any]:
    cells = draw(st.sampled_from([None, 0, 1]))
    rows = {} if cells is None else {"rows": rows_among(draw, _rows_of(state, draw(ids(state))))}
    return {**_fields(draw, state), **rows}


def _annotate(draw: Draw, state: Plain) -> dict[str, Any]:
    return {"neighborhood": draw(ids(state)), **_fields(draw, state)}


def _group(draw: Draw, state: Plain) -> dict[str, Any]:
    where = {"into": ids(state), "name": NAMES, "color": st.just("#0a0b0c")}
    chosen = draw(st.sampled_from([[], ["into"], ["into"], ["name"], ["name", "color"]]))
    return {"neighborhoods": some_ids(draw, state), **{k: draw(where[k]) for k in chosen}}


def _chosen(draw: Draw, state: Plain) -> dict[str, Any]:
    return {"neighborhoods": some_ids(draw, state)}


def _unlock(draw: Draw, state: Plain) -> dict[str, Any]:
    locked = [i for i, f in state.fields.items() if f["locked"]]
    if locked and draw(st.booleans()):
        return {"neighborhoods": [draw(st.sampled_from(locked))]}
    return _chosen(draw, state)


def _ungroup(draw: Draw, state: Plain) -> dict[str, Any]:
    groups = {f["parent"] for f in state.fields.values()} - {None}
    pool = ids(state)
    return {"neighborhood": draw(st.sampled_from(sorted(groups)) | pool if groups else pool)}


def _link(draw: Draw, state: Plain) -> dict[str, Any]:
    return {"kind": draw(st.sampled_from(["must", "cannot"])), **_chosen(draw, state)}


def _unlink(draw: Draw, state: Plain) -> dict[str, Any]:
    pairs = sorted([a, b] for _, a, b in state.links)
    linked = pairs and draw(st.booleans())
    return {"neighborhoods": draw(st.sampled_from(pairs)) if linked else some_ids(draw, state)}


def _dismiss(draw: Draw, state: Plain) -> dict[str, Any]:
    return {"suggestion": draw(st.sampled_from(["merge:1,2", "split:3", "outlier/שלום"]))}


def _repartition(draw: Draw, state: Plain) -> dict[str, Any]:
    n = draw(st.integers(1, 3))
    whole = range(len(state.owners))
    rows = whole if draw(st.booleans()) else rows_among(draw, whole) or [0]
    stride, shift = draw(st.integers(1, 5)), draw(st.integers(0, 3))
    follow = draw(st.booleans())  # the present borders, so that locked ones may stay as they are
    labels = {r: (state.owners[r] if follow else r // stride + shift) % (n + 1) - 1 for r in rows}
    continues = [draw(st.none() | ids(state)) for _ in range(n)]
    names = [f"p{i}" for i in range(n)]
    return {"proposal": PlainProposal(labels, names, continues, draw(st.integers(0, 254)))}


def _rebase(draw: Draw, state: Plain) -> dict[str, Any]:
    return {"state": draw(carried(len(state.owners)))}


@st.composite
def carried(draw: st.DrawFn, n_cells: int) -> Plain:
    """A whole state of another journal."""
    known = draw(st.lists(st.integers(1, 30), min_size=1, max_size=4, unique=True))
    fields: dict[int, dict[str, Any]] = {
        0: {"name": "unassigned", "parent": None, "locked": False}
    }
    for n, identity in enumerate(known):
        parent = draw(st.none() | st.sampled_from(known[:n])) if n else None
        locked = draw(st.integers(0, 3)) == 0
        fields[identity] = {"name": draw(NAMES), "parent": parent, "locked": locked}
    owners = tuple([0, *known][r // 3 % (len(known) + 1)] for r in range(n_cells))
    pair = sorted(known)[:2]
    links = {("cannot", *pair)} if len(pair) == 2 and draw(st.booleans()) else set()
    confidence = tuple((r * 3) % 256 for r in range(n_cells))
    next_id = max(known) + 1 + draw(st.integers(0, 3))
    return Plain(owners, confidence, fields, next_id, frozenset(links), frozenset({"split:3"}))


def _batch(draw: Draw, state: Plain) -> dict[str, Any]:
    n = draw(st.sampled_from([2, 1, 3, 0]))
    ops = [draw(st.sampled_from(SINGLE)) for _ in range(n)]
    named = draw(st.fixed_dictionaries({}, optional={"name": NAMES}))
    return {"commands": [intent(draw, state, op) for op in ops], **named}


_DRAWN: dict[str, Callable[[Draw, Plain], dict[str, Any]]] = {
    "merge": _merge, "split": _split, "reassign": _reassign, "create": _create,
    "annotate": _annotate, "group": _group, "ungroup": _ungroup, "lock": _chosen,
    "unlock": _unlock, "delete": _chosen, "link": _link, "unlink": _unlink, "dismiss": _dismiss,
    "repartition": _repartition, "rebase": _rebase, "batch": _batch,
}  # fmt: skip
SINGLE = [op for op in _DRAWN if op not in ("rebase", "batch")]


def intent(draw: Draw, state: Plain, op: str) -> dict[str, Any]:
    """An intent of this op."""
    return {"op": op, **_DRAWN[op](draw, state)}
