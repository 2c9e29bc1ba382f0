"""The app of the desks: finds their templates and declares their verbs, sheets and pages."""

from importlib import import_module

from django.apps import AppConfig

_ALL = ("verbs", "sheets", "pages")
_AND_PROGRAMS = (*_ALL, "programs")
#: Every desk there is, with its modules that declare what it has.
DESKS = {
    "command": (*_AND_PROGRAMS, "family"),
    "testing": _ALL,
    "tracing": (
        *_AND_PROGRAMS,
        "toldverbs",
        "told",
        "callverbs",
        "callsheets",
        "calls",
        "path",
        "candidates",
        "candidatehistory",
        "lakepages",
        "onset",
        "letterverbs",
        "lettersheets",
        "letters",
        "seqverbs",
        "chain",
        "sequences",
        "support",
        "chainwork",
        "indicators",
        "pointverbs",
        "points",
        "dossierpages",
        "callupverbs",
        "callups",
        "signalverbs",
        "soughtverbs",
        "sought",
        "signalsheets",
        "signals",
    ),
    "people": _ALL,
    "centre": _AND_PROGRAMS,
    "compare": (
        "verbs",
        "pages",
        "columns",
        "names",
        "putting",
        "passing",
        "reviewing",
        "missing",
        "leaving",
        "asking",
        "keeping",
        "city",
        "unmasked",
    ),
}


class DesksConfig(AppConfig):
    name = "bulou.desks"
    label = "desks"

    def ready(self) -> None:
        for desk, parts in DESKS.items():
            for part in parts:
                import_module(f"bulou.desks.{desk}.{part}")
