"""The app of the register."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "bulou.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"
