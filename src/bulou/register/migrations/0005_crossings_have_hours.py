"""A functional area covers another from one hour until another. Rows that stand are made again from facts by the upgrade."""

from typing import Any

import bulou.evidence.fields
from bulou.basis.time import BEGINNING, FOREVER
from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection
from django.db import migrations


def guarded_anew(apps: Any, schema_editor: Any) -> None:
    """SQLite makes a table anew where a column is added, and its triggers are gone; elsewhere they know nothing of the new columns."""
    unguard(schema_editor.connection, ("crossing",))
    guard(schema_editor.connection, (), ("crossing",))


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0004_device_tokens'),
    ]

    operations = [
        migrations.AddField('crossing', 'here_from', bulou.evidence.fields.InstantField(default=BEGINNING), preserve_default=False),
        migrations.AddField('crossing', 'here_until', bulou.evidence.fields.InstantField(default=FOREVER), preserve_default=False),
        OnConnection(guarded_anew, migrations.RunPython.noop),
    ]
