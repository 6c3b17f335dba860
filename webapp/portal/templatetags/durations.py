"""How long something takes, as people say it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def duration(seconds: Any) -> str:
    """45 s; 12 min; 3 h 20 min; a dash where it is not known."""
    if seconds is None:
        return "—"
    whole = round(float(seconds))
    if whole < 90:
        return _("{seconds} s").format(seconds=whole)
    minutes = round(whole / 60)
    if minutes < 90:
        return _("{minutes} min").format(minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return _("{days} days").format(days=round(hours / 24))
    return (
        _("{hours} h {minutes} min").format(hours=hours, minutes=rest)
        if rest
        else _("{hours} h").format(hours=hours)
    )
