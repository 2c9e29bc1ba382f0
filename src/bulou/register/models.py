"""Tables of the register: versions that follow from facts, and the users who sign in. Written by ``evidence.now`` alone."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from bulou.evidence.fields import IdField, InstantField
from bulou.evidence.models.versions import Version, now_index


class User(AbstractUser):
    """Someone who signs in. What they may do and see comes from the posts that ``holder`` holds, never from flags here.

    ``language`` and ``theme`` are how they like their pages. Demo users exist only in a database made by the demo.
    """

    holder = IdField(null=True, unique=True)
    language = models.CharField(max_length=10, blank=True)
    demo = models.BooleanField(default=False)

    class Meta:
        db_table = "user"


class Area(Version):
    """An area of the tree; ``lineage`` is its path of codes from the root, with slashes around each."""

    code = models.TextField()
    parent = models.TextField(null=True)
    level = models.TextField()
    name = models.TextField()
    name_en = models.TextField(null=True)
    official = models.BooleanField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    lineage = models.TextField()

    class Meta:
        db_table = "area"
        indexes = [
            now_index("code", name="area_now"),
            models.Index(fields=["lineage"], name="area_lineage"),
            models.Index(fields=["parent"], name="area_parent"),
        ]


class Crossing(Version):
    """A functional area lies across an area of the tree."""

    functional = models.TextField()
    member = models.TextField()

    class Meta:
        db_table = "crossing"
        indexes = [now_index("functional", name="crossing_now")]


class Place(Version):
    """A place with a door."""

    place = IdField()
    name = models.TextField()
    nature = models.TextField()
    area = models.TextField()
    address = models.TextField(null=True)

    class Meta:
        db_table = "place"
        indexes = [now_index("place", name="place_now"), models.Index(fields=["area"], name="place_area")]


class Household(Version):
    """A household where it is."""

    household = IdField()
    area = models.TextField()
    address = models.TextField(null=True)

    class Meta:
        db_table = "household"
        indexes = [now_index("household", name="household_now"), models.Index(fields=["area"], name="household_area")]


class Person(Version):
    """A record of a person; ``canonical`` is the id that stands for all records of the same person."""

    person = IdField()
    canonical = IdField()
    name = models.TextField()
    sex = models.TextField()
    born_on = models.TextField(null=True)
    document_kind = models.TextField()
    document = models.TextField(null=True)
    phone = models.TextField(null=True)
    registered_area = models.TextField(null=True)
    nationality = models.TextField(null=True)
    since = InstantField()

    class Meta:
        db_table = "person"
        indexes = [
            now_index("person", name="person_now"),
            models.Index(fields=["name"], name="person_name"),
            models.Index(fields=["document"], name="person_document"),
            models.Index(fields=["phone"], name="person_phone"),
        ]


class Stay(Version):
    """Where a person is in a span of time, as far as the register knows; area null when they left or died."""

    person = IdField()
    area = models.TextField(null=True)
    household = IdField(null=True)
    nature = models.TextField()
    here_from = InstantField()
    here_until = InstantField()

    class Meta:
        db_table = "stay"
        indexes = [
            now_index("person", name="stay_now"),
            models.Index(fields=["area", "person"], name="stay_area"),
            models.Index(fields=["household"], name="stay_household"),
        ]


class Post(Version):
    """A chair with an area, a role and a unit."""

    post = models.TextField()
    role = models.TextField()
    area = models.TextField()
    name = models.TextField()
    name_en = models.TextField()
    unit = models.TextField()
    unit_en = models.TextField()
    phone = models.TextField(null=True)

    class Meta:
        db_table = "post"
        indexes = [now_index("post", name="post_now")]


class Holding(Version):
    """A person on a chair for a time."""

    post = models.TextField()
    holder = IdField()
    acting = models.BooleanField()
    here_from = InstantField()
    here_until = InstantField()

    class Meta:
        db_table = "holding"
        indexes = [now_index("post", name="holding_now"), models.Index(fields=["holder"], name="holding_holder")]
