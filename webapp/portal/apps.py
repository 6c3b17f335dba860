"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "webapp.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
