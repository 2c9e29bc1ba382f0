"""The app of duties as versions."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "bulou.duties"
    label = "duties"
    default_auto_field = "django.db.models.BigAutoField"
