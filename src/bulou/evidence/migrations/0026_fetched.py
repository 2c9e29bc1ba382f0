"""When somebody was fetched to where their measure is carried out. Guarded like every fact."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS = ("fact_person_fetched",)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, FACTS)


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0025_told'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='fetched_at',
            field=bulou.evidence.fields.InstantField(null=True),
        ),
        migrations.CreateModel(
            name='PersonFetched',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('vehicle', models.TextField(null=True)),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_person_fetched',
                'indexes': [models.Index(fields=['person'], name='f_person_fetched_person')],
            },
        ),
        OnConnection(put, take),
    ]
