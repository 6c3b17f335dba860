"""App of the front desk: see the package's docstring."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "webapp.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
