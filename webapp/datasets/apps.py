"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "webapp.datasets"
    label = "datasets"
    default_auto_field = "django.db.models.BigAutoField"
