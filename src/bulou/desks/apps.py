"""The app of the desks: finds their templates and declares their verbs, sheets and pages."""

from importlib import import_module

from django.apps import AppConfig

#: Every desk there is. Importing its modules declares what it has.
DESKS = ("command", "testing", "tracing", "people")


class DesksConfig(AppConfig):
    name = "bulou.desks"
    label = "desks"

    def ready(self) -> None:
        for desk in DESKS:
            for part in ("verbs", "sheets", "pages"):
                import_module(f"bulou.desks.{desk}.{part}")
