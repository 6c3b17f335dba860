"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig


class AnalysesConfig(AppConfig):
    name = "webapp.analyses"
    label = "analyses"
    default_auto_field = "django.db.models.BigAutoField"
