"""Tables of the kinds by which the register answers: charges, rosters, work, documents, boundaries, lists and re-visits."""

from typing import Any

import bulou.evidence.fields
from django.db import migrations, models

from bulou.evidence.guards import guard, unguard
from bulou.evidence.steps import OnConnection

TABLES = (
    "fact_area_bounded",
    "fact_area_recoded",
    "fact_charge_accepted",
    "fact_charge_declined",
    "fact_charge_offered",
    "fact_document_recorded",
    "fact_household_headed",
    "fact_list_counted",
    "fact_post_rostered",
    "fact_revisit_drawn",
    "fact_revisit_made",
    "fact_work_ended",
    "fact_work_recorded",
)


def put(apps: Any, schema_editor: Any) -> None:
    guard(schema_editor.connection, TABLES, ())


def take(apps: Any, schema_editor: Any) -> None:
    unguard(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0003_looks_and_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="AreaBounded",
            fields=[
                ("area", models.TextField()),
                ("geometry", models.TextField()),
                ("source", models.TextField(null=True)),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_area_bounded",
                "indexes": [models.Index(fields=["area"], name="f_area_bounded_area")],
            },
        ),
        migrations.CreateModel(
            name="AreaRecoded",
            fields=[
                ("area", models.TextField()),
                ("into", models.TextField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_area_recoded",
                "indexes": [
                    models.Index(fields=["area"], name="f_area_recoded_area"),
                    models.Index(fields=["into"], name="f_area_recoded_into"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargeAccepted",
            fields=[
                ("charge", bulou.evidence.fields.IdField()),
                ("post", models.TextField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_charge_accepted",
                "indexes": [models.Index(fields=["charge"], name="f_charge_accepted_charge")],
            },
        ),
        migrations.CreateModel(
            name="ChargeDeclined",
            fields=[
                ("charge", bulou.evidence.fields.IdField()),
                ("reason", models.TextField()),
                ("post", models.TextField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_charge_declined",
                "indexes": [models.Index(fields=["charge"], name="f_charge_declined_charge")],
            },
        ),
        migrations.CreateModel(
            name="ChargeOffered",
            fields=[
                ("charge", bulou.evidence.fields.IdField()),
                ("subject", models.TextField()),
                ("party", models.TextField()),
                ("reason", models.TextField()),
                ("post", models.TextField()),
                ("to_area", models.TextField(null=True)),
                ("to_post", models.TextField(null=True)),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_charge_offered",
                "indexes": [
                    models.Index(fields=["charge"], name="f_charge_offered_charge"),
                    models.Index(fields=["subject"], name="f_charge_offered_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentRecorded",
            fields=[
                ("person", bulou.evidence.fields.IdField()),
                ("document_kind", models.TextField()),
                ("document", models.TextField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_document_recorded",
                "indexes": [models.Index(fields=["person"], name="f_document_recorde_person")],
            },
        ),
        migrations.CreateModel(
            name="HouseholdHeaded",
            fields=[
                ("household", bulou.evidence.fields.IdField()),
                ("person", bulou.evidence.fields.IdField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_household_headed",
                "indexes": [
                    models.Index(fields=["household"], name="f_household_headed_household"),
                    models.Index(fields=["person"], name="f_household_headed_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListCounted",
            fields=[
                ("area", models.TextField()),
                ("source", models.TextField()),
                ("listed", models.BigIntegerField()),
                ("matched", models.BigIntegerField()),
                ("post", models.TextField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_list_counted",
                "indexes": [models.Index(fields=["area"], name="f_list_counted_area")],
            },
        ),
        migrations.CreateModel(
            name="PostRostered",
            fields=[
                ("post", models.TextField()),
                ("on_from", models.TextField()),
                ("on_until", models.TextField()),
                ("holder", bulou.evidence.fields.IdField(null=True)),
                ("until", bulou.evidence.fields.InstantField(null=True)),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_post_rostered",
                "indexes": [
                    models.Index(fields=["post"], name="f_post_rostered_post"),
                    models.Index(fields=["holder"], name="f_post_rostered_holder"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RevisitDrawn",
            fields=[
                ("area", models.TextField()),
                ("many", models.BigIntegerField()),
                ("post", models.TextField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_revisit_drawn",
                "indexes": [models.Index(fields=["area"], name="f_revisit_drawn_area")],
            },
        ),
        migrations.CreateModel(
            name="RevisitMade",
            fields=[
                ("household", bulou.evidence.fields.IdField()),
                ("living", models.BigIntegerField()),
                ("matched", models.BigIntegerField()),
                ("post", models.TextField(null=True)),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_revisit_made",
                "indexes": [models.Index(fields=["household"], name="f_revisit_made_household")],
            },
        ),
        migrations.CreateModel(
            name="WorkEnded",
            fields=[
                ("person", bulou.evidence.fields.IdField()),
                ("place", bulou.evidence.fields.IdField()),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_work_ended",
                "indexes": [
                    models.Index(fields=["person"], name="f_work_ended_person"),
                    models.Index(fields=["place"], name="f_work_ended_place"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkRecorded",
            fields=[
                ("person", bulou.evidence.fields.IdField()),
                ("place", bulou.evidence.fields.IdField()),
                ("until", bulou.evidence.fields.InstantField(null=True)),
                ("id", bulou.evidence.fields.IdField(primary_key=True, serialize=False)),
                ("at", bulou.evidence.fields.InstantField()),
                ("in_incident", bulou.evidence.fields.IdField(null=True)),
                ("entry", models.BigIntegerField()),
                ("salt", models.BinaryField(max_length=16)),
            ],
            options={
                "db_table": "fact_work_recorded",
                "indexes": [
                    models.Index(fields=["person"], name="f_work_recorded_person"),
                    models.Index(fields=["place"], name="f_work_recorded_place"),
                ],
            },
        ),
        OnConnection(put, take),
    ]
