"""Tables of the projections of things. Rows are versions: opened by an entry, voided by one, never changed otherwise."""

from django.db import models

from bulou.evidence.fields import IdField, InstantField

NEVER = 2**62


class Version(models.Model):
    """A row that was so from entry ``opened_seq`` until entry ``void_seq`` (NEVER: still)."""

    id = models.BigIntegerField(primary_key=True)
    opened_seq = models.BigIntegerField()
    void_seq = models.BigIntegerField()

    class Meta:
        abstract = True


def now_index(*fields: str, name: str) -> models.Index:
    """An index by which an entry finds the row that it replaces, and a reader the row that stood as of an entry: of a past moment too,
    for which an index over the rows that stand now alone is of no use and a whole table of 1.5 million people would be read."""
    return models.Index(fields=[*fields, "void_seq"], name=name)


class Incident(Version):
    """An incident, named by date and place; ``closed_at`` FOREVER while it is open. ``canonical``: the one it was joined to."""

    incident = IdField()
    canonical = IdField()
    name = models.TextField()
    name_en = models.TextField()
    disease = models.TextField()
    area = models.TextField()
    nature = models.TextField()
    opened_at = InstantField()
    closed_at = InstantField()

    class Meta:
        db_table = "incident"
        indexes = [now_index("incident", name="incident_now")]


class Tube(Version):
    """A tube as its own facts tell it; who is in it, and whether the pool is resolved, follows from samples."""

    tube = models.TextField()
    capacity = models.IntegerField(null=True)
    area = models.TextField(null=True)
    place = IdField(null=True)
    disease = models.TextField(null=True)
    began_at = InstantField(null=True)
    received_at = InstantField(null=True)
    result = models.TextField(null=True)
    resulted_at = InstantField(null=True)
    provisional = models.BooleanField()
    rerun = models.TextField(null=True)
    rerun_at = InstantField(null=True)
    review = models.TextField(null=True)
    conflict = models.BooleanField()
    incident = IdField(null=True)

    class Meta:
        db_table = "tube"
        indexes = [
            now_index("tube", name="tube_now"),
            models.Index(fields=["tube"], name="tube_tube"),
            models.Index(fields=["result", "resulted_at"], name="tube_result", condition=~models.Q(result="negative")),
            models.Index(fields=["resulted_at"], name="tube_resulted"),
        ]


class Case(Version):
    """A person who is or was suspected to be infected, in one incident. Times are null while the thing has not happened."""

    person = IdField()
    incident = IdField()
    status = models.TextField(null=True)
    positive_at = InstantField(null=True)
    recheck = models.TextField(null=True)
    rechecked_at = InstantField(null=True)
    conclusion = models.TextField(null=True)
    consulted_at = InstantField(null=True)
    diagnosed_at = InstantField(null=True)
    severity = models.TextField(null=True)
    how_found = models.TextField(null=True)
    control = models.TextField(null=True)
    label = models.TextField(null=True)
    onset_on = models.TextField(null=True)
    reported_at = InstantField(null=True)
    investigated_at = InstantField(null=True)
    hospital_at = InstantField(null=True)

    class Meta:
        db_table = "case_"
        indexes = [now_index("person", name="case_now"), models.Index(fields=["incident"], name="case_incident")]


class Contact(Version):
    """A person who was named or judged a contact, in one incident; one row however many links."""

    person = IdField()
    incident = IdField()
    named_at = InstantField(null=True)
    links = models.IntegerField()
    exposed_until = InstantField(null=True)
    ring = models.TextField(null=True)
    judged_at = InstantField(null=True)
    judged_by = models.TextField(null=True)
    reason = models.TextField(null=True)
    order = IdField(null=True)
    anchor = InstantField(null=True)
    starts = InstantField(null=True)
    ends = InstantField(null=True)
    over_at = InstantField(null=True)
    told_at = InstantField(null=True)
    fetched_at = InstantField(null=True)
    placed_at = InstantField(null=True)

    class Meta:
        db_table = "contact"
        indexes = [now_index("person", name="contact_now"), models.Index(fields=["incident", "ring"], name="contact_incident")]


class Traced(Version):
    """Someone to be traced in one incident: once, however many channels told of them. ``channels``: codes with commas around each,
    in the order of first telling; ``told``: how often; ``state`` null: nobody has confirmed any."""

    person = IdField()
    incident = IdField()
    first_at = InstantField()
    last_at = InstantField()
    told = models.IntegerField()
    channels = models.TextField()
    state = models.TextField(null=True)
    state_at = InstantField(null=True)

    class Meta:
        db_table = "traced"
        indexes = [now_index("person", name="traced_now"), models.Index(fields=["incident", "state"], name="traced_incident")]


