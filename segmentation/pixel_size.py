"""How many micrometres a pixel is, where the file says so believably.

Most files carry a resolution that means paper (72, 96, 300 dots an inch), not the specimen. A wrong
scale is worse than none: every area in the report would be wrong. So a value counts only when it is
one a light microscope could have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SMALLEST_UM_PER_PX = 0.01
LARGEST_UM_PER_PX = 20.0

_UNIT_UM = {"nm": 1e-3, "um": 1.0, "µm": 1.0, "μm": 1.0, "micron": 1.0, "microns": 1.0, "mm": 1e3, "cm": 1e4,
            "\\u00b5m": 1.0, "\\u03bcm": 1.0, "å": 1e-4, "m": 1e6, "inch": 25_400.0}  # fmt: skip
_PRINTER_DPI = (72, 96, 100, 120, 150)
_IMAGEJ_UNIT = re.compile(r"^unit=(.+)$", re.MULTILINE)
_APERIO_MPP = re.compile(r"\|\s*MPP\s*=\s*([0-9.]+)")
_OME_SIZE = re.compile(r'\bPhysicalSize([XY])="([0-9.eE+-]+)"')
_OME_UNIT = re.compile(r'\bPhysicalSize([XY])Unit="([^"]+)"')
_MAX_DESCRIPTION = 1_000_000


def plausible(x_um: float, y_um: float | None = None) -> float | None:
    """The scale, if a microscope could have it and pixels are square (within 1 %), else None."""
    y_um = x_um if y_um is None else y_um
    if not (SMALLEST_UM_PER_PX <= x_um <= LARGEST_UM_PER_PX) or abs(x_um - y_um) > 0.01 * x_um:
        return None
    return float(x_um)


def from_png(pixels_per_metre: tuple[int, int] | None) -> float | None:
    """µm/px of a PNG's pHYs chunk."""
    if pixels_per_metre is None or 0 in pixels_per_metre:
        return None
    x_ppm, y_ppm = pixels_per_metre
    return None if _is_printer(x_ppm * 0.0254) else plausible(1e6 / x_ppm, 1e6 / y_ppm)


def from_tiff(tags: Mapping[int, Any]) -> float | None:
    """µm/px of a TIFF's tags (by number): OME-XML, ImageJ or Aperio description, else the resolution."""
    description = tags.get(270, "")
    if isinstance(description, bytes):
        description = description.decode("utf-8", "replace")
    text = str(description)[:_MAX_DESCRIPTION]
    per_unit = _rational(tags.get(282)), _rational(tags.get(283))
    if "<OME" in text and "PhysicalSizeX" in text:
        return _from_ome(text)
    if text.startswith("ImageJ="):
        return _from_imagej(text, per_unit)
    if found := _APERIO_MPP.search(text):
        return plausible(_number(found.group(1)))
    unit_um = {2: 25_400.0, 3: 10_000.0}.get(_integer(tags.get(296, 2)))
    if unit_um is None or min(per_unit) <= 0 or _is_printer(per_unit[0] * 25_400.0 / unit_um):
        return None
    return plausible(unit_um / per_unit[0], unit_um / per_unit[1])


def _from_ome(text: str) -> float | None:
    sizes = {axis: _number(value) for axis, value in reversed(_OME_SIZE.findall(text))}
    units = dict(reversed(_OME_UNIT.findall(text)))
    um = {axis: size * _UNIT_UM.get(units.get(axis, "µm").lower(), 0.0) for axis, size in sizes.items()}
    return plausible(um.get("X", 0.0), um.get("Y"))


def _from_imagej(text: str, per_unit: tuple[float, float]) -> float | None:
    unit = _IMAGEJ_UNIT.search(text)
    unit_um = _UNIT_UM.get(unit.group(1).strip().lower()) if unit else None
    if unit_um is None or min(per_unit) <= 0:
        return None
    return plausible(unit_um / per_unit[0], unit_um / per_unit[1])


def _is_printer(dpi: float) -> bool:
    """Whether a resolution is one that printers, screens and flatbed scanners use."""
    if dpi > 9_600.5:
        return False
    return any(abs(dpi / base - round(dpi / base)) < 0.005 and dpi >= base for base in _PRINTER_DPI)


def _rational(value: Any) -> float:
    if isinstance(value, tuple):
        if len(value) == 2 and all(isinstance(part, int) for part in value):
            return value[0] / value[1] if value[1] else 0.0
        value = value[0] if value else 0
    try:
        number = float(value or 0)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return number if 0 < number < 1e12 else 0.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _integer(value: Any) -> int:
    if isinstance(value, tuple):
        value = value[0] if value else 0
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
