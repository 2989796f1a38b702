"""Contrast: two handles for each number, and what they stand for."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget
from superqt import QDoubleRangeSlider

from napari_brain_atlas.gui.arranging import shortened
from napari_brain_atlas.gui.color_maps import channel_colors
from napari_brain_atlas.gui.color_scene import Channel
from napari_brain_atlas.gui.colors import CHANNELS, Limits
from napari_brain_atlas.gui.qt import Signal

TIP = "Contrast: percentiles of the cells that get the first and the last color"
_NAME = 9


class Contrast(QWidget):
    """A slider for each number that is shown."""

    asked = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(1)
        self.names = tuple(QLabel() for _ in range(CHANNELS))
        self.told = tuple(QLabel() for _ in range(CHANNELS))
        self.sliders = tuple(self._slider(i) for i in range(CHANNELS))
        layout.setColumnStretch(1, 1)
        for row, widgets in enumerate(zip(self.names, self.sliders, self.told, strict=True)):
            for column, widget in enumerate(widgets):
                layout.addWidget(widget, row, column)

    def show_channels(self, channels: tuple[Channel, ...]) -> None:
        """Show the contrast of some numbers."""
        self.setVisible(bool(channels))
        colors = channel_colors(len(channels)) if len(channels) > 1 else ("",)
        for row, widgets in enumerate(zip(self.names, self.sliders, self.told, strict=True)):
            for widget in widgets:
                widget.setVisible(row < len(channels))
            if row < len(channels):
                self._show(row, channels[row], colors[row])

    def _show(self, row: int, channel: Channel, color: str) -> None:
        mark = f'<span style="color:{color}">■</span> ' if color else ""
        self.names[row].setText(f"{mark}{shortened(channel.name, _NAME)}")
        self.names[row].setToolTip(channel.name)
        low, high = channel.limits
        self.told[row].setText(f"{low:g}–{high:g} %")
        self.told[row].setToolTip(f"{channel.name}: {channel.told}")
        slider = self.sliders[row]
        slider.setToolTip(f"{TIP}: {channel.told}")
        if tuple(slider.value()) != channel.limits:
            with QSignalBlocker(slider):
                slider.setValue(channel.limits)

    def _slider(self, row: int) -> QDoubleRangeSlider:
        slider: QDoubleRangeSlider = QDoubleRangeSlider(  # type: ignore[no-untyped-call]
            Qt.Orientation.Horizontal
        )
        slider.setRange(0.0, 100.0)
        slider.setSingleStep(0.5)
        slider.valueChanged.connect(partial(self._ask, row))
        return slider

    def _ask(self, row: int, value: Limits) -> None:
        self.asked.emit(row, (round(value[0], 1), round(value[1], 1)))
