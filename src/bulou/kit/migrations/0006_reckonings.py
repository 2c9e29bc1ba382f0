import bulou.evidence.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0005_door_checks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reckoning',
            fields=[
                ('id', bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=20)),
                ('incident', bulou.evidence.fields.IdField()),
                ('by', models.CharField(max_length=150)),
                ('at', bulou.evidence.fields.InstantField(db_index=True)),
                ('about', bulou.evidence.fields.InstantField()),
                ('seq', models.BigIntegerField()),
                ('known', bulou.evidence.fields.InstantField()),
                ('given', models.JSONField(default=dict)),
                ('state', models.CharField(db_index=True, default='waiting', max_length=10)),
                ('turn', models.IntegerField(default=0)),
                ('told', models.JSONField(default=dict)),
                ('ended', bulou.evidence.fields.InstantField(null=True)),
                ('answer', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'reckoning',
                'indexes': [models.Index(fields=['incident', 'what', 'seq'], name='reckoning_incident')],
            },
        ),
    ]
