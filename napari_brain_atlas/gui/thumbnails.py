"""Pictures of sections, painted beside the window: what is on the screen, and nothing else."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from qtpy.QtCore import QObject
from qtpy.QtGui import QImage

from napari_brain_atlas.gui.coloring import Tissue
from napari_brain_atlas.gui.contact_sheet import SheetPainter
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.turning import UPRIGHT, Turns

logger = logging.getLogger(__name__)
KEPT = 400
"""Pictures, of some 26 kB each."""
WAITING = 48
"""More than are on any screen: what waits longer has been scrolled away."""
PATIENCE_S = 0.06
"""The tissue is drawn first: pictures begin so long after a change."""


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A section as it is to be painted; of the same generation all look as they do now."""

    generation: int
    tissue: Tissue
    turns: Turns
    animals: tuple[str, ...]


class Thumbnails(QObject):
    """Pictures of the sections of an atlas as they are shown now.

    A picture that is not there, or shows what was, is painted in a thread once
    it is asked for; until then the former one is given. Painting lets go of the
    interpreter, so the window goes on.

    Parameters
    ----------
    painter : SheetPainter
        Used by the thread alone.
    """

    drawn = Signal(int)
    """There is a new picture of a section."""
    _painted = Signal(int, int, object)

    def __init__(self, painter: SheetPainter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._painter = painter
        self._shown: tuple[Tissue, Turns, tuple[str, ...]] | None = None
        self._generation = 0
        self._kept: OrderedDict[int, tuple[int, QImage | None]] = OrderedDict()
        self._changed = threading.Condition()
        self._waiting: OrderedDict[int, _Wanted] = OrderedDict()
        self._under_way: _Wanted | None = None
        self._not_before = 0.0
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._painted.connect(self._keep)

    def show(self, tissue: Tissue, turns: Turns, animals: tuple[str, ...]) -> bool:
        """Say what sections look like now; True if any may look different from before.

        Parameters
        ----------
        tissue : Tissue
            Of any section: all are painted like it.
        turns : Turns
        animals : tuple of str
            Those that are shown, at one scale.
        """
        # The section on the canvas does not matter here.
        plain = replace(tissue, section=0, turn=UPRIGHT)
        before = self._shown
        if before and before[1:] == (turns, animals) and plain.looks_like(before[0]):
            return False
        with self._changed:
            self._shown = plain, turns, animals
            self._generation += 1
            self._waiting.clear()
            self._not_before = time.monotonic() + PATIENCE_S
        return True

    def picture(self, section: int) -> QImage | None:
        """The picture of a section; if it is not as it should be, that is under way."""
        if not self.is_current(section):
            self._ask(section)
        return self._kept[section][1] if section in self._kept else None

    def is_current(self, section: int) -> bool:
        """Whether the picture of a section shows what is."""
        return section in self._kept and self._kept[section][0] == self._generation

    def stop(self) -> None:
        """End the thread after what it is painting; nothing more is heard of."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _ask(self, section: int) -> None:
        with self._changed:
            under_way = self._under_way
            if self._stopped or self._shown is None or self._is(under_way, section):
                return
            plain, turns, animals = self._shown
            tissue = replace(plain, section=section, turn=turns.of(section))
            self._waiting[section] = _Wanted(self._generation, tissue, turns, animals)
            while len(self._waiting) > WAITING:
                self._waiting.popitem(last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            self._changed.notify()

    def _is(self, wanted: _Wanted | None, section: int) -> bool:
        return (
            wanted is not None
            and wanted.tissue.section == section
            and wanted.generation == self._generation
        )

    def _run(self) -> None:
        while True:
            with self._changed:
                wanted = self._under_way = self._next()
                while wanted is None and not self._stopped:
                    rest = self._not_before - time.monotonic() if self._waiting else None
                    self._changed.wait(rest)
                    wanted = self._under_way = self._next()
            if wanted is None:
                return
            self._painted.emit(wanted.generation, wanted.tissue.section, self._image(wanted))

    def _next(self) -> _Wanted | None:
        if not self._waiting or time.monotonic() < self._not_before:
            return None
        return self._waiting.popitem(last=False)[1]

    def _image(self, wanted: _Wanted) -> QImage | None:
        try:
            picture = self._painter.draw(wanted.tissue, wanted.turns, wanted.animals)
        except Exception:
            # The section itself will tell, where it is shown.
            logger.exception("no picture of section %d", wanted.tissue.section)
            return None
        height, width = picture.shape[:2]
        form = QImage.Format.Format_RGBA8888
        # Copied: Qt does not hold the memory that it is given.
        return QImage(picture.tobytes(), width, height, 4 * width, form).copy()

    def _keep(self, generation: int, section: int, image: QImage | None) -> None:
        if self._stopped or generation != self._generation:
            return
        self._kept.pop(section, None)
        self._kept[section] = generation, image
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.drawn.emit(section)
