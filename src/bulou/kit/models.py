"""Receipts of imports: what was sent, and the fate of every row, so that nothing is lost and nothing is done twice."""

from django.db import models

from bulou.evidence.fields import InstantField


class ImportReceipt(models.Model):
    """One file as it was taken in. ``rows`` holds for every row its number, fate and what was wrong."""

    what = models.CharField(max_length=40)
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=120)
    at = InstantField()
    entered = models.IntegerField()
    same = models.IntegerField()
    refused = models.IntegerField()
    rows = models.JSONField()

    class Meta:
        db_table = "import_receipt"
