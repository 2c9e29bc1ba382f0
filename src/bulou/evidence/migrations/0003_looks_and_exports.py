import bulou.evidence.fields
from typing import Any

from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

#: Rows that are only ever added.
TABLES = ("fact_export_decided", "fact_export_requested", "fact_export_taken", "fact_list_printed", "fact_list_returned", "fact_looks_sealed")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLES, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLES)



class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExportDecided',
            fields=[
                ('request', bulou.evidence.fields.IdField()),
                ('granted', models.BooleanField()),
                ('account', models.TextField()),
                ('reason', models.TextField()),
                ('until', bulou.evidence.fields.InstantField(null=True)),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_export_decided',
                'indexes': [models.Index(fields=['request'], name='f_export_decided_request')],
            },
        ),
        migrations.CreateModel(
            name='ExportRequested',
            fields=[
                ('post', models.TextField()),
                ('account', models.TextField()),
                ('sheet', models.TextField()),
                ('query', models.TextField()),
                ('rows', models.BigIntegerField()),
                ('purpose', models.TextField()),
                ('reason', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_export_requested',
                'indexes': [models.Index(fields=['post'], name='f_export_requested_post')],
            },
        ),
        migrations.CreateModel(
            name='ExportTaken',
            fields=[
                ('request', bulou.evidence.fields.IdField()),
                ('account', models.TextField()),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_export_taken',
                'indexes': [models.Index(fields=['request'], name='f_export_taken_request')],
            },
        ),
        migrations.CreateModel(
            name='ListPrinted',
            fields=[
                ('area', models.TextField()),
                ('account', models.TextField()),
                ('rows', models.BigIntegerField()),
                ('until', bulou.evidence.fields.InstantField()),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_list_printed',
                'indexes': [models.Index(fields=['area'], name='f_list_printed_area')],
            },
        ),
        migrations.CreateModel(
            name='ListReturned',
            fields=[
                ('printed', bulou.evidence.fields.IdField()),
                ('outcome', models.TextField()),
                ('note', models.TextField(null=True)),
                ('post', models.TextField(null=True)),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_list_returned',
                'indexes': [models.Index(fields=['printed'], name='f_list_returned_printed')],
            },
        ),
        migrations.CreateModel(
            name='LooksSealed',
            fields=[
                ('area', models.TextField()),
                ('number', models.BigIntegerField()),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('looks', models.BigIntegerField()),
                ('digest', models.TextField()),
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField()),
                ('in_incident', bulou.evidence.fields.IdField(null=True)),
                ('entry', models.BigIntegerField()),
                ('salt', models.BinaryField(max_length=16)),
            ],
            options={
                'db_table': 'fact_looks_sealed',
                'indexes': [models.Index(fields=['area'], name='f_looks_sealed_area')],
            },
        ),
        OnConnection(put, take),
    ]
