"""The settings of a training by the names that the pages use."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

NAMES: dict[str, Promise] = {
    "learning_rate": _("learning rate"),
    "batch_size": _("pictures a step"),
    "dice_weight": _("weight of the outlines"),
    "distance_weight": _("weight of the cores"),
    "first_filters": _("filters of the first level"),
}


@register.filter
def setting_name(key: str) -> Promise | str:
    return NAMES.get(key, key)


@register.filter
def setting_value(value: Any) -> str:
    """A setting with the two or three digits that matter."""
    if isinstance(value, float):
        return formats.number_format(float(f"{value:.3g}"))
    return "—" if value is None else str(value)
