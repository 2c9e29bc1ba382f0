"""Call-ups: facts about them and the table of now. Guarded like every fact and every version."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS, VERSIONS = ("fact_callup_published", "fact_callup_answered", "fact_callup_withdrawn"), ("callup",)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, (*FACTS, *VERSIONS))


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0021_sequences'),
    ]

    operations = [
        migrations.CreateModel(
            name='Callup',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('opened_seq', models.BigIntegerField()),
                ('void_seq', models.BigIntegerField()),
                ('callup', bulou.evidence.fields.IdField()),
                ('incident', bulou.evidence.fields.IdField(null=True)),
                ('area', models.TextField()),
                ('place', bulou.evidence.fields.IdField(null=True)),
                ('public', models.TextField()),
                ('since', bulou.evidence.fields.InstantField()),
                ('until', bulou.evidence.fields.InstantField()),
                ('ends', bulou.evidence.fields.InstantField()),
                ('reply_to', models.TextField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('published_at', bulou.evidence.fields.InstantField()),
                ('answered', models.IntegerField()),
                ('down_at', bulou.evidence.fields.InstantField()),
                ('withdrawn_at', bulou.evidence.fields.InstantField(null=True)),
            ],
            options={
                'db_table': 'callup',
                'indexes': [models.Index(fields=['callup', 'void_seq'], name='callup_now')],
            },
        ),
        migrations.CreateModel(
            name='CallupAnswered',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('callup', bulou.evidence.fields.IdField()),
                ('via', models.TextField()),
                ('post', models.TextField()),
                ('words', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_callup_answered',
                'indexes': [models.Index(fields=['person'], name='f_callup_answered_person'), models.Index(fields=['callup'], name='f_callup_answered_callup'), models.Index(fields=['in_incident'], name='f_callup_answered_inc')],
            },
        ),
        migrations.CreateModel(
            name='CallupPublished',
            fields=[
                ('area', models.TextField()),
                ('callup', bulou.evidence.fields.IdField()),
                ('public', models.TextField()),
                ('since', bulou.evidence.fields.InstantField()),
                ('until', bulou.evidence.fields.InstantField()),
                ('ends', bulou.evidence.fields.InstantField()),
                ('reply_to', models.TextField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('place', bulou.evidence.fields.IdField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_callup_published',
                'indexes': [models.Index(fields=['area'], name='f_callup_published_area'), models.Index(fields=['callup'], name='f_callup_published_callup'), models.Index(fields=['place'], name='f_callup_published_place'), models.Index(fields=['in_incident'], name='f_callup_published_inc')],
            },
        ),
        migrations.CreateModel(
            name='CallupWithdrawn',
            fields=[
                ('area', models.TextField()),
                ('callup', bulou.evidence.fields.IdField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_callup_withdrawn',
                'indexes': [models.Index(fields=['area'], name='f_callup_withdrawn_area'), models.Index(fields=['callup'], name='f_callup_withdrawn_callup')],
            },
        ),
        OnConnection(put, take),
    ]
