"""What floats over the tissue: title, legend, the strip of a proposal, notices."""

from __future__ import annotations

from html import escape

from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Row, Scene
from napari_brain_atlas.gui.strip import Piece, Strip

MARGIN = 10
SCALE_BAR = 190
"""Width in pixels that is left to napari's scale bar."""
NOTICE_MS = 9000
LONGEST_NAME = 18
FOLLOWED = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)
_PLATE = "background-color: rgba(24, 25, 31, 238); border-radius: 4px; color: #f0f1f2;"
_STYLE = f"""
QLabel#title, QLabel#legend {{ {_PLATE} padding: 5px 8px; }}
QFrame#strip {{ {_PLATE} border: 1px solid #8b97ff; }}
QFrame#strip QLabel {{ background: transparent; color: #f0f1f2; }}
QLabel#notice {{ {_PLATE} padding: 6px 10px; border: 1px solid #66707e; }}
QLabel#notice[error="true"] {{ border: 1px solid #ff8f6b; }}
"""


class Floating(QObject):
    """Widgets that keep their place over the canvas while it is resized."""

    take_asked = Signal()
    clear_asked = Signal()
    notice_gone = Signal()

    def __init__(self, canvas: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = _label("title", canvas)
        self.legend = _label("legend", canvas)
        self.notice = _label("notice", canvas)
        self.notice.setWordWrap(True)
        self.strip = QFrame(canvas)
        self.strip.setObjectName("strip")
        self.strip.setStyleSheet(_STYLE)
        self.said, self.details = QLabel(), QLabel()
        self.take = QPushButton("Enter  take")
        self.clear = QPushButton("Esc  clear")
        self._lay_out_strip()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.notice_gone)
        self.take.clicked.connect(self.take_asked)
        self.clear.clicked.connect(self.clear_asked)
        canvas.installEventFilter(self)
        self.strip.installEventFilter(self)

    def draw(self, scene: Scene) -> None:
        """Show title, legend, what waits for Enter, and the notice."""
        self.title.setText(escape(scene.title))
        self.legend.setText(legend_html(scene.legend, scene.more))
        self._draw_strip(scene.strip)
        self._draw_notice(scene)
        self._place()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Follow the canvas, and what the strip needs."""
        if event is not None and event.type() in FOLLOWED:
            self._place()
        return False

    def close(self) -> None:
        """Remove everything from the canvas."""
        self._timer.stop()
        for watched in (self._canvas(), self.strip):
            watched.removeEventFilter(self)
        for widget in self._widgets():
            widget.hide()
            widget.deleteLater()

    def _canvas(self) -> QWidget:
        canvas = self.title.parentWidget()
        assert canvas is not None
        return canvas

    def _widgets(self) -> tuple[QWidget, ...]:
        return self.title, self.legend, self.notice, self.strip

    def _draw_strip(self, strip: Strip | None) -> None:
        self.strip.setVisible(strip is not None)
        if strip is not None:
            self.said.setText(pieces_html(strip.pieces))
            self.details.setText(escape(strip.details))

    def _draw_notice(self, scene: Scene) -> None:
        notice = scene.notice
        self.notice.setVisible(notice is not None)
        if notice is None:
            self._timer.stop()
        elif notice.text != self.notice.text() or not self._timer.isActive():
            self.notice.setText(notice.text)
            self.notice.setTextFormat(Qt.TextFormat.PlainText)
            self.notice.setProperty("error", notice.error)
            self.notice.setStyleSheet(_STYLE)
            self._timer.start(NOTICE_MS)

    def _place(self) -> None:
        canvas = self._canvas()
        width, height = canvas.width(), canvas.height()
        self.notice.setFixedWidth(min(self._wanted_notice_width(), max(width - SCALE_BAR, 50)))
        self.strip.setMaximumWidth(max(width - SCALE_BAR, 50))
        for widget in self._widgets():
            widget.resize(widget.sizeHint().boundedTo(widget.maximumSize()))
        self.title.move(MARGIN, MARGIN)
        self.legend.move(width - self.legend.width() - MARGIN, MARGIN)
        # The table tells the same; a narrow canvas is left to the tissue.
        self.legend.setVisible(self.legend.x() > self.title.geometry().right() + MARGIN)
        self.strip.move(MARGIN, height - self.strip.height() - MARGIN)
        above = self.strip.y() if not self.strip.isHidden() else height
        self.notice.move(MARGIN, above - self.notice.height() - MARGIN)
        for widget in self._widgets():
            widget.raise_()

    def _wanted_notice_width(self) -> int:
        return self.notice.fontMetrics().horizontalAdvance(self.notice.text()) + 28

    def _lay_out_strip(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.said)
        words.addWidget(self.details)
        layout = QHBoxLayout(self.strip)
        layout.setContentsMargins(10, 5, 8, 5)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        for button in (self.take, self.clear):
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(button.text()) + 24)
            layout.addWidget(button)
        self.strip.hide()
        self.notice.hide()


def legend_html(rows: tuple[Row, ...], more: int) -> str:
    """Swatch, name and number of cells on this section."""
    lines = "".join(
        f'<tr><td style="color:{r.color}">■&nbsp;</td><td>{escape(_short(r.name))}&nbsp;&nbsp;'
        f'</td><td align="right">{r.here:,}</td></tr>'
        for r in rows
    )
    rest = f'<tr><td></td><td colspan="2">and {more:,} more</td></tr>' if more else ""
    return f'<table cellspacing="0" cellpadding="1">{lines}{rest}</table>'


def pieces_html(pieces: tuple[Piece, ...]) -> str:
    """Words and swatches of a strip."""
    return " ".join(
        (f'<span style="color:{p.color}; font-size:large">■</span>' if p.color else "")
        + (f"&nbsp;{escape(_short(p.text))}" if p.color and p.text else escape(p.text))
        for p in pieces
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _label(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setStyleSheet(_STYLE)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    label.show()
    return label