class Order(Version):
    """A measure on a person with its dates; ``over_at`` is when it really ends."""

    order = IdField()
    incident = IdField(null=True)
    person = IdField()
    ring = models.TextField()
    measure = models.TextField()
    edition = models.TextField()
    anchor = InstantField()
    starts = InstantField()
    ends = InstantField()
    over_at = InstantField()
    reason = models.TextField()
    post = models.TextField()
    made_at = InstantField()

    class Meta:
        db_table = "order_"
        indexes = [now_index("order", name="order_now"), models.Index(fields=["person"], name="order_person")]


class Zone(Version):
    """A zone with its signer and safeguards; ``lifted_at`` FOREVER while it stands."""

    zone = IdField()
    incident = IdField(null=True)
    level = models.TextField()
    name = models.TextField()
    name_en = models.TextField()
    notice = models.TextField(null=True)
    post = models.TextField()
    drawn_at = InstantField()
    expires = InstantField(null=True)
    lifted_at = InstantField()
    lifted_by = models.TextField(null=True)
    lift_notice = models.TextField(null=True)
    lane_minutes = models.IntegerField()
    supplies = models.TextField()
    synthetic = models.BooleanField()

    class Meta:
        db_table = "zone"
        indexes = [now_index("zone", name="zone_now")]


class ZoneArea(Version):
    """An area's time in a zone."""

    zone = IdField()
    area = models.TextField()
    here_from = InstantField()
    here_until = InstantField()

    class Meta:
        db_table = "zone_area"
        indexes = [now_index("zone", name="zone_area_now"), models.Index(fields=["area"], name="zone_area_area")]


class Point(Version):
    """A risk point: a place where cases were while infectious, what was put on it, and what was done. ``positive`` and ``negative`` count
    samples of all stages; ``result`` is of those taken after the last disinfection; ``reopened_at`` FOREVER while nobody has re-opened it."""

    point = IdField()
    incident = IdField(null=True)
    place = IdField()
    area = models.TextField(null=True)
    since = InstantField()
    until = InstantField()
    held = models.TextField()
    closed_until = InstantField(null=True)
    reason = models.TextField()
    post = models.TextField()
    named_at = InstantField()
    closed_at = InstantField(null=True)
    sampled_at = InstantField(null=True)
    samples = models.IntegerField()
    positive = models.IntegerField()
    negative = models.IntegerField()
    disinfected_at = InstantField(null=True)
    result = models.TextField(null=True)
    read_at = InstantField(null=True)
    reopened_at = InstantField()
    reopened_by = models.TextField(null=True)

    class Meta:
        db_table = "point"
        indexes = [now_index("point", name="point_now"), models.Index(fields=["place"], name="point_place")]


class Callup(Version):
    """A notice that calls up whoever was somewhere; ``answered`` counts people; ``down_at`` is when the public no longer reads it: its end, or
    when it was taken down before; ``withdrawn_at`` null: nobody has said that it is gone."""

    callup = IdField()
    incident = IdField(null=True)
    area = models.TextField()
    place = IdField(null=True)
    public = models.TextField()
    since = InstantField()
    until = InstantField()
    ends = InstantField()
    reply_to = models.TextField()
    reason = models.TextField()
    post = models.TextField()
    published_at = InstantField()
    answered = models.IntegerField()
    down_at = InstantField()
    withdrawn_at = InstantField(null=True)

    class Meta:
        db_table = "callup"
        indexes = [now_index("callup", name="callup_now")]


class SignalSource(Version):
    """A source of signals: ``over_at`` is when what it brought is to be destroyed: its day, or when it was closed before. The counts are there once it
    was destroyed."""

    source = IdField()
    incident = IdField(null=True)
    area = models.TextField()
    source_kind = models.TextField()
    name = models.TextField()
    first_day = models.TextField()
    last_day = models.TextField()
    purpose = models.TextField()
    ends = InstantField()
    forget_by = InstantField()
    post = models.TextField()
    opened_at = InstantField()
    closed_at = InstantField(null=True)
    over_at = InstantField()
    noted = models.IntegerField(null=True)
    followed = models.IntegerField(null=True)
    missed = models.IntegerField(null=True)
    found_positive = models.IntegerField(null=True)

    class Meta:
        db_table = "signal_source"
        indexes = [now_index("source", name="signal_source_now")]
