"""What floats over the tissue: title, legend, the strip of a proposal, notices."""

from __future__ import annotations

from html import escape

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_brain_atlas.gui.arranging import shortened
from napari_brain_atlas.gui.panels.asking import AskingPlate
from napari_brain_atlas.gui.panels.legend import LegendHead, legend_html
from napari_brain_atlas.gui.panels.notice import NoticePlate
from napari_brain_atlas.gui.qt import Signal
from napari_brain_atlas.gui.scene import Scene
from napari_brain_atlas.gui.strip import Piece, Strip

MARGIN = 10
SCALE_BAR = 190
"""Width in pixels that is left to the scale bar."""
FOLLOWED = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)
_PLATE = "background-color: rgba(24, 25, 31, 238); border-radius: 4px; color: #f0f1f2;"
_STYLE = f"""
QLabel#title, QLabel#legend, QLabel#head {{ {_PLATE} padding: 5px 8px; }}
QFrame#strip, QFrame#asking {{ {_PLATE} border: 1px solid #8b97ff; }}
QFrame#notice {{ {_PLATE} border: 1px solid #66707e; }}
QFrame#notice[error="true"] {{ border: 1px solid #ff8f6b; }}
QFrame QLabel {{ background: transparent; color: #f0f1f2; padding: 0px; }}
QFrame QPushButton {{ background: #424a54; color: #f0f1f2; padding: 3px 10px;
                      border-radius: 3px; }}
QFrame QPushButton:hover {{ background: #565f6c; }}
QFrame QPushButton:pressed {{ background: #4560c4; }}
QFrame QLineEdit {{ background: #363c45; color: #f0f1f2; padding: 2px 4px; border-radius: 2px; }}
"""


