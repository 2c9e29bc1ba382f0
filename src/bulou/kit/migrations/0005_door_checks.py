import bulou.evidence.fields
from typing import Any

from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

#: Rows that are only ever added, until retention destroys them.
TABLES = ("door_check",)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLES, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0004_many'),
    ]

    operations = [
        migrations.CreateModel(
            name='DoorCheck',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField(db_index=True)),
                ('area', models.TextField()),
                ('place', bulou.evidence.fields.IdField(null=True)),
                ('account', models.CharField(max_length=150)),
                ('post', models.CharField(max_length=120)),
                ('device', models.CharField(max_length=60)),
                ('about', bulou.evidence.fields.InstantField()),
                ('person', bulou.evidence.fields.IdField(db_index=True, null=True)),
                ('passes', models.BooleanField()),
                ('rule', models.CharField(max_length=200)),
            ],
            options={
                'db_table': 'door_check',
            },
        ),
        OnConnection(put, take),
    ]
