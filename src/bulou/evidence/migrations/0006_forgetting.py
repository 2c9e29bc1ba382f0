"""What was destroyed, by which fact, and what lost content and keeps its last state."""

from typing import Any

import bulou.evidence.fields
from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection
from django.db import migrations, models

TABLES = ("erased", "fact_content_erased", "sealed")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLES, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ("evidence", "0005_immunity_and_prophylaxis"),
    ]

    operations = [
        migrations.CreateModel(
            name='ContentErased',
            fields=[
                ('post', models.TextField()),
                ('erased_kind', models.TextField()),
                ('rule', models.TextField()),
                ('contents', models.BigIntegerField()),
                ('digest', models.TextField()),
                ('reason', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_content_erased',
                'indexes': [models.Index(fields=['post'], name='f_content_erased_post')],
            },
        ),
        migrations.CreateModel(
            name='Erased',
            fields=[
                ('fact', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('by', bulou.evidence.fields.IdField()),
                ('entry', models.BigIntegerField()),
            ],
            options={
                'db_table': 'erased',
                'indexes': [models.Index(fields=['by'], name='erased_by')],
            },
        ),
        migrations.CreateModel(
            name='Sealed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=40)),
                ('key', models.BinaryField()),
                ('subject', models.BinaryField(null=True)),
                ('entry', models.BigIntegerField()),
            ],
            options={
                'db_table': 'sealed',
                'indexes': [models.Index(fields=['key'], name='sealed_key')],
            },
        ),
        OnConnection(put, take),
    ]
