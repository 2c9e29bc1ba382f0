"""Facts and versions of things are guarded by triggers from the first day."""

from typing import Any

from django.db import migrations

from bulou.evidence.guards import APPENDED, guard, unguard

VERSIONS = ("incident", "tube", "case_", "contact", "order_", "zone", "zone_area")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, APPENDED, VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, (*APPENDED, *VERSIONS))


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [migrations.RunPython(put, take)]
