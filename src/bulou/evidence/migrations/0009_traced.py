"""People who are traced: by which channel they became known, and their one state. Guarded like every fact and every version."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS, VERSIONS = ("fact_person_traced", "fact_state_confirmed"), ("traced",)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, (*FACTS, *VERSIONS))


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0008_lists_for_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonTraced',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('channel', models.TextField()),
                ('post', models.TextField()),
                ('source', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_person_traced',
                'indexes': [models.Index(fields=['person'], name='f_person_traced_person')],
            },
        ),
        migrations.CreateModel(
            name='StateConfirmed',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('state', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_state_confirmed',
                'indexes': [models.Index(fields=['person'], name='f_state_confirmed_person')],
            },
        ),
        migrations.CreateModel(
            name='Traced',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('opened_seq', models.BigIntegerField()),
                ('void_seq', models.BigIntegerField()),
                ('person', bulou.evidence.fields.IdField()),
                ('incident', bulou.evidence.fields.IdField()),
                ('first_at', bulou.evidence.fields.InstantField()),
                ('last_at', bulou.evidence.fields.InstantField()),
                ('told', models.IntegerField()),
                ('channels', models.TextField()),
                ('state', models.TextField(null=True)),
                ('state_at', bulou.evidence.fields.InstantField(null=True)),
            ],
            options={
                'db_table': 'traced',
                'indexes': [models.Index(condition=models.Q(('void_seq', 4611686018427387904)), fields=['person'], name='traced_now'), models.Index(fields=['incident', 'state'], name='traced_incident')],
            },
        ),
        OnConnection(put, take),
    ]
