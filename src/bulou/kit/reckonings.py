"""Reckonings that take longer than a page may: asked for, taken up, cancelled, answered. The only module that writes them; reckons nothing itself.

The answer of a reckoning is of the entry and the hour as of which it was asked, whatever is entered while it runs. It names people by id alone: whoever
shows it asks again who may see whom. Ended in the middle a reckoning is begun anew; begun three times without an end it has failed.
"""

import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet

from bulou.basis.ids import new_id
from bulou.basis.time import DAY, Instant
from bulou.duties.copies import RECKONING_DAYS
from bulou.kit.looking import Looking, Moment
from bulou.kit.models import Reckoning

#: How long a reckoning is kept: an answer of two weeks ago says nothing of today's outbreak.
KEPT = RECKONING_DAYS * DAY
#: Begun so often without an end it is not begun again: it ends the process that works at it.
MOST_TURNS = 3
#: States in which something is still being done.
OPEN = ("waiting", "running")
#: What the worker starts beside itself: compiled code that no web server has to load, and that can be ended in the middle.
COMMAND = (sys.executable, "-m", "bulou.cli", "reckon")


# --- asking -------------------------------------------------------------------------------------------------------------
def begin(what: str, incident: bytes, look: Looking, given: Mapping[str, Any], now: Instant) -> Reckoning:
    """A reckoning that waits, as of the moment that the viewer looks at; their own that waits or runs already, where there is one."""
    assert look.viewer.user
    by = look.viewer.user.get_username()
    before = Reckoning.objects.filter(what=what, incident=incident, by=by, state__in=OPEN).first()
    return before or Reckoning.objects.create(
        id=new_id(now),
        what=what,
        incident=incident,
        by=by,
        at=now,
        about=look.about,
        seq=look.seq,
        known=look.moment.known,
        given=dict(given),
    )


def mine(look: Looking, reckoning: Reckoning) -> bool:
    """Whether someone asked for it, and so may cancel it."""
    return look.viewer.user is not None and reckoning.by == look.viewer.user.get_username()


def cancel(reckoning: Reckoning) -> None:
    """Ends work at it; nothing of it is told."""
    Reckoning.objects.filter(pk=reckoning.pk, state__in=OPEN).update(state="cancelled")


def _known(what: str, incidents: Collection[bytes], look: Looking) -> QuerySet[Reckoning]:
    """Those of what was known at the moment looked at; of a past moment those alone that had ended by then."""
    found = Reckoning.objects.filter(what=what, incident__in=list(incidents), seq__lte=look.seq, about__lte=look.about)
    return found if look.moment.live else found.filter(ended__lte=look.moment.known)


def latest(what: str, incidents: Collection[bytes], look: Looking) -> Reckoning | None:
    """The answer of the latest entry, whoever asked for it; None where there is none."""
    return _known(what, incidents, look).filter(state="done").order_by("-seq", "-about", "-at", "-pk").first()


def own(what: str, incidents: Collection[bytes], look: Looking) -> Reckoning | None:
    """What somebody asked for last, however it stands."""
    if look.viewer.user is None or not look.moment.live:
        return None
    asked = Reckoning.objects.filter(what=what, incident__in=list(incidents), by=look.viewer.user.get_username())
    return asked.order_by("-at", "-pk").first()


def ahead(reckoning: Reckoning) -> int:
    """How many are worked at before this one."""
    before = Q(at__lt=reckoning.at) | Q(at=reckoning.at, pk__lt=reckoning.pk)
    return Reckoning.objects.filter(before, state__in=OPEN).count()


def then(reckoning: Reckoning) -> Moment:
    """The moment of which a reckoning is."""
    return Moment(Instant(reckoning.about), reckoning.seq, Instant(reckoning.known), live=False)


# --- working ------------------------------------------------------------------------------------------------------------
def claim(what: str) -> Reckoning | None:
    """The next of a kind that waits, now running."""
    waiting = Reckoning.objects.filter(what=what, state="waiting").order_by("at", "pk").values_list("pk", flat=True).first()
    if waiting is None or not Reckoning.objects.filter(pk=waiting, state="waiting").update(state="running", turn=F("turn") + 1, told={}):
        return None
    return Reckoning.objects.get(pk=waiting)


def tell(reckoning: Reckoning, told: Mapping[str, Any]) -> bool:
    """Writes down how far it is; whether it is still wanted: nobody cancelled it, nobody else took it up."""
    return bool(Reckoning.objects.filter(pk=reckoning.pk, state="running", turn=reckoning.turn).update(told=dict(told)))


def end(reckoning: Reckoning, state: str, answer: Mapping[str, Any], now: Instant) -> None:
    """Writes down how it ended, unless something else was decided meanwhile."""
    Reckoning.objects.filter(pk=reckoning.pk, state="running", turn=reckoning.turn).update(state=state, answer=dict(answer), ended=now)


def take_up() -> None:
    """What was running when whoever worked at it ended waits again; what ended it too often has failed."""
    Reckoning.objects.filter(state="running", turn__gte=MOST_TURNS).update(state="failed")
    Reckoning.objects.filter(state="running").update(state="waiting")


def sweep(now: Instant) -> int:
    """Deletes what is too old; how many."""
    return Reckoning.objects.filter(at__lt=now - KEPT).delete()[0]


class Reckoner:
    """The process beside the worker that reckons, while something waits. There is one to a centre, because there is one worker."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        take_up()

    def turn(self, now: Instant) -> None:
        """Starts it where something waits and it is not there; looks after what it left in the middle."""
        sweep(now)
        if self._child is not None:
            if self._child.poll() is None:
                return
            self._child = None
            take_up()
        if Reckoning.objects.filter(state="waiting").exists():
            self._child = subprocess.Popen(COMMAND, env=dict(os.environ), stdin=subprocess.DEVNULL)  # noqa: S603 (the words are this module's own)
