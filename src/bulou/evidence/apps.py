"""The app of entries and facts."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "bulou.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
