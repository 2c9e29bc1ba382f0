import bulou.evidence.fields
from typing import Any

from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

#: Rows that are only ever added.
TABLES = ("look", "look_seal")


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLES, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLES)



class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LookSeal',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('looks', models.IntegerField()),
                ('digests', models.BinaryField()),
                ('hash', models.BinaryField(max_length=32)),
            ],
            options={
                'db_table': 'look_seal',
            },
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('number', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', bulou.evidence.fields.InstantField(db_index=True)),
                ('account', models.CharField(db_index=True, max_length=150)),
                ('post', models.CharField(max_length=120)),
                ('device', models.CharField(max_length=60, null=True)),
                ('about', bulou.evidence.fields.InstantField()),
                ('entry', models.BigIntegerField()),
                ('page', models.CharField(max_length=60)),
                ('address', models.CharField(max_length=300)),
                ('typed', models.CharField(max_length=300)),
                ('purpose', models.CharField(max_length=40)),
                ('ids', models.BinaryField()),
                ('n', models.IntegerField()),
                ('bare', models.CharField(max_length=120)),
                ('export', bulou.evidence.fields.IdField(null=True)),
            ],
            options={
                'db_table': 'look',
                'indexes': [models.Index(condition=models.Q(('export__isnull', False)), fields=['export'], name='look_export')],
            },
        ),
        OnConnection(put, take),
    ]
