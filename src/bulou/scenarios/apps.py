"""The app of scenarios; in a demo it puts the scenario's clock into the centre."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from bulou.kit.centre import set_clock


class ScenariosConfig(AppConfig):
    name = "bulou.scenarios"
    label = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        if settings.BULOU_DEMO:
            set_clock(import_module("bulou.scenarios.demo").DemoClock())  # needs the models
