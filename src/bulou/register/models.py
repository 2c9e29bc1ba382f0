"""Tables of the register: versions that follow from facts, and the accounts and passes by which people come in.

Versions are written by ``evidence.now`` alone, accounts by ``register.accounts``, passes by ``register.passes``, tokens of
devices by ``register.tokens``, people's own pages and the passes signed for them by ``register.ownpages``.
"""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from bulou.evidence.fields import IdField, InstantField
from bulou.evidence.models.versions import Version, now_index


class User(AbstractUser):
    """Someone who signs in. What they may do and see comes from the posts that ``holder`` holds, never from flags here.

    ``language`` and ``theme`` are how they like their pages. Demo users exist only in a database made by the demo.
    """

    holder = IdField(null=True, unique=True)
    language = models.CharField(max_length=10, blank=True)
    demo = models.BooleanField(default=False)
    #: Counted up when all sessions of the account must end, whatever becomes of its password.
    epoch = models.IntegerField(default=0)

    class Meta:
        db_table = "user"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session of this account must know: it ends with a new password and with a new epoch."""
        return str(salted_hmac("bulou.register.User", f"{self.password}:{self.epoch}", secret=secret, algorithm="sha256").hexdigest())


class Invitation(models.Model):
    """A link that works once: to found the centre, or to choose the password of an account. Only a hash of it is kept.

    ``user`` null: the link founds the centre.
    """

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    token = models.CharField(max_length=64, unique=True)
    made_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)

    class Meta:
        db_table = "invitation"


class DeviceToken(models.Model):
    """A token by which one device asks in somebody's name: its hash, its verbs, its end. ``asked``: how often in ``minute``.

    ``pin``: the hash of a PIN that its person says (empty: the token is the device's), ``wrong``: wrong ones in a row. ``door``: the one
    door at which it asks, as an area's code or a place's id (empty: of no door).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    device = models.CharField(max_length=60)
    verbs = models.TextField()
    hash = models.CharField(max_length=64, unique=True)
    epoch = models.IntegerField()
    made_at = InstantField()
    expires_at = InstantField()
    ended_at = InstantField(null=True)
    used_at = InstantField(null=True)
    minute = models.BigIntegerField(default=0)
    asked = models.IntegerField(default=0)
    pin = models.CharField(max_length=128, default="")
    wrong = models.IntegerField(default=0)
    door = models.CharField(max_length=60, default="")

    class Meta:
        db_table = "device_token"


class ShiftPass(models.Model):
    """The secrets of a shift's pass, as hashes: its link and its PIN. ``tries`` counts wrong PINs in a row; nothing here is a fact."""

    shift = IdField(primary_key=True)
    link = models.CharField(max_length=64, unique=True)
    pin = models.CharField(max_length=64)
    tries = models.IntegerField(default=0)

    class Meta:
        db_table = "shift_pass"


class OwnPage(models.Model):
    """The secrets of a person's own page, as hashes: its link and its PIN. ``tries`` counts wrong PINs in a row, ``asked`` requests in ``minute``.

    ``page`` is the fact by which it was given, which says whose it is and by whom. Says nothing of what was looked at.
    """

    page = IdField(primary_key=True)
    person = IdField(db_index=True)
    link = models.CharField(max_length=64, unique=True)
    pin = models.CharField(max_length=64)
    until = InstantField()
    tries = models.IntegerField(default=0)
    minute = models.BigIntegerField(default=0)
    asked = models.IntegerField(default=0)

    class Meta:
        db_table = "own_page"


class DoorPass(models.Model):
    """A pass that was signed, so that it can be withdrawn before its end: whose, for which doors, how long. Gone within a day of its end.

    ``nature`` is a kind of place, or ``*``. ``entry``: the last entry that was known when it was signed. What stands on it names nobody.
    """

    number = models.CharField(max_length=16, primary_key=True)
    person = IdField(db_index=True)
    area = models.TextField()
    nature = models.TextField()
    starts = InstantField()
    ends = InstantField(db_index=True)
    entry = models.BigIntegerField()
    withdrawn_at = InstantField(null=True)

    class Meta:
        db_table = "door_pass"


class SeatSeen(models.Model):
    """When the phone of someone on shift last asked for anything, to the minute."""

    person = IdField(primary_key=True)
    seen_at = InstantField()

    class Meta:
        db_table = "seat_seen"


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
    """A functional area lies across an area of the tree, from one hour until another (FOREVER: not lifted)."""

    functional = models.TextField()
    member = models.TextField()
    here_from = InstantField()
    here_until = InstantField()

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
            # All records of one person: asked for by every page about somebody, and by every question of who holds a post.
            models.Index(fields=["canonical"], name="person_canonical"),
            # Records of someone who has another: few among all, asked for by every figure of the board.
            models.Index(fields=["person", "canonical"], name="person_alias", condition=~models.Q(person=models.F("canonical"))),
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
            # Everything by which the register of an area is counted: beside every figure of coverage, so no row is read for it.
            models.Index(fields=["area", "nature", "opened_seq", "void_seq", "here_from", "here_until"], name="stay_count"),
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


class Shift(Version):
    """A shift of one point or team; ``ends`` is its end as it stands, earlier when its leader ended it."""

    shift = IdField()
    role = models.TextField()
    area = models.TextField()
    place = IdField(null=True)
    name = models.TextField()
    seats = models.IntegerField()
    post = models.TextField()
    starts = InstantField()
    ends = InstantField()

    class Meta:
        db_table = "shift"
        indexes = [now_index("shift", name="shift_now"), models.Index(fields=["area"], name="shift_area")]


class Seat(Version):
    """A person on a shift with their device, from joining until they were sent off (else as long as the shift goes)."""

    person = IdField()
    shift = IdField()
    device = models.TextField()
    here_from = InstantField()
    here_until = InstantField()

    class Meta:
        db_table = "seat"
        indexes = [
            now_index("person", name="seat_now"),
            models.Index(fields=["shift"], name="seat_shift"),
            models.Index(fields=["device"], name="seat_device"),
        ]
