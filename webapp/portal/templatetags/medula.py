"""Numbers and units as the pages write them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import formats

from webapp.accounts import roles

register = template.Library()


@register.filter
def whole(value: Any) -> str:
    """A count: 12,345."""
    return "—" if value is None else formats.number_format(round(float(value)), 0, force_grouping=True)


@register.filter
def measure(value: Any) -> str:
    """A measurement with no more digits than it carries: 412, 68, 7.9, 0.25."""
    if value is None:
        return "—"
    number = float(value)
    decimals = 0 if abs(number) >= 20 else 1 if abs(number) >= 1 else 2
    return formats.number_format(round(number, decimals), decimals, force_grouping=True)


@register.filter
def score(value: Any) -> str:
    """A score between 0 and 1, two decimals; a dash where the report has none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "—"
    return formats.number_format(round(float(value), 2), 2)


@register.filter
def scale(value: Any) -> str:
    """A calibration, µm a pixel: up to four decimals and no zeros behind."""
    return "" if value is None else formats.number_format(float(f"{float(value):.4g}"))


@register.simple_tag
def unit(um_per_px: float | None, power: int = 1) -> str:
    """µm or px, squared for areas."""
    return ("µm" if um_per_px else "px") + {1: "", 2: "²"}[power]


@register.filter
def may(user: Any, scope: str) -> bool:
    """Whether this person may "curate", "train", "upload" or "read": which links a page shows."""
    return roles.may(user, scope)
