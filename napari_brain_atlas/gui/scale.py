"""A scale bar of a round length, in words that an anatomist uses. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A scale bar.

    Attributes
    ----------
    length : float
        In the unit of the picture, such as points or pixels.
    text : str
        Empty where the unit of the coordinates is not known.
    """

    length: float
    text: str


def scale_bar(scale: float, unit: str, longest: float) -> ScaleBar:
    """The longest bar of 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    scale : float
        Length in the picture of one unit of an atlas's coordinates: µm, whatever the
        unit of the file.
    unit : {"um", "mm", "px"}
        Of the file; with "px" the coordinates have no length that is known.
    longest : float
        How long the bar may be in the picture.
    """
    if unit == "px" or scale <= 0 or longest <= 0:
        return ScaleBar(0.0, "")
    most = longest / scale
    power = 10.0 ** floor(log10(most))
    units = max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))
    return ScaleBar(units * scale, f"{units / 1000:g} mm" if units >= 1000 else f"{units:g} µm")
