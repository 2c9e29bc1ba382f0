"""What a printed list was of, as of which entry it was read, and what it would have to be to be the same."""

from typing import Any

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection
from django.db import migrations, models

TABLE = ("fact_list_printed",)


def off(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLE)


def on(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLE, ())


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0007_administration'),
    ]

    # SQLite writes the table anew for a column that is never null, and its triggers are gone with the old one. No list has been
    # printed before these columns: what the defaults say of such a row is never read.
    operations = [
        OnConnection(off, on),
        migrations.AddField('listprinted', 'what', models.TextField(default='all'), preserve_default=False),
        migrations.AddField('listprinted', 'upto', models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField('listprinted', 'digest', models.TextField(default='-'), preserve_default=False),
        OnConnection(on, off),
    ]
