"""People who are sought: the mark, what finds them, and a search that was given up. Guarded like every fact."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS = ("fact_person_sought", "fact_person_found", "fact_search_abandoned")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, FACTS)


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0026_fetched'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonFound',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('name', models.TextField()),
                ('words', models.TextField()),
                ('post', models.TextField()),
                ('document_kind', models.TextField()),
                ('document', models.TextField(null=True)),
                ('phone', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_person_found',
                'indexes': [models.Index(fields=['person'], name='f_person_found_person')],
            },
        ),
        migrations.CreateModel(
            name='PersonSought',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('words', models.TextField()),
                ('post', models.TextField()),
                ('seen_where', models.TextField(null=True)),
                ('seen_from', bulou.evidence.fields.InstantField(null=True)),
                ('seen_until', bulou.evidence.fields.InstantField(null=True)),
                ('met', bulou.evidence.fields.IdField(null=True)),
                ('teller', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_person_sought',
                'indexes': [models.Index(fields=['person'], name='f_person_sought_person'), models.Index(fields=['in_incident'], name='f_person_sought_inc')],
            },
        ),
        migrations.CreateModel(
            name='SearchAbandoned',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_search_abandoned',
                'indexes': [models.Index(fields=['person'], name='f_search_abandoned_person')],
            },
        ),
        OnConnection(put, take),
    ]
