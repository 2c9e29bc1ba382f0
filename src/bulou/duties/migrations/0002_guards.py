"""Versions of duties are guarded by triggers from the first day."""

from typing import Any

from django.db import migrations

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, (), ("duty",))


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, ("duty",))


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial")]
    operations = [OnConnection(put, take)]
