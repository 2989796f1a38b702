"""The legend over the tissue: what it is of, and its lines."""

from __future__ import annotations

from html import escape

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QWidget

from napari_brain_atlas.gui.arranging import shortened
from napari_brain_atlas.gui.legend import Bar, Legend, LegendLine
from napari_brain_atlas.gui.qt import Signal

HERE, ALL = "here", "all"
TOLD = 40
"""Lines of the tooltip: more would not fit on a small screen."""
_CHOSEN, _OTHER = "#f0f1f2", "#9aa7ff"
_BAR_CELL = 4
"""Pixels of each colour of a bar."""


class LegendHead(QLabel):
    """What cells are coloured by, and whether this section or all are counted.

    The mouse reaches it, unlike the lines below; its tooltip has their whole names.
    """

    scope_asked = Signal(bool)

    def __init__(self, canvas: QWidget, style: str) -> None:
        super().__init__(canvas)
        self.setObjectName("head")
        self.setStyleSheet(style)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.linkActivated.connect(lambda link: self.scope_asked.emit(link == ALL))
        self.show()

    def tell(self, legend: Legend) -> None:
        """Show the title and what can be counted."""
        scopes = _scope("this", HERE, not legend.of_all), _scope("all", ALL, legend.of_all)
        title = escape(shortened(legend.title, 24))
        self.setText(f"<b>{title}</b>&nbsp;&nbsp; {'&nbsp;|&nbsp;'.join(scopes)}")
        self.setToolTip(_whole(legend))


def legend_html(legend: Legend) -> str:
    """A bar where there is one, then swatches, shortened names and numbers of cells."""
    bar = _bar(legend.bar) if legend.bar else ""
    lines = "".join(map(_line, legend.lines))
    rest = (
        f'<tr><td></td><td colspan="2">and {legend.more:,} more</td></tr>' if legend.more else ""
    )
    rows = lines + rest + "".join(map(_line, legend.last))
    return bar + (f'<table cellspacing="0" cellpadding="1">{rows}</table>' if rows else "")


def _scope(word: str, link: str, chosen: bool) -> str:
    if chosen:
        return f'<span style="color:{_CHOSEN}">{word}</span>'
    return f'<a href="{link}" style="color:{_OTHER}">{word}</a>'


def _line(line: LegendLine) -> str:
    return (
        f'<tr><td style="color:{line.color}">{line.sign}&nbsp;</td>'
        f"<td>{escape(shortened(line.name))}&nbsp;&nbsp;</td>"
        f'<td align="right">{escape(line.note)}</td></tr>'
    )


def _bar(bar: Bar) -> str:
    cells = "".join(
        f'<td width="{_BAR_CELL}" style="background-color:{c}; font-size:8px">&nbsp;</td>'
        for c in bar.colors
    )
    n = len(bar.colors)
    ends = (
        f'<td colspan="{n // 2}">{escape(bar.low)}</td>'
        f'<td colspan="{n - n // 2}" align="right">{escape(bar.high)}</td>'
    )
    return f'<table cellspacing="0" cellpadding="0"><tr>{cells}</tr><tr>{ends}</tr></table>'


def _whole(legend: Legend) -> str:
    """All lines with their whole names."""
    told = [legend.title, *(f"{line.name}  {line.note}" for line in legend.whole[:TOLD])]
    if len(legend.whole) > TOLD:
        told.append(f"and {len(legend.whole) - TOLD:,} more")
    return "<br>".join(escape(t) for t in told)
