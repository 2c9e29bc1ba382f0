"""The only place that writes tokens of devices. Keeps hashes, when each was used, how often in this minute; no fact, and no token itself.

A token is somebody's own, for one device, for ninety days at most, and for some of their verbs. It ends with the account: suspended,
or given a new password, whatever was let in by it is let in no more. With a PIN it is the person's, not the device's: what restricts
people is done by it while its person says the PIN. With a door it asks at that door and nothing else.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from bulou.basis.time import DAY, Instant
from bulou.register import rates
from bulou.register.accounts import hash_of
from bulou.register.models import DeviceToken, User
from bulou.register.passes import MOST_TRIES

#: How long a token may live, and how often a minute it may ask.
LONGEST, MOST_A_MINUTE = 90, 120
BEGINS = "bulou_"


def make(user: User, device: str, verbs: Iterable[str], days: int, now: Instant, pin: str = "", door: str = "") -> str:
    """A new token: said once, never kept. ValueError for days beyond ``LONGEST``, a PIN that is none, a door with verbs or a PIN."""
    if not 0 < days <= LONGEST:
        raise ValueError(f"a token lives 1 to {LONGEST} days")
    if pin and not may_be_pin(pin):
        raise ValueError("a PIN has 6 to 12 digits, three of them different")
    if door and (pin or list(verbs)):
        raise ValueError("a token of a door does nothing else")
    token = BEGINS + secrets.token_urlsafe(32)
    DeviceToken.objects.create(
        user=user, device=device, verbs=" ".join(sorted(verbs)), hash=hash_of(token), epoch=user.epoch, made_at=now, expires_at=now + days * DAY,
        pin=make_password(pin) if pin else "", door=door,
    )  # fmt: skip
    return token


def may_be_pin(pin: str) -> bool:
    """Whether something can be the PIN of a token: 6 to 12 digits, and not one or two of them over and over."""
    return pin.isascii() and pin.isdigit() and 6 <= len(pin) <= 12 and len(set(pin)) > 2


def admits(found: DeviceToken, pin: str, now: Instant) -> bool:
    """Whether this is the PIN of a token. A wrong one is counted before anyone else is answered; ``MOST_TRIES`` in a row end the token."""
    with transaction.atomic():
        row = DeviceToken.objects.select_for_update().get(pk=found.pk)
        right = bool(row.pin) and row.ended_at is None and check_password(pin, row.pin)
        wrong = 0 if right else row.wrong + 1
        if wrong != row.wrong:
            DeviceToken.objects.filter(pk=row.pk).update(wrong=wrong)
        if wrong >= MOST_TRIES:
            DeviceToken.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now)
        return right


def of(token: str, now: Instant) -> DeviceToken | None:
    """The row of a token that lets in now: not ended, not lapsed, of an account that is what it was."""
    found = DeviceToken.objects.select_related("user").filter(hash=hash_of(token), ended_at=None, expires_at__gt=now).first()
    return found if found is not None and found.user.is_active and found.user.epoch == found.epoch else None


def used(found: DeviceToken, now: Instant) -> int | None:
    """Counts a request; seconds to wait where there were too many in this minute. Counted in the database: by all processes together."""
    DeviceToken.objects.filter(pk=found.pk).update(**rates.counted(now), used_at=now)
    asked = DeviceToken.objects.filter(pk=found.pk).values_list("asked", flat=True)[0]
    return rates.wait(asked, MOST_A_MINUTE, now)


def end(number: int, owner: User | None, now: Instant) -> bool:
    """Ends a token, of this owner only where one is given; whether there was one."""
    rows = DeviceToken.objects.filter(pk=number, ended_at=None)
    return (rows if owner is None else rows.filter(user=owner)).update(ended_at=now) == 1


def tokens(owner: User | None = None) -> Any:
    """Tokens, the latest first: of one account, or all."""
    rows = DeviceToken.objects.select_related("user").order_by("-made_at", "-pk")
    return rows if owner is None else rows.filter(user=owner)


def stands(row: DeviceToken, now: Instant) -> bool:
    """Whether a token lets in now."""
    return row.ended_at is None and row.expires_at > now and row.user.is_active and row.user.epoch == row.epoch
