"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "webapp.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
