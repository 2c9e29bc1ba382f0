"""Tables of the kit: receipts of many rows (the fate of each, so that nothing is lost or done twice), views that were kept, looks with their seals,
long reckonings."""

from django.conf import settings
from django.db import models

from bulou.evidence.fields import IdField, InstantField


class ImportReceipt(models.Model):
    """Many rows on their way into the ledger: a file, a sheet's file put back, or rows of a sheet that one verb changes (``way``).

    Rows stand in ``ImportRow``; ``state`` says how far they have come: mapping, checking, ready, entering, done, undoing, undone. The
    receipt is its own job: ``held`` is the hour until which one process works at it, ``stopped`` says that nobody is to (asked, or failed).
    ``rows`` holds the fates of line lists, which have no ``way``. Written by ``kit.many`` and by who brings rows to it.
    """

    what = models.CharField(max_length=40)
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=120)
    at = InstantField()
    entered = models.IntegerField()
    same = models.IntegerField()
    refused = models.IntegerField()
    rows = models.JSONField()
    state = models.CharField(max_length=10, default="done")
    verb = models.CharField(max_length=40, default="")
    incident = IdField(null=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    total = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    #: "file", "sheet" (put back) or "many"; empty where it is none of these.
    way = models.CharField(max_length=8, default="")
    sheet = models.CharField(max_length=40, default="")
    #: What is said once for all rows.
    given = models.JSONField(default=dict)
    #: What the first rows would open, close and undo, tried and taken back.
    tried = models.JSONField(default=dict)
    undone = models.IntegerField(default=0)
    reason = models.CharField(max_length=500, default="")
    held = InstantField(default=0)
    stopped = models.CharField(max_length=8, default="")

    class Meta:
        db_table = "import_receipt"


class ImportRow(models.Model):
    """A row of a file with its fate: "" (not yet looked at), ok (checked), entered, same, refused, waiting, undone.

    ``cells`` are kept until the row is entered or was there already: what must be corrected goes back to whoever sent it.
    """

    receipt = models.ForeignKey(ImportReceipt, on_delete=models.CASCADE, db_index=False)
    n = models.IntegerField()
    cells = models.JSONField()
    fate = models.CharField(max_length=8, default="")
    field = models.CharField(max_length=40, default="")
    zh = models.CharField(max_length=300, default="")
    en = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "import_row"
        indexes = [
            models.Index(fields=["receipt", "fate", "n"], name="import_row_fate"),
            models.Index(fields=["receipt", "n"], name="import_row_n"),
        ]


class SavedView(models.Model):
    """How someone likes to see a sheet: filters, order and columns under a name. ``posts``: whose holders see it beside its maker.

    Holds nothing that was typed: a filter on record names nobody. Written by ``kit.views`` alone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    sheet = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    posts = models.JSONField(default=list)
    first = models.BooleanField(default=False)
    at = InstantField()

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint(fields=["user", "sheet", "name"], name="saved_view_name")]


class Look(models.Model):
    """One answer that showed people: to whom, when (of the clock), from which moment, and whose ids; no name of anyone looked at.

    ``address`` is what was asked without typed text, which ``typed`` stands for; ``ids`` are 16 bytes each, people and households;
    ``bare`` names the fields that stood unmasked; ``export``: the request under which a file left. Written by ``kit.looks`` alone.
    """

    number = models.BigAutoField(primary_key=True)
    at = InstantField(db_index=True)
    account = models.CharField(max_length=150, db_index=True)
    post = models.CharField(max_length=120)
    device = models.CharField(max_length=60, null=True)
    about = InstantField()
    entry = models.BigIntegerField()
    page = models.CharField(max_length=60)
    address = models.CharField(max_length=300)
    typed = models.CharField(max_length=300)
    purpose = models.CharField(max_length=40)
    ids = models.BinaryField()
    n = models.IntegerField()
    bare = models.CharField(max_length=120)
    export = IdField(null=True)

    class Meta:
        db_table = "look"
        indexes = [models.Index(fields=["export"], name="look_export", condition=models.Q(export__isnull=False))]


class LookSeal(models.Model):
    """The digests of the looks ``first`` to ``last``, chained by ``hash``, which stands in a fact of the ledger."""

    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    looks = models.IntegerField()
    digests = models.BinaryField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "look_seal"


class DoorCheck(models.Model):
    """One answer at a door: where (``area``, ``place``), when, by whom and on which device, ``about`` which hour; whether they passed, and the
    edition and rule that kept them. ``person`` is empty where the number was nobody's. Written by ``kit.doorchecks`` alone."""

    id = models.BigAutoField(primary_key=True)
    at = InstantField(db_index=True)
    area = models.TextField()
    place = IdField(null=True)
    account = models.CharField(max_length=150)
    post = models.CharField(max_length=120)
    device = models.CharField(max_length=60)
    about = InstantField()
    person = IdField(null=True, db_index=True)
    passes = models.BooleanField()
    rule = models.CharField(max_length=200)

    class Meta:
        db_table = "door_check"


class Reckoning(models.Model):
    """A reckoning that takes longer than a page may: what, for which incident, with which assumptions, by whom, as of which moment; and its answer.

    It is its own job: ``state`` is waiting, running, done, refused, failed or cancelled; ``turn`` counts how often it was begun, ``told`` how
    far it is. ``about``, ``seq`` and ``known``: which hour, as known at which entry and its hour.
    ``answer`` holds ids and numbers, never a name. Written by ``kit.reckonings`` alone.
    """

    id = IdField(primary_key=True)
    what = models.CharField(max_length=20)
    incident = IdField()
    by = models.CharField(max_length=150)
    at = InstantField(db_index=True)
    about = InstantField()
    seq = models.BigIntegerField()
    known = InstantField()
    given = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting", db_index=True)
    turn = models.IntegerField(default=0)
    told = models.JSONField(default=dict)
    ended = InstantField(null=True)
    answer = models.JSONField(default=dict)

    class Meta:
        db_table = "reckoning"
        indexes = [models.Index(fields=["incident", "what", "seq"], name="reckoning_incident")]
