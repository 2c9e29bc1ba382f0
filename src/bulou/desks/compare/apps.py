"""The app of the compare bench: only its tables; its pages are declared with those of every desk."""

from django.apps import AppConfig


class CompareConfig(AppConfig):
    name = "bulou.desks.compare"
    label = "compare"
    default_auto_field = "django.db.models.BigAutoField"
