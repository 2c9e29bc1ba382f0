"""What is told of one person: symptoms by day, details of their page, and which word holds. Guarded like every fact."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS = ("fact_symptoms_told", "fact_detail_told", "fact_detail_settled")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, FACTS)


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0024_signals'),
    ]

    operations = [
        migrations.CreateModel(
            name='DetailSettled',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('detail', models.TextField()),
                ('chosen', bulou.evidence.fields.IdField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_detail_settled',
                'indexes': [models.Index(fields=['person'], name='f_detail_settled_person')],
            },
        ),
        migrations.CreateModel(
            name='DetailTold',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('detail', models.TextField()),
                ('said', models.TextField()),
                ('teller', models.TextField()),
                ('certainty', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_detail_told',
                'indexes': [models.Index(fields=['person'], name='f_detail_told_person')],
            },
        ),
        migrations.CreateModel(
            name='SymptomsTold',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('day', models.TextField()),
                ('signs', models.TextField()),
                ('teller', models.TextField()),
                ('post', models.TextField()),
                ('words', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_symptoms_told',
                'indexes': [models.Index(fields=['person'], name='f_symptoms_told_person')],
            },
        ),
        OnConnection(put, take),
    ]
