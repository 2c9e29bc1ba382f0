"""Risk points: facts about them and the table of now. Guarded like every fact and every version."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

FACTS = ("fact_point_named", "fact_point_closed", "fact_surfaces_sampled", "fact_surfaces_read", "fact_point_disinfected", "fact_point_reopened")
VERSIONS = ("point",)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, FACTS, VERSIONS)


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, (*FACTS, *VERSIONS))


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0018_letters'),
    ]

    operations = [
        migrations.CreateModel(
            name='Point',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('opened_seq', models.BigIntegerField()),
                ('void_seq', models.BigIntegerField()),
                ('point', bulou.evidence.fields.IdField()),
                ('incident', bulou.evidence.fields.IdField(null=True)),
                ('place', bulou.evidence.fields.IdField()),
                ('area', models.TextField(null=True)),
                ('since', bulou.evidence.fields.InstantField()),
                ('until', bulou.evidence.fields.InstantField()),
                ('held', models.TextField()),
                ('closed_until', bulou.evidence.fields.InstantField(null=True)),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('named_at', bulou.evidence.fields.InstantField()),
                ('closed_at', bulou.evidence.fields.InstantField(null=True)),
                ('sampled_at', bulou.evidence.fields.InstantField(null=True)),
                ('samples', models.IntegerField()),
                ('positive', models.IntegerField()),
                ('negative', models.IntegerField()),
                ('disinfected_at', bulou.evidence.fields.InstantField(null=True)),
                ('result', models.TextField(null=True)),
                ('read_at', bulou.evidence.fields.InstantField(null=True)),
                ('reopened_at', bulou.evidence.fields.InstantField()),
                ('reopened_by', models.TextField(null=True)),
            ],
            options={
                'db_table': 'point',
                'indexes': [models.Index(fields=['point', 'void_seq'], name='point_now'), models.Index(fields=['place'], name='point_place')],
            },
        ),
        migrations.CreateModel(
            name='PointClosed',
            fields=[
                ('place', bulou.evidence.fields.IdField()),
                ('point', bulou.evidence.fields.IdField()),
                ('post', models.TextField()),
                ('note', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_point_closed',
                'indexes': [models.Index(fields=['place'], name='f_point_closed_place'), models.Index(fields=['point'], name='f_point_closed_point')],
            },
        ),
        migrations.CreateModel(
            name='PointDisinfected',
            fields=[
                ('place', bulou.evidence.fields.IdField()),
                ('point', bulou.evidence.fields.IdField()),
                ('post', models.TextField()),
                ('note', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_point_disinfected',
                'indexes': [models.Index(fields=['place'], name='f_point_disinfecte_place'), models.Index(fields=['point'], name='f_point_disinfecte_point'), models.Index(fields=['in_incident'], name='f_point_disinfecte_inc')],
            },
        ),
        migrations.CreateModel(
            name='PointNamed',
            fields=[
                ('place', bulou.evidence.fields.IdField()),
                ('point', bulou.evidence.fields.IdField()),
                ('since', bulou.evidence.fields.InstantField()),
                ('until', bulou.evidence.fields.InstantField()),
                ('held', models.TextField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('closed_until', bulou.evidence.fields.InstantField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_point_named',
                'indexes': [models.Index(fields=['place'], name='f_point_named_place'), models.Index(fields=['point'], name='f_point_named_point'), models.Index(fields=['in_incident'], name='f_point_named_inc')],
            },
        ),
        migrations.CreateModel(
            name='PointReopened',
            fields=[
                ('place', bulou.evidence.fields.IdField()),
                ('point', bulou.evidence.fields.IdField()),
                ('reason', models.TextField()),
                ('post', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_point_reopened',
                'indexes': [models.Index(fields=['place'], name='f_point_reopened_place'), models.Index(fields=['point'], name='f_point_reopened_point')],
            },
        ),
        migrations.CreateModel(
            name='SurfacesRead',
            fields=[
                ('place', bulou.evidence.fields.IdField()),
                ('point', bulou.evidence.fields.IdField()),
                ('stage', models.TextField()),
                ('result', models.TextField()),
                ('positive', models.BigIntegerField()),
                ('negative', models.BigIntegerField()),
                ('post', models.TextField()),
                ('note', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_surfaces_read',
                'indexes': [models.Index(fields=['place'], name='f_surfaces_read_place'), models.Index(fields=['point'], name='f_surfaces_read_point')],
            },
        ),
        migrations.CreateModel(
            name='SurfacesSampled',
            fields=[
                ('place', bulou.evidence.fields.IdField()),
                ('point', bulou.evidence.fields.IdField()),
                ('stage', models.TextField()),
                ('samples', models.BigIntegerField()),
                ('post', models.TextField()),
                ('note', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_surfaces_sampled',
                'indexes': [models.Index(fields=['place'], name='f_surfaces_sampled_place'), models.Index(fields=['point'], name='f_surfaces_sampled_point')],
            },
        ),
        OnConnection(put, take),
    ]
