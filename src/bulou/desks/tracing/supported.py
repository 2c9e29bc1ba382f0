"""Support for candidate sources as the process beside the worker reckons it. The only module of the desk that loads compiled code: no page imports it.

What is asked of stands in ``support``; what it means in ``assessment.chains``.
"""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from django.conf import settings

from bulou.assessment.chains import AGREE, DRAWN, SHOWN, Model, Reconstruction, reconstruct
from bulou.assessment.refusing import Left, Refused
from bulou.assessment.reproduction import discrete_serial_interval
from bulou.basis.ids import to_text
from bulou.basis.time import Clock
from bulou.desks.tracing.chain import SUPPORT
from bulou.desks.tracing.chained import read
from bulou.desks.tracing.sequences import FAR
from bulou.desks.tracing.support import MOST, Asked, Given, asked, given_of
from bulou.kit import reckonings
from bulou.kit.centre import centre
from bulou.kit.incidents import incidents
from bulou.kit.looking import Looking, moment_now
from bulou.kit.many import place_of
from bulou.kit.models import Reckoning
from bulou.register.models import User
from bulou.register.scope import viewer

_LOG = logging.getLogger("bulou.reckon")


def reckon(of: Asked, given: Given, told: Callable[[int, float], bool] | None = None) -> Reconstruction:
    """Support of each link. Refused (of ``assessment``) where starts disagree or the input carries no answer; Left where nobody waits any more."""
    first = min(of.days)
    w, f = discrete_serial_interval(*given.generation), discrete_serial_interval(*given.incubation)
    return reconstruct(
        [d - first for d in of.days], (w / w.sum()).tolist(), (f / f.sum()).tolist(), of.contacts or None, distances(of),
        model=Model(sites=given.sites), told=told,
    )  # fmt: skip


def distances(of: Asked) -> Any:
    """How far apart the sequences of each two cases are; -1 where one of them has none; None where nobody has any."""
    if not of.read:
        return None
    snp = np.full((len(of.cases), len(of.cases)), -1, np.int64)
    for a in of.read:
        for b in of.read:
            # a pair of which no distance was kept is further apart than all that were
            snp[a, b] = 0 if a == b else of.apart.get((a, b), of.apart.get((b, a), FAR + 1))
    return snp


def answer_of(of: Asked, found: Reconstruction) -> dict[str, Any]:
    """What is kept: cases by id, for each whoever has support of a tenth and the source that is not among the cases, which always has its line;
    the most first. ``drawn``: above which support an arrow is drawn."""
    n = len(of.cases)
    sources = []
    for i in range(n):
        some = [
            (None if j == n else j, round(float(s), 4), round(float(found.generations[i, j]), 2))
            for j, s in enumerate(found.support[i])
            if s >= SHOWN or j == n
        ]
        sources.append(sorted(some, key=lambda each: -each[1]))
    return {
        "cases": [m.person.hex() for m in of.cases], "sources": sources, "drawn": DRAWN, "agree": AGREE, "apart": round(found.disagreement, 4),
        "sequences": len(of.read), "contacts": len(of.contacts), "dayless": of.dayless,
    }  # fmt: skip


def work(clock: Clock, alive: Callable[[], bool]) -> int:
    """Reckons everything that waits, for as long as ``alive`` says so; how many were taken up."""
    done = 0
    while alive() and (one := reckonings.claim(SUPPORT)) is not None:
        done += 1
        try:
            state, answer = _worked(one, alive)
        except Left:
            continue
        except Exception as why:
            state, answer = "failed", {}
            # The kind and the place alone: a message may quote a person.
            _LOG.error("reckoning %s failed: %s at %s", to_text(bytes(one.pk)), type(why).__name__, place_of(why))
        reckonings.end(one, state, answer, clock.now())
    return done


def _worked(one: Reckoning, alive: Callable[[], bool]) -> tuple[str, dict[str, Any]]:
    look = _asker(one)
    incident = next((i for i in incidents(look) if i.id == bytes(one.incident)), None)
    of = asked(read(incident, look)) if incident is not None else None
    if of is None or not 2 <= len(of.cases) <= MOST:
        return "refused", {
            "zh": "有日期的感染者不足两例,或多于可算之数",
            "en": "fewer than two infections with a day, or more than can be reckoned",
        }

    def told(attempt: int, share: float) -> bool:
        return alive() and reckonings.tell(one, {"attempt": attempt, "share": round(share, 3)})

    if not told(0, 0.0):
        raise Left
    try:
        return "done", answer_of(of, reckon(of, given_of(one.given), told))
    except Refused as why:
        return "refused", why.word._asdict()


def _asker(one: Reckoning) -> Looking:
    """The eyes that whoever asked has now, at the moment they asked of."""
    here = centre()
    now = moment_now(here.clock.now())
    user = User.objects.filter(username=one.by, is_active=True).first()
    return Looking(viewer(user, now.about, now.seq), reckonings.then(one), "zh", settings.BULOU_ZONE, here.protocol)
