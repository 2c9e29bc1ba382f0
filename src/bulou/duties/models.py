"""Tables of duties: versions that are opened, closed and voided once each. Only ``duties.enter`` writes them."""

from django.db import models

from bulou.evidence.fields import IdField, InstantField, SubjectField


class RuleNumber(models.Model):
    """A rule's number in this database: rows of duties name their rule in two bytes."""

    id = models.SmallIntegerField(primary_key=True)
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        db_table = "rule_number"


class Cell(models.Model):
    """A cell that has had duties: its key, and the hour at which time alone changes it. A table of now."""

    id = IdField(primary_key=True)
    rule = models.SmallIntegerField()
    key = models.BinaryField()
    wake_at = InstantField()

    class Meta:
        db_table = "cell"
        indexes = [models.Index(fields=["wake_at"], name="cell_wake", condition=models.Q(wake_at__lt=2**62))]


class Duty(models.Model):
    """One version of one duty in one place. See ``duties.reckoning.Duty`` for the meaning of its columns.

    ``id`` is the entry that opened it times 2^21 plus its place in the entry. Columns of numbers of entries that are not
    yet written hold NEVER, so that one comparison serves now and every past moment.
    """

    id = models.BigIntegerField(primary_key=True)
    cell = IdField()
    rule = models.SmallIntegerField()
    incident = IdField()
    subject = SubjectField()
    turn = models.IntegerField()
    here_from = InstantField()
    here_until = InstantField()
    area = models.TextField(null=True)
    opens_at = InstantField()
    due_at = InstantField()
    end_at = InstantField()
    given_at = InstantField()
    opened_seq = models.BigIntegerField()
    closed_seq = models.BigIntegerField()
    void_seq = models.BigIntegerField()
    closed_at = InstantField(null=True)
    outcome = models.SmallIntegerField(null=True)
    closed_by = IdField(null=True)

    class Meta:
        db_table = "duty"
        indexes = [
            models.Index(fields=["cell"], name="duty_cell", condition=models.Q(void_seq=2**62)),
            models.Index(fields=["subject", "cell"], name="duty_subject"),
            # Everything that tells the state of a duty at any entry and hour (see gaps.coverage), so that counting them reads no row.
            models.Index(
                fields=[
                    "area", "closed_seq", "opened_seq", "due_at", "closed_at", "void_seq", "end_at", "given_at", "opens_at", "here_from",
                    "here_until", "rule", "outcome", "incident",
                ],
                name="duty_gap",
            ),
            # A figure of the board is of a few rules: of a district's two million duties it reads theirs.
            models.Index(fields=["rule"], name="duty_rule"),
            # The list as it opens: its first page without putting all others in order; of one rule's, without reading the rows passed over.
            models.Index(fields=["due_at", "id", "rule"], name="duty_due"),
            # What an entry undid: shown before a withdrawal, while the ledger's lock is held.
            models.Index(fields=["void_seq"], name="duty_void", condition=models.Q(void_seq__lt=2**62)),
            models.Index(fields=["closed_at", "closed_seq"], name="duty_closed", condition=models.Q(closed_at__isnull=False)),
        ]  # fmt: skip
