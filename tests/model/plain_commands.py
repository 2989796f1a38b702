"""The rules of the commands once more: what the model must equal.

An intent is a command as JSON has it, but its cells are rows of the file
("rows"), its proposal a PlainProposal and a state that is carried over a Plain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from plain_curation import Plain, RefusedError, free_name, pairs
from small_atlas import GENES

Intent = Mapping[str, Any]


def applied(state: Plain, intent: Intent) -> Plain:
    """The state after an edit. Raises RefusedError."""
    return EDITS[intent["op"]](state, intent)


def merge(state: Plain, intent: Intent) -> Plain:
    into = intent["into"]
    ids = {*intent["neighborhoods"], into}
    state.require_chosen(ids)
    gone = ids - {into}
    if not gone or pairs("cannot", ids) & state.links:
        raise RefusedError
    state.require_free(ids | state.under(*gone))
    after = state.handed(gone, into).fused(gone, into)
    if {("must", *pair) for kind, *pair in after.links if kind == "cannot"} & after.links:
        raise RefusedError
    return after


def split(state: Plain, intent: Intent) -> Plain:
    origin = intent["neighborhood"]
    state.require(origin)
    state.require_free([origin])
    parts = intent.get("parts") or ([intent] if "rows" in intent else [])
    together = [r for part in parts for r in part["rows"]]
    mine = {r for r, o in enumerate(state.owners) if o == origin}
    if not parts or not all(p["rows"] for p in parts) or len(set(together)) != len(together):
        raise RefusedError
    if not set(together) <= mine or (origin and len(together) == len(mine)):
        raise RefusedError
    stem, parent = ("new", None) if origin == 0 else _name_and_parent(state, origin)
    for part in parts:
        state, child = state.born(part.get("name") or free_name(state, stem), parent=parent)
        state = state.moved(part["rows"], child)
    return state


def _name_and_parent(state: Plain, identity: int) -> tuple[str, int | None]:
    return state.fields[identity]["name"], state.fields[identity]["parent"]


def reassign(state: Plain, intent: Intent) -> Plain:
    state.require(intent["into"])
    state.require_free([intent["into"], *_losing(state, intent["rows"])])
    return state.moved(intent["rows"], intent["into"])


def _losing(state: Plain, rows: Collection[int]) -> set[int]:
    if not rows or max(rows) >= len(state.owners):
        raise RefusedError
    return {state.owners[r] for r in rows}


def create(state: Plain, intent: Intent) -> Plain:
    after, made = state.born(intent.get("name") or free_name(state, "new"))
    after = after.said(made, **_fields(state, intent, []))
    if "rows" in intent:
        state.require_free(_losing(state, intent["rows"]))
        after = after.moved(intent["rows"], made)
    return after


def annotate(state: Plain, intent: Intent) -> Plain:
    identity = intent["neighborhood"]
    state.require_chosen([identity])
    fields = _fields(state, intent, [identity])
    if not fields:
        raise RefusedError
    state.require_free([identity])
    return state.said(identity, **fields)


def _fields(state: Plain, intent: Intent, members: list[int]) -> dict[str, Any]:
    """What an intent says of a neighborhood, as the record will have it."""
    said = {k: v for k, v in intent.items() if k not in ("op", "neighborhood", "rows")}
    if not set(said.get("marker_genes", ())) <= set(GENES):
        raise RefusedError
    if said.get("certainty") == "":
        said["certainty"] = None
    if "parent" in said:
        said["parent"] = said["parent"] or None
        if said["parent"]:
            _require_above(state, said["parent"], members)
    return said


def _require_above(state: Plain, parent: int, members: Collection[int]) -> None:
    state.require_chosen([parent])
    state.require_free([parent])
    if {parent, *state.above(parent)} & set(members):
        raise RefusedError


def group(state: Plain, intent: Intent) -> Plain:
    members, into = intent["neighborhoods"], intent.get("into")
    state.require_chosen(members)
    state.require_free(members)
    if into is None:
        places = {state.fields[i]["parent"] for i in members}
        parent = places.pop() if len(places) == 1 else None
        state, into = state.born(intent.get("name") or free_name(state, "group"), parent=parent)
    else:
        _require_above(state, into, members)
    for member in members:
        state = state.said(member, parent=into)
    return state


def ungroup(state: Plain, intent: Intent) -> Plain:
    identity = intent["neighborhood"]
    state.require_chosen([identity])
    members = state.under(identity)
    if not members:
        raise RefusedError
    state.require_free([identity, *members])
    if identity not in state.owners:
        return state.without([identity])
    for member in members:
        state = state.said(member, parent=state.fields[identity]["parent"])
    return state


def lock(state: Plain, intent: Intent) -> Plain:
    state.require_chosen(intent["neighborhoods"])
    before = state
    for identity in intent["neighborhoods"]:
        state = state.said(identity, locked=intent["op"] == "lock")
    if state == before:
        raise RefusedError
    return state


def delete(state: Plain, intent: Intent) -> Plain:
    gone = intent["neighborhoods"]
    state.require_chosen(gone)
    state.require_free({*gone, *state.under(*gone)})
    return state.handed(gone, 0).without(gone)


def link(state: Plain, intent: Intent) -> Plain:
    kind, opposite = intent["kind"], {"must": "cannot", "cannot": "must"}[intent["kind"]]
    chosen = _linkable(state, intent)
    fresh = pairs(kind, chosen) - state.links
    if not fresh or pairs(opposite, chosen) & state.links:
        raise RefusedError
    return replace(state, links=state.links | fresh)


def unlink(state: Plain, intent: Intent) -> Plain:
    chosen = _linkable(state, intent)
    said = state.links & (pairs("must", chosen) | pairs("cannot", chosen))
    if not said:
        raise RefusedError
    return replace(state, links=state.links - said)


def _linkable(state: Plain, intent: Intent) -> set[int]:
    chosen = set(intent["neighborhoods"])
    state.require_chosen(chosen)
    state.require_free(chosen)
    if len(chosen) < 2:
        raise RefusedError
    return chosen


def dismiss(state: Plain, intent: Intent) -> Plain:
    if intent["suggestion"] in state.dismissed:
        raise RefusedError
    return replace(state, dismissed=state.dismissed | {intent["suggestion"]})


def repartition(state: Plain, intent: Intent) -> Plain:
    proposal, before, ids = intent["proposal"], state, []
    for name, continues in zip(proposal.names, proposal.continues, strict=True):
        if continues is None:
            state, continues = state.born(name)
        else:
            before.require_chosen([continues])
        ids.append(continues)
    owners, confidence = list(state.owners), list(state.confidence)
    for row, label in proposal.labels.items():
        owners[row] = 0 if label < 0 else ids[label]
        confidence[row] = proposal.confidence
    changed = {(a, b) for a, b in zip(before.owners, owners, strict=True) if a != b}
    before.require_free({i for pair in changed for i in pair} & set(before.fields))
    after = replace(state, owners=tuple(owners), confidence=tuple(confidence))
    emptied = set(before.owners) - set(owners) - set(ids) - {0}
    kept = {above for i in set(after.fields) - emptied for above in after.above(i)}
    return after.without(emptied - kept)


def rebase(state: Plain, intent: Intent) -> Plain:
    carried: Plain = intent["state"]
    return replace(carried, next_id=max(carried.next_id, state.next_id))


def batch(state: Plain, intent: Intent) -> Plain:
    if not intent["commands"]:
        raise RefusedError
    for command in intent["commands"]:
        state = applied(state, command)
    return state


EDITS: dict[str, Callable[[Plain, Intent], Plain]] = {
    "merge": merge, "split": split, "reassign": reassign, "create": create, "annotate": annotate,
    "group": group, "ungroup": ungroup, "lock": lock, "unlock": lock, "delete": delete,
    "link": link, "unlink": unlink, "dismiss": dismiss, "repartition": repartition,
    "rebase": rebase, "batch": batch,
}  # fmt: skip
