"""Signals destroyed when their source is over: counted first, then every content of them and every list that brought them. Asks nobody and shows nothing."""

import logging
from typing import Any, NamedTuple

from django.db import Error, connection

from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.signalfacts import SignalsCounted
from bulou.basis.time import Instant
from bulou.desks.tracing.signalsheets import counts_of
from bulou.duties import copies, forgetting
from bulou.duties.enter import enter
from bulou.evidence.models import Incident, SignalSource
from bulou.kit.centre import Centre, centre
from bulou.kit.looking import Looking, moment_now
from bulou.register.scope import NOBODY, Scope, standing

_LOG = logging.getLogger("bulou.signals")
KINDS = ("signal.noted", "signal.followed")
REASON = "信号来源到期或关闭 · the source of the signals is over"


class Gone(NamedTuple):
    """How many signals and follow-ups were destroyed, of how many sources, and how many receipts were emptied."""

    contents: int
    sources: int
    receipts: int


def over(one: Centre) -> list[SignalSource]:
    """Sources that are over at this moment, or whose incident is, and that were not counted yet."""
    now = one.clock.now()
    moment = moment_now(now)
    closed = standing(Incident, moment.seq).filter(closed_at__lte=now).values("incident")
    found = standing(SignalSource, moment.seq).filter(noted=None)
    return list((found.filter(over_at__lte=now) | found.filter(incident__in=closed)).order_by("source"))


def forget(one: Centre, *, post: str = "-", by: str = "clock", dry: bool = False) -> Gone:
    """Counts each source that is over and destroys what it brought, whatever was followed up. Twice changes nothing. ``dry`` only counts."""
    now = one.clock.now()
    moment = moment_now(now)
    sources = over(one)
    if sources and not dry:
        eyes = Looking(NOBODY._replace(scope=Scope(None)), moment, "zh", one.protocol.zone, one.protocol)
        counts = counts_of(sources, eyes)
        enter([_said(s, counts[bytes(s.source)], now) for s in sources], by=by, source="retention", clock=one.clock, protocol=one.protocol)
    table: dict[str, Any] = forgetting.table()
    wanted = {k: ids for k in KINDS if (ids := forgetting.due(connection, table[k], now))}
    done = forgetting.erase(wanted, post=post, reason=REASON, by=by, clock=one.clock, protocol=one.protocol, using=connection, dry=dry)
    return Gone(sum(done.erased.values()), len(sources), copies.of_signals(connection, now, dry=dry).receipts)


def _said(source: SignalSource, counts: Any, now: Instant) -> Fact:
    body = SignalsCounted(source.area, bytes(source.source), counts.noted, counts.followed, counts.noted - counts.followed, counts.positive)
    incident = bytes(source.incident) if source.incident else None
    return Fact(named_id("signals.counted", bytes(source.source).hex()), "signals.counted", now, incident, body)


def forget_by_clock() -> Gone | None:
    """What the watch does once an hour. What cannot be done is told and tried again, and stops no duty."""
    try:
        return forget(centre())
    except Error as why:  # what a database says of it may repeat a row
        _LOG.error("signals that are over could not be destroyed, tried again in an hour: %s", type(why).__name__)
        return None
