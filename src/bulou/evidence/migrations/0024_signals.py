"""Signals: facts about their sources and about them, and the table of sources now. Guarded like every fact and every version."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS = (
    "fact_signals_opened", "fact_signal_noted", "fact_signal_followed", "fact_signals_closed", "fact_signals_counted", "fact_test_advised",
)  # fmt: skip
VERSIONS = ("signal_source",)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, (*FACTS, *VERSIONS))


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0023_opened_by_hand'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignalFollowed',
            fields=[
                ('signal', bulou.evidence.fields.IdField()),
                ('source', bulou.evidence.fields.IdField()),
                ('outcome', models.TextField()),
                ('post', models.TextField()),
                ('person', bulou.evidence.fields.IdField(null=True)),
                ('words', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_signal_followed',
                'indexes': [models.Index(fields=['signal'], name='f_signal_followed_signal'), models.Index(fields=['source'], name='f_signal_followed_source')],
            },
        ),
        migrations.CreateModel(
            name='SignalNoted',
            fields=[
                ('signal', bulou.evidence.fields.IdField()),
                ('source', bulou.evidence.fields.IdField()),
                ('area', models.TextField()),
                ('day', models.TextField()),
                ('forget_by', bulou.evidence.fields.InstantField()),
                ('post', models.TextField()),
                ('person', bulou.evidence.fields.IdField(null=True)),
                ('name', models.TextField(null=True)),
                ('phone', models.TextField(null=True)),
                ('words', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_signal_noted',
                'indexes': [models.Index(fields=['signal'], name='f_signal_noted_signal'), models.Index(fields=['source'], name='f_signal_noted_source'), models.Index(fields=['in_incident'], name='f_signal_noted_inc')],
            },
        ),
        migrations.CreateModel(
            name='SignalsClosed',
            fields=[
                ('area', models.TextField()),
                ('source', bulou.evidence.fields.IdField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_signals_closed',
                'indexes': [models.Index(fields=['area'], name='f_signals_closed_area'), models.Index(fields=['source'], name='f_signals_closed_source')],
            },
        ),
        migrations.CreateModel(
            name='SignalsCounted',
            fields=[
                ('area', models.TextField()),
                ('source', bulou.evidence.fields.IdField()),
                ('noted', models.BigIntegerField()),
                ('followed', models.BigIntegerField()),
                ('missed', models.BigIntegerField()),
                ('found_positive', models.BigIntegerField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_signals_counted',
                'indexes': [models.Index(fields=['area'], name='f_signals_counted_area'), models.Index(fields=['source'], name='f_signals_counted_source')],
            },
        ),
        migrations.CreateModel(
            name='SignalsOpened',
            fields=[
                ('area', models.TextField()),
                ('source', bulou.evidence.fields.IdField()),
                ('source_kind', models.TextField()),
                ('name', models.TextField()),
                ('first_day', models.TextField()),
                ('last_day', models.TextField()),
                ('purpose', models.TextField()),
                ('ends', bulou.evidence.fields.InstantField()),
                ('forget_by', bulou.evidence.fields.InstantField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_signals_opened',
                'indexes': [models.Index(fields=['area'], name='f_signals_opened_area'), models.Index(fields=['source'], name='f_signals_opened_source'), models.Index(fields=['in_incident'], name='f_signals_opened_inc')],
            },
        ),
        migrations.CreateModel(
            name='SignalSource',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('opened_seq', models.BigIntegerField()),
                ('void_seq', models.BigIntegerField()),
                ('source', bulou.evidence.fields.IdField()),
                ('incident', bulou.evidence.fields.IdField(null=True)),
                ('area', models.TextField()),
                ('source_kind', models.TextField()),
                ('name', models.TextField()),
                ('first_day', models.TextField()),
                ('last_day', models.TextField()),
                ('purpose', models.TextField()),
                ('ends', bulou.evidence.fields.InstantField()),
                ('forget_by', bulou.evidence.fields.InstantField()),
                ('post', models.TextField()),
                ('opened_at', bulou.evidence.fields.InstantField()),
                ('closed_at', bulou.evidence.fields.InstantField(null=True)),
                ('over_at', bulou.evidence.fields.InstantField()),
                ('noted', models.IntegerField(null=True)),
                ('followed', models.IntegerField(null=True)),
                ('missed', models.IntegerField(null=True)),
                ('found_positive', models.IntegerField(null=True)),
            ],
            options={
                'db_table': 'signal_source',
                'indexes': [models.Index(fields=['source', 'void_seq'], name='signal_source_now')],
            },
        ),
        migrations.CreateModel(
            name='TestAdvised',
            fields=[
                ('person', bulou.evidence.fields.IdField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_test_advised',
                'indexes': [models.Index(fields=['person'], name='f_test_advised_person'), models.Index(fields=['in_incident'], name='f_test_advised_inc')],
            },
        ),
        OnConnection(put, take),
    ]
