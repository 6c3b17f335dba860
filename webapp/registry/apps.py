"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "webapp.registry"
    label = "registry"
    verbose_name = _("Models and trainings")
    default_auto_field = "django.db.models.BigAutoField"
