"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "webapp.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
