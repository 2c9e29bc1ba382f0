"""The only place that writes the secrets of shift passes. Holds hashes, counts wrong PINs, notes when a phone was last seen; no fact.

A PIN lives as long as its shift, fourteen hours at most, and five wrong ones in a row lock its link: it is hashed with the
centre's key, not slowly, so that a whole team can join within a minute.
"""

import secrets

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from bulou.basis.time import MINUTE, Instant
from bulou.register.accounts import hash_of
from bulou.register.models import SeatSeen, ShiftPass

#: Wrong PINs in a row after which a pass admits nobody until its leader says a new PIN.
MOST_TRIES = 5
PIN_DIGITS = 6


def _pin(shift: bytes, pin: str) -> str:
    return str(salted_hmac("bulou.register.passes", f"{shift.hex()}:{pin}", algorithm="sha256").hexdigest())


def new_pin() -> str:
    """Six digits, said aloud and never printed beside the code."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"


def new_link() -> str:
    """What the code leads to."""
    return secrets.token_urlsafe(18)


def issue(shift: bytes, link: str, pin: str) -> None:
    """The pass of a shift, or a new one in place of it: an earlier link and PIN no longer work."""
    ShiftPass.objects.update_or_create(shift=shift, defaults={"link": hash_of(link), "pin": _pin(shift, pin), "tries": 0})


def lock(shift: bytes) -> None:
    """Nobody joins by what was shown, until a new code and PIN are made."""
    ShiftPass.objects.filter(shift=shift).update(tries=MOST_TRIES)


def of_link(link: str) -> ShiftPass | None:
    """The pass that a code leads to."""
    return ShiftPass.objects.filter(link=hash_of(link)).first()


def locked(shifts: list[bytes]) -> set[bytes]:
    """Of these shifts, those whose pass five wrong PINs have locked."""
    return {bytes(s) for s in ShiftPass.objects.filter(shift__in=shifts, tries__gte=MOST_TRIES).values_list("shift", flat=True)}


def admits(found: ShiftPass, pin: str) -> bool:
    """Whether this is the PIN of a pass that is not locked. A wrong one is counted before anyone else is answered, so that guesses
    sent all at once are no more than five; a right one begins anew."""
    with transaction.atomic():
        now = ShiftPass.objects.select_for_update().get(pk=found.pk)
        right = constant_time_compare(now.pin, _pin(bytes(now.shift), pin))
        if now.tries >= MOST_TRIES:
            return False
        if not right or now.tries:
            ShiftPass.objects.filter(pk=now.pk).update(tries=0 if right else now.tries + 1)
        return right


#: When this process last wrote of a phone: a page asked for within the same minute writes nothing.
_noted: dict[bytes, Instant] = {}


def seen(person: bytes, now: Instant) -> None:
    """Notes that someone's phone asked for something, once a minute."""
    if now - _noted.get(person, Instant(0)) < MINUTE and now >= _noted.get(person, Instant(0)):
        return
    if len(_noted) > 20_000:
        _noted.clear()
    _noted[person] = now
    SeatSeen.objects.update_or_create(person=person, defaults={"seen_at": now})


def last_seen(people: list[bytes]) -> dict[bytes, Instant]:
    """When these people's phones were last heard of."""
    return {bytes(p): Instant(at) for p, at in SeatSeen.objects.filter(person__in=people).values_list("person", "seen_at")}
