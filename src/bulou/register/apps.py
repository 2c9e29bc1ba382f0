"""The app of the register."""

from importlib import import_module

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "bulou.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("bulou.register.projections")  # declares its projections
