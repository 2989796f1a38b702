"""The rules of history once more: states in lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from plain_commands import Intent, applied
from plain_curation import Plain, RefusedError


@dataclass(frozen=True)
class PlainHistory:
    """`reached` has the state after every decision; steps are pairs of states around an edit."""

    reached: tuple[Plain, ...]
    past: tuple[tuple[Plain, Plain], ...] = ()
    future: tuple[tuple[Plain, Plain], ...] = ()
    snapshots: dict[str, int] = field(default_factory=dict)

    @property
    def present(self) -> Plain:
        return self.reached[-1]

    def _at(self, state: Plain) -> PlainHistory:
        next_id = max(state.next_id, self.present.next_id)
        return replace(self, reached=(*self.reached, replace(state, next_id=next_id)))

    def _stepped(self, state: Plain) -> PlainHistory:
        after = self._at(state)
        return replace(after, past=(*self.past, (self.present, after.present)), future=())

    def edited(self, intent: Intent) -> PlainHistory:
        return self._stepped(applied(self.present, intent))

    def undone(self) -> PlainHistory:
        if not self.past:
            raise RefusedError
        *past, step = self.past
        return replace(self._at(step[0]), past=tuple(past), future=(step, *self.future))

    def redone(self) -> PlainHistory:
        if not self.future:
            raise RefusedError
        step, *future = self.future
        return replace(self._at(step[1]), past=(*self.past, step), future=tuple(future))

    def named(self, name: str) -> PlainHistory:
        if name in self.snapshots:
            raise RefusedError
        snapshots = {**self.snapshots, name: len(self.reached)}
        return replace(self._at(self.present), snapshots=snapshots)

    def restored(self, point: str | int) -> PlainHistory:
        seq = self.snapshots.get(point, -1) if isinstance(point, str) else point
        if not 0 <= seq < len(self.reached):
            raise RefusedError
        return self._stepped(self.reached[seq])
