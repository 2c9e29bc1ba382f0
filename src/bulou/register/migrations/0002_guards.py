"""Versions of the register are guarded by triggers from the first day."""

from typing import Any

from django.db import migrations

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

VERSIONS = ("area", "crossing", "place", "household", "person", "stay", "post", "holding")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, (), VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, VERSIONS)


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]
    operations = [OnConnection(put, take)]
