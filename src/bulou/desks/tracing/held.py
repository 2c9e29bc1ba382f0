"""Words that were written where there was no network: at which hour they were written, and what becomes of them when the post has been handed over
in between. Keeps nothing on a device and gives nobody a right that they did not hold when they wrote."""

from typing import NamedTuple

from django.http import HttpRequest

from bulou.basis.time import HOUR, MINUTE, Instant
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.register.scope import viewer

#: How long after writing a word is still taken (this project's proposal): longer than a night without a network, shorter than two shifts.
LONGEST = 24 * HOUR
#: Held for less than this, a form was sent as it was written: the hour of entering counts.
LEAST = MINUTE


class Written(NamedTuple):
    """When something was written (None: now), by how long it was held on the device; what the device's clock said as it sent it; and which
    kind of device it was."""

    at: Instant | None
    device_at: Instant | None
    device: str


def written(request: HttpRequest) -> Written:
    """The hour at which a form was written: the centre's hour less the time that it was held. A device's clock is never taken for the hour."""
    device = "phone" if "Mobi" in request.headers.get("User-Agent", "") else "computer"
    try:
        held, sent = (int(request.POST.get(name, "")[:16]) * 1000 for name in ("held_at", "sent_at"))
    except ValueError:
        return Written(None, None, device)
    if sent - held < LEAST or sent - held > LONGEST or not 0 < sent < 2**57:
        return Written(None, None, device)
    return Written(Instant(centre().clock.now() - (sent - held)), Instant(sent), device)


def eyes_of(look: Looking, verb: str, at: Instant) -> Looking | None:
    """How whoever sends something looked when they wrote it, where they held a post then that may do it; nothing where they did not."""
    then = viewer(look.viewer.user, at, look.seq)
    if not then.may(verb):
        return None
    return Looking(then, look.moment, look.language, look.zone, look.protocol, look.purpose)
