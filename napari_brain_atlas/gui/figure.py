"""Figures for papers: the tissue with title, legend and scale bar, as PNG, SVG or PDF.

Text, swatches and scale bars stay text and shapes in SVG and PDF; the tissue is
a picture, painted for the figure from all its cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QMarginsF, QPointF, QRectF, QSize, QSizeF, Qt
from qtpy.QtGui import QColor, QFont, QImage, QPageSize, QPainter, QPdfWriter
from qtpy.QtSvg import QSvgGenerator

from napari_brain_atlas.errors import WriteError
from napari_brain_atlas.gui.legend import AREA, Bar, Legend
from napari_brain_atlas.gui.scale import ScaleBar, scale_bar

SUFFIXES = (".png", ".svg", ".pdf")
MARGIN = 18.0
LEGEND_WIDTH = 220.0
LINE = 17.0
TITLE = 24.0
POINTS = 9
_BEHIND, _PAGE, _INK = QColor("#000000"), QColor("#ffffff"), QColor("#202226")


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One section in a figure.

    Attributes
    ----------
    picture : (height, width, 4) uint8
        RGBA, not premultiplied; may have more pixels than points of the figure.
    title : str
    """

    picture: NDArray[np.uint8]
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """What a figure shows.

    Attributes
    ----------
    tiles : tuple of Tile
        Row by row, all of one size.
    columns : int
    finer : float
        Pixels of a picture for each point of the figure.
    scale : float
        Points for each unit of the coordinates.
    unit : str
        "um", "mm" or "px"; the last has no scale bar in micrometres.
    legend : Legend
    """

    tiles: tuple[Tile, ...]
    columns: int
    finer: float
    scale: float
    unit: str
    legend: Legend

    @property
    def tile_size(self) -> tuple[float, float]:
        """Width and height of a tile in points."""
        height, width = self.tiles[0].picture.shape[:2]
        return width / self.finer, height / self.finer

    @property
    def rows(self) -> int:
        """Rows of tiles."""
        return -(-len(self.tiles) // self.columns)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        width, height = self.tile_size
        body = self.rows * (height + TITLE) + (self.rows - 1) * MARGIN
        lines = len(self.legend.whole) + (3 if self.legend.bar else 1)
        legend = lines * LINE + TITLE
        across = self.columns * width + (self.columns - 1) * MARGIN
        return across + LEGEND_WIDTH + 3 * MARGIN, max(body, legend) + 2 * MARGIN


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure; the end of the name says in which format.

    Raises
    ------
    WriteError
        If the name ends otherwise than in .png, .svg or .pdf, or the file cannot be written.
    """
    write = {".png": _write_png, ".svg": _write_svg, ".pdf": _write_pdf}.get(path.suffix.lower())
    if write is None:
        raise WriteError(f"{path}: name a figure .png, .svg or .pdf")
    # Written beside it first: a figure that is replaced is whole, or the old one.
    draft = path.with_name(f".{path.stem}.draft{path.suffix}")
    try:
        write(figure, draft)
        draft.replace(path)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _write_png(figure: Figure, path: Path) -> None:
    width, height = figure.size
    shape = QSize(round(width * figure.finer), round(height * figure.finer))
    image = QImage(shape, QImage.Format.Format_RGB32)
    image.fill(_PAGE)
    _draw_on(image, figure, figure.finer)
    if not image.save(str(path)):
        raise OSError("the file could not be made")


def _write_svg(figure: Figure, path: Path) -> None:
    width, height = figure.size
    made = QSvgGenerator()
    made.setFileName(str(path))
    made.setResolution(72)
    made.setSize(QSize(round(width), round(height)))
    made.setViewBox(QRectF(0, 0, width, height))
    _draw_on(made, figure, 1.0)


def _write_pdf(figure: Figure, path: Path) -> None:
    made = QPdfWriter(str(path))
    made.setResolution(72)
    made.setPageMargins(QMarginsF(0, 0, 0, 0))
    made.setPageSize(QPageSize(QSizeF(*figure.size), QPageSize.Unit.Point))
    _draw_on(made, figure, 1.0)


def _draw_on(device: Any, figure: Figure, zoom: float) -> None:
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("the file could not be made")
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(zoom, zoom)
        font = QFont("DejaVu Sans")
        font.setPixelSize(round(POINTS * 1.3))
        painter.setFont(font)
        _draw(painter, figure)
    finally:
        painter.end()


def _draw(painter: QPainter, figure: Figure) -> None:
    painter.fillRect(QRectF(QPointF(0, 0), QSizeF(*figure.size)), _PAGE)
    width, height = figure.tile_size
    for at, tile in enumerate(figure.tiles):
        row, column = divmod(at, figure.columns)
        x = MARGIN + column * (width + MARGIN)
        y = MARGIN + row * (height + TITLE + MARGIN)
        _write(painter, QRectF(x, y, width, TITLE - 6), tile.title)
        _draw_tile(painter, tile, QRectF(x, y + TITLE, width, height))
    last = QPointF(MARGIN + width, MARGIN + TITLE + height)
    _draw_scale(painter, scale_bar(figure.scale, figure.unit, width / 3), last)
    _draw_legend(painter, figure)


def _draw_tile(painter: QPainter, tile: Tile, place: QRectF) -> None:
    picture = np.ascontiguousarray(tile.picture)
    height, width = picture.shape[:2]
    image = QImage(picture.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    painter.fillRect(place, _BEHIND)
    painter.drawImage(place, image)


def _draw_scale(painter: QPainter, bar: ScaleBar, corner: QPointF) -> None:
    """The scale bar inside the first tile, at its lower right corner."""
    if not bar.text:
        return
    left, y = corner.x() - bar.length - 12, corner.y() - 12
    painter.fillRect(QRectF(left - 6, y - 22, bar.length + 12, 30), QColor(0, 0, 0, 150))
    painter.fillRect(QRectF(left, y, bar.length, 3), _PAGE)
    painter.setPen(_PAGE)
    place = QRectF(left - 40, y - 20, bar.length + 80, 18)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, bar.text)


def _draw_legend(painter: QPainter, figure: Figure) -> None:
    width, _ = figure.tile_size
    x = MARGIN + figure.columns * (width + MARGIN)
    y = MARGIN + TITLE
    _write(painter, QRectF(x, y, LEGEND_WIDTH, LINE), figure.legend.title)
    if figure.legend.bar is not None:
        _draw_colors(painter, figure.legend.bar, QRectF(x, y + LINE + 3, LEGEND_WIDTH - 40, 10))
        y += 2 * LINE
    for line in figure.legend.whole:
        y += LINE
        thick = 11.0 if line.sign == AREA else 3.0
        painter.fillRect(QRectF(x, y + (LINE - thick) / 2, 11, thick), QColor(line.color))
        _write(painter, QRectF(x + 18, y, LEGEND_WIDTH - 78, LINE), line.name)
        _write(painter, QRectF(x + LEGEND_WIDTH - 60, y, 60, LINE), line.note, right=True)


def _draw_colors(painter: QPainter, bar: Bar, place: QRectF) -> None:
    """Colours of a number from low to high, with what the ends stand for under them."""
    step = place.width() / len(bar.colors)
    for i, color in enumerate(bar.colors):
        left = place.left() + i * step
        painter.fillRect(QRectF(left, place.top(), step + 0.5, place.height()), QColor(color))
    under = place.translated(0, place.height() + 2)
    under.setHeight(LINE)
    _write(painter, under, bar.low)
    _write(painter, under, bar.high, right=True)


def _write(painter: QPainter, place: QRectF, text: str, right: bool = False) -> None:
    """Text in the middle of a line, shortened where it is too long."""
    painter.setPen(_INK)
    shorten: Callable[..., str] = painter.fontMetrics().elidedText
    told = shorten(text, Qt.TextElideMode.ElideMiddle, int(place.width()))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, told)
