"""Entries, the envelopes of facts, and what was refused. An envelope names nobody and stays for ever."""

from django.db import models

from bulou.evidence.fields import IdField, InstantField, SubjectField


class Entry(models.Model):
    """One transaction of the ledger. ``known`` is taken from the Clock under the writer lock and never goes back.

    ``broad``: it holds facts of a small kind or withdrawals, so readers that keep small kinds at hand look again.
    ``hash`` chains the entry to the one before and to the seals of its facts.
    """

    seq = models.BigIntegerField(primary_key=True)
    known = InstantField(db_index=True)
    by = models.CharField(max_length=120)
    source = models.CharField(max_length=500)
    n = models.IntegerField()
    broad = models.BooleanField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "entry"
        indexes = [models.Index(fields=["seq"], name="entry_broad", condition=models.Q(broad=True))]


class Envelope(models.Model):
    """What stays of a fact for ever. ``seal`` is the salted hash of the content; the salt goes with the content."""

    id = IdField(primary_key=True)
    kind = models.CharField(max_length=40)
    version = models.SmallIntegerField()
    subject = SubjectField(null=True)
    incident = IdField(null=True)
    at = InstantField()
    entry = models.BigIntegerField()
    origin = models.CharField(max_length=60, null=True)
    device = models.CharField(max_length=60, null=True)
    device_at = InstantField(null=True)
    seal = models.BinaryField(max_length=16)

    class Meta:
        db_table = "fact"
        indexes = [
            models.Index(fields=["entry"], name="fact_entry"),
            models.Index(fields=["subject", "at"], name="fact_subject"),
        ]


class Erased(models.Model):
    """A fact whose content was destroyed, and the fact ``by`` that says so; its envelope stays."""

    fact = IdField(primary_key=True)
    by = IdField()
    entry = models.BigIntegerField()

    class Meta:
        db_table = "erased"
        indexes = [models.Index(fields=["by"], name="erased_by")]


class Sealed(models.Model):
    """What lost content and keeps its last state: ``what`` is "cell" or a projection, ``key`` the cell's id or the entity.

    ``subject``: only that subject's duties of the cell, or the entity's rows of that incident; none: all of it.
    """

    what = models.CharField(max_length=40)
    key = models.BinaryField()
    subject = models.BinaryField(null=True)
    entry = models.BigIntegerField()

    class Meta:
        db_table = "sealed"
        indexes = [models.Index(fields=["key"], name="sealed_key")]


class Aside(models.Model):
    """A fact that was refused: the same id with other content, or content of the wrong shape. Kept and shown, never entered."""

    fact = IdField()
    kind = models.CharField(max_length=40)
    body = models.TextField()
    reason = models.TextField()
    by = models.CharField(max_length=120)
    source = models.CharField(max_length=500)
    known = InstantField()

    class Meta:
        db_table = "aside"
