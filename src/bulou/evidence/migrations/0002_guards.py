"""Facts and versions of things are guarded by triggers from the first day."""

from typing import Any

from django.db import migrations

from bulou.evidence.guards import APPENDED, guard, unguard
from bulou.evidence.steps import OnConnection

VERSIONS = ("incident", "tube", "case_", "contact", "order_", "zone", "zone_area")


def put(apps: Any, schema_editor: Any) -> None:
    # A kind declared later has its table, and its guard, in a later migration.
    there = set(schema_editor.connection.introspection.table_names())
    guard(schema_editor.connection, [t for t in APPENDED if t in there], VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    there = set(schema_editor.connection.introspection.table_names())
    unguard(schema_editor.connection, [t for t in (*APPENDED, *VERSIONS) if t in there])


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [OnConnection(put, take)]
