"""The kinds of picture, by the names a laboratory uses."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Promise] = {
    "all": _("all kinds of picture"),
    "fluorescence-dark": _("fluorescence"),
    "grayscale-brightfield": _("unstained or grey, transmitted light"),
    "pink-purple-HE": _("pink and purple stain (H&E)"),
    "purple-on-white": _("purple stain on white"),
}


def modality_name(key: str) -> Promise | str:
    return NAMES.get(key, key)