class Floating(QObject):
    """Widgets that keep their place over the canvas while it is resized."""

    take_asked = Signal()
    other_asked = Signal()
    """What else could become of chosen cells is wanted."""
    clear_asked = Signal()
    notice_gone = Signal()
    remedy_asked = Signal()
    name_given = Signal(str)
    legend_scope_asked = Signal(bool)

    def __init__(self, canvas: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = _label("title", canvas)
        self.head, self.legend = LegendHead(canvas, _STYLE), _label("legend", canvas)
        self.notice = NoticePlate(canvas, _STYLE)
        self.asking = AskingPlate(canvas, _STYLE)
        self.strip = QFrame(canvas)
        self.strip.setObjectName("strip")
        self.strip.setStyleSheet(_STYLE)
        self.said, self.details = QLabel(), QLabel()
        self.take = QPushButton("Enter  take")
        self.other = QPushButton()
        self.clear = QPushButton("Esc  clear")
        self._wrapped: tuple[object, ...] = ()
        self._placing = False
        self._lay_out_strip()
        self.head.scope_asked.connect(self.legend_scope_asked)
        self.notice.gone.connect(self.notice_gone)
        self.notice.remedy_asked.connect(self.remedy_asked)
        self.asking.answered.connect(self.name_given)
        self.asking.left.connect(self.clear_asked)
        self.take.clicked.connect(self.take_asked)
        self.other.clicked.connect(self.other_asked)
        self.clear.clicked.connect(self.clear_asked)
        canvas.installEventFilter(self)
        self.strip.installEventFilter(self)

    def draw(self, scene: Scene) -> None:
        """Show title, legend, what waits for Enter, and the notice."""
        self.title.setText(escape(scene.title))
        self.head.tell(scene.legend)
        self.legend.setText(legend_html(scene.legend))
        self._draw_strip(scene.strip)
        self.notice.show_notice(scene.notice)
        self.asking.ask(scene.asking)
        self._place()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Follow the canvas, and what the strip needs."""
        if event is not None and not self._placing and event.type() in FOLLOWED:
            self._place()
        return False

    def close(self) -> None:
        """Remove everything from the canvas."""
        self.notice.stop()
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
        return self.title, self.head, self.legend, self.notice, self.strip, self.asking

    def _draw_strip(self, strip: Strip | None) -> None:
        self.strip.setVisible(strip is not None)
        if strip is not None:
            self.said.setText(pieces_html(strip.pieces))
            self.details.setText(escape(strip.details))
            self.other.setText(strip.other)
            self.other.setVisible(bool(strip.other))
            self.other.setMinimumWidth(_button_width(self.other))

    def _wrap_strip(self, room: int) -> None:
        """Where there is no room for its words beside the buttons, they take more lines."""
        shown = [b.text() for b in self._buttons() if not b.isHidden()]
        wrapped = (room, self.said.text(), self.details.text(), *shown)
        if wrapped == self._wrapped:
            # Each wrapping asks for a new layout, which would ask for the next.
            return
        self._wrapped = wrapped
        for words in (self.said, self.details):
            words.setMinimumWidth(0)
            words.setWordWrap(False)
        buttons = sum(b.minimumWidth() + 8 for b in self._buttons() if not b.isHidden())
        left = max(room - buttons - 18, 0)
        for words in (self.said, self.details):
            if words.sizeHint().width() > left:
                words.setWordWrap(True)
                words.setMinimumWidth(left)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.take, self.other, self.clear

    def _place(self) -> None:
        # What is moved or resized here says so, and would bring us here again.
        self._placing = True
        try:
            self._place_all()
        finally:
            self._placing = False

    def _place_all(self) -> None:
        canvas = self._canvas()
        width, height = canvas.width(), canvas.height()
        room = max(width - SCALE_BAR, 50)
        self.notice.place(room)
        self.strip.setMaximumWidth(room)
        self._wrap_strip(room)
        self.asking.setMaximumWidth(room)
        for plate in (self.title, self.head, self.legend, self.strip, self.asking):
            plate.resize(plate.sizeHint().boundedTo(plate.maximumSize()))
        if self.strip.hasHeightForWidth():
            wide = self.strip.width()
            self.strip.resize(wide, self.strip.heightForWidth(wide))
        self.title.move(MARGIN, MARGIN)
        self._place_legend(width)
        self._stack(height)
        for widget in self._widgets():
            widget.raise_()

    def _place_legend(self, width: int) -> None:
        """At the right, its head above it."""
        wide = max(self.head.width(), self.legend.width())
        left = width - wide - MARGIN
        # The table tells the same; a narrow canvas is left to the tissue.
        shown = left > self.title.geometry().right() + MARGIN
        self.head.setGeometry(left, MARGIN, wide, self.head.height())
        self.legend.setGeometry(
            left, self.head.geometry().bottom() + 1, wide, self.legend.height()
        )
        self.head.setVisible(shown)
        self.legend.setVisible(shown and bool(self.legend.text()))

    def _stack(self, height: int) -> None:
        """From the bottom upwards: what waits for Enter, the name that is asked, the notice."""
        for plate in (self.strip, self.asking, self.notice):
            if not plate.isHidden():
                height -= plate.height() + MARGIN
                plate.move(MARGIN, height)

    def _lay_out_strip(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.said)
        words.addWidget(self.details)
        layout = QHBoxLayout(self.strip)
        layout.setContentsMargins(10, 5, 8, 5)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        for button in self._buttons():
            button.setMinimumWidth(_button_width(button))
            layout.addWidget(button)
        self.strip.hide()


def pieces_html(pieces: tuple[Piece, ...]) -> str:
    """Words and swatches of a strip."""
    return " ".join(
        (f'<span style="color:{p.color}; font-size:large">■</span>' if p.color else "")
        + (f"&nbsp;{escape(shortened(p.text))}" if p.color and p.text else escape(p.text))
        for p in pieces
    )


def _button_width(button: QPushButton) -> int:
    return button.fontMetrics().horizontalAdvance(button.text()) + 24


def _label(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setStyleSheet(_STYLE)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    label.show()
    return label
