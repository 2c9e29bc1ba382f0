"""The only place that writes the secrets of people's own pages and the passes signed for them. Keeps hashes; no fact, nothing of what is looked at.

A PIN is six digits said aloud and never written beside the link, hashed with the centre's key; five wrong ones in a row lock the page until
another is given. What was opened, and when, is not written down: a page that told that would be a log of where someone is awake.
"""

from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from bulou.basis.time import DAY, Instant
from bulou.register import rates
from bulou.register.accounts import hash_of
from bulou.register.models import DoorPass, OwnPage
from bulou.register.passes import MOST_TRIES

#: How often a minute one link may be asked.
MOST_A_MINUTE = 30
#: How long a page is good for when nothing else is said, and at most.
USUAL, LONGEST = 14 * DAY, 30 * DAY


def _pin(page: bytes, pin: str) -> str:
    return str(salted_hmac("bulou.register.ownpages", f"{page.hex()}:{pin}", algorithm="sha256").hexdigest())


# --- pages ------------------------------------------------------------------------------------------------------------
def give(page: bytes, person: bytes, link: str, pin: str, until: Instant) -> None:
    """The secrets of a page that a fact gave, or new ones in place of them."""
    OwnPage.objects.update_or_create(
        page=page, defaults={"person": person, "link": hash_of(link), "pin": _pin(page, pin), "until": until, "tries": 0}
    )


def close(page: bytes) -> None:
    """The link leads nowhere from now on."""
    OwnPage.objects.filter(page=page).delete()


def of_link(link: str, now: Instant) -> OwnPage | None:
    """The page to which a link leads; None where there is none, it is closed or its time is over."""
    return OwnPage.objects.filter(link=hash_of(link), until__gt=now).first()


def open_pages(people: list[bytes], now: Instant) -> list[OwnPage]:
    """The pages of someone, under any of their ids, that can be opened now."""
    return list(OwnPage.objects.filter(person__in=people, until__gt=now).order_by("until", "page"))


def admits(found: OwnPage, pin: str) -> bool:
    """Whether this is the PIN. A wrong one is counted before anyone else is answered; a right one begins anew."""
    with transaction.atomic():
        now = OwnPage.objects.select_for_update().get(pk=found.pk)
        right = constant_time_compare(now.pin, _pin(bytes(now.page), pin))
        if now.tries >= MOST_TRIES:
            return False
        if not right or now.tries:
            OwnPage.objects.filter(pk=now.pk).update(tries=0 if right else now.tries + 1)
        return right


def asked(found: OwnPage, now: Instant) -> int | None:
    """Counts a request; seconds to wait where there were too many in this minute."""
    OwnPage.objects.filter(pk=found.pk).update(**rates.counted(now))
    return rates.wait(OwnPage.objects.filter(pk=found.pk).values_list("asked", flat=True)[0], MOST_A_MINUTE, now)


# --- passes -----------------------------------------------------------------------------------------------------------
def keep_pass(number: str, person: bytes, area: str, nature: str, starts: Instant, ends: Instant, entry: int) -> None:
    """A pass that is being signed."""
    DoorPass.objects.create(number=number, person=person, area=area, nature=nature, starts=starts, ends=ends, entry=entry)


def withdraw_passes(people: list[bytes], now: Instant) -> int:
    """Withdraws every pass of someone that is still good; how many there were."""
    return DoorPass.objects.filter(person__in=people, ends__gt=now, withdrawn_at=None).update(withdrawn_at=now)


def live_passes(now: Instant) -> Any:
    """Passes whose time is not over, withdrawn or not, of everyone."""
    return DoorPass.objects.filter(ends__gt=now).order_by("number")
