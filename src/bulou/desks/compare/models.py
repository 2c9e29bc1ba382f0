"""Tables of the bench: comparisons under way, and columns that were recognised. Hold no person: lists and answers are files of their own."""

from django.db import models

from bulou.evidence.fields import IdField, InstantField


class Comparison(models.Model):
    """One comparison: whose, since when, of which files, and how far it is. Its lists and its answer stand in a folder of its own.

    It is its own job: ``state`` is draft, waiting, running, done, needs, failed or cancelled; ``turn`` counts how often it was begun.
    ``handed``: the posts beside its maker that may see it. Written by ``desks.compare.kept`` alone.
    """

    id = IdField(primary_key=True)
    by = models.CharField(max_length=150)
    at = InstantField(db_index=True)
    state = models.CharField(max_length=12, db_index=True)
    files = models.JSONField(default=list)
    handed = models.JSONField(default=list)
    turn = models.IntegerField(default=0)
    #: What was asked of it beside its figures, as ``desks.compare.asked`` writes it.
    asks = models.JSONField(default=dict)

    class Meta:
        db_table = "comparison"


class ColumnMapping(models.Model):
    """Which column is which in lists with these headings, as a person said once; for everyone at the centre."""

    header = models.CharField(max_length=64, primary_key=True)
    mapping = models.TextField()
    by = models.CharField(max_length=150)
    at = InstantField()

    class Meta:
        db_table = "column_mapping"


class KeptList(models.Model):
    """A list that was kept from a comparison for another one: whose, of which of them, what it is called, until when, who else may take it.

    Its rows stand in a folder of its own beside the comparisons, and go with it at its hour. Written by ``desks.compare.lasting`` alone.
    """

    id = IdField(primary_key=True)
    by = models.CharField(max_length=150)
    at = InstantField()
    until = InstantField(db_index=True)
    name = models.CharField(max_length=200)
    rows = models.IntegerField()
    handed = models.JSONField(default=list)

    class Meta:
        db_table = "kept_list"


class SavedDefinition(models.Model):
    """How others count, under a code; for everyone at the centre."""

    code = models.CharField(max_length=40, primary_key=True)
    text = models.TextField()
    by = models.CharField(max_length=150)
    at = InstantField()

    class Meta:
        db_table = "saved_definition"


class CityWorkbook(models.Model):
    """An empty workbook of the city that lists are filled into; for everyone at the centre. Its file stands in the centre's home."""

    id = IdField(primary_key=True)
    by = models.CharField(max_length=150)
    at = InstantField()
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "city_workbook"


class DifferenceAct(models.Model):
    """What was said of a difference about someone who is on no register: kept with the comparison, and gone with it.

    ``difference`` is its key, as ``desks.compare.differences`` makes it; ``act`` is explained or passed; of several the latest says how it
    stands. ``back_at``: taken back. Of people on the register the same is said by facts. Written by ``desks.compare.settling`` alone.
    """

    id = IdField(primary_key=True)
    comparison = IdField(db_index=True)
    difference = models.CharField(max_length=16)
    what = models.CharField(max_length=16)
    act = models.CharField(max_length=12)
    reason = models.CharField(max_length=24)
    cut_off = models.CharField(max_length=5, null=True)
    to_area = models.TextField(null=True)
    to_post = models.TextField(null=True)
    by = models.CharField(max_length=150)
    post = models.TextField()
    at = InstantField()
    back_at = InstantField(null=True)

    class Meta:
        db_table = "difference_act"


class ReviewDecision(models.Model):
    """One answer to points of a review, a single one or a whole group of one reason: what was answered, by whom, when, to how many.

    ``pairs`` names rows by file, sheet and number, never a person. ``back_at``: taken back as a whole. Written by
    ``desks.compare.deciding`` alone; gone with its comparison.
    """

    id = IdField(primary_key=True)
    comparison = IdField(db_index=True)
    why = models.CharField(max_length=24)
    answer = models.CharField(max_length=12)
    pairs = models.JSONField(default=list)
    by = models.CharField(max_length=150)
    post = models.TextField()
    at = InstantField()
    back_at = InstantField(null=True)

    class Meta:
        db_table = "review_decision"
