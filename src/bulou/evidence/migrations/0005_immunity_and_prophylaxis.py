"""Two kinds for editions beyond COVID-19: who is immune, and what was offered after an exposure. Guarded like every fact."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

TABLES = ("fact_immunity_recorded", "fact_prophylaxis_offered")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLES, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0004_responsibility'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImmunityRecorded',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('immunity', models.TextField()),
                ('doses', models.BigIntegerField(null=True)),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_immunity_recorded',
                'indexes': [models.Index(fields=['person'], name='f_immunity_recorde_person')],
            },
        ),
        migrations.CreateModel(
            name='ProphylaxisOffered',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('product', models.TextField()),
                ('offer', models.TextField()),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_prophylaxis_offered',
                'indexes': [models.Index(fields=['person'], name='f_prophylaxis_offe_person')],
            },
        ),
        OnConnection(put, take),
    ]
