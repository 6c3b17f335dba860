"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DatasetsConfig(AppConfig):
    name = "webapp.datasets"
    label = "datasets"
    verbose_name = _("Data sets")
    default_auto_field = "django.db.models.BigAutoField"
